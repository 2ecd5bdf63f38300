//! Every refusal of the engine on the wire, as one table that people read.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use mock_server::Permission;
use mock_server::engine::{
    AdminRefusal, BusinessRefusal, Channel, ElevationFlaw, Environment, ExternalAuthRefusal,
    Format, GateRefusal, MemberRole, Outcome, Refusal, SmsRefusal, TokenScope,
    TrustedDeviceRefusal, UnknownScope, WaasRefusal,
};
use mock_server::policy::Policy;
use mock_server::{Hook, Options};
use serde_json::{Value, json};

use crate::client::{Client, WORLD, assert_snapshot, policy, still_mock_with};

mod credentials;
mod passkey;

/// The number of variants: the position of the last one, plus one.
const VARIANTS: usize = 46;

/// The position of a refusal. No catch-all: a new variant stops the compiler here.
const fn position(refusal: &Refusal) -> usize {
    match refusal {
        Refusal::ForeignEnvironment => 0,
        Refusal::TokenExpired => 1,
        Refusal::SessionEnded => 2,
        Refusal::MfaPending => 3,
        Refusal::StaleNonce => 4,
        Refusal::VerificationClosed { .. } => 5,
        Refusal::WrongSentCode { .. } => 6,
        Refusal::TooManySentCodes { .. } => 7,
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
        Refusal::TrustedDevice(_) => 30,
        Refusal::Sms(_) => 31,
        Refusal::ExternalAuth(_) => 32,
        Refusal::SameFactor => 33,
        Refusal::Gate(_) => 34,
        Refusal::Waas(_) => 35,
        Refusal::Business(_) => 36,
        Refusal::Passkey(_) => 37,
        Refusal::SignInDisabled => 38,
        Refusal::Wallet(_) => 39,
        Refusal::Social(_) => 40,
        Refusal::Linking(_) => 41,
        Refusal::RetiredKey => 42,
        Refusal::Admin(_) => 43,
        Refusal::RecoveryCodesAlone => 44,
        Refusal::OnboardingIncomplete => 45,
    }
}

