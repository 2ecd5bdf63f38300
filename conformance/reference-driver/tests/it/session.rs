//! State, logout, restart, expiry, events.

use driver_protocol::{Driver, Notice};
use serde_json::json;

use crate::stage::{NOW_S, Stage, verified};

#[test]
fn state_is_told_without_a_request() {
    let mut stage = Stage::signed_in(None);
    stage.stub.forget_requests();
    assert_eq!(
        stage.state(),
        json!({
            "authenticated": true, "user_id": "u-1", "scopes": ["user:basic"],
            "mfa_pending": false, "recovery_ack_pending": false, "token": "one",
            "token_exp": NOW_S + 3600, "mfa_token": null
        })
    );
    assert_eq!(stage.ok("mfa.missing", json!({})), json!({ "missing": false }));
    assert_eq!(stage.ok("recovery.pending", json!({})), json!({ "pending": false }));
    assert_eq!(stage.stub.routes(), Vec::<String>::new());
}

#[test]
fn a_pending_session_shows_what_it_owes() {
    let mut stage = Stage::signed_in(None);
    let user = json!({ "user": {
        "id": "u-1", "verifiedCredentials": [], "scope": "requiresAdditionalAuth",
        "mfaBackupCodeAcknowledgement": "pending"
    } });
    stage.upgrade(user, json!({ "code": "1" }));
    let state = stage.state();
    assert_eq!(
        (&state["mfa_pending"], &state["recovery_ack_pending"]),
        (&json!(true), &json!(true))
    );
    stage.stub.answer("PUT users", 200, &verified("three", json!({})));
    stage.ok("recovery.ack", json!({}));
    assert_eq!(stage.stub.last().json(), json!({ "mfaBackupCodeAcknowledgement": "complete" }));
    assert_eq!(stage.ok("recovery.pending", json!({})), json!({ "pending": false }));
}

#[test]
fn the_bearer_follows_every_answer_and_events_tell() {
    let mut stage = Stage::signed_in(None);
    stage.driver.notices();
    stage.upgrade(json!({}), json!({ "code": "1" }));
    let notices = stage.driver.notices();
    assert!(
        matches!(notices.as_slice(), [Notice::Event(event)]
            if event.ev == "auth.changed" && event.data == json!({ "authenticated": true })),
        "{notices:?}"
    );
    stage.stub.answer("GET users/mfa", 200, &json!({ "count": 0, "devices": [] }));
    stage.ok("device.list", json!({}));
    assert_eq!(stage.stub.last().header("authorization"), Some("Bearer two"));
}

#[test]
fn a_logout_clears_all_even_if_the_service_fails() {
    let mut stage = Stage::signed_in(None);
    stage.upgrade(
        json!({ "mfaToken": "M" }),
        json!({ "code": "1", "mfa_token": { "single_use": true } }),
    );
    stage.stub.answer("POST revoke", 500, &json!({}));
    let before = stage.stub.last();
    stage.ok("auth.logout", json!({}));
    let revoke = stage.stub.last();
    assert_eq!((revoke.path.as_str(), revoke.body.as_str()), ("revoke", ""));
    assert_eq!(revoke.header("x-dyn-logout-reason"), Some("user-intent"));
    assert_eq!(revoke.header("authorization"), Some("Bearer two"));
    let state = stage.state();
    assert_eq!(state["authenticated"], json!(false));
    assert_eq!((&state["token"], &state["mfa_token"]), (&json!(null), &json!(null)));

    stage.stub.forget_requests();
    stage.ok("auth.logout", json!({}));
    assert_eq!(stage.stub.routes(), Vec::<String>::new());
    stage.ok("auth.email_start", json!({ "email": "ada@example.com" }));
    let after = stage.stub.last();
    assert_eq!(after.header("authorization"), None);
    let key = "x-dyn-session-public-key";
    assert!(after.header(key).is_some() && after.header(key) != before.header(key));
}

#[test]
fn a_restart_restores_the_session_and_the_keys() {
    let mut stage = Stage::signed_in(None);
    let token = stage.hold_elevated(&json!({ "scope": "a", "exp": NOW_S + 60, "singleUse": true }));
    let before = stage.stub.last();
    let state = stage.state();
    stage.stub.forget_requests();
    assert_eq!(stage.ok("client.restart", json!({})), json!({}));
    assert!(!stage.stub.routes().iter().any(|route| route.contains("settings")));
    assert_eq!(stage.state(), state);
    assert_eq!(stage.ok("stepup.take", json!({ "scope": "a" })), json!({ "token": token }));
    stage.stub.answer("GET users", 200, &verified("x", json!({}))["user"]);
    stage.ok("user.get", json!({}));
    let after = stage.stub.last();
    let same = |name: &str| after.header(name) == before.header(name);
    assert!(same("x-dyn-session-public-key") && !same("x-dyn-session-id"));
}

#[test]
fn a_session_whose_time_is_over_is_no_session() {
    let mut stage = Stage::signed_in(None);
    stage.clock.hold_at((NOW_S + 3600) * 1000);
    stage.stub.forget_requests();
    assert_eq!(stage.state()["authenticated"], json!(false));
    assert_eq!(stage.stub.routes(), Vec::<String>::new());
    stage.err("mfa.missing", json!({}));
    assert_eq!(stage.stub.routes(), ["POST revoke"]);
    assert_eq!(stage.stub.last().header("x-dyn-logout-reason"), Some("token-expired"));
    assert_eq!(stage.state()["token"], json!(null));
}

#[test]
fn deleting_the_user_signs_out_and_a_refusal_does_not() {
    let mut stage = Stage::signed_in(None);
    stage.stub.answer("DELETE users", 403, &json!({ "error": "no" }));
    assert_eq!(stage.err("user.delete", json!({})).http, Some(403));
    assert_eq!(stage.state()["authenticated"], json!(true));
    stage.stub.answer_raw("DELETE users", 204, "");
    stage.ok("user.delete", json!({}));
    assert_eq!(stage.stub.last().header("x-dyn-logout-reason"), Some("user-deleted"));
    assert_eq!(stage.state()["authenticated"], json!(false));
}

#[test]
fn a_closed_client_is_gone_and_eight_live_at_most() {
    let mut stage = Stage::new(None);
    let config = json!({
        "environment_id": "e", "base_url": stage.stub.base_url(), "origin": "http://localhost"
    });
    for number in 2..=8 {
        let made = stage.ok("client.new", config.clone());
        assert_eq!(made, json!({ "inst": format!("c{number}") }));
    }
    assert_eq!(stage.act("client.new", config.clone()).key(), "fault");
    stage.ok("client.close", json!({}));
    assert_eq!(stage.act("state.get", json!({})).key(), "fault");
    assert_eq!(stage.ok("client.new", config), json!({ "inst": "c9" }));
}
