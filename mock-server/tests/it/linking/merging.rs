//! Absorbing another account, of which a wallet was proven.

use mock_server::policy::{EmailCounts, MergeWithMfa, Method, MethodKind, Policy, Taken};
use mock_server::{SeededTotp, UserSeed, WalletSeed};
use serde_json::{Value, json};

use super::wallet;
use crate::client::{ALICE, Client, ELEVATED, Reply, keys, legacy, policy, text};
use crate::passkeys::enrol;
use crate::wallet_key::TestWallet;

const BOB: &str = "bob@example.com";

fn bob() -> UserSeed {
    let wallets = vec![WalletSeed { address: wallet().address(), ..Default::default() }];
    UserSeed { email: BOB.into(), wallets, ..Default::default() }
}

fn beside(bob: UserSeed, policy: Policy) -> Client {
    let mut client = Client::new(policy);
    client.world.create_user(bob).unwrap();
    client.sign_in(ALICE);
    client
}

/// Links Bob's wallet, which is refused with an offer.
fn offered(client: &Client) -> Value {
    let reply = client.post("verify/link", &wallet().signs_for(client));
    assert_eq!((reply.status, &reply.body["code"]), (422, &json!("merge_accounts_confirmation")));
    assert_eq!(keys(&reply.body), ["code", "error", "payload"]);
    reply.body["payload"]["mergeConflicts"].clone()
}

#[track_caller]
fn invalid(reply: &Reply) {
    reply.refused(422, Some("merge_accounts_invalid"), "Accounts cannot be merged");
}

#[test]
fn an_account_absorbs_another_one() {
    let mut client = beside(bob(), policy(|_| {}));
    let bobs = client.elsewhere(BOB);
    bobs.put("users", &json!({ "firstName": "Bob", "alias": "b" })).ok(200);
    client.put("users", &json!({ "alias": "a" })).ok(200);
    let bob = bobs.get("users").ok(200);

    let conflicts = offered(&client);
    assert_eq!(keys(&conflicts), ["conflicts", "fromUser"]);
    assert_eq!(conflicts["fromUser"]["id"], bob["id"]);
    assert_eq!(conflicts["fromUser"]["verifiedCredentials"].as_array().unwrap().len(), 2);
    let user = client.get("users").ok(200);
    assert_eq!(
        conflicts["conflicts"],
        json!([{
            "field": { "name": "alias", "required": false, "enabled": true, "unique": false,
                       "verify": false, "type": "standard" },
            "fromUser": { "userId": bob["id"], "value": "b" },
            "currentUser": { "userId": user["id"], "value": "a" },
        }])
    );
    let before = client.state();
    client.send("POST", "users/merge", &[], "").wants_elevation();
    client.stays(&before);

    let token = client.elevate_by_email(&["credential:link"]);
    let reply = client.send("POST", "users/merge", &[(ELEVATED, &token)], "");
    let merged = client.keep(reply).ok(200);
    let credentials = merged["user"]["verifiedCredentials"].as_array().unwrap();
    assert_eq!(credentials.len(), 3);
    assert_eq!(merged["user"]["lastVerifiedCredentialId"], credentials[2]["id"]);
    // The own value wins where nothing else was said; what was missing is filled in.
    assert_eq!(
        (&merged["user"]["alias"], &merged["user"]["firstName"]),
        (&json!("a"), &json!("Bob"))
    );
    assert_eq!(client.world.users().len(), 1);
    bobs.get("users").unauthorized();
    let by_wallet = client.post("wallets/signin", &wallet().signs_for(&client)).ok(200);
    assert_eq!(by_wallet["user"]["id"], user["id"]);
    assert_eq!(client.elsewhere(BOB).get("users").ok(200)["id"], user["id"]);
    invalid(&client.send("POST", "users/merge", &[(ELEVATED, &token)], ""));
}

