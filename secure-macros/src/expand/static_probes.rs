//! Questions to the compiler about the statics that a body may use, asked in the block that uses them.

use std::collections::HashSet;

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Arm, Attribute, Block, Expr, ExprCall, ExprRepeat, ExprStruct, FieldValue, GenericArgument, Item, ItemConst,
    ItemStatic, Lit, Local, Macro, Pat, Path, Stmt, StmtMacro, Type,
    parse::Parser,
    parse_quote,
    spanned::Spanned,
    visit::Visit,
    visit_mut::{self, VisitMut},
};

use crate::{
    args::AllowedStatic,
    model::body::{bare, macros},
    rules::static_use::{self, Question},
    span::respanned,
};

/// Puts the questions into the block. Those that `allowed` answers are not asked.
///
/// Gives whether there was any question.
pub(crate) fn insert(
    block: &mut Block,
    private: &TokenStream,
    bound: &HashSet<String>,
    allowed: &mut [AllowedStatic],
) -> bool {
    let hoists = !has_names_of_its_own(block);
    let mut probes = Probes { private, bound, allowed, frames: Vec::new(), cfgs: Vec::new(), hoists, asked: false };
    probes.visit_block_mut(block);
    probes.asked
}

struct Probes<'a> {
    private: &'a TokenStream,
    bound: &'a HashSet<String>,
    allowed: &'a mut [AllowedStatic],
    /// The questions of each block around.
    frames: Vec<Vec<(String, Stmt)>>,
    /// Conditions of compilation between the block that the questions go into and here.
    cfgs: Vec<Attribute>,
    /// Whether all questions go into the outermost block: no block has imports or modules of its own.
    hoists: bool,
    asked: bool,
}

impl Probes<'_> {
    fn ask(&mut self, path: &Path, sure: bool) {
        let Some(question) = static_use::question(path, self.bound, sure) else { return };
        self.asked = true;
        if let Some(allowed) = self.allowed.iter_mut().find(|allowed| is_same(&allowed.path, path)) {
            allowed.needed = true;
            return;
        }
        let cfgs = &self.cfgs;
        let key = quote!(#(#cfgs)* #path).to_string();
        let frame = if self.hoists { self.frames.first_mut() } else { self.frames.last_mut() };
        let Some(frame) = frame else { return };
        if !frame.iter().any(|(known, _)| *known == key) {
            let probe = match question {
                Question::IsMutable => is_mutable(path, cfgs, self.private),
                Question::IsStatic => is_static(path, cfgs, self.private),
            };
            frame.push((key, probe));
        }
    }

    fn under_cfgs(&mut self, attributes: &[Attribute], visit: impl FnOnce(&mut Self)) {
        let outside = self.cfgs.len();
        self.cfgs.extend(attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned());
        visit(self);
        self.cfgs.truncate(outside);
    }

    fn captured(&mut self, text: &syn::LitStr, inside: &HashSet<String>, sure: bool) {
        for name in macros::captures(&text.value()) {
            if !inside.contains(&name) {
                self.ask(&Ident::new(&name, text.span()).into(), sure);
            }
        }
    }
}

/// Whether a name may mean something else in one block than in another.
fn has_names_of_its_own(block: &Block) -> bool {
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_item_use(&mut self, _: &'ast syn::ItemUse) {
            self.0 = true;
        }
        fn visit_item_mod(&mut self, _: &'ast syn::ItemMod) {
            self.0 = true;
        }
        fn visit_item_macro(&mut self, _: &'ast syn::ItemMacro) {
            self.0 = true;
        }
    }
    let mut find = Find(false);
    find.visit_block(block);
    find.0
}

/// The names that are imported within a macro's arguments.
fn imported(arguments: &[Expr]) -> HashSet<String> {
    struct Imports(HashSet<String>);
    impl<'ast> Visit<'ast> for Imports {
        fn visit_use_name(&mut self, name: &'ast syn::UseName) {
            self.0.insert(bare(&name.ident));
        }
        fn visit_use_rename(&mut self, name: &'ast syn::UseRename) {
            self.0.insert(bare(&name.rename));
        }
    }
    let mut imports = Imports(HashSet::new());
    for argument in arguments {
        imports.visit_expr(argument);
    }
    imports.0
}

/// Whether two paths may mean the same: one is the end of the other.
fn is_same(allowed: &Path, used: &Path) -> bool {
    let names = |path: &Path| path.segments.iter().map(|segment| bare(&segment.ident)).rev().collect::<Vec<_>>();
    names(allowed).iter().zip(&names(used)).all(|(a, b)| a == b || ["crate", "self", "super"].contains(&a.as_str()))
}

