//! A path that every invocation shares.
//!
//! ## What it does
//! Rejects literals that are a path under `/tmp`, `/var/tmp` or `/dev/shm`, and `env::temp_dir`.
//!
//! ## Why is this bad
//! These directories outlive the invocation. A name in them that can be guessed can be read, replaced or waited for by whatever
//! runs there next.
//!
//! ## Example
//! ```rust,compile_fail
//! use secure_runtime::prelude::*;
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
//!     let path = "/tmp/report.csv";
//!     let _ = path;
//!     Ok(event.payload)
//! }
//! ```
//!
//! ## Use instead
//! ```rust
//! use secure_runtime::prelude::*;
//! use secure_runtime::tmp::SealedFile;
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
//!     let mut file = SealedFile::create()?; // lies in `/tmp`, without a name
//!     let _ = &mut file;
//!     Ok(event.payload)
//! }
//! ```
//!
//! A tool that wants a path gets `/proc/self/fd/N`: see [files for tools](files-for-tools.md).
//!
//! ## Known limits
//! A path that is put together (`["/", "tmp"].concat()`) or that comes from outside is not found. `/tmp` in a longer text is fine.

use super::{Rule, raw_file::SEALED_FILE as HELP};
use crate::{diag::Diagnostics, model::body::Body};

pub(crate) const RULE: Rule = Rule { id: "SH031", name: "shared_directory", cwe: 379 };

pub(crate) fn check(body: &Body<'_>, diagnostics: &mut Diagnostics) {
    for text in body.texts() {
        if let Some(directory) = directory(&text.value) {
            let what = format!("`{directory}` is shared with every later invocation");
            diagnostics.rule(&RULE, &text.token, &what, HELP);
        }
    }
    for path in body.paths() {
        if path.is("std::env::temp_dir", 2) || (path.is("std::env::temp_dir", 1) && path.is_called()) {
            let what = "the temporary directory is shared with every later invocation";
            diagnostics.rule(&RULE, path.tokens(), what, HELP);
        }
    }
}

fn directory(text: &str) -> Option<&'static str> {
    // `file:///tmp/x`, `sqlite:/tmp/x`
    let path = match text.split_once(':') {
        Some((scheme, path)) if !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric()) => {
            path.strip_prefix("//").unwrap_or(path)
        }
        _ => text,
    };
    ["/tmp", "/var/tmp", "/dev/shm", "/private/tmp"].into_iter().find(|directory| {
        path.strip_prefix(directory)
            .is_some_and(|rest| rest.is_empty() || (rest.starts_with('/') && !rest.contains(' ')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_told_from_a_text() {
        for path in [
            "/tmp",
            "/tmp/",
            "/tmp/{name}.csv",
            "/var/tmp/x",
            "/dev/shm/x",
            "file:///tmp/x",
            "sqlite:///tmp/x",
            "sqlite:/tmp/x",
        ] {
            assert!(directory(path).is_some(), "{path}");
        }
        for text in [
            "/tmpfiles",
            "tmp/x",
            "/home/tmp/x",
            "/tmp is full",
            "see /tmp/x",
            "/tmp/a and /tmp/b",
            "https://tmp/x",
            "https://a/tmp/x",
            "see: /tmp/x",
            "",
        ] {
            assert!(directory(text).is_none(), "{text}");
        }
    }
}
