//! MFA tokens and elevated tokens: asked for, attached, consumed.

use serde_json::json;

use crate::stage::{NOW_S, Stage};

const ELEVATED: &str = "x-dyn-elevated-access-token";
const MFA: &str = "x-mfa-auth-token";

#[test]
fn a_bare_authentication_sends_the_code_alone_and_wishes_add_fields() {
    let mut stage = Stage::signed_in(None);
    stage.upgrade(json!({}), json!({ "code": " 1 " }));
    assert_eq!(stage.stub.last().json(), json!({ "code": " 1 " }));
    assert_eq!(stage.stub.last().header("x-dynamic-device-nonce"), None);
    let args = json!({
        "code": "1", "device_id": "d", "scopes": ["a", "b"], "mfa_token": { "single_use": false }
    });
    stage.upgrade(json!({ "mfaToken": "M" }), args);
    assert_eq!(
        stage.stub.last().json(),
        json!({ "id": "d", "createMfaToken": { "singleUse": false }, "code": "1",
            "requestedScopes": ["a", "b"] })
    );
    assert_eq!(stage.ok("mfa_token.take", json!({})), json!({ "mfa_token": "M" }));
    let error = stage.err("mfa_token.take", json!({}));
    assert_eq!(error.class.as_deref(), Some("ValueMustBeDefinedError"));
}

#[test]
fn registering_carries_a_link_token_and_consumes_it_before_the_answer() {
    let mut stage = Stage::signed_in(None);
    let claims = json!({ "scope": "credential:link", "exp": NOW_S + 60, "singleUse": true });
    let token = stage.hold_elevated(&claims);
    stage.stub.answer("GET users/mfa/register/totp", 403, &json!({ "error": "no" }));
    assert_eq!(stage.err("totp.register", json!({})).http, Some(403));
    assert_eq!(stage.stub.last().header(ELEVATED), Some(token.as_str()));
    assert_eq!(stage.stub.last().header("authorization"), Some("Bearer two"));
    let device = json!({ "id": "d", "type": "totp", "secret": "S", "uri": "otpauth://x" });
    stage.stub.answer("GET users/mfa/register/totp", 200, &device);
    assert_eq!(
        stage.ok("totp.register", json!({})),
        json!({ "device_id": "d", "secret": "S", "uri": "otpauth://x" })
    );
    assert_eq!(stage.stub.last().header(ELEVATED), None);
}

#[test]
fn a_deletion_carries_what_is_at_hand() {
    let mut stage = Stage::signed_in(None);
    stage.stub.forget_requests();
    let error = stage.err("device.delete", json!({ "id": "d" }));
    assert_eq!(error.code.as_deref(), Some("value_must_be_defined_error"));
    assert_eq!(stage.stub.routes(), Vec::<String>::new());

    stage.ok("device.delete", json!({ "id": "a/b", "mfa_token": "X" }));
    let request = stage.stub.last();
    assert_eq!((request.method.as_str(), request.path.as_str()), ("DELETE", "users/mfa/a%2Fb"));
    assert_eq!((request.header(MFA), request.header(ELEVATED)), (Some("X"), None));

    let claims = json!({ "scope": "credential:unlink", "exp": NOW_S + 60 });
    let token = stage.hold_elevated(&claims);
    for _ in 0..2 {
        stage.ok("device.delete", json!({ "id": "d" }));
        let request = stage.stub.last();
        assert_eq!(request.header(ELEVATED), Some(token.as_str()));
        assert_eq!(request.header(MFA), Some(""));
    }
}

