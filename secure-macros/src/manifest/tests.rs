//! Packages of a few files, and what is listed of them.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicUsize, Ordering},
};

use super::*;

/// A folder with these files, gone with the test.
struct Package(PathBuf);

impl Package {
    fn of(files: &[(&str, &str)]) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("manifest-{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let package = Self(env::temp_dir().join(name));
        for (file, text) in files {
            let file = package.0.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        package
    }

    /// `file:line function kind what "reason"` of each entry.
    fn listed(&self) -> Vec<String> {
        let sources = sources::read(&self.0).unwrap().sources;
        let mut entries: Vec<_> = sources.iter().flat_map(find::entries).collect();
        entries.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
        let written = |entry: find::Entry| {
            let of = entry.of.map(|of| format!(" {of}")).unwrap_or_default();
            let reason = entry.reason.map_or_else(|| "null".to_owned(), |reason| format!("{reason:?}"));
            format!("{}:{} {} {}{of} {reason}", entry.file, entry.line, entry.function, entry.kind)
        };
        entries.into_iter().map(written).collect()
    }

    fn faults(&self) -> Vec<String> {
        let Err(faults) = read(&self.0, "package") else { panic!("it can be read") };
        faults.into_iter().map(|fault| fault.what).collect()
    }
}

impl Drop for Package {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn listed(lib: &str) -> Vec<String> {
    Package::of(&[("src/lib.rs", lib)]).listed()
}

#[test]
fn secrets_that_are_let_out_are_found_however_they_are() {
    let found = listed(
        r#"
fn plain(s: Secret<'_, String>) {
    s.declassify("the method, plain", |s| s.len());
    s.declassify::<usize>("with its generics", |s| s.len());
    Secret::declassify(&s, "called as a function", |s| s.len());
    <Secret<'_, String>>::declassify(&s, "of a qualified type", |s| s.len());
    s.r#declassify("a raw name", |s| s.len());
}
async fn in_macros(s: Secret<'_, String>) {
    tracing::info!(x = s.declassify("a field of a line", |s| s.len()), "text");
    tokio::join!(s.declassify_async("one of two futures", async |s| s.len()), other());
    dsl! { with ? => { s.declassify("no Rust at all", f) } }
}
const CONSTANT: usize = S.declassify("in a constant", f);
thread_local! { static X: usize = S.declassify("in a macro's item", f); }
macro_rules! let_out { ($s:expr) => { $s.declassify("in a macro's body", f) } }
#[instrument(fields(x = s.declassify("in an attribute", f)))]
fn instrumented() {}
"#,
    );
    let expected = [
        r#"3 plain declassify "the method, plain""#,
        r#"4 plain declassify "with its generics""#,
        r#"5 plain declassify "called as a function""#,
        r#"6 plain declassify "of a qualified type""#,
        r#"7 plain declassify "a raw name""#,
        r#"10 in_macros declassify "a field of a line""#,
        r#"11 in_macros declassify_async "one of two futures""#,
        r#"12 in_macros declassify "no Rust at all""#,
        r#"14 CONSTANT declassify "in a constant""#,
        r#"15 thread_local! declassify "in a macro's item""#,
        r#"16 let_out! declassify "in a macro's body""#,
        r#"17 instrumented declassify "in an attribute""#,
    ];
    assert_eq!(found, expected.map(|entry| format!("src/lib.rs:{entry}")));
}

#[test]
fn a_reason_that_is_no_literal_is_null() {
    let found = listed(
        r#"
fn f() {
    s.declassify(REASON, g);
    s.declassify(concat!("put ", "together"), g);
    let f = Secret::declassify;
}
"#,
    );
    assert_eq!(found, [3, 4, 5].map(|line| format!("src/lib.rs:{line} f declassify null")));
}

#[test]
fn lifted_rules_are_found() {
    let found = listed(
        r#"
#[secure_handler(sqs, allow(SH015, reason = "a probe reads it"), allow_static(crate::STARTS, reason = "a counter of starts"))]
async fn handler() {}
impl api::Helper {
    #[secure_runtime::secure_fn(allow(SH013))]
    fn helper() {}
}
trait Asks {
    #[cfg_attr(unix, secure_fn(allow(SH014, reason = "only there")))]
    fn ask() {}
}
handlers! { #[secure_fn(allow(SH016, reason = "in a macro"))] fn made() {} }
"#,
    );
    let expected = [
        r#"2 handler allow SH015 "a probe reads it""#,
        r#"2 handler allow_static crate::STARTS "a counter of starts""#,
        "5 api::Helper::helper allow SH013 null",
        r#"9 Asks::ask allow SH014 "only there""#,
        r#"12 handlers! allow SH016 "in a macro""#,
    ];
    assert_eq!(found, expected.map(|entry| format!("src/lib.rs:{entry}")));
}

#[test]
fn tokens_that_live_long_are_found() {
    let found = listed(
        r#"
fn f() {
    Token::issue_long(month, "devices without a keyboard");
    SignedToken::issue_long("ann", day, "a link in a mail", &key);
    Token::issue(hour);
}
"#,
    );
    let expected = [r#"3 f issue_long "devices without a keyboard""#, r#"4 f issue_long "a link in a mail""#];
    assert_eq!(found, expected.map(|entry| format!("src/lib.rs:{entry}")));
}

#[test]
fn what_only_looks_like_an_escape_is_not_listed() {
    let found = listed(
        r#"
//! s.declassify("in a doc comment", f)
#![allow(dead_code, reason = "a lint, no rule")]
/// s.declassify("in a doc comment", f)
#[allow(clippy::pedantic)]
fn f(declassify: u8) {
    // s.declassify("in a comment", f)
    let text = "s.declassify(\"in a text\", f)";
    fn declassify(reason: &str) {}
    allow(SH015, "a function of that name");
}
#[test]
fn test() { s.declassify("in a test", f); }
#[cfg(all(test, unix))]
mod tests { fn f() { s.declassify("in a test", f); } }
#[cfg(test)]
impl T { fn f() { s.declassify("in a test", f); } }
impl T { #[cfg(test)] fn g() { s.declassify("in a test", f); } }
#[cfg(any(test, feature = "x"))]
fn both() { s.declassify("not only in a test", f); }
#[cfg(not(test))]
fn real() { s.declassify("never in a test", f); }
"#,
    );
    let expected = [r#"20 both declassify "not only in a test""#, r#"22 real declassify "never in a test""#];
    assert_eq!(found, expected.map(|entry| format!("src/lib.rs:{entry}")));
}

const LETS_OUT: &str = "pub fn f() { s.declassify(\"a reason\", g); }";

#[test]
fn files_of_all_crates_are_read() {
    let package = Package::of(&[
        (
            "src/lib.rs",
            "mod a; mod inner { mod d; #[path = \"odd.rs\"] mod e; } #[path = \"../shared/s.rs\"] mod shared;",
        ),
        ("src/a.rs", "mod b; mod c;"),
        ("src/a/b.rs", LETS_OUT),
        ("src/a/c/mod.rs", LETS_OUT),
        ("src/inner/d.rs", LETS_OUT),
        ("src/inner/odd.rs", LETS_OUT),
        ("shared/s.rs", LETS_OUT),
        ("shared/unnamed.rs", LETS_OUT),
        ("src/main.rs", LETS_OUT),
        ("src/bin/tool.rs", "mod part; fn main() {}"),
        ("src/bin/part.rs", LETS_OUT),
        ("src/included.rs", LETS_OUT),
        ("tests/t.rs", LETS_OUT),
        ("build.rs", LETS_OUT),
    ]);
    let expected = [
        "shared/s.rs:1 shared::f",
        "src/a/b.rs:1 a::b::f",
        "src/a/c/mod.rs:1 a::c::f",
        "src/bin/part.rs:1 part::f",
        "src/included.rs:1 f",
        "src/inner/d.rs:1 inner::d::f",
        "src/inner/odd.rs:1 inner::e::f",
        "src/main.rs:1 f",
    ];
    assert_eq!(package.listed(), expected.map(|entry| format!("{entry} declassify \"a reason\"")));
}

#[test]
fn modules_for_tests_alone_are_left_out() {
    let package = Package::of(&[
        ("src/lib.rs", "#[cfg(test)] mod tests; #[cfg(test)] mod both; mod real; mod inner;"),
        ("src/tests.rs", "mod deeper;"),
        ("src/tests/deeper.rs", LETS_OUT),
        ("src/inner.rs", "#![cfg(test)] fn f() { s.declassify(\"a reason\", g); }"),
        ("src/both.rs", LETS_OUT),
        ("src/real.rs", "#[path = \"both.rs\"] mod again;"),
    ]);
    assert_eq!(package.listed(), ["src/both.rs:1 real::again::f declassify \"a reason\""]);
    // They are read, and so cargo is told of them: `#[cfg(test)]` may go.
    let files = sources::read(&package.0).unwrap().files;
    assert_eq!(files.len(), 6, "{files:?}");
    assert!(files.iter().all(|file| Path::new(file).is_absolute()), "{files:?}");
}

#[test]
fn what_can_not_be_read_is_named() {
    let package =
        Package::of(&[("src/lib.rs", ""), ("src/bad.rs", "fn f() {}\n\nfn 7() {}"), ("src/open.rs", "fn f() {")]);
    fs::write(package.0.join("src/bytes.rs"), [0xff]).unwrap();
    let faults = package.faults();
    assert_eq!(faults.len(), 3, "{faults:#?}");
    assert!(faults[0].starts_with("can't read src/bytes.rs: "), "{faults:#?}");
    assert!(faults[1].starts_with("src/bad.rs:3: can't be read as Rust: "), "{faults:#?}");
    assert!(faults[2].starts_with("src/open.rs:1: can't be read as Rust: "), "{faults:#?}");

    let faults = Package::of(&[("lib.rs", "")]).faults();
    assert!(faults.len() == 1 && faults[0].starts_with("there is no folder `"), "{faults:#?}");
}

#[test]
fn the_order_is_not_that_of_lines() {
    let before = "fn b() { s.declassify(\"one reason\", g); }\nfn a() { s.declassify(\"two reasons\", g); }";
    let after = "fn a() { s.declassify(\"two reasons\", g); }\n\n\nfn b() { s.declassify(\"one reason\", g); }";
    let without_lines = |text| {
        let json = read(&Package::of(&[("src/lib.rs", text)]).0, "package").unwrap().json;
        json.lines().filter(|line| !line.contains("\"line\"")).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(without_lines(before), without_lines(after));
}

#[test]
fn the_text_is_json() {
    let lib = "fn f() { s.declassify(\"\\\"quoted\\\"\\\\ \\n \\u{7} \\u{1F600} é\", g); }";
    let package = Package::of(&[("src/lib.rs", lib)]);
    let manifest: serde_json::Value = serde_json::from_str(&read(&package.0, "a \"name\"").unwrap().json).unwrap();
    let entry = serde_json::json!({
        "kind": "declassify", "file": "src/lib.rs", "line": 1, "function": "f",
        "reason": "\"quoted\"\\ \n \u{7} \u{1F600} é",
    });
    assert_eq!(manifest, serde_json::json!({"version": 1, "package": "a \"name\"", "escapes": [entry]}));
    let empty = read(&Package::of(&[("src/lib.rs", "")]).0, "p").unwrap().json;
    assert_eq!(serde_json::from_str::<serde_json::Value>(&empty).unwrap()["escapes"], serde_json::json!([]));
}

#[test]
fn arguments_are_refused() {
    let tokens = expand(&quote!(foo)).to_string();
    assert!(tokens.contains("`manifest!` takes no arguments\\nhelp: write `secure_runtime::manifest!()`"), "{tokens}");
}
