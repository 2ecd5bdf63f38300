//! Embedded wallets: never linked, never unlinked, and no step-up (rule U22).

use mock_server::policy::Policy;
use mock_server::{UserSeed, WalletSeed};
use serde_json::json;

use super::wallet;
use crate::client::{ALICE, Client, ELEVATED, legacy, policy, text};

fn with_embedded(policy: Policy) -> Client {
    let mut client = Client::new(policy);
    let embedded = WalletSeed {
        address: wallet().address(),
        wallet_name: "dynamicwaas".into(),
        wallet_provider: "embeddedWallet".into(),
        sign_in_enabled: false,
    };
    let seed = UserSeed { email: ALICE.into(), wallets: vec![embedded], ..Default::default() };
    client.world.create_user(seed).unwrap();
    client.sign_in(ALICE);
    client
}

#[test]
fn its_signature_satisfies_no_step_up() {
    let client = with_embedded(policy(|_| {}));
    let check = |client: &Client| {
        let check = client.post("stepUp/check", &json!({ "scope": "wallet:export" })).ok(200);
        check["credentials"].as_array().unwrap().len()
    };
    assert_eq!(check(&client), 1);
    // What the call says of the wallet does not matter; what is known of it does.
    let body = wallet().signs_for_scopes(&client, &["wallet:export"]);
    let before = client.state();
    let error = "Embedded wallets cannot be used for step-up";
    client.post("wallets/verify", &body).refused(403, None, error);
    client.stays(&before);
    client.post("wallets/verify", &wallet().signs_for(&client)).ok(200);

    let client = with_embedded(policy(|policy| policy.wallets.embedded_step_up = true));
    assert_eq!(check(&client), 2);
    let body = wallet().signs_for_scopes(&client, &["wallet:export"]);
    assert!(client.post("wallets/verify", &body).ok(200)["elevatedAccessToken"].is_string());
}

#[test]
fn it_is_neither_linked_nor_unlinked() {
    let error = "Embedded wallets cannot be linked";
    let code = Some("no_compatible_wallet_service_enabled");
    let client = Client::signed_in(legacy(|_| {}));
    let mut body = wallet().signs_for(&client);
    body["walletProvider"] = json!("embeddedWallet");
    let before = client.state();
    for path in ["verify/link", "wallets/verify", "verify/transfer", "verify", "wallets/signin"] {
        client.post(path, &body).refused(422, code, error);
    }
    client.stays(&before);
    body["walletProvider"] = json!("walletConnect");
    client.post("verify/link", &body).ok(200);

    let mut client = with_embedded(policy(|_| {}));
    let user = client.get("users").ok(200);
    let id = text(&user["verifiedCredentials"][1]["id"]);
    let token = client.elevate_by_email(&["credential:unlink"]);
    let before = client.state();
    let body = json!({ "walletId": id }).to_string();
    let reply = client.send("POST", "verify/unlink", &[(ELEVATED, &token)], body);
    reply.refused(422, Some("forbidden_unlink_request"), "This credential cannot be unlinked");
    client.stays(&before);
    // It does not count as a way in either: the e-mail address is the last one.
    let id = text(&user["verifiedCredentials"][0]["id"]);
    let body = json!({ "verifiedCredentialId": id }).to_string();
    let reply = client.send("POST", "verify/unlink", &[(ELEVATED, &token)], body);
    let code = Some("cannot_delete_last_sign_in_verified_credential");
    reply.refused(422, code, "Cannot delete the last credential that can sign in");
}
