//! The report: Markdown, ratios first.

use std::{fmt::Write as _, path::Path, time::Duration};

use crate::{
    build::Size,
    event::Shape,
    measure::{Measured, Point, Ratios, Table, Trio},
    page,
};

const BEGIN: &str = "<!-- measured: cargo run --release -p secure-benches -- --write -->\n";
const END: &str = "<!-- end of what was measured -->\n";

pub(crate) fn render(measured: &Measured, sizes: &[Size], machine: &str, quick: bool) -> String {
    let mut out = format!("{machine}.\n");
    if quick {
        out += "\nA short run: too few events to say anything.\n";
    }
    let _ = writeln!(out, "\nNoise, the farthest that plain was from itself: {}.", noise(&measured.tables));
    for table in &measured.tables {
        latencies(&mut out, table);
    }
    memory(&mut out, &measured.tables);
    out += "\n### A process\n\n| | secured / plain | plain again / plain | plain | secured |\n| --- | --- | --- | --- | --- |\n";
    let [plain, secured, again] = measured.start;
    let _ = writeln!(
        out,
        "| start to first `next`, median of {} | **{}** | {} | {} | {} |",
        measured.starts,
        ratio(secured, plain),
        ratio(again, plain),
        time(plain),
        time(secured)
    );
    for &Size { build, plain, secured } in sizes {
        let _ = writeln!(
            out,
            "| size, {build} | **{}** | | {} | {} |",
            ratio_of_bytes(secured, plain),
            bytes(plain),
            bytes(secured)
        );
    }
    out
}

fn latencies(out: &mut String, table: &Table) {
    let cores = if table.core_each { "A core each" } else { "Both on one core" };
    let shape = match table.shape {
        Shape::Read => "the event is read, its length answered",
        Shape::Echo => "the event is answered",
    };
    let _ = write!(
        out,
        "\n### {cores}: {shape}\n\n\
         | event | secured / plain: p50 | p99 | CPU | plain again / plain: p50 | p99 | CPU | plain: p50 | p99 | CPU | events |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
    );
    for row in &table.rows {
        let cells = [ratios(row.secured, "**"), ratios(row.again, ""), times(row.plain)].concat().join(" | ");
        let _ = writeln!(out, "| {} | {cells} | {} |", row.size, row.events);
    }
    let detours: u32 = table.rows.iter().map(|row| row.detours).sum();
    if detours > 0 {
        let _ = writeln!(out, "\n{detours} events came on a new connection and took the driver 0.2 s each.");
    }
}

/// The range of what is 1.00 when nothing disturbs, over all rows.
fn noise(tables: &[Table]) -> String {
    let range = |name: &str, of: fn(Ratios) -> f64| {
        let rows = tables.iter().flat_map(|table| &table.rows);
        let mut ratios: Vec<f64> = rows.map(|row| of(row.again)).collect();
        ratios.sort_unstable_by(f64::total_cmp);
        let (least, most) = (ratios.first().unwrap_or(&1.0), ratios.last().unwrap_or(&1.0));
        format!("{name} {least:.2} to {most:.2}")
    };
    [range("p50", |ratios| ratios.p50), range("p99", |ratios| ratios.p99), range("CPU", |ratios| ratios.cpu)].join(", ")
}

/// Peak memory, of the first table of each shape: where the cores are makes no difference to it.
fn memory(out: &mut String, tables: &[Table]) {
    let of = |shape| tables.iter().find(|table| table.shape == shape).map_or(&[][..], |table| &table.rows);
    *out += "\n### Peak resident memory\n\n\
             | events up to | read: secured / plain | plain again / plain | plain | secured | answered: secured / plain | plain again / plain | plain | secured |\n\
             | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
    for (read, echo) in of(Shape::Read).iter().zip(of(Shape::Echo)) {
        let cells = [read.peaks, echo.peaks].map(|[plain, secured, again]| {
            let ratios = (ratio_of_bytes(secured, plain), ratio_of_bytes(again, plain));
            format!("**{}** | {} | {} | {}", ratios.0, ratios.1, bytes(plain), bytes(secured))
        });
        let _ = writeln!(out, "| {} | {} |", read.size, cells.join(" | "));
    }
}

