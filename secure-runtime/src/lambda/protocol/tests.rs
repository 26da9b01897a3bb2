//! Messages whole, in pieces, and of every kind that must be refused.

use proptest::prelude::*;

use super::*;

/// What a reader makes of pieces that come one after another, and of the connection being closed after them.
fn read(pieces: &[&[u8]]) -> Result<(Message, Vec<u8>), ProtocolError> {
    let mut buffer = Buffer::default();
    let mut reader = Reader::new(0);
    let mut whole = None;
    for piece in pieces {
        if whole.is_some() {
            return Err(ProtocolError::Unasked);
        }
        buffer.push(piece);
        if let Progress::Whole(message) = reader.advance(&mut buffer)? {
            whole = Some(message);
        }
    }
    let message = match whole {
        Some(message) => message,
        None => reader.closed(&buffer)?,
    };
    let body = buffer.content()[message.body.clone()].to_vec();
    Ok((message, body))
}

fn body(message: &str) -> Result<String, ProtocolError> {
    read(&[message.as_bytes()]).map(|(_, body)| String::from_utf8(body).unwrap())
}

#[test]
fn a_message_with_a_length_is_whole_when_its_body_is() {
    let (message, body) = read(&[b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"]).unwrap();
    assert_eq!((message.status, message.keep_alive, body.as_slice()), (200, true, &b"hello"[..]));
    let mut buffer = Buffer::default();
    let mut reader = Reader::new(0);
    assert!(reader.is_untouched(&buffer));
    buffer.push(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel");
    assert_eq!(reader.advance(&mut buffer), Ok(Progress::More(2)));
    assert!(!reader.is_untouched(&buffer));
}

#[test]
fn a_message_may_stand_behind_something_else() {
    let mut buffer = Buffer::default();
    buffer.push(b"the request");
    let mut reader = Reader::new(buffer.len());
    assert!(reader.is_untouched(&buffer));
    buffer.push(b"HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\nok");
    let Ok(Progress::Whole(message)) = reader.advance(&mut buffer) else { panic!("it is whole") };
    assert_eq!(&buffer.content()[message.body], b"ok");
}

#[test]
fn a_chunked_body_is_put_together_without_its_extensions_and_trailers() {
    let chunked = |chunks: &str| body(&format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n{chunks}"));
    assert_eq!(
        chunked("5\r\nhello\r\n1;ext=\"a;b\"\r\n \r\nA\r\n0123456789\r\n0\r\n\r\n").unwrap(),
        "hello 0123456789"
    );
    assert_eq!(chunked("0\r\n\r\n").unwrap(), "");
    assert_eq!(chunked("1\r\na\r\n0;last\r\nX-Trailer: yes\r\nY: no\r\n\r\n").unwrap(), "a");
}

#[test]
fn fields_are_found_whatever_their_case_and_place() {
    let mut buffer = Buffer::default();
    buffer.push(b"before HTTP/1.1 200 OK\r\nx: y\r\nLambda-Runtime-Aws-Request-Id:  r-1 \r\ncontent-length: 0\r\n\r\n");
    let Ok(Progress::Whole(message)) = Reader::new("before ".len()).advance(&mut buffer) else { panic!("it is whole") };
    assert_eq!(message.fields.value(buffer.content(), Field::RequestId), Some(&b"r-1"[..]));
    assert_eq!(message.fields.value(buffer.content(), Field::TraceId), None);
}

#[test]
fn interim_answers_are_passed_over() {
    let answers = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    let (message, body) = read(&[answers.as_bytes()]).unwrap();
    assert_eq!((message.status, body.as_slice()), (200, &b"ok"[..]));
}

#[test]
fn a_body_of_no_length_ends_with_the_connection() {
    let (message, body) = read(&[b"HTTP/1.0 200 OK\r\n\r\nhel", b"lo"]).unwrap();
    assert_eq!((message.keep_alive, body.as_slice()), (false, &b"hello"[..]));
    assert_eq!(read(&[b"HTTP/1.1 204 No Content\r\n\r\n"]).unwrap().1, b"");
}

#[test]
fn a_connection_is_kept_unless_the_peer_says_otherwise() {
    for (head, keep_alive) in [
        ("HTTP/1.1 200 OK\r\n", true),
        ("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n", true),
        ("HTTP/1.1 200 OK\r\nConnection: x, Close\r\n", false),
        ("HTTP/1.0 200 OK\r\n", false),
    ] {
        let (message, _) = read(&[format!("{head}content-length: 0\r\n\r\n").as_bytes()]).unwrap();
        assert_eq!(message.keep_alive, keep_alive, "{head}");
    }
}

#[test]
fn contradictions_are_refused() {
    use ProtocolError::{Chunk, Encoding, Length, Unasked, Upgrade};
    for (message, error) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello", Length),
        ("HTTP/1.1 200 OK\r\ncontent-length: 5, 5\r\n\r\nhello", Length),
        ("HTTP/1.1 200 OK\r\ncontent-length: +5\r\n\r\nhello", Length),
        ("HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", Length),
        ("HTTP/1.1 200 OK\r\ncontent-length: 0x5\r\n\r\nhello", Length),
        ("HTTP/1.1 200 OK\r\ncontent-length:\r\n\r\n", Length),
        ("HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\n", Length),
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", Length),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n", Encoding),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: identity\r\n\r\n", Encoding),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", Encoding),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nhello", Chunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n", Chunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n", Chunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n", Chunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nmore", Unasked),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n", Unasked),
        ("HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\nok", Unasked),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n", Upgrade),
    ] {
        assert_eq!(body(message), Err(error), "{message}");
    }
}

