//! An error's text in an answer.
//!
//! ## What it does
//! Rejects the text of an error (`e.to_string()`, `format!("{e}")`, `{:?}`) where it is neither part of an error nor of a log
//! line. An error is what an `Err(e)` pattern, a closure of `unwrap_or_else`, `or_else` and the like, `if let Some(e) = result.err()`
//! or `unwrap_err` binds. Inside `Err(..)`, `map_err`, `bail!`, `audit!` and the macros of `tracing` its text is fine, also by way of a variable.
//!
//! ## Why is this bad
//! What an answer quotes of an error, the caller reads: connection strings, file names, other people's data. Mapping errors
//! can't help where the error has become a success.
//!
//! ## Example
//! ```rust,compile_fail
//! use secure_runtime::prelude::*;
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<()>) -> Result<String, Error> {
//!     Ok(match "7x".parse::<u8>() {
//!         Ok(number) => number.to_string(),
//!         Err(e) => format!("something went wrong: {e}"),
//!     })
//! }
//! ```
//!
//! ## Use instead
//! ```rust
//! use secure_runtime::prelude::*;
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<()>) -> Result<String, Error> {
//!     let number = "7x".parse::<u8>()?;
//!     Ok(number.to_string())
//! }
//! ```
//!
//! ## Known limits
//! An error that a function is given, that is kept in a structure, or that `result.err()` gives to an iterator or a closure is
//! not followed, nor is a text that is put together in several steps, or that `map_err` has made the error itself. Looking into a text (`e.to_string().contains("..")`) is fine.

use std::collections::{HashMap, HashSet};

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{
    Arm, Block, Expr, ExprCall, ExprClosure, ExprIf, ExprMacro, ExprMatch, ExprMethodCall, ExprPath, ExprWhile, Local,
    Macro, Pat, StmtMacro,
    visit::{self, Visit},
};

use super::Rule;
use crate::{
    diag::Diagnostics,
    model::body::{Body, Names, bare, macros},
};

pub(crate) const RULE: Rule = Rule { id: "SH021", name: "error_text", cwe: 209 };

/// Methods whose closure's only argument is an error.
const ON_ERROR: &[&str] = &["unwrap_or_else", "or_else", "map_or_else", "inspect_err", "map_err"];

/// Calls and methods whose arguments become part of an error.
const INTO_ERRORS: &[&str] = &[
    "Err",
    "map_err",
    "context",
    "with_context",
    "wrap_err",
    "wrap_err_with",
    "ok_or",
    "ok_or_else",
    "expect",
    "inspect_err",
    // of a tracing span
    "record",
];

/// Macros whose arguments become an error or a log line. SH015 has its own words for those that print.
const INTO_ERRORS_OR_LOGS: &[&str] = &[
    "dbg",
    "eprint",
    "eprintln",
    "print",
    "println",
    "anyhow",
    "audit",
    "bail",
    "debug",
    "ensure",
    "error",
    "event",
    "eyre",
    "info",
    "log",
    "panic",
    "span",
    "todo",
    "trace",
    "unreachable",
    "unimplemented",
    "warn",
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "error_span",
    "info_span",
    "debug_span",
    "trace_span",
    "warn_span",
];

const FORMATS: &[&str] = &["format", "format_args", "write", "writeln"];

/// Methods that only look into a text.
const LOOKS: &[&str] = &["contains", "starts_with", "ends_with", "is_empty", "len", "eq", "eq_ignore_ascii_case", "ne"];

pub(crate) fn check(body: &Body<'_>, diagnostics: &mut Diagnostics) {
    let mut texts = Texts::default();
    texts.visit_block(body.block);
    for Found { text: (at, name), closure_of } in texts.found {
        let returned = match closure_of {
            Some(method) => format!("`?` instead of `.{method}(..)`"),
            None => format!("`return Err({name}.into());`"),
        };
        diagnostics.rule(
            &RULE,
            at,
            &format!("the text of the error `{name}` gets into what is no error"),
            &format!(
                "write {returned}; or log it, `tracing::error!(error = %{name});`, and answer with a sentence of your own"
            ),
        );
    }
}

/// A text that gets into what is no error.
struct Found {
    text: (TokenStream, String),
    /// The method whose closure is given the error, when it is none of a pattern's.
    closure_of: Option<String>,
}

#[derive(Default)]
struct Texts {
    /// Names that are bound to errors here.
    errors: HashSet<String>,
    /// Variables that hold an error's text, and where they got it from.
    variables: HashMap<String, (TokenStream, String)>,
    /// Whether what is being visited becomes part of an error or a log line.
    fine: bool,
    /// The method whose closure is being visited.
    closure_of: Option<String>,
    found: Vec<Found>,
}

impl Texts {
    fn with_errors(&mut self, names: HashSet<String>, visit: impl FnOnce(&mut Self)) {
        let outside = self.errors.clone();
        self.errors.extend(names);
        visit(self);
        self.errors = outside;
    }

    fn finely(&mut self, visit: impl FnOnce(&mut Self)) {
        let outside = std::mem::replace(&mut self.fine, true);
        visit(self);
        self.fine = outside;
    }

    /// The error whose text an expression is, and the tokens that make it.
    fn text(&self, expression: &Expr) -> Option<(TokenStream, String)> {
        match expression {
            Expr::MethodCall(call) if call.method == "to_string" && call.args.is_empty() => {
                self.error(&call.receiver).map(|name| (expression.to_token_stream(), name))
            }
            // `format!(..).into()`, `e.to_string().as_str()`, and what else is made of a text
            Expr::MethodCall(call) if !LOOKS.iter().any(|look| call.method == look) => self.text(&call.receiver),
            // `ToString::to_string(&e)`
            Expr::Call(call) if call.args.len() == 1 && is_named(&call.func, &["to_string"]) => {
                self.error(&call.args[0]).map(|name| (expression.to_token_stream(), name))
            }
            Expr::Call(call) if is_wrapper(&call.func) && !makes_an_error(&call.func) => {
                call.args.iter().find_map(|argument| self.text(argument))
            }
            Expr::Macro(call) => self.formatted(&call.mac),
            // A variable that holds one, whatever it is called from now on.
            Expr::Path(path) => path.path.get_ident().and_then(|name| self.variables.get(&bare(name))).cloned(),
            Expr::Reference(inner) => self.text(&inner.expr),
            Expr::Paren(inner) => self.text(&inner.expr),
            Expr::Group(inner) => self.text(&inner.expr),
            _ => None,
        }
    }

    /// The name of the error that an expression is.
    fn error(&self, expression: &Expr) -> Option<String> {
        match expression {
            Expr::Path(path) => path.path.get_ident().map(bare).filter(|name| self.errors.contains(name)),
            Expr::Reference(inner) => self.error(&inner.expr),
            Expr::Paren(inner) => self.error(&inner.expr),
            Expr::Unary(inner) => self.error(&inner.expr),
            // `e.source()`, `e.root_cause()`, `e.as_ref()`: what an error gives is its own
            Expr::MethodCall(call)
                if ["as_ref", "root_cause", "into_inner", "to_owned", "clone"].iter().any(|it| call.method == it) =>
            {
                self.error(&call.receiver)
            }
            _ => None,
        }
    }

    /// The error's text that a formatting macro prints: the macro itself, or the tokens that made the text before.
    fn formatted(&self, call: &Macro) -> Option<(TokenStream, String)> {
        if !is_one_of(call, FORMATS) {
            return None;
        }
        let here = |name: String| (call.to_token_stream(), name);
        let arguments = macros::arguments(&call.tokens);
        arguments.expressions.iter().find_map(|argument| match argument {
            Expr::Lit(literal) => match &literal.lit {
                syn::Lit::Str(text) => macros::captures(&text.value()).into_iter().find_map(|name| {
                    if self.errors.contains(&name) { Some(here(name)) } else { self.variables.get(&name).cloned() }
                }),
                _ => None,
            },
            Expr::Path(_) => self.error(argument).map(here).or_else(|| self.text(argument)),
            other => self.error(other).or_else(|| self.text(other).map(|(_, name)| name)).map(here),
        })
    }

    fn report(&mut self, text: (TokenStream, String)) {
        let seen = |found: &Found| {
            let (at, _) = &found.text;
            at.to_string() == text.0.to_string() && same_place(at, &text.0)
        };
        if !self.fine && !self.found.iter().any(seen) {
            self.found.push(Found { text, closure_of: self.closure_of.clone() });
        }
    }

    /// Takes a macro's arguments one by one.
    fn visit_arguments(&mut self, call: &Macro) {
        for argument in macros::arguments(&call.tokens).expressions {
            if let Expr::Lit(literal) = &argument
                && let syn::Lit::Str(text) = &literal.lit
            {
                for name in macros::captures(&text.value()) {
                    if let Some(found) = self.variables.get(&name).cloned() {
                        self.report(found);
                    }
                }
            }
            self.visit_expr(&argument);
        }
    }

    fn visit_any_macro(&mut self, call: &Macro) {
        if is_one_of(call, INTO_ERRORS_OR_LOGS) {
            self.finely(|this| this.visit_arguments(call));
        } else if let Some(found) = self.formatted(call) {
            self.report(found);
        } else {
            self.visit_arguments(call);
        }
    }
}

/// Whether two pieces of tokens are the same piece.
fn same_place(a: &TokenStream, b: &TokenStream) -> bool {
    let start = |tokens: &TokenStream| tokens.clone().into_iter().next().map(|token| format!("{:?}", token.span()));
    start(a) == start(b)
}

fn is_one_of(call: &Macro, names: &[&str]) -> bool {
    call.path.segments.last().is_some_and(|last| names.iter().any(|name| last.ident == name))
}

/// `Err(..)`, `Error::from(..)`, `io::Error::other(..)`, `LoginError::Refused(..)`
fn makes_an_error(function: &Expr) -> bool {
    let Expr::Path(path) = function else { return false };
    let mut segments = path.path.segments.iter().rev().map(|segment| bare(&segment.ident));
    let (last, owner) = (segments.next(), segments.next());
    last.is_some_and(|last| INTO_ERRORS.contains(&&*last) || last.ends_with("Error"))
        || owner.is_some_and(|owner| owner.ends_with("Error"))
}

/// `Reply { .. }`, `Reply::refused(..)`, `json!({ .. })`: what puts values together and does nothing else with them.
fn makes_a_value(expression: &Expr) -> bool {
    match expression {
        Expr::Struct(_) | Expr::Tuple(_) | Expr::Array(_) => true,
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => {
                path.path.segments.iter().any(|segment| bare(&segment.ident).starts_with(char::is_uppercase))
            }
            _ => false,
        },
        Expr::Macro(call) => is_one_of(&call.mac, &["json", "vec"]),
        Expr::Group(inner) => makes_a_value(&inner.expr),
        Expr::Paren(inner) => makes_a_value(&inner.expr),
        _ => false,
    }
}

