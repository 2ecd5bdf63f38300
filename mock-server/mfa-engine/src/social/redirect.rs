//! Where an app may be called back.

/// Schemes that run something, lead into the machine or the browser, or to no app that could read
/// what is appended.
const NEVER: [&str; 15] = [
    "javascript",
    "vbscript",
    "data",
    "blob",
    "file",
    "filesystem",
    "jar",
    "about",
    "view-source",
    "mailto",
    "tel",
    "sms",
    "ftp",
    "ws",
    "wss",
];

/// Whether an app may be called back at an address.
///
/// Listed addresses are compared letter by letter (RFC 6749 section 3.1.2.3, RFC 9700 section
/// 2.1). With an empty list any origin will do that browsers may call from, and any link of an
/// app.
pub(crate) fn is_allowed(url: &str, listed: &[String], origins: &[String]) -> bool {
    let Some((scheme, rest)) = url.split_once(':') else { return false };
    let is_plain = url.len() <= 2_048
        && url.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'"' | b'<'));
    let scheme = scheme.to_ascii_lowercase();
    let is_scheme = scheme.bytes().enumerate().all(|(at, byte)| match at {
        0 => byte.is_ascii_alphabetic(),
        _ => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'),
    });
    if !is_plain || scheme.is_empty() || !is_scheme {
        return false;
    }
    if NEVER.contains(&scheme.as_str()) {
        return false;
    }
    if !listed.is_empty() {
        return listed.iter().any(|known| known == url);
    }
    match scheme.as_str() {
        "http" | "https" => match rest.strip_prefix("//") {
            Some(rest) => origin_is_allowed(&scheme, rest, origins),
            None => false,
        },
        // An app's own scheme needs no slashes behind it (RFC 8252, section 7.1).
        _ => !rest.is_empty(),
    }
}

fn origin_is_allowed(scheme: &str, rest: &str, origins: &[String]) -> bool {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_host =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    // Among other things no user information, behind which another host could hide.
    if authority.is_empty() || !authority.bytes().all(is_host) {
        return false;
    }
    let origin = format!("{scheme}://{authority}");
    origins.is_empty() || origins.iter().any(|pattern| fits(pattern, &origin))
}

/// Whether an origin fits a pattern with at most one `*`, which stands for any text (rule S8).
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
    fn only_addresses_that_lead_back_to_an_app_are_allowed() {
        let any = |url: &str| is_allowed(url, &[], &[]);
        for good in [
            "http://localhost:3000/",
            "https://app.example.com/path?a=b&c=d",
            "http://[::1]:3000",
            "myapp://callback",
            "com.example.app://a/b",
            "com.example.app:/cb",
            "com.example.app:cb",
            "myapp:callback",
            "http://localhost:3000/#/login",
            "http://localhost:3000#login",
            "https://app.example.com/path?a=b#/login?c=d",
        ] {
            assert!(any(good), "{good}");
        }
        for bad in [
            "",
            "nonsense",
            "/relative",
            "//example.com",
            "javascript:alert(1)",
            "JavaScript://%0aalert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "http:localhost",
            "http://",
            "http:///path",
            "http://user@evil.example/",
            "http://a.example\\@evil.example/",
            "http://#fragment",
            "http://user@evil.example/#/login",
            "http://a.example/ space",
            "http://a.example/\r\nset-cookie: a=b",
            "http://é.example/",
            "1http://a.example",
            "myapp:",
            "http:/localhost",
            "vbscript:x",
            "blob:https://a.example/1",
            "FileSystem:http://a.example/temporary/x",
            "view-source:http://a.example/",
            "about:blank#x",
            "mailto:a@example.com",
            "tel:123",
            "wss://a.example/",
        ] {
            assert!(!any(bad), "{bad}");
        }
        assert!(!any(&format!("http://a.example/{}", "x".repeat(2_048))));
    }

    #[test]
    fn origins_and_lists_narrow_it_down() {
        let origins = ["https://*.example.com".to_owned()];
        let by_origin = |url: &str| is_allowed(url, &[], &origins);
        assert!(by_origin("https://a.example.com/x"));
        assert!(!by_origin("http://a.example.com/x"));
        assert!(!by_origin("https://evil.com/.example.com"));
        assert!(!by_origin("https://evil.com?.example.com"));
        assert!(!by_origin("https://evil.com#.example.com"));
        assert!(by_origin("https://a.example.com#.evil.com"));
        let listed = ["https://a.example.com/cb".to_owned(), "javascript://x".to_owned()];
        let by_list = |url: &str| is_allowed(url, &listed, &origins);
        assert!(by_list("https://a.example.com/cb"));
        assert!(!by_list("https://a.example.com/cb/"));
        assert!(!by_list("https://a.example.com/cb#x"));
        assert!(!by_list("https://A.example.com/cb"));
        assert!(!by_list("javascript://x"));
    }
}
