//! Where this service lives, as the caller sees it: for addresses that are handed out.

use http::Request;
use mfa_engine::{EnvironmentId, SocialProvider};

use super::caller::text;
use super::route::BASE;
use crate::answer::OverTls;

/// The address of one environment, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PublicAddress(String);

impl PublicAddress {
    /// The address that a request came to: scheme and host as the caller wrote them.
    ///
    /// A proxy that says by what scheme it was asked is believed before the connection is.
    ///
    /// A host that no browser would send is replaced, so that nothing of it can get into a page.
    pub(super) fn of<B>(request: &Request<B>, environment: EnvironmentId) -> Self {
        let from_uri = request.uri().authority().map(|authority| authority.as_str());
        let host = text(request.headers(), "host").or(from_uri).filter(|host| is_host(host));
        let scheme = match text(request.headers(), "x-forwarded-proto") {
            Some("https") => "https",
            Some("http") => "http",
            _ if request.extensions().get::<OverTls>().is_some() => "https",
            _ => "http",
        };
        Self(format!("{scheme}://{}{BASE}/sdk/{environment}", host.unwrap_or("localhost")))
    }

    /// The page that stands in for a provider.
    pub(super) fn consent_page(&self, provider: SocialProvider) -> String {
        format!("{}/providers/{provider}/authorizeHtml", self.0)
    }

    /// Where a provider sends people back to.
    pub(super) fn redirect(&self, provider: SocialProvider) -> String {
        format!("{}/providers/{provider}/redirect", self.0)
    }
}

fn is_host(host: &str) -> bool {
    let is_part =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    !host.is_empty() && host.len() <= 255 && host.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strange_host_is_not_repeated() {
        let address = |host: &str| {
            let request = Request::get("/").header("host", host).body(()).unwrap();
            PublicAddress::of(&request, EnvironmentId::FIRST).0
        };
        let below = "/api/v0/sdk/00000000-0000-0000-0000-000000000000";
        assert_eq!(address("127.0.0.1:3333"), format!("http://127.0.0.1:3333{below}"));
        assert_eq!(address("[::1]:80"), format!("http://[::1]:80{below}"));
        assert_eq!(address("a\"><script>"), format!("http://localhost{below}"));
        let request = Request::get("/").header("x-forwarded-proto", "https").body(()).unwrap();
        let address = PublicAddress::of(&request, EnvironmentId::FIRST).0;
        assert_eq!(address, format!("https://localhost{below}"));
        let mut request = Request::get("/").header("host", "box.lan").body(()).unwrap();
        request.extensions_mut().insert(OverTls);
        let address = PublicAddress::of(&request, EnvironmentId::FIRST).0;
        assert_eq!(address, format!("https://box.lan{below}"));
        request.headers_mut().insert("x-forwarded-proto", "http".parse().unwrap());
        let address = PublicAddress::of(&request, EnvironmentId::FIRST).0;
        assert_eq!(address, format!("http://box.lan{below}"));
    }
}