/// `Some(..)`, `String::from(..)`, `Box::new(..)`
fn is_wrapper(function: &Expr) -> bool {
    is_named(function, &["Some", "from", "new", "Owned"])
}

fn is_named(function: &Expr, names: &[&str]) -> bool {
    let Expr::Path(path) = function else { return false };
    path.path.segments.last().is_some_and(|last| names.iter().any(|name| last.ident == name))
}

/// The names that `Err(..)` binds in a pattern.
fn errors_of(pattern: &Pat) -> HashSet<String> {
    struct Errors(HashSet<String>);
    impl<'ast> Visit<'ast> for Errors {
        fn visit_pat_tuple_struct(&mut self, pattern: &'ast syn::PatTupleStruct) {
            if pattern.path.segments.last().is_some_and(|last| last.ident == "Err") {
                let mut names = Names::default();
                pattern.elems.iter().for_each(|element| names.visit_pat(element));
                self.0.extend(names.0);
            } else {
                visit::visit_pat_tuple_struct(self, pattern);
            }
        }
    }
    let mut errors = Errors(HashSet::new());
    errors.visit_pat(pattern);
    errors.0
}

/// `result.unwrap_err()`, `result.expect_err("..")`
fn takes_error(expression: &Expr) -> bool {
    is_method(expression, &["unwrap_err", "expect_err"])
}

