//! What a handler answers with.

use std::convert::Infallible;

use lambda_http::{
    Body, IntoResponse,
    http::{HeaderValue, Response, header::CONTENT_TYPE},
};

use super::problem;
use crate::{
    __v1::{self, Invocation, Outcome},
    OpaqueError,
};

/// What a secured handler of HTTP requests returns: a failure is an answer, too.
pub type Answer = Result<Response<Body>, Infallible>;

/// `IntoResponse`, with words of ours for those whose type has none.
#[diagnostic::on_unimplemented(
    message = "SH005: a handler of HTTP requests answers with an `IntoResponse`, not `{Self}`",
    label = "not an answer",
    note = "help: return a `Response<Body>`, a `String`, a `serde_json::Value`, or one of these with a status: \
            `(StatusCode, serde_json::Value)`; a type of your own becomes one by `serde_json::to_value(&answer)?`"
)]
pub trait IsAnswer: IntoResponse {}

#[diagnostic::do_not_recommend]
impl<T: IntoResponse> IsAnswer for T {}

/// A handler's body, and what makes a response of its answer.
///
/// # Errors
/// The handler's own.
pub async fn responds<R: Outcome>(body: impl Future<Output = R>) -> Result<Response<Body>, R::Err>
where
    R::Ok: IsAnswer,
{
    Ok(body.await.into_result()?.into_response().await)
}

/// Runs a handler's body and makes its error or panic an answer.
///
/// # Errors
/// None.
pub async fn answer<R: Outcome<Ok = Response<Body>>>(invocation: Invocation, body: impl Future<Output = R>) -> Answer
where
    R::Err: OpaqueError,
{
    Ok(match __v1::answer(invocation, body).await {
        Ok(response) => completed(response),
        Err(failure) => problem::document(&failure),
    })
}

/// Adds what a handler's answer doesn't say.
fn completed(mut response: Response<Body>) -> Response<Body> {
    match response.body() {
        // lambda_http takes a body of no type for a text, once it is in a `Response`.
        Body::Binary(_) => {
            response.headers_mut().entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/octet-stream"));
        }
        // It has been made UTF-8. Left as it is, its name would have it decoded once more.
        Body::Text(_) => {
            if let Some(renamed) = response.headers().get(CONTENT_TYPE).and_then(in_utf8) {
                response.headers_mut().insert(CONTENT_TYPE, renamed);
            }
        }
        _ => {}
    }
    problem::add_defaults(response.headers_mut());
    response
}

/// A content type with the charset of what has been decoded; `None` where it says no other.
fn in_utf8(content_type: &HeaderValue) -> Option<HeaderValue> {
    let mut parts = content_type.to_str().ok()?.split(';');
    let mut renamed = parts.next()?.trim().to_owned();
    let mut differs = false;
    for part in parts {
        let part = part.trim();
        let charset = part.split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
        match charset {
            Some((_, value)) if !value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8") => {
                differs = true;
                renamed.push_str("; charset=utf-8");
            }
            _ => {
                renamed.push_str("; ");
                renamed.push_str(part);
            }
        }
    }
    if differs { HeaderValue::from_str(&renamed).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use lambda_http::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};

    use super::*;

    #[test]
    fn defaults_stand_where_the_handler_has_said_nothing() {
        let response = completed(Response::new(Body::from("x")));
        assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
        assert_eq!(response.headers()[X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert!(!response.headers().contains_key(CONTENT_TYPE), "the front end chooses one for a text, as ever");
        let own = Response::builder().header(CACHE_CONTROL, "max-age=60").body(Body::Empty).unwrap();
        assert_eq!(completed(own).headers().get_all(CACHE_CONTROL).iter().collect::<Vec<_>>(), ["max-age=60"]);
    }

    #[test]
    fn bytes_of_no_type_have_one() {
        assert_eq!(
            completed(Response::new(Body::from(vec![0xff]))).headers()[CONTENT_TYPE],
            "application/octet-stream"
        );
    }

    #[test]
    fn a_text_that_has_been_decoded_says_so() {
        for (before, after) in [
            ("text/html; charset=iso-8859-1", "text/html; charset=utf-8"),
            ("text/html;charset=\"UTF-8\"; x=y", "text/html;charset=\"UTF-8\"; x=y"),
            ("text/plain; format=flowed; Charset=latin1", "text/plain; format=flowed; charset=utf-8"),
            ("text/plain", "text/plain"),
        ] {
            let response = Response::builder().header(CONTENT_TYPE, before).body(Body::from("x")).unwrap();
            assert_eq!(completed(response).headers()[CONTENT_TYPE], after);
        }
    }
}
