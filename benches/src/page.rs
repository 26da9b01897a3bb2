//! The page that holds what was measured last, each benchmark's between markers of its own.

use std::fs;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/performance.md");

/// Prints a report, and puts it into the page in place of the one that is there. `benchmark` is what cargo is told to run: `PACKAGE`, or
/// `PACKAGE --bin NAME`.
///
/// # Errors
/// When the page can't be read or written, or has no markers for this benchmark.
pub fn publish(benchmark: &str, report: &str, write: bool) -> Result<(), String> {
    print!("{report}");
    if !write {
        return Ok(());
    }
    let page = fs::read_to_string(PAGE).map_err(|error| format!("can't read {PAGE}: {error}"))?;
    let page = replaced(&page, benchmark, report).ok_or_else(|| format!("{PAGE} has lost its markers"))?;
    fs::write(PAGE, page).map_err(|error| format!("can't write {PAGE}: {error}"))
}

fn replaced(page: &str, benchmark: &str, report: &str) -> Option<String> {
    let begin = format!("<!-- measured: cargo run --release -p {benchmark} -- --write -->\n");
    let end = "<!-- end of what was measured -->\n";
    let (before, rest) = page.split_once(&begin)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{begin}\n{report}\n{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_takes_the_place_of_the_one_before() {
        let of = |first, second| {
            let begin = |name| format!("<!-- measured: cargo run --release -p {name} -- --write -->\n");
            let end = "<!-- end of what was measured -->\n";
            format!("above\n{}{first}{end}between\n{}{second}{end}below\n", begin("first"), begin("second"))
        };
        let once = replaced(&of("old\n", "old\n"), "second", "new").unwrap();
        assert_eq!(once, of("old\n", "\nnew\n"));
        assert_eq!(replaced(&once, "second", "new"), Some(once.clone()));
        assert_eq!(replaced(&once, "first", "newer"), Some(of("\nnewer\n", "\nnew\n")));
        for broken in [String::new(), once.replace("end of", ""), once.replace("measured:", "")] {
            assert_eq!(replaced(&broken, "first", "new"), None);
        }
    }

    #[test]
    fn the_page_in_docs_has_its_markers() {
        let page = fs::read_to_string(PAGE).unwrap();
        let all = [
            "secure-benches --bin invocation",
            "secure-benches --bin memory",
            "bench-log",
            "bench-files",
            "bench-soak",
            "bench-compile",
        ];
        for benchmark in all {
            assert!(replaced(&page, benchmark, "").is_some(), "{benchmark}");
        }
    }
}
