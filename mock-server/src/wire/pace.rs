//! Who calls, and what a call counts as, for the limits on how often may be called (rule K7).

use std::net::IpAddr;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, header};
use mfa_engine::policy::{RateLimitBody, RateLimits};
use mfa_engine::{CallKind, TooFast};
use serde_json::json;

use super::rejection::respond;
use super::route::Operation;
use crate::answer::Peer;

/// What an operation counts as.
///
/// Read off its path, so that a route that is added later counts without a row of its own.
pub(crate) fn kind_of(operation: Operation) -> CallKind {
    let template = operation.template();
    let last = template.rsplit('/').next().unwrap_or(template);
    let starts = |head: &str| template.starts_with(head);
    match last {
        "nonce" | "nonces" => CallKind::Nonce,
        "connect" => CallKind::Connect,
        "create" | "retry" if template.contains("Verifications/") => CallKind::OneTimeCode,
        "verify" if template == "verify" => CallKind::SignIn,
        _ if last.eq_ignore_ascii_case("signin") => CallKind::SignIn,
        _ if starts("users/mfa/register/") || starts("users/mfa/auth/") => CallKind::Mfa,
        _ if starts("users/passkeys/register") || starts("users/passkeys/authenticate") => {
            CallKind::Mfa
        }
        _ => CallKind::Other,
    }
}

/// The address that a call comes from; none if it came over no network.
///
/// `X-Forwarded-For` is the caller's own word unless the settings trust it; then its last entry
/// counts, which the nearest proxy wrote.
pub(crate) fn address_of(request: &Request<Bytes>, limits: &RateLimits) -> Option<IpAddr> {
    let peer = request.extensions().get::<Peer>().map(|Peer(address)| *address);
    match limits.trust_forwarded_for {
        true => forwarded_for(request.headers()).or(peer),
        false => peer,
    }
}

fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let newest = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    newest.rsplit(',').next()?.trim().parse().ok()
}

/// The response to a caller that is too fast (rules S6, U34).
pub(crate) fn refuse(refusal: &TooFast, limits: &RateLimits) -> Response<Bytes> {
    let body = match limits.body {
        RateLimitBody::Message => json!({ "message": "Rate limit exceeded", "code": 429 }),
        RateLimitBody::Sentence => {
            json!({ "error": "Too many requests. Please try again later." })
        }
        RateLimitBody::Words => json!({ "error": "Too Many Requests" }),
    };
    let mut response = respond(429, &body);
    response.headers_mut().insert(header::RETRY_AFTER, refusal.retry_after_seconds.into());
    response
}

#[cfg(test)]
mod tests {
    use super::super::route::ROUTES;
    use super::*;

    #[test]
    fn what_a_call_counts_as_follows_its_path() {
        let of = |kind| {
            let rows = ROUTES.iter().filter(|route| kind_of(route.operation) == kind);
            rows.map(|route| route.template).collect::<Vec<_>>()
        };
        assert_eq!(of(CallKind::Nonce), ["nonce", "nonces"]);
        assert_eq!(of(CallKind::Connect), ["connect"]);
        assert!(of(CallKind::SignIn).contains(&"emailVerifications/signin"));
        let codes = of(CallKind::OneTimeCode);
        assert!(codes.contains(&"emailVerifications/create"));
        assert!(codes.contains(&"emailVerifications/retry"));
        let mfa = of(CallKind::Mfa);
        assert!(mfa.contains(&"users/mfa/register/totp") && mfa.contains(&"users/mfa/auth/totp"));
        for other in ["settings", "users", "emailVerifications/verify", "users/mfa", "refresh"] {
            assert!(of(CallKind::Other).contains(&other), "{other}");
        }
    }

    #[test]
    fn a_forwarded_address_counts_only_if_it_is_trusted() {
        let mut request = Request::new(Bytes::new());
        request.extensions_mut().insert(Peer("10.0.0.1".parse().unwrap()));
        for value in ["192.0.2.7", "203.0.113.9, 2001:db8::1"] {
            request.headers_mut().append("x-forwarded-for", value.parse().unwrap());
        }
        let trusting = RateLimits { trust_forwarded_for: true, ..RateLimits::default() };
        let address = |limits: &RateLimits, request: &Request<Bytes>| {
            address_of(request, limits).map(|address| address.to_string())
        };
        assert_eq!(address(&RateLimits::default(), &request).as_deref(), Some("10.0.0.1"));
        assert_eq!(address(&trusting, &request).as_deref(), Some("2001:db8::1"));
        request.headers_mut().insert("x-forwarded-for", "nonsense".parse().unwrap());
        assert_eq!(address(&trusting, &request).as_deref(), Some("10.0.0.1"));
        assert_eq!(address(&trusting, &Request::new(Bytes::new())), None);
    }
}
