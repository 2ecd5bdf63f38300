//! Gates: which calls ask for a proof, which proof, and what becomes of it.

use mock_server::engine::TokenScope;
use mock_server::policy::{Enrollment, MfaAction, Policy, ProtectedAction, SpentOn, TokenBehavior};
use serde_json::json;

use crate::belongings::create_wallet;
use crate::client::{ALICE, Client, ELEVATED, MFA_TOKEN, Reply, legacy, policy, protect, text};

mod matrix;
mod modes;
mod rule;
mod scene;

/// Signing is protected.
fn signing(policy: &mut Policy) {
    policy.mfa.actions = vec![protect(MfaAction::WalletWaasSign)];
}

/// Alice past her second factor, with a wallet.
fn owner(policy: Policy) -> (Client, String) {
    let client = Client::authenticated(policy);
    let wallet = text(&create_wallet(&client)["walletId"]);
    (client, wallet)
}

fn sign(client: &Client, wallet: &str, headers: &[(&str, &str)]) -> Reply {
    client.send("POST", &format!("waas/{wallet}/signMessage"), headers, r#"{"message":"hi"}"#)
}

fn wants_mfa_token(reply: &Reply) {
    reply.refused(401, None, "MFA token required");
}

#[test]
fn by_default_an_export_asks_and_a_signature_does_not() {
    let (mut client, wallet) = owner(policy(|_| {}));
    let export = |client: &Client, headers: &[(&str, &str)]| {
        let path = format!("waas/{wallet}/privateKey/export");
        client.send("POST", &path, headers, r#"{"exportId":"k"}"#)
    };
    sign(&client, &wallet, &[]).ok(200);
    export(&client, &[]).wants_elevation();
    let token = client.elevate(&["wallet:export"]);
    export(&client, &[(ELEVATED, &token)]).ok(200);
    // Wallet scopes are single-use.
    export(&client, &[(ELEVATED, &token)]).wants_elevation();
    let (client, wallet) = owner(legacy(|_| {}));
    let path = format!("waas/{wallet}/privateKey/export");
    client.post(&path, &json!({ "exportId": "k" })).ok(200);
}

#[test]
fn an_mfa_token_serves_once_or_until_its_end() {
    let (mut client, wallet) = owner(legacy(|policy| {
        signing(policy);
        policy.mfa_tokens.life_seconds = Some(100);
    }));
    wants_mfa_token(&sign(&client, &wallet, &[]));
    wants_mfa_token(&sign(&client, &wallet, &[(MFA_TOKEN, "")]));
    let once = client.mfa_token(true);
    sign(&client, &wallet, &[(MFA_TOKEN, &once)]).ok(200);
    sign(&client, &wallet, &[(MFA_TOKEN, &once)]).refused(401, None, "Invalid MFA token");
    let many = client.mfa_token(false);
    sign(&client, &wallet, &[(MFA_TOKEN, &many)]).ok(200);
    // It was made thirty seconds ago.
    client.advance(69);
    sign(&client, &wallet, &[(MFA_TOKEN, &many)]).ok(200);
    client.advance(1);
    sign(&client, &wallet, &[(MFA_TOKEN, &many)]).refused(401, None, "Invalid MFA token");
}

#[test]
fn a_recovery_code_earns_a_token_for_an_action() {
    let (mut client, wallet) = owner(legacy(signing));
    let code = client.world.user(ALICE).unwrap().recovery_codes[0].clone();
    let body = json!({ "code": code, "createMfaToken": { "singleUse": true } });
    let reply = client.post("users/mfa/auth/recovery", &body);
    let token = text(&client.keep(reply).ok(200)["mfaToken"]);
    sign(&client, &wallet, &[(MFA_TOKEN, &token)]).ok(200);
}

#[test]
fn what_the_rule_of_an_action_says_of_its_token_is_kept() {
    let with = |token_behavior, token_expiry_seconds| {
        owner(policy(|policy| {
            let rule = protect(MfaAction::WalletWaasSign);
            policy.mfa.actions =
                vec![ProtectedAction { token_behavior, token_expiry_seconds, ..rule }];
        }))
    };
    let (mut client, wallet) = with(Some(TokenBehavior::TimeBound), Some(42));
    let token = client.elevate(&["wallet:sign"]);
    for _ in 0..3 {
        sign(&client, &wallet, &[(ELEVATED, &token)]).ok(200);
    }
    client.advance(42 - 30 - 1);
    sign(&client, &wallet, &[(ELEVATED, &token)]).ok(200);
    client.advance(1);
    sign(&client, &wallet, &[(ELEVATED, &token)]).wants_elevation();

    let (mut client, wallet) = with(None, None);
    let token = client.elevate(&["wallet:sign"]);
    client.advance(300 - 30 - 1);
    sign(&client, &wallet, &[(ELEVATED, &token)]).ok(200);
    sign(&client, &wallet, &[(ELEVATED, &token)]).wants_elevation();
}

#[test]
fn both_on_one_call_cost_the_elevated_token_only() {
    let (mut client, wallet) = owner(legacy(signing));
    let (elevated, mfa) = (client.elevate(&["wallet:sign"]), client.mfa_token(true));
    let both = [(ELEVATED, elevated.as_str()), (MFA_TOKEN, mfa.as_str())];
    sign(&client, &wallet, &both).ok(200);
    // Now the elevated one is spent, and the MFA token lets the same call pass once more.
    sign(&client, &wallet, &both).ok(200);
    sign(&client, &wallet, &both).refused(401, None, "Invalid MFA token");
}

#[test]
fn a_gate_that_stands_open_takes_nothing() {
    let (mut client, wallet) = owner(legacy(|_| {}));
    let (elevated, mfa) = (client.elevate(&["wallet:sign"]), client.mfa_token(true));
    let before = client.state();
    sign(&client, &wallet, &[(ELEVATED, &elevated), (MFA_TOKEN, &mfa)]).ok(200);
    sign(&client, &wallet, &[(ELEVATED, "nonsense"), (MFA_TOKEN, "nonsense")]).ok(200);
    client.stays(&before);
}

#[test]
fn a_call_that_fails_behind_its_gate_may_give_the_token_back() {
    // Whom to add is looked up behind the gate, so this passes it and fails there.
    for (spent_on, second) in [(SpentOn::Acceptance, 403), (SpentOn::Success, 422)] {
        let mut client = Client::authenticated(policy(|policy| {
            policy.elevation.spent_on = spent_on;
            let add = TokenScope::BusinessAccountMemberAdd;
            policy.elevation.single_use_scopes = [add].into_iter().collect();
        }));
        let account = text(&client.post("businessAccounts", &json!({})).ok(201)["id"]);
        let token = client.elevate(&["business_account:member:add"]);
        let add = || {
            let body = r#"{"role":"admin","type":"email","identifier":"nobody@example.com"}"#;
            let path = format!("businessAccounts/{account}/members");
            client.send("POST", &path, &[(ELEVATED, &token)], body)
        };
        add().refused(422, None, "User not found");
        assert_eq!(add().status, second, "{spent_on:?}");
    }
}

#[test]
fn a_call_that_succeeds_spends_its_token_wherever_that_is_set() {
    for spent_on in [SpentOn::Acceptance, SpentOn::Success] {
        let (mut client, wallet) = owner(policy(|policy| {
            signing(policy);
            policy.elevation.spent_on = spent_on;
            let link = TokenScope::BusinessAccountLinkWallet;
            policy.elevation.single_use_scopes =
                [TokenScope::WalletSign, link].into_iter().collect();
        }));
        let token = client.elevate(&["wallet:sign"]);
        sign(&client, &wallet, &[(ELEVATED, &token)]).ok(200);
        sign(&client, &wallet, &[(ELEVATED, &token)]).wants_elevation();
        let token = client.elevate(&["business_account:link_wallet"]);
        let link = |wallet: &str| {
            let body = json!({ "walletId": wallet }).to_string();
            client.send("POST", "businessAccounts/linkWallet", &[(ELEVATED, &token)], body)
        };
        link(&wallet).ok(200);
        link(create_wallet(&client)["walletId"].as_str().unwrap()).wants_elevation();
    }
}

#[test]
fn somebody_with_nothing_enrolled_is_refused_a_protected_call() {
    // The client says that no MFA is needed (rule F5), the service refuses nevertheless.
    let client = Client::signed_in(legacy(signing));
    let wallet = text(&create_wallet(&client)["walletId"]);
    let methods = client.get("users/mfa/methods").ok(200);
    assert_eq!(methods["userHasVerifiedMfaMethods"], json!(false));
    let before = client.state();
    wants_mfa_token(&sign(&client, &wallet, &[]));
    client.stays(&before);
    // Where step-up is enforced, an address proven again is enough.
    let mut client = Client::signed_in(policy(signing));
    let wallet = text(&create_wallet(&client)["walletId"]);
    sign(&client, &wallet, &[]).wants_elevation();
    let token = client.elevate_by_email(&["wallet:sign"]);
    sign(&client, &wallet, &[(ELEVATED, &token)]).ok(200);
}

#[test]
fn enrolment_may_be_forced_at_the_first_protected_action() {
    for enforced in [true, false] {
        let forced = |policy: &mut Policy| {
            signing(policy);
            policy.mfa.enrollment = Enrollment::Action;
            policy.elevation.legacy_mfa_tokens = true;
        };
        let mut client = Client::signed_in(if enforced { policy(forced) } else { legacy(forced) });
        let settings = client.get("settings").ok(200);
        assert_eq!(settings["security"]["mfa"]["required"], json!(true));
        assert_eq!(settings["security"]["mfa"]["enrollment"], json!("action"));
        // Nobody is held up at the door, only at the action.
        assert_eq!(client.scope(), "user:basic");
        let wallet = text(&create_wallet(&client)["walletId"]);
        let token = client.elevate_by_email(&["credential:link", "wallet:sign"]);
        let before = client.state();
        let owed = |reply: &Reply| {
            reply.refused(403, None, "MFA enrollment is required for this action");
        };
        owed(&sign(&client, &wallet, &[]));
        // No proof stands in for a factor of one's own, and none is spent.
        owed(&sign(&client, &wallet, &[(ELEVATED, &token)]));
        client.stays(&before);
        // An action without a rule goes on.
        client.put("users", &json!({ "alias": "Al" })).ok(200);
        let link = client.elevate_by_email(&["credential:link"]);
        client.register(&[(ELEVATED, &link)]).ok(200);
        let mfa = client.mfa_token(true);
        client.put("users", &json!({ "mfaBackupCodeAcknowledgement": "complete" })).ok(200);
        sign(&client, &wallet, &[(MFA_TOKEN, &mfa)]).ok(200);
    }
}

#[test]
fn a_scope_that_is_not_granted_costs_no_code() {
    let only_two = |policy: &mut Policy| {
        policy.elevation.grantable_scopes =
            [TokenScope::WalletSign, TokenScope::UserUpdate].into_iter().collect();
    };
    let mut client = Client::authenticated(policy(only_two));
    let refused = |reply: &Reply| {
        reply.refused(422, Some("invalid_scopes"), "Requested scope is not available");
    };
    let (code, before) = (client.code(), client.state());
    refused(&client.totp(&code, json!({ "requestedScopes": ["wallet:sign", "user:delete"] })));
    refused(&client.totp(&code, json!({ "requestedScopes": ["console:mfa:reset"] })));
    client.stays(&before);
    client.totp(&code, json!({ "requestedScopes": ["wallet:sign", "user:update"] })).ok(200);
    // The same with a recovery code and with an address.
    let recovery = client.world.user(ALICE).unwrap().recovery_codes[0].clone();
    let before = client.state();
    let body = json!({ "code": recovery, "requestedScopes": ["user:delete"] });
    refused(&client.post("users/mfa/auth/recovery", &body));
    client.stays(&before);
    let mut client = Client::signed_in(policy(only_two));
    let (id, code) = client.mail(ALICE);
    let before = client.state();
    let body = json!({
        "verificationUUID": id, "verificationToken": code, "requestedScopes": ["user:delete"],
    });
    refused(&client.post("emailVerifications/verify", &body));
    client.stays(&before);
    // Nor does the sign-in bring a token that nobody is granted; it goes on without.
    let (id, code) = client.mail(ALICE);
    let body = client.sign_in_with(&id, &code, json!({ "allowNewMFALinking": true })).ok(200);
    assert_eq!(body.get("elevatedAccessToken"), None);
}

#[test]
fn ownership_is_asked_for_alone() {
    let mut client = Client::authenticated(policy(|_| {}));
    let (code, before) = (client.code(), client.state());
    let wishes = json!({
        "requestedScopes": ["business_account:member:add", "business_account:transfer_ownership"],
    });
    let reply = client.totp(&code, wishes.clone());
    let error = "Requested scope must be requested alone";
    reply.refused(422, Some("invalid_scopes"), error);
    client.stays(&before);
    // Twice the same is one.
    let twice = ["business_account:transfer_ownership", "business_account:transfer_ownership"];
    client.totp(&code, json!({ "requestedScopes": twice })).ok(200);
    let free = policy(|policy| policy.elevation.alone_scopes = [].into_iter().collect());
    let mut client = Client::authenticated(free);
    let code = client.code();
    client.totp(&code, wishes).ok(200);
}

#[test]
fn tokens_survive_a_snapshot_and_so_does_what_was_spent() {
    let (mut client, wallet) = owner(policy(signing));
    let (first, second) = (client.elevate(&["wallet:sign"]), client.elevate(&["wallet:sign"]));
    sign(&client, &wallet, &[(ELEVATED, &first)]).ok(200);
    let snapshot = client.world.snapshot();
    client.world.reset().unwrap();
    client.world.restore(snapshot).unwrap();
    sign(&client, &wallet, &[(ELEVATED, &first)]).wants_elevation();
    sign(&client, &wallet, &[(ELEVATED, &second)]).ok(200);
    sign(&client, &wallet, &[(ELEVATED, &second)]).wants_elevation();
}
