//! Taking a wallet over from another user.

use mock_server::policy::{Policy, Taken};
use mock_server::{SeededTotp, UserSeed, WalletSeed};
use serde_json::json;

use super::wallet;
use crate::client::{ALICE, Client, ELEVATED, legacy, policy, text};

const BOB: &str = "bob@example.com";
const CONFIRM: (u16, Option<&str>, &str) =
    (422, Some("reassign_wallet_confirm"), "Wallet is linked to another user");
const STAYS: (u16, Option<&str>, &str) =
    (422, Some("reassign_wallet_error"), "Wallet belongs to another user");

fn bob() -> UserSeed {
    let wallets = vec![WalletSeed { address: wallet().address(), ..Default::default() }];
    UserSeed { email: BOB.into(), wallets, ..Default::default() }
}

/// Alice, signed in, in a world where Bob has the wallet.
fn beside(bob: UserSeed, policy: Policy) -> Client {
    let mut client = Client::new(policy);
    client.world.create_user(bob).unwrap();
    client.sign_in(ALICE);
    client
}

fn transferring(policy: &mut Policy) {
    policy.linking.taken_wallet = Taken::Transfer;
}

#[test]
fn a_wallet_changes_hands_when_that_is_confirmed() {
    let mut client = beside(bob(), policy(transferring));
    let mut bobs = Client { bearer: None, ..client.clone() };
    let reply = bobs.post("wallets/signin", &wallet().signs_for(&client));
    bobs.keep(reply).ok(200);

    let before = client.state();
    let body = wallet().signs_for(&client);
    let nonce_issued = client.state();
    client.post("verify/link", &body).refused(CONFIRM.0, CONFIRM.1, CONFIRM.2);
    client.stays(&nonce_issued);
    client.post("verify/transfer", &body).wants_elevation();
    client.stays(&nonce_issued);
    assert_ne!(before, nonce_issued);

    let token = client.elevate_by_email(&["credential:link"]);
    let headers = [(ELEVATED, token.as_str())];
    let reply = client.send("POST", "verify/transfer", &headers, body.to_string());
    let moved = client.keep(reply).ok(200);
    let credentials = moved["user"]["verifiedCredentials"].as_array().unwrap();
    assert_eq!(credentials.len(), 2);
    assert_eq!(moved["user"]["lastVerifiedCredentialId"], credentials[1]["id"]);
    assert!(client.world.user(BOB).unwrap().wallets.is_empty());
    // The session that it had opened for Bob is over, his mail still lets him in.
    bobs.get("users").unauthorized();
    bobs.sign_in(BOB);
    let again = client.post("wallets/signin", &wallet().signs_for(&client)).ok(200);
    assert_eq!(again["user"]["id"], moved["user"]["id"]);
    // The message is used up.
    let reply = client.send("POST", "verify/transfer", &headers, body.to_string());
    reply.refused(422, Some("other_verify_failure"), "Wallet verification failed");
}

#[test]
fn a_wallet_stays_where_it_must() {
    let refused = |seed: UserSeed, change: fn(&mut Policy)| {
        let client = beside(seed, legacy(change));
        let body = wallet().signs_for(&client);
        let before = client.state();
        client.post("verify/transfer", &body).refused(STAYS.0, STAYS.1, STAYS.2);
        let linked = client.post("verify/link", &body);
        client.stays(&before);
        linked
    };
    // Without the setting, and where a refusal is all there is.
    let plain = refused(bob(), |policy| policy.linking.taken_wallet = Taken::Refuse);
    plain.refused(STAYS.0, STAYS.1, STAYS.2);
    // Bob's second factor protects him, and his last way in is his.
    let enrolled = UserSeed { totp: SeededTotp::Enrolled, ..bob() };
    refused(enrolled, transferring).refused(STAYS.0, STAYS.1, STAYS.2);
    let only = UserSeed { email: String::new(), ..bob() };
    refused(only, transferring).refused(STAYS.0, STAYS.1, STAYS.2);
    let mut embedded = bob();
    embedded.wallets[0].wallet_provider = "embeddedWallet".into();
    refused(embedded, transferring).refused(STAYS.0, STAYS.1, STAYS.2);
}

#[test]
fn what_nobody_has_is_linked_and_the_own_is_proven_again() {
    let mut client = Client::signed_in(policy(transferring));
    let body = wallet().signs_for(&client);
    client.post("verify/transfer", &body).wants_elevation();
    let token = client.elevate_by_email(&["credential:link"]);
    let reply = client.send("POST", "verify/transfer", &[(ELEVATED, &token)], body.to_string());
    let linked = client.keep(reply).ok(200);
    let body = wallet().signs_for_scopes(&client, &["credential:unlink"]);
    let proven = client.post("verify/transfer", &body).ok(200);
    assert!(proven["elevatedAccessToken"].is_string());
    let id = text(&linked["user"]["id"]);
    assert_eq!(proven["user"]["id"], json!(id));
}
