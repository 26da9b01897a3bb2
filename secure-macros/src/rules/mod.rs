//! The rules, one file each, in catalogue order. A file's head is the rule's page in `docs/rules.md`.

mod credential_shapes;
pub(crate) mod declassify_reason;
pub(crate) mod error_text;
pub(crate) mod filled_by_expose;
pub(crate) mod hard_coded_credential;
pub(crate) mod hoarding_state;
pub(crate) mod instrumented_event;
pub(crate) mod needless_escape;
pub(crate) mod open_mode;
pub(crate) mod public_secret;
pub(crate) mod raw_file;
pub(crate) mod raw_print;
pub(crate) mod secret_env_var;
pub(crate) mod secret_words;
pub(crate) mod shared_directory;
pub(crate) mod skipped_wipe;
pub(crate) mod static_item;
pub(crate) mod static_use;
pub(crate) mod undeclared_field;
pub(crate) mod unmapped_error;
pub(crate) mod unsafe_code;
pub(crate) mod unsecurable_handler;
pub(crate) mod unvalidated_write;
pub(crate) mod weak_random;

pub(crate) use self::credential_shapes::SOURCE as CREDENTIAL_SHAPES;
use crate::{diag::Diagnostics, model::body::Body};

/// A rule of the catalogue.
pub(crate) struct Rule {
    /// `SH` and three digits.
    pub(crate) id: &'static str,
    /// The rule's name: its file, and its folder of ui-tests.
    #[cfg_attr(not(test), allow(dead_code, reason = "the name is for the docs and the ui-tests"))]
    pub(crate) name: &'static str,
    /// The weakness that it prevents, as numbered by MITRE.
    #[cfg_attr(not(test), allow(dead_code, reason = "the number is for the docs"))]
    pub(crate) cwe: u16,
}

/// A file's source in tests, where its head is read; nothing where only ids are asked for.
macro_rules! page {
    ($file:literal) => {
        if cfg!(test) { include_str!($file) } else { "" }
    };
}

/// What looks at a body, in catalogue order.
const BODY: &[fn(&Body<'_>, &mut Diagnostics)] = &[
    static_item::check,
    declassify_reason::check,
    skipped_wipe::check,
    unsafe_code::check,
    raw_print::check,
    hard_coded_credential::check,
    secret_env_var::check,
    weak_random::check,
    filled_by_expose::check,
    error_text::check,
    raw_file::check,
    shared_directory::check,
    open_mode::check,
];

/// Looks at a function's body.
pub(crate) fn check_body(body: &Body<'_>, diagnostics: &mut Diagnostics) {
    for check in BODY {
        check(body, diagnostics);
    }
}

/// The ids of all rules.
pub(crate) fn ids() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|(rule, _)| rule.id)
}

/// All rules with their pages, in catalogue order.
pub(crate) const ALL: &[(&Rule, &str)] = &[
    (&static_use::RULE, page!("static_use.rs")),
    (&static_item::RULE, page!("static_item.rs")),
    (&needless_escape::RULE, page!("needless_escape.rs")),
    (&hoarding_state::RULE, page!("hoarding_state.rs")),
    (&unsecurable_handler::RULE, page!("unsecurable_handler.rs")),
    (&undeclared_field::RULE, page!("undeclared_field.rs")),
    (&public_secret::RULE, page!("public_secret.rs")),
    (&declassify_reason::RULE, page!("declassify_reason.rs")),
    (&skipped_wipe::RULE, page!("skipped_wipe.rs")),
    (&unsafe_code::RULE, page!("unsafe_code.rs")),
    (&raw_print::RULE, page!("raw_print.rs")),
    (&hard_coded_credential::RULE, page!("hard_coded_credential.rs")),
    (&secret_env_var::RULE, page!("secret_env_var.rs")),
    (&weak_random::RULE, page!("weak_random.rs")),
    (&filled_by_expose::RULE, page!("filled_by_expose.rs")),
    (&unmapped_error::RULE, page!("unmapped_error.rs")),
    (&error_text::RULE, page!("error_text.rs")),
    (&instrumented_event::RULE, page!("instrumented_event.rs")),
    (&raw_file::RULE, page!("raw_file.rs")),
    (&shared_directory::RULE, page!("shared_directory.rs")),
    (&open_mode::RULE, page!("open_mode.rs")),
    (&unvalidated_write::RULE, page!("unvalidated_write.rs")),
];

