//! A failure as an HTTP answer. Source: [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457).

use lambda_http::{
    Body,
    http::{
        HeaderValue, Response, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, X_CONTENT_TYPE_OPTIONS},
    },
};
use serde::Serialize;

use crate::Failure;

/// The members in the order in which they are written.
#[derive(Serialize)]
struct Problem<'f> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'static str,
    code: &'static str,
    request_id: &'f str,
}

/// The problem document of a failure.
pub(super) fn document(failure: &Failure) -> Response<Body> {
    let status = StatusCode::from_u16(failure.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let problem = Problem {
        r#type: "about:blank",
        title: status.canonical_reason().unwrap_or("Error"),
        status: status.as_u16(),
        detail: failure.message(),
        code: failure.code(),
        request_id: failure.request_id(),
    };
    let text = serde_json::to_string(&problem).expect("strings and a number serialise");
    let mut response = Response::new(Body::Text(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    add_defaults(response.headers_mut());
    response
}

/// What every answer says unless its handler says otherwise: it is for the caller alone, and what its type says.
pub(super) fn add_defaults(headers: &mut HeaderMap) {
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.entry(X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Disposition, Opaque};

    #[test]
    fn a_document_has_fixed_members_in_a_fixed_order() {
        let opaque = Opaque::declared("sold_out", 409, "There is \"none\" left.", Disposition::Unknown);
        let response = document(&Failure::new(opaque, "r-1"));
        assert_eq!(response.status(), 409);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
        assert_eq!(
            **response.body(),
            *br#"{"type":"about:blank","title":"Conflict","status":409,"detail":"There is \"none\" left.","code":"sold_out","request_id":"r-1"}"#
        );
    }

    #[test]
    fn a_status_without_a_name_is_an_error_all_the_same() {
        let response = document(&Failure::new(Opaque::declared("odd", 499, "Odd.", Disposition::Unknown), "r-1"));
        assert_eq!(response.status(), 499);
        assert!(std::str::from_utf8(response.body()).unwrap().contains(r#""title":"Error","status":499"#));
    }
}
