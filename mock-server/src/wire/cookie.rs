//! Cookies: the session's token and the device's, in cookie mode (rule J16; RFC 6265).
//!
//! Only the session cookie's name, its content and `HttpOnly` are documented. The other attributes
//! are what the SDK itself writes when it keeps the cookie; the device's cookie is our own.

use bytes::Bytes;
use http::header::{COOKIE, ORIGIN, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Response};
use jiff::Timestamp;
use mfa_engine::Grant;
use mfa_engine::policy::{Auth, Policy};

use super::cors;
use super::rejection::Rejection;

/// Where a browser says that a request comes from.
const FETCH_SITE: &str = "sec-fetch-site";
/// The cookie with the session's minified token.
const SESSION: &str = "DYNAMIC_JWT_TOKEN";
/// The cookie by which a device is known, where registration is required.
const DEVICE: &str = "DYNAMIC_DEVICE_TOKEN";
/// Life of the device's cookie: the longest that browsers grant, 400 days.
const DEVICE_LIFE_SECONDS: i64 = 400 * 86_400;
/// The first moment of Unix time, in the past for every browser.
const LONG_AGO: &str = "Thu, 01 Jan 1970 00:00:00 GMT";

/// The cookies that came with a request and count.
#[derive(Default)]
pub(super) struct Cookies {
    session: Option<String>,
    /// What stands in the device's cookie.
    pub(super) device: Option<String>,
    from_foreign_page: bool,
}

impl Cookies {
    /// Reads them; outside cookie mode none counts.
    pub(super) fn of(headers: &HeaderMap, policy: &Policy) -> Self {
        if !headers.contains_key(COOKIE) {
            return Self::default();
        }
        if !policy.auth.uses_cookies() {
            return Self::default();
        }
        Self {
            session: named(headers, SESSION),
            device: named(headers, DEVICE),
            from_foreign_page: is_from_foreign_page(headers, &policy.cors_origins),
        }
    }

    /// The session's token.
    ///
    /// # Errors
    /// A page of an origin that is not allowed sent it along: browsers attach cookies to what any
    /// page asks for. All methods are treated alike, because several of the API's GETs change
    /// things.
    pub(super) fn session(&self) -> Result<Option<&str>, Rejection> {
        match &self.session {
            Some(_) if self.from_foreign_page => Err(Rejection::ForeignOrigin),
            session => Ok(session.as_deref()),
        }
    }
}

/// Whether a page sent the request whose origin is not allowed; where none is listed, all are.
///
/// A link to a GET on another site's page comes without `Origin`, with the cookie, and with
/// `Sec-Fetch-Site: cross-site` (Fetch Metadata, section 2.4), which no page can forge. Without
/// either header the request comes from the site itself or from no browser.
fn is_from_foreign_page(headers: &HeaderMap, allowed: &[String]) -> bool {
    match headers.get(ORIGIN) {
        Some(origin) => !cors::is_allowed(allowed, origin.to_str().unwrap_or_default()),
        None => {
            let site = headers.get(FETCH_SITE).map(HeaderValue::as_bytes);
            !allowed.is_empty() && site == Some(b"cross-site")
        }
    }
}

/// The first cookie of a name that is not empty.
fn named(headers: &HeaderMap, name: &str) -> Option<String> {
    let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.split_once('='));
    let value = pairs.find_map(|(key, value)| {
        let value = value.trim().trim_matches('"');
        (key.trim() == name && !value.is_empty()).then_some(value)
    })?;
    Some(value.to_owned())
}

/// Gives a browser the session's cookie, and that of its device if one was drawn.
pub(super) fn set(auth: &Auth, grant: &Grant, minified: &str, response: &mut Response<Bytes>) {
    if !auth.uses_cookies() {
        return;
    }
    let (now, end) = (grant.claims.issued_at, grant.claims.expires_at);
    let life = end.as_second().saturating_sub(now.as_second()).max(0);
    append(auth, response, SESSION, minified, life, &http_date(end));
    if let Some(cookie) = &grant.device_cookie {
        let end = now.as_second().saturating_add(DEVICE_LIFE_SECONDS);
        let end = Timestamp::from_second(end).unwrap_or(Timestamp::MAX);
        append(auth, response, DEVICE, cookie.reveal(), DEVICE_LIFE_SECONDS, &http_date(end));
    }
}

/// Takes the session's cookie back; the device stays known.
pub(super) fn clear(auth: &Auth, response: &mut Response<Bytes>) {
    if auth.uses_cookies() {
        append(auth, response, SESSION, "", 0, LONG_AGO);
    }
}

fn append(
    auth: &Auth,
    response: &mut Response<Bytes>,
    name: &str,
    value: &str,
    life_seconds: i64,
    end: &str,
) {
    let secure = if auth.secure_cookies { "; Secure" } else { "" };
    let text = format!(
        "{name}={value}; Path=/; Max-Age={life_seconds}; Expires={end}; HttpOnly; SameSite=Lax{secure}"
    );
    // Our own tokens are base64url and dots, so this cannot fail.
    if let Ok(value) = HeaderValue::try_from(text) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

/// A time as HTTP writes it (RFC 9110, section 5.6.7).
fn http_date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; DYNAMIC_JWT_TOKEN=; xa.b=c=d"));
        headers.append(COOKIE, HeaderValue::from_static("b; DYNAMIC_JWT_TOKEN=\"x.y.z\";c="));
        headers.append(COOKIE, HeaderValue::from_static("DYNAMIC_JWT_TOKEN=later"));
        assert_eq!(named(&headers, SESSION).as_deref(), Some("x.y.z"));
        assert_eq!(named(&headers, "xa.b").as_deref(), Some("c=d"));
        assert_eq!(named(&headers, "b"), None);
        assert_eq!(named(&headers, DEVICE), None);
    }

    #[test]
    fn times_are_written_as_http_wants_them() {
        let at = "1994-11-06T08:49:37.9Z".parse().unwrap();
        assert_eq!(http_date(at), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
