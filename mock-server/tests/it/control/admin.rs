//! The verbs for keys, API tokens, sessions, events and webhooks.

use serde_json::{Value, json};

use super::Control;
use crate::client::{ALICE, NOON, keys, text};

/// Calls each of these verbs once, and looks at what it did.
pub(super) fn verbs(control: &Control) {
    let world = |method: &str, rest: &str, body: &str| control.of_world(method, rest, body);
    let of = |method: &str, rest: &str, id: &str, body: &str| {
        control.call(method, &format!("/_mock/v1/environments/{{environmentId}}{rest}"), id, body)
    };
    let states = |answer: &Value| -> Vec<(String, String)> {
        let keys = answer["keys"].as_array().unwrap();
        keys.iter().map(|key| (text(&key["kid"]), text(&key["state"]))).collect()
    };
    let key = |kid: &str, state: &str| (kid.to_owned(), state.to_owned());
    let first = world("GET", "/keys", "").ok(200);
    assert_eq!(states(&first), [key("mfa-mock-1", "signing")]);
    let rotated = world("POST", "/keys/rotate", "").ok(200);
    assert_eq!(states(&rotated), [key("mfa-mock-1", "verifying"), key("mfa-mock-2", "signing")]);
    let pem = of("GET", "/keys/{id}/pem", "mfa-mock-2", "");
    assert_eq!(
        (pem.status, pem.header("content-type")),
        (Some(200), Some("application/x-pem-file"))
    );
    assert_eq!(String::from_utf8_lossy(&pem.body), text(&rotated["keys"][1]["publicKeyPem"]));
    assert!(pem.body.starts_with(b"-----BEGIN PUBLIC KEY-----\n"));
    let retired = of("POST", "/keys/{id}/retire", "mfa-mock-1", "").ok(200);
    assert_eq!(states(&retired), [key("mfa-mock-1", "retired"), key("mfa-mock-2", "signing")]);

    let made = world("POST", "/api-tokens", "").ok(201);
    assert_eq!(keys(&made), ["createdAt", "id", "note", "scopes", "token"]);
    assert_eq!(text(&made["token"]).len(), 60);
    let listed = world("GET", "/api-tokens", "").ok(200);
    let shown = json!({ "id": made["id"], "note": "", "scopes": [], "createdAt": NOON });
    assert_eq!(listed, json!({ "tokens": [shown] }));
    of("DELETE", "/api-tokens/{id}", &text(&made["id"]), "").ok(204);
    assert_eq!(world("GET", "/api-tokens", "").ok(200), json!({ "tokens": [] }));

    let mut client = control.client();
    client.seed_alice();
    client.sign_in(ALICE);
    of("POST", "/users/{id}/mfa/reset", ALICE, "").ok(204);
    assert_eq!(client.world.user(ALICE).unwrap().devices, []);
    let session = client.world.user(ALICE).unwrap().sessions[0].clone();
    of("POST", "/sessions/{id}/revoke", &session, "").ok(204);
    client.get("users").unauthorized();
    client.bearer = None;
    client.sign_in(ALICE);
    assert_eq!(world("POST", "/sessions/revoke", "").ok(200), json!({ "revoked": 1 }));

    let plan =
        json!({ "url": "http://127.0.0.1:1/", "isEnabled": true, "events": ["user.deleted"] });
    let hook = world("POST", "/webhooks", &plan.to_string()).ok(201);
    assert_eq!(world("GET", "/webhooks", "").ok(200), json!({ "webhooks": [hook] }));
    let user = client.world.user(ALICE).unwrap().id;
    let api = client.world.create_api_token("", &[]).unwrap().token.unwrap();
    let path = format!("/api/v0/users/{user}");
    let headers = [("authorization", format!("Bearer {api}"))];
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    crate::client::send(&client.mock, "DELETE", &path, &headers, "").ok(204);
    let events = world("GET", "/events?name=user.deleted", "").ok(200);
    let event = &events["events"][0];
    assert_eq!((&event["userId"], &event["data"]["id"]), (&json!(null), &json!(user)));
    let id = text(&hook["id"]);
    // Nobody listens on port 1, so every attempt fails, and the failures can be read.
    let tried = of("GET", "/webhooks/{id}/messages?atLeast=3&wait=20", &id, "").ok(200);
    let tried = tried["messages"].as_array().unwrap().clone();
    assert_eq!(tried.len(), 3, "{tried:?}");
    assert!(tried.iter().all(|it| it["messageId"] == event["messages"][0]));
    assert!(tried.iter().all(|it| it["status"].is_null() && it["error"].is_string()));
    of("POST", "/messages/{id}/redeliver", &text(&event["messages"][0]), "").ok(204);
    let again = of("GET", "/webhooks/{id}/messages?atLeast=4&wait=20", &id, "").ok(200);
    let last = &again["messages"][3];
    assert_eq!((&last["attempt"], &last["body"]["redelivery"]), (&json!(4), &json!(true)));
    of("DELETE", "/webhooks/{id}", &id, "").ok(204);
    assert_eq!(world("GET", "/webhooks", "").ok(200), json!({ "webhooks": [] }));
    world("DELETE", "/journal", "").ok(204);
}

#[test]
fn what_cannot_be_done_is_said() {
    let control = Control::new();
    let unknown = "00000000-0000-4000-8000-000000000000";
    let refused = |method: &str, rest: &str, body: &str, status: u16, starts: &str| {
        let answer = control.of_world(method, rest, body).ok(status);
        let error = text(&answer["error"]);
        assert!(error.starts_with(starts), "{method} {rest}: {error}");
    };
    refused("POST", "/keys/mfa-mock-1/retire", "", 409, "the key signs new tokens");
    refused("POST", "/keys/mfa-mock-2/retire", "", 404, "the environment never used");
    refused("POST", "/keys/nonsense/retire", "", 404, "the environment never used");
    refused("GET", "/keys/mfa-mock-3/pem", "", 404, "the environment never used");
    control.of_world("POST", "/keys/rotate", "").ok(200);
    control.of_world("POST", "/keys/rotate", "").ok(200);
    refused("POST", "/keys/rotate", "", 409, "every published key was used");
    refused("DELETE", &format!("/api-tokens/{unknown}"), "", 404, "the environment has no API");
    refused("POST", "/api-tokens", r#"{"scopes":["everything"]}"#, 400, "scopes[0]: unknown");
    refused("POST", "/api-tokens", r#"{"name":"x"}"#, 400, "name: unknown field");
    refused("POST", &format!("/users/{unknown}/mfa/reset"), "", 404, "no user");
    refused("POST", &format!("/sessions/{unknown}/revoke"), "", 404, "the environment of");
    refused("POST", "/sessions/nonsense/revoke", "", 404, "the user has no session");
    refused("GET", &format!("/webhooks/{unknown}/messages"), "", 404, "the environment has no");
    refused("DELETE", &format!("/webhooks/{unknown}"), "", 404, "the environment has no webhook");
    refused("POST", &format!("/messages/{unknown}/redeliver"), "", 404, "the webhook was sent no");
    for (body, starts) in [
        (
            json!({ "url": "https://example.com/", "isEnabled": true, "events": [] }),
            "url: the mock",
        ),
        (json!({ "url": "http://localhost:1/", "isEnabled": true, "events": [""] }), "events: at"),
        (json!({ "url": "http://localhost:1/", "isEnabled": true }), "missing field `events`"),
    ] {
        refused("POST", "/webhooks", &body.to_string(), 400, starts);
    }
    assert_eq!(control.client().world.webhooks(), []);
}
