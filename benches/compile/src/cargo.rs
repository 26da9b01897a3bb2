//! Runs of cargo, and what they cost.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// What a run took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) wall: Duration,
    /// User and system time, of rustc and the linker as well.
    pub(crate) cpu: Duration,
}

/// Runs cargo in a folder.
///
/// # Errors
/// When it fails, or the time it took can't be told.
pub(crate) fn run(folder: &Path, target: &Path, args: &[&str]) -> Result<Cost, String> {
    let cargo = env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
    let before = of_children()?;
    let start = Instant::now();
    let status = Command::new(&cargo)
        .args(args)
        .args(["--quiet", "--target-dir"])
        .arg(target)
        .current_dir(folder)
        .env("CARGO_INCREMENTAL", "0")
        // Standard output is the report's.
        .stdout(Stdio::from(io::stderr()))
        .status()
        .map_err(|error| format!("can't run {}: {error}", cargo.display()))?;
    let wall = start.elapsed();
    if !status.success() {
        return Err(format!("cargo {} failed: {status}", args.join(" ")));
    }
    Ok(Cost { wall, cpu: of_children()?.saturating_sub(before) })
}

/// The CPU time of all children that have ended, and of theirs: `cutime` and `cstime` of proc(5).
fn of_children() -> Result<Duration, String> {
    let stat = fs::read_to_string("/proc/self/stat").map_err(|error| format!("can't read /proc/self/stat: {error}"))?;
    let ticks = ticks(&stat).ok_or("/proc/self/stat has no times")?;
    // 100 a second on every Linux: a tick is 10 ms.
    Ok(Duration::from_secs(ticks) / u32::try_from(rustix::param::clock_ticks_per_second()).unwrap_or(100))
}

fn ticks(stat: &str) -> Option<u64> {
    // Behind the command's name, which may hold anything.
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split_ascii_whitespace().collect();
    Some(fields.get(13)?.parse::<u64>().ok()? + fields.get(14)?.parse::<u64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_children_are_found_behind_any_name() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194304 100 200 0 0 11 12 130 14 20 0 1 0 5 6 7";
        assert_eq!(ticks(stat), Some(144));
        assert_eq!(ticks("7 (a"), None);
    }

    #[test]
    fn what_a_child_takes_is_counted() {
        let before = of_children().unwrap();
        // Work, and not time on a clock.
        let status = Command::new("sh").args(["-c", "i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done"]).status();
        assert!(status.unwrap().success());
        assert!(of_children().unwrap() > before);
    }
}
