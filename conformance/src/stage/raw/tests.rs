//! Where a request of a case goes, and what is made of its answer.

use serde_json::json;

use super::*;
use crate::stage::tests::held::held;

fn request(url: &str) -> RawRequest {
    let plain =
        Plain { method: "POST".to_owned(), url: url.to_owned(), headers: Vec::new(), body: None };
    let scribe = Scribe::for_case(&["MFA-TOTP-001"]);
    RawRequest { plain, agent: agent(), elsewhere: None, lacking: None, scribe }
}

/// Whether an expectation holds.
fn holds(answer: &RawAnswer, expect: impl FnOnce(&RawAnswer) -> Result<(), Halt>) -> bool {
    let findings = held(&answer.scribe, expect(answer));
    let [found] = findings.as_slice() else { panic!("one finding, not {findings:?}") };
    found.holds
}

fn heard(text: &str) -> RawAnswer {
    let headers = vec![("etag".to_owned(), "1".to_owned()), ("etag".to_owned(), "2".to_owned())];
    let heard = Heard { status: 422, headers, text: text.to_owned() };
    request("http://localhost:1/api/v0/sdk/env/users/mfa").noted(Ok(heard)).unwrap()
}

#[test]
fn an_answer_is_compared() {
    let answer = heard(r#"{"error":{"code":"gone"}}"#);
    assert_eq!((answer.status, answer.header("etag")), (422, Some("1")));
    assert_eq!(answer.header("etags"), None);
    assert_eq!(answer.value("/error/code"), "gone");
    assert_eq!(answer.value("/error/class"), Value::Null);
    assert_eq!(
        answer.scribe.close().trace[0].text,
        concat!(
            "raw POST http://localhost:1/api/v0/sdk/env/users/mfa → 422 ",
            r#"{"error":{"code":"gone"}}"#,
        )
    );
    assert!(holds(&answer, |it| it.expect_status(422)));
    assert!(!holds(&answer, |it| it.expect_status(200)));
    assert!(holds(&answer, |it| it.expect_body("/error/code", "gone")));
    assert!(!holds(&answer, |it| it.expect_body("/error/code", "go")));
    assert!(!holds(&answer, |it| it.expect_body("/error/class", "gone")));
    assert!(holds(&answer, |it| it.expect_body("/error/class", Value::Null)));
    let _ = answer.expect_status(200);
    assert_eq!(answer.scribe.close().findings[0].what, "raw POST users/mfa status");
}

#[test]
fn a_body_that_is_no_json_is_text_alone() {
    let answer = heard("not json");
    assert_eq!((answer.text.as_str(), &answer.body), ("not json", &Value::Null));
}

#[test]
fn another_environment_takes_the_same_path() {
    let there = request("http://localhost:1/api/v0/sdk/env/users/mfa?x=1").in_environment("other");
    assert_eq!(there.plain.url, "http://localhost:1/api/v0/sdk/other/users/mfa?x=1");
    assert!(there.possible().is_ok());
    let elsewhere = Some("there is one environment".to_owned());
    let alone = RawRequest { elsewhere, ..request("http://localhost:1/api/v0/sdk/env/users") };
    assert!(alone.possible().is_ok(), "its own environment can be asked");
    let alone = alone.in_environment("other");
    assert!(matches!(alone.possible(), Err(Halt::Lacking(_))));
    assert!(matches!(alone.scribe.fatal_so_far(), Some(Halt::Lacking(_))));
    assert!(matches!(race(vec![alone]), Err(Halt::Lacking(_))));
}

#[test]
fn headers_and_bodies_are_what_was_set() {
    let sent = request("http://localhost:1/").bearer("t").json(json!({ "a": 1 })).plain;
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let expected =
        [header("authorization", "Bearer t"), header("content-type", "application/json")];
    assert_eq!(sent.headers, expected);
    assert_eq!(sent.body.as_deref(), Some(r#"{"a":1}"#));
    let malformed = request("http://localhost:1/").text("{").plain;
    assert_eq!((malformed.headers.len(), malformed.body.as_deref()), (0, Some("{")));
}

#[test]
fn what_cannot_be_sent_is_the_suites_own_mistake() {
    let wrong = RawRequest {
        plain: Plain { method: "NO METHOD".to_owned(), ..request("http://localhost:1/").plain },
        ..request("http://localhost:1/")
    };
    let Err(Halt::Harness(why)) = wrong.send() else { panic!("it was sent") };
    assert_eq!(why, "raw NO METHOD http://localhost:1/: no such method");
}

#[test]
fn the_path_of_a_finding_begins_behind_the_environment() {
    assert_eq!(last_part("http://localhost:1/api/v0/sdk/env/users/mfa"), "users/mfa");
    assert_eq!(last_part("http://localhost:1/api/v0/sdk/env"), "env");
    assert_eq!(last_part("nowhere"), "nowhere");
}
