//! A request as it comes from the front end, and as a handler gets it.

use std::{
    fmt,
    sync::{Arc, Weak},
};

use lambda_http::{
    Body, RequestExt as _,
    http::{HeaderMap, HeaderName, HeaderValue, Method, header::CONTENT_TYPE, header::COOKIE},
};

use super::body::Format;
use crate::{__v1::Invocation, Secret, event::from_form, scope, scrub::Buffer, secret::live};

/// What a secured handler of HTTP requests takes from the runtime.
pub type Request = lambda_http::Request;

/// A request whose body is a `T`: a `#[secure_event]`, `()`, or whatever else is a [`SecureEvent`](crate::SecureEvent).
///
/// It is what a handler takes under `#[secure_handler(http)]`. See [the module](super) for what `T` is parsed from.
///
/// The body can be moved out, `let Order { id, card } = request.body;`, once nothing else is asked of the request; or before, by
/// [`into_parts`](Self::into_parts).
///
/// Credentials that came in headers belong to the invocation, and not to this: kept for longer, it has none.
///
/// ```
/// use secure_runtime::{http, prelude::*};
/// use serde_json::json;
///
/// #[secure_event]
/// struct Order<'inv> {
///     #[public]
///     id: u64,
///     card: Secret<'inv, String>,
/// }
///
/// #[secure_handler(http)]
/// async fn order(request: HttpRequest<Order<'_>>) -> Result<impl IntoResponse, Error> {
///     let (Order { id, card }, request) = request.into_parts();
///     let is_known = request.secret_header("authorization").is_some_and(|key| key.expose(|key| key == "Bearer let-me-in"));
///     let status = if is_known { http::StatusCode::CREATED } else { http::StatusCode::UNAUTHORIZED };
///     Ok((status, json!({"order": id, "at": request.path(), "paid": card.expose(|card| !card.is_empty())})))
/// }
///
/// # fn main() {
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// // What a unit test does: the handler is a function of lambda_http's request.
/// let mut request = http::Request::new(http::Body::from(r#"{"id": 7, "card": "4111"}"#));
/// *request.method_mut() = http::Method::POST;
/// *request.uri_mut() = "/orders".parse().unwrap();
/// request.headers_mut().insert("authorization", "Bearer let-me-in".parse().unwrap());
/// let response = order(request).await.unwrap();
/// assert_eq!(response.status(), 201);
/// assert_eq!(**response.body(), *br#"{"at":"/orders","order":7,"paid":true}"#);
///
/// // The caller's mistakes never reach the handler.
/// let mut request = http::Request::new(http::Body::from("not what it takes"));
/// *request.method_mut() = http::Method::POST;
/// let response = order(request).await.unwrap();
/// assert_eq!((response.status().as_u16(), response.headers()["content-type"].to_str().unwrap()), (400, "application/problem+json"));
/// # }) }
/// ```
pub struct HttpRequest<T> {
    /// What the request's body, or its query, says.
    pub body: T,
    head: Arc<Head>,
    /// Where the credentials are.
    raw: Weak<Raw>,
    scope: Weak<scope::Invocation>,
}

/// What is known of a request apart from its body and its credentials.
pub(super) struct Head {
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
}

impl<T> HttpRequest<T> {
    pub(super) fn new(body: T, raw: &RawRequest, scope: &Arc<scope::Invocation>) -> Self {
        let Raw { method, path, headers, .. } = &*raw.0;
        let head = Head {
            method: method.clone(),
            path: path.clone(),
            query: raw.0.query(),
            headers: headers
                .iter()
                .filter(|(name, _)| !carries_credentials(name))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        };
        Self { body, head: Arc::new(head), raw: Arc::downgrade(&raw.0), scope: Arc::downgrade(scope) }
    }

