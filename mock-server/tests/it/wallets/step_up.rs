//! Wallets as a re-authentication (rules E1, E2, U21).

use mock_server::policy::ReauthenticationWithMfa;
use mock_server::{SeededTotp, UserSeed, WalletSeed};
use serde_json::json;

use super::{wallet, with_wallet};
use crate::client::{Client, ELEVATED, claims, policy, text};
use crate::wallet_key::TestWallet;

#[test]
fn the_own_wallet_earns_an_elevated_token() {
    for path in ["wallets/verify", "verify/link"] {
        let mut client = with_wallet(policy(|_| {}), &wallet());
        let check = client.post("stepUp/check", &json!({ "scope": "credential:link" })).ok(200);
        assert_eq!(check["credentials"][0]["format"], json!("blockchain"));
        assert_eq!(check["defaultCredentialId"], check["credentials"][0]["id"]);
        let body = wallet().signs_for_scopes(&client, &["credential:link"]);
        let reply = client.post(path, &body);
        let body = client.keep(reply).ok(200);
        let token = text(&body["elevatedAccessToken"]);
        assert_eq!(claims(&token)["scope"], json!("credential:link"));
        let second = TestWallet::numbered(2).signs_for(&client).to_string();
        client.send("POST", "verify/link", &[(ELEVATED, &token)], second).ok(200);
    }
}

#[test]
fn a_new_wallet_never_earns_one() {
    let mut client = with_wallet(policy(|_| {}), &wallet());
    let stranger = TestWallet::numbered(2);
    let body = stranger.signs_for_scopes(&client, &["credential:link"]);
    let before = client.state();
    client.post("wallets/verify", &body).wants_elevation();
    client.stays(&before);
    let own = wallet().signs_for_scopes(&client, &["credential:link"]);
    let reply = client.post("wallets/verify", &own);
    let token = text(&client.keep(reply).ok(200)["elevatedAccessToken"]);
    let body = stranger.signs_for_scopes(&client, &["wallet:export"]).to_string();
    let linked = client.send("POST", "wallets/verify", &[(ELEVATED, &token)], body).ok(200);
    assert_eq!(linked.get("elevatedAccessToken"), None);
    let body = stranger.signs_for_scopes(&client, &["wallet:export"]);
    let proven = client.post("wallets/verify", &body).ok(200);
    assert!(proven["elevatedAccessToken"].is_string());
}

#[test]
fn an_unknown_scope_is_refused_before_the_signature() {
    let client = with_wallet(policy(|_| {}), &wallet());
    let mut body = wallet().signs_for_scopes(&client, &["wallet:*"]);
    body["signedMessage"] = json!("nonsense");
    let before = client.state();
    for path in ["wallets/verify", "verify/link", "verify/transfer"] {
        client.post(path, &body).refused(422, Some("invalid_scopes"), "Invalid scopes");
    }
    client.stays(&before);
}

#[test]
fn whoever_has_mfa_cannot_elevate_with_a_wallet() {
    let enrolled = |mode| {
        let client =
            Client::new(policy(|policy| policy.elevation.reauthentication_with_mfa = mode));
        let seed = UserSeed {
            wallets: vec![WalletSeed { address: wallet().address(), ..Default::default() }],
            totp: SeededTotp::Enrolled,
            ..Default::default()
        };
        client.world.create_user(seed).unwrap();
        let mut client = client;
        let reply = client.post("wallets/signin", &wallet().signs_for(&client));
        let body = client.keep(reply).ok(200);
        assert_eq!(body["user"]["scope"], json!("requiresAdditionalAuth"));
        client
    };
    let client = enrolled(ReauthenticationWithMfa::Refuse);
    let body = wallet().signs_for_scopes(&client, &["credential:link"]);
    let before = client.state();
    let error = "MFA is required to obtain an elevated access token";
    client.post("wallets/verify", &body).refused(403, None, error);
    // The message was not even looked at, so it is still good for signing in.
    client.stays(&before);
    client.post("wallets/signin", &body).ok(200);
    for (mode, is_granted) in
        [(ReauthenticationWithMfa::WithoutToken, false), (ReauthenticationWithMfa::Grant, true)]
    {
        let client = enrolled(mode);
        let body = wallet().signs_for_scopes(&client, &["credential:link"]);
        let body = client.post("wallets/verify", &body).ok(200);
        assert_eq!(body.get("elevatedAccessToken").is_some(), is_granted);
    }
}
