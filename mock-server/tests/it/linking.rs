//! Unlinking credentials: what may go, what must stay, and what becomes of the sessions.

use mock_server::{SocialSeed, UserSeed, WalletSeed};
use serde_json::{Value, json};

use crate::client::{ALICE, Client, ELEVATED, MFA_TOKEN, Reply, claims, legacy, policy, text};
use crate::wallet_key::TestWallet;

mod merging;
mod transfer;

fn wallet() -> TestWallet {
    TestWallet::numbered(1)
}

/// Alice with an address, a wallet and a social account.
fn alice() -> UserSeed {
    UserSeed {
        email: ALICE.into(),
        wallets: vec![WalletSeed { address: wallet().address(), ..Default::default() }],
        social_accounts: vec![SocialSeed {
            email: Some("alice@gmail.example".into()),
            ..Default::default()
        }],
        ..Default::default()
    }
}

fn signed_in(policy: mock_server::policy::Policy) -> Client {
    let mut client = Client::new(policy);
    client.world.create_user(alice()).unwrap();
    client.sign_in(ALICE);
    client
}

/// The ids of the user's credentials: address, wallet, social account.
fn ids(client: &Client) -> Vec<String> {
    let user = client.get("users").ok(200);
    let credentials = user["verifiedCredentials"].as_array().unwrap().clone();
    credentials.iter().map(|credential| text(&credential["id"])).collect()
}

fn unlink(client: &Client, body: &Value, headers: &[(&str, &str)]) -> Reply {
    client.send("POST", "verify/unlink", headers, body.to_string())
}

#[test]
fn a_credential_goes_with_credential_unlink() {
    for key in ["walletId", "verifiedCredentialId", "verifiedCrentialId"] {
        let mut client = signed_in(policy(|_| {}));
        let [_, wallet_id, social_id] = &ids(&client)[..] else { panic!("three credentials") };
        let body = json!({ key: wallet_id });
        let before = client.state();
        unlink(&client, &body, &[]).wants_elevation();
        unlink(&client, &body, &[(MFA_TOKEN, "x")]).wants_elevation();
        client.stays(&before);
        let wrong = client.elevate_by_email(&["credential:link"]);
        unlink(&client, &body, &[(ELEVATED, &wrong)]).wants_elevation();

        let token = client.elevate_by_email(&["credential:unlink"]);
        let left = unlink(&client, &body, &[(ELEVATED, &token)]).ok(200);
        assert_eq!(left["user"]["verifiedCredentials"].as_array().unwrap().len(), 2);
        assert!(left["minifiedJwt"].is_string());
        // The wallet is nobody's now: signing in with it makes a user of its own.
        let other = client.post("wallets/signin", &wallet().signs_for(&client)).ok(200);
        assert_ne!(other["user"]["id"], left["user"]["id"]);
        // A time-bound token serves again; the credential is gone.
        let again = unlink(&client, &body, &[(ELEVATED, &token)]);
        again.refused(422, Some("invalid_unlink_request"), "Invalid unlink request");
        let body = json!({ "verifiedCredentialId": social_id });
        unlink(&client, &body, &[(ELEVATED, &token)]).ok(200);
    }
    let client = signed_in(legacy(|_| {}));
    let body = json!({ "walletId": ids(&client)[1] });
    unlink(&client, &body, &[]).ok(200);
}

#[test]
fn a_credential_beside_a_wallet_is_the_one_that_goes() {
    let client = signed_in(legacy(|_| {}));
    let [_, wallet_id, social_id] = &ids(&client)[..] else { panic!("three credentials") };
    // The SDK names the selected wallet beside the social account that it unlinks.
    let body = json!({ "verifiedCredentialId": social_id, "walletId": wallet_id });
    unlink(&client, &body, &[]).ok(200);
    assert_eq!(client.world.user(ALICE).unwrap().wallets.len(), 1);
    assert!(client.world.user(ALICE).unwrap().social_accounts.is_empty());

    let client = signed_in(legacy(|_| {}));
    let [_, wallet_id, social_id] = &ids(&client)[..] else { panic!("three credentials") };
    let body = json!({ "verifiedCredentialId": social_id, "primaryWalletId": wallet_id });
    let left = unlink(&client, &body, &[]).ok(200);
    assert!(left["user"]["verifiedCredentials"][1]["lastSelectedAt"].is_string());
}

