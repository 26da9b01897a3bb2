//! As much HTTP as the benchmark needs: where a request ends, and whom it is for.

/// A request's head, once it is whole.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) struct Head {
    /// Up to and with the empty line.
    pub(crate) len: usize,
    /// What follows it.
    pub(crate) body: usize,
}

/// The most that a head may have.
const LIMIT: usize = 16 * 1024;

/// Looks for a head at the start of `bytes`; `None` means that more is needed.
pub(crate) fn head(bytes: &[u8]) -> Result<Option<Head>, String> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return if bytes.len() < LIMIT { Ok(None) } else { Err("a request's head does not end".to_owned()) };
    };
    let mut body = 0;
    for line in bytes[..end].split(|&byte| byte == b'\n').skip(1) {
        let Some(colon) = line.iter().position(|&byte| byte == b':') else {
            return Err(format!("not a header: {}", line.escape_ascii()));
        };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"content-length") {
            let length = str::from_utf8(value).ok().and_then(|value| value.parse().ok());
            body = length.ok_or_else(|| format!("not a length: {}", value.escape_ascii()))?;
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            return Err("the function streams its answer, which this benchmark doesn't measure".to_owned());
        }
    }
    Ok(Some(Head { len: end + 4, body }))
}

/// Method and target, as they stand in the request line.
pub(crate) fn request_line(head: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = head.split(|&byte| byte == b'\r').next()?;
    let mut words = line.split(|&byte| byte == b' ');
    Some((words.next()?, words.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POST: &[u8] = b"POST /x/response HTTP/1.1\r\nhost: a:1\r\nCONTENT-length:  12\r\n\r\n{\"length\":1}";

    #[test]
    fn a_head_is_found_once_it_is_whole() {
        let whole = Head { len: POST.len() - 12, body: 12 };
        for cut in 0..POST.len() {
            assert_eq!(head(&POST[..cut]), Ok((cut >= whole.len).then_some(whole)), "{cut}");
        }
        assert_eq!(head(b"GET / HTTP/1.1\r\n\r\nGET"), Ok(Some(Head { len: 18, body: 0 })));
    }

    #[test]
    fn what_can_not_be_measured_is_refused() {
        for wrong in
            ["content-length: -1", "content-length: 1x", "content-length:", "transfer-encoding: chunked", "word"]
        {
            assert!(head(format!("POST / HTTP/1.1\r\n{wrong}\r\n\r\n").as_bytes()).is_err(), "{wrong}");
        }
        assert!(head(&[b'x'; LIMIT]).is_err());
    }

    #[test]
    fn a_request_line_says_what_is_asked_for() {
        assert_eq!(request_line(POST), Some((&b"POST"[..], &b"/x/response"[..])));
        assert_eq!(request_line(b"GET\r\n\r\n"), None);
        assert_eq!(request_line(b""), None);
    }
}
