//! The pages that stand in for a provider: plain HTML, no script, nothing from elsewhere.
//!
//! Everything that came from outside is escaped on its way into a page, and the header
//! `content-security-policy` would stop what slipped through.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, LOCATION, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Response, StatusCode};
use mfa_engine::{Consent, ConsentPage, Secret};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Characters that may stand as they are in a value of a query (RFC 3986 section 2.3).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The provider's page: whom to be, or not to.
pub(super) fn consent(page: &ConsentPage) -> Response<Bytes> {
    let provider = page.provider;
    let mut inputs = vec![("state", page.state.as_str()), ("prompt", "none")];
    if let Some(challenge) = &page.challenge {
        inputs.extend([("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")]);
    }
    let link = |name: &str, value: &str| {
        let pairs = inputs.iter().copied().chain([(name, value)]);
        html(&format!("authorizeHtml?{}", query(pairs)))
    };
    let accounts: String = page
        .accounts
        .iter()
        .map(|name| {
            format!("<li><a href=\"{}\">{}</a></li>\n", link("login_hint", name), html(name))
        })
        .collect();
    let hidden: String = inputs.iter().map(|(name, value)| input(name, value)).collect();
    let body = format!(
        "<p>It asks for no password, and whatever you type is believed.</p>\n<ul>\n{accounts}</ul>\n\
         <form action=\"authorizeHtml\" method=\"get\">\n{hidden}\
         <label>E-mail address or name <input name=\"login_hint\" required maxlength=\"255\"></label>\n\
         <button>Continue</button>\n</form>\n<p><a href=\"{}\">Refuse</a></p>\n",
        link("error", "access_denied"),
    );
    let title = format!("Stand-in for {provider}");
    document(&title, &body, page.redirect_url.as_deref())
}

/// The provider's answer on its way back: a redirection, or a form where the provider posts.
pub(super) fn consented(consent: &Consent) -> Response<Bytes> {
    let answer = match &consent.code {
        Some(code) => ("code", code.reveal()),
        None => ("error", "access_denied"),
    };
    let pairs = [("state", consent.state.as_str()), answer];
    if !consent.provider.posts_its_answer() {
        return found(&format!("redirect?{}", query(pairs)));
    }
    let hidden: String = pairs.iter().map(|(name, value)| input(name, value)).collect();
    // The real page submits itself with a script; here a button does.
    let body = format!(
        "<form action=\"redirect\" method=\"post\">\n{hidden}<button>Continue</button>\n</form>\n"
    );
    document("Back to the app", &body, consent.redirect_url.as_deref())
}

/// Back to the app, with what the SDK looks for in the address.
pub(super) fn returned(
    redirect_url: Option<&str>,
    state: &str,
    code: Option<&Secret>,
) -> Response<Bytes> {
    let Some(url) = redirect_url else {
        return document("Done", "<p>You can close this window.</p>\n", None);
    };
    let answer = match code {
        Some(code) => ("dynamicOauthCode", code.reveal()),
        None => ("error", "access_denied"),
    };
    found(&with_query(url, &query([("dynamicOauthState", state), answer])))
}

/// An address with more parameters. They stand before a fragment, in which an SDK that reads
/// `location.search` would not find them.
fn with_query(url: &str, more: &str) -> String {
    let (before, fragment) = url.split_at(url.find('#').unwrap_or(url.len()));
    let joint = if before.contains('?') { '&' } else { '?' };
    format!("{before}{joint}{more}{fragment}")
}

/// A redirection with GET.
pub(super) fn found(location: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::FOUND;
    // Addresses were checked for being plain ASCII before they got here.
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    guard(&mut response, CACHE_CONTROL, "no-store");
    guard(&mut response, REFERRER_POLICY, "no-referrer");
    response
}

