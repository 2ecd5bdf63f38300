//! Sessions, as administrators read and revoke them.

use mock_server::policy::Policy;
use serde_json::{Value, json};

use super::{Backend, NOBODY};
use crate::client::{ALICE, Client, text};
use crate::reply::keys;

/// The environment's time as the API writes it.
fn now(backend: &Backend) -> Value {
    json!(backend.client.world.now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

fn session_of(client: &Client) -> String {
    text(&client.get("users").ok(200)["sessionId"])
}

#[test]
fn one_session_is_revoked_and_the_others_live() {
    let backend = Backend::of(Client::signed_in(Policy::default()));
    let (alice, first) = (backend.alice(), backend.client.clone());
    let second = first.elsewhere(ALICE);
    let id = session_of(&first);
    let path = format!("users/{alice}/sessions/{id}");
    let live = backend.get(&path).ok(200);
    assert_eq!(keys(&live), ["createdAt", "id", "ipAddress", "revokedAt", "userAgent"]);
    assert_eq!((&live["id"], &live["revokedAt"]), (&json!(id), &json!(null)));
    backend.client.advance(7);
    let revoked = backend.ask("PUT", &format!("sessions/{id}/revoke"), "").ok(200);
    assert_eq!((&revoked["id"], &revoked["revokedAt"]), (&json!(id), &now(&backend)));
    assert_eq!(revoked["createdAt"], live["createdAt"]);
    first.get("users").unauthorized();
    first.send("POST", "refresh", &[], "").unauthorized();
    second.get("users").ok(200);
    // It is remembered, and revoking it again changes nothing.
    backend.client.advance(7);
    let before = backend.client.state();
    assert_eq!(backend.ask("PUT", &format!("sessions/{id}/revoke"), "").ok(200), revoked);
    assert_eq!(backend.get(&path).ok(200), revoked);
    backend.client.stays(&before);
    let shown = backend.get(&format!("users/{alice}")).ok(200)["user"]["sessions"].clone();
    let ends: Vec<bool> =
        shown.as_array().unwrap().iter().map(|it| it["revokedAt"].is_null()).collect();
    assert_eq!(ends, [true, false]);
}

#[test]
fn a_logout_is_remembered_like_a_revocation() {
    let backend = Backend::of(Client::signed_in(Policy::default()));
    let id = session_of(&backend.client);
    backend.client.send("POST", "revoke", &[], "").ok(204);
    let path = format!("users/{}/sessions/{id}", backend.alice());
    assert_eq!(backend.get(&path).ok(200)["revokedAt"], now(&backend));
}

#[test]
fn unknown_sessions_are_named_by_each_call_in_its_own_way() {
    let backend = Backend::of(Client::signed_in(Policy::default()));
    let bob = backend.client.elsewhere("bob@example.com");
    let bobs = session_of(&bob);
    let before = backend.client.state();
    let revoke = |id: &str| backend.ask("PUT", &format!("sessions/{id}/revoke"), "");
    revoke(NOBODY).refused(403, None, "Access Forbidden");
    revoke("nonsense").not_found();
    for id in [NOBODY, bobs.as_str()] {
        let path = format!("users/{}/sessions/{id}", backend.alice());
        backend.get(&path).refused(404, Some("not_found"), "Not Found");
    }
    backend.client.stays(&before);
}

#[test]
fn all_sessions_of_a_user_or_of_everybody_are_revoked() {
    let backend = Backend::of(Client::signed_in(Policy::default()));
    let alice = backend.alice();
    let bob = backend.client.elsewhere("bob@example.com");
    for path in ["{env}/users/{id}/sessions/revoke", "users/{id}/sessions/revoke"] {
        let (first, second) = (backend.client.elsewhere(ALICE), backend.client.elsewhere(ALICE));
        let reply = backend.ask("POST", &path.replace("{id}", &alice), "");
        assert_eq!((reply.status, reply.bytes.len()), (204, 0));
        first.get("users").unauthorized();
        second.get("users").unauthorized();
        bob.get("users").ok(200);
    }
    let first = backend.client.elsewhere(ALICE);
    let answer = backend.ask("POST", "{env}/users/sessions/revoke", "").ok(202);
    assert_eq!(keys(&answer), ["message"]);
    first.get("users").unauthorized();
    bob.get("users").unauthorized();
    let unknown = format!("{{env}}/users/{NOBODY}/sessions/revoke");
    backend.ask("POST", &unknown, "").refused(404, Some("not_found"), "Not Found");
}

#[test]
fn the_memory_of_sessions_is_bounded() {
    let policy = crate::client::policy(|policy| policy.limits.ended_sessions_max = 2);
    let backend = Backend::of(Client::signed_in(policy));
    let ids: Vec<String> = (0..3)
        .map(|_| {
            let other = backend.client.elsewhere(ALICE);
            let id = session_of(&other);
            other.send("POST", "revoke", &[], "").ok(204);
            id
        })
        .collect();
    let status =
        |id: &String| backend.get(&format!("users/{}/sessions/{id}", backend.alice())).status;
    assert_eq!(ids.iter().map(status).collect::<Vec<_>>(), [404, 200, 200]);
}