/// Has the compiler read through the path while it evaluates a constant: it refuses for what can be written to. The closure is
/// never called: what its types tell comes with better words.
fn is_mutable(path: &Path, cfgs: &[Attribute], private: &TokenStream) -> Stmt {
    // Errors show where the user has written the path.
    let span = Span::mixed_site().located_at(path.span());
    let tokens = respanned(
        quote! {
            #[allow(deprecated)]
            const _: () = {
                let _ = || {
                    use #private::{AsData as _, AsHolder as _, AsPlain as _, AsShared as _};
                    #private::outlives_nothing((&&&&#private::Asked(&__PATH__)).__answer());
                };
                const HELD: &'static dyn #private::Held = &__PATH__;
                #private::SH001_a_static_outlives_this_invocation(HELD)
            };
        },
        span,
    );
    let tokens = with_path(tokens, path);
    parse_quote!(#(#cfgs)* #tokens)
}

/// The path itself keeps its own spans: names are resolved by them.
fn with_path(tokens: TokenStream, path: &Path) -> TokenStream {
    let mut all = TokenStream::new();
    for token in tokens {
        match token {
            TokenTree::Ident(word) if word == "__PATH__" => path.to_tokens(&mut all),
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), with_path(group.stream(), path));
                inner.set_span(group.span());
                all.extend([TokenTree::Group(inner)]);
            }
            other => all.extend([other]),
        }
    }
    all
}

