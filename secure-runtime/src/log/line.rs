//! A log event as a line, in a buffer that is wiped.

use std::{
    fmt::{self, Write as _},
    ops::Range,
    sync::atomic::{AtomicU64, Ordering},
};

use tracing::{
    Event, Metadata, Subscriber,
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

use super::{
    Format,
    escape::{Escaping, Within},
    mask::{self, Masks},
};
use crate::{scope, scrub::Buffer};

/// Writes each event as one masked line; see [`layer`](super::layer).
///
/// tracing-subscriber's own layer formats into a buffer of the thread, which keeps the last line and what was longer before.
pub struct LogLayer {
    format: Format,
    /// Is given a line at a time, with its end.
    write: Box<Write>,
    /// Which spans' fields are this layer's to keep: a subscriber can have several.
    id: u64,
}

type Write = dyn Fn(&[u8]) + Send + Sync;

impl LogLayer {
    pub(super) fn new(format: Format, write: impl Fn(&[u8]) + Send + Sync + 'static) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self { format, write: Box::new(write), id: NEXT.fetch_add(1, Ordering::Relaxed) }
    }
}

impl fmt::Debug for LogLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogLayer").field("format", &self.format).finish_non_exhaustive()
    }
}

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for LogLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut extensions = span.extensions_mut();
            if extensions.get_mut::<Recorded>().is_none() {
                let mut recorded = Recorded { owner: self.id, values: Buffer::of(256), fields: Vec::new() };
                attributes.record(&mut Each(&mut recorded));
                extensions.insert(recorded);
            }
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(recorded) = span.extensions_mut().get_mut::<Recorded>().filter(|found| found.owner == self.id)
        {
            values.record(&mut Each(recorded));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let mut line = Line { out: Buffer::of(2048), masks: &mask::now(), format: self.format, metadata, target: None };
        line.begin();
        event.record(&mut Each(&mut line));
        line.target();
        if let Some(invocation) = scope::current() {
            line.request(&invocation.request_id);
        }
        let spans = context.event_scope(event).into_iter().flat_map(Scope::from_root);
        line.spans(|line| {
            for (index, span) in spans.enumerate() {
                line.span(index, span.name(), span.extensions().get::<Recorded>());
            }
        });
        line.out.push(b"\n");
        (self.write)(line.out.content());
    }
}

/// The fields of a span, as JSON. They are masked when a line shows them: the secrets in them may not be known before.
struct Recorded {
    owner: u64,
    values: Buffer,
    fields: Vec<(&'static str, Range<usize>)>,
}

/// What takes fields one by one.
trait Fields {
    fn add(&mut self, field: &Field, value: Value<'_>);
}

/// Hands each field on as a value.
struct Each<'f, F>(&'f mut F);

impl<F: Fields> Visit for Each<'_, F> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.add(field, Value::Float(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.add(field, Value::Plain(&value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.add(field, Value::Plain(&value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.add(field, Value::Plain(&value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.add(field, Value::Text(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.add(field, Value::Shown(value));
    }
}

impl Fields for Recorded {
    fn add(&mut self, field: &Field, value: Value<'_>) {
        let start = self.values.len();
        value.json(&mut self.values);
        let (name, range) = (plain_name(field.name()), start..self.values.len());
        match self.fields.iter_mut().find(|(known, _)| *known == name) {
            Some(known) => known.1 = range,
            None => self.fields.push((name, range)),
        }
    }
}