#[test]
fn an_identical_length_may_be_there_twice() {
    assert_eq!(body("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nContent-Length: 02\r\n\r\nok").unwrap(), "ok");
}

#[test]
fn what_is_cut_off_is_no_message() {
    for message in [
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
    ] {
        assert_eq!(body(message), Err(ProtocolError::Cut), "{message}");
    }
}

#[test]
fn heads_are_refused_when_they_are_none() {
    for head in [
        "HTTP/2.0 200 OK\r\n\r\n",
        "200 OK\r\n\r\n",
        "HTTP/1.1 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nname\r\n\r\n",
        "HTTP/1.1 200 OK\r\na b: c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nid: a\x00b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nid: a\x1bb\r\n\r\n",
    ] {
        assert!(matches!(body(head), Err(ProtocolError::Head(_))), "{head:?}");
    }
    let many = "name: x\r\n".repeat(HEADERS + 1);
    assert_eq!(
        body(&format!("HTTP/1.1 200 OK\r\n{many}\r\n")),
        Err(ProtocolError::Head(httparse::Error::TooManyHeaders))
    );
}

#[test]
fn sizes_have_limits() {
    let long = "x".repeat(HEAD_LIMIT);
    assert_eq!(body(&format!("HTTP/1.1 200 OK\r\nh: {long}\r\n\r\n")), Err(ProtocolError::HeadTooLong));
    assert_eq!(body(&format!("HTTP/1.1 200 OK\r\nh: {long}")), Err(ProtocolError::HeadTooLong));
    let too_long = BODY_LIMIT + 1;
    assert_eq!(
        body(&format!("HTTP/1.1 200 OK\r\ncontent-length: {too_long}\r\n\r\n")),
        Err(ProtocolError::BodyTooLong)
    );
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    assert_eq!(body(&format!("{chunked}{too_long:x}\r\n")), Err(ProtocolError::BodyTooLong));
    assert_eq!(body(&format!("{chunked}1;{}", "e".repeat(HEAD_LIMIT))), Err(ProtocolError::Chunk));
    assert_eq!(body(&format!("{chunked}0\r\nt: {}", "e".repeat(HEAD_LIMIT))), Err(ProtocolError::HeadTooLong));
}

#[test]
fn a_body_without_end_is_refused_before_it_fills_the_memory() {
    let endless: [(&str, &[u8]); 2] = [
        ("HTTP/1.0 200 OK\r\n\r\n", &[b'x'; 4096]),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ];
    for (head, piece) in endless {
        let mut buffer = Buffer::default();
        let mut reader = Reader::new(0);
        buffer.push(head.as_bytes());
        let piece = piece.repeat(4096 / piece.len());
        let refused = (0..3 * BODY_LIMIT / 1024).find_map(|_| {
            buffer.push(&piece);
            reader.advance(&mut buffer).err()
        });
        assert_eq!(refused, Some(ProtocolError::BodyTooLong), "{head}");
        assert!(buffer.block().len() <= 4 * BODY_LIMIT, "{}", buffer.block().len());
    }
}

#[test]
fn a_post_has_its_length_and_can_be_read_back() {
    for len in [0, 9, 10, 123_456] {
        let mut out = Buffer::default();
        let post =
            Post::begin(&mut out, &["/base", "/invocation/", "id", "/response"], "host: rapid:80\r\n", [("a", "b")]);
        out.push(&vec![b'x'; len]);
        post.finish(&mut out);
        let text = std::str::from_utf8(out.content()).unwrap();
        let mut headers = [EMPTY_HEADER; 4];
        let mut request = httparse::Request::new(&mut headers);
        let Ok(Status::Complete(head)) = request.parse(text.as_bytes()) else { panic!("{text}") };
        assert_eq!((request.method, request.path), (Some("POST"), Some("/base/invocation/id/response")));
        assert_eq!(request.headers[2].value, len.to_string().as_bytes(), "{text}");
        assert_eq!(text.len() - head, len);
    }
}

