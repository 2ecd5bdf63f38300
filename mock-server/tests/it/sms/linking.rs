//! A number in a running session: proven again, or linked to the account.

use mock_server::SeededTotp;
use mock_server::policy::{Policy, ReauthenticationWithMfa};
use serde_json::{Value, json};

use super::{CLOSED, DIGITS, NUMBER, refused, seed, sign_in, text_to, typed};
use crate::client::{ALICE, Client, ELEVATED, Reply, claims, keys, legacy, policy, text};

fn verify(client: &mut Client, digits: &str, more: Value) -> Reply {
    let (id, code) = text_to(client, digits);
    let mut body = typed(&id, &code);
    if let Value::Object(more) = more {
        body.as_object_mut().unwrap().extend(more);
    }
    let reply = client.post("smsVerifications/verify", &body);
    client.keep(reply)
}

fn with(client: &Client, token: &str, body: &Value) -> Reply {
    client.send("POST", "smsVerifications/verify", &[(ELEVATED, token)], body.to_string())
}

#[test]
fn linking_needs_credential_link_where_step_up_is_enforced() {
    let mut client = Client::signed_in(Policy::default());
    let (id, code) = text_to(&client, DIGITS);
    let body = typed(&id, &code);
    let before = client.state();
    client.post("smsVerifications/verify", &body).wants_elevation();
    with(&client, "nonsense", &body).wants_elevation();
    // The refusal costs nothing: the same code links once the token is there.
    client.stays(&before);
    let wrong_scope = client.elevate_by_email(&["credential:unlink"]);
    with(&client, &wrong_scope, &body).wants_elevation();
    let token = client.elevate_by_email(&["credential:link"]);
    let linked = with(&client, &token, &body).ok(200);
    assert_eq!(keys(&linked), ["expiresAt", "jwt", "minifiedJwt", "nextView", "user"]);
    assert_eq!(linked["nextView"], json!("done"));
    let credentials = linked["user"]["verifiedCredentials"].as_array().unwrap();
    assert_eq!((credentials.len(), &credentials[1]["format"]), (2, &json!("phoneNumber")));
    assert_eq!(linked["user"]["lastVerifiedCredentialId"], credentials[1]["id"]);
    assert_eq!(linked["user"]["email"], json!(ALICE));
    // The account opens with either, and the code is used up.
    let by_text = sign_in(&mut client.clone(), DIGITS);
    assert_eq!(by_text["user"]["id"], linked["user"]["id"]);
    refused(&with(&client, &token, &body), CLOSED);
    refused(&client.post("smsVerifications/signin", &body), CLOSED);

    let mut client = Client::signed_in(legacy(|_| {}));
    verify(&mut client, DIGITS, json!({})).ok(200);
    assert_eq!(client.world.user(ALICE).unwrap().phones, [NUMBER]);
}

#[test]
fn the_own_number_elevates_and_a_new_one_never_does() {
    let wish = json!({ "requestedScopes": ["credential:unlink", "user:update"] });
    let mut client = Client::new(Policy::default());
    sign_in(&mut client, DIGITS);
    let proven = verify(&mut client, DIGITS, wish.clone()).ok(200);
    let token = claims(&text(&proven["elevatedAccessToken"]));
    assert_eq!(token["scope"], json!("credential:unlink user:update"));
    assert_eq!(proven["nextView"], json!("done"));
    assert_eq!(verify(&mut client, DIGITS, json!({})).ok(200).get("elevatedAccessToken"), None);

    let mut client = Client::signed_in(legacy(|_| {}));
    let linked = verify(&mut client, DIGITS, wish.clone()).ok(200);
    assert_eq!(linked.get("elevatedAccessToken"), None);
    let proven = verify(&mut client, DIGITS, wish).ok(200);
    assert!(proven["elevatedAccessToken"].is_string());
    let unknown = json!({ "requestedScopes": ["wallet:*"] });
    let (id, code) = text_to(&client, DIGITS);
    let mut body = typed(&id, &code);
    body["requestedScopes"] = unknown["requestedScopes"].clone();
    let before = client.state();
    let reply = client.post("smsVerifications/verify", &body);
    reply.refused(422, Some("invalid_scopes"), "Invalid scopes");
    client.stays(&before);
    client.post("smsVerifications/verify", &typed(&id, &code)).ok(200);
}

#[test]
fn a_user_with_mfa_cannot_step_up_by_text() {
    let wish = json!({ "requestedScopes": ["credential:unlink"] });
    for mode in [
        ReauthenticationWithMfa::Refuse,
        ReauthenticationWithMfa::WithoutToken,
        ReauthenticationWithMfa::Grant,
    ] {
        let settings = policy(|policy| policy.elevation.reauthentication_with_mfa = mode);
        let mut client = Client::new(settings);
        client.world.create_user(seed("", DIGITS, SeededTotp::Enrolled)).unwrap();
        // In a session that owes its factor, too: the call itself is open to it.
        sign_in(&mut client, DIGITS);
        assert_eq!(client.scope(), "requiresAdditionalAuth");
        let (id, code) = text_to(&client, DIGITS);
        let mut body = typed(&id, &code);
        body["requestedScopes"] = wish["requestedScopes"].clone();
        let before = client.state();
        let reply = client.post("smsVerifications/verify", &body);
        match mode {
            ReauthenticationWithMfa::Refuse => {
                reply.refused(403, None, "MFA is required to obtain an elevated access token");
                // The code stays good for what it can do.
                client.stays(&before);
                client.post("smsVerifications/verify", &typed(&id, &code)).ok(200);
            }
            ReauthenticationWithMfa::WithoutToken => {
                assert_eq!(reply.ok(200).get("elevatedAccessToken"), None);
            }
            ReauthenticationWithMfa::Grant => {
                assert!(reply.ok(200)["elevatedAccessToken"].is_string());
            }
        }
    }
}

#[test]
fn a_number_belongs_to_one_user() {
    let client = Client::signed_in(legacy(|_| {}));
    client.world.create_user(seed("", DIGITS, SeededTotp::None)).unwrap();
    let (id, code) = text_to(&client, DIGITS);
    let before = client.state();
    let reply = client.post("smsVerifications/verify", &typed(&id, &code));
    let taken = Some("user_has_already_account_with_phone_number");
    reply.refused(422, taken, "Phone number already exists");
    client.stays(&before);
    // The code still opens the account of the one who has the number.
    let user = client.post("smsVerifications/signin", &typed(&id, &code)).ok(200);
    assert_eq!(user["user"]["id"], json!(client.world.user(NUMBER).unwrap().id));
}

#[test]
fn a_number_in_the_profile_is_only_told() {
    let client = Client::signed_in(Policy::default());
    let updated = client.put("users", &json!({ "phoneNumber": NUMBER })).ok(200);
    assert_eq!(updated["nextView"], json!("done"));
    assert_eq!(updated.get("smsVerification"), None);
    assert_eq!(updated["user"]["phoneNumber"], json!(NUMBER));
    assert!(client.world.inbox(Some(NUMBER), 0).is_empty());
    assert!(client.world.user(NUMBER).is_none());
}
