//! Where the Runtime API is, and what is asked of it.

use http::{Uri, uri::Scheme};

use super::arrival::variable;
use crate::Error;

/// The address of the Runtime API (version 2018-06-01) and the requests that are the same each time.
///
/// Source: [the Runtime API](https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).
#[derive(Debug)]
pub(super) struct Endpoint {
    host: String,
    port: u16,
    /// What all targets begin with: a base path, if there is one, and the API's version.
    base: String,
    /// The header lines of every request.
    lines: String,
}

impl Endpoint {
    /// Reads `AWS_LAMBDA_RUNTIME_API`: `host:port`, or an `http` URL, also with a path, as emulators give it.
    pub(super) fn from_env() -> Result<Self, Error> {
        Self::new(&variable("AWS_LAMBDA_RUNTIME_API")?)
    }

    fn new(address: &str) -> Result<Self, Error> {
        let bad = |why: &str| Error::from(format!("AWS_LAMBDA_RUNTIME_API is `{address}`, which {why}"));
        let uri: Uri = address.parse().map_err(|_| bad("is no address"))?;
        if uri.scheme().is_some_and(|scheme| *scheme != Scheme::HTTP) {
            return Err(bad("is not `http`"));
        }
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'));
        let authority = authority.ok_or_else(|| bad("names no host"))?;
        Ok(Self {
            host: authority.host().trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: authority.port_u16().unwrap_or(80),
            base: format!("{}/2018-06-01/runtime", uri.path().trim_end_matches('/')),
            lines: format!("user-agent: {}\r\nhost: {authority}\r\n", user_agent()),
        })
    }

    /// Host and port to connect to.
    pub(super) fn address(&self) -> (&str, u16) {
        (&self.host, self.port)
    }

    /// A whole request without a body.
    pub(super) fn get(&self, path: &str) -> Vec<u8> {
        let Self { base, lines, .. } = self;
        format!("GET {base}{path} HTTP/1.1\r\n{lines}\r\n").into_bytes()
    }

    /// What the targets of all requests begin with.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// The header lines of every request, with their ends.
    pub(super) fn lines(&self) -> &str {
        &self.lines
    }
}

/// lambda_runtime's own, by which AWS counts runtimes, and which users set by `LAMBDA_RUNTIME_USER_AGENT` at build time.
fn user_agent() -> String {
    let request = lambda_runtime_api_client::build_request().body(()).ok();
    let value = request.as_ref().and_then(|request| request.headers().get("user-agent")?.to_str().ok());
    value.unwrap_or("aws-lambda-rust").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_a_port_or_a_url_with_a_path() {
        for (address, host, port, base) in [
            ("127.0.0.1:9001", "127.0.0.1", 9001, "/2018-06-01/runtime"),
            ("http://localhost:9000/.rt/login/", "localhost", 9000, "/.rt/login/2018-06-01/runtime"),
            ("http://[::1]:9000/login", "::1", 9000, "/login/2018-06-01/runtime"),
            ("http://rapid", "rapid", 80, "/2018-06-01/runtime"),
        ] {
            let endpoint = Endpoint::new(address).unwrap();
            assert_eq!((endpoint.address(), endpoint.base()), ((host, port), base), "{address}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_its_text() {
        for address in ["", "https://rapid", "http://", "/only/a/path", "http://user@rapid", "a b"] {
            let error = Endpoint::new(address).unwrap_err().to_string();
            assert!(error.contains("AWS_LAMBDA_RUNTIME_API") && error.contains(address), "{error}");
        }
    }

    #[test]
    fn the_user_agent_is_lambda_runtimes() {
        let endpoint = Endpoint::new("rapid:80").unwrap();
        let request = String::from_utf8(endpoint.get("/invocation/next")).unwrap();
        assert!(
            request.starts_with("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nuser-agent: aws-lambda-rust/")
        );
        assert!(request.ends_with("\r\nhost: rapid:80\r\n\r\n"), "{request}");
    }
}