fn is_method(expression: &Expr, names: &[&str]) -> bool {
    matches!(expression, Expr::MethodCall(call) if names.iter().any(|name| call.method == name))
}

/// The names that `if let` and `let` chains bind to errors.
fn errors_of_condition(condition: &Expr) -> HashSet<String> {
    match condition {
        // `if let Some(e) = result.err()`
        Expr::Let(binding) if is_method(&binding.expr, &["err"]) => {
            let mut names = Names::default();
            names.visit_pat(&binding.pat);
            names.0
        }
        Expr::Let(binding) => errors_of(&binding.pat),
        Expr::Binary(both) => {
            errors_of_condition(&both.left).into_iter().chain(errors_of_condition(&both.right)).collect()
        }
        Expr::Paren(inner) => errors_of_condition(&inner.expr),
        _ => HashSet::new(),
    }
}

impl<'ast> Visit<'ast> for Texts {
    fn visit_block(&mut self, block: &'ast Block) {
        // What a `let Err(e) = .. else` binds lives to the end of the block.
        self.with_errors(HashSet::new(), |this| visit::visit_block(this, block));
    }

    fn visit_local(&mut self, local: &'ast Local) {
        if let Some(init) = &local.init {
            // A variable that holds the text is followed; the text alone does no harm.
            if let Pat::Ident(name) = unwrapped(&local.pat) {
                let before = self.found.len();
                let found = self.text(&init.expr).or_else(|| {
                    self.visit_expr(&init.expr);
                    // What is made of the text may be an error; that, too, does no harm alone.
                    if makes_a_value(&init.expr) {
                        self.found.drain(before..).next().map(|found| found.text)
                    } else {
                        None
                    }
                });
                if let Some(found) = found {
                    self.variables.insert(bare(&name.ident), found);
                }
            } else {
                self.visit_expr(&init.expr);
            }
            if let Some((_, otherwise)) = &init.diverge {
                self.visit_expr(otherwise);
            }
        }
        // A new variable is no longer the old error, unless it is made of one.
        let error = local.init.as_ref().is_some_and(|init| {
            // What a `PoisonError` or a `SendError` holds is no error.
            let same = !is_method(&init.expr, &["into_inner"]) && self.error(&init.expr).is_some();
            same || takes_error(&init.expr)
        });
        let mut names = Names::default();
        names.visit_pat(&local.pat);
        if error {
            self.errors.extend(names.0);
        } else {
            for name in &names.0 {
                self.errors.remove(name);
            }
        }
        self.errors.extend(errors_of(&local.pat));
    }

