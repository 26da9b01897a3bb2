//! A closure of `expose` that puts the secret somewhere else.
//!
//! ## What it does
//! Rejects `.borrow_mut()`, `.lock()`, `.set(..)`, `.push(..)`, `.send(..)`, `.store(..)`, `.replace(..)` and the like on
//! what comes from outside, in a closure that is given to `expose`, `expose_async` or `expose_blocking`.
//!
//! ## Why is this bad
//! Types make sure that the closure gives back no more than a verdict. A cell, a lock or a channel that it captures takes the
//! secret all the same, and keeps it.
//!
//! ## Example
//! ```rust,compile_fail
//! use std::cell::RefCell;
//! use secure_runtime::prelude::*;
//!
//! #[secure_event]
//! struct Login<'inv> {
//!     password: Secret<'inv, String>,
//! }
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<Login<'_>>) -> Result<(), Error> {
//!     let seen = RefCell::new(String::new());
//!     event.payload.password.expose(|password| seen.borrow_mut().push_str(password));
//!     Ok(())
//! }
//! ```
//!
//! ## Use instead
//! ```rust
//! use secure_runtime::prelude::*;
//!
//! #[secure_event]
//! struct Login<'inv> {
//!     password: Secret<'inv, String>,
//! }
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<Login<'_>>) -> Result<bool, Error> {
//!     let trimmed = event.payload.password.map(|password| password.trim().to_owned());
//!     Ok(trimmed.expose(|password| password.len() >= 12))
//! }
//! ```
//!
//! ## Known limits
//! A function that is given instead of a closure isn't looked into, nor are functions that the closure calls. Methods of
//! one's own with other names that keep their argument aren't known.

use std::collections::{HashMap, HashSet};

use syn::{
    Expr, ExprClosure, ExprMethodCall, Local, Macro, Pat,
    visit::{self, Visit},
};

use super::Rule;
use crate::{
    diag::Diagnostics,
    model::body::{Body, Names, bare, macros},
};

pub(crate) const RULE: Rule = Rule { id: "SH019", name: "filled_by_expose", cwe: 200 };

/// Methods that write through a shared reference, and how many arguments they have (`str::replace` has two).
const WRITERS: &[(&str, usize)] = &[
    ("borrow_mut", 0),
    ("try_borrow_mut", 0),
    ("lock", 0),
    ("try_lock", 0),
    ("blocking_lock", 0),
    ("write", 0),
    ("try_write", 0),
    ("set", 1),
    ("push", 1),
    ("push_str", 1),
    ("push_back", 1),
    ("push_front", 1),
    ("write_all", 1),
    ("update", 1),
    ("extend", 1),
    ("extend_from_slice", 1),
    ("insert", 1),
    ("insert", 2),
    ("get_or_init", 1),
    ("get_or_insert_with", 1),
    ("send", 1),
    ("try_send", 1),
    ("blocking_send", 1),
    ("send_replace", 1),
    ("send_modify", 1),
    ("send_if_modified", 1),
    ("send_timeout", 2),
    ("store", 1),
    ("store", 2),
    ("fetch_add", 2),
    ("fetch_or", 2),
    ("fetch_xor", 2),
    ("fetch_sub", 2),
    ("fetch_and", 2),
    ("fetch_nand", 2),
    ("fetch_max", 2),
    ("fetch_min", 2),
    ("fetch_update", 3),
    ("compare_exchange", 4),
    ("compare_exchange_weak", 4),
    ("swap", 1),
    ("swap", 2),
    ("replace", 1),
    ("replace_with", 1),
];

pub(crate) fn check(body: &Body<'_>, diagnostics: &mut Diagnostics) {
    let mut closures = Closures::default();
    closures.visit_block(body.block);
    Exposures { closures: &closures.0, diagnostics }.visit_block(body.block);
}

/// The closures that variables of the body hold.
#[derive(Default)]
struct Closures(HashMap<String, ExprClosure>);

impl<'ast> Visit<'ast> for Closures {
    fn visit_local(&mut self, local: &'ast Local) {
        if let (Pat::Ident(name), Some(init)) = (&local.pat, &local.init)
            && let Expr::Closure(closure) = &*init.expr
        {
            self.0.insert(bare(&name.ident), closure.clone());
        }
        visit::visit_local(self, local);
    }
}

/// Looks for calls of `expose`.
struct Exposures<'a> {
    closures: &'a HashMap<String, ExprClosure>,
    diagnostics: &'a mut Diagnostics,
}

