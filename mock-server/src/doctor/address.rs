//! What can be seen from a base URL and an environment id alone.

use std::net::IpAddr;

use super::Finding;
use crate::probe::Target;

/// Where the API lives on every host.
const BASE: &str = "/api/v0";

/// The mistakes that a base URL can hold.
pub(super) fn of_base_url(url: &str) -> Vec<Finding> {
    let target = match Target::read(url) {
        Ok(target) => target,
        Err(problem) => {
            let mend = "a base URL looks like http://127.0.0.1:4400/api/v0";
            return vec![Finding::wrong(format!("base URL: {problem}"), mend)];
        }
    };
    let scheme = if target.is_tls { "https" } else { "http" };
    let right = format!("{scheme}://{}{BASE}", target.authority());
    let mut findings = vec![match target.path.as_str() {
        BASE => Finding::well(format!("base URL: {url}")),
        path if path.trim_end_matches('/') == BASE => Finding::wrong(
            format!(
                "base URL: {url} ends in a slash; the SDK then asks for …{BASE}//sdk/…, and leaves \
                 its device signature out"
            ),
            format!("use {right}"),
        ),
        "" | "/" => Finding::wrong(
            format!(
                "base URL: {url} lacks {BASE}; the SDK takes it as it is, and without {BASE} it \
                 leaves its device signature out"
            ),
            format!("use {right}"),
        ),
        path => Finding::wrong(
            format!("base URL: the API is not served under {path}"),
            format!("use {right}"),
        ),
    }];
    let name = target.host.trim_start_matches('[').trim_end_matches(']');
    if name.parse::<IpAddr>().is_ok() {
        findings.push(Finding::note(
            format!(
                "host: {name} is an address; a passkey belongs to a name (its rpId), so a page \
                 that is opened under an address can use none"
            ),
            format!(
                "for passkeys open the page, and give the SDK, {scheme}://localhost:{}",
                target.port
            ),
        ));
    }
    findings
}

/// Whether an SDK treats an id as one of an environment.
pub(super) fn of_environment(id: &str) -> Finding {
    let lower = id.to_lowercase();
    let is_shaped = |id: &str| {
        let is_digit = |byte: u8| byte == b'-' || matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        id.len() == 36 && id.bytes().all(is_digit)
    };
    let loses = "the SDK signs no request of it with its device key, and says nothing about that";
    if is_shaped(id) {
        return Finding::well(format!("environment id: {id}"));
    }
    if is_shaped(&lower) {
        let what = format!("environment id: {id} has upper-case letters; {loses}");
        return Finding::wrong(what, format!("use {lower}"));
    }
    Finding::wrong(
        format!(
            "environment id: {id:?} is not 36 characters of lower-case hex and dashes; {loses}"
        ),
        "use any UUID in lower case; each one is a world of its own",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_right_or_says_why_not() {
        let first = |url: &str| of_base_url(url).remove(0);
        assert_eq!(
            of_base_url("http://localhost:4400/api/v0"),
            [Finding::well("base URL: http://localhost:4400/api/v0")]
        );
        let mends = |url: &str| match first(url) {
            Finding::Wrong { what, mend } => (what, mend),
            other => panic!("{url}: {other:?}"),
        };
        let right = "use http://localhost:4400/api/v0";
        let (what, mend) = mends("http://localhost:4400/api/v0/");
        assert!(what.contains("ends in a slash") && mend == right, "{what} {mend}");
        for url in ["http://localhost:4400", "http://localhost:4400/"] {
            let (what, mend) = mends(url);
            assert!(what.contains("lacks /api/v0") && mend == right, "{what} {mend}");
        }
        let (what, mend) = mends("http://localhost:4400/api/v1");
        assert!(what.ends_with("under /api/v1") && mend == right, "{what} {mend}");
        assert!(mends("localhost:4400").0.contains("does not begin with http://"));
        let numeric = of_base_url("http://127.0.0.1:4400/api/v0");
        assert!(
            matches!(&numeric[..], [Finding::Well { .. }, Finding::Note { .. }]),
            "{numeric:?}"
        );
    }

    #[test]
    fn an_environment_id_is_36_lower_case_letters() {
        let well = of_environment("00000000-0000-4000-8000-00000000aaaa");
        assert!(matches!(well, Finding::Well { .. }));
        let upper = of_environment("00000000-0000-4000-8000-00000000AAAA");
        let Finding::Wrong { what, mend } = upper else { panic!("{upper:?}") };
        assert!(what.contains("upper-case"), "{what}");
        assert_eq!(mend, "use 00000000-0000-4000-8000-00000000aaaa");
        for id in [
            "",
            "my-env",
            "00000000-0000-4000-8000-00000000aaa",
            "zzzzzzzz-0000-4000-8000-00000000aaaa",
        ] {
            assert!(matches!(of_environment(id), Finding::Wrong { .. }), "{id}");
        }
    }
}