#[test]
fn what_is_not_the_users_cannot_be_unlinked() {
    let mut client = signed_in(policy(|_| {}));
    let bob = UserSeed { email: "bob@example.com".into(), ..Default::default() };
    client.world.create_user(bob).unwrap();
    let bobs = client.elsewhere("bob@example.com");
    let bobs = text(&bobs.get("users").ok(200)["verifiedCredentials"][0]["id"]);
    let token = client.elevate_by_email(&["credential:unlink"]);
    let before = client.state();
    for body in [
        json!({}),
        json!({ "walletId": null }),
        json!({ "primaryWalletId": ids(&client)[1] }),
        json!({ "walletId": "00000000-0000-4000-8000-000000000000" }),
        json!({ "verifiedCredentialId": bobs }),
    ] {
        let reply = unlink(&client, &body, &[(ELEVATED, &token)]);
        reply.refused(422, Some("invalid_unlink_request"), "Invalid unlink request");
    }
    client.stays(&before);
    assert_eq!(client.world.users().len(), 2);
}

#[test]
fn the_last_way_in_stays() {
    let mut client = signed_in(policy(|_| {}));
    let token = client.elevate_by_email(&["credential:unlink"]);
    let ids = ids(&client);
    for id in &ids[1..] {
        let body = json!({ "verifiedCredentialId": id });
        unlink(&client, &body, &[(ELEVATED, &token)]).ok(200);
    }
    let before = client.state();
    let body = json!({ "verifiedCredentialId": ids[0] });
    let code = Some("cannot_delete_last_sign_in_verified_credential");
    let error = "Cannot delete the last credential that can sign in";
    // With and without the token: the mistake comes before the proof.
    unlink(&client, &body, &[(ELEVATED, &token)]).refused(422, code, error);
    unlink(&client, &body, &[]).refused(422, code, error);
    client.stays(&before);
    client.sign_in(ALICE);
}

#[test]
fn a_credential_that_opens_nothing_is_no_way_in() {
    let mut seed = alice();
    seed.wallets[0].sign_in_enabled = false;
    seed.social_accounts.clear();
    let mut client = Client::new(legacy(|_| {}));
    client.world.create_user(seed).unwrap();
    client.sign_in(ALICE);
    let [email_id, wallet_id] = &ids(&client)[..] else { panic!("two credentials") };
    let code = Some("cannot_delete_last_sign_in_verified_credential");
    let error = "Cannot delete the last credential that can sign in";
    let body = json!({ "verifiedCredentialId": email_id });
    unlink(&client, &body, &[]).refused(422, code, error);
    unlink(&client, &json!({ "walletId": wallet_id }), &[]).ok(200);
}

#[test]
fn sessions_that_the_credential_opened_end() {
    for ends in [true, false] {
        let mut client = signed_in(legacy(|policy| policy.linking.unlink_ends_sessions = ends));
        let mut by_wallet = Client { bearer: None, ..client.clone() };
        let reply = by_wallet.post("wallets/signin", &wallet().signs_for(&client));
        by_wallet.keep(reply).ok(200);
        client.post("wallets/verify", &wallet().signs_for(&client)).ok(200);
        let [email_id, wallet_id, _] = &ids(&client)[..] else { panic!("three credentials") };
        let reply = unlink(&client, &json!({ "walletId": wallet_id }), &[]);
        let left = client.keep(reply).ok(200);
        // This session was opened by mail; what it proved last is gone, so it names the mail.
        assert_eq!(left["user"]["lastVerifiedCredentialId"], json!(email_id));
        match ends {
            true => by_wallet.get("users").unauthorized(),
            false => {
                let user = by_wallet.get("users").ok(200);
                assert_eq!(user["lastVerifiedCredentialId"], json!(email_id));
                let refreshed = by_wallet.send("POST", "refresh", &[], "").ok(200);
                let jwt = claims(&text(&refreshed["minifiedJwt"]));
                assert_eq!(jwt["signin_credential_id"], json!(email_id));
            }
        }
        client.get("users").ok(200);
    }
}

#[test]
fn a_session_may_unlink_what_opened_it() {
    let mut client = Client::new(legacy(|_| {}));
    client.world.create_user(alice()).unwrap();
    let reply = client.post("wallets/signin", &wallet().signs_for(&client));
    client.keep(reply).ok(200);
    let [email_id, wallet_id, _] = &ids(&client)[..] else { panic!("three credentials") };
    let reply = unlink(&client, &json!({ "walletId": wallet_id }), &[]);
    client.keep(reply).ok(200);
    let jwt = claims(client.bearer.as_ref().unwrap());
    assert_eq!(jwt["signin_credential_id"], json!(email_id));
    assert_eq!(jwt["last_verified_credential_id"], json!(email_id));
    client.get("users").ok(200);
}

#[test]
fn misshapen_ids_are_refused_by_name() {
    let client = signed_in(legacy(|_| {}));
    for (body, error) in [
        (json!({ "walletId": "x" }), "walletId: not a lower-case UUID"),
        (json!({ "verifiedCredentialId": "x" }), "verifiedCredentialId: not a lower-case UUID"),
        (json!({ "primaryWalletId": "x" }), "primaryWalletId: not a lower-case UUID"),
    ] {
        unlink(&client, &body, &[]).refused(400, None, error);
    }
}