fn ratios(ratios: Ratios, emphasis: &str) -> Trio<String> {
    [ratios.p50, ratios.p99, ratios.cpu].map(|ratio| format!("{emphasis}{ratio:.2}{emphasis}"))
}

fn times(point: Point) -> Trio<String> {
    [point.p50, point.p99, point.cpu].map(time)
}

fn ratio(of: Duration, to: Duration) -> String {
    if to.is_zero() { "-".to_owned() } else { format!("{:.2}", of.div_duration_f64(to)) }
}

fn ratio_of_bytes(of: u64, to: u64) -> String {
    ratio(Duration::from_micros(of), Duration::from_micros(to))
}

fn time(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    if micros < 1_000.0 { format!("{micros:.1} µs") } else { format!("{:.2} ms", micros / 1e3) }
}

fn bytes(bytes: u64) -> String {
    format!("{:.2} MB", Duration::from_micros(bytes).as_secs_f64())
}

/// Puts a report into a page, in place of the one that is there.
pub(crate) fn write(page: &Path, report: &str) -> Result<(), String> {
    page::write(page, [BEGIN, END], report)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Row;

    fn measured(detours: u32) -> Measured {
        let [p50, p99, cpu] = [20_000, 40_000, 10_000].map(Duration::from_nanos);
        let plain = Point { p50, p99, cpu };
        let secured = Ratios { p50: 0.9, p99: 1.25, cpu: 0.75 };
        let again = Ratios { p50: 1.02, p99: 1.0, cpu: 0.9 };
        let peaks = [4_000_000, 3_000_000, 4_000_000];
        let row = || Row { size: "1 KiB", events: 500, plain, secured, again, peaks, detours };
        let table = |shape| Table { shape, core_each: shape == Shape::Read, rows: vec![row()] };
        let start = [2_000, 1_000, 2_020].map(Duration::from_micros);
        Measured { tables: vec![table(Shape::Read), table(Shape::Echo)], start, starts: 30 }
    }

    #[test]
    fn a_report_is_what_it_was() {
        let size = Size { build: "so", plain: 1_400_000, secured: 1_050_000 };
        assert_eq!(
            render(&measured(0), &[size], "A machine", false),
            "\
A machine.

Noise, the farthest that plain was from itself: p50 1.02 to 1.02, p99 1.00 to 1.00, CPU 0.90 to 0.90.

### A core each: the event is read, its length answered

| event | secured / plain: p50 | p99 | CPU | plain again / plain: p50 | p99 | CPU | plain: p50 | p99 | CPU | events |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| 1 KiB | **0.90** | **1.25** | **0.75** | 1.02 | 1.00 | 0.90 | 20.0 µs | 40.0 µs | 10.0 µs | 500 |

### Both on one core: the event is answered

| event | secured / plain: p50 | p99 | CPU | plain again / plain: p50 | p99 | CPU | plain: p50 | p99 | CPU | events |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| 1 KiB | **0.90** | **1.25** | **0.75** | 1.02 | 1.00 | 0.90 | 20.0 µs | 40.0 µs | 10.0 µs | 500 |

### Peak resident memory

| events up to | read: secured / plain | plain again / plain | plain | secured | answered: secured / plain | plain again / plain | plain | secured |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
| 1 KiB | **0.75** | 1.00 | 4.00 MB | 3.00 MB | **0.75** | 1.00 | 4.00 MB | 3.00 MB |

### A process

| | secured / plain | plain again / plain | plain | secured |
| --- | --- | --- | --- | --- |
| start to first `next`, median of 30 | **0.50** | 1.01 | 2.00 ms | 1.00 ms |
| size, so | **0.75** | | 1.40 MB | 1.05 MB |
"
        );
    }

    #[test]
    fn what_spoils_a_report_is_said() {
        let report = render(&measured(2), &[], "", true);
        assert!(report.contains("A short run") && report.contains("\n2 events came on a new connection"), "{report}");
        assert_eq!(ratio(Duration::from_secs(1), Duration::ZERO), "-");
    }

    #[test]
    fn the_page_in_docs_has_its_markers() {
        let page = std::fs::read_to_string(crate::PAGE).unwrap();
        assert!(page::replaced(&page, [BEGIN, END], "").is_some());
    }
}