    /// The request's method.
    ///
    /// ```
    /// use secure_runtime::{http, prelude::*};
    ///
    /// #[secure_handler(http)]
    /// async fn items(request: HttpRequest<()>) -> Result<impl IntoResponse, Error> {
    ///     Ok(match *request.method() {
    ///         http::Method::GET => (http::StatusCode::OK, "items"),
    ///         _ => (http::StatusCode::METHOD_NOT_ALLOWED, ""),
    ///     })
    /// }
    /// ```
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.head.method
    }

    /// The path as the front end gives it: undecoded, and without API Gateway's stage.
    ///
    /// ```
    /// use secure_runtime::prelude::*;
    ///
    /// #[secure_handler(http)]
    /// async fn last(request: HttpRequest<()>) -> Result<String, Error> {
    ///     Ok(request.path().rsplit('/').next().unwrap_or_default().to_owned())
    /// }
    /// ```
    #[must_use]
    pub fn path(&self) -> &str {
        &self.head.path
    }

    /// A parameter of the query string, decoded; the first of that name. What a query says stands in access logs of
    /// front ends, browsers and proxies: it is no place for secrets.
    ///
    /// ```
    /// use secure_runtime::prelude::*;
    ///
    /// #[secure_handler(http)]
    /// async fn page(request: HttpRequest<()>) -> Result<String, Error> {
    ///     let page: u32 = request.query("page").and_then(|page| page.parse().ok()).unwrap_or(1);
    ///     Ok(format!("page {page}"))
    /// }
    /// ```
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        self.head.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A header, in whatever case; the first of that name. `None` where it isn't text.
    ///
    /// `None` also for headers that carry credentials, which [`secret_header`](Self::secret_header) has: those with one of the
    /// words `auth`, `authentication`, `authorization`, `cookie`, `credential`, `credentials`, `csrf`, `jwt`, `otp`, `passcode`,
    /// `passwd`, `password`, `secret`, `session`, `sessionid`, `signature`, `token`, `xsrf` between their hyphens, or of `apikey`, `api-key`,
    /// `access-key`, `auth-key` or the like, and `x-amzn-oidc-data` and `x-amzn-oidc-accesstoken`: so `authorization`,
    /// `proxy-authorization`, `cookie`, `set-cookie`, `x-api-key`, `x-amz-security-token`, `x-auth-token`, `x-csrf-token`.
    ///
    /// ```
    /// use secure_runtime::prelude::*;
    ///
    /// #[secure_handler(http)]
    /// async fn language(request: HttpRequest<()>) -> Result<String, Error> {
    ///     assert!(request.header("Authorization").is_none());
    ///     Ok(request.header("accept-language").unwrap_or("en").to_owned())
    /// }
    /// ```
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name).and_then(text)
    }

    /// Any header, as a secret of this invocation. `None` where it isn't text.
    ///
    /// Of several of one name it is the first, but of cookies all, joined by `; ` as one header has them. Outside of the
    /// invocation that the request came with, in a task that was spawned or when it is over, there are none.
    ///
    /// ```
    /// use secure_runtime::prelude::*;
    ///
    /// #[secure_handler(http)]
    /// async fn whoami(request: HttpRequest<()>, key: &str) -> Result<&'static str, Error> {
    ///     let given = request.secret_header("x-api-key");
    ///     Ok(if given.is_some_and(|given| given.expose(|given| given == key)) { "a friend" } else { "a stranger" })
    /// }
    /// ```
    #[must_use]
    pub fn secret_header(&self, name: &str) -> Option<Secret<'_, String>> {
        let here = scope::current().is_some_and(|current| Weak::ptr_eq(&Arc::downgrade(&current), &self.scope));
        self.raw.upgrade().filter(|_| here)?.header(name).map(Secret::brand)
    }

    /// The body, and the request without one.
    ///
    /// ```
    /// use secure_runtime::prelude::*;
    ///
    /// #[secure_event]
    /// struct Note<'inv> {
    ///     text: Secret<'inv, String>,
    /// }
    ///
    /// #[secure_handler(http)]
    /// async fn keep(request: HttpRequest<Note<'_>>) -> Result<String, Error> {
    ///     let (note, request) = request.into_parts();
    ///     drop(note);
    ///     Ok(format!("kept at {}", request.path()))
    /// }
    /// ```
    #[must_use]
    pub fn into_parts(self) -> (T, HttpRequest<()>) {
        let Self { body, head, raw, scope } = self;
        (body, HttpRequest { body: (), head, raw, scope })
    }
}

