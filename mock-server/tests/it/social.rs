//! Social sign-in, from `initAuth` over the page that stands in for a provider to the session.

use data_encoding::BASE64URL_NOPAD;
use mock_server::policy::{KnownEmail, Policy};
use mock_server::{SeededTotp, SocialSeed, UserSeed};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::client::{ALICE, Client, ELEVATED, Reply, keys, legacy, policy, text};

mod linking;
mod page;
mod refused;

const APP: &str = "http://localhost:3000/callback?from=social";
const STATE: &str = "JpDcYcDqBJnBcs6ufZTyBYcPwyLXkV3p";
const INVALID: (u16, Option<&str>, &str) =
    (422, Some("invalid_verification"), "Invalid verification");
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn challenge(verifier: &str) -> String {
    BASE64URL_NOPAD.encode(&Sha256::digest(verifier.as_bytes()))
}

fn begin(client: &Client, provider: &str, state: &str) -> Reply {
    let body = json!({ "state": state, "redirectUrl": APP });
    client.post(&format!("providers/{provider}/initAuth"), &body)
}

/// Where a redirection leads.
#[track_caller]
fn location(reply: &Reply) -> String {
    assert_eq!(reply.status, 302, "{}", reply.body);
    reply.headers["location"].to_str().unwrap().to_owned()
}

/// The value of a parameter of an address.
#[track_caller]
fn parameter(address: &str, name: &str) -> String {
    let pairs = address.split_once('?').unwrap().1.split('&');
    let mut values = pairs.filter_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    values.next().unwrap_or_else(|| panic!("no {name} in {address}")).to_owned()
}

/// Consents without a browser, as a test in CI would, and yields the code that the app gets.
fn consent(client: &Client, provider: &str, query: &str) -> String {
    let path = format!("providers/{provider}/authorizeHtml?state={STATE}&prompt=none&{query}");
    let back = location(&client.get(&path));
    let (file, pairs) = back.split_once('?').unwrap();
    assert_eq!(file, "redirect");
    let to_app = location(&client.get(&format!("providers/{provider}/redirect?{pairs}")));
    assert!(to_app.starts_with(&format!("{APP}&dynamicOauthState={STATE}&")), "{to_app}");
    parameter(&to_app, "dynamicOauthCode")
}

/// A whole way to the provider and back; yields the body for `signIn` or `verify`.
pub(crate) fn answer(client: &Client, provider: &str, hint: &str) -> Value {
    begin(client, provider, STATE).ok(204);
    let code = consent(client, provider, &format!("login_hint={hint}"));
    json!({ "state": STATE, "code": code })
}

fn sign_in(client: &mut Client, provider: &str, hint: &str) -> Reply {
    let body = answer(client, provider, hint);
    let reply = client.post(&format!("providers/{provider}/signIn"), &body);
    client.keep(reply)
}

#[test]
fn a_social_account_opens_a_session() {
    let mut client = Client::new(policy(|_| {}));
    let body = sign_in(&mut client, "google", "carol%40gmail.example").ok(200);
    assert_eq!(keys(&body), ["expiresAt", "jwt", "minifiedJwt", "user"]);
    let credential = &body["user"]["verifiedCredentials"][0];
    assert_eq!(credential["format"], json!("oauth"));
    assert_eq!(credential["oauth_provider"], json!("google"));
    assert_eq!(credential["oauth_username"], json!("carol@gmail.example"));
    assert_eq!(credential["oauth_emails"], json!(["carol@gmail.example"]));
    assert!(!text(&credential["oauth_account_id"]).is_empty());
    // The same account is the same user; with another provider it is another one.
    let again = sign_in(&mut client, "google", "CAROL%40gmail.example").ok(200);
    assert_eq!(
        (&again["user"]["id"], &again["user"]["newUser"]),
        (&body["user"]["id"], &json!(false))
    );
    let named = sign_in(&mut client, "discord", "Carol+the+First").ok(200);
    assert_ne!(named["user"]["id"], body["user"]["id"]);
    let credential = &named["user"]["verifiedCredentials"][0];
    assert_eq!(credential["oauth_username"], json!("Carol the First"));
    assert_eq!(credential.get("oauth_emails"), None);
}

