//! A second address on one account: what it needs, and who may not have it.

use mock_server::UserSeed;
use serde_json::json;

use crate::client::{ALICE, Client, ELEVATED, legacy, policy, text};

const SECOND: &str = "alice@work.example";

fn verify(id: &str, code: &str) -> serde_json::Value {
    json!({ "verificationUUID": id, "verificationToken": code })
}

#[test]
fn linking_needs_credential_link_where_step_up_is_enforced() {
    let mut client = Client::signed_in(policy(|_| {}));
    let (id, code) = client.mail(SECOND);
    let before = client.state();
    client.post("emailVerifications/verify", &verify(&id, &code)).wants_elevation();
    // The refusal costs nothing: the same code links once the token is there.
    client.stays(&before);

    let wrong_scope = client.elevate_by_email(&["credential:unlink"]);
    let body = verify(&id, &code).to_string();
    let with = |token: &str| {
        client.send("POST", "emailVerifications/verify", &[(ELEVATED, token)], body.clone())
    };
    with(&wrong_scope).wants_elevation();
    with("nonsense").wants_elevation();
    with("").wants_elevation();

    let token = client.elevate_by_email(&["credential:link"]);
    let linked =
        client.send("POST", "emailVerifications/verify", &[(ELEVATED, &token)], body).ok(200);
    let credentials = linked["user"]["verifiedCredentials"].as_array().unwrap();
    assert_eq!(credentials.len(), 2);
    assert_eq!(credentials[1]["email"], json!(SECOND));
    assert_eq!(linked["user"]["lastVerifiedCredentialId"], credentials[1]["id"]);
    assert_eq!(linked["nextView"], json!("done"));
    // The account is still known by its first address, and opens with either.
    assert_eq!(linked["user"]["email"], json!(ALICE));
    let second = client.elsewhere(SECOND).get("users").ok(200);
    assert_eq!(second["id"], linked["user"]["id"]);
}

#[test]
fn linking_needs_no_token_elsewhere() {
    let mut client = Client::signed_in(legacy(|_| {}));
    let linked = client.verify_email(SECOND, json!({})).ok(200);
    assert_eq!(linked["user"]["verifiedCredentials"].as_array().unwrap().len(), 2);
    // Where the scope is not among the required ones, none is asked for either.
    let free = policy(|policy| policy.elevation.required_scopes = [].into_iter().collect());
    let mut client = Client::signed_in(free);
    client.verify_email(SECOND, json!({})).ok(200);
}

#[test]
fn a_code_that_verified_an_address_is_used_up() {
    let client = Client::signed_in(legacy(|_| {}));
    for email in [ALICE, SECOND] {
        let (id, code) = client.mail(email);
        client.post("emailVerifications/verify", &verify(&id, &code)).ok(200);
        for path in ["emailVerifications/verify", "emailVerifications/signin"] {
            let reply = client.post(path, &verify(&id, &code));
            let code = Some("invalid_email_verification");
            reply.refused(422, code, "Invalid email verification");
        }
    }
}

#[test]
fn a_new_address_never_earns_an_elevated_token() {
    let mut client = Client::signed_in(legacy(|_| {}));
    let scopes = json!({ "requestedScopes": ["credential:unlink"] });
    let linked = client.verify_email(SECOND, scopes.clone()).ok(200);
    assert_eq!(linked.get("elevatedAccessToken"), None);
    // Proven a second time it is one of the user's own, and does.
    let proven = client.verify_email(SECOND, scopes).ok(200);
    assert!(proven["elevatedAccessToken"].is_string());
}

#[test]
fn an_address_belongs_to_one_user() {
    let mut client = Client::signed_in(legacy(|_| {}));
    let bob = UserSeed { email: "bob@example.com".into(), ..Default::default() };
    client.world.create_user(bob).unwrap();
    let (id, code) = client.mail("bob@example.com");
    let taken = (422, Some("email_already_exists"), "Email already exists");
    let before = client.state();
    let reply = client.post("emailVerifications/verify", &verify(&id, &code));
    reply.refused(taken.0, taken.1, taken.2);
    client.stays(&before);
    let update = json!({ "email": "BOB@example.com", "alias": "changed" });
    client.put("users", &update).refused(taken.0, taken.1, taken.2);
    // Not even the other field of the refused update was taken.
    client.stays(&before);
    // Bob's code still opens Bob's account.
    let user = client.sign_in_with(&id, &code, json!({})).ok(200);
    assert_eq!(user["user"]["email"], json!("bob@example.com"));
}

#[test]
fn a_new_address_in_the_profile_must_be_verified_first() {
    let mut client = Client::signed_in(policy(|_| {}));
    let updated = client.put("users", &json!({ "email": SECOND, "alias": "Al" })).ok(200);
    assert_eq!(updated["nextView"], json!("verify-email"));
    assert_eq!(updated["emailVerification"]["email"], json!(SECOND));
    assert_eq!(updated["user"]["alias"], json!("Al"));
    assert_eq!(updated["user"]["verifiedCredentials"].as_array().unwrap().len(), 1);

    let id = text(&updated["emailVerification"]["verificationUUID"]);
    let token = client.elevate_by_email(&["credential:link"]);
    let body = verify(&id, &client.newest_code(SECOND)).to_string();
    let linked = client.send("POST", "emailVerifications/verify", &[(ELEVATED, &token)], body);
    assert_eq!(linked.ok(200)["user"]["verifiedCredentials"].as_array().unwrap().len(), 2);

    for own in [ALICE, SECOND, ""] {
        let updated = client.put("users", &json!({ "email": own })).ok(200);
        assert_eq!(
            (&updated["nextView"], updated.get("emailVerification")),
            (&json!("done"), None)
        );
    }
}
