//! A report for the eye: 80 columns, the two functions side by side.

use std::fmt::Write as _;

use textwrap::core::display_width;

use crate::report::{Memory, Report, Scene, Side, Text, Total};

const LABEL: usize = 8;
const CELL: usize = 35;
/// The most lines that a text is shown in.
const LINES: usize = 6;

/// Prints a report; `colour` marks leaks in red.
pub(crate) fn table(report: &Report, colour: bool) -> String {
    let mut out = String::new();
    for (at, scene) in report.events.iter().enumerate() {
        scene_table(&mut out, at + 1, scene, colour);
    }
    summary(&mut out, report);
    out
}

fn scene_table(out: &mut String, number: usize, scene: &Scene, colour: bool) {
    let heading = format!("{number}. {}", scene.title);
    let note = if scene.has_password { "" } else { " (no password of 8 bytes in it)" };
    let _ = writeln!(out, "{heading}{note}\n{}", "-".repeat(80));
    let (plain, secured) = (&scene.plain, &scene.secured);
    row(out, "", &[Line::plain("plain")], &[Line::plain("secured")], colour);
    row(out, "caller", &text(&plain.caller, "nothing"), &text(&secured.caller, "nothing"), colour);
    row(out, "log", &text(&plain.log, "nothing"), &text(&secured.log, "nothing"), colour);
    row(out, "memory", &[memory(plain)], &[memory(secured)], colour);
    out.push('\n');
}

/// A line of a cell.
struct Line {
    text: String,
    red: bool,
}

impl Line {
    fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), red: false }
    }

    fn red(text: impl Into<String>) -> Self {
        Self { text: text.into(), red: true }
    }
}

