//! Recovery codes: sets, uses, acknowledgement.

use mock_server::policy::Policy;
use mock_server::{SeededTotp, UserSeed};
use serde_json::{Value, json};

use crate::client::{ALICE, Client, Reply, by_action, claims, keys, legacy, policy, text};

fn codes(body: &Value) -> Vec<String> {
    assert_eq!(keys(body), ["count", "recoveryCodes"]);
    body["recoveryCodes"].as_array().unwrap().iter().map(text).collect()
}

fn recover(client: &mut Client, code: &str, more: &Value) -> Reply {
    let mut body = json!({ "code": code });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let reply = client.post("users/mfa/auth/recovery", &body);
    client.keep(reply)
}

#[test]
fn a_set_has_ten_codes_of_ten_letters_and_reads_the_same_again() {
    let client = Client::signed_in(Policy::default());
    // Reading makes the set, also for a user without any method.
    let body = client.get("users/mfa/recovery").ok(200);
    assert_eq!(body["count"], json!(10));
    let mut set = codes(&body);
    assert!(
        set.iter()
            .all(|code| code.len() == 10 && code.bytes().all(|byte| byte.is_ascii_uppercase()))
    );
    assert_eq!(client.get("users/mfa/recovery").ok(200), body);
    set.sort_unstable();
    set.dedup();
    assert_eq!(set.len(), 10);

    let client = Client::signed_in(policy(|policy| {
        policy.recovery.code_count = 3;
        policy.recovery.code_length = 4;
    }));
    let body = client.get("users/mfa/recovery").ok(200);
    assert_eq!(body["count"], json!(3));
    assert!(codes(&body).iter().all(|code| code.len() == 4));
}

#[test]
fn each_code_works_once_in_any_case() {
    let mut client = Client::challenged(Policy::default());
    let set = client.world.user(ALICE).unwrap().recovery_codes;
    let typed = format!(" \t{}\n", set[0].to_lowercase());
    let body = recover(&mut client, &typed, &json!({})).ok(200);
    assert_eq!(keys(&body), ["expiresAt", "jwt", "minifiedJwt", "user"]);
    assert_eq!(body["user"]["scope"], json!("user:basic"));
    assert_eq!(claims(client.bearer.as_ref().unwrap())["scope"], json!("user:basic"));
    recover(&mut client, &set[0], &json!({})).wrong_code();
    let body = client.get("users/mfa/recovery").ok(200);
    assert_eq!((&body["count"], codes(&body)), (&json!(9), set[1..].to_vec()));
    for wrong in ["", "AAAAAAAAAA", &set[1][..9], &format!("{}A", set[1]), "ÄÖÜ"] {
        let before = client.state();
        recover(&mut client, wrong, &json!({})).wrong_code();
        client.differs_only(&before, &["/failures"]);
        client.pass_totp(json!({}));
    }
}

#[test]
fn used_codes_are_listed_if_that_is_set() {
    let mut client = Client::challenged(policy(|policy| policy.recovery.list_used = true));
    let set = client.world.user(ALICE).unwrap().recovery_codes;
    recover(&mut client, &set[3], &json!({})).ok(200);
    let body = client.get("users/mfa/recovery").ok(200);
    assert_eq!((&body["count"], codes(&body)), (&json!(9), set));
}

#[test]
fn an_exhausted_set_is_renewed_by_its_owner() {
    let mut client = Client::new(Policy::default());
    let seed = UserSeed {
        email: ALICE.into(),
        totp: SeededTotp::Enrolled,
        recovery_codes: Some(vec!["first".into(), " Second ".into()]),
        ..Default::default()
    };
    client.world.create_user(seed).unwrap();
    client.sign_in(ALICE);
    for code in ["FIRST", "second"] {
        recover(&mut client, code, &json!({})).ok(200);
    }
    assert_eq!(
        client.get("users/mfa/recovery").ok(200),
        json!({ "count": 0, "recoveryCodes": [] })
    );
    recover(&mut client, "FIRST", &json!({})).wrong_code();
    let renewed = codes(&client.send("POST", "users/mfa/recovery", &[], "").ok(200));
    assert_eq!(renewed.len(), 10);
    recover(&mut client, &renewed[9], &json!({})).ok(200);
}

