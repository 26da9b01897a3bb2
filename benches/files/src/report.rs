//! The report: Markdown, ratios first.

use std::{fmt::Write as _, time::Duration};

use crate::measure::Row;

pub(crate) fn render(rows: &[Row], ciphers: &[(&str, f64)], machine: &str, quick: bool) -> String {
    let mut out = format!("{machine}.\n");
    if quick {
        out += "\nA short run: too few rounds to say anything.\n";
    }
    out += "\n| | sealed / (plain + cipher) | again | sealed / plain | plain | cipher |\n\
            | --- | --- | --- | --- | --- | --- |\n";
    for Row { what, to_both, to_plain, again, plain, cipher } in rows {
        let (plain, cipher) = (time(*plain), time(*cipher));
        let _ = writeln!(out, "| {what} | **{to_both:.2}** | {again:.2} | {to_plain:.2} | {plain} | {cipher} |");
    }
    if !ciphers.is_empty() {
        out += "\n| cipher | 64 KiB | |\n| --- | --- | --- |\n";
        for (name, micros) in ciphers {
            let _ = writeln!(out, "| {name} | {micros:.1} µs | {:.2} GB/s |", 65.536 / micros);
        }
    }
    out
}

fn time(time: Duration) -> String {
    format!("{:.0} µs", time.as_secs_f64() * 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_what_it_was() {
        let (plain, cipher) = (Duration::from_micros(20), Duration::from_micros(30));
        let row = Row { what: "write".to_owned(), to_both: 1.04, to_plain: 2.6, again: 1.0, plain, cipher };
        let expected = "\
A machine.

| | sealed / (plain + cipher) | again | sealed / plain | plain | cipher |
| --- | --- | --- | --- | --- | --- |
| write | **1.04** | 1.00 | 2.60 | 20 µs | 30 µs |

| cipher | 64 KiB | |
| --- | --- | --- |
| AES | 32.8 µs | 2.00 GB/s |
";
        assert_eq!(render(&[row], &[("AES", 32.768)], "A machine", false), expected);
    }
}
