//! External wallets: signing in with a signature, proving one again, linking, selecting.

use mock_server::policy::MessageCheck;
use mock_server::{SeededTotp, UserSeed, WalletSeed};
use serde_json::json;

use crate::client::{ALICE, Client, ELEVATED, claims, keys, legacy, policy, text};
use crate::wallet_key::TestWallet;

mod embedded;
mod signatures;
mod step_up;

const FAILED: (u16, Option<&str>, &str) =
    (422, Some("other_verify_failure"), "Wallet verification failed");

fn wallet() -> TestWallet {
    TestWallet::numbered(1)
}

/// A client signed in with a wallet.
fn with_wallet(policy: mock_server::policy::Policy, wallet: &TestWallet) -> Client {
    let mut client = Client::new(policy);
    let body = wallet.signs_for(&client);
    let reply = client.post("wallets/signin", &body);
    client.keep(reply).ok(200);
    client
}

#[test]
fn a_signature_opens_a_session() {
    for path in ["verify", "wallets/signin"] {
        let mut client = Client::new(policy(|_| {}));
        let reply = client.post(path, &wallet().signs_for(&client));
        let body = client.keep(reply).ok(200);
        assert_eq!(keys(&body), ["expiresAt", "jwt", "minifiedJwt", "user"]);
        let user = &body["user"];
        let credential = &user["verifiedCredentials"][0];
        assert_eq!(
            keys(credential),
            [
                "address",
                "chain",
                "format",
                "id",
                "public_identifier",
                "signInEnabled",
                "verifiedAt",
                "wallet_name",
                "wallet_provider"
            ]
        );
        let address = text(&credential["address"]);
        assert_eq!(address.to_lowercase(), wallet().address());
        assert_ne!(address, wallet().address(), "the address carries its checksum");
        assert_eq!(credential["chain"], json!("eip155"));
        assert_eq!(credential["format"], json!("blockchain"));
        assert_eq!(credential["wallet_provider"], json!("browserExtension"));
        assert_eq!((&user["newUser"], &user["email"]), (&json!(true), &json!(null)));
        let jwt = claims(client.bearer.as_ref().unwrap());
        assert!(jwt["verifiedCredentialsHashes"]["blockchain"].is_string());

        // The same wallet is the same user, whatever the case of its address and the chain's name.
        let mut again = wallet().signs_for(&client);
        again["publicWalletAddress"] = json!(address);
        again["chain"] = json!("ETH");
        let again = client.post(path, &again).ok(200);
        assert_eq!(again["user"]["id"], user["id"]);
        assert_eq!(again["user"]["newUser"], json!(false));
        assert_eq!(client.world.users().len(), 1);
        let other = client.post(path, &TestWallet::numbered(2).signs_for(&client)).ok(200);
        assert_ne!(other["user"]["id"], user["id"]);
    }
}

#[test]
fn a_nonce_is_good_once_and_for_a_day() {
    let client = Client::new(policy(|_| {}));
    let body = wallet().signs_for(&client);
    client.post("wallets/signin", &body).ok(200);
    let before = client.state();
    let (status, code, error) = FAILED;
    for path in ["wallets/signin", "verify"] {
        client.post(path, &body).refused(status, code, error);
    }
    client.stays(&before);

    let (early, late) = (wallet().signs_for(&client), wallet().signs_for(&client));
    client.advance(86_399);
    client.post("wallets/signin", &early).ok(200);
    client.advance(1);
    client.post("wallets/signin", &late).refused(status, code, error);
    let reason = client.world.journal().pop().unwrap().refusal.unwrap();
    assert!(reason.reason.contains("nonce"), "{}", reason.reason);

    // A nonce of another environment, and one that somebody made up.
    let elsewhere = Client::of(&client.mock, "00000000-0000-4000-8000-00000000bbbb");
    let foreign = text(&elsewhere.get("nonce").ok(200)["nonce"]);
    for nonce in [foreign.as_str(), "0000000000000000", "x"] {
        let body = wallet().signs(&wallet().message(&client, nonce));
        client.post("wallets/signin", &body).refused(status, code, error);
    }
}

#[test]
fn a_session_survives_the_way_through_a_snapshot() {
    let client = Client::new(policy(|_| {}));
    let body = wallet().signs_for(&client);
    let snapshot = client.world.snapshot();
    client.world.reset().unwrap();
    client.post("wallets/signin", &body).refused(FAILED.0, FAILED.1, FAILED.2);
    client.world.restore(snapshot).unwrap();
    client.post("wallets/signin", &body).ok(200);
    let snapshot = client.world.snapshot();
    client.world.restore(snapshot).unwrap();
    client.post("wallets/signin", &body).refused(FAILED.0, FAILED.1, FAILED.2);
}

