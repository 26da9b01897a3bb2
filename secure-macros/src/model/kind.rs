//! Kinds of handlers: what an event is called, and what a handler of the kind is told to write.

use syn::{Ident, LitInt, Type};

/// What a handler is called with, and how often.
#[derive(Default)]
pub(crate) enum Kind {
    /// Once an invocation, with the event that it brings.
    #[default]
    Plain,
    /// Once an invocation, with the HTTP request that it brings.
    Http,
    /// Once a record of a queue's batch.
    Sqs(Batch),
}

/// How a batch is dealt with.
#[derive(Default)]
pub(crate) struct Batch {
    /// The state parameter that takes what will never succeed.
    pub(crate) dead_letter: Option<Ident>,
    /// How many records at a time.
    pub(crate) concurrency: Option<LitInt>,
}

impl Kind {
    /// The event parameter's type.
    pub(crate) fn event(&self) -> &'static str {
        match self {
            Self::Plain => "LambdaEvent",
            Self::Http => "HttpRequest",
            Self::Sqs(_) => "Record",
        }
    }

    /// The event's public fields, by which it is known behind an alias.
    pub(crate) fn fields(&self) -> &'static [&'static str] {
        match self {
            Self::Plain => &["payload", "context"],
            Self::Http | Self::Sqs(_) => &["body"],
        }
    }

    /// Its event parameter, as an example.
    pub(crate) fn example(&self) -> &'static str {
        match self {
            Self::Plain => "event: LambdaEvent<T>",
            Self::Http => "request: HttpRequest<T>",
            Self::Sqs(_) => "record: Record<T>",
        }
    }

    /// A field of what the event brings, as an example.
    pub(crate) fn field(&self, name: &str) -> String {
        let event = match self {
            Self::Plain => "event.payload",
            Self::Http => "request.body",
            Self::Sqs(_) => "record.body",
        };
        format!("{event}.{name}")
    }

    /// Whether a type is the event's, by name.
    pub(crate) fn is_event(&self, ty: &Type) -> bool {
        match ty {
            Type::Path(path) => path.path.segments.last().is_some_and(|last| last.ident == self.event()),
            Type::Paren(paren) => self.is_event(&paren.elem),
            Type::Group(group) => self.is_event(&group.elem),
            _ => false,
        }
    }
}
