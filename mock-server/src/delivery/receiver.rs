//! Who may be sent a message: a listener on this machine, and nobody else.
//!
//! Only an address that is loopback by itself is taken, or the name `localhost`, which is never
//! looked up. No other name is: asking for its address would already leave the machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use http::Uri;

/// The longest URL, in bytes.
const URL_MAX: usize = 2_048;

/// The receiver of a webhook's messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Receiver {
    /// Host and port as they were written, for the header `Host`.
    pub(crate) host: String,
    /// The URLs to try in this order; each names its address as a number.
    pub(crate) urls: Vec<String>,
}

impl Receiver {
    /// Reads the URL of a webhook.
    ///
    /// # Errors
    /// It leads off this machine, or is not `http`.
    pub(crate) fn parse(url: &str) -> Result<Self, &'static str> {
        const ELSEWHERE: &str = "the mock sends to this machine only: http://localhost:…, \
                                 http://127.0.0.1:… or http://[::1]:…";
        if url.len() > URL_MAX {
            return Err("longer than 2048 bytes");
        }
        let uri: Uri = url.parse().map_err(|_| "not a URL")?;
        if uri.scheme_str() != Some("http") {
            return Err(ELSEWHERE);
        }
        let authority = uri.authority().ok_or("not a URL")?;
        if authority.as_str().contains('@') {
            return Err("a user in the URL is not sent to anybody");
        }
        let port = match authority.port_u16() {
            Some(port) if port > 0 => port,
            // Nothing stands behind the host, so it is the port of `http`.
            None if authority.as_str().len() == authority.host().len() => 80,
            Some(_) | None => return Err("no such port"),
        };
        let addresses = loopback(authority.host()).ok_or(ELSEWHERE)?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let urls = addresses.into_iter().map(|address| {
            let address = SocketAddr::new(address, port);
            format!("http://{address}{path}")
        });
        Ok(Self { host: authority.as_str().to_owned(), urls: urls.collect() })
    }
}

/// The loopback addresses that a host stands for; none if it is, or may be, another machine.
fn loopback(host: &str) -> Option<Vec<IpAddr>> {
    if host.eq_ignore_ascii_case("localhost") {
        return Some(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
    }
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let address: IpAddr = bare.parse().ok()?;
    address.is_loopback().then_some(vec![address])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_taken_under_each_of_its_names() {
        let urls = |url: &str| Receiver::parse(url).unwrap().urls;
        assert_eq!(urls("http://127.0.0.1:8080/hook?a=b"), ["http://127.0.0.1:8080/hook?a=b"]);
        assert_eq!(urls("http://127.9.9.9"), ["http://127.9.9.9:80/"]);
        assert_eq!(urls("http://[::1]:9/"), ["http://[::1]:9/"]);
        assert_eq!(urls("http://LocalHost:9"), ["http://127.0.0.1:9/", "http://[::1]:9/"]);
        assert_eq!(Receiver::parse("http://localhost:9/x").unwrap().host, "localhost:9");
    }

    #[test]
    fn no_other_machine_is_taken() {
        for url in [
            "",
            "/hook",
            "localhost:9",
            "https://localhost:9/",
            "ftp://localhost/",
            "http://",
            "http://example.com/",
            "http://10.0.0.1/",
            "http://0.0.0.0:9/",
            "http://127.1:9/",
            "http://2130706433/",
            "http://0x7f.0.0.1/",
            "http://169.254.169.254/",
            "http://[::]:9/",
            "http://[::ffff:127.0.0.1]:9/",
            "http://[fe80::1]:9/",
            "http://localhost.example.com/",
            "http://a.localhost/",
            "http://localhost@example.com/",
            "http://example.com@localhost/",
            "http://user:secret@localhost/",
            "http://localhost:0/",
            "http://localhost:65536/",
            "http://localhost:/",
            "http://loc alhost/",
        ] {
            assert!(Receiver::parse(url).is_err(), "{url}");
        }
        assert!(Receiver::parse(&format!("http://localhost/{}", "x".repeat(2_048))).is_err());
    }
}