fn document(title: &str, body: &str, redirect_url: Option<&str>) -> Response<Bytes> {
    let title = html(title);
    let text = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{title}</title>\
         </head>\n<body>\n<h1>{title}</h1>\n\
         <p>This page belongs to a local mock and to no provider.</p>\n{body}</body>\n</html>\n"
    );
    let mut response = Response::new(Bytes::from(text));
    // A browser holds the whole chain of redirections behind a form against `form-action`, so the
    // place where the app is called back must be named.
    let target = redirect_url.and_then(source_of).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; form-action 'self' {target}; base-uri 'none'; frame-ancestors 'none'"
    );
    guard(&mut response, CONTENT_SECURITY_POLICY, &policy);
    guard(&mut response, CONTENT_TYPE, "text/html; charset=utf-8");
    guard(&mut response, CACHE_CONTROL, "no-store");
    guard(&mut response, REFERRER_POLICY, "no-referrer");
    guard(&mut response, X_CONTENT_TYPE_OPTIONS, "nosniff");
    response
}

fn guard(response: &mut Response<Bytes>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// The origin of a web address, or the scheme of an app's link, as a source of a policy.
fn source_of(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once(':')?;
    let authority = rest.strip_prefix("//").and_then(|rest| rest.split(['/', '?', '#']).next());
    let authority = authority.unwrap_or_default();
    let is_plain = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:+[]".contains(&byte))
    };
    match scheme {
        _ if !is_plain(scheme) => None,
        "http" | "https" if is_plain(authority) && !authority.is_empty() => {
            Some(format!("{scheme}://{authority}"))
        }
        "http" | "https" => None,
        _ => Some(format!("{scheme}:")),
    }
}

fn input(name: &str, value: &str) -> String {
    format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">\n", html(name), html(value))
}

fn query<'pair>(pairs: impl IntoIterator<Item = (&'pair str, &'pair str)>) -> String {
    let pair =
        |(name, value): (&str, &str)| format!("{name}={}", utf8_percent_encode(value, ESCAPED));
    pairs.into_iter().map(pair).collect::<Vec<_>>().join("&")
}

/// A text that means nothing but itself, between tags and between quotation marks.
fn html(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use mfa_engine::SocialProvider;

    use super::*;

    #[test]
    fn what_comes_from_outside_stays_text() {
        let evil = "\"><script>alert('1')</script>&";
        let page = consent(&ConsentPage {
            provider: SocialProvider::Google,
            state: evil.to_owned(),
            challenge: None,
            redirect_url: Some("http://a.example;script-src */x".to_owned()),
            accounts: vec![evil.to_owned()],
        });
        let text = String::from_utf8(page.body().to_vec()).unwrap();
        assert!(!text.contains("<script") && !text.contains("'1'"), "{text}");
        assert!(text.contains("&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;"));
        let policy = page.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(!policy.contains("script-src") && policy.starts_with("default-src 'none'"));
    }

    #[test]
    fn parameters_stand_where_a_page_looks_for_them() {
        for (url, expected) in [
            ("http://a.example/", "http://a.example/?p=1"),
            ("http://a.example/?b=c", "http://a.example/?b=c&p=1"),
            ("http://a.example/#/login", "http://a.example/?p=1#/login"),
            ("http://a.example/#/login?b=c", "http://a.example/?p=1#/login?b=c"),
            ("http://a.example/?b=c#/d#e", "http://a.example/?b=c&p=1#/d#e"),
            ("my.app:/callback", "my.app:/callback?p=1"),
        ] {
            assert_eq!(with_query(url, "p=1"), expected);
        }
    }

    #[test]
    fn the_policy_names_where_the_app_is_called_back() {
        assert_eq!(source_of("http://localhost:3000/a?b").unwrap(), "http://localhost:3000");
        assert_eq!(source_of("https://[::1]/").unwrap(), "https://[::1]");
        assert_eq!(source_of("my.app://callback").unwrap(), "my.app:");
        assert_eq!(source_of("my.app:/callback").unwrap(), "my.app:");
        assert_eq!(source_of("http://localhost:3000#/a").unwrap(), "http://localhost:3000");
        assert_eq!(source_of("http://a b/"), None);
        assert_eq!(source_of("http:a"), None);
        assert_eq!(source_of("nonsense"), None);
    }
}