fn row(out: &mut String, label: &str, left: &[Line], right: &[Line], colour: bool) {
    let empty = Line::plain("");
    for at in 0..left.len().max(right.len()) {
        let (left, right) = (left.get(at).unwrap_or(&empty), right.get(at).unwrap_or(&empty));
        let label = if at == 0 { label } else { "" };
        let gap = " ".repeat(CELL.saturating_sub(display_width(&left.text)) + 2);
        let line = format!("{label:LABEL$}{}{gap}{}", painted(left, colour), painted(right, colour));
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

fn painted(line: &Line, colour: bool) -> String {
    if line.red && colour { format!("\x1b[31m{}\x1b[0m", line.text) } else { line.text.clone() }
}

fn text(text: &Text, none: &str) -> Vec<Line> {
    let shown = excerpt(&text.content, text.first);
    let shown = if shown.is_empty() { none } else { &shown };
    let mut lines: Vec<_> = textwrap::wrap(shown, CELL).into_iter().map(Line::plain).collect();
    if !text.leaks.is_empty() {
        let leaks = format!("LEAKS {}", text.leaks.join(" and "));
        lines.extend(textwrap::wrap(&leaks, CELL).into_iter().map(Line::red));
    }
    lines
}

/// The part of a text that is worth its room: around a leak, else the first line. Control characters are shown as spaces, so
/// that no function writes to the terminal.
fn excerpt(text: &str, leak: Option<usize>) -> String {
    let room = CELL * (LINES - 1);
    let text = text.trim_end();
    let shown = match leak.and_then(|at| (0..=at).rev().find(|&at| text.is_char_boundary(at))) {
        Some(leak) => {
            let start = text[..leak].rfind('\n').map_or(0, |newline| newline + 1);
            let line = text[start..].lines().next().unwrap_or_default();
            let before = text[start..leak].chars().count();
            cut(line, before.saturating_sub(if before < room - CELL { before } else { room / 3 }), room)
        }
        None => {
            let first = condensed(text.lines().next().unwrap_or_default());
            let length = first.chars().count();
            // What went wrong stands at the start of some lines, and at the end of others.
            if length <= room {
                first
            } else {
                format!("{}{}", cut(&first, 0, CELL), cut(&first, length - (room - CELL), room).trim_start_matches('…'))
            }
        }
    };
    shown.replace(char::is_control, " ")
}

/// `room` characters of a line from one of them on, with an ellipsis where something is left out.
fn cut(line: &str, from: usize, room: usize) -> String {
    let mut part: String = line.chars().skip(from).take(room).collect();
    if from > 0 {
        part.insert(0, '…');
    }
    if line.chars().nth(from + room).is_some() {
        part.push('…');
    }
    part
}

/// A log line in JSON as a line for the eye: its level, its message, and what is not in every line.
fn condensed(line: &str) -> String {
    let json: Option<serde_json::Map<_, _>> = serde_json::from_str(line).ok();
    let Some(json) = json else { return line.to_owned() };
    let (Some(level), Some(message)) = (json.get("level"), json.get("message")) else { return line.to_owned() };
    let mut text = format!("{} {}", bare(level), bare(message));
    for (name, value) in json.iter().filter(|(name, _)| !EVERY_LINE.contains(&name.as_str())) {
        let _ = write!(text, " {name}={}", bare(value));
    }
    text
}

/// What every JSON log line has, or is shown elsewhere.
const EVERY_LINE: &[&str] = &["level", "message", "timestamp", "target", "spans", "thread", "request_id", "requestId"];

fn bare(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn memory(side: &Side) -> Line {
    match side.memory {
        Memory::Left { whole: 0, parts: 0 } => Line::plain("nothing of the password"),
        Memory::Left { whole, parts: 0 } => Line::red(plural(whole, "copy", "copies")),
        Memory::Left { whole: 0, parts } => Line::red(plural(parts, "part of a copy", "parts of copies")),
        Memory::Left { whole, parts } => {
            Line::red(format!("{}, {}", plural(whole, "copy", "copies"), plural(parts, "part", "parts")))
        }
        Memory::Unreadable => Line::plain("not read (Linux only)"),
        Memory::Dead => Line::red("the process died"),
        Memory::NoPassword => Line::plain("not searched"),
    }
}

fn plural(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn summary(out: &mut String, report: &Report) {
    let all = report.events.len();
    let of = |count: usize| format!("{count} of {all}");
    let in_memory = |total: &Total| total.left_in_memory.map_or_else(|| "not read".to_owned(), of);
    let (plain, secured) = (&report.plain, &report.secured);
    for (label, plain, secured) in [
        ("Events of all that", "plain".to_owned(), "secured".to_owned()),
        ("told their caller a secret", of(plain.told_callers), of(secured.told_callers)),
        ("told the log a secret", of(plain.told_the_log), of(secured.told_the_log)),
        ("left copies of their password in memory", in_memory(plain), in_memory(secured)),
        ("killed the process", of(plain.died), of(secured.died)),
    ] {
        let _ = writeln!(out, "{label:<43}{plain:<14}{secured}");
    }
    let verdict = if report.secured_failed {
        "The secured function FAILED: it told a secret, or died."
    } else {
        "The secured function told nobody a secret."
    };
    let _ = writeln!(out, "\n{verdict}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_around_the_leak_or_the_first_line() {
        let long = format!("first\n{}SECRET{}\nlast\n", "a".repeat(400), "b".repeat(400));
        let around = excerpt(&long, long.find("SECRET"));
        assert!(around.starts_with("…a") && around.contains("aSECRETb") && around.ends_with("b…"), "{around}");
        assert_eq!(excerpt(&long, None), "first");
        assert_eq!(excerpt("one\ntwo SECRET\nthree", Some(8)), "two SECRET");
        assert_eq!(excerpt("a\x1b[31mb\tc", None), "a [31mb c");
        let both_ends = excerpt(&format!("start{}end", "é".repeat(300)), None);
        assert!(
            both_ends.starts_with("startéé") && both_ends.contains("é…é") && both_ends.ends_with("éend"),
            "{both_ends}"
        );
        assert_eq!(excerpt("", None), "");
    }

    #[test]
    fn a_log_line_in_json_is_condensed() {
        let line = r#"{"timestamp":"now","level":"WARN","message":"odd","code":"x","status":400,"spans":[]}"#;
        assert_eq!(excerpt(line, None), "WARN odd code=x status=400");
        assert_eq!(excerpt(r#"{"ticket":"t"}"#, None), r#"{"ticket":"t"}"#);
    }

    #[test]
    fn a_row_is_as_wide_as_a_terminal() {
        let leaking =
            Text { content: "x".repeat(500), leaks: vec!["the password", "the signing key"], first: Some(300) };
        let mut out = String::new();
        row(&mut out, "caller", &text(&leaking, "nothing"), &text(&leaking, "nothing"), false);
        assert!(out.contains("LEAKS the password and the signing"), "{out}");
        assert!(out.lines().all(|line| display_width(line) <= 80), "{out}");
        assert!(!out.contains('\x1b'));
        let mut out = String::new();
        row(&mut out, "caller", &text(&leaking, "nothing"), &[], true);
        assert!(out.contains("\x1b[31mLEAKS"), "{out}");
    }
}
