//! The expansions: all that the macros emit. They call the runtime's hidden functions, by absolute paths.

use syn::{Attribute, Meta};

use crate::{
    args::{self, Crate, set_once},
    diag::Diagnostics,
};

mod checks;
pub(crate) mod event;
mod event_validation;
pub(crate) mod fallback;
pub(crate) mod function;
pub(crate) mod handler;
pub(crate) mod main;
pub(crate) mod opaque_error;
pub(crate) mod public;
pub(crate) mod static_probes;

/// Reads `#[helper(crate = path)]` on a derive's type.
fn derive_crate(attributes: &[Attribute], helper: &str, diagnostics: &mut Diagnostics) -> Crate {
    let mut path = None;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(helper)) {
        let Meta::List(list) = &attribute.meta else { continue };
        // Other arguments, and what does not parse, are the derive's own to judge.
        let mut ignored = Diagnostics::default();
        let arguments = args::parse(list.tokens.clone(), &mut ignored);
        drop(ignored.into_tokens());
        for arg in arguments.iter().filter(|arg| arg.key == "crate") {
            let value = Crate::path(arg, diagnostics);
            set_once(&mut path, value, arg, diagnostics);
        }
    }
    Crate::from(path)
}
