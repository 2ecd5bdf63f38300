//! Every refusal of the engine on the wire, as one table that people read.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use mock_server::Permission;
use mock_server::engine::{
    AdminRefusal, ElevationFlaw, Environment, Format, Outcome, Refusal, TokenScope, UnknownScope,
};
use mock_server::policy::Policy;
use mock_server::{Hook, Options};
use serde_json::{Value, json};

use crate::client::{Client, WORLD, assert_snapshot, policy, still_mock_with};

/// The number of variants: the position of the last one, plus one.
const VARIANTS: usize = 32;

/// The position of a refusal. No catch-all: a new variant stops the compiler here.
const fn position(refusal: &Refusal) -> usize {
    match refusal {
        Refusal::ForeignEnvironment => 0,
        Refusal::TokenExpired => 1,
        Refusal::SessionEnded => 2,
        Refusal::MfaPending => 3,
        Refusal::StaleNonce => 4,
        Refusal::VerificationClosed => 5,
        Refusal::WrongEmailCode => 6,
        Refusal::TooManyEmailAttempts => 7,
        Refusal::CredentialTaken { .. } => 8,
        Refusal::MfaDisabled => 9,
        Refusal::SecondTotpDevice => 10,
        Refusal::NoSuchTotpDevice => 11,
        Refusal::TotpDeviceUnverified => 12,
        Refusal::WrongTotpCode => 13,
        Refusal::ReplayedTotpCode => 14,
        Refusal::TooManyMfaFailures { .. } => 15,
        Refusal::WrongRecoveryCode => 16,
        Refusal::NoRecoveryCodes => 17,
        Refusal::NoSuchDevice => 18,
        Refusal::MfaTokenMissing => 19,
        Refusal::MfaTokenUnusable => 20,
        Refusal::DefaultDevice => 21,
        Refusal::LastDevice => 22,
        Refusal::ElevationMissing { .. } => 23,
        Refusal::ElevationUnusable { .. } => 24,
        Refusal::UnknownScope(_) => 25,
        Refusal::ReauthenticationNotEnough => 26,
        Refusal::TooManyUsers { .. } => 27,
        Refusal::NoSuchUser => 28,
        Refusal::Unseedable(_) => 29,
        Refusal::RetiredKey => 30,
        Refusal::Admin(_) => 31,
    }
}

/// Every flaw of an elevated token; the match stops the compiler as above.
fn flaws() -> Vec<ElevationFlaw> {
    use ElevationFlaw::{
        Expired, ForeignEnvironment, ForeignSession, ForeignUser, Forged, LacksScope, RetiredKey,
        Spent,
    };
    let all = vec![
        Forged,
        Expired,
        LacksScope,
        ForeignUser,
        ForeignSession,
        ForeignEnvironment,
        Spent,
        RetiredKey,
    ];
    for (at, flaw) in all.iter().enumerate() {
        let position = match flaw {
            Forged => 0,
            Expired => 1,
            LacksScope => 2,
            ForeignUser => 3,
            ForeignSession => 4,
            ForeignEnvironment => 5,
            Spent => 6,
            RetiredKey => 7,
        };
        assert_eq!(position, at);
    }
    all
}

/// Every refusal of administrators; the match stops the compiler as above.
fn administrators() -> Vec<AdminRefusal> {
    use AdminRefusal as No;
    let all = vec![
        No::UnknownApiToken,
        No::LacksPermission { permission: Permission::UsersWrite },
        No::OutOfReach,
        No::NoSuchSession,
        No::NoSuchApiToken,
        No::TooManyApiTokens { max: 3 },
        No::NoTestAccount,
        No::TestAccountExists,
        No::NoSuchEvent,
        No::NoSuchWebhook,
        No::TooManyWebhooks { max: 3 },
        No::NoSuchMessage,
        No::NoSuchKey,
        No::KeyInUse,
        No::NoFurtherKey,
    ];
    for (at, refusal) in all.iter().enumerate() {
        let position = match refusal {
            No::UnknownApiToken => 0,
            No::LacksPermission { .. } => 1,
            No::OutOfReach => 2,
            No::NoSuchSession => 3,
            No::NoSuchApiToken => 4,
            No::TooManyApiTokens { .. } => 5,
            No::NoTestAccount => 6,
            No::TestAccountExists => 7,
            No::NoSuchEvent => 8,
            No::NoSuchWebhook => 9,
            No::TooManyWebhooks { .. } => 10,
            No::NoSuchMessage => 11,
            No::NoSuchKey => 12,
            No::KeyInUse => 13,
            No::NoFurtherKey => 14,
        };
        assert_eq!(position, at);
    }
    all
}

