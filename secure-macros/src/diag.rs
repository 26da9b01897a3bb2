//! The sink that gathers an item's errors, so that all of them show in one compilation.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};

use crate::rules::Rule;

/// Errors found so far. It has to be read: in tests, one that is dropped with its errors unread panics.
#[derive(Default)]
pub(crate) struct Diagnostics {
    errors: Vec<Error>,
    escapes: Vec<Escape>,
    #[cfg(test)]
    read: bool,
}

/// A rule that this item lifts.
struct Escape {
    id: String,
    at: TokenStream,
    needed: bool,
}

struct Error {
    start: Span,
    end: Span,
    text: String,
}

impl Diagnostics {
    /// A broken rule, at the tokens that break it.
    pub(crate) fn rule(&mut self, rule: &Rule, at: impl ToTokens, what: &str, help: &str) {
        if self.lifts(rule) {
            return;
        }
        self.push(at, format!("{}: {what}\nhelp: {help}", rule.id));
    }

    /// Lifts a rule for what is reported from now on.
    pub(crate) fn lift(&mut self, id: String, at: TokenStream) {
        self.escapes.push(Escape { id, at, needed: false });
    }

    /// Whether a rule is lifted. That it was asked counts as a need.
    pub(crate) fn lifts(&mut self, rule: &Rule) -> bool {
        self.lifted(rule).is_some()
    }

    /// Where a rule is lifted, if it is. That it was asked counts as a need.
    pub(crate) fn lifted(&mut self, rule: &Rule) -> Option<TokenStream> {
        // The first of several is enough; the others aren't needed.
        let escape = self.escapes.iter_mut().find(|escape| escape.id == rule.id)?;
        escape.needed = true;
        Some(escape.at.clone())
    }

    /// The escapes that nothing has needed, which is for their own rule to report.
    pub(crate) fn take_unneeded(&mut self) -> Vec<TokenStream> {
        std::mem::take(&mut self.escapes).into_iter().filter(|escape| !escape.needed).map(|escape| escape.at).collect()
    }

    /// A macro used wrongly: no rule of the catalogue.
    pub(crate) fn usage(&mut self, at: impl ToTokens, what: &str, help: &str) {
        self.push(at, format!("{what}\nhelp: {help}"));
    }

    /// What syn could not parse.
    pub(crate) fn syntax(&mut self, errors: syn::Error) {
        self.errors.extend(errors.into_iter().map(|error| Error {
            start: error.span(),
            end: error.span(),
            text: error.to_string(),
        }));
    }

    fn push(&mut self, at: impl ToTokens, text: String) {
        let mut tokens = at.into_token_stream().into_iter().map(|token| token.span());
        let start = tokens.next().unwrap_or_else(Span::call_site);
        let end = tokens.last().unwrap_or(start);
        self.errors.push(Error { start, end, text });
    }

    /// Whether nothing was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// How many errors there are so far.
    pub(crate) fn len(&self) -> usize {
        self.errors.len()
    }

    /// A `compile_error!` for each error.
    #[cfg_attr(not(test), allow(unused_mut, reason = "only tests keep track of reading"))]
    pub(crate) fn into_tokens(mut self) -> TokenStream {
        #[cfg(test)]
        {
            self.read = true;
        }
        self.errors.iter().map(Error::to_tokens).collect()
    }
}

impl Error {
    /// The first token carries the start and the last one the end: stable spans can't be joined.
    fn to_tokens(&self) -> TokenStream {
        let text = &self.text;
        let path = quote_spanned!(self.start=> ::core::compile_error!);
        let message = quote_spanned!(self.end=> { #text });
        quote::quote!(#path #message)
    }
}

#[cfg(test)]
impl Drop for Diagnostics {
    fn drop(&mut self) {
        assert!(self.read || self.errors.is_empty() || std::thread::panicking(), "errors were found and never shown");
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn every_error_is_emitted() {
        let mut diagnostics = Diagnostics::default();
        diagnostics.usage(quote!(a), "first", "mend it");
        diagnostics.usage(quote!(b c), "second", "mend it too");
        let tokens = diagnostics.into_tokens().to_string();
        assert!(tokens.contains("first\\nhelp: mend it") && tokens.contains("second"), "{tokens}");
    }

    #[test]
    #[should_panic(expected = "errors were found and never shown")]
    fn unread_errors_are_a_bug() {
        Diagnostics::default().usage(quote!(a), "lost", "never");
    }
}