/// Of the body what it says of itself, and of the rest nothing.
impl<T: fmt::Debug> fmt::Debug for HttpRequest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRequest").field("body", &self.body).finish_non_exhaustive()
    }
}

/// A request, owned until the handler has ended.
pub struct RawRequest(pub(super) Arc<Raw>);

/// The body is wiped where it is; the rest by the allocator.
pub(super) struct Raw {
    pub(super) method: Method,
    path: String,
    /// As it is written.
    pub(super) form: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Buffer,
}

/// Takes a request apart: it stays with the caller, who owns it until the handler has ended.
#[must_use]
#[track_caller]
pub fn begin(request: Request, handler: &'static str) -> (RawRequest, Invocation) {
    let scope = match request.lambda_context_ref() {
        Some(context) => scope::current_or_new(&context.request_id),
        // A unit test has none.
        None => scope::current().unwrap_or_else(|| scope::Invocation::new("")),
    };
    let (parts, body) = request.into_parts();
    let path = match parts.extensions.raw_http_path() {
        "" => parts.uri.path(),
        path => path,
    };
    let raw = Arc::new(Raw {
        path: path.to_owned(),
        form: parts.uri.query().unwrap_or_default().to_owned(),
        method: parts.method,
        headers: parts.headers,
        body: Buffer::from(match body {
            Body::Text(text) => text.into_bytes(),
            Body::Binary(bytes) => bytes,
            _ => Vec::new(),
        }),
    });
    scope.remember_texts(Arc::<Raw>::clone(&raw));
    (RawRequest(raw), Invocation::begin(scope, handler))
}

impl Raw {
    fn query(&self) -> Vec<(String, String)> {
        from_form(self.form.as_bytes()).unwrap_or_default()
    }

    fn header(&self, name: &str) -> Option<String> {
        let mut values = self.headers.get_all(name).iter().filter_map(text);
        let first = values.next()?.to_owned();
        if name.eq_ignore_ascii_case(COOKIE.as_str()) {
            return Some(values.fold(first, |joined, value| joined + "; " + value));
        }
        Some(first)
    }

    pub(super) fn format(&self) -> Format {
        Format::of(self.headers.get(CONTENT_TYPE))
    }
}

impl scope::Texts for Raw {
    fn values(&self, each: &mut dyn FnMut(&[u8])) {
        for value in self.headers.values() {
            each(value.as_bytes());
            // A scheme and what follows it, a cookie's name and its value.
            for part in value.as_bytes().split(|byte| b" ;,".contains(byte)) {
                each(part);
                if let Some(at) = part.iter().position(|&byte| byte == b'=') {
                    each(&part[at + 1..]);
                }
            }
        }
        if let Some(cookies) = self.header(COOKIE.as_str()) {
            each(cookies.as_bytes());
        }
        for form in [self.form.as_bytes(), self.body.content()] {
            for (_, value) in form_urlencoded::parse(form) {
                each(value.as_bytes());
            }
        }
        live::values(self.body.content(), each);
    }
}

fn text(value: &HeaderValue) -> Option<&str> {
    std::str::from_utf8(value.as_bytes()).ok()
}

