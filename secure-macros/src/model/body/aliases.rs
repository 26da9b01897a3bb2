//! What the names of a body stand for, as far as the body itself says.

use std::collections::HashMap;

use proc_macro2::{TokenStream, TokenTree};
use syn::{ItemUse, UseTree};

use super::bare;

/// The imports and items of a body, wherever they stand in it.
#[derive(Default)]
pub(super) struct Aliases {
    names: HashMap<String, Vec<String>>,
    globs: Vec<Vec<String>>,
}

impl Aliases {
    pub(super) fn of(tokens: &TokenStream) -> Self {
        let mut aliases = Self::default();
        aliases.collect(tokens);
        aliases
    }

    fn collect(&mut self, tokens: &TokenStream) {
        let mut tokens = tokens.clone().into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Group(group) => self.collect(&group.stream()),
                TokenTree::Ident(word) if word == "use" => {
                    if matches!(tokens.peek(), Some(TokenTree::Punct(angle)) if angle.as_char() == '<') {
                        continue; // `impl Trait + use<..>`
                    }
                    let mut item: TokenStream = TokenTree::Ident(word).into();
                    for token in tokens.by_ref() {
                        let ends = is_punct(&token, ';');
                        item.extend([token]);
                        if ends {
                            break;
                        }
                    }
                    if let Ok(item) = syn::parse2::<ItemUse>(item) {
                        self.import(&item.tree, &mut Vec::new());
                    }
                }
                TokenTree::Ident(word) if ["fn", "mod", "struct", "enum", "union"].iter().any(|item| word == item) => {
                    if let Some(TokenTree::Ident(name)) = tokens.peek() {
                        let name = bare(name);
                        self.names.entry(name.clone()).or_insert_with(|| vec!["self".to_owned(), name]);
                    }
                }
                _ => {}
            }
        }
    }

    fn import(&mut self, tree: &UseTree, prefix: &mut Vec<String>) {
        match tree {
            UseTree::Path(path) => {
                prefix.push(bare(&path.ident));
                self.import(&path.tree, prefix);
                prefix.pop();
            }
            UseTree::Name(name) => self.name(&name.ident, &name.ident, prefix),
            UseTree::Rename(rename) => self.name(&rename.ident, &rename.rename, prefix),
            UseTree::Glob(_) => self.globs.push(prefix.clone()),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(tree, prefix)),
        }
    }

    fn name(&mut self, what: &syn::Ident, name: &syn::Ident, prefix: &[String]) {
        let mut full = prefix.to_vec();
        // `use std::fs::{self}` is `use std::fs`.
        let name = if what == "self" && name == "self" { prefix.last().cloned() } else { Some(bare(name)) };
        if what != "self" {
            full.push(bare(what));
        }
        if let Some(name) = name {
            self.names.insert(name, full);
        }
    }

    /// All that a path may be: as it is written or imported, and as it would be through each glob import.
    ///
    /// What `core` and `alloc` have is spelled as `std` has it.
    pub(super) fn spellings(&self, segments: &[String]) -> Vec<Vec<String>> {
        let mut spellings = self.resolved(segments);
        for spelling in &mut spellings {
            if spelling.len() > 1 && ["core", "alloc"].contains(&spelling[0].as_str()) {
                "std".clone_into(&mut spelling[0]);
            }
        }
        spellings
    }

    fn resolved(&self, segments: &[String]) -> Vec<Vec<String>> {
        let Some((first, rest)) = segments.split_first() else { return Vec::new() };
        match self.names.get(first) {
            Some(full) => vec![full.iter().chain(rest).cloned().collect()],
            None => {
                let through = self.globs.iter().map(|glob| glob.iter().chain(segments).cloned().collect());
                std::iter::once(segments.to_vec()).chain(through).collect()
            }
        }
    }
}

pub(crate) fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn spelled(body: &TokenStream, path: &str) -> Vec<String> {
        let segments: Vec<_> = path.split("::").map(str::to_owned).collect();
        Aliases::of(body).spellings(&segments).iter().map(|path| path.join("::")).collect()
    }

    #[test]
    fn imports_are_followed() {
        let body = quote! {
            use std::fs::write as w;
            if x { use std::{fs as f, io::{self, Read}}; }
            select! { a = b => { use tokio::fs::*; } }
        };
        assert_eq!(spelled(&body, "w"), ["std::fs::write"]);
        assert_eq!(spelled(&body, "f::write"), ["std::fs::write"]);
        assert_eq!(spelled(&body, "io::stdout"), ["std::io::stdout"]);
        assert_eq!(spelled(&body, "File::create"), ["File::create", "tokio::fs::File::create"]);
    }

    #[test]
    fn core_and_alloc_are_std() {
        let body = quote! { use core::mem as m; };
        assert_eq!(spelled(&body, "m::forget"), ["std::mem::forget"]);
        assert_eq!(spelled(&body, "alloc::boxed::Box"), ["std::boxed::Box"]);
    }

    #[test]
    fn items_of_the_body_are_its_own() {
        let body = quote! { fn forget(user: u8) {} };
        assert_eq!(spelled(&body, "forget"), ["self::forget"]);
    }

    #[test]
    fn precise_capturing_is_no_import() {
        let body = quote! { fn f() -> impl Sized + use<'a> { g() } };
        assert_eq!(spelled(&body, "fs::write"), ["fs::write"]);
    }
}