#[test]
fn a_new_set_kills_the_old_one() {
    let mut client = Client::authenticated(Policy::default());
    let old = codes(&client.get("users/mfa/recovery").ok(200));
    let body = client.send("POST", "users/mfa/recovery", &[], "").ok(200);
    assert_eq!(body["count"], json!(10));
    let new = codes(&body);
    assert!(old.iter().all(|code| !new.contains(code)));
    assert_eq!(codes(&client.get("users/mfa/recovery").ok(200)), new);
    recover(&mut client, &old[0], &json!({})).wrong_code();
    recover(&mut client, &new[0], &json!({})).ok(200);
}

#[test]
fn there_must_be_something_to_replace() {
    let client = Client::signed_in(Policy::default());
    let before = client.state();
    client.send("POST", "users/mfa/recovery", &[], "").refused(404, Some("not_found"), "Not Found");
    client.stays(&before);
    client.get("users/mfa/recovery").ok(200);
    client.send("POST", "users/mfa/recovery", &[], "").ok(200);
}

#[test]
fn a_new_set_asks_for_acknowledgement_if_that_is_set() {
    for (asks, word, scope) in [(false, "complete", "user:basic"), (true, "pending", "")] {
        let client = Client::authenticated(policy(|policy| {
            policy.recovery.rotation_asks_acknowledgement = asks;
        }));
        assert_eq!(client.get("users").ok(200)["mfaBackupCodeAcknowledgement"], json!("complete"));
        client.send("POST", "users/mfa/recovery", &[], "").ok(200);
        let user = client.get("users").ok(200);
        assert_eq!(user["mfaBackupCodeAcknowledgement"], json!(word));
        assert_eq!(user["scope"], json!(scope));
    }
}

#[test]
fn the_first_totp_brings_codes_where_the_method_says_so() {
    for (allow, word) in [(true, json!("pending")), (false, json!(null))] {
        let mut client =
            Client::signed_in(legacy(|policy| policy.mfa.methods[0].allow_backup_codes = allow));
        client.register(&[]).ok(200);
        let body = client.pass_totp(json!({}));
        assert_eq!(body["user"]["mfaBackupCodeAcknowledgement"], word);
        assert_eq!(
            client.world.user(ALICE).unwrap().recovery_codes.len(),
            if allow { 10 } else { 0 }
        );
    }
    // Codes that are read between confirming and authenticating are the ones to acknowledge.
    let lenient = |policy: &mut Policy| policy.session.partial_reaches_everything = true;
    let mut client = Client::signed_in(legacy(lenient));
    client.register(&[]).ok(200);
    let code = json!({ "type": "totp", "code": client.code() });
    client.post("users/mfa/register/totp", &code).ok(200);
    let set = codes(&client.get("users/mfa/recovery").ok(200));
    client.advance(30);
    client.pass_totp(json!({}));
    assert_eq!(codes(&client.get("users/mfa/recovery").ok(200)), set);
    // A second TOTP asks for nothing.
    client.put("users", &json!({ "mfaBackupCodeAcknowledgement": "complete" })).ok(200);
    let again = client.pass_totp(json!({}));
    assert_eq!(again["user"]["mfaBackupCodeAcknowledgement"], json!("complete"));
}

#[test]
fn codes_from_before_any_method_are_worth_nothing() {
    // Whoever reads codes with a mailbox alone must not hold the second factor of its owner.
    for (stands_alone, survives) in [(false, false), (true, true)] {
        let mut client =
            Client::signed_in(legacy(|policy| policy.recovery.stands_alone = stands_alone));
        let early = codes(&client.get("users/mfa/recovery").ok(200));
        let before = client.state();
        let wish = json!({ "requestedScopes": ["wallet:export"] });
        let alone = recover(&mut client, &early[0], &wish);
        match stands_alone {
            true => drop(alone.ok(200)),
            false => {
                alone.wrong_code();
                client.stays(&before);
            }
        }
        // A new set from that time is no better.
        let early = codes(&client.post("users/mfa/recovery", &json!({})).ok(200));
        client.register(&[]).ok(200);
        client.pass_totp(json!({}));
        let shown = codes(&client.get("users/mfa/recovery").ok(200));
        assert_eq!(shown == early, survives);
        // The set stays when another method follows, or takes the place of the first.
        let again = codes(&client.post("users/mfa/recovery", &json!({})).ok(200));
        let (path, token) = (format!("users/mfa/{}", client.device()), client.mfa_token(true));
        client.delete(&path, &[("x-mfa-auth-token", &token)]).ok(204);
        client.register(&[]).ok(200);
        client.pass_totp(json!({}));
        assert_eq!(codes(&client.get("users/mfa/recovery").ok(200)), again);
        recover(&mut client, &again[0], &json!({})).ok(200);
    }
}

