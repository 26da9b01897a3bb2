//! An event as the Runtime API hands it out: whose it is, and its context.

use std::{env, str, sync::Arc};

use base64::prelude::{BASE64_STANDARD, Engine};
use lambda_runtime::{Config, Context};

use super::protocol::{Field, Fields, ProtocolError};
use crate::Error;

/// The invocation that an answer belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ids {
    /// Goes into the path of the answer, so it holds only what may stand there.
    pub(super) request: String,
    /// Echoed, so that the API can refuse an answer that comes too late.
    pub(super) invocation: Option<String>,
}

/// What the head of an event says.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) ids: Ids,
    /// `None`: what the caller says of himself (client context, Cognito identity) does not parse.
    pub(super) context: Option<Context>,
}

/// Reads arrivals.
#[derive(Debug, Clone)]
pub(super) struct Arrivals {
    /// A context of nobody: what all invocations of this environment have in common.
    template: Context,
}

impl Arrivals {
    /// Reads what the environment says of the function.
    pub(super) fn from_env() -> Result<Self, Error> {
        let memory = variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")?;
        Ok(Self::new(Config {
            function_name: variable("AWS_LAMBDA_FUNCTION_NAME")?,
            memory: memory.parse().map_err(|_| format!("AWS_LAMBDA_FUNCTION_MEMORY_SIZE is no number: `{memory}`"))?,
            version: variable("AWS_LAMBDA_FUNCTION_VERSION")?,
            log_stream: env::var("AWS_LAMBDA_LOG_STREAM_NAME").unwrap_or_default(),
            log_group: env::var("AWS_LAMBDA_LOG_GROUP_NAME").unwrap_or_default(),
        }))
    }

    fn new(config: Config) -> Self {
        let mut template = Context::default();
        template.env_config = Arc::new(config);
        Self { template }
    }

    /// Reads the fields of a head that lies in `inbox`.
    pub(super) fn read(&self, inbox: &[u8], fields: &Fields) -> Result<Arrival, ProtocolError> {
        let value = |field| fields.value(inbox, field);
        let text = |field| value(field).map(text);

        let missing = |field: Field| ProtocolError::Header(field.name());
        let request_id =
            value(Field::RequestId).and_then(|id| str::from_utf8(id).ok()).filter(|id| is_path_segment(id));
        let request_id = request_id.ok_or(missing(Field::RequestId))?;
        let deadline = value(Field::Deadline).and_then(|deadline| str::from_utf8(deadline).ok()?.parse().ok());
        let deadline = deadline.ok_or(missing(Field::Deadline))?;
        let invocation = value(Field::InvocationId).and_then(|id| {
            let id = str::from_utf8(id).ok().filter(|id| id.bytes().all(|byte| byte.is_ascii_graphic()));
            if id.is_none() {
                tracing::warn!("Ignoring malformed Lambda runtime invocation ID header");
            }
            id.map(str::to_owned)
        });

        let mut context = self.template.clone();
        request_id.clone_into(&mut context.request_id);
        context.deadline = deadline;
        context.invoked_function_arn = text(Field::FunctionArn)
            .unwrap_or_else(|| "No header lambda-runtime-invoked-function-arn found.".to_owned());
        context.xray_trace_id = text(Field::TraceId);
        context.tenant_id = text(Field::TenantId);
        let client_context = value(Field::ClientContext);
        let client_context = json(client_context).or_else(|()| json(Some(&decoded(client_context)?)));
        let identity = json(value(Field::Identity));
        let context = match (client_context, identity) {
            (Ok(client_context), Ok(identity)) => {
                (context.client_context, context.identity) = (client_context, identity);
                Some(context)
            }
            _ => None,
        };
        Ok(Arrival { ids: Ids { request: request_id.to_owned(), invocation }, context })
    }
}

/// A variable that Lambda sets for every function.
pub(super) fn variable(name: &str) -> Result<String, Error> {
    env::var(name).map_err(|error| {
        format!(
            "{name}: {error}; Lambda sets it, and outside of Lambda `cargo lambda watch` or a test's `Function` does"
        )
        .into()
    })
}

/// A header's value as text, whatever it is.
fn text(value: &[u8]) -> String {
    str::from_utf8(value).map_or_else(|_| String::from_utf8_lossy(value).into_owned(), str::to_owned)
}

/// What may stand between two slashes as it is. Source: [RFC 3986](https://www.rfc-editor.org/rfc/rfc3986), `pchar`,
/// without percent-encoding.
fn is_path_segment(id: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte);
    !id.is_empty() && id != "." && id != ".." && id.bytes().all(fits)
}

/// Neither missing nor empty, it has to be JSON of the right shape.
fn json<T: serde::de::DeserializeOwned>(value: Option<&[u8]>) -> Result<Option<T>, ()> {
    match value {
        None | Some(b"") => Ok(None),
        Some(value) => serde_json::from_slice(value).map(Some).map_err(drop),
    }
}

