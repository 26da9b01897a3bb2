//! What it ran on, and when.

use std::{env, fs, path::PathBuf, process::Command, time::SystemTime};

/// The machine, in words that name nobody's.
///
/// # Errors
/// Where there is no `/proc`.
pub fn describe() -> Result<String, String> {
    let cpus = fs::read_to_string("/proc/cpuinfo").map_err(|error| format!("can't read /proc/cpuinfo: {error}"))?;
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let (model, cores) = processors(&cpus);
    let cores = if cores == 1 { "1 core".to_owned() } else { format!("{cores} cores") };
    let today = date(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs() / 86_400);
    let virtual_machine = if cpus.contains(" hypervisor") { ", a virtual machine" } else { "" };
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    // Of the last five minutes, which is about how long a run takes.
    let load = load.split(' ').nth(1).unwrap_or("unknown");
    Ok(format!(
        "{today}, {model}, {cores}{virtual_machine}, Linux {}, {}, load average {load} (the run itself makes 1 to 2 of it)",
        kernel.trim(),
        rustc()
    ))
}

fn rustc() -> String {
    let rustc = env::var_os("RUSTC").map_or_else(|| PathBuf::from("rustc"), PathBuf::from);
    let output = Command::new(rustc).arg("--version").output();
    output.map_or_else(|_| "rustc unknown".to_owned(), |out| String::from_utf8_lossy(&out.stdout).trim().to_owned())
}

/// The model of the first processor in a `cpuinfo`, and how many there are.
fn processors(cpuinfo: &str) -> (&str, usize) {
    let values = |name| {
        cpuinfo.lines().filter_map(move |line| {
            line.split_once(':').filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim())
        })
    };
    (values("model name").next().unwrap_or("a processor of unknown model"), values("processor").count())
}

/// A date of the Gregorian calendar, from days since 1970 (Howard Hinnant's `civil_from_days`).
fn date(days: u64) -> String {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Years that begin in March, so that the leap day is their last.
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates() {
        for (days, expected) in [
            (0, "1970-01-01"),
            (11_016, "2000-02-29"),
            (11_017, "2000-03-01"),
            (19_722, "2023-12-31"),
            (19_723, "2024-01-01"),
        ] {
            assert_eq!(date(days), expected);
        }
    }

    #[test]
    fn processors_are_counted() {
        let x86 = "processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\n\nprocessor\t: 1\nmodel name\t: Some CPU @ 2 GHz\n";
        assert_eq!(processors(x86), ("Some CPU @ 2 GHz", 2));
        assert_eq!(processors("processor : 0\nBogoMIPS : 1\n"), ("a processor of unknown model", 1));
    }
}
