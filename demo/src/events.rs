//! What the functions are sent.

use secure_testing::memory::Search;
use serde_json::json;

/// One event, and the secret in it.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) title: String,
    pub(crate) payload: Vec<u8>,
    /// What nobody may learn: the password, when there is one that can be told from chance.
    pub(crate) password: Option<Vec<u8>>,
}

impl Event {
    fn new(title: impl Into<String>, payload: impl Into<Vec<u8>>) -> Self {
        let payload = payload.into();
        let password = password(&payload).filter(|password| Search::new([password]).is_ok());
        Self { title: title.into(), payload, password }
    }
}

/// A good login, what goes wrong with logins, and again a good one.
pub(crate) fn built_in() -> Vec<Event> {
    let login = |user: &str, password: &str| json!({"user": user, "password": password}).to_string();
    let good = || login("ada@example.com", "correct-horse-battery-staple");
    vec![
        Event::new("a good login", good()),
        Event::new("a wrong password", login("ada@example.com", "tulip-engine-91c2")),
        Event::new("an error that quotes the connection string", login("bob@example.org", "maple-harbor-70fd")),
        Event::new("a panic with the password in it", login("legacy@example.com", "copper-violin-38aa")),
        Event::new("a payload with a wrong type", r#"{"user":"ada@example.com","password":7305518264}"#),
        Event::new("malformed JSON", r#"{"user":"ada@example.com","password":"walnut-magnet-5be7"#),
        Event::new("a good login again", good()),
    ]
}

/// The user's own events: a line each, whatever is in it.
pub(crate) fn of_lines(text: &[u8]) -> Vec<Event> {
    let lines = text.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)).enumerate();
    let events = lines.filter(|(_, line)| !line.trim_ascii().is_empty());
    events.map(|(at, line)| Event::new(format!("line {}", at + 1), line)).collect()
}

/// The value of the first `"password"`, also of what is no JSON: as far as it goes.
fn password(payload: &[u8]) -> Option<Vec<u8>> {
    let name = b"\"password\"";
    let at = payload.windows(name.len()).position(|window| window == name)?;
    let value = payload[at + name.len()..].trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    let Some(text) = value.strip_prefix(b"\"") else {
        let end = value.iter().position(|byte| b",}]".contains(byte) || byte.is_ascii_whitespace());
        return Some(value[..end.unwrap_or(value.len())].to_vec());
    };
    let mut escaped = false;
    let end = text.iter().position(|&byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    let Some(end) = end else { return Some(text.to_vec()) };
    let unescaped = serde_json::from_slice(&value[..end + 2]).map(String::into_bytes);
    Some(unescaped.unwrap_or_else(|_| text[..end].to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_event_has_a_password_to_look_for() {
        assert!(built_in().iter().all(|event| event.password.is_some()));
    }

    #[test]
    fn a_password_is_found_in_json_and_in_what_is_none() {
        for (payload, value) in [
            (r#"{"password": "p\"\u0061ss\\", "x": 1}"#, Some(r#"p"ass\"#)),
            (r#"{"password":12345678}"#, Some("12345678")),
            (r#"{"password":12345678, "x": 1}"#, Some("12345678")),
            (r#"{"password":"cut of"#, Some("cut of")),
            (r#"{"password":"#, Some("")),
            (r#"{"password"#, None),
            (r#"{"passwords":"x"}"#, None),
            ("", None),
        ] {
            assert_eq!(password(payload.as_bytes()), value.map(|value| value.as_bytes().to_vec()), "{payload}");
        }
    }

    #[test]
    fn events_are_lines_as_they_are() {
        let events = of_lines(b"{\"password\":\"\xff\xfe-harbor-70fd\"}\r\n\n  \n{\"password\":\"short\"}");
        let found: Vec<_> =
            events.iter().map(|event| (&*event.title, &*event.payload, event.password.as_deref())).collect();
        assert_eq!(
            found,
            [
                ("line 1", &b"{\"password\":\"\xff\xfe-harbor-70fd\"}"[..], Some(&b"\xff\xfe-harbor-70fd"[..])),
                ("line 4", b"{\"password\":\"short\"}", None),
            ]
        );
    }
}
