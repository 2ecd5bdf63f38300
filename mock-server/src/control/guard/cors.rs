//! What a browser must hear before a listed page may call, and read what is answered.
//!
//! Pages of other origins hear none of it: they are refused like everybody whom the guard does
//! not know, and their browser keeps the refusal from them, too.

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
    VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};

use super::Guard;
use crate::control::done;

/// Whether a page of a public address may call one of this machine (Private Network Access).
const REQUEST_PRIVATE: HeaderName =
    HeaderName::from_static("access-control-request-private-network");
const ALLOW_PRIVATE: HeaderName = HeaderName::from_static("access-control-allow-private-network");

impl Guard {
    /// The answer to a preflight of a listed page; none for everything else.
    ///
    /// It says nothing that the start of the service did not say, and a browser sends no
    /// `Authorization` with it, so the token is not asked for. The host's name is, without one.
    pub(in crate::control) fn preflight(
        &self,
        request: &Request<Bytes>,
    ) -> Option<Response<Bytes>> {
        let asked = request.headers();
        let is_preflight = request.method() == Method::OPTIONS
            && asked.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        if !is_preflight || self.listed(asked).is_none() || !self.knows_host(asked) {
            return None;
        }
        let mut response = done();
        let headers = response.headers_mut();
        let methods = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE");
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
        let wanted = asked.get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
        let usual = || HeaderValue::from_static("authorization, content-type");
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted.unwrap_or_else(usual));
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        if asked.contains_key(REQUEST_PRIVATE) {
            headers.insert(ALLOW_PRIVATE, HeaderValue::from_static("true"));
        }
        Some(response)
    }

    /// Lets a listed page read a response. No cookie means anything here, so none may come along.
    pub(in crate::control) fn share(&self, asked: &HeaderMap, response: &mut Response<Bytes>) {
        if self.origins.is_empty() {
            return;
        }
        let headers = response.headers_mut();
        headers.append(VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = self.listed(asked) {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        }
    }

    /// The origin that a page shows, if it is a listed one.
    fn listed<'headers>(&self, asked: &'headers HeaderMap) -> Option<&'headers HeaderValue> {
        let origin = asked.get(ORIGIN)?;
        self.origins.iter().any(|known| known.as_bytes() == origin.as_bytes()).then_some(origin)
    }
}
