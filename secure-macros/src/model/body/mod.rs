//! A function's body as the rules see it: what is mentioned in it, in macros' arguments as well.

mod aliases;
pub(crate) mod macros;
mod mentions;

use std::collections::HashSet;

use quote::ToTokens;
use syn::{
    Block, Expr, GenericParam, Ident, Item, ItemConst, Lit, Local, Pat, Signature,
    visit::{self, Visit},
    visit_mut::{self, VisitMut},
};

use self::aliases::Aliases;
pub(crate) use self::aliases::is_punct;
pub(crate) use self::mentions::{Called, Mention, PathUse, Text, after_generics, first_text, text_of};
use super::secret_let::is_secret;
use crate::span::ungrouped;

/// A body, and what it mentions.
pub(crate) struct Body<'a> {
    pub(crate) block: &'a Block,
    /// Everything that is mentioned.
    pub(crate) mentions: Vec<Mention>,
    /// What is mentioned outside of the initialisers of `#[secret] let`s.
    pub(crate) in_the_open: Vec<Mention>,
    /// Every name that the signature or the body binds, wherever.
    pub(crate) bound: HashSet<String>,
    /// The names that a `let` or a `const` binds to a literal.
    pub(crate) literals: Vec<(String, Lit)>,
}

impl<'a> Body<'a> {
    pub(crate) fn new(sig: &'a Signature, block: &'a Block) -> Self {
        let tokens = ungrouped(block.to_token_stream());
        let aliases = Aliases::of(&tokens);
        let mut open = block.clone();
        WithoutSecrets.visit_block_mut(&mut open);
        Self {
            block,
            mentions: mentions::of(tokens, &aliases),
            in_the_open: mentions::of(ungrouped(open.to_token_stream()), &aliases),
            bound: bound(sig, block),
            literals: Literals::of(block),
        }
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = &PathUse> {
        self.mentions.iter().filter_map(|mention| match mention {
            Mention::Path(path) => Some(path),
            _ => None,
        })
    }

    pub(crate) fn texts(&self) -> impl Iterator<Item = &Text> {
        self.mentions.iter().filter_map(|mention| match mention {
            Mention::Text(text) => Some(text),
            _ => None,
        })
    }

    pub(crate) fn words(&self) -> impl Iterator<Item = &Ident> {
        self.mentions.iter().filter_map(|mention| match mention {
            Mention::Word(word) => Some(word),
            _ => None,
        })
    }
}

/// Takes the initialisers of `#[secret] let`s out.
struct WithoutSecrets;

impl VisitMut for WithoutSecrets {
    fn visit_local_mut(&mut self, local: &mut Local) {
        if local.attrs.iter().any(is_secret) {
            local.init = None;
        }
        visit_mut::visit_local_mut(self, local);
    }
}

/// The literals that constants and variables hold.
#[derive(Default)]
struct Literals(Vec<(String, Lit)>);

impl Literals {
    fn of(block: &Block) -> Vec<(String, Lit)> {
        let mut literals = Self::default();
        literals.visit_block(block);
        literals.0
    }

    fn bind(&mut self, name: &Ident, value: &Expr) {
        if let Expr::Lit(literal) = value {
            self.0.push((bare(name), literal.lit.clone()));
        }
    }
}

impl<'ast> Visit<'ast> for Literals {
    fn visit_item_const(&mut self, item: &'ast ItemConst) {
        self.bind(&item.ident, &item.expr);
        visit::visit_item_const(self, item);
    }

    fn visit_local(&mut self, local: &'ast Local) {
        let pattern = match &local.pat {
            Pat::Type(typed) => &typed.pat,
            pattern => pattern,
        };
        if let (Pat::Ident(name), Some(init)) = (pattern, &local.init) {
            self.bind(&name.ident, &init.expr);
        }
        visit::visit_local(self, local);
    }
}

fn bound(sig: &Signature, block: &Block) -> HashSet<String> {
    let mut names = Names::default();
    names.visit_signature(sig);
    names.visit_block(block);
    names.0
}

/// The names that patterns, generics and items of a piece of syntax bind.
#[derive(Default)]
pub(crate) struct Names(pub(crate) HashSet<String>);

impl Names {
    pub(crate) fn add(&mut self, name: &Ident) {
        self.0.insert(bare(name));
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_pat(&mut self, pattern: &'ast Pat) {
        if let Pat::Ident(binding) = pattern {
            self.add(&binding.ident);
        }
        visit::visit_pat(self, pattern);
    }

    fn visit_generic_param(&mut self, param: &'ast GenericParam) {
        match param {
            GenericParam::Type(param) => self.add(&param.ident),
            GenericParam::Const(param) => self.add(&param.ident),
            GenericParam::Lifetime(_) => {}
        }
        visit::visit_generic_param(self, param);
    }

    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Fn(item) => self.add(&item.sig.ident),
            Item::Const(item) => self.add(&item.ident),
            Item::Static(item) => self.add(&item.ident),
            Item::Struct(item) => self.add(&item.ident),
            Item::Enum(item) => self.add(&item.ident),
            Item::Mod(item) => self.add(&item.ident),
            _ => {}
        }
        visit::visit_item(self, item);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let arguments = macros::arguments(&call.tokens);
        self.0.extend(arguments.bound);
        for argument in &arguments.expressions {
            // The syntax lives no longer than this call, and the names are copied.
            let mut inner = Names::default();
            inner.visit_expr(argument);
            self.0.extend(inner.0);
        }
    }
}

/// A name without `r#`.
pub(crate) fn bare(name: &Ident) -> String {
    name.to_string().trim_start_matches("r#").to_owned()
}