#[test]
fn a_wallet_is_linked_with_credential_link() {
    for path in ["verify/link", "wallets/verify"] {
        let mut client = Client::signed_in(policy(|_| {}));
        let body = wallet().signs_for(&client);
        let before = client.state();
        client.post(path, &body).wants_elevation();
        client.stays(&before);
        // The refusal cost nothing: the same message links once the token is there.
        let token = client.elevate_by_email(&["credential:link"]);
        let linked = client.send("POST", path, &[(ELEVATED, &token)], body.to_string()).ok(200);
        let credentials = linked["user"]["verifiedCredentials"].as_array().unwrap().clone();
        assert_eq!(credentials.len(), 2);
        assert_eq!(linked["user"]["lastVerifiedCredentialId"], credentials[1]["id"]);
        client.post(path, &body).refused(FAILED.0, FAILED.1, FAILED.2);
        // It opens the account now.
        let user = client.post("wallets/signin", &wallet().signs_for(&client)).ok(200);
        assert_eq!(user["user"]["id"], linked["user"]["id"]);
        // Linking what is there already proves it again and needs no token.
        let again = client.post(path, &wallet().signs_for(&client)).ok(200);
        assert_eq!(again["user"]["verifiedCredentials"].as_array().unwrap().len(), 2);
    }
    let client = Client::signed_in(legacy(|_| {}));
    client.post("verify/link", &wallet().signs_for(&client)).ok(200);
}

#[test]
fn a_user_holds_only_so_many_credentials() {
    let client = Client::signed_in(legacy(|policy| policy.linking.credentials_max = 2));
    client.post("verify/link", &TestWallet::numbered(1).signs_for(&client)).ok(200);
    let body = TestWallet::numbered(2).signs_for(&client);
    let before = client.state();
    client.post("verify/link", &body).refused(422, None, "Too many credentials");
    client.stays(&before);
    let client = Client::signed_in(legacy(|policy| policy.linking.credentials_max = 3));
    client.post("verify/link", &TestWallet::numbered(1).signs_for(&client)).ok(200);
    client.post("verify/link", &TestWallet::numbered(2).signs_for(&client)).ok(200);
}

#[test]
fn one_wallet_is_the_one_to_work_with() {
    let client = with_wallet(legacy(|_| {}), &wallet());
    client.post("verify/link", &TestWallet::numbered(2).signs_for(&client)).ok(200);
    let user = client.get("users").ok(200);
    let second = text(&user["verifiedCredentials"][1]["id"]);
    for id in [second.clone(), format!("{second}-zerodev")] {
        client.advance(1);
        let body = client.put("users/wallets/selection", &json!({ "walletId": id })).ok(200);
        let credentials = body["user"]["verifiedCredentials"].as_array().unwrap();
        assert!(credentials[0].get("lastSelectedAt").is_none());
        let at = text(&credentials[1]["lastSelectedAt"]);
        assert_eq!(at.parse::<jiff::Timestamp>().unwrap(), client.world.now());
    }
    let before = client.state();
    let unknown = json!({ "walletId": "00000000-0000-4000-8000-000000000000" });
    let reply = client.put("users/wallets/selection", &unknown);
    reply.refused(422, Some("invalid_wallet_id"), "Invalid wallet id");
    client.stays(&before);
    // An e-mail address is no wallet.
    let client = Client::signed_in(legacy(|_| {}));
    let email = text(&client.get("users").ok(200)["verifiedCredentials"][0]["id"]);
    let reply = client.put("users/wallets/selection", &json!({ "walletId": email }));
    reply.refused(422, Some("invalid_wallet_id"), "Invalid wallet id");
    for wrong in ["x", "00000000-0000-4000-8000-000000000000zerodev"] {
        let reply = client.put("users/wallets/selection", &json!({ "walletId": wrong }));
        reply.refused(400, None, "walletId: not a lower-case UUID");
    }
}

#[test]
fn only_live_sessions_of_this_world_reach_a_wallet() {
    let client = Client::signed_in(legacy(|_| {}));
    let calls = [
        ("POST", "wallets/verify"),
        ("POST", "verify/link"),
        ("POST", "verify/transfer"),
        ("POST", "verify/unlink"),
        ("POST", "verify/merge"),
        ("POST", "users/merge"),
        ("PUT", "users/wallets/selection"),
        ("POST", "providers/google/verify"),
    ];
    let nobody = Client { bearer: None, ..client.clone() };
    let forged = Client { bearer: Some("a.b.c".into()), ..client.clone() };
    let elsewhere = Client {
        world: client.mock.environment("00000000-0000-4000-8000-00000000bbbb").unwrap(),
        ..client.clone()
    };
    let body = wallet().signs_for(&client).to_string();
    let before = client.state();
    for (method, path) in calls {
        let nothing = nobody.send(method, path, &[], body.clone());
        nothing.refused(401, None, "No jwt provided!");
        forged.send(method, path, &[], body.clone()).unauthorized();
    }
    elsewhere.send("POST", "verify/link", &[], body.clone()).unauthorized();
    client.stays(&before);
    client.advance(7_200);
    let expired = client.send("POST", "verify/link", &[], body);
    expired.unauthorized();
    client.stays(&{
        let mut later = before;
        later["clock"] = client.state()["clock"].clone();
        later
    });
}

