//! What is about tokens and not about what they mean: where errors show, and the groups that macros leave.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};

/// The tokens without the invisible groups that a `macro_rules!` puts around what it was given.
///
/// For what is read token by token, or takes literals and paths only: elsewhere the groups keep `$a * $b` together.
pub(crate) fn ungrouped(tokens: TokenStream) -> TokenStream {
    let mut flat = TokenStream::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => flat.extend(ungrouped(group.stream())),
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), ungrouped(group.stream()));
                inner.set_span(group.span());
                flat.extend([TokenTree::Group(inner)]);
            }
            other => flat.extend([other]),
        }
    }
    flat
}

/// Moves tokens of ours to where the user has written what they are about.
pub(crate) fn respanned(tokens: TokenStream, span: Span) -> TokenStream {
    let respan = |mut token: TokenTree| {
        if let TokenTree::Group(group) = &token {
            let inner = respanned(group.stream(), span);
            token = TokenTree::Group(Group::new(group.delimiter(), inner));
        }
        token.set_span(token.span().located_at(span));
        token
    };
    tokens.into_iter().map(respan).collect()
}
