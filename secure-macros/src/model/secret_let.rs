//! `#[secret] let`: each name that the pattern binds becomes a secret of the invocation, right after the statement.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{
    Attribute, Block, Expr, Ident, Item, Lifetime, Local, Macro, Pat, PatIdent, Stmt, parse_quote,
    visit_mut::{self, VisitMut},
};

use crate::{diag::Diagnostics, span::respanned};

/// Rewrites every `#[secret] let` of a handler's body.
pub(crate) fn rewrite(block: &mut Block, private: &TokenStream, brand: &Lifetime, diagnostics: &mut Diagnostics) {
    Rewrite { private, brand, diagnostics, nested: false }.visit_block_mut(block);
}

/// Reports every `#[secret] let` of a function that has no invocation.
pub(crate) fn refuse(block: &mut Block, diagnostics: &mut Diagnostics) {
    let brand = Lifetime::new("'static", Span::mixed_site());
    Rewrite { private: &TokenStream::new(), brand: &brand, diagnostics, nested: true }.visit_block_mut(block);
}

struct Rewrite<'a> {
    private: &'a TokenStream,
    brand: &'a Lifetime,
    diagnostics: &'a mut Diagnostics,
    /// In an item within the body, where the invocation's lifetime has no name.
    nested: bool,
}

pub(super) fn is_secret(attribute: &Attribute) -> bool {
    attribute.path().is_ident("secret")
}

/// Takes `#[secret]` off, so that no error about an unknown attribute follows ours.
fn take_secret(attributes: &mut Vec<Attribute>) -> Option<Attribute> {
    let position = attributes.iter().position(is_secret)?;
    Some(attributes.remove(position))
}

impl VisitMut for Rewrite<'_> {
    fn visit_block_mut(&mut self, block: &mut Block) {
        let statements = std::mem::take(&mut block.stmts);
        for mut statement in statements {
            let secret = match &mut statement {
                Stmt::Local(local) => take_secret(&mut local.attrs),
                _ => None,
            };
            self.visit_stmt_mut(&mut statement);
            let rebound = match (&mut statement, secret) {
                (Stmt::Local(local), Some(secret)) => self.rebind(local, &secret),
                _ => Vec::new(),
            };
            block.stmts.push(statement);
            block.stmts.extend(rebound);
        }
    }

    fn visit_item_mut(&mut self, item: &mut Item) {
        let outside = std::mem::replace(&mut self.nested, true);
        visit_mut::visit_item_mut(self, item);
        self.nested = outside;
    }

    fn visit_macro_mut(&mut self, call: &mut Macro) {
        let mut found = Vec::new();
        call.tokens = without_secret(std::mem::take(&mut call.tokens), &mut found);
        for at in found {
            self.diagnostics.usage(
                at,
                "`#[secret]` does nothing in a macro's arguments",
                "write the `#[secret] let` before the macro, and use the name in it",
            );
        }
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        // `#[secret]` on an expression or a block.
        let mut attributes = attributes_of(expr);
        if let Some(secret) = attributes.as_mut().and_then(|attributes| take_secret(attributes)) {
            self.misplaced(&secret);
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        if let Some(secret) = take_secret(attributes) {
            self.misplaced(&secret);
        }
    }
}

