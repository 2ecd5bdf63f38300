//! Sins show: what the sinner does differs from what the reference does, and is counted.
//!
//! The stories stand for the whole list, without a service. That each sin of the list is caught is
//! for the suite's own test to show.

use driver_protocol::{Driver, Notice};
use reference_driver::SABOTAGES;
use serde_json::{Value, json};

use crate::sign_in::is_well_signed;
use crate::stage::{NOW_S, Stage, verified};

/// Plays a story with a signed-in user and answers what an observer can see of it.
type Story = fn(&mut Stage) -> Value;

#[test]
fn the_sin_of_each_story_is_seen_and_counted() {
    for (name, story) in STORIES {
        let sabotage = SABOTAGES
            .iter()
            .find(|sabotage| sabotage.name == *name)
            .unwrap_or_else(|| panic!("there is no sabotage {name}"));
        let mut good = Stage::signed_in(None);
        let mut bad = Stage::signed_in(Some(sabotage.name));
        let (right, wrong) = (story(&mut good), story(&mut bad));
        assert_ne!(right, wrong, "{}", sabotage.name);
        assert_eq!((good.driver.activations(), good.driver.sabotage()), (0, None));
        assert!(bad.driver.activations() > 0, "{}", sabotage.name);
        let confession = format!("sabotage {} active", sabotage.name);
        assert!(says(&mut bad, &confession), "{}", sabotage.name);
    }
}

#[test]
fn a_sin_without_occasion_is_not_counted() {
    let mut stage = Stage::signed_in(Some("swallow-401"));
    stage.stub.answer("GET users/mfa", 401, &json!({ "error": "no" }));
    assert_eq!(stage.err("device.list", json!({})).http, Some(401));
    assert_eq!(stage.driver.activations(), 0);
}

fn says(stage: &mut Stage, text: &str) -> bool {
    let logged = |notice: &Notice| matches!(notice, Notice::Log(log) if log.msg.contains(text));
    stage.driver.notices().iter().any(logged)
}

fn last_header(stage: &Stage, name: &str) -> Value {
    json!(stage.stub.last().header(name))
}

fn list_devices(stage: &mut Stage) -> Value {
    stage.stub.answer("GET users/mfa", 200, &json!({ "devices": [] }));
    stage.ok("device.list", json!({}))
}

fn hold_mfa_token(stage: &mut Stage) {
    let args = json!({ "code": "1", "mfa_token": { "single_use": false } });
    stage.upgrade(json!({ "mfaToken": "M" }), args);
}

fn register(stage: &mut Stage, status: u16) -> Value {
    let body = json!({ "error": "no", "id": "d", "secret": "JBSWY3DP", "uri": "otpauth://x" });
    stage.stub.answer("GET users/mfa/register/totp", status, &body);
    stage.stub.forget_requests();
    json!(stage.act("totp.register", json!({})).key())
}

fn refused_totp(stage: &mut Stage, code: &str) -> Value {
    let body = json!({ "error": "no", "code": code });
    stage.stub.answer("POST users/mfa/auth/totp", 422, &body);
    let error = stage.err("totp.auth", json!({ "code": "1" }));
    json!([error.class, error.code])
}

fn unlink_with_single_use(stage: &mut Stage) {
    let scope = "credential:unlink";
    stage.hold_elevated(&json!({ "scope": scope, "exp": NOW_S + 60, "singleUse": true }));
    stage.ok("device.delete", json!({ "id": "d" }));
}

