//! The report, in Markdown.

use std::{fmt::Write as _, time::Duration};

use secure_benches::stats::{median, middle};

use crate::{cargo::Cost, measure::Measured, packages::Uses};

pub(crate) fn render(measured: &Measured, machine: &str, quick: bool) -> String {
    let number = measured.number;
    let mut text = format!("{machine}.\n\n");
    if quick {
        text.push_str("A short run: its numbers say little.\n\n");
    }
    let rounds = measured.check.len();
    let _ = write!(
        text,
        "One use, in ms: ({number} functions with it - the same functions without) / {number}, the median of {rounds} rounds. \
         In brackets the least and the most of a round.\n\n\
         | attribute | `cargo check`: CPU | wall | `cargo build`: CPU | wall |\n| --- | --- | --- | --- | --- |\n"
    );
    for (index, uses) in Uses::ALL.iter().enumerate().skip(1) {
        let _ = writeln!(
            text,
            "| `{}` | **{}** | {} | **{}** | {} |",
            uses.attribute(),
            a_use(&measured.check, index, number, |cost| cost.cpu),
            a_use(&measured.check, index, number, |cost| cost.wall),
            a_use(&measured.build, index, number, |cost| cost.cpu),
            a_use(&measured.build, index, number, |cost| cost.wall),
        );
    }
    let whole = |rounds: &[[Cost; 4]]| seconds(rounds.iter().map(|round| round[0].cpu));
    let _ = write!(
        text,
        "\nWithout any: {} s of CPU for `cargo check`, {} s for `cargo build`.\n\n\
         A clean release build of a function that says hello, the median of {} rounds:\n\n\
         | | CPU | wall | crates and build scripts |\n| --- | --- | --- | --- |\n",
        whole(&measured.check),
        whole(&measured.build),
        measured.clean.len(),
    );
    for (index, name, crates) in [(0, "plain", Some(0)), (1, "secured", Some(1)), (2, "plain again", None)] {
        let cpu = seconds(measured.clean.iter().map(|round| round[index].cpu));
        let wall = seconds(measured.clean.iter().map(|round| round[index].wall));
        let crates = crates.map_or_else(String::new, |of: usize| measured.crates[of].to_string());
        let _ = writeln!(text, "| {name} | {cpu} s | {wall} s | {crates} |");
    }
    for (index, name) in [(1, "**secured / plain**"), (2, "plain again / plain")] {
        let cpu = ratio(&measured.clean, index, |cost| cost.cpu);
        let wall = ratio(&measured.clean, index, |cost| cost.wall);
        let _ = writeln!(text, "| {name} | {cpu:.2} | {wall:.2} | |");
    }
    text
}

/// Milliseconds a use, of each round by itself: what disturbs a whole round drops out.
fn a_use(rounds: &[[Cost; 4]], index: usize, number: usize, of: impl Fn(&Cost) -> Duration) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
    let number = number as f64;
    let each: Vec<f64> = rounds
        .iter()
        .map(|round| (of(&round[index]).as_secs_f64() - of(&round[0]).as_secs_f64()) * 1_000.0 / number)
        .collect();
    let least = each.iter().copied().fold(f64::INFINITY, f64::min);
    let most = each.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!("{:.2} ({least:.2} to {most:.2})", middle(each).unwrap_or(f64::NAN))
}

fn ratio(rounds: &[[Cost; 3]], index: usize, of: impl Fn(&Cost) -> Duration) -> f64 {
    middle(rounds.iter().map(|round| of(&round[index]).div_duration_f64(of(&round[0])))).unwrap_or(f64::NAN)
}

fn seconds(times: impl Iterator<Item = Duration>) -> String {
    let mut times: Vec<_> = times.collect();
    median(&mut times).map_or_else(|| "?".to_owned(), |time| format!("{:.1}", time.as_secs_f64()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(millis: u64) -> Cost {
        Cost { wall: Duration::from_millis(2 * millis), cpu: Duration::from_millis(millis) }
    }

    #[test]
    fn a_use_is_what_is_more_of_a_round_by_the_number() {
        let round = |plain, secured| [cost(plain), cost(secured), cost(plain), cost(plain - 50)];
        let rounds = [round(100, 150), round(1_000, 1_040), round(100, 170)];
        assert_eq!(a_use(&rounds, 1, 100, |cost| cost.cpu), "0.50 (0.40 to 0.70)");
        assert_eq!(a_use(&rounds, 3, 100, |cost| cost.wall), "-1.00 (-1.00 to -1.00)");
    }

    #[test]
    fn ratios_are_of_pairs() {
        let rounds =
            [[cost(100), cost(110), cost(100)], [cost(1_000), cost(1_200), cost(900)], [cost(10), cost(13), cost(10)]];
        assert!((ratio(&rounds, 1, |cost| cost.cpu) - 1.2).abs() < 1e-9);
    }
}