impl Rewrite<'_> {
    fn misplaced(&mut self, secret: &Attribute) {
        self.diagnostics.usage(secret, "`#[secret]` goes on a `let`", "write `#[secret] let name = expression;`");
    }

    fn rebind(&mut self, local: &mut Local, secret: &Attribute) -> Vec<Stmt> {
        if !matches!(secret.meta, syn::Meta::Path(_)) {
            self.diagnostics.usage(secret, "`#[secret]` takes no arguments", "write `#[secret] let ..`");
        }
        if self.nested {
            self.diagnostics.usage(
                secret,
                "`#[secret]` can't name the invocation here: only a handler's own body can",
                "make the value in the handler's own body, and pass the `Secret` to the function",
            );
            return Vec::new();
        }
        if local.init.is_none() {
            self.diagnostics.usage(&local.pat, "a `#[secret] let` needs a value", "write `#[secret] let name = ..;`");
            return Vec::new();
        }
        let mut bindings = Bindings::default();
        bindings.visit_pat_mut(&mut local.pat);
        for by_ref in &bindings.by_ref {
            self.diagnostics.usage(
                by_ref,
                "a `#[secret] let` takes the value itself, not a reference to it",
                "remove `ref`",
            );
        }
        if !bindings.by_ref.is_empty() {
            return Vec::new();
        }
        if bindings.names.is_empty() {
            self.diagnostics.usage(
                &local.pat,
                "this `#[secret] let` binds no name",
                "bind the value: `#[secret] let name = ..;`",
            );
        }
        let (private, brand, attributes) = (self.private, self.brand, &local.attrs);
        let rebind = |(name, mutable): (Ident, bool)| {
            let span = Span::mixed_site().located_at(name.span());
            let mutability = mutable.then(|| quote_spanned!(span=> mut));
            // The path, too: errors about the value's type show where the user has written its name.
            let brand = respanned(quote_spanned!(span=> #private::brand::<#brand, _>), span);
            let value = quote_spanned!(span=> #brand(#name));
            parse_quote!(#(#attributes)* let #mutability #name = #value;)
        };
        bindings.names.into_iter().map(rebind).collect()
    }
}

/// The names that a pattern binds, whose `mut` moves to the rebinding.
#[derive(Default)]
struct Bindings {
    names: Vec<(Ident, bool)>,
    by_ref: Vec<TokenStream>,
}

impl VisitMut for Bindings {
    fn visit_pat_mut(&mut self, pattern: &mut Pat) {
        match pattern {
            Pat::Ident(binding) if !is_constant(binding) => {
                if let Some(by_ref) = &binding.by_ref {
                    self.by_ref.push(by_ref.to_token_stream());
                }
                let mutable = binding.mutability.take().is_some();
                if !self.names.iter().any(|(name, _)| *name == binding.ident) {
                    self.names.push((binding.ident.clone(), mutable));
                }
                if let Some((_, inner)) = &mut binding.subpat {
                    self.visit_pat_mut(inner);
                }
            }
            _ => visit_mut::visit_pat_mut(self, pattern),
        }
    }

    // Expressions in patterns bind nothing here.
    fn visit_expr_mut(&mut self, _: &mut Expr) {}
}

/// `None` in a pattern looks like a binding: by convention, bindings begin in lower case.
fn is_constant(binding: &PatIdent) -> bool {
    binding.subpat.is_none()
        && binding.by_ref.is_none()
        && binding.mutability.is_none()
        && binding.ident.to_string().starts_with(char::is_uppercase)
}

/// The attributes of the expressions that a statement may begin with.
fn attributes_of(expr: &mut Expr) -> Option<&mut Vec<Attribute>> {
    Some(match expr {
        Expr::Async(inner) => &mut inner.attrs,
        Expr::Block(inner) => &mut inner.attrs,
        Expr::Call(inner) => &mut inner.attrs,
        Expr::ForLoop(inner) => &mut inner.attrs,
        Expr::If(inner) => &mut inner.attrs,
        Expr::Loop(inner) => &mut inner.attrs,
        Expr::Match(inner) => &mut inner.attrs,
        Expr::MethodCall(inner) => &mut inner.attrs,
        Expr::While(inner) => &mut inner.attrs,
        _ => return None,
    })
}

/// The tokens without any `#[secret]`, and where there was one.
fn without_secret(tokens: TokenStream, found: &mut Vec<TokenStream>) -> TokenStream {
    let mut kept = Vec::<TokenTree>::new();
    for token in tokens {
        let TokenTree::Group(group) = token else {
            kept.push(token);
            continue;
        };
        let is_attribute = group.delimiter() == proc_macro2::Delimiter::Bracket
            && group.stream().to_string() == "secret"
            && matches!(kept.last(), Some(TokenTree::Punct(hash)) if hash.as_char() == '#');
        if is_attribute {
            let hash = kept.pop();
            found.push(hash.into_iter().chain([TokenTree::Group(group)]).collect());
        } else {
            let mut inner = Group::new(group.delimiter(), without_secret(group.stream(), found));
            inner.set_span(group.span());
            kept.push(TokenTree::Group(inner));
        }
    }
    kept.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn rewritten(mut block: Block) -> (String, String) {
        let mut diagnostics = Diagnostics::default();
        rewrite(&mut block, &quote!(rt), &parse_quote!('inv), &mut diagnostics);
        (block.to_token_stream().to_string(), diagnostics.into_tokens().to_string())
    }

    fn assert_rewritten(before: Block, after: &Block) {
        assert_eq!(rewritten(before), (after.to_token_stream().to_string(), String::new()));
    }

    #[test]
    fn a_name_is_rebound() {
        assert_rewritten(
            parse_quote!({
                #[secret]
                let mut key: String = make()?;
                use_it(&key);
            }),
            &parse_quote!({
                let key: String = make()?;
                let mut key = rt::brand::<'inv, _>(key);
                use_it(&key);
            }),
        );
    }

    #[test]
    fn every_name_of_a_pattern_is_rebound_once() {
        assert_rewritten(
            parse_quote!({
                #[secret]
                let ((Some(a), None) | (None, Some(a))) = pair else { return };
            }),
            &parse_quote!({
                let ((Some(a), None) | (None, Some(a))) = pair else { return };
                let a = rt::brand::<'inv, _>(a);
            }),
        );
    }

    #[test]
    fn it_works_in_closures_and_blocks_and_other_statements_stay() {
        assert_rewritten(
            parse_quote!({
                let x = 1;
                async {
                    #[secret]
                    let k = 2;
                    k
                }
                .await;
                || {
                    #[secret]
                    let k = 3;
                    k
                }
            }),
            &parse_quote!({
                let x = 1;
                async {
                    let k = 2;
                    let k = rt::brand::<'inv, _>(k);
                    k
                }
                .await;
                || {
                    let k = 3;
                    let k = rt::brand::<'inv, _>(k);
                    k
                }
            }),
        );
    }

    #[test]
    fn where_it_does_nothing_is_an_error_and_leaves_no_attribute() {
        let cases: [(Block, &str); 7] = [
            (
                parse_quote!({
                    fn f() {
                        #[secret]
                        let k = 1;
                    }
                }),
                "can't name the invocation",
            ),
            (
                parse_quote!({
                    select! { x = f() => { #[secret] let k = 1; } }
                }),
                "macro's arguments",
            ),
            (
                parse_quote!({
                    #[secret]
                    let k;
                }),
                "needs a value",
            ),
            (
                parse_quote!({
                    #[secret]
                    let _ = f();
                }),
                "binds no name",
            ),
            (
                parse_quote!({
                    #[secret]
                    let ref k = f();
                }),
                "not a reference",
            ),
            (
                parse_quote!({
                    #[secret]
                    f();
                }),
                "goes on a `let`",
            ),
            (
                parse_quote!({
                    #[secret(true)]
                    let k = 1;
                }),
                "takes no arguments",
            ),
        ];
        for (block, expected) in cases {
            let (code, errors) = rewritten(block);
            assert!(errors.contains(expected), "{expected}: {errors}");
            assert!(!code.contains("secret"), "{code}");
        }
    }
}
