//! A file written in clear.
//!
//! ## What it does
//! Rejects what writes files: `fs::write`, `File::create`, `File::create_new`, `File::options`, `OpenOptions`, `fs::copy`, `fs::rename`,
//! `fs::hard_link` of the standard library, of tokio, async-std and fs-err, and the `tempfile` crate.
//!
//! ## Why is this bad
//! `/tmp` is the one place that a function can write to, and it is shared by all invocations of an execution environment: what
//! one leaves there, the next one reads.
//!
//! ## Example
//! ```rust,compile_fail
//! use secure_runtime::prelude::*;
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
//!     std::fs::write("report.csv", "a,b")?;
//!     Ok(event.payload)
//! }
//! ```
//!
//! ## Use instead
//! ```rust
//! use secure_runtime::prelude::*;
//!
//! use secure_runtime::tmp::SealedFile;
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
//!     let report = Validated::check("a,b", |report| report.len() <= 4096)?;
//!     let mut file = SealedFile::create()?; // encrypted, without a name, for this invocation alone
//!     file.write_validated(&report)?;
//!     Ok(event.payload)
//! }
//! ```
//!
//! `AsyncSealedFile` is the same with `.await`. See [temporary files](temporary-files.md) and
//! [files for tools](files-for-tools.md).
//!
//! ## Known limits
//! What a helper writes is not seen. `File` behind an import from outside is found by its method's name (`File::create`), a
//! function that was imported by its bare name (`use std::fs::write`) only where the import is in the body.

use proc_macro2::TokenTree;

use super::Rule;
use crate::{
    diag::Diagnostics,
    model::body::{Body, Mention, PathUse},
};

pub(crate) const RULE: Rule = Rule { id: "SH030", name: "raw_file", cwe: 377 };

/// What to write instead.
pub(super) const SEALED_FILE: &str = "keep it in memory, or in a sealed file:\n\
      let mut file = secure_runtime::tmp::SealedFile::create()?;\n\
      file.write_validated(&Validated::check(data, |data| data.len() <= 4096)?)?;";

const MODULES: &[&str] = &["std::fs", "tokio::fs", "async_std::fs", "fs_err", "fs_err::tokio"];

const WRITERS: &[&str] = &[
    "write",
    "copy",
    "rename",
    "hard_link",
    "File::create",
    "File::create_new",
    "File::create_buffered",
    "File::options",
    "OpenOptions",
    "OpenOptions::new",
];

/// Types and functions of the `tempfile` crate that are told by their names.
const TEMPORARY_TYPES: &[&str] = &["NamedTempFile", "TempDir", "SpooledTempFile"];
const TEMPORARY: &[&str] =
    &["tempfile", "tempfile_in", "tempdir", "tempdir_in", "spooled_tempfile", "spooled_tempfile_in"];

pub(crate) fn check(body: &Body<'_>, diagnostics: &mut Diagnostics) {
    let made_by_crate = body.paths().any(|path| path.begins_with("tempfile"));
    for mention in &body.mentions {
        let (at, name) = match mention {
            Mention::Path(path) if writes(path) => (path.tokens(), path.written()),
            // `Builder::new().tempfile()`, where the builder is imported from outside.
            Mention::Method(method) if !made_by_crate && TEMPORARY.iter().any(|name| method.name == name) => {
                (TokenTree::Ident(method.name.clone()).into(), method.name.to_string())
            }
            _ => continue,
        };
        diagnostics.rule(
            &RULE,
            at,
            &format!("`{name}` writes a file that outlives the invocation, in clear"),
            SEALED_FILE,
        );
    }
}

/// `OpenOptions::new().read(true).open(..)`
fn only_reads(path: &PathUse) -> bool {
    let opened = path.chain.iter().position(|method| method == "open");
    opened.is_some_and(|end| path.chain[..end].iter().all(|method| method == "read" || method == "custom_flags"))
}

fn writes(path: &PathUse) -> bool {
    let writers = || MODULES.iter().flat_map(|module| WRITERS.iter().map(move |writer| format!("{module}::{writer}")));
    if only_reads(path) {
        return false;
    }
    writers().any(|writer| path.is(&writer, 2))
        || path.is("std::fs::OpenOptions", 1)
        || path.begins_with("tempfile")
        || (TEMPORARY_TYPES.iter().any(|name| path.leads_through(name)) && !path.begins_with("self"))
        || TEMPORARY.iter().any(|name| path.is(&format!("tempfile::{name}"), 1) && path.is_called())
}
