//! Panic hooks: ours, the program's own, and the standard one.

use secure_testing::{Canary, Reply};

use crate::seen::{
    INTERNAL, Secrets, assert_answers, assert_told, event, lines, masked, panics, said, subject, tokio_main,
};

fn count(reply: &Reply, part: &str) -> usize {
    reply.log().iter().filter(|line| line.contains(part)).count()
}

#[test]
fn a_hook_that_the_program_set_in_main_is_called_once_after_ours() {
    for run in ["secure", "plain"] {
        for hook in ["captures", "captures nothing", "chained"] {
            let mut function = subject(run).env("HOOK", hook).start().unwrap();
            let word = Canary::random();
            let reply = function.invoke(event("panic", &word)).unwrap();
            assert_told(&reply, INTERNAL);
            Secrets::new([word.as_str()]).assert_in_neither(&reply);
            let lines = lines(&reply);
            let panics = panics(&lines);
            assert_eq!(panics.len(), 1, "{hook}: {lines:#?}");
            assert_eq!(said(panics[0], "panic"), masked("panicked with @"));
            assert_eq!(count(&reply, "\"hook\""), 1, "{hook}: {lines:#?}");
            assert_answers(&mut function);
        }
    }
}

#[test]
fn a_backtrace_is_in_the_log_alone_and_on_demand() {
    for (variable, is_wanted) in [("0", false), ("1", true)] {
        let mut function = subject("secure").env("RUST_BACKTRACE", variable).start().unwrap();
        let word = Canary::random();
        let reply = function.invoke(event("panic", &word)).unwrap();
        assert_told(&reply, INTERNAL);
        Secrets::new([word.as_str()]).assert_in_neither(&reply);
        let lines = lines(&reply);
        assert_eq!(said(panics(&lines)[0], "backtrace").contains("subject"), is_wanted, "{lines:#?}");
        let left = function.search_memory([&word]).unwrap();
        assert!(left.is_empty(), "{left}");
        assert_answers(&mut function);
    }
}

#[test]
fn under_tokio_main_a_panic_of_an_invocation_is_told_once_with_its_message_masked() {
    for run in ["secure", "plain"] {
        let mut function = tokio_main(run).start().unwrap();
        let word = Canary::random();
        let reply = function.invoke(event("panic", &word)).unwrap();
        assert_told(&reply, INTERNAL);
        Secrets::new([word.as_str()]).assert_in_neither(&reply);
        let told =
            reply.log().iter().find(|line| line.starts_with("panicked at tests/src/bin/tokio_main.rs:")).unwrap();
        for part in ["on thread `main`", reply.request_id(), &masked("panicked with @")] {
            assert!(told.contains(part), "{told}");
        }
        assert_eq!(count(&reply, "panicked with"), 1, "{:#?}", reply.log());
        assert_answers(&mut function);
    }
}

#[test]
fn under_tokio_main_the_programs_hook_is_called_once_too() {
    for run in ["secure", "plain"] {
        let mut function = tokio_main(run).env("HOOK", "own").start().unwrap();
        let word = Canary::random();
        for _ in 0..2 {
            let reply = function.invoke(event("panic", &word)).unwrap();
            Secrets::new([word.as_str()]).assert_in_neither(&reply);
            assert_eq!(count(&reply, "the program's own hook"), 1, "{:#?}", reply.log());
            assert_eq!(count(&reply, "panicked with"), 1, "{:#?}", reply.log());
        }
    }
}

#[test]
fn under_tokio_main_what_an_errors_display_panics_with_is_masked() {
    for run in ["secure", "plain"] {
        let mut function = tokio_main(run).start().unwrap();
        let word = Canary::random();
        let reply = function.invoke(event("error that can't be displayed", &word)).unwrap();
        assert_told(&reply, INTERNAL);
        Secrets::new([word.as_str()]).assert_in_neither(&reply);
        assert_eq!(count(&reply, &masked("displayed @")), 1, "{:#?}", reply.log());
        assert_answers(&mut function);
    }
}

/// The documented limit: nobody knows whose task it was, so its panic is the standard hook's.
#[test]
fn under_tokio_main_a_panic_of_a_spawned_task_is_told_as_it_is() {
    let mut function = tokio_main("secure").start().unwrap();
    let word = Canary::random();
    let reply = function.invoke(event("spawned", &word)).unwrap();
    assert_told(&reply, INTERNAL);
    assert_eq!(count(&reply, &format!("spawned with {word}")), 1, "{:#?}", reply.log());
}
