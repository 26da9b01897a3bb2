//! The report: Markdown, ratios first.

use std::{fmt::Write as _, time::Duration};

use crate::measure::Row;

pub(crate) fn render(rows: &[Row], machine: &str, quick: bool) -> String {
    let mut out = format!("{machine}.\n");
    if quick {
        out += "\nA short run: too few lines to say anything.\n";
    }
    out += "\n| live secrets | line | ours / plain | plain, masked / plain | plain again / plain | plain |\n\
            | --- | --- | --- | --- | --- | --- |\n";
    for Row { secrets, what, ratios: [ours, masked, again], plain } in rows {
        let _ = writeln!(out, "| {secrets} | {what} | **{ours:.2}** | {masked:.2} | {again:.2} | {} |", time(*plain));
    }
    out
}

fn time(time: Duration) -> String {
    format!("{:.2} µs", time.as_secs_f64() * 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_what_it_was() {
        let plain = Duration::from_nanos(1_234);
        let row = Row { secrets: 20, what: "a line".to_owned(), ratios: [0.9, 1.25, 1.0], plain };
        let expected = "\
A machine.

A short run: too few lines to say anything.

| live secrets | line | ours / plain | plain, masked / plain | plain again / plain | plain |
| --- | --- | --- | --- | --- | --- |
| 20 | a line | **0.90** | 1.25 | 1.00 | 1.23 µs |
";
        assert_eq!(render(&[row], "A machine", true), expected);
    }
}
