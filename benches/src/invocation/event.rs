//! The events that the functions are sent: whole responses, made once, of which only the id and the deadline change.

use std::ops::Range;

use crate::http;

/// What of an event goes where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// All of it is read and little is answered, which is what most functions do.
    Read,
    /// All of it is answered.
    Echo,
}

/// An event of one size.
#[derive(Debug)]
pub(crate) struct Event {
    response: Vec<u8>,
    /// Where the digits of the request id and of the deadline are in the response.
    id: Range<usize>,
    deadline: Range<usize>,
    /// What the answer must be posted to, and its digits of the request id.
    target: Vec<u8>,
    target_id: Range<usize>,
    answer: String,
}

const ID: &str = "8476a536-e9f4-11e8-9739-";
const ID_DIGITS: usize = 12;
const DEADLINE_DIGITS: usize = 13;

impl Event {
    /// An event whose JSON has `size` bytes.
    pub(crate) fn new(shape: Shape, size: usize) -> Self {
        let text = |fixed: usize| -> String { ('a'..='z').cycle().take(size - fixed).collect() };
        let (payload, answer) = match shape {
            Shape::Read => {
                let secret = text(r#"{"secret":"","echo":""}"#.len());
                (format!(r#"{{"secret":"{secret}","echo":""}}"#), format!(r#"{{"length":{},"echo":""}}"#, secret.len()))
            }
            Shape::Echo => {
                let echo = text(r#"{"secret":"","echo":""}"#.len());
                (format!(r#"{{"secret":"","echo":"{echo}"}}"#), format!(r#"{{"length":0,"echo":"{echo}"}}"#))
            }
        };
        let mut response = format!("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: {ID}");
        let id = gap(&mut response, ID_DIGITS);
        response += "\r\nLambda-Runtime-Deadline-Ms: ";
        let deadline = gap(&mut response, DEADLINE_DIGITS);
        response += "\r\nLambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:123456789012:function:bench\
                     \r\nLambda-Runtime-Trace-Id: Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1\
                     \r\nContent-Type: application/json\r\nContent-Length: ";
        response.extend([&payload.len().to_string(), "\r\n\r\n", &payload]);
        let mut target = format!("/2018-06-01/runtime/invocation/{ID}");
        let target_id = gap(&mut target, ID_DIGITS);
        target += "/response";
        Self { response: response.into(), id, deadline, target: target.into(), target_id, answer }
    }

    /// Makes it the event of this number.
    pub(crate) fn renew(&mut self, number: u64, deadline_ms: u64) {
        digits(&mut self.response[self.id.clone()], number);
        digits(&mut self.response[self.deadline.clone()], deadline_ms);
        digits(&mut self.target[self.target_id.clone()], number);
    }

    /// What the function gets when it asks for the next event.
    pub(crate) fn response(&self) -> &[u8] {
        &self.response
    }

    /// Whether a request is this event's answer: by its target and length, and by its body, too, when it is given whole.
    pub(crate) fn is_answered_by(&self, head: &[u8], body: &[u8], thoroughly: bool) -> bool {
        http::request_line(head) == Some((b"POST", &self.target))
            && body.len() == self.answer.len()
            && (!thoroughly || body == self.answer.as_bytes())
    }
}

/// Appends zeros and says where they are.
fn gap(text: &mut String, digits: usize) -> Range<usize> {
    let start = text.len();
    text.extend(std::iter::repeat_n('0', digits));
    start..text.len()
}

/// Writes the last digits of a number.
fn digits(place: &mut [u8], mut number: u64) {
    for digit in place.iter_mut().rev() {
        *digit = b"0123456789"[usize::try_from(number % 10).unwrap_or_default()];
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_the_size_that_is_asked_for() {
        for shape in [Shape::Read, Shape::Echo] {
            let event = Event::new(shape, 1024);
            let text = str::from_utf8(event.response()).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert_eq!(body.len(), 1024);
            assert!(head.ends_with("\r\nContent-Length: 1024"), "{head}");
            assert!(!head.contains("  ") && head.lines().skip(1).all(|line| line.contains(": ")), "{head}");
        }
    }

    #[test]
    fn an_event_is_renewed_in_place() {
        let mut event = Event::new(Shape::Read, 64);
        event.renew(1_234, 1_542_409_706_888);
        let text = str::from_utf8(event.response()).unwrap();
        assert!(text.contains("Request-Id: 8476a536-e9f4-11e8-9739-000000001234\r\n"), "{text}");
        assert!(text.contains("Deadline-Ms: 1542409706888\r\n"), "{text}");
    }

    #[test]
    fn only_the_answer_to_this_event_is_one() {
        let mut event = Event::new(Shape::Read, 64);
        event.renew(7, 0);
        let head =
            |method, id, end| format!("{method} /2018-06-01/runtime/invocation/{ID}{id:012}/{end} HTTP/1.1\r\n\r\n");
        let body = br#"{"length":41,"echo":""}"#;
        assert!(event.is_answered_by(head("POST", 7, "response").as_bytes(), body, true));
        assert!(event.is_answered_by(head("POST", 7, "response").as_bytes(), &[0; 23], false));
        assert!(!event.is_answered_by(head("POST", 7, "response").as_bytes(), &[0; 23], true));
        assert!(!event.is_answered_by(head("POST", 8, "response").as_bytes(), body, true));
        assert!(!event.is_answered_by(head("POST", 7, "error").as_bytes(), body, true));
        assert!(!event.is_answered_by(head("GET", 7, "response").as_bytes(), body, true));
    }
}
