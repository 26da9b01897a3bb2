//! The manifest's text, by `docs/manifest.schema.json`.

use std::fmt::Write as _;

use super::find::Entry;

/// The number of the schema. Another one means that a key is gone, or means something else.
const VERSION: u32 = 1;

pub(super) fn manifest(package: &str, entries: &[Entry]) -> String {
    let escapes: Vec<_> = entries.iter().map(escape).collect();
    let escapes = if escapes.is_empty() { "[]".to_owned() } else { format!("[\n{}\n  ]", escapes.join(",\n")) };
    let package = string(package);
    format!("{{\n  \"version\": {VERSION},\n  \"package\": {package},\n  \"escapes\": {escapes}\n}}\n")
}

fn escape(entry: &Entry) -> String {
    let Entry { kind, of, function, file, line, reason } = entry;
    let mut fields = vec![("kind", string(kind))];
    if let Some(of) = of {
        fields.push((if *kind == "allow" { "rule" } else { "path" }, string(of)));
    }
    fields.push(("file", string(file)));
    fields.push(("line", line.to_string()));
    fields.push(("function", string(function)));
    fields.push(("reason", reason.as_deref().map_or_else(|| "null".to_owned(), string)));
    let fields: Vec<_> = fields.into_iter().map(|(key, value)| format!("      \"{key}\": {value}")).collect();
    format!("    {{\n{}\n    }}", fields.join(",\n"))
}

fn string(text: &str) -> String {
    let mut written = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            c if c.is_control() => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(written, "\\u{unit:04x}");
                }
            }
            c => written.push(c),
        }
    }
    written.push('"');
    written
}