fn all() -> Vec<Refusal> {
    let scope = TokenScope::CredentialUnlink;
    let mut all = vec![
        Refusal::ForeignEnvironment,
        Refusal::TokenExpired,
        Refusal::SessionEnded,
        Refusal::MfaPending,
        Refusal::StaleNonce,
        Refusal::VerificationClosed,
        Refusal::WrongEmailCode,
        Refusal::TooManyEmailAttempts,
        Refusal::CredentialTaken { format: Format::Email },
        Refusal::MfaDisabled,
        Refusal::SecondTotpDevice,
        Refusal::NoSuchTotpDevice,
        Refusal::TotpDeviceUnverified,
        Refusal::WrongTotpCode,
        Refusal::ReplayedTotpCode,
        Refusal::TooManyMfaFailures { retry_after_seconds: 17 },
        Refusal::WrongRecoveryCode,
        Refusal::NoRecoveryCodes,
        Refusal::NoSuchDevice,
        Refusal::MfaTokenMissing,
        Refusal::MfaTokenUnusable,
        Refusal::DefaultDevice,
        Refusal::LastDevice,
        Refusal::ElevationMissing { scope },
    ];
    all.extend(flaws().into_iter().map(|flaw| Refusal::ElevationUnusable { scope, flaw }));
    all.push(Refusal::UnknownScope(UnknownScope("wallet:*".into())));
    all.push(Refusal::ReauthenticationNotEnough);
    all.push(Refusal::TooManyUsers { max: 3 });
    all.push(Refusal::NoSuchUser);
    all.push(Refusal::Unseedable("setting `x`: 0 is not in 1..=2".into()));
    all.push(Refusal::RetiredKey);
    all.extend(administrators().into_iter().map(Refusal::Admin));
    all
}

/// Refuses everything with what is in it.
struct Refusing(Arc<Mutex<Option<Refusal>>>);

impl Hook for Refusing {
    fn after(&self, _: &mut Environment, result: &mut Result<Outcome, Refusal>, _: Timestamp) {
        if let Some(refusal) = self.0.lock().unwrap().take() {
            *result = Err(refusal);
        }
    }
}

/// One row for each refusal: how it looks to a client, and what the journal says of it.
fn table(policy: Policy) -> Vec<Value> {
    let next = Arc::new(Mutex::new(None));
    let hook = Some(Arc::new(Refusing(Arc::clone(&next))) as Arc<dyn Hook>);
    let client =
        Client::of(&still_mock_with(Options { policy, hook, ..Options::default() }), WORLD);
    let row = |refusal: Refusal| {
        *next.lock().unwrap() = Some(refusal.clone());
        let reply = client.get("nonce");
        let noted = client.world.journal().pop().unwrap();
        let reason = noted.refusal.unwrap();
        assert_eq!((noted.status, &noted.response_body), (reply.status, &reply.body));
        assert_eq!(reason.rule, refusal.rule());
        assert_eq!(reason.reason, refusal.to_string());
        // What an SDK understands: texts at the top, nothing else (rule W3).
        let body = reply.body.as_object().unwrap();
        assert!(
            body.iter()
                .all(|(key, value)| ["error", "code"].contains(&key.as_str()) && value.is_string())
        );
        assert!((400..500).contains(&reply.status));
        json!({
            "refusal": format!("{refusal:?}"),
            "status": reply.status,
            "code": body.get("code"),
            "error": body["error"],
            "retry-after": reply.headers.get("retry-after").map(|value| value.to_str().unwrap()),
            "journal": format!("{}: {}", reason.rule, reason.reason),
        })
    };
    all().into_iter().map(row).collect()
}

#[test]
fn the_table_is_complete() {
    let mut seen: Vec<usize> = all().iter().map(position).collect();
    seen.dedup();
    assert_eq!(seen, (0..VARIANTS).collect::<Vec<_>>());
}

#[test]
fn every_refusal_has_one_status_and_one_code() {
    assert_snapshot("refusals__default", &json!(table(Policy::default())));
}

#[test]
fn settings_change_some_of_them() {
    let changed = table(policy(|policy| {
        policy.elevation.distinct_messages = true;
        policy.elevation.refused_status = 401;
        policy.elevation.refused_code = "step_up".into();
        policy.totp.rate_limited_status = 422;
        policy.totp.second_device_status = 409;
        policy.session.partial_status = 401;
    }));
    let before = table(Policy::default());
    let changed: Vec<Value> = changed
        .into_iter()
        .zip(before)
        .filter(|(after, before)| after != before)
        .map(|(after, _)| after)
        .collect();
    assert_snapshot("refusals__changed_by_settings", &json!(changed));
}
