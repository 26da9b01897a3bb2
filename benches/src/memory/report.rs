//! The report: Markdown, ratios first.

use std::fmt::Write as _;

use crate::measure::{Compared, Measured, Row};

pub(crate) fn render(measured: &Measured, machine: &str, quick: bool) -> String {
    let mut out = format!("{machine}.\n");
    if quick {
        out += "\nA short run: too few turns to say anything.\n";
    }
    out += "\n### Allocator: documents read and written by serde_json\n\n\
            | document | wiping / system | system again / system | system | wiping |\n\
            | --- | --- | --- | --- | --- |\n";
    times(&mut out, &measured.allocator);
    out += "\n### Wiping: speed, as a share of `memset`'s\n\n\
            | block | the wiping allocator | `memset` again | zeroize's `Vec<u8>` | `memset` | the wiping allocator | zeroize's `Vec<u8>` |\n\
            | --- | --- | --- | --- | --- | --- | --- |\n";
    for Row { name, all } in &measured.wiping {
        let [_, again, wiping, zeroize] = all.map(|of| of.ratio);
        let [memset, _, wiping_time, zeroize_time] = all.map(|of| time(of.time));
        let _ = writeln!(
            out,
            "| {name} | **{wiping:.2}** | {again:.2} | {zeroize:.2} | {memset} | {wiping_time} | {zeroize_time} |"
        );
    }
    out += "\n### `spawn_blocking`\n\n\
            | closure | ours / tokio's | tokio's again / tokio's | tokio's | ours |\n\
            | --- | --- | --- | --- | --- |\n";
    times(&mut out, &measured.blocking);
    out
}

fn times(out: &mut String, rows: &[Row<3>]) {
    for Row { name, all: [first, again, other] } in rows {
        let [first, other_time] = [first, other].map(|of: &Compared| time(of.time));
        let _ = writeln!(out, "| {name} | **{:.2}** | {:.2} | {first} | {other_time} |", other.ratio, again.ratio);
    }
}

fn time(nanos: f64) -> String {
    if nanos < 1e3 { format!("{nanos:.1} ns") } else { format!("{:.1} µs", nanos / 1e3) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_what_it_was() {
        let compared = |time, ratio| Compared { time, ratio };
        let row =
            || Row { name: "one".into(), all: [compared(100.0, 1.0), compared(101.0, 1.01), compared(1_040.0, 1.04)] };
        let speeds = [compared(2.5, 1.0), compared(2.5, 0.99), compared(2.4, 1.04), compared(25.0, 0.1)];
        let wiping = vec![Row { name: "32 B".into(), all: speeds }];
        let measured = Measured { allocator: vec![row()], wiping, blocking: vec![row()] };
        assert_eq!(
            render(&measured, "A machine", true),
            "\
A machine.

A short run: too few turns to say anything.

### Allocator: documents read and written by serde_json

| document | wiping / system | system again / system | system | wiping |
| --- | --- | --- | --- | --- |
| one | **1.04** | 1.01 | 100.0 ns | 1.0 µs |

### Wiping: speed, as a share of `memset`'s

| block | the wiping allocator | `memset` again | zeroize's `Vec<u8>` | `memset` | the wiping allocator | zeroize's `Vec<u8>` |
| --- | --- | --- | --- | --- | --- | --- |
| 32 B | **1.04** | 0.99 | 0.10 | 2.5 ns | 2.4 ns | 25.0 ns |

### `spawn_blocking`

| closure | ours / tokio's | tokio's again / tokio's | tokio's | ours |
| --- | --- | --- | --- | --- |
| one | **1.04** | 1.01 | 100.0 ns | 1.0 µs |
"
        );
    }
}
