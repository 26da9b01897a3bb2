//! Handlers that are still busy when their time is over. One that never yields can't be stopped, and is stopped by Lambda.

use std::time::Duration;

use secure_testing::Canary;

use crate::seen::{
    Secrets, TIMED_OUT, assert_answers, assert_logged, assert_told, event, lines, masked, said, subject,
};

#[test]
fn a_handler_that_waits_for_too_long_is_dropped_and_answered_for() {
    let started = subject("secure").deadline(Duration::from_secs(1)).timeout(Duration::from_secs(60)).start();
    let mut function = started.unwrap();
    for _ in 0..2 {
        let word = Canary::random();
        let reply = function.invoke(event("busy", &word)).unwrap();
        assert_told(&reply, TIMED_OUT);
        Secrets::new([word.as_str()]).assert_in_neither(&reply);
        let lines = lines(&reply);
        let failure = assert_logged(&lines, &reply, TIMED_OUT, "secured");
        assert_eq!(said(failure, "message"), "the handler did not end in time");
        // Its locals were dropped in their invocation, before the failure was told.
        assert_eq!(said(&lines[0], "message"), "the handler was dropped");
        assert_eq!(said(&lines[0], "requestId"), reply.request_id());
        assert_eq!(said(&lines[0], "held"), masked("@"));
        let left = function.search_memory([&word]).unwrap();
        assert!(left.is_empty(), "{left}");
        assert_answers(&mut function);
    }
}
