//! Who may drive the control API: programs on this machine, and no web page but its own.
//!
//! A page that a developer happens to visit can send requests to loopback. It cannot forge
//! `Origin` or `Sec-Fetch-Site`; and if it reaches loopback through a name of its own (DNS
//! rebinding), that name stands in `Host`. So all three are looked at.

mod cors;

use http::{HeaderMap, StatusCode, header};
use mfa_engine::Secret;

use super::Refused;

/// Judges the headers of a control request.
#[derive(Clone, Debug)]
pub struct Guard {
    token: Option<Secret>,
    origins: Vec<String>,
}

impl Guard {
    /// The guard of a service on loopback: loopback host names only, no token.
    pub fn loopback() -> Self {
        Self { token: None, origins: Vec::new() }
    }

    /// The guard of a service that others can reach: every call shows the token.
    pub fn with_token(self, token: Secret) -> Self {
        Self { token: Some(token), ..self }
    }

    /// Lets pages of these origins in as well, such as a test page of one's own.
    pub fn with_origins(self, origins: Vec<String>) -> Self {
        // Browsers write no slash behind an origin, and people do.
        let bare = |origin: String| origin.trim_end_matches('/').to_owned();
        Self { origins: origins.into_iter().map(bare).collect(), ..self }
    }

    /// Whether the name in `Host` is no stranger's.
    fn knows_host(&self, headers: &HeaderMap) -> bool {
        // A token cannot be guessed by a page, so the host's name need not be known.
        self.token.is_some() || is_loopback(host(headers))
    }

    /// Lets a request in, or says why not.
    pub(super) fn admit(&self, headers: &HeaderMap, is_tls: bool) -> Result<(), Refused> {
        let host = host(headers);
        match &self.token {
            Some(token) => {
                let shown =
                    headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
                let shown = shown.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or("");
                if !token.matches(shown) {
                    let error = "the control API wants `Authorization: Bearer <control token>`";
                    return Err(Refused::new(StatusCode::UNAUTHORIZED, error));
                }
            }
            None if self.knows_host(headers) => {}
            None => {
                let error = format!("the control API does not answer to the host name {host:?}");
                return Err(Refused::new(StatusCode::FORBIDDEN, error)
                    .with_hint("use localhost or 127.0.0.1, or start with --control-token"));
            }
        }
        let refuse = |what: &str| {
            let error = format!("the control API refuses requests of other web pages ({what})");
            Err(Refused::new(StatusCode::FORBIDDEN, error)
                .with_hint("to let a test page of your own in, start with --control-origin"))
        };
        let scheme = if is_tls { "https" } else { "http" };
        let origin = headers.get(header::ORIGIN).map(|origin| origin.to_str().unwrap_or("?"));
        match origin {
            Some(origin) if self.origins.iter().any(|known| known == origin) => return Ok(()),
            // A page of another scheme is of another port, and so of another program.
            Some(origin) if origin != format!("{scheme}://{host}") => return refuse(origin),
            Some(_) | None => {}
        }
        match headers.get("sec-fetch-site").map(|site| site.as_bytes()) {
            None | Some(b"same-origin" | b"none") => Ok(()),
            Some(_) => refuse("Sec-Fetch-Site"),
        }
    }
}

fn host(headers: &HeaderMap) -> &str {
    headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("")
}

/// Whether a `Host` header names this machine: `localhost`, `*.localhost`, `127.x`, `[::1]`.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(""),
        None => host.split(':').next().unwrap_or(""),
    };
    let name = name.to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(guard: &Guard, headers: &[(&'static str, &'static str)]) -> bool {
        admits_over(false, guard, headers)
    }

    fn admits_over(is_tls: bool, guard: &Guard, headers: &[(&'static str, &'static str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        guard.admit(&map, is_tls).is_ok()
    }

    #[test]
    fn strangers_are_refused() {
        let guard = Guard::loopback();
        for host in ["localhost:4400", "app.localhost", "127.0.0.1:1", "[::1]:4400", "LOCALHOST"] {
            assert!(admits(&guard, &[("host", host)]), "{host}");
        }
        for host in ["evil.example:9", "localhost.evil.example", "192.168.1.7", "", "[evil]:1"] {
            assert!(!admits(&guard, &[("host", host)]), "{host}");
        }
        let local = ("host", "localhost:4400");
        assert!(admits(&guard, &[local, ("origin", "http://localhost:4400")]));
        assert!(!admits(&guard, &[local, ("origin", "http://localhost:3000")]));
        assert!(!admits(&guard, &[local, ("origin", "http://evil.example")]));
        assert!(!admits(&guard, &[local, ("origin", "null")]));
        assert!(!admits(&guard, &[local, ("sec-fetch-site", "cross-site")]));
        assert!(admits(&guard, &[local, ("sec-fetch-site", "none")]));
        assert!(admits_over(true, &guard, &[local, ("origin", "https://localhost:4400")]));
        assert!(!admits_over(true, &guard, &[local, ("origin", "http://localhost:4400")]));
        assert!(!admits(&guard, &[local, ("origin", "https://localhost:4400")]));
    }

    #[test]
    fn a_known_origin_and_a_token_open_the_door() {
        let guard = Guard::loopback().with_origins(vec!["http://localhost:3000".to_owned()]);
        let page = [("host", "localhost:4400"), ("origin", "http://localhost:3000")];
        assert!(admits(&guard, &page));
        let guard = Guard::loopback().with_token(Secret::new("s3cret"));
        assert!(!admits(&guard, &[("host", "localhost")]));
        assert!(!admits(&guard, &[("host", "localhost"), ("authorization", "Bearer wrong")]));
        assert!(admits(&guard, &[("host", "box.lan"), ("authorization", "Bearer s3cret")]));
    }
}