#[test]
fn a_seeded_account_is_found_by_what_names_it() {
    let mut client = Client::new(policy(|_| {}));
    let account = SocialSeed {
        provider: "github".into(),
        account_id: Some("4711".into()),
        username: Some("dora".into()),
        email: Some("Dora@example.com".into()),
        ..Default::default()
    };
    let seed = UserSeed { social_accounts: vec![account.clone()], ..Default::default() };
    let made = client.world.create_user(seed.clone()).unwrap();
    assert_eq!(made.social_accounts[0].email.as_deref(), Some("dora@example.com"));
    for hint in ["4711", "DORA", "dora%40example.com"] {
        let body = sign_in(&mut client, "github", hint).ok(200);
        assert_eq!(body["user"]["id"], json!(made.id), "{hint}");
    }
    let before = client.state();
    client.world.create_user(seed).unwrap_err();
    for wrong in [
        SocialSeed { provider: "sms".into(), ..account.clone() },
        SocialSeed { email: Some("x".into()), ..account },
        SocialSeed::default(),
    ] {
        let seed = UserSeed { social_accounts: vec![wrong], ..Default::default() };
        client.world.create_user(seed).unwrap_err();
    }
    client.stays(&before);
}

#[test]
fn a_verifier_must_fit_the_challenge() {
    let mut client = Client::new(policy(|_| {}));
    let pkce =
        format!("login_hint=a&code_challenge={}&code_challenge_method=S256", challenge(VERIFIER));
    begin(&client, "github", STATE).ok(204);
    let code = consent(&client, "github", &pkce);
    let body =
        |verifier: Option<&str>| json!({ "state": STATE, "code": code, "codeVerifier": verifier });
    let before = client.state();
    for wrong in [None, Some(""), Some("another"), Some(challenge(VERIFIER).as_str())] {
        let reply = client.post("providers/github/signIn", &body(wrong));
        reply.refused(INVALID.0, INVALID.1, INVALID.2);
    }
    client.stays(&before);
    client.post("providers/github/signIn", &body(Some(VERIFIER))).ok(200);
    // A verifier without a challenge shows that somebody has taken the challenge away.
    let mut body = answer(&client, "github", "a");
    body["codeVerifier"] = json!(VERIFIER);
    let reply = client.post("providers/github/signIn", &body);
    reply.refused(INVALID.0, INVALID.1, INVALID.2);
    body["codeVerifier"] = json!(null);
    let reply = client.post("providers/github/signIn", &body);
    client.keep(reply).ok(200);
    // Only S256, and only of the right length.
    begin(&client, "google", STATE).ok(204);
    for wrong in [
        format!("code_challenge={}", challenge(VERIFIER)),
        format!("code_challenge={}&code_challenge_method=plain", challenge(VERIFIER)),
        "code_challenge=short&code_challenge_method=S256".to_owned(),
        "code_challenge_method=S256".to_owned(),
    ] {
        let path = format!("providers/google/authorizeHtml?state={STATE}&{wrong}");
        assert_eq!(client.get(&path).status, 400, "{wrong}");
    }
}

#[test]
fn state_and_code_are_good_once_and_for_a_time() {
    let client = Client::new(policy(|_| {}));
    let body = answer(&client, "google", "a");
    let sign_in = |body: &Value| client.post("providers/google/signIn", body);
    sign_in(&body).ok(200);
    let before = client.state();
    sign_in(&body).refused(INVALID.0, INVALID.1, INVALID.2);
    client.stays(&before);

    // The code lives a minute.
    let body = answer(&client, "google", "a");
    let snapshot = client.world.snapshot();
    client.advance(60);
    sign_in(&body).refused(INVALID.0, INVALID.1, INVALID.2);
    client.world.restore(snapshot).unwrap();
    client.advance(59);
    sign_in(&body).ok(200);

    // The person has ten minutes to decide.
    begin(&client, "google", STATE).ok(204);
    let snapshot = client.world.snapshot();
    client.advance(600);
    let path = format!("providers/google/authorizeHtml?state={STATE}&prompt=none&login_hint=a");
    client.get(&path).refused(INVALID.0, INVALID.1, INVALID.2);
    // The state may begin anew, because the old sign-in is over.
    begin(&client, "google", STATE).ok(204);
    client.world.restore(snapshot).unwrap();
    client.advance(599);
    location(&client.get(&path));
}