#[cfg(test)]
mod tests {
    use std::{fmt::Write as _, fs, path::Path};

    use super::*;

    const SECTIONS: [&str; 5] =
        ["## What it does", "## Why is this bad", "## Example", "## Use instead", "## Known limits"];

    fn page(source: &str) -> String {
        let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
        lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
    }

    fn repository() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
    }

    #[test]
    fn ids_and_names_are_unique_and_in_order() {
        let ids: Vec<_> = ALL.iter().map(|(rule, _)| rule.id).collect();
        assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
        assert!(ids.iter().all(|id| id.len() == 5 && id.starts_with("SH")), "{ids:?}");
        let mut names: Vec<_> = ALL.iter().map(|(rule, _)| rule.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }

    #[test]
    fn every_rule_has_a_whole_page() {
        for (rule, source) in ALL {
            let page = page(source);
            for section in SECTIONS {
                assert!(page.contains(section), "{}: no section `{section}`", rule.id);
            }
        }
    }

    /// What `ui-tests` has beside the rules.
    const OTHER_FOLDERS: &[&str] = &[
        "arguments",
        "audit",
        "first_contact",
        "http_handler",
        "hygiene",
        "opaque_attribute",
        "opaque_codes",
        "opaque_delegate",
        "queues",
        "secret_escape",
        "secret_let",
        "secret_limits",
        "secure_fn",
        "validated_event",
        "verdict",
    ];

    fn files_of(folder: &Path) -> Vec<(String, String)> {
        let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let files = entries.map(|entry| entry.unwrap()).map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read_to_string(entry.path()).unwrap())
        });
        files.collect()
    }

    #[test]
    fn every_rule_has_failing_cases_and_near_misses() {
        for (rule, _) in ALL {
            let files = files_of(&repository().join("ui-tests/ui").join(rule.name));
            let headline = format!("error: {}:", rule.id);
            let typed = format!("error[E0277]: {}:", rule.id);
            let failing: usize = files
                .iter()
                .filter(|(name, _)| name.ends_with(".stderr"))
                .map(|(_, text)| text.matches(&headline).count() + text.matches(&typed).count())
                .sum();
            assert!(failing >= 5, "{}: {failing} failing cases", rule.id);
            assert!(files.iter().any(|(name, _)| name.starts_with("pass_")), "{}: no near miss", rule.id);
        }
    }

    #[test]
    fn every_folder_has_a_rule() {
        for entry in fs::read_dir(repository().join("ui-tests/ui")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let known = ALL.iter().any(|(rule, _)| rule.name == name) || OTHER_FOLDERS.contains(&&*name);
            assert!(known, "ui-tests/ui/{name} is of no rule");
        }
    }

    /// `UPDATE_DOCS=1 cargo test -p secure-macros` writes the file anew.
    #[test]
    fn the_page_of_all_rules_is_fresh() {
        let mut all = String::from(
            "# The rules\n\n<!-- Made from secure-macros/src/rules by `UPDATE_DOCS=1 cargo test -p secure-macros`. -->\n",
        );
        for (rule, source) in ALL {
            let (id, name, cwe) = (rule.id, rule.name, rule.cwe);
            let page = page(source).replace("\n## ", "\n### ");
            let link = format!("[CWE-{cwe}](https://cwe.mitre.org/data/definitions/{cwe}.html)");
            write!(all, "\n## {id} `{name}`\n\n{page}\n\nWeakness: {link}.\n").unwrap();
        }
        let file = repository().join("docs/rules.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            fs::write(&file, &all).unwrap();
        }
        let written = fs::read_to_string(&file).unwrap_or_default();
        assert!(written == all, "docs/rules.md is stale: run `UPDATE_DOCS=1 cargo test -p secure-macros`");
    }
}
