//! A letter as it is sent again.

use secure_runtime::dead_letter::Contents;

use crate::{letter::Letter, source::BATCH};

/// How much is sent in one request, in bytes: what every queue takes. A message that is larger goes alone.
const REQUEST: usize = 256 * 1024;

/// A message that is ready to be sent.
pub(super) struct Message<'a> {
    pub(super) letter: &'a Letter,
    pub(super) body: &'a str,
    pub(super) attributes: Vec<(&'a str, &'a str)>,
}

impl<'a> Message<'a> {
    pub(super) fn of(letter: &'a Letter, contents: &'a Contents) -> Result<Self, &'static str> {
        let body = std::str::from_utf8(contents.body())
            .map_err(|_| "its body is no text, which is all that a queue takes: use `secure-dlq open`")?;
        Ok(Self { letter, body, attributes: contents.attributes().collect() })
    }

    /// What SQS counts: the body, and the attributes' names, types and values.
    fn len(&self) -> usize {
        let attributes = self.attributes.iter().map(|(name, value)| name.len() + "String".len() + value.len());
        self.body.len() + attributes.sum::<usize>()
    }
}

/// Messages by requests, in their order.
pub(super) fn requests<'m, 'a>(messages: &'m [Message<'a>]) -> Vec<&'m [Message<'a>]> {
    let lengths: Vec<_> = messages.iter().map(Message::len).collect();
    let (mut requests, mut start) = (Vec::new(), 0);
    for end in ends(&lengths) {
        requests.push(&messages[start..end]);
        start = end;
    }
    requests
}

/// Where requests end.
fn ends(lengths: &[usize]) -> Vec<usize> {
    let (mut ends, mut start, mut total) = (Vec::new(), 0, 0);
    for (at, len) in lengths.iter().enumerate() {
        if at > start && (at - start == BATCH || total + len > REQUEST) {
            ends.push(at);
            (start, total) = (at, 0);
        }
        total += len;
    }
    if start < lengths.len() {
        ends.push(lengths.len());
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_no_more_than_ten_and_no_more_than_a_queue_takes() {
        assert!(ends(&[]).is_empty());
        assert_eq!(ends(&[1; 10]), [10]);
        assert_eq!(ends(&[1; 21]), [10, 20, 21]);
        assert_eq!(ends(&[REQUEST / 2, REQUEST / 2, 1]), [2, 3]);
        assert_eq!(ends(&[1, REQUEST, 1, REQUEST * 2, 1]), [1, 2, 3, 4, 5]);
    }
}