/// Whether a header is one that logs and answers must not know.
fn carries_credentials(name: &HeaderName) -> bool {
    const WORDS: [&str; 21] = [
        "accesstoken",
        "apikey",
        "auth",
        "authentication",
        "authorization",
        "cookie",
        "cookie2",
        "credential",
        "credentials",
        "csrf",
        "jwt",
        "otp",
        "passcode",
        "passwd",
        "password",
        "secret",
        "session",
        "sessionid",
        "signature",
        "token",
        "xsrf",
    ];
    const KEYS: [&str; 7] = ["access", "api", "app", "auth", "private", "secret", "service"];
    let mut before = "";
    name.as_str().split(['-', '_', '.']).any(|word| {
        let is_key = word == "key" && KEYS.contains(&before);
        before = word;
        is_key || WORDS.contains(&word)
    }) || name == "x-amzn-oidc-data"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(request: Request) -> (RawRequest, Invocation) {
        begin(request, "test")
    }

    fn request() -> Request {
        let builder = lambda_http::http::Request::builder().method("PUT").uri("/a%20b?x=1&x=2&y=%C3%A9+z&broken=%FF");
        let builder = builder.header("authorization", "Bearer hunter2").header("accept", "text/plain");
        builder
            .header("cookie", "a=1")
            .header("cookie", "b=2")
            .header("x-latin", &b"\xe9"[..])
            .body(Body::from("{}"))
            .unwrap()
    }

    #[test]
    fn a_request_says_what_it_is() {
        let (raw, invocation) = raw(request());
        let request = HttpRequest::new((), &raw, invocation.scope());
        assert_eq!((request.method(), request.path()), (&Method::PUT, "/a%20b"));
        assert_eq!([request.query("x"), request.query("y"), request.query("z")], [Some("1"), Some("é z"), None]);
        assert_eq!(
            [request.header("ACCEPT"), request.header("x-latin"), request.header("no such")],
            [Some("text/plain"), None, None]
        );
        assert_eq!([request.header("authorization"), request.header("Cookie")], [None, None]);
        assert_eq!(format!("{request:?}"), "HttpRequest { body: (), .. }");
    }

    #[test]
    fn credentials_are_secrets_of_their_invocation_and_nowhere_else() {
        let (raw, invocation) = raw(request());
        let scope = Arc::clone(invocation.scope());
        let request = HttpRequest::new((), &raw, &scope);
        assert!(request.secret_header("authorization").is_none(), "this is outside of the invocation");
        {
            let _inside = scope::enter(Arc::clone(&scope));
            let has = |name: &str, expected: &str| {
                request.secret_header(name).is_some_and(|value| value.expose(|value| value == expected))
            };
            assert!(has("Authorization", "Bearer hunter2") && has("cookie", "a=1; b=2") && has("accept", "text/plain"));
            assert!(request.secret_header("x-latin").is_none() && request.secret_header("no such").is_none());
        }
        drop((raw, invocation));
        scope.forget_texts();
        let _inside = scope::enter(Arc::clone(&scope));
        assert!(request.secret_header("authorization").is_none(), "the invocation is over");
    }

    #[test]
    fn headers_that_carry_credentials_are_known_by_a_word() {
        for name in [
            "authorization",
            "proxy-authorization",
            "cookie",
            "set-cookie",
            "x-api-key",
            "x-amz-security-token",
            "x-auth-token",
            "x-csrf-token",
            "x-xsrf-token",
            "apikey",
            "x-amzn-oidc-data",
            "x-amzn-oidc-accesstoken",
            "private-token",
            "x-goog-api-key",
            "x_api_key",
            "x-hub-signature",
            "x-session-id",
        ] {
            assert!(carries_credentials(&name.parse().unwrap()), "{name}");
        }
        for name in [
            "accept",
            "host",
            "origin",
            "x-forwarded-for",
            "idempotency-key",
            "sec-websocket-key",
            "x-amzn-trace-id",
            "content-type",
            "x-author",
            "if-none-match",
            "x-amzn-oidc-identity",
            "x-request-id",
        ] {
            assert!(!carries_credentials(&name.parse().unwrap()), "{name}");
        }
    }

    #[test]
    fn the_log_knows_a_secret_that_came_in_a_form_a_cookie_or_in_base64() {
        let _turn = live::turn();
        let builder = lambda_http::http::Request::builder()
            .uri("/?pin=q%2Duery")
            .header("cookie", "sid=the-cookie")
            .header("authorization", "Bearer the-bearer");
        let (_raw, invocation) = raw(builder.body(Body::from(b"card=the+card&x=y".to_vec())).unwrap());
        let scope = Arc::clone(invocation.scope());
        for secret in ["q-uery", "the-cookie", "the-bearer", "the card"] {
            let _inside = scope::enter(Arc::clone(&scope));
            let knows = || live::with_all(|all| all.contains(&secret.as_bytes()));
            assert!(!knows());
            drop(Secret::brand(secret.to_owned()));
            assert!(knows(), "{secret}");
        }
    }
}
