//! Where a service is: a URL, read before anything is sent to it.

use std::net::IpAddr;

use ureq::http::Uri;

/// Where SDKs find an API, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    origin: String,
    path: String,
    host: String,
    is_tls: bool,
}

impl Address {
    /// Reads a URL.
    ///
    /// # Errors
    /// The text is no URL of http or https, or has parts that a base URL cannot have, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let example = "write it as http://127.0.0.1:4400/api/v0";
        let uri: Uri = text.parse().map_err(|_| format!("\"{text}\" is no URL; {example}"))?;
        let is_tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(format!("\"{text}\" is no URL of http or https; {example}")),
        };
        let authority =
            uri.authority().ok_or_else(|| format!("\"{text}\" names no host; {example}"))?;
        if authority.as_str().contains('@') {
            return Err(format!("\"{text}\" has a user in it, which nothing here would send"));
        }
        if authority.host().is_empty() {
            return Err(format!("\"{text}\" names no host; {example}"));
        }
        if uri.query().is_some() || text.contains('#') {
            return Err(format!("\"{text}\" has a query or a fragment; {example}"));
        }
        let scheme = if is_tls { "https" } else { "http" };
        Ok(Self {
            origin: format!("{scheme}://{authority}"),
            path: uri.path().trim_end_matches('/').to_owned(),
            host: authority.host().to_owned(),
            is_tls,
        })
    }

    /// The whole, such as `http://127.0.0.1:4400/api/v0`.
    #[must_use]
    pub fn base(&self) -> String {
        format!("{}{}", self.origin, self.path)
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The path, empty when there is none.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The same host and scheme without a path.
    #[must_use]
    pub fn root(&self) -> Self {
        Self { path: String::new(), ..self.clone() }
    }

    /// Whether it is asked over https.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.is_tls
    }

    /// Whether the host is this machine: `localhost`, `*.localhost`, `127.x`, `[::1]`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let name = self.host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        name == "localhost"
            || name.ends_with(".localhost")
            || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.base())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_read_and_a_slash_at_its_end_does_not_count() {
        for text in ["http://127.0.0.1:4400/api/v0", "http://127.0.0.1:4400/api/v0/"] {
            let address = Address::parse(text).unwrap();
            assert_eq!(address.base(), "http://127.0.0.1:4400/api/v0");
            assert_eq!(address.root().base(), "http://127.0.0.1:4400");
            assert!(!address.is_tls());
        }
        assert!(Address::parse("https://box.example").unwrap().is_tls());
    }

    #[test]
    fn this_machine_is_known_by_its_names() {
        for host in ["localhost:1", "app.LOCALHOST", "127.0.0.1:4400", "127.8.8.8", "[::1]:4400"] {
            assert!(Address::parse(&format!("http://{host}/x")).unwrap().is_loopback(), "{host}");
        }
        for host in ["box.lan", "localhost.evil.example", "192.168.1.7:80", "[fe80::1]"] {
            assert!(!Address::parse(&format!("http://{host}/x")).unwrap().is_loopback(), "{host}");
        }
    }

    #[test]
    fn what_is_no_base_url_is_said() {
        for (text, says) in [
            ("", "no URL"),
            ("localhost:4400", "no URL"),
            ("/api/v0", "no URL of http"),
            ("ftp://localhost/api/v0", "no URL of http"),
            ("http:///api/v0", "no URL"),
            ("http://ada:secret@localhost/api/v0", "a user"),
            ("http://localhost/api/v0?x=1", "a query"),
            ("http://localhost/api/v0#x", "a query or a fragment"),
            ("http://local host/api/v0", "no URL"),
        ] {
            let problem = Address::parse(text).unwrap_err();
            assert!(problem.contains(says), "{text}: {problem}");
        }
    }
}
