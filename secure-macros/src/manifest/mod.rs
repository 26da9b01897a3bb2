//! `manifest!`: what a package's sources let out or lift, with place and reason.
//!
//! The sources are read from disk, so that a macro's arguments and the package's other crates are seen as well.

mod find;
mod json;
mod sources;
#[cfg(test)]
mod tests;

use std::{env, path::Path};

use proc_macro2::TokenStream;
use quote::quote;

use crate::diag::Diagnostics;

pub(crate) fn expand(args: &TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    if !args.is_empty() {
        diagnostics.usage(args, "`manifest!` takes no arguments", "write `secure_runtime::manifest!()`");
        return diagnostics.into_tokens();
    }
    let Some(root) = env::var_os("CARGO_MANIFEST_DIR") else {
        let help = "build with cargo, which sets CARGO_MANIFEST_DIR";
        diagnostics.usage(TokenStream::new(), "the package's folder is not known", help);
        return diagnostics.into_tokens();
    };
    let package = env::var("CARGO_PKG_NAME").unwrap_or_default();
    match read(Path::new(&root), &package) {
        Ok(Manifest { json, files }) => quote! {{
            #(const _: &[u8] = ::core::include_bytes!(#files);)*
            #json
        }},
        Err(faults) => {
            for Fault { what, help } in faults {
                diagnostics.usage(TokenStream::new(), &what, help);
            }
            diagnostics.into_tokens()
        }
    }
}

/// What a package's sources come to.
struct Manifest {
    json: String,
    /// All that were read, as absolute paths: cargo builds anew when one of them changes.
    files: Vec<String>,
}

/// Why there is no manifest.
#[derive(Debug)]
struct Fault {
    what: String,
    help: &'static str,
}

fn read(root: &Path, package: &str) -> Result<Manifest, Vec<Fault>> {
    let _lines = Lines::known();
    let read = sources::read(root)?;
    let mut entries: Vec<_> = read.sources.iter().flat_map(find::entries).collect();
    // Not by line: what only moves within a function changes nothing.
    entries.sort_by(|a, b| a.key().cmp(&b.key()).then(a.line.cmp(&b.line)));
    Ok(Manifest { json: json::manifest(package, &entries), files: read.files })
}

/// While it lives, tokens are proc-macro2's own: the compiler gives a text that a macro parses no lines. No token of the compiler's
/// may be looked at meanwhile, so nothing but texts goes in and out.
struct Lines;

impl Lines {
    fn known() -> Self {
        proc_macro2::fallback::force();
        Self
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        proc_macro2::fallback::unforce();
    }
}