/// Every flaw of an elevated token; the match stops the compiler as above.
fn flaws() -> Vec<ElevationFlaw> {
    use ElevationFlaw::{
        EndedSession, Expired, ForeignEnvironment, ForeignSession, ForeignUser, Forged, LacksScope,
        RetiredKey, Spent,
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
        EndedSession,
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
            EndedSession => 8,
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

/// Every flaw of a JWT of the app's issuer; the match stops the compiler as above.
fn external_auth() -> Vec<ExternalAuthRefusal> {
    use ExternalAuthRefusal as Flaw;
    let all = vec![
        Flaw::Disabled,
        Flaw::Unusable("its signature is wrong".into()),
        Flaw::Lacks { claim: "jti" },
        Flaw::ForeignIssuer,
        Flaw::ForeignAudience,
        Flaw::Expired,
        Flaw::NotYetValid,
        Flaw::ForeignSubject,
        Flaw::UnknownScope(UnknownScope("wallet:*".into())),
        Flaw::Replayed,
        Flaw::LedgerFull { max: 3 },
        Flaw::ForeignSessionKey,
    ];
    for (at, flaw) in all.iter().enumerate() {
        let position = match flaw {
            Flaw::Disabled => 0,
            Flaw::Unusable(_) => 1,
            Flaw::Lacks { .. } => 2,
            Flaw::ForeignIssuer => 3,
            Flaw::ForeignAudience => 4,
            Flaw::Expired => 5,
            Flaw::NotYetValid => 6,
            Flaw::ForeignSubject => 7,
            Flaw::UnknownScope(_) => 8,
            Flaw::Replayed => 9,
            Flaw::LedgerFull { .. } => 10,
            Flaw::ForeignSessionKey => 11,
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
        Refusal::VerificationClosed { channel: Channel::Email },
        Refusal::VerificationClosed { channel: Channel::Sms },
        Refusal::WrongSentCode { channel: Channel::Email },
        Refusal::WrongSentCode { channel: Channel::Sms },
        Refusal::TooManySentCodes { channel: Channel::Email },
        Refusal::TooManySentCodes { channel: Channel::Sms },
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
    all.extend(trusted_device().into_iter().map(Refusal::TrustedDevice));
    all.push(SmsRefusal::Disabled.into());
    all.push(SmsRefusal::CountryDisabled { iso_country_code: "DE".into() }.into());
    all.extend(external_auth().into_iter().map(Refusal::ExternalAuth));
    all.push(Refusal::SameFactor);
    all.extend(behind_gates());
    all.extend(passkey::all().into_iter().map(Refusal::Passkey));
    all.push(Refusal::SignInDisabled);
    all.extend(credentials::wallet().into_iter().map(Refusal::Wallet));
    all.extend(credentials::social().into_iter().map(Refusal::Social));
    all.extend(credentials::linking().into_iter().map(Refusal::Linking));
    all.push(Refusal::RetiredKey);
    all.extend(administrators().into_iter().map(Refusal::Admin));
    all.push(Refusal::RecoveryCodesAlone);
    all.push(Refusal::OnboardingIncomplete);
    all
}

/// Every no to a device; the match stops the compiler as above.
fn trusted_device() -> Vec<TrustedDeviceRefusal> {
    use TrustedDeviceRefusal::{BadToken, NoSuchRegistration, OtherDevice, Unproven, Unregistered};
    let all = vec![Unregistered, BadToken, OtherDevice, Unproven, NoSuchRegistration];
    for (at, refusal) in all.iter().enumerate() {
        let position = match refusal {
            Unregistered => 0,
            BadToken => 1,
            OtherDevice => 2,
            Unproven => 3,
            NoSuchRegistration => 4,
        };
        assert_eq!(position, at);
    }
    all
}

/// The refusals of gates and of what lies behind them; the matches stop the compiler as above.
fn behind_gates() -> Vec<Refusal> {
    let scope = TokenScope::BusinessAccountTransferOwnership;
    let gate = [
        GateRefusal::EnrolmentOwed,
        GateRefusal::ScopeNotGranted { scope },
        GateRefusal::ScopeNotAlone { scope },
    ];
    let waas = [
        WaasRefusal::NoSuchWallet,
        WaasRefusal::NoSuchKeyShare,
        WaasRefusal::NotDelegated,
        WaasRefusal::TooManyWallets { max: 3 },
    ];
    let business = [
        BusinessRefusal::NoSuchAccount,
        BusinessRefusal::RoleTooLow { needed: MemberRole::Owner },
        BusinessRefusal::NoSuchPart { part: "signer" },
        BusinessRefusal::NoSuchPerson,
        BusinessRefusal::AlreadyMember,
        BusinessRefusal::AlreadyLinked,
        BusinessRefusal::OwnerStays,
        BusinessRefusal::TooMany { part: "members", max: 3 },
    ];
    let of_gate = |refusal: &GateRefusal| match refusal {
        GateRefusal::EnrolmentOwed => 0,
        GateRefusal::ScopeNotGranted { .. } => 1,
        GateRefusal::ScopeNotAlone { .. } => 2,
    };
    let of_waas = |refusal: &WaasRefusal| match refusal {
        WaasRefusal::NoSuchWallet => 0,
        WaasRefusal::NoSuchKeyShare => 1,
        WaasRefusal::NotDelegated => 2,
        WaasRefusal::TooManyWallets { .. } => 3,
    };
    let of_business = |refusal: &BusinessRefusal| match refusal {
        BusinessRefusal::NoSuchAccount => 0,
        BusinessRefusal::RoleTooLow { .. } => 1,
        BusinessRefusal::NoSuchPart { .. } => 2,
        BusinessRefusal::NoSuchPerson => 3,
        BusinessRefusal::AlreadyMember => 4,
        BusinessRefusal::AlreadyLinked => 5,
        BusinessRefusal::OwnerStays => 6,
        BusinessRefusal::TooMany { .. } => 7,
    };
    assert_eq!(gate.each_ref().map(of_gate), [0, 1, 2]);
    assert_eq!(waas.each_ref().map(of_waas), [0, 1, 2, 3]);
    assert_eq!(business.each_ref().map(of_business), [0, 1, 2, 3, 4, 5, 6, 7]);
    let behind = waas.map(Refusal::Waas).into_iter().chain(business.map(Refusal::Business));
    gate.map(Refusal::Gate).into_iter().chain(behind).collect()
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
        // What an SDK understands: texts at the top, and a payload of few refusals (rule W3).
        let mut body = reply.body.as_object().unwrap().clone();
        let payload = body.remove("payload");
        assert!(
            body.iter()
                .all(|(key, value)| ["error", "code"].contains(&key.as_str()) && value.is_string())
        );
        assert!((400..500).contains(&reply.status));
        let mut row = json!({
            // A refusal that carries a whole user would fill the page.
            "refusal": format!("{refusal:?}").chars().take(120).collect::<String>(),
            "status": reply.status,
            "code": body.get("code"),
            "error": body["error"],
            "retry-after": reply.headers.get("retry-after").map(|value| value.to_str().unwrap()),
            "journal": format!("{}: {}", reason.rule, reason.reason),
        });
        if let Some(payload) = payload {
            row["payload"] = payload;
        }
        row
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
        policy.device_registration.bad_token_status = 422;
        policy.device_registration.unregistered_status = 401;
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
