//! The page that holds what was measured last, between two lines that mark where.

use std::{fs, path::Path};

/// Puts a report between its markers, in place of the one that is there.
pub(crate) fn write(page: &Path, markers: [&str; 2], report: &str) -> Result<(), String> {
    let shown = page.display();
    let text = fs::read_to_string(page).map_err(|error| format!("can't read {shown}: {error}"))?;
    let text = replaced(&text, markers, report).ok_or_else(|| format!("{shown} has lost its markers"))?;
    fs::write(page, text).map_err(|error| format!("can't write {shown}: {error}"))
}

pub(crate) fn replaced(page: &str, [begin, end]: [&str; 2], report: &str) -> Option<String> {
    let (before, rest) = page.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{begin}\n{report}\n{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_takes_the_place_of_the_one_before() {
        const BEGIN: &str = "<!-- from -->\n";
        const END: &str = "<!-- to -->\n";
        let page = format!("above\n{BEGIN}old\n{END}below\n");
        let once = replaced(&page, [BEGIN, END], "new").unwrap();
        assert_eq!(once, format!("above\n{BEGIN}\nnew\n{END}below\n"));
        assert_eq!(replaced(&once, [BEGIN, END], "new"), Some(once));
        for broken in ["", BEGIN, END, &format!("{END}{BEGIN}")] {
            assert_eq!(replaced(broken, [BEGIN, END], "new"), None);
        }
    }
}
