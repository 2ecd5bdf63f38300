//! What counts as an event, read without a webhook.

use mock_server::policy::Policy;
use mock_server::{EventReport, UserSeed};
use serde_json::{Value, json};

use super::{Backend, NOBODY};
use crate::client::{ALICE, Client, MFA_TOKEN, legacy, policy, text};
use crate::passkeys::enrol;
use crate::reply::keys;
use crate::wallet_key::TestWallet;

fn names(events: &[EventReport]) -> Vec<&'static str> {
    events.iter().map(|event| event.name).collect()
}

#[test]
fn the_life_of_a_user_is_told() {
    let mut client = Client::new(Policy::legacy());
    client.sign_in(ALICE);
    client.elsewhere(ALICE);
    client.send("POST", "refresh", &[], "").ok(200);
    client.put("users", &json!({ "firstName": "Alice" })).ok(200);
    // Nothing changes, so nothing happened.
    client.put("users", &json!({ "firstName": "Alice" })).ok(200);
    client.verify_email("second@example.com", json!({})).ok(200);
    client.verify_email("second@example.com", json!({})).ok(200);
    client.send("POST", "revoke", &[], "").ok(204);
    client.bearer = None;
    client.sign_in(ALICE);
    client.delete("users", &[]).ok(204);
    let events = client.world.events(0);
    assert_eq!(
        names(&events),
        [
            "user.created",
            "user.session.created",
            "user.session.created",
            "user.updated",
            "user.updated",
            "user.session.revoked",
            "user.session.created",
            "user.deleted",
        ]
    );
    let user = events[0].user_id.clone().unwrap();
    assert!(events.iter().all(|event| event.user_id.as_ref() == Some(&user)));
    assert_eq!(events[3].data["firstName"], json!("Alice"));
    assert_eq!(events[4].data["verifiedCredentials"].as_array().unwrap().len(), 2);
    let sequences: Vec<u64> = events.iter().map(|event| event.sequence).collect();
    assert_eq!(sequences, (1..=8).collect::<Vec<_>>());
    assert_eq!(names(&client.world.events(6)), ["user.session.created", "user.deleted"]);
}

#[test]
fn what_becomes_of_credentials_is_told() {
    let bob = UserSeed { email: "bob@example.com".into(), ..Default::default() };
    let wallet = TestWallet::numbered(1);
    let client = Client::signed_in(legacy(|policy| policy.mfa.methods[1].enabled = false));
    let mut bobs = client.clone();
    client.world.create_user(bob).unwrap();
    let since = |before: u64| names(&client.world.events(before));
    let newest = || client.world.events(0).last().unwrap().sequence;
    bobs.sign_in("bob@example.com");
    let by_wallet = |client: &Client| {
        let body = wallet.signs_for(client);
        client.post("wallets/signin", &body).ok(200)
    };
    // Linked, used to sign in, unlinked: its session ends with it.
    let mut at = newest();
    bobs.post("verify/link", &wallet.signs_for(&bobs)).ok(200);
    assert_eq!(since(at), ["user.updated"]);
    by_wallet(&client);
    at = newest();
    let credential = bobs.get("users").ok(200)["verifiedCredentials"][1]["id"].clone();
    bobs.post("verify/unlink", &json!({ "walletId": credential })).ok(200);
    assert_eq!(since(at), ["user.session.revoked", "user.updated"]);
    // A passkey comes and goes.
    at = newest();
    enrol(&mut bobs, 1);
    assert_eq!(since(at), ["user.updated"]);
    let passkey = bobs.passkeys()[0]["id"].clone();
    bobs.send("DELETE", "users/passkeys", &[], json!({ "passkeyId": passkey }).to_string()).ok(204);
    assert_eq!(since(at), ["user.updated", "user.updated"]);
    // Absorbed: one user is gone, the other has changed.
    bobs.post("verify/link", &wallet.signs_for(&bobs)).ok(200);
    at = newest();
    let offer = client.post("verify/link", &wallet.signs_for(&client));
    assert_eq!(offer.body["code"], json!("merge_accounts_confirmation"));
    client.send("POST", "users/merge", &[], "").ok(200);
    assert_eq!(since(at), ["user.deleted", "user.updated"]);
}

#[test]
fn a_session_is_told_with_the_fields_that_were_seen() {
    let client = Client::signed_in(Policy::default());
    client.send("POST", "revoke", &[], "").ok(204);
    let events = client.world.events(1);
    let (opened, over) = (&events[0].data, &events[1].data);
    let fields = [
        "chain",
        "createdAt",
        "expiresAt",
        "id",
        "ipAddress",
        "origin",
        "projectEnvironmentId",
        "provider",
        "revokedAt",
        "userId",
        "verifiedCredentialId",
        "verifiedCredentialType",
        "verifiedCredentials",
        "walletName",
        "walletPublicKey",
    ];
    assert_eq!(keys(opened), fields);
    assert_eq!(
        (&opened["verifiedCredentialType"], &opened["revokedAt"]),
        (&json!("email"), &json!(null))
    );
    assert_eq!(opened["expiresAt"], json!("2030-01-01T14:00:00.000Z"));
    assert_eq!(over["revokedAt"], json!("2030-01-01T12:00:00.000Z"));
    assert_eq!(over["id"], opened["id"]);
}