#[test]
fn with_mfa_off_a_recovery_code_passes_nothing() {
    let mut client = Client::challenged(Policy::default());
    let set = client.world.user(ALICE).unwrap().recovery_codes;
    recover(&mut client, &set[0], &json!({})).ok(200);
    let mut off = client.world.policy();
    off.mfa.enabled = false;
    off.mfa.actions.clear();
    client.world.set_policy(off).unwrap();
    recover(&mut client, &set[1], &json!({})).wrong_code();
}

#[test]
fn codes_may_be_kept_from_sessions_without_a_factor() {
    for (kept, status) in [(false, 200), (true, 403)] {
        // With action-based MFA alone, no session owes a factor.
        let action = |policy: &mut Policy| {
            by_action(policy);
            policy.recovery.reading_needs_factor = kept;
        };
        let mut client = Client::challenged(policy(action));
        assert_eq!(client.scope(), "user:basic");
        let before = client.state();
        let replies =
            [client.get("users/mfa/recovery"), client.post("users/mfa/recovery", &json!({}))];
        assert_eq!(replies.map(|reply| reply.status), [status; 2]);
        if kept {
            client.stays(&before);
        }
        client.pass_totp(json!({}));
        client.get("users/mfa/recovery").ok(200);
        client.post("users/mfa/recovery", &json!({})).ok(200);
    }
}

#[test]
fn wallets_wait_for_the_acknowledgement() {
    for blocks in [true, false] {
        let mut client = Client::signed_in(legacy(|policy| {
            policy.recovery.pending_blocks_wallets = blocks;
        }));
        let make = json!({ "chain": "EVM", "clientKeygenIds": ["k"] });
        let wallet = text(&client.post("waas/create", &make).ok(200)["walletId"]);
        client.register(&[]).ok(200);
        client.pass_totp(json!({}));
        let sign = format!("waas/{wallet}/signMessage");
        let message = json!({ "message": "hello" });
        if blocks {
            let before = client.state();
            for reply in [
                client.post("waas/create", &make),
                client.post(&sign, &message),
                client.put(&format!("users/embeddedWallets/{wallet}/restore"), &json!({})),
            ] {
                reply.refused(403, None, "Onboarding is not complete");
            }
            client.stays(&before);
            client.put("users", &json!({ "mfaBackupCodeAcknowledgement": "complete" })).ok(200);
        }
        client.post(&sign, &message).ok(200);
    }
}

#[test]
fn a_recovery_code_earns_what_totp_earns() {
    let mut client = Client::challenged(Policy::default());
    let set = client.world.user(ALICE).unwrap().recovery_codes;
    let body =
        recover(&mut client, &set[0], &json!({ "requestedScopes": ["credential:unlink"] })).ok(200);
    let token = text(&body["elevatedAccessToken"]);
    assert_eq!(claims(&token)["scope"], json!("credential:unlink"));
    let body =
        recover(&mut client, &set[1], &json!({ "createMfaToken": { "singleUse": true } })).ok(200);
    assert!(body["mfaToken"].is_string());
    let before = client.state();
    let reply = recover(&mut client, &set[2], &json!({ "requestedScopes": ["nonsense"] }));
    reply.refused(422, Some("invalid_scopes"), "Invalid scopes");
    client.stays(&before);
    let path = format!("users/mfa/{}", client.device());
    client.delete(&path, &[(crate::client::ELEVATED, &token)]).ok(204);
}

#[test]
fn the_codes_are_those_of_one_user() {
    let client = Client::challenged(Policy::default());
    let set = client.world.user(ALICE).unwrap().recovery_codes;
    let seed = UserSeed {
        email: "bob@example.com".into(),
        totp: SeededTotp::Enrolled,
        ..Default::default()
    };
    client.world.create_user(seed).unwrap();
    let mut bob = client.elsewhere("bob@example.com");
    recover(&mut bob, &set[0], &json!({})).wrong_code();
    assert_eq!(client.world.user(ALICE).unwrap().recovery_codes, set);
}
