//! Social accounts in a running session: proven again, linked, taken.

use mock_server::policy::TakenSocial;
use serde_json::json;

use super::{ALICE, Client, ELEVATED, INVALID, alice, answer, legacy, policy, sign_in, text};

#[test]
fn an_account_is_linked_with_credential_link() {
    let mut client = alice(policy(|_| {}));
    let body = answer(&client, "google", "alice%40gmail.example");
    let before = client.state();
    client.post("providers/google/verify", &body).wants_elevation();
    client.stays(&before);
    let token = client.elevate_by_email(&["credential:link"]);
    let send =
        || client.send("POST", "providers/google/verify", &[(ELEVATED, &token)], body.to_string());
    let linked = send().ok(200);
    assert_eq!(linked["user"]["verifiedCredentials"].as_array().unwrap().len(), 2);
    assert_eq!(linked.get("nextView"), None);
    send().refused(INVALID.0, INVALID.1, INVALID.2);
    let again = sign_in(&mut client.clone(), "google", "alice%40gmail.example").ok(200);
    assert_eq!(again["user"]["id"], linked["user"]["id"]);
}

#[test]
fn the_own_account_earns_an_elevated_token_and_a_new_one_does_not() {
    let mut client = alice(legacy(|_| {}));
    for is_own in [false, true] {
        let mut body = answer(&client, "google", "alice");
        body["requestedScopes"] = json!(["credential:unlink"]);
        let reply = client.post("providers/google/verify", &body);
        let body = client.keep(reply).ok(200);
        assert_eq!(body.get("elevatedAccessToken").is_some(), is_own);
    }
    let mut body = answer(&client, "google", "alice");
    body["requestedScopes"] = json!(["nonsense"]);
    let before = client.state();
    let reply = client.post("providers/google/verify", &body);
    reply.refused(422, Some("invalid_scopes"), "Invalid scopes");
    client.stays(&before);
}

#[test]
fn another_users_account_is_refused_or_leads_to_a_merge() {
    let mut client = alice(legacy(|_| {}));
    sign_in(&mut client.clone(), "google", "bob").ok(200);
    let body = answer(&client, "google", "bob");
    let before = client.state();
    let reply = client.post("providers/google/verify", &body);
    let code = Some("social_account_already_exists");
    reply.refused(422, code, "Social account already exists");
    client.stays(&before);

    let merging = legacy(|policy| policy.linking.taken_social = TakenSocial::Merge);
    client.world.set_policy(merging).unwrap();
    let reply = client.post("providers/google/verify", &body);
    assert_eq!((reply.status, &reply.body["code"]), (422, &json!("merge_accounts_confirmation")));
    let reply = client.send("POST", "users/merge", &[], "");
    let merged = client.keep(reply).ok(200);
    assert_eq!(merged["user"]["verifiedCredentials"].as_array().unwrap().len(), 2);
    assert_eq!(client.world.users().len(), 1);
}

#[test]
fn the_address_of_another_user_keeps_an_account_out() {
    let mut client = alice(legacy(|_| {}));
    client.elsewhere("bob@example.com");
    let body = answer(&client, "google", "bob%40example.com");
    let before = client.state();
    let reply = client.post("providers/google/verify", &body);
    assert_eq!(reply.body["code"], json!("user_has_already_account_with_email"));
    client.stays(&before);
    // One's own address is no obstacle.
    let own = answer_with_other_state(&client);
    let reply = client.post("providers/google/verify", &own);
    let linked = client.keep(reply).ok(200);
    assert_eq!(text(&linked["user"]["email"]), ALICE);
}

/// The state of the refused sign-in is still under way, so another one is needed.
fn answer_with_other_state(client: &Client) -> serde_json::Value {
    client.advance(60);
    answer(client, "google", "alice%40example.com")
}
