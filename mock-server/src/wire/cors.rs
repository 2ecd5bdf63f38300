//! Who may read an answer in a browser (rule S8), and the preflights that ask it.

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use super::rejection::respond_empty;

/// The headers that the SDKs were seen to send, for a preflight that names none.
const HEADERS: &str = "authorization, content-type, x-dyn-api-version, x-dyn-device-fingerprint, \
     x-dyn-elevated-access-token, x-dyn-is-global-wallet-popup, x-dyn-logout-reason, \
     x-dyn-request-id, x-dyn-session-id, x-dyn-session-public-key, x-dyn-version, \
     x-dynamic-device-nonce, x-dynamic-device-publickey, x-dynamic-device-registration-token, \
     x-dynamic-device-signed-nonce, x-dynamic-device-token-registration, x-dynamic-platform, x-mfa-auth-token";

/// The answer to a preflight; [`allow`] completes it.
pub(crate) fn preflight(asked: &HeaderMap) -> Response<Bytes> {
    let mut response = respond_empty(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    let methods = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE, OPTIONS");
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
    let wanted = asked.get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let wanted = wanted.unwrap_or_else(|| HeaderValue::from_static(HEADERS));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted);
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}

/// Lets the asking origin read the response, if the environment allows that origin.
///
/// The origin is echoed and credentials are allowed, which serves both bearer and cookie mode.
pub(crate) fn allow(asked: &HeaderMap, allowed: &[String], response: &mut Response<Bytes>) {
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = asked.get(ORIGIN) else { return };
    let text = origin.to_str().unwrap_or_default();
    if !is_allowed(allowed, text) {
        return;
    }
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after"));
}

/// Whether an environment allows an origin; one that names none allows all.
pub(super) fn is_allowed(allowed: &[String], origin: &str) -> bool {
    allowed.is_empty() || allowed.iter().any(|pattern| fits(pattern, origin))
}

/// Whether an origin fits a pattern with at most one `*`, which stands for any text.
fn fits(pattern: &str, origin: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == origin,
        Some((head, tail)) => {
            origin.len() >= head.len() + tail.len()
                && origin.starts_with(head)
                && origin.ends_with(tail)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_allowed_origins_may_read() {
        let mut asked = HeaderMap::new();
        asked.insert(ORIGIN, HeaderValue::from_static("https://a.example.com"));
        let read = |allowed: &[&str]| {
            let allowed: Vec<String> = allowed.iter().map(|text| (*text).to_owned()).collect();
            let mut response = respond_empty(StatusCode::OK);
            allow(&asked, &allowed, &mut response);
            response.headers().get(ACCESS_CONTROL_ALLOW_ORIGIN).cloned()
        };
        let echoed = Some(HeaderValue::from_static("https://a.example.com"));
        assert_eq!(read(&[]), echoed);
        assert_eq!(read(&["https://*.example.com"]), echoed);
        assert_eq!(read(&["https://b.example.com"]), None);
        assert_eq!(read(&["https://a.example.com*https://a.example.com"]), None);
    }
}