#[test]
fn chunks_are_written_as_they_are_read() {
    let mut out = Buffer::default();
    begin_chunks(&mut out, &["/"], "", []);
    chunk(&mut out, &[b"hel", b"lo"]);
    chunk(&mut out, &[b""]);
    chunk(&mut out, &[&[b'x'; 300]]);
    end_chunks(&mut out, &[("type", "internal_error")]);
    let text = std::str::from_utf8(out.content()).unwrap();
    assert!(text.ends_with("\r\n0\r\ntype: internal_error\r\n\r\n"), "{text}");
    let answer = text.replacen("POST / HTTP/1.1", "HTTP/1.1 200 OK", 1);
    assert_eq!(body(&answer).unwrap(), format!("hello{}", "x".repeat(300)));
}

/// A message, and what it says.
fn messages() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let bodies = prop::collection::vec(any::<u8>(), 0..2000);
    let cuts = prop::collection::vec(1..400_usize, 0..20);
    (bodies, cuts, any::<bool>(), any::<bool>()).prop_map(|(body, cuts, chunked, extras)| {
        let interim = if extras { "HTTP/1.1 100 Continue\r\n\r\n" } else { "" };
        let mut message = format!("{interim}HTTP/1.1 200 OK\r\nx-header: value\r\n").into_bytes();
        if chunked {
            message.extend(b"transfer-encoding: chunked\r\n\r\n");
            let mut rest = body.as_slice();
            for cut in cuts {
                let (piece, after) = rest.split_at(cut.min(rest.len()));
                rest = after;
                if !piece.is_empty() {
                    let extension = if extras { ";name=value" } else { "" };
                    message.extend(format!("{:X}{extension}\r\n", piece.len()).bytes());
                    message.extend(piece);
                    message.extend(b"\r\n");
                }
            }
            if !rest.is_empty() {
                message.extend(format!("{:x}\r\n", rest.len()).bytes());
                message.extend(rest);
                message.extend(b"\r\n");
            }
            message.extend(if extras { &b"0\r\nx-trailer: value\r\n\r\n"[..] } else { b"0\r\n\r\n" });
        } else {
            message.extend(format!("content-length: {}\r\n\r\n", body.len()).bytes());
            message.extend(&body);
        }
        (message, body)
    })
}

/// Where a message is cut into pieces.
fn split<'m>(message: &'m [u8], cuts: &[prop::sample::Index]) -> Vec<&'m [u8]> {
    let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(message.len() + 1)).collect();
    cuts.extend([0, message.len()]);
    cuts.sort_unstable();
    cuts.dedup();
    cuts.windows(2).map(|pair| &message[pair[0]..pair[1]]).collect()
}

fn indices() -> impl Strategy<Value = Vec<prop::sample::Index>> {
    prop::collection::vec(any::<prop::sample::Index>(), 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_message_says_the_same_however_it_is_cut((message, body) in messages(), cuts in indices()) {
        let (read, come) = read(&split(&message, &cuts)).unwrap();
        prop_assert_eq!(read.status, 200);
        prop_assert_eq!(come, body);
    }

    #[test]
    fn a_truncated_message_is_never_taken_for_a_whole_one((message, _) in messages(), end in any::<prop::sample::Index>()) {
        let end = end.index(message.len());
        prop_assert_eq!(read(&[&message[..end]]), Err(ProtocolError::Cut));
    }

    #[test]
    fn a_message_with_more_behind_it_is_refused((message, _) in messages(), more in "[ -~]{1,40}") {
        prop_assert_eq!(read(&[&[&message[..], more.as_bytes()].concat()]), Err(ProtocolError::Unasked));
    }

    #[test]
    fn mutated_messages_are_read_or_refused(
        (mut message, _) in messages(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cuts in indices(),
    ) {
        for (place, byte) in changes {
            let place = place.index(message.len());
            message[place] = byte;
        }
        if let Ok((read, body)) = read(&split(&message, &cuts)) {
            prop_assert!(body.len() <= message.len() && read.body.len() == body.len());
        }
    }

    #[test]
    fn random_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..3000), cuts in indices()) {
        let _ = read(&split(&bytes, &cuts));
        let behind_a_head = [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", &bytes[..]].concat();
        let _ = read(&split(&behind_a_head, &cuts));
    }
}
