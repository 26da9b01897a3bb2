//! What a client sends.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_s3::{
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::{BeforeTransmitInterceptorContextMut, BeforeTransmitInterceptorContextRef},
    },
    error::BoxError,
};

/// Notes every request's method, path and query, and its headers, and stops some. Its clones share what they have noted.
#[derive(Debug, Clone, Default)]
pub struct Requests {
    seen: Arc<Mutex<Vec<Request>>>,
    /// Requests of this method are never sent.
    stopped: Option<&'static str>,
}

/// A request, as it was sent.
#[derive(Debug, Clone)]
pub struct Request {
    /// `PUT /bucket/key?uploadId=…`
    pub line: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
}

impl Request {
    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }
}

impl Requests {
    /// Lets no request of this method through.
    #[must_use]
    pub fn stopping(method: &'static str) -> Self {
        Self { stopped: Some(method), ..Self::default() }
    }

    /// What was sent so far.
    #[must_use]
    pub fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many were sent whose first line holds this.
    #[must_use]
    pub fn count(&self, part: &str) -> usize {
        self.seen().iter().filter(|request| request.line.contains(part)).count()
    }
}

impl Intercept for Requests {
    fn name(&self) -> &'static str {
        "Requests"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        match self.stopped {
            Some(method) if context.request().method() == method => Err("it is stopped".into()),
            _ => Ok(()),
        }
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        let headers = request.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let request = Request { line: format!("{} {}", request.method(), request.uri()), headers };
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        Ok(())
    }
}
