//! Every expectation of a step, held against answers that meet it and answers that do not.

use serde_json::json;

use super::*;
use crate::stage::tests::held::held;

const ROW: &str = "MFA-TOTP-001";

fn step(reply: Reply) -> Step {
    let scribe = Scribe::for_case(&[ROW]);
    let wire = Wire { exchanges: Vec::new(), step: Some(3), scribe: scribe.clone(), tag: None };
    let (number, op, fidelity) = (3, "totp.auth".to_owned(), ErrorFidelity::Code);
    Step { number, op, reply, fidelity, wire, scribe, tag: None }
}

fn returned(value: Value) -> Step {
    step(Reply::Ok(value))
}

fn error(origin: ErrorOrigin, code: Option<&str>, http: Option<u16>) -> SdkError {
    let (code, message) = (code.map(str::to_owned), "no".to_owned());
    SdkError { origin, class: None, code, http, message, retryable: false }
}

fn refused(origin: ErrorOrigin, code: Option<&str>, http: Option<u16>) -> Step {
    step(Reply::Err(error(origin, code, http)))
}

/// Whether an expectation holds.
fn holds<T>(step: &Step, expect: impl FnOnce(&Step) -> Result<T, Halt>) -> bool {
    let findings = held(&step.scribe, expect(step));
    let last = findings.last().unwrap();
    assert_eq!((last.step, last.what.split(' ').next()), (Some(3), Some("totp.auth")));
    last.holds
}

#[test]
fn a_return_is_no_error_and_an_error_no_return() {
    let value = json!({ "a": 1 });
    let well = returned(value.clone());
    assert_eq!(well.ok().unwrap(), value);
    assert_eq!(well.ready().unwrap(), value);
    assert!(well.returned().unwrap());
    assert!(holds(&well, Step::ok) && !holds(&well, Step::err));

    let ill = refused(ErrorOrigin::Server, Some("not_found"), Some(404));
    assert_eq!(ill.err().unwrap().http, Some(404));
    assert!(!ill.returned().unwrap());
    assert!(!holds(&ill, Step::ok) && holds(&ill, Step::err));
}

#[test]
fn what_only_prepares_blocks_and_records_nothing() {
    let ill = refused(ErrorOrigin::Server, Some("not_found"), Some(404));
    let Err(Halt::Blocked(why)) = ill.ready() else { panic!("not blocked") };
    assert_eq!(why, "totp.auth answered err.origin=server err.code=not_found err.http=404 \"no\"");
    assert!(ill.scribe.close().findings.is_empty());
}

#[test]
fn a_halted_step_halts_whatever_is_expected_of_it() {
    let halted = step(Reply::Halted(Halt::Fault("lost".to_owned())));
    let ended = [
        halted.ok().map(drop),
        halted.ready().map(drop),
        halted.err().map(drop),
        halted.returned().map(drop),
        halted.value("/a").map(drop),
        halted.text("/a").map(drop),
        halted.expect_field("/a", 1),
        halted.expect_server_error(400, &[]),
        halted.expect_client_error(),
        halted.expect_network_error(),
        halted.expect_class_of(ErrorKind::InvalidCode),
    ];
    for (number, ended) in ended.into_iter().enumerate() {
        assert!(matches!(ended, Err(Halt::Fault(_))), "{number}: {ended:?}");
    }
    assert!(halted.scribe.close().findings.is_empty());
}

#[test]
fn a_refusal_by_the_service_has_its_origin_status_and_code() {
    use ErrorOrigin::{Client, Server};
    let codes = ["mfa_invalid_code", "gone"];
    for (origin, code, http, wanted) in [
        (Server, Some("mfa_invalid_code"), Some(422), true),
        (Server, Some("gone"), Some(422), true),
        // What published SDKs make of the service's code.
        (Server, Some("mfa_invalid_otp_error"), Some(422), true),
        // What the SDK does not tell is not held against it.
        (Server, None, Some(422), true),
        (Server, Some("gone"), None, true),
        (Server, Some("not_found"), Some(422), false),
        (Server, Some("gone"), Some(401), false),
        (Client, Some("gone"), Some(422), false),
    ] {
        let step = refused(origin, code, http);
        let found = holds(&step, |it| it.expect_server_error(422, &codes));
        assert_eq!(found, wanted, "{origin} {code:?} {http:?}");
    }
    let any = refused(Server, Some("whatever"), Some(422));
    assert!(holds(&any, |it| it.expect_server_error(422, &[])));
    assert!(!holds(&any, |it| it.expect_server_error(423, &[])));
    assert!(!holds(&returned(json!({})), |it| it.expect_server_error(422, &[])));
}