/// Lambda decodes the client context that a caller encodes; cargo-lambda encodes the one that it gets in clear. What is
/// an object in one form is none in the other.
fn decoded(value: Option<&[u8]>) -> Result<Vec<u8>, ()> {
    BASE64_STANDARD.decode(value.unwrap_or_default()).map_err(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lambda::protocol::{Progress, Reader},
        scrub::Buffer,
    };

    const REQUEST_ID: &str = "lambda-runtime-aws-request-id";
    const DEADLINE: &str = "lambda-runtime-deadline-ms";

    /// Reads a head with these headers, and those that are always there.
    fn read(headers: &[(&str, &str)]) -> Result<Arrival, ProtocolError> {
        let usual = [(REQUEST_ID, "8476a536"), (DEADLINE, "1542409706888")];
        let given = |name: &str| headers.iter().any(|(given, _)| *given == name);
        let mut buffer = Buffer::default();
        buffer.push(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n");
        for (name, value) in usual.iter().filter(|(name, _)| !given(name)).chain(headers) {
            buffer.push(format!("{name}: {value}\r\n").as_bytes());
        }
        buffer.push(b"\r\n");
        let Progress::Whole(message) = Reader::new(0).advance(&mut buffer)? else { panic!("the head is whole") };
        Arrivals::new(Config::default()).read(buffer.content(), &message.fields)
    }

    #[test]
    fn a_context_has_all_that_the_head_says() {
        let arrival = read(&[
            ("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:1:function:f"),
            ("lambda-runtime-trace-id", "Root=1-a"),
            ("lambda-runtime-aws-tenant-id", "tenant"),
            ("lambda-runtime-client-context", r#"{"custom":{"key":"value"}}"#),
            ("lambda-runtime-cognito-identity", r#"{"identityId":"id","identityPoolId":"pool"}"#),
            ("lambda-runtime-invocation-id", "i-1"),
        ])
        .unwrap();
        assert_eq!(arrival.ids, Ids { request: "8476a536".into(), invocation: Some("i-1".into()) });
        let context = arrival.context.unwrap();
        assert_eq!((context.request_id.as_str(), context.deadline), ("8476a536", 1_542_409_706_888));
        assert_eq!(context.invoked_function_arn, "arn:aws:lambda:eu-central-1:1:function:f");
        assert_eq!(context.xray_trace_id.as_deref(), Some("Root=1-a"));
        assert_eq!(context.tenant_id.as_deref(), Some("tenant"));
        assert_eq!(context.client_context.unwrap().custom["key"], "value");
        assert_eq!(context.identity.unwrap().identity_pool_id, "pool");
    }

    #[test]
    fn a_client_context_may_be_encoded() {
        for context in [r#"{"custom":{"a":"b"}}"#, "eyJjdXN0b20iOnsiYSI6ImIifX0="] {
            let context = read(&[("lambda-runtime-client-context", context)]).unwrap().context.unwrap();
            assert_eq!(context.client_context.unwrap().custom["a"], "b");
        }
    }

    #[test]
    fn what_is_missing_or_empty_is_none() {
        let context =
            read(&[("lambda-runtime-client-context", ""), ("lambda-runtime-cognito-identity", "")]).unwrap().context;
        let context = context.unwrap();
        assert_eq!((context.client_context, context.identity, context.xray_trace_id), (None, None, None));
    }

    #[test]
    fn a_callers_context_that_does_not_parse_is_his_mistake_and_no_end_of_the_process() {
        for (name, value) in [
            ("lambda-runtime-client-context", "{"),
            ("lambda-runtime-client-context", r#"{"custom": 7}"#),
            ("lambda-runtime-client-context", "AAAA"),
            ("lambda-runtime-client-context", "eyJjdXN0b20iOiA3fQ=="),
            ("lambda-runtime-cognito-identity", "{}"),
            ("lambda-runtime-cognito-identity", "e30="),
        ] {
            let arrival = read(&[(name, value)]).unwrap();
            assert!(arrival.context.is_none(), "{name}: {value}");
            assert_eq!(arrival.ids.request, "8476a536");
        }
    }

    #[test]
    fn an_id_that_could_change_a_path_is_refused() {
        for id in ["", ".", "..", "a/b", "a?b", "a#b", "a b", "a%2fb", "a\tb", "é"] {
            assert_eq!(read(&[(REQUEST_ID, id)]).unwrap_err(), ProtocolError::Header(REQUEST_ID), "{id:?}");
        }
        let twice = read(&[(REQUEST_ID, "one"), (REQUEST_ID, "two")]);
        assert_eq!(twice.unwrap_err(), ProtocolError::Header(REQUEST_ID));
        assert_eq!(read(&[(REQUEST_ID, "one"), (REQUEST_ID, "one")]).unwrap().ids.request, "one");
    }

    #[test]
    fn a_deadline_is_a_number() {
        for deadline in ["", "soon", "-1", "1e9", "99999999999999999999999"] {
            assert_eq!(read(&[(DEADLINE, deadline)]).unwrap_err(), ProtocolError::Header(DEADLINE), "{deadline:?}");
        }
    }

    #[test]
    fn a_malformed_invocation_id_is_not_echoed() {
        assert_eq!(read(&[("lambda-runtime-invocation-id", "a b")]).unwrap().ids.invocation, None);
    }
}
