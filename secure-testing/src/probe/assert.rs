//! The assertion in two lines.

/// Asserts that a function leaves nothing of an event's secrets behind: not in memory, nor in registers, in what the caller
/// gets, in the log or in temporary files.
///
/// Takes the path of the function's binary, an event as JSON, and the fields of it that are secrets. The event is sent three
/// times, each time with canaries in these fields; each time everything is searched for all canaries so far. Every
/// event has to be answered. For anything else, see [`Probe`](crate::Probe).
///
/// ```no_run
/// # // CARGO_BIN_EXE_login is set when a test of the package is built that has the binary `login`.
/// # macro_rules! env { ($name:literal) => { "target/debug/login" } }
/// #[test]
/// # fn in_a_test() {}
/// fn nothing_is_left() {
///     let event = r#"{"user":"ann","password":"x","cards":[{"number":"y"}]}"#;
///     secure_testing::assert_no_residue!(env!("CARGO_BIN_EXE_login"), event, ["password", "cards.*.number"]);
/// }
/// # nothing_is_left();
/// ```
///
/// Without fields there is nothing to search for:
///
/// ```compile_fail
/// secure_testing::assert_no_residue!("target/debug/login", r#"{"password":"x"}"#);
/// ```
///
/// # Panics
/// With a [`Report`](crate::Report) of what was left, or of how events ended that weren't answered; with the
/// [`Error`](crate::Error) when the function can't be probed.
#[macro_export]
macro_rules! assert_no_residue {
    ($function:expr, $event:expr, [$($field:expr),+ $(,)?] $(,)?) => {
        $crate::Probe::of($function).event($event, [$($field),+]).assert_clean()
    };
    ($function:expr, $event:expr $(, [])? $(,)?) => {
        ::core::compile_error!("which fields of the event are secrets? name them: [\"password\", \"cards.*.number\"]")
    };
}
