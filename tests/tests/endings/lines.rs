//! What the log's lines look like, whoever writes them.

use secure_testing::Canary;

use crate::seen::{
    DECLARED, INTERNAL, Secrets, TILL, assert_answers, assert_logged, assert_told, event, lines, masked, panics, said,
    subject, tokio_main,
};

#[test]
fn under_a_subscriber_of_the_programs_own_failures_and_panics_are_masked_too() {
    for run in ["secure", "plain"] {
        let mut function = subject(run).env("SUBSCRIBER", "own").start().unwrap();
        let word = Canary::random();
        let secrets = Secrets::new([word.as_str()]);
        let reply = function.invoke(event("sourced", &word)).unwrap();
        assert_told(&reply, TILL);
        secrets.assert_in_neither(&reply);
        let of_error = lines(&reply);
        let failure = assert_logged(&of_error, &reply, TILL, "secured");
        assert_eq!(said(failure, "error"), masked("opening the till: @"));
        assert_eq!(said(failure, "source"), masked("middle of @: rooted in @"));
        let reply = function.invoke(event("panic", &word)).unwrap();
        assert_told(&reply, INTERNAL);
        secrets.assert_in_neither(&reply);
        let of_panic = lines(&reply);
        assert_logged(&of_panic, &reply, INTERNAL, "secured");
        assert_eq!(said(panics(&of_panic)[0], "panic"), masked("panicked with @"));
        assert_answers(&mut function);
    }
}

#[test]
fn under_tokio_main_and_a_subscriber_of_the_programs_own_they_are_masked_too() {
    for run in ["secure", "plain"] {
        let mut function = tokio_main(run).env("SUBSCRIBER", "own").start().unwrap();
        let word = Canary::random();
        for (mode, text) in [("error", "failed with @"), ("panic", "panicked with @")] {
            let reply = function.invoke(event(mode, &word)).unwrap();
            assert_told(&reply, INTERNAL);
            Secrets::new([word.as_str()]).assert_in_neither(&reply);
            assert!(reply.log().concat().contains(&masked(text)), "{:#?}", reply.log());
        }
        assert_answers(&mut function);
    }
}

#[test]
fn a_secret_is_masked_however_it_is_written_and_what_stands_around_it_is_kept() {
    for (run, subscriber) in [("secure", "ours"), ("plain", "ours"), ("secure", "own")] {
        let mut function = subject(run).env("SUBSCRIBER", subscriber).start().unwrap();
        let (start, end) = (Canary::random(), Canary::random());
        for word in [start.to_string(), format!("{start}\"\\\n\u{20ac} %41/{end}")] {
            for (mode, field, words) in [
                ("encoded", "error", [" and [", "] and "]),
                ("sourced", "source", ["middle of ", ": rooted in "]),
                ("json", "source", ["invalid type: string \"", "\", expected u8 at line 1 column "]),
                ("panic", "panic", ["panicked with ", ""]),
            ] {
                // Not a text that this JSON can be made of.
                let mode = if mode == "json" && word.contains('"') { "declared" } else { mode };
                let reply = function.invoke(serde_json::json!({"mode": mode, "word": word})).unwrap();
                Secrets::new([start.as_str(), end.as_str()]).assert_in_neither(&reply);
                if mode != "declared" {
                    let lines = lines(&reply);
                    let line = lines.iter().find(|line| !said(line, field).is_empty()).unwrap();
                    assert!(words.iter().all(|words| said(line, field).contains(words)), "{line:#?}");
                }
            }
        }
    }
}

#[test]
fn what_the_program_logs_itself_is_masked_and_belongs_to_its_request() {
    let mut function = subject("secure").start().unwrap();
    let word = Canary::random();
    let reply = function.invoke(event("log", &word)).unwrap();
    Secrets::new([word.as_str()]).assert_in_neither(&reply);
    let lines = lines(&reply);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert_eq!(said(&lines[0], "message"), masked("a line of the program's own: @"));
    assert_eq!(said(&lines[0], "quoted"), masked("@"));
    assert_eq!(said(&lines[0], "requestId"), reply.request_id());
}

#[test]
fn lambda_says_from_which_level_on() {
    for (level, own, failure) in
        [("DEBUG", 2, 1), ("info", 1, 1), ("WARN", 0, 1), ("ERROR", 0, 0), ("FATAL", 0, 0), ("==", 1, 1)]
    {
        let mut function = subject("secure").env("AWS_LAMBDA_LOG_LEVEL", level).start().unwrap();
        let of_subject = |line: &&String| line.contains("\"target\":\"subject\"");
        let reply = function.invoke(event("log", &Canary::random())).unwrap();
        assert_eq!(reply.log().iter().filter(of_subject).count(), own, "{level}: {:#?}", reply.log());
        let reply = function.invoke(event("declared", &Canary::random())).unwrap();
        assert_told(&reply, DECLARED);
        let codes = reply.log().iter().filter(|line| line.contains("\"code\":\"declared\"")).count();
        assert_eq!(codes, failure, "{level}: {:#?}", reply.log());
    }
}

#[test]
fn lambda_says_in_which_format() {
    for (format, is_json) in [("JSON", true), ("Text", false)] {
        let mut function = subject("secure").env("AWS_LAMBDA_LOG_FORMAT", format).start().unwrap();
        let word = Canary::random();
        let reply = function.invoke(event("declared", &word)).unwrap();
        assert_told(&reply, DECLARED);
        Secrets::new([word.as_str()]).assert_in_neither(&reply);
        let [line] = reply.log() else { panic!("{:#?}", reply.log()) };
        assert_eq!(serde_json::from_str::<serde_json::Value>(line).is_ok(), is_json, "{line}");
        for part in
            ["WARN", "the handler returned an error", reply.request_id(), "declared", &masked("declared with @")]
        {
            assert!(line.contains(part), "{line}");
        }
    }
}
