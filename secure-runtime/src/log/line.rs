//! A log event as a line of JSON, in a buffer that is wiped.

use std::fmt;

use serde::{Serialize, Serializer};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    fmt::{
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    layer::Context,
    registry::{LookupSpan, Scope},
};

use crate::scrub::Buffer;

/// Writes each event as one line: time, level, the event's fields, target, and the spans that it is in.
///
/// tracing-subscriber's own layer formats into a buffer of the thread, which keeps the last line and what was longer before.
pub(super) struct Lines<W> {
    write: W,
}

impl<W: Fn(&[u8])> Lines<W> {
    /// `write` is given a line at a time, with its end.
    pub(super) fn new(write: W) -> Self {
        Self { write }
    }
}

impl<S, W> Layer<S> for Lines<W>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: Fn(&[u8]) + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut members = Members::default();
            attributes.record(&mut members);
            span.extensions_mut().insert(members);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(members) = span.extensions_mut().get_mut()
        {
            values.record(members as &mut Members);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let mut members = Members::default();
        members.add("timestamp", &Shown(&Now));
        members.add("level", metadata.level().as_str());
        event.record(&mut members);
        members.add("target", metadata.target());

        let mut line = Buffer::of(512);
        line.push(b"{");
        line.push(members.0.content());
        line.push(b",\"spans\":[");
        let spans = context.event_scope(event).into_iter().flat_map(Scope::from_root);
        for (index, span) in spans.enumerate() {
            line.push(if index == 0 { b"{" } else { b",{" });
            let mut name = Members::default();
            name.add("name", span.name());
            if let Some(members) = span.extensions().get::<Members>().filter(|members| members.0.len() > 0) {
                line.push(members.0.content());
                line.push(b",");
            }
            line.push(name.0.content());
            line.push(b"}");
        }
        line.push(b"]}\n");
        (self.write)(line.content());
    }
}

/// The members of a JSON object, without the braces.
struct Members(Buffer);

impl Default for Members {
    fn default() -> Self {
        Self(Buffer::of(512))
    }
}

impl Members {
    fn add(&mut self, name: &str, value: &(impl Serialize + ?Sized)) {
        if self.0.len() > 0 {
            self.0.push(b",");
        }
        let name = name.strip_prefix("r#").unwrap_or(name);
        serde_json::to_writer(&mut self.0, name).expect("a text serialises, and the buffer takes everything");
        self.0.push(b":");
        serde_json::to_writer(&mut self.0, value).expect("so do numbers and what is shown as a text");
    }
}

impl Visit for Members {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field.name(), &value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field.name(), &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field.name(), &value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field.name(), &value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field.name(), &Shown(value));
    }
}

/// A value as its `Debug` shows it, in a string that is never whole anywhere but in the line.
struct Shown<'v>(&'v dyn fmt::Debug);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Shown<'_> {
    /// A `Debug` that fails is shown as far as it came: serde_json would panic.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let _ = write!(f, "{:?}", self.0);
        Ok(())
    }
}

/// The time of day, in UTC.
struct Now;

impl fmt::Debug for Now {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SystemTime.format_time(&mut Writer::new(f))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    /// What is logged meanwhile, each line parsed, without its time.
    fn lines_of(f: impl FnOnce()) -> Vec<Value> {
        let written = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&written);
        let lines = Lines::new(move |line: &[u8]| sink.lock().unwrap().push(line.to_vec()));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), f);
        let written = written.lock().unwrap();
        let parsed = written.iter().map(|line| {
            assert!(line.ends_with(b"\n") && !line[..line.len() - 1].contains(&b'\n'), "one line");
            let mut line: Value = serde_json::from_slice(line).unwrap();
            let timestamp = line.as_object_mut().unwrap().remove("timestamp").unwrap();
            assert!(timestamp.as_str().unwrap().ends_with('Z'), "{timestamp}");
            line
        });
        parsed.collect()
    }

    #[test]
    fn an_event_has_its_fields_beside_level_and_target() {
        let lines = lines_of(|| {
            let error: &dyn std::error::Error = &fmt::Error;
            tracing::warn!(target: "t", text = "a \"b\"\n", n = -1, f = 0.5, yes = true, none = None::<u8>, error, "m {}", 7);
        });
        let error = fmt::Error.to_string();
        let expected = json!({
            "level": "WARN", "target": "t", "message": "m 7", "text": "a \"b\"\n", "n": -1, "f": 0.5, "yes": true, "error": error,
            "spans": [],
        });
        assert_eq!(lines, [expected]);
    }

    #[test]
    fn spans_are_listed_from_the_outermost_with_what_was_recorded_later() {
        let lines = lines_of(|| {
            let outer = tracing::info_span!("outer", id = "r-1", later = tracing::field::Empty);
            let _outer = outer.enter();
            let _inner = tracing::info_span!("inner").entered();
            outer.record("later", 7);
            tracing::info!(r#type = ?Some("x"), "in both");
        });
        assert_eq!(lines[0]["spans"], json!([{"id": "r-1", "later": 7, "name": "outer"}, {"name": "inner"}]));
        assert_eq!(lines[0]["type"], "Some(\"x\")");
    }

    #[test]
    fn a_value_that_cant_be_shown_is_shown_as_far_as_it_goes() {
        struct Broken;
        impl fmt::Debug for Broken {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("half of it")?;
                Err(fmt::Error)
            }
        }
        let lines = lines_of(|| tracing::info!(target: "t", broken = ?Broken, whole = 1));
        assert_eq!(lines, [json!({"level": "INFO", "broken": "half of it", "target": "t", "whole": 1, "spans": []})]);
    }
}