/// A field's value.
#[derive(Clone, Copy)]
enum Value<'v> {
    Text(&'v str),
    /// As its `Debug` shows it.
    Shown(&'v dyn fmt::Debug),
    Float(f64),
    /// A number or a `bool`, which JSON writes as Rust does.
    Plain(&'v dyn fmt::Display),
}

impl Value<'_> {
    fn json(self, out: &mut Buffer) {
        match self {
            Self::Text(_) | Self::Shown(_) => {
                out.push(b"\"");
                self.text(out, Within::Quotes);
                out.push(b"\"");
            }
            Self::Float(float) if !float.is_finite() => out.push(b"null"),
            Self::Float(_) | Self::Plain(_) => self.text(out, Within::Line),
        }
    }

    fn text(self, out: &mut Buffer, within: Within) {
        let mut escaping = Escaping { out, within };
        // A value that fails to be shown is shown as far as it came.
        let _ = match self {
            Self::Text(text) => escaping.write_str(text),
            Self::Shown(value) => write!(escaping, "{value:?}"),
            Self::Float(value) => write!(escaping, "{value:?}"),
            Self::Plain(value) => write!(escaping, "{value}"),
        };
    }
}

/// `r#type` is written as `type`.
fn plain_name(name: &'static str) -> &'static str {
    name.strip_prefix("r#").unwrap_or(name)
}

/// What every line says itself: a field of the same name is written as `fields.level`, so that no field can pass for it.
const OWN_NAMES: [&str; 5] = ["timestamp", "level", "target", "requestId", "spans"];

/// Such fields of this crate's own events.
const DECLARED: [&str; 5] = ["code", "error_type", "handler", "request_id", "status"];

/// And of those that [`audit!`](crate::audit) writes.
const AUDITED: [&str; 2] = ["event", "request_id"];

/// A line that is being put together.
struct Line<'l> {
    out: Buffer,
    masks: &'l Masks,
    format: Format,
    metadata: &'static Metadata<'static>,
    /// The target of a record of the `log` crate, which is a field.
    target: Option<Buffer>,
}

impl Line<'_> {
    fn begin(&mut self) {
        let level = self.metadata.level().as_str();
        match self.format {
            Format::Json => {
                self.out.push(b"{\"timestamp\":\"");
                self.time();
                self.out.push(b"\",\"level\":\"");
                self.out.push(level.as_bytes());
                self.out.push(b"\"");
            }
            Format::Text => {
                self.time();
                self.out.push(if level.len() < 5 { b"  " } else { b" " });
                self.out.push(level.as_bytes());
            }
        }
    }

    /// The time of day, in UTC, as RFC 3339 has it.
    fn time(&mut self) {
        let _ = SystemTime.format_time(&mut Writer::new(&mut Escaping { out: &mut self.out, within: Within::Quotes }));
    }

    fn target(&mut self) {
        let target = self.target.take();
        let target = target.as_ref().map_or(self.metadata.target().as_bytes(), Buffer::content);
        match self.format {
            Format::Json => {
                self.out.push(b",\"target\":\"");
                self.out.push(target);
                self.out.push(b"\"");
            }
            Format::Text => {
                self.out.push(b" target=");
                self.out.push(target);
            }
        }
    }

    /// The id is the one that AWS gave, so it is not masked.
    fn request(&mut self, id: &str) {
        self.out.push(if self.format == Format::Json { b",\"requestId\":" } else { b" requestId=" });
        let quotes = if self.format == Format::Json { "\"" } else { "" };
        self.out.push(quotes.as_bytes());
        Value::Text(id).text(&mut self.out, Within::Quotes);
        self.out.push(quotes.as_bytes());
    }

    fn spans(&mut self, each: impl FnOnce(&mut Self)) {
        if self.format == Format::Json {
            self.out.push(b",\"spans\":[");
        }
        each(self);
        if self.format == Format::Json {
            self.out.push(b"]}");
        }
    }

    fn span(&mut self, index: usize, name: &'static str, recorded: Option<&Recorded>) {
        let json = self.format == Format::Json;
        match (json, index) {
            (true, 0) => self.out.push(b"{"),
            (true, _) => self.out.push(b",{"),
            (false, 0) => self.out.push(b" in "),
            (false, _) => self.out.push(b":"),
        }
        if !json {
            self.out.push(name.as_bytes());
            self.out.push(b"{");
        }
        let fields = recorded.iter().flat_map(|recorded| recorded.fields.iter().map(|field| (&recorded.values, field)));
        for (index, (values, (name, range))) in fields.enumerate() {
            if json {
                self.out.push(if index == 0 { b"\"" } else { b",\"" });
                self.name(name);
                self.out.push(b"\":");
            } else {
                self.out.push(if index == 0 { b"" } else { b" " });
                self.out.push(name.as_bytes());
                self.out.push(b"=");
            }
            let start = self.out.len();
            self.out.push(&values.content()[range.clone()]);
            self.mask_from(start);
        }
        if json {
            self.out.push(if recorded.is_none_or(|recorded| recorded.fields.is_empty()) {
                b"\"name\":\""
            } else {
                b",\"name\":\""
            });
            Value::Text(name).text(&mut self.out, Within::Quotes);
            self.out.push(b"\"");
        }
        self.out.push(b"}");
    }

    /// Names are written in the source, in quotes at the most.
    fn name(&mut self, name: &'static str) {
        Value::Text(name).text(&mut self.out, Within::Quotes);
    }

    /// Whether a field holds words of the program, or an id that AWS gave, and no data. Those are not masked: whoever sends
    /// `internal_error` or `login_failed` as a password would keep it from the alarms.
    fn is_declared(&self, name: &str) -> bool {
        let is_ours = self.metadata.module_path().is_some_and(|path| path.starts_with("secure_runtime::"));
        (is_ours && DECLARED.contains(&name)) || (self.metadata.target() == "audit" && AUDITED.contains(&name))
    }

    /// Masks a value at the end of the line. It stays a value: what isn't in quotes gets them.
    fn mask_from(&mut self, start: usize) {
        let value = &self.out.content()[start..];
        let is_text = value.first() == Some(&b'"');
        let inner = if is_text && value.len() > 1 { start + 1..self.out.len() - 1 } else { start..self.out.len() };
        let Some(masked) = self.masks.mask_part(&self.out.content()[inner]) else { return };
        let quotes: &[u8] = if is_text || self.format == Format::Json { b"\"" } else { b"" };
        self.out.truncate(start);
        self.out.push(quotes);
        self.out.push(masked.content());
        self.out.push(quotes);
    }
}

impl Fields for Line<'_> {
    fn add(&mut self, field: &Field, value: Value<'_>) {
        let name = plain_name(field.name());
        if self.metadata.target() == "log" && name.starts_with("log.") {
            // What tracing-log adds to a record of the `log` crate; of that, the target is worth a place.
            if name == "log.target" {
                let mut target = Buffer::of(64);
                value.text(&mut target, Within::Quotes);
                self.target = Some(target);
            }
            return;
        }
        let is_message = name == "message";
        match self.format {
            Format::Json => {
                self.out.push(if OWN_NAMES.contains(&name) { b",\"fields." } else { b",\"" });
                self.name(name);
                self.out.push(b"\":");
            }
            Format::Text => {
                self.out.push(b" ");
                if !is_message {
                    self.out.push(name.as_bytes());
                    self.out.push(b"=");
                }
            }
        }
        let start = self.out.len();
        match (self.format, value) {
            (Format::Text, Value::Text(_)) if is_message => value.text(&mut self.out, Within::Line),
            (Format::Text, Value::Shown(_)) => value.text(&mut self.out, Within::Line),
            _ => value.json(&mut self.out),
        }
        if !self.is_declared(name) {
            self.mask_from(start);
        }
    }
}

#[cfg(test)]
#[path = "line_tests.rs"]
mod tests;
