//! Devices and codes as they are told, and what happens when the service says no.

use driver_protocol::{Driver, ErrorOrigin, NoAuthenticator, Outcome, Request};
use serde_json::json;

use crate::stage::Stage;
use crate::stub::Stub;

#[test]
fn devices_and_codes_are_told_in_the_words_of_the_protocol() {
    let mut stage = Stage::signed_in(None);
    let wire = json!({
        "id": "d", "type": "totp", "verified": true, "default": true,
        "createdAt": "2026-01-02T03:04:05.678Z", "verifiedAt": "2026-01-02T03:05:00.000Z"
    });
    let told = json!({
        "id": "d", "type": "totp", "verified": true, "default": true,
        "verified_at": "2026-01-02T03:05:00.000Z"
    });
    stage.stub.answer("GET users/mfa", 200, &json!({ "count": 1, "devices": [wire] }));
    assert_eq!(stage.ok("device.list", json!({})), json!({ "devices": [told] }));
    stage.stub.answer("GET users/mfa/d", 200, &wire);
    assert_eq!(stage.ok("device.get", json!({ "id": "d" })), json!({ "device": told }));
    stage.stub.answer("POST users/mfa/register/totp", 200, &wire);
    assert_eq!(stage.ok("totp.confirm", json!({ "code": "1" })), json!({ "device": told }));
    assert_eq!(stage.stub.last().json(), json!({ "type": "totp", "code": "1" }));
    let methods = json!({
        "devices": [wire], "passkeys": [{ "id": "p" }], "userHasVerifiedMfaMethods": true
    });
    stage.stub.answer("GET users/mfa/methods?verifiedOnly=true", 200, &methods);
    assert_eq!(
        stage.ok("mfa.methods", json!({})),
        json!({ "devices": [told], "passkeys": [{ "id": "p" }], "has_verified": true })
    );
    stage.ok("device.set_default", json!({ "id": "d" }));
    let request = stage.stub.last();
    assert_eq!((request.method.as_str(), request.body.as_str()), ("PUT", ""));

    let codes = json!({ "count": 2, "recoveryCodes": ["A", "B"] });
    stage.stub.answer("GET users/mfa/recovery", 200, &codes);
    stage.stub.answer("POST users/mfa/recovery", 200, &codes);
    for op in ["recovery.list", "recovery.rotate"] {
        assert_eq!(stage.ok(op, json!({})), json!({ "count": 2, "codes": ["A", "B"] }));
    }
    let answer = crate::stage::verified("two", json!({ "mfaToken": "M" }));
    stage.stub.answer("POST users/mfa/auth/recovery", 200, &answer);
    let args = json!({ "code": "A", "mfa_token": { "single_use": true } });
    assert_eq!(stage.ok("recovery.auth", args), json!({ "mfa_token": "M" }));
}

#[test]
fn errors_have_the_class_of_their_code_and_the_status_of_their_answer() {
    let mut stage = Stage::signed_in(None);
    for (status, code, class, retryable) in [
        (422, "mfa_invalid_code", "MfaInvalidOtpError", false),
        (429, "mfa_rate_limited", "MfaRateLimitedError", true),
        (422, "mfa_device_not_found", "ApiError", false),
    ] {
        let body = json!({ "error": "told", "code": code });
        stage.stub.answer("POST users/mfa/auth/totp", status, &body);
        stage.stub.forget_requests();
        let error = stage.err("totp.auth", json!({ "code": "1" }));
        assert_eq!(error.origin, ErrorOrigin::Server);
        assert_eq!(error.class.as_deref(), Some(class));
        assert_eq!(error.code.as_deref(), Some(code));
        assert_eq!((error.http, error.retryable), (Some(status), retryable));
        assert_eq!(error.message, "told");
        assert_eq!(stage.stub.requests().len(), 1);
    }
    assert_eq!(stage.state()["token"], json!("one"));
}

#[test]
fn a_dead_service_is_a_network_error_except_for_the_fail_safe() {
    let mut stage = Stage::signed_in(None);
    // The old stub ends when the new one takes its place; the client still knows the old address.
    stage.stub = Stub::start();
    let error = stage.err("device.list", json!({}));
    assert_eq!((error.origin, error.http), (ErrorOrigin::Network, None));
    assert!(error.retryable);
    assert_eq!(
        stage.ok("stepup.check", json!({ "scope": "a" })),
        json!({ "required": true, "credentials": [], "default_credential_id": null })
    );
    assert_eq!(stage.state()["authenticated"], json!(true));
    assert_eq!(stage.stub.requests().len(), 0);
}

#[test]
fn an_answer_that_is_no_json_is_an_error_of_the_client() {
    let mut stage = Stage::signed_in(None);
    for body in ["", "<html>", "{}"] {
        stage.stub.answer_raw("GET users/mfa", 200, body);
        let error = stage.err("device.list", json!({}));
        assert_eq!(error.class.as_deref(), Some("UnreadableAnswerError"), "{body}");
        assert_eq!(error.origin, ErrorOrigin::Client);
    }
}

#[test]
fn missing_arguments_are_the_runners_fault() {
    let mut stage = Stage::signed_in(None);
    stage.stub.forget_requests();
    let outcome =
        stage.driver.call(&Request::new(1, "totp.auth", json!({})).on("c1"), &mut NoAuthenticator);
    assert_eq!(outcome, Outcome::fault("args of totp.auth: missing field `code`"));
    assert_eq!(stage.stub.requests().len(), 0);
}
