//! Every expectation of an exchange, held against one that meets it and one that does not.

use data_encoding::BASE64URL_NOPAD;
use serde_json::json;

use super::*;
use crate::stage::tests::held::held;

const ROW: &str = "MFA-TOTP-001";

fn seen(exchange: Exchange) -> Seen {
    Seen { exchange, step: Some(3), scribe: Scribe::for_case(&[ROW]), tag: None }
}

fn exchange() -> Exchange {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Exchange {
        sequence: 9,
        operation: Some("authMfaTotpDevice".to_owned()),
        method: "POST".to_owned(),
        path: "/sdk/env/users/mfa/auth/totp".to_owned(),
        request_headers: vec![
            header("x-word", "first"),
            header("x-word", "second"),
            header("x-empty", ""),
        ],
        request_body: json!({ "code": "123456", "none": null }),
        status: 422,
        response_body: json!({ "error": { "code": "gone" } }),
    }
}

/// Whether an expectation holds.
fn holds<T>(seen: &Seen, expect: impl FnOnce(&Seen) -> Result<T, Halt>) -> bool {
    let findings = held(&seen.scribe, expect(seen));
    let [found] = findings.as_slice() else { panic!("one finding, not {findings:?}") };
    assert_eq!(found.step, Some(3));
    assert!(found.what.starts_with("wire authMfaTotpDevice "), "{}", found.what);
    found.holds
}

#[test]
fn a_header_is_its_first_value_in_any_spelling_of_the_name() {
    let seen = seen(exchange());
    assert_eq!(seen.header("X-Word"), Some("first"));
    assert_eq!(seen.header("x-empty"), Some(""));
    assert_eq!(seen.header("x-wor"), None);
    for (name, value, wanted) in [
        ("x-word", "first", true),
        ("x-word", "second", false),
        ("x-other", "first", false),
        ("x-other", "none", false),
    ] {
        assert_eq!(holds(&seen, |it| it.expect_header(name, value)), wanted, "{name} {value}");
    }
    for (name, wanted) in [("x-word", false), ("x-empty", true), ("x-other", true)] {
        assert_eq!(holds(&seen, |it| it.expect_no_header(name)), wanted, "{name}");
    }
}

#[test]
fn status_and_bodies_are_compared() {
    let seen = seen(exchange());
    assert!(holds(&seen, |it| it.expect_status(422)) && !holds(&seen, |it| it.expect_status(200)));
    assert_eq!(seen.body("/code"), "123456");
    assert_eq!(seen.body("/error/code"), Value::Null);
    assert_eq!(seen.answer("/error/code"), "gone");
    assert_eq!(seen.answer("/code"), Value::Null);
    for (pointer, value, wanted) in [
        ("/code", json!("123456"), true),
        ("/code", json!(123_456), false),
        ("/missing", json!("123456"), false),
        ("/missing", Value::Null, true),
    ] {
        assert_eq!(holds(&seen, |it| it.expect_body(pointer, value)), wanted, "{pointer}");
    }
    for (pointer, wanted) in [("/code", false), ("/none", true), ("/missing", true)] {
        assert_eq!(holds(&seen, |it| it.expect_no_body(pointer)), wanted, "{pointer}");
    }
}

#[test]
fn a_token_is_read_with_and_without_its_scheme() {
    let claims = BASE64URL_NOPAD.encode(br#"{"scope":"user:basic"}"#);
    let token = format!("e30.{claims}.c2ln");
    let with = |value: String| {
        let request_headers = vec![("authorization".to_owned(), value)];
        seen(Exchange { request_headers, ..exchange() })
    };
    for value in [token.clone(), format!("Bearer {token}")] {
        let seen = with(value);
        assert_eq!(seen.token("authorization").unwrap().scopes(), ["user:basic"]);
    }
    for value in ["Bearer".to_owned(), "Basic YWJj".to_owned(), String::new()] {
        assert!(!holds(&with(value), |it| it.token("authorization")));
    }
    assert!(!holds(&with(token), |it| it.token("x-mfa-auth-token")));
}

#[test]
fn an_exchange_that_no_operation_answers_is_named_by_its_path() {
    let stray = seen(Exchange { operation: None, ..exchange() });
    let _ = stray.expect_status(200);
    let found = &stray.scribe.close().findings[0];
    assert_eq!(found.what, "wire /sdk/env/users/mfa/auth/totp status");
}
