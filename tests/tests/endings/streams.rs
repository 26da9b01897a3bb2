//! Answers that are streamed, and break off.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use secure_testing::{Canary, Outcome};

use crate::seen::{INTERNAL, Secrets, assert_logged, event, lines, masked, said, subject};

#[test]
fn a_streamed_answer_arrives_and_its_error_says_nothing() {
    let mut function = subject("streamed").start().unwrap();
    let word = Canary::random();
    let whole = function.invoke(event("whole", &word)).unwrap();
    assert_eq!(whole.outcome(), Outcome::Answer);
    assert!(whole.text().ends_with("chunk chunk chunk "), "{}", whole.text());
    let broken = function.invoke(event("broken", &word)).unwrap();
    Secrets::new([word.as_str()]).assert_in_neither(&broken);
    // In trailers, as Lambda asks for. lambda_runtime writes the error's text into the answer itself.
    assert_eq!(broken.outcome(), Outcome::Error);
    assert!(broken.text().ends_with("chunk chunk chunk "), "{}", broken.text());
    let trailer = |name: &str| broken.trailers()[name].to_str().unwrap();
    assert_eq!(trailer("lambda-runtime-function-error-type"), INTERNAL.code);
    let body = BASE64_STANDARD.decode(trailer("lambda-runtime-function-error-body")).unwrap();
    assert_eq!(String::from_utf8(body).unwrap(), INTERNAL.body(broken.request_id()));
    assert_eq!(broken.trailers().len(), 2);
    let lines = lines(&broken);
    let failure = assert_logged(&lines, &broken, INTERNAL, "streamed");
    assert_eq!(said(failure, "message"), "the answer's stream returned an error");
    assert_eq!(said(failure, "error"), masked("broke with @"));
    let left = function.search_memory([&word]).unwrap();
    assert!(left.is_empty(), "{left}");
}