#[test]
fn resolutions_say_whose_value_stays() {
    let client = beside(bob(), legacy(|_| {}));
    let bobs = client.elsewhere(BOB);
    bobs.put("users", &json!({ "alias": "b", "team": "x" })).ok(200);
    client.put("users", &json!({ "alias": "a", "team": "y" })).ok(200);
    let bob = text(&bobs.get("users").ok(200)["id"]);
    let alice = text(&client.get("users").ok(200)["id"]);
    offered(&client);
    let one =
        |user: &str, field: &str| json!({ "userId": user, "fieldKey": field, "type": "standard" });
    let merge = |all: Value| client.post("verify/merge", &json!({ "mergeUserResolutions": all }));
    let before = client.state();
    let stranger = "00000000-0000-4000-8000-000000000000";
    for wrong in [one(stranger, "alias"), one(&bob, "country"), one(&bob, "nonsense")] {
        invalid(&merge(json!([one(&bob, "alias"), wrong])));
    }
    let error = "mergeUserResolutions.userId: not a lower-case UUID";
    merge(json!([one("x", "alias")])).refused(400, None, error);
    let reply = merge(json!([{ "userId": bob, "fieldKey": "alias", "type": "odd" }]));
    assert_eq!(reply.status, 400);
    client.stays(&before);
    let merged = merge(json!([one(&bob, "alias"), one(&alice, "team")])).ok(200);
    assert_eq!((&merged["user"]["alias"], &merged["user"]["team"]), (&json!("b"), &json!("y")));
}

#[test]
fn an_offer_ends_and_belongs_to_one_session() {
    let client = beside(bob(), legacy(|_| {}));
    let merge = |client: &Client| client.send("POST", "users/merge", &[], "");
    let before = client.state();
    invalid(&merge(&client));
    client.stays(&before);
    offered(&client);
    let snapshot = client.world.snapshot();
    // Not in another session of the same user.
    invalid(&merge(&client.elsewhere(ALICE)));
    client.advance(600);
    invalid(&merge(&client));
    client.world.restore(snapshot.clone()).unwrap();
    client.advance(599);
    merge(&client).ok(200);

    // Not after the wallet has moved on, nor after its user has enrolled.
    client.world.restore(snapshot.clone()).unwrap();
    let bobs = client.elsewhere(BOB);
    let wallet_id = text(&bobs.get("users").ok(200)["verifiedCredentials"][1]["id"]);
    bobs.post("verify/unlink", &json!({ "walletId": wallet_id })).ok(200);
    invalid(&merge(&client));
    client.world.restore(snapshot).unwrap();
    let mut bobs = client.elsewhere(BOB);
    bobs.register(&[]).ok(200);
    let code = bobs.code();
    bobs.totp(&code, json!({})).ok(200);
    invalid(&merge(&client));
    assert_eq!(client.world.users().len(), 2);
}

#[test]
fn a_proof_that_earned_an_offer_is_used_up() {
    let client = beside(bob(), legacy(|_| {}));
    let body = wallet().signs_for(&client);
    assert_eq!(
        client.post("verify/link", &body).body["code"],
        json!("merge_accounts_confirmation")
    );
    let again = client.post("verify/link", &body);
    again.refused(422, Some("other_verify_failure"), "Wallet verification failed");
}

#[test]
fn a_second_factor_protects_an_account_from_being_absorbed() {
    let enrolled = || UserSeed { totp: SeededTotp::Enrolled, ..bob() };
    let stays = |client: &Client| {
        let body = wallet().signs_for(client);
        let before = client.state();
        let reply = client.post("verify/link", &body);
        reply.refused(422, Some("reassign_wallet_error"), "Wallet belongs to another user");
        client.stays(&before);
        invalid(&client.send("POST", "users/merge", &[], ""));
    };
    let if_passed = |policy: &mut Policy| policy.linking.merge_with_mfa = MergeWithMfa::IfPassed;
    // Alice has no second factor: in no position of the setting.
    stays(&beside(enrolled(), legacy(|_| {})));
    stays(&beside(enrolled(), legacy(if_passed)));
    // Alice has passed hers: only where the setting says so.
    let passed = |change: &dyn Fn(&mut Policy)| {
        let mut client = Client::new(legacy(|policy| change(policy)));
        client.world.create_user(enrolled()).unwrap();
        client.seed_alice();
        client.sign_in(ALICE);
        client.pass_totp(json!({}));
        client
    };
    stays(&passed(&|_| {}));
    let client = passed(&if_passed);
    offered(&client);
    client.send("POST", "users/merge", &[], "").ok(200);
    // Her own factor stays, his is gone with his account.
    let user = client.world.user(BOB).unwrap();
    assert_eq!((user.devices.len(), user.wallets.len()), (1, 1));
    assert_eq!(user.emails, [ALICE, BOB]);
    assert_eq!(client.world.users().len(), 1);
}

