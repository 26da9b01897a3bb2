//! Hundreds of thousands of mixed events in one process. See `--help`, and `docs/performance.md` for what is sent and looked at.

use std::process::ExitCode;

use bench_soak::{
    soak::{Leaking, Run, soak},
    verdict::HEAD,
};
use secure_benches::{
    args::Args,
    build::{self, Profile},
    machine, page,
};

const ABOUT: &str =
    "200,000 mixed events in one process: whether its memory stays flat, and whether anything is left at the end.";
const EVENTS: usize = 200_000;
const QUICK: usize = 10_000;

fn main() -> ExitCode {
    secure_benches::main(ABOUT, run)
}

fn run(args: Args) -> Result<(), String> {
    let function = build::binary("bench-soak", "soak_function", Profile::ReleaseStripped, args.build)?;
    let events = if args.quick { QUICK } else { EVENTS };
    let mut report = format!("{}.\n\n{HEAD}", machine::describe()?);
    let mut faults = Vec::new();
    for run in [Run::OneThread, Run::Concurrent] {
        let record = soak(&function, run, events, Leaking::default())?;
        report.push_str(&record.row());
        faults.extend(record.faults());
    }
    if !faults.is_empty() {
        print!("{report}");
        return Err(format!("\n  {}", faults.join("\n  ")));
    }
    page::publish("bench-soak", &report, args.write)
}