#[test]
fn a_session_that_owes_mfa_proves_but_does_not_link() {
    let seed = |totp| UserSeed {
        email: ALICE.into(),
        wallets: vec![WalletSeed { address: wallet().address(), ..Default::default() }],
        totp,
        ..Default::default()
    };
    let owing = |change: fn(&mut mock_server::policy::Policy)| {
        let mut client = Client::new(legacy(change));
        client.world.create_user(seed(SeededTotp::Enrolled)).unwrap();
        client.sign_in(ALICE);
        client
    };
    let client = owing(|_| {});
    assert_eq!(client.scope(), "requiresAdditionalAuth");
    let pending = |reply: crate::client::Reply| reply.refused(403, None, "Access Forbidden");
    client.post("wallets/verify", &wallet().signs_for(&client)).ok(200);
    let stranger = TestWallet::numbered(2).signs_for(&client);
    let before = client.state();
    pending(client.post("wallets/verify", &stranger));
    for path in ["verify/link", "verify/transfer", "verify/unlink", "verify/merge", "users/merge"] {
        pending(client.post(path, &stranger));
    }
    let id = "00000000-0000-4000-8000-000000000000";
    pending(client.put("users/wallets/selection", &json!({ "walletId": id })));
    client.stays(&before);
    let client = owing(|policy| policy.session.partial_reaches_everything = true);
    client.post("wallets/verify", &TestWallet::numbered(2).signs_for(&client)).ok(200);
}

#[test]
fn a_tester_puts_wallets_into_the_world_and_finds_them() {
    let client = Client::new(policy(|_| {}));
    let seed = |wallets| UserSeed { wallets, ..Default::default() };
    let of = |address: &str| WalletSeed { address: address.into(), ..Default::default() };
    let address = wallet().address();
    let made = client.world.create_user(seed(vec![of(&address)])).unwrap();
    assert_eq!((made.emails.len(), made.wallets.len()), (0, 1));
    assert_eq!(made.wallets[0].address.to_lowercase(), address);
    assert_eq!(client.world.user(&made.wallets[0].address).unwrap().id, made.id);
    assert_eq!(client.world.user(&address).unwrap().id, made.id);
    let signed = client.post("wallets/signin", &wallet().signs_for(&client)).ok(200);
    assert_eq!(signed["user"]["id"], json!(made.id));

    let before = client.state();
    for wallets in [vec![of(&address)], vec![of("0x1")], vec![]] {
        client.world.create_user(seed(wallets)).unwrap_err();
    }
    let twice = TestWallet::numbered(3).address();
    client.world.create_user(seed(vec![of(&twice), of(&twice.to_uppercase())])).unwrap_err();
    client.world.create_user(seed(vec![of(&twice), of(&twice)])).unwrap_err();
    client.stays(&before);
}

#[test]
fn what_opens_no_session_is_refused_by_name() {
    let mut client = Client::new(policy(|_| {}));
    let address = wallet().address();
    let locked = WalletSeed { address, sign_in_enabled: false, ..Default::default() };
    let seed = UserSeed { email: ALICE.into(), wallets: vec![locked], ..Default::default() };
    client.world.create_user(seed).unwrap();
    let refused = |reply: crate::client::Reply| {
        let error = "Credential is not enabled for sign in";
        reply.refused(422, Some("credential_not_enabled_for_sign_in"), error);
    };
    let body = wallet().signs_for(&client);
    let before = client.state();
    refused(client.post("wallets/signin", &body));
    client.stays(&before);
    // It may be proven, but earns no token and is not offered.
    client.sign_in(ALICE);
    client.post("wallets/verify", &wallet().signs_for(&client)).ok(200);
    let body = wallet().signs_for_scopes(&client, &["credential:unlink"]);
    let before = client.state();
    refused(client.post("wallets/verify", &body));
    client.stays(&before);
    let check = client.post("stepUp/check", &json!({ "scope": "credential:unlink" })).ok(200);
    assert_eq!(check["credentials"].as_array().unwrap().len(), 1);
    assert_eq!(check["credentials"][0]["format"], json!("email"));
}

#[test]
fn how_closely_a_message_is_read_is_a_setting() {
    let answers = |check: MessageCheck, change: fn(String) -> String, origin: &str| {
        let client = Client::new(policy(|policy| policy.wallets.message_check = check));
        let nonce = text(&client.get("nonce").ok(200)["nonce"]);
        let body = wallet().signs(&change(wallet().message(&client, &nonce)));
        let headers = [("origin", origin)];
        client.send("POST", "wallets/signin", &headers, body.to_string()).status
    };
    let (own, other) = ("http://localhost:3000", "https://evil.example");
    let same = |message: String| message;
    let bare = |message: String| {
        message.lines().filter(|line| line.starts_with("Nonce: ")).collect::<String>()
    };
    let dateless = |message: String| message.replace("2026-11-22T08", "yesterday");
    assert_eq!(answers(MessageCheck::NonceOnly, bare, other), 200);
    assert_eq!(answers(MessageCheck::SignInMessage, bare, own), 422);
    assert_eq!(answers(MessageCheck::SignInMessage, dateless, own), 422);
    assert_eq!(answers(MessageCheck::SignInMessage, same, other), 200);
    assert_eq!(answers(MessageCheck::SameOrigin, same, other), 422);
    assert_eq!(answers(MessageCheck::SameOrigin, same, own), 200);
}