#[test]
fn an_address_that_is_a_factor_protects_an_account_too() {
    // By his wallet alone Bob owes a mailed code, so his wallet alone must not give him away.
    for (allowed, counts) in [(true, true), (true, false), (false, true)] {
        let client = beside(
            bob(),
            legacy(|policy| {
                let kind = MethodKind::Email;
                let method = Method { kind, enabled: allowed, allow_backup_codes: false };
                policy.mfa.methods.push(method);
                if !counts {
                    policy.email_factor.counts = EmailCounts::Never;
                }
            }),
        );
        match allowed && counts {
            true => {
                let reply = client.post("verify/link", &wallet().signs_for(&client));
                reply.refused(422, Some("reassign_wallet_error"), "Wallet belongs to another user");
            }
            false => drop(offered(&client)),
        }
    }
}

#[test]
fn a_passkey_of_an_absorbed_account_goes_on() {
    let sign_in_only = |policy: &mut Policy| policy.mfa.methods[1].enabled = false;
    let client = beside(bob(), legacy(sign_in_only));
    let mut bobs = client.elsewhere(BOB);
    let mut authenticator = enrol(&mut bobs, 1);
    offered(&client);
    client.send("POST", "users/merge", &[], "").ok(200);
    let alice = client.get("users").ok(200)["id"].clone();
    let options = client.get("users/passkeys/signin").ok(200);
    let by_passkey = client.post("users/passkeys/signin", &authenticator.sign_in(&options));
    assert_eq!(by_passkey.ok(200)["user"]["id"], alice);
    // The report tells what the authenticator holds, and it is a second factor again if it may.
    client.world.set_policy(legacy(|_| {})).unwrap();
    let mut partial = client.elsewhere(ALICE);
    assert_eq!(partial.scope(), "requiresAdditionalAuth");
    partial.pass_passkey(&mut authenticator, json!({}));
}

#[test]
fn an_absorbed_wallet_does_not_pass_the_second_factor() {
    let mut client = Client::new(legacy(|_| {}));
    client.world.create_user(bob()).unwrap();
    client.seed_alice();
    client.sign_in(ALICE);
    // Not before the second factor: the session still owes it.
    let body = wallet().signs_for(&client);
    client.post("verify/link", &body).refused(403, None, "Access Forbidden");
    client.pass_totp(json!({}));
    offered(&client);
    client.send("POST", "users/merge", &[], "").ok(200);
    let by_wallet = client.post("wallets/signin", &wallet().signs_for(&client)).ok(200);
    assert_eq!(by_wallet["user"]["scope"], json!("requiresAdditionalAuth"));
}

#[test]
fn the_sum_of_both_must_fit() {
    let client = beside(bob(), legacy(|policy| policy.linking.credentials_max = 2));
    offered(&client);
    let before = client.state();
    let reply = client.send("POST", "users/merge", &[], "");
    reply.refused(422, None, "Too many credentials");
    client.stays(&before);
}

#[test]
fn other_settings_offer_no_merge() {
    for taken in [Taken::Refuse, Taken::Transfer] {
        let client = beside(bob(), legacy(|policy| policy.linking.taken_wallet = taken));
        let reply = client.post("verify/link", &wallet().signs_for(&client));
        assert_ne!(reply.body["code"], json!("merge_accounts_confirmation"));
        invalid(&client.send("POST", "users/merge", &[], ""));
    }
    let client = beside(bob(), legacy(|_| {}));
    client.post("verify/link", &TestWallet::numbered(2).signs_for(&client)).ok(200);
}