#[test]
fn an_app_without_an_address_asks_for_the_result() {
    let client = Client::new(policy(|_| {}));
    let begun = client.post("providers/google/initAuth", &json!({ "state": STATE }));
    begun.ok(204);
    let poll = || client.post("providers/google/oauthResult", &json!({ "state": STATE }));
    assert_eq!(poll().ok(200), json!({ "status": "pending" }));
    let path = format!("providers/google/authorizeHtml?state={STATE}&prompt=none&login_hint=a");
    let back = location(&client.get(&path));
    assert_eq!(poll().ok(200), json!({ "status": "pending" }));
    let closing = client.get(&format!("providers/google/{back}"));
    assert_eq!(closing.status, 200);
    assert!(text(&closing.body).contains("close this window"));
    let done = poll().ok(200);
    assert_eq!((keys(&done), &done["status"]), (vec!["code", "status"], &json!("completed")));
    let body = json!({ "state": STATE, "code": done["code"] });
    client.post("providers/google/signIn", &body).ok(200);
    poll().refused(INVALID.0, INVALID.1, INVALID.2);
}

#[test]
fn whoever_has_mfa_owes_it_after_a_social_sign_in() {
    let mut client = Client::new(policy(|_| {}));
    let email = Some("eve@example.com".to_owned());
    let social_accounts = vec![SocialSeed { email, ..Default::default() }];
    let seed = UserSeed { social_accounts, totp: SeededTotp::Enrolled, ..Default::default() };
    client.world.create_user(seed).unwrap();
    let body = sign_in(&mut client, "google", "eve%40example.com").ok(200);
    assert_eq!(body["user"]["scope"], json!("requiresAdditionalAuth"));
    let mut body = answer(&client, "google", "eve%40example.com");
    body["requestedScopes"] = json!(["credential:unlink"]);
    let before = client.state();
    let error = "MFA is required to obtain an elevated access token";
    client.post("providers/google/verify", &body).refused(403, None, error);
    client.stays(&before);
    // The answer is still good for what it can do.
    body["requestedScopes"] = json!([]);
    client.post("providers/google/verify", &body).ok(200);
}

#[test]
fn an_address_of_another_user_is_answered_by_name() {
    let refused = |client: &Client, way: &str, code: &str, error: &str, hint: &str| {
        let body = answer(client, "google", hint);
        let before = client.state();
        let reply = client.post("providers/google/signIn", &body);
        let email = hint.replace("%40", "@");
        let payload = json!({ "email": email, "loginProvider": way });
        let expected = json!({ "error": error, "code": code, "payload": payload });
        assert_eq!((reply.status, &reply.body), (422, &expected));
        client.stays(&before);
        body
    };
    let mut client = Client::new(policy(|_| {}));
    client.sign_in(ALICE);
    let code = "user_has_already_account_with_email";
    let error = "User already has an account with this email";
    refused(&client, "emailOnly", code, error, "alice%40example.com");

    let mut client = Client::new(policy(|_| {}));
    sign_in(&mut client, "github", "bob%40example.com").ok(200);
    let code = "email_associated_with_different_provider";
    let error = "Email is associated with a different provider";
    let body = refused(&client, "github", code, error, "bob%40example.com");
    let separate = policy(|policy| policy.social.known_email = KnownEmail::Separate);
    client.world.set_policy(separate).unwrap();
    client.post("providers/google/signIn", &body).ok(200);
    assert_eq!(client.world.users().len(), 2);
}

#[test]
fn the_settings_name_the_pages() {
    let client = Client::new(policy(|_| {}));
    let headers = [("host", "127.0.0.1:3333")];
    let settings = client.send("GET", "settings", &headers, "").ok(200);
    let base = format!("http://127.0.0.1:3333{}", client.path("providers"));
    let google = settings["providers"]
        .as_array()
        .unwrap()
        .iter()
        .find(|provider| provider["provider"] == json!("google"))
        .unwrap();
    assert_eq!(google["baseAuthUrl"], json!(format!("{base}/google/authorizeHtml")));
    assert_eq!(google["redirectUrl"], json!(format!("{base}/google/redirect")));
    assert!(google["clientId"].is_string());
    let social = &settings["sdk"]["socialSignIn"]["providers"];
    assert_eq!(social.as_array().unwrap().len(), 4);
    assert!(social.as_array().unwrap().contains(&json!({ "provider": "apple", "enabled": true })));

    let none = Client::new(policy(|policy| policy.social.providers.clear()));
    let settings = none.get("settings").ok(200);
    assert_eq!(settings["sdk"]["socialSignIn"]["providers"], json!([]));
    let providers = settings["providers"].as_array().unwrap();
    assert!(providers.iter().all(|provider| provider.get("baseAuthUrl").is_none()));
}

/// Alice, signed in, in a world with or without step-up.
fn alice(policy: Policy) -> Client {
    Client::signed_in(policy)
}
