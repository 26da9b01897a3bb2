//! Runs every program of `ui`. `TRYBUILD=overwrite cargo test -p ui-tests` writes the diagnostics anew.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/*/pass_*.rs");
    cases.compile_fail("ui/*/fail_*.rs");
}