impl<'ast> Visit<'ast> for Exposures<'_> {
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if is_expose(&bare(&call.method)) {
            self.closures(call.args.iter());
        }
        visit::visit_expr_method_call(self, call);
    }

    // `Secret::expose(&secret, |secret| ..)`
    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let Expr::Path(path) = &*call.func
            && path.path.segments.last().is_some_and(|last| is_expose(&bare(&last.ident)))
        {
            self.closures(call.args.iter());
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        for argument in macros::arguments(&call.tokens).expressions {
            Exposures { closures: self.closures, diagnostics: self.diagnostics }.visit_expr(&argument);
        }
    }
}

fn is_expose(name: &str) -> bool {
    matches!(name, "expose" | "expose_async" | "expose_blocking")
}

impl Exposures<'_> {
    fn closures<'e>(&mut self, arguments: impl Iterator<Item = &'e Expr>) {
        for argument in arguments {
            if let Some(closure) = closure(argument, self.closures) {
                let mut inside = Names::default();
                inside.visit_expr_closure(closure);
                Writes { inside: inside.0, diagnostics: self.diagnostics }.visit_closure(closure);
            }
        }
    }
}

/// The closure that an argument is, or that the body has put into a variable.
fn closure<'e>(argument: &'e Expr, closures: &'e HashMap<String, ExprClosure>) -> Option<&'e ExprClosure> {
    match argument {
        Expr::Closure(closure) => Some(closure),
        Expr::Paren(inner) => closure(&inner.expr, closures),
        Expr::Reference(inner) => closure(&inner.expr, closures),
        Expr::Path(path) => path.path.get_ident().and_then(|name| closures.get(&bare(name))),
        _ => None,
    }
}

/// Looks for writes to what is not the closure's own.
struct Writes<'a> {
    inside: HashSet<String>,
    diagnostics: &'a mut Diagnostics,
}

impl Writes<'_> {
    fn visit_closure(&mut self, closure: &ExprClosure) {
        self.visit_expr(&closure.body);
    }

    /// Whether what a chain of calls and fields starts with is a name from outside.
    fn is_from_outside(&self, receiver: &Expr) -> bool {
        match receiver {
            Expr::Path(path) => match path.path.get_ident() {
                Some(name) => !self.inside.contains(&bare(name)),
                None => true,
            },
            Expr::MethodCall(call) => self.is_from_outside(&call.receiver),
            Expr::Field(field) => self.is_from_outside(&field.base),
            Expr::Index(index) => self.is_from_outside(&index.expr),
            Expr::Paren(paren) => self.is_from_outside(&paren.expr),
            Expr::Reference(reference) => self.is_from_outside(&reference.expr),
            Expr::Unary(unary) => self.is_from_outside(&unary.expr),
            Expr::Try(inner) => self.is_from_outside(&inner.expr),
            Expr::Await(inner) => self.is_from_outside(&inner.base),
            _ => false,
        }
    }
}

impl<'ast> Visit<'ast> for Writes<'_> {
    fn visit_local(&mut self, local: &'ast Local) {
        visit::visit_local(self, local);
        // What can't be changed itself and comes from outside, as `let cell = &outside;`, is another name for it.
        if let (Pat::Ident(name), Some(init)) = (&local.pat, &local.init)
            && name.mutability.is_none()
            && self.is_from_outside(&init.expr)
        {
            self.inside.remove(&bare(&name.ident));
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let name = bare(&call.method);
        let writes = WRITERS.contains(&(name.as_str(), call.args.len()));
        if writes && self.is_from_outside(&call.receiver) {
            self.diagnostics.rule(
                &RULE,
                &call.method,
                &format!("`{name}` takes the secret out of the closure"),
                "give back a verdict; make another secret with `map`; or let it out with its reason: `declassify(\"..\", ..)`",
            );
            // One write, however many calls it is made of.
            for argument in &call.args {
                self.visit_expr(argument);
            }
            return;
        }
        visit::visit_expr_method_call(self, call);
    }

    // `Cell::set(&cell, ..)`
    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let Expr::Path(path) = &*call.func
            && let [.., _, method] = path.path.segments.iter().collect::<Vec<_>>()[..]
            && WRITERS.contains(&(bare(&method.ident).as_str(), call.args.len().saturating_sub(1)))
            && call.args.first().is_some_and(|receiver| self.is_from_outside(receiver))
        {
            self.diagnostics.rule(
                &RULE,
                &path.path,
                &format!("`{}` takes the secret out of the closure", bare(&method.ident)),
                "give back a verdict; make another secret with `map`; or let it out with its reason: `declassify(\"..\", ..)`",
            );
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        for argument in macros::arguments(&call.tokens).expressions {
            Writes { inside: self.inside.clone(), diagnostics: self.diagnostics }.visit_expr(&argument);
        }
    }
}