    fn visit_arm(&mut self, arm: &'ast Arm) {
        self.with_errors(errors_of(&arm.pat), |this| visit::visit_arm(this, arm));
    }

    fn visit_expr_if(&mut self, branch: &'ast ExprIf) {
        self.visit_expr(&branch.cond);
        self.with_errors(errors_of_condition(&branch.cond), |this| this.visit_block(&branch.then_branch));
        if let Some((_, otherwise)) = &branch.else_branch {
            self.visit_expr(otherwise);
        }
    }

    fn visit_expr_while(&mut self, repeated: &'ast ExprWhile) {
        self.visit_expr(&repeated.cond);
        self.with_errors(errors_of_condition(&repeated.cond), |this| this.visit_block(&repeated.body));
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if let Some(found) = self.text(&Expr::MethodCall(call.clone())) {
            self.report(found);
            return;
        }
        let name = bare(&call.method);
        if LOOKS.contains(&&*name) {
            self.finely(|this| this.visit_expr(&call.receiver));
        } else {
            self.visit_expr(&call.receiver);
        }
        let arguments = |this: &mut Self| {
            for (index, argument) in call.args.iter().enumerate() {
                match argument {
                    // `map_or_else` has its error first.
                    Expr::Closure(closure) if ON_ERROR.contains(&&*name) && index == 0 => {
                        this.visit_handler(closure, &name);
                    }
                    other => this.visit_expr(other),
                }
            }
        };
        if INTO_ERRORS.contains(&&*name) {
            self.finely(arguments);
        } else {
            arguments(self);
        }
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if is_named(&call.func, &["to_string"])
            && let Some(found) = self.text(&Expr::Call(call.clone()))
        {
            self.report(found);
            return;
        }
        if makes_an_error(&call.func) {
            self.finely(|this| visit::visit_expr_call(this, call));
        } else {
            visit::visit_expr_call(self, call);
        }
    }

    fn visit_expr_binary(&mut self, operation: &'ast syn::ExprBinary) {
        // A comparison looks into a text.
        if matches!(operation.op, syn::BinOp::Eq(_) | syn::BinOp::Ne(_)) {
            self.finely(|this| visit::visit_expr_binary(this, operation));
        } else {
            visit::visit_expr_binary(self, operation);
        }
    }

    fn visit_expr_path(&mut self, path: &'ast ExprPath) {
        if let Some(name) = path.path.get_ident()
            && let Some(found) = self.variables.get(&bare(name)).cloned()
        {
            self.report(found);
        }
    }

    fn visit_expr_macro(&mut self, call: &'ast ExprMacro) {
        self.visit_any_macro(&call.mac);
    }

    fn visit_stmt_macro(&mut self, call: &'ast StmtMacro) {
        self.visit_any_macro(&call.mac);
    }

    // What a text is matched against looks into it.
    fn visit_expr_match(&mut self, matched: &'ast ExprMatch) {
        self.finely(|this| this.visit_expr(&matched.expr));
        matched.arms.iter().for_each(|arm| self.visit_arm(arm));
    }
}

impl Texts {
    /// A closure that is called with an error.
    fn visit_handler(&mut self, closure: &ExprClosure, method: &str) {
        let mut names = Names::default();
        closure.inputs.iter().for_each(|input| names.visit_pat(input));
        let outside = self.closure_of.replace(method.to_owned());
        self.with_errors(names.0, |this| this.visit_expr(&closure.body));
        self.closure_of = outside;
    }
}

fn unwrapped(pattern: &Pat) -> &Pat {
    match pattern {
        Pat::Type(typed) => &typed.pat,
        other => other,
    }
}