const STORIES: &[(&str, Story)] = &[
    ("attach-mfa-token-everywhere", |stage| {
        hold_mfa_token(stage);
        list_devices(stage);
        last_header(stage, "x-mfa-auth-token")
    }),
    ("cache-device-list", |stage| {
        stage.stub.answer("GET users/mfa", 200, &json!({ "devices": [{ "id": "gone" }] }));
        stage.ok("device.list", json!({}));
        list_devices(stage)
    }),
    ("double-register-on-retry", |stage| {
        register(stage, 500);
        json!(stage.stub.requests().len())
    }),
    ("drop-mfa-token-header", |stage| {
        stage.ok("device.delete", json!({ "id": "d", "mfa_token": "X" }));
        last_header(stage, "x-mfa-auth-token")
    }),
    ("forget-session-on-restart", |stage| {
        stage.ok("client.restart", json!({}));
        stage.state()["authenticated"].clone()
    }),
    ("generic-error-for-invalid-code", |stage| refused_totp(stage, "mfa_invalid_code")),
    ("ignore-requested-scopes", |stage| {
        stage.upgrade(json!({}), json!({ "code": "1", "scopes": ["a"] }));
        stage.stub.last().json()
    }),
    ("ignore-requires-additional-auth", |stage| {
        let user =
            json!({ "id": "u", "verifiedCredentials": [], "scope": "requiresAdditionalAuth" });
        stage.upgrade(json!({ "user": user }), json!({ "code": "1" }));
        stage.ok("mfa.missing", json!({}))
    }),
    ("keep-expired-token", |stage| {
        stage.hold_elevated(&json!({ "scope": "a", "exp": NOW_S + 60 }));
        stage.clock.hold_at((NOW_S + 61) * 1000);
        stage.ok("stepup.peek", json!({ "scope": "a" }))
    }),
    ("keep-session-after-logout", |stage| {
        stage.ok("auth.logout", json!({}));
        stage.state()
    }),
    ("leak-secret-to-log", |stage| {
        register(stage, 200);
        let notices = stage.driver.notices();
        let leaked = notices
            .iter()
            .any(|notice| matches!(notice, Notice::Log(log) if log.msg.contains("JBSWY3DP")));
        // The confession is read later, from a second activation.
        register(stage, 200);
        json!(leaked)
    }),
    ("reuse-challenge", |stage| {
        let answer = |stage: &Stage, challenge: &str| {
            let body = json!({ "challenge": challenge, "allowCredentials": [{ "id": "p" }] });
            stage.stub.answer("GET users/passkeys/authenticate", 200, &body);
        };
        stage.stub.answer("POST users/mfa/auth/passkey", 200, &verified("two", json!({})));
        answer(stage, "first");
        stage.ok("passkey.auth", json!({}));
        answer(stage, "second");
        stage.ok("passkey.auth", json!({}));
        stage.stub.last().json()["challenge"].clone()
    }),
    ("reuse-nonce", |stage| {
        stage.stub.answer("POST refresh", 200, &verified("two", json!({})));
        stage.ok("auth.refresh", json!({}));
        let first = last_header(stage, "x-dynamic-device-nonce");
        stage.ok("auth.refresh", json!({}));
        json!(first == last_header(stage, "x-dynamic-device-nonce"))
    }),
    ("reuse-single-use-token", |stage| {
        unlink_with_single_use(stage);
        stage.ok("stepup.peek", json!({ "scope": "credential:unlink" }))
    }),
    ("same-error-for-rate-limit", |stage| refused_totp(stage, "mfa_rate_limited")),
    ("send-mfa-token-in-body", |stage| {
        hold_mfa_token(stage);
        stage.upgrade(json!({}), json!({ "code": "2" }));
        stage.stub.last().json()
    }),
    ("spend-token-on-cancel", |stage| {
        let claims = json!({ "scope": "credential:link", "exp": NOW_S + 60, "singleUse": true });
        stage.hold_elevated(&claims);
        stage.stub.answer("GET users/passkeys/register", 200, &json!({ "cancel": true }));
        stage.err("passkey.register", json!({}));
        stage.ok("stepup.peek", json!({ "scope": "credential:link" }))
    }),
    ("stale-bearer-after-upgrade", |stage| {
        stage.upgrade(json!({}), json!({ "code": "1" }));
        list_devices(stage);
        last_header(stage, "authorization")
    }),
    ("stepup-check-fails-open", |stage| {
        stage.stub.answer("POST stepUp/check", 500, &json!({}));
        stage.ok("stepup.check", json!({ "scope": "a" }))
    }),
    ("swallow-401", |stage| register(stage, 401)),
    ("swallow-403", |stage| {
        stage.stub.answer("DELETE users/mfa/d", 403, &json!({ "error": "no" }));
        let deleted = stage.act("device.delete", json!({ "id": "d", "mfa_token": "X" }));
        json!([deleted.key(), register(stage, 403)])
    }),
    ("unsigned-device-nonce", |stage| {
        stage.stub.answer("POST refresh", 200, &verified("two", json!({})));
        stage.ok("auth.refresh", json!({}));
        json!(is_well_signed(&stage.stub.last()))
    }),
    ("wrong-elevated-header", |stage| {
        unlink_with_single_use(stage);
        json!(last_header(stage, "x-dyn-elevated-access-token").is_null())
    }),
];