#[test]
fn updating_the_user_carries_the_mfa_token_and_keeps_it() {
    let mut stage = Stage::signed_in(None);
    stage.upgrade(json!({ "mfaToken": "M" }), json!({ "code": "1" }));
    stage.stub.answer("PUT users", 200, &crate::stage::verified("three", json!({})));
    stage.ok("user.update", json!({ "fields": { "firstName": "Ada" } }));
    assert_eq!(stage.stub.last().header(MFA), Some("M"));
    assert_eq!(stage.stub.last().json(), json!({ "firstName": "Ada" }));
    assert_eq!(stage.state()["mfa_token"], json!("M"));
    stage.stub.answer("GET users/mfa", 200, &json!({ "devices": [] }));
    stage.ok("device.list", json!({}));
    assert_eq!(stage.stub.last().header(MFA), None);
}

#[test]
fn a_step_up_check_asks_only_without_a_token_and_fails_safe() {
    let mut stage = Stage::signed_in(None);
    let check = "POST stepUp/check";
    let credentials = json!([{ "id": "d", "format": "email", "type": "totp" }]);
    let answer =
        json!({ "isRequired": true, "credentials": credentials, "defaultCredentialId": "d" });
    stage.stub.answer(check, 200, &answer);
    assert_eq!(
        stage.ok("stepup.check", json!({ "scope": "a" })),
        json!({ "required": true, "credentials": credentials, "default_credential_id": "d" })
    );
    assert_eq!(stage.stub.last().json(), json!({ "scope": "a" }));

    let safe = json!({ "required": true, "credentials": [], "default_credential_id": null });
    for (status, body) in [(403, "{}"), (500, ""), (200, "{\"isRequired\":false}"), (200, "no")] {
        stage.stub.answer_raw(check, status, body);
        assert_eq!(stage.ok("stepup.check", json!({ "scope": "a" })), safe, "{status} {body}");
    }

    stage.hold_elevated(&json!({ "scope": "a", "exp": NOW_S + 60, "singleUse": true }));
    stage.stub.forget_requests();
    for _ in 0..2 {
        let held = stage.ok("stepup.check", json!({ "scope": "a" }));
        assert_eq!(
            held,
            json!({ "required": false, "credentials": [], "default_credential_id": null })
        );
    }
    assert_eq!(stage.stub.routes(), Vec::<String>::new());
    stage.clock.hold_at((NOW_S + 60) * 1000);
    assert_eq!(stage.ok("stepup.check", json!({ "scope": "a" })), safe);
    assert_eq!(stage.stub.routes(), [check]);
}

#[test]
fn the_need_of_an_action_follows_settings_and_methods() {
    let settings = |mfa: serde_json::Value| json!({ "security": { "mfa": mfa } });
    let methods = "GET users/mfa/methods?verifiedOnly=true";
    let action = json!({ "action": "wallet.waas.export" });
    let listed = json!([{ "action": "wallet.waas.export", "required": true }]);
    for (mfa, verified, required, asks) in [
        (json!({}), true, false, false),
        (
            json!({ "actions": [{ "action": "wallet.waas.export", "required": false }] }),
            true,
            false,
            false,
        ),
        (json!({ "required": true, "actions": listed }), false, true, false),
        (json!({ "required": false, "actions": listed }), true, true, true),
        (json!({ "actions": listed }), false, false, true),
    ] {
        let mut stage = Stage::new(None);
        stage.stub.answer("GET settings?sdkVersion=ReferenceSDK%2F0.0.0", 200, &settings(mfa));
        let config = json!({
            "environment_id": "e", "base_url": stage.stub.base_url(), "origin": "http://localhost"
        });
        let inst = stage.ok("client.new", config)["inst"].as_str().unwrap().to_owned();
        let answer =
            json!({ "devices": [], "passkeys": [], "userHasVerifiedMfaMethods": verified });
        stage.stub.answer(methods, 200, &answer);
        stage.stub.forget_requests();
        let request =
            driver_protocol::Request::new(1, "mfa.required_for_action", action.clone()).on(inst);
        let outcome = stage.send(&request);
        assert_eq!(outcome, driver_protocol::Outcome::Ok(json!({ "required": required })));
        assert_eq!(stage.stub.routes().len(), usize::from(asks));
    }
}