/// Has the compiler use the name in a pattern: it refuses for a static, and for nothing else.
fn is_static(path: &Path, cfgs: &[Attribute], private: &TokenStream) -> Stmt {
    let span = Span::mixed_site().located_at(path.span());
    let ask = respanned(quote!(#private::SH001_a_static_outlives_this_invocation!), span);
    parse_quote!(#(#cfgs)* #ask { #path })
}

/// What the function-like macro is: a pattern with the name, in code that never runs.
pub(crate) fn pattern(tokens: &TokenStream) -> TokenStream {
    let path = match syn::parse2::<Path>(tokens.clone()) {
        Ok(path) => path,
        Err(error) => return error.into_compile_error(),
    };
    let Some(last) = path.segments.last().map(|last| &last.ident) else { return TokenStream::new() };
    // The name is looked up where the user has written it, and the error says which macro has asked.
    let span = Span::call_site().located_at(last.span());
    let is_name = path.get_ident().is_some();
    let mut name = if is_name { last.clone() } else { Ident::new("held", span) };
    name.set_span(span);
    let import = (!is_name).then(|| quote!(use #path as #name;));
    quote! {
        #[allow(deprecated, unreachable_code, unreachable_patterns, unused_imports, unused_variables)]
        const _: () = if false {
            #import
            if let #name = ::core::unreachable!() {}
        };
    }
}

impl VisitMut for Probes<'_> {
    fn visit_block_mut(&mut self, block: &mut Block) {
        let cfgs = if self.hoists { self.cfgs.clone() } else { std::mem::take(&mut self.cfgs) };
        self.frames.push(Vec::new());
        visit_mut::visit_block_mut(self, block);
        let probes = self.frames.pop().unwrap_or_default();
        block.stmts.splice(0..0, probes.into_iter().map(|(_, probe)| probe));
        self.cfgs = cfgs;
    }

    fn visit_stmt_mut(&mut self, statement: &mut Stmt) {
        let attributes = match statement {
            Stmt::Local(Local { attrs, .. }) | Stmt::Macro(StmtMacro { attrs, .. }) => attrs.clone(),
            Stmt::Item(Item::Fn(item)) => item.attrs.clone(),
            Stmt::Item(Item::Impl(item)) => item.attrs.clone(),
            Stmt::Item(_) => Vec::new(),
            Stmt::Expr(expression, _) => attributes_of(expression),
        };
        self.under_cfgs(&attributes, |this| visit_mut::visit_stmt_mut(this, statement));
    }

    fn visit_arm_mut(&mut self, arm: &mut Arm) {
        let attributes = arm.attrs.clone();
        self.under_cfgs(&attributes, |this| visit_mut::visit_arm_mut(this, arm));
    }

    fn visit_field_value_mut(&mut self, field: &mut FieldValue) {
        let attributes = field.attrs.clone();
        self.under_cfgs(&attributes, |this| this.visit_expr_mut(&mut field.expr));
    }

    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        match expression {
            Expr::Path(path) if path.qself.is_none() => self.ask(&path.path, true),
            _ => visit_mut::visit_expr_mut(self, expression),
        }
    }

    // What is called is a function, or a variant.
    fn visit_expr_call_mut(&mut self, call: &mut ExprCall) {
        if !matches!(*call.func, Expr::Path(_)) {
            self.visit_expr_mut(&mut call.func);
        }
        call.args.iter_mut().for_each(|argument| self.visit_expr_mut(argument));
    }

    fn visit_expr_struct_mut(&mut self, made: &mut ExprStruct) {
        made.fields.iter_mut().for_each(|field| self.visit_field_value_mut(field));
        if let Some(rest) = &mut made.rest {
            self.visit_expr_mut(rest);
        }
    }

    fn visit_macro_mut(&mut self, call: &mut Macro) {
        let arguments = macros::arguments(&call.tokens);
        let sure = arguments.plain || macros::is_known(call);
        let imported = imported(&arguments.expressions);
        for mut argument in arguments.expressions {
            if let Expr::Lit(literal) = &argument
                && let Lit::Str(text) = &literal.lit
            {
                self.captured(text, &arguments.bound, macros::is_known(call));
            }
            let mut inside = MacroArgument { probes: self, sure, bound: &arguments.bound, imported: &imported };
            inside.visit_expr_mut(&mut argument);
        }
        for word in &arguments.words {
            if !word.get_ident().is_some_and(|name| arguments.bound.contains(&bare(name))) {
                self.ask(word, false);
            }
        }
    }

    // A constant may hold a reference to a static; lengths, patterns and types can't.
    fn visit_expr_repeat_mut(&mut self, array: &mut ExprRepeat) {
        self.visit_expr_mut(&mut array.expr);
    }
    fn visit_item_const_mut(&mut self, item: &mut ItemConst) {
        self.visit_expr_mut(&mut item.expr);
    }
    fn visit_item_static_mut(&mut self, _: &mut ItemStatic) {}
    fn visit_pat_mut(&mut self, pattern: &mut Pat) {
        if let Pat::Guard(guarded) = pattern {
            self.visit_expr_mut(&mut guarded.guard);
        }
    }
    fn visit_type_mut(&mut self, _: &mut Type) {}
    fn visit_generic_argument_mut(&mut self, _: &mut GenericArgument) {}
    fn visit_attribute_mut(&mut self, _: &mut Attribute) {}
}

/// A copy of what a macro was given: questions about it go into the block around the macro.
struct MacroArgument<'p, 'a> {
    probes: &'p mut Probes<'a>,
    sure: bool,
    bound: &'p HashSet<String>,
    /// Names that the argument imports itself, and that the block around the macro may not have.
    imported: &'p HashSet<String>,
}

impl VisitMut for MacroArgument<'_, '_> {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        match expression {
            Expr::Path(path) if path.qself.is_none() => {
                if !path.path.get_ident().is_some_and(|name| self.bound.contains(&bare(name))) {
                    let first = path.path.segments.first().map(|first| bare(&first.ident));
                    let is_imported = first.is_some_and(|first| self.imported.contains(&first));
                    self.probes.ask(&path.path, self.sure && !is_imported);
                }
            }
            _ => visit_mut::visit_expr_mut(self, expression),
        }
    }

    fn visit_expr_call_mut(&mut self, call: &mut ExprCall) {
        if !matches!(*call.func, Expr::Path(_)) {
            self.visit_expr_mut(&mut call.func);
        }
        call.args.iter_mut().for_each(|argument| self.visit_expr_mut(argument));
    }

    fn visit_expr_struct_mut(&mut self, made: &mut ExprStruct) {
        made.fields.iter_mut().for_each(|field| self.visit_expr_mut(&mut field.expr));
    }

    fn visit_macro_mut(&mut self, call: &mut Macro) {
        self.probes.visit_macro_mut(call);
    }

    fn visit_expr_repeat_mut(&mut self, array: &mut ExprRepeat) {
        self.visit_expr_mut(&mut array.expr);
    }
    fn visit_item_const_mut(&mut self, item: &mut ItemConst) {
        self.visit_expr_mut(&mut item.expr);
    }
    fn visit_item_static_mut(&mut self, _: &mut ItemStatic) {}
    fn visit_pat_mut(&mut self, pattern: &mut Pat) {
        if let Pat::Guard(guarded) = pattern {
            self.visit_expr_mut(&mut guarded.guard);
        }
    }
    fn visit_type_mut(&mut self, _: &mut Type) {}
    fn visit_generic_argument_mut(&mut self, _: &mut GenericArgument) {}
    fn visit_attribute_mut(&mut self, _: &mut Attribute) {}
}

/// An expression's attributes: syn keeps them in each kind on its own.
fn attributes_of(expression: &Expr) -> Vec<Attribute> {
    let tokens: Vec<TokenTree> = expression.to_token_stream().into_iter().take(2).collect();
    match tokens.as_slice() {
        [TokenTree::Punct(hash), TokenTree::Group(_)] if hash.as_char() == '#' => {}
        _ => return Vec::new(),
    }
    let parser = |input: syn::parse::ParseStream<'_>| {
        let attributes = input.call(Attribute::parse_outer)?;
        input.parse::<TokenStream>()?;
        Ok(attributes)
    };
    parser.parse2(expression.to_token_stream()).unwrap_or_default()
}