#[test]
fn what_was_expected_of_a_refusal_is_said() {
    let step = refused(ErrorOrigin::Server, Some("not_found"), Some(404));
    let _ = step.expect_server_error(422, &["a", "b"]);
    let _ = step.expect_server_error(422, &[]);
    let said: Vec<String> = step.scribe.close().findings.iter().map(Finding::signature).collect();
    let got = "got err.origin=server err.code=not_found err.http=404 \"no\"";
    let expected = [
        format!("totp.auth: expected err.origin=server err.http=422 err.code=a|b, {got}"),
        format!("totp.auth: expected err.origin=server err.http=422, {got}"),
    ];
    assert_eq!(said, expected);
}

#[test]
fn who_refused_is_told_apart() {
    use ErrorOrigin::{Client, Network, Server, Timeout, User};
    for origin in [Server, Client, Network, User, Timeout] {
        let step = refused(origin, None, None);
        assert_eq!(holds(&step, Step::expect_client_error), origin == Client);
        let silent = matches!(origin, Network | Timeout);
        assert_eq!(holds(&step, Step::expect_network_error), silent, "{origin}");
    }
    assert!(!holds(&returned(json!({})), Step::expect_client_error));
    assert!(!holds(&returned(json!({})), Step::expect_network_error));
}

#[test]
fn a_kind_of_error_is_known_by_its_code() {
    let limited = |it: &Step| it.expect_class_of(ErrorKind::RateLimited);
    for (code, wanted) in [
        (Some("mfa_rate_limited"), true),
        (Some("mfa_rate_limited_error"), true),
        (Some("mfa_invalid_code"), false),
        (None, false),
    ] {
        assert_eq!(holds(&refused(ErrorOrigin::Server, code, None), limited), wanted, "{code:?}");
    }
    assert!(!holds(&returned(json!({})), limited));
    let code = Some("mfa_rate_limited");
    let by_text =
        Step { fidelity: ErrorFidelity::Message, ..refused(ErrorOrigin::Server, code, None) };
    assert!(matches!(limited(&by_text), Err(Halt::NotApplicable(_))));
}

#[test]
fn fields_of_what_was_returned_are_compared() {
    let step = returned(json!({ "device": { "id": "d", "count": 2 } }));
    assert!(holds(&step, |it| it.expect_field("/device/count", 2)));
    assert!(!holds(&step, |it| it.expect_field("/device/count", 3)));
    assert!(!holds(&step, |it| it.expect_field("/device/missing", 2)));
    assert!(holds(&step, |it| it.expect_field("/device/missing", Value::Null)));
    assert!(holds(&step, |it| it.text("/device/id")));
    assert!(!holds(&step, |it| it.text("/device/count")));
    assert!(!holds(&step, |it| it.text("/device/missing")));
    assert_eq!(step.text("/device/id").unwrap(), "d");
    assert_eq!(step.value("/device/count").unwrap(), 2);
    assert_eq!(step.value("/device/missing").unwrap(), Value::Null);
    let ill = refused(ErrorOrigin::Server, None, None);
    assert!(!holds(&ill, |it| it.expect_field("/device/missing", Value::Null)));
    assert!(!holds(&ill, |it| it.text("/device/id")) && !holds(&ill, |it| it.value("/device")));
}

#[test]
fn a_step_that_proves_a_row_says_so_with_both_witnesses() {
    let step = returned(json!({})).proves(ROW);
    step.ok().unwrap();
    step.wire().silent().unwrap();
    let rows: Vec<_> =
        step.scribe.close().findings.into_iter().map(|found| found.requirement).collect();
    assert_eq!(rows, [Some(ROW.to_owned()), Some(ROW.to_owned())]);
}