#[test]
fn administrators_are_no_users() {
    let backend = Backend::of(Client::signed_in(Policy::default()));
    let alice = backend.alice();
    let newest = backend.client.world.events(0).last().unwrap().sequence;
    let made = backend.post("{env}/users", &json!({ "email": "bob@example.com" })).ok(201);
    backend.put(&format!("users/{}", text(&made["user"]["id"])), &json!({ "alias": "b" })).ok(200);
    backend.post(&format!("users/{alice}/mfa/reset"), &json!({})).ok(204);
    backend.ask("POST", "{env}/users/sessions/revoke", "").ok(202);
    backend.delete(&format!("users/{alice}")).ok(204);
    let events = backend.client.world.events(newest);
    assert_eq!(
        names(&events),
        ["user.created", "user.updated", "admin.user.session.revoked", "user.deleted"]
    );
    assert!(events.iter().all(|event| event.user_id.is_none()));
    // What a tester sets up did not happen to anybody.
    backend.client.seed_alice();
    backend.client.world.remove_user(ALICE).unwrap();
    assert_eq!(backend.client.world.events(newest).len(), events.len());
}

#[test]
fn what_is_refused_did_not_happen() {
    let mut client = Client::new(policy(|policy| policy.limits.users_max = 1));
    client.sign_in(ALICE);
    let before = client.state();
    let (id, code) = client.mail("bob@example.com");
    assert_eq!(client.sign_in_with(&id, &code, json!({})).status, 429);
    assert_eq!(client.world.events(0).len(), 2);
    client.differs_only(&before, &["/inbox", "/messages_sent", "/verification"]);
}

#[test]
fn second_factors_are_told_only_where_that_is_wanted() {
    for (wanted, expected) in [(false, vec![]), (true, vec!["mfa.authenticated", "mfa.reset"])] {
        let mut backend = Backend::of(Client::challenged(legacy(|policy| {
            policy.webhooks.mfa_events = wanted;
        })));
        let newest = backend.client.world.events(0).last().unwrap().sequence;
        backend.client.pass_totp(json!({}));
        backend.post(&format!("users/{}/mfa/reset", backend.alice()), &json!({})).ok(204);
        assert_eq!(names(&backend.client.world.events(newest)), expected);
        let types = backend.get("eventTypes").ok(200);
        let of_mfa = |kind: &&Value| text(&kind["name"]).starts_with("mfa.");
        let told = types.as_array().unwrap().iter().filter(of_mfa).count();
        assert_eq!(told, expected.len());
    }
}

#[test]
fn administrators_list_events_and_their_kinds() {
    let backend = Backend::of(Client::signed_in(Policy::default()));
    let types = backend.get("eventTypes").ok(200);
    let named: Vec<String> =
        types.as_array().unwrap().iter().map(|kind| text(&kind["name"])).collect();
    assert_eq!(
        named,
        [
            "user.created",
            "user.updated",
            "user.deleted",
            "user.session.created",
            "user.session.revoked",
            "admin.user.session.revoked",
        ]
    );
    assert!(types.as_array().unwrap().iter().all(|kind| text(&kind["description"]).len() > 10));
    let listed = backend.get("{env}/events").ok(200);
    let event = &listed["data"][1];
    let fields = [
        "context",
        "data",
        "environmentId",
        "environmentName",
        "eventAction",
        "eventId",
        "eventName",
        "resourceType",
        "timestamp",
    ];
    assert_eq!(keys(event), fields);
    assert_eq!(
        (&event["eventName"], &event["resourceType"], &event["eventAction"]),
        (&json!("user.session.created"), &json!("user.session"), &json!("created"))
    );
    assert_eq!(event["context"], json!({ "userId": backend.alice() }));
    let path = format!("{{env}}/events/{}", text(&event["eventId"]));
    assert_eq!(&backend.get(&path).ok(200), event);
    let unknown = backend.get(&format!("{{env}}/events/{NOBODY}"));
    unknown.refused(404, Some("not_found"), "Not Found");
}

#[test]
fn the_memory_of_events_is_bounded_and_ids_repeat_with_the_seed() {
    let policy = policy(|policy| policy.limits.events_max = 3);
    let play = || {
        let mut client = Client::new(policy.clone());
        for _ in 0..3 {
            client.bearer = None;
            client.sign_in(ALICE);
        }
        client.world.events(0)
    };
    let events = play();
    let sequences: Vec<u64> = events.iter().map(|event| event.sequence).collect();
    assert_eq!(sequences, [2, 3, 4]);
    assert_eq!(events, play());
}

#[test]
fn an_event_moves_no_other_id() {
    let ids = |mfa_events: bool| {
        let mut client = Client::challenged(legacy(|policy| {
            policy.webhooks.mfa_events = mfa_events;
        }));
        let token = client.mfa_token(true);
        let path = format!("users/mfa/{}", client.device());
        client.delete(&path, &[(MFA_TOKEN, &token)]).ok(204);
        (token, client.world.user(ALICE).unwrap())
    };
    assert_eq!(ids(false), ids(true));
}
