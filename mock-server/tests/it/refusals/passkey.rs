//! Every refusal about passkeys, for the table.

use mock_server::engine::passkey::{
    AttestationFlaw, AuthenticatorDataFlaw, Flaw, PasskeyRefusal, PublicKeyFlaw, cbor,
};

/// The number of flaws: the position of the last one, plus one.
const FLAWS: usize = 31;

/// The position of a flaw, and whether a registration and an assertion can have it.
const fn position(flaw: &Flaw) -> (usize, bool, bool) {
    match flaw {
        Flaw::ClientData => (0, true, true),
        Flaw::Type => (1, true, true),
        Flaw::UnknownChallenge => (2, true, true),
        Flaw::ExpiredChallenge => (3, true, true),
        Flaw::ForeignChallenge => (4, true, true),
        Flaw::MisusedChallenge => (5, true, true),
        Flaw::Origin { .. } => (6, true, true),
        Flaw::CrossOrigin => (7, true, true),
        Flaw::TopOrigin { .. } => (8, true, true),
        Flaw::AttestationObject(_) => (9, true, false),
        Flaw::AuthenticatorData(_) => (10, false, true),
        Flaw::RpId { .. } => (11, true, true),
        Flaw::UserNotPresent => (12, true, true),
        Flaw::UserNotVerified => (13, true, true),
        Flaw::BackupState => (14, true, true),
        Flaw::NoCredential => (15, true, false),
        Flaw::CredentialId => (16, true, false),
        Flaw::RegistrationId => (17, true, false),
        Flaw::Algorithm => (18, true, false),
        Flaw::AttestationFormat => (19, true, false),
        Flaw::AttestationStatement => (20, true, false),
        Flaw::LongCredentialId => (21, true, false),
        Flaw::KnownCredential => (22, true, false),
        Flaw::UnknownCredential => (23, false, true),
        Flaw::ForeignCredential => (24, false, true),
        Flaw::CredentialNotForSignIn => (25, false, true),
        Flaw::NoUserHandle => (26, false, true),
        Flaw::UserHandle => (27, false, true),
        Flaw::BackupEligibility => (28, false, true),
        Flaw::Signature => (29, false, true),
        Flaw::Counter { .. } => (30, false, true),
    }
}

fn flaws() -> Vec<Flaw> {
    let key = AuthenticatorDataFlaw::PublicKey(PublicKeyFlaw::NoKey);
    let all = vec![
        Flaw::ClientData,
        Flaw::Type,
        Flaw::UnknownChallenge,
        Flaw::ExpiredChallenge,
        Flaw::ForeignChallenge,
        Flaw::MisusedChallenge,
        Flaw::Origin { origin: "https://evil.example".into() },
        Flaw::CrossOrigin,
        Flaw::TopOrigin { origin: "https://evil.example".into() },
        Flaw::AttestationObject(AttestationFlaw::Data(key)),
        Flaw::AuthenticatorData(AuthenticatorDataFlaw::Cbor(cbor::Flaw::Truncated)),
        Flaw::RpId { rp_id: "localhost".into() },
        Flaw::UserNotPresent,
        Flaw::UserNotVerified,
        Flaw::BackupState,
        Flaw::NoCredential,
        Flaw::CredentialId,
        Flaw::RegistrationId,
        Flaw::Algorithm,
        Flaw::AttestationFormat,
        Flaw::AttestationStatement,
        Flaw::LongCredentialId,
        Flaw::KnownCredential,
        Flaw::UnknownCredential,
        Flaw::ForeignCredential,
        Flaw::CredentialNotForSignIn,
        Flaw::NoUserHandle,
        Flaw::UserHandle,
        Flaw::BackupEligibility,
        Flaw::Signature,
        Flaw::Counter { known: 7, received: 6 },
    ];
    let seen: Vec<usize> = all.iter().map(|flaw| position(flaw).0).collect();
    assert_eq!(seen, (0..FLAWS).collect::<Vec<_>>());
    all
}

/// The position of a refusal. No catch-all: a new variant stops the compiler here.
const fn variant(refusal: &PasskeyRefusal) -> usize {
    match refusal {
        PasskeyRefusal::Registration(_) => 0,
        PasskeyRefusal::Authentication(_) => 1,
        PasskeyRefusal::SignIn(_) => 2,
        PasskeyRefusal::Disabled => 3,
        PasskeyRefusal::SignInDisabled => 4,
        PasskeyRefusal::ForeignRpId => 5,
        PasskeyRefusal::TooMany { .. } => 6,
        PasskeyRefusal::NoneToRename => 7,
        PasskeyRefusal::NoneToDelete => 8,
        PasskeyRefusal::LastCredential => 9,
        PasskeyRefusal::LastMethod => 10,
    }
}

/// Every refusal that can happen, in order.
pub(super) fn all() -> Vec<PasskeyRefusal> {
    let flaws = flaws();
    let of = |can: fn(&Flaw) -> bool| flaws.iter().filter(move |flaw| can(flaw)).cloned();
    let mut all: Vec<_> = of(|flaw| position(flaw).1).map(PasskeyRefusal::Registration).collect();
    let is_second_factor = |flaw: &Flaw| {
        position(flaw).2 && !matches!(flaw, Flaw::CredentialNotForSignIn | Flaw::NoUserHandle)
    };
    all.extend(of(is_second_factor).map(PasskeyRefusal::Authentication));
    let is_sign_in = |flaw: &Flaw| {
        position(flaw).2 && !matches!(flaw, Flaw::ForeignCredential | Flaw::ForeignChallenge)
    };
    all.extend(of(is_sign_in).map(PasskeyRefusal::SignIn));
    all.push(PasskeyRefusal::Disabled);
    all.push(PasskeyRefusal::SignInDisabled);
    all.push(PasskeyRefusal::ForeignRpId);
    all.push(PasskeyRefusal::TooMany { max: 10 });
    all.push(PasskeyRefusal::NoneToRename);
    all.push(PasskeyRefusal::NoneToDelete);
    all.push(PasskeyRefusal::LastCredential);
    all.push(PasskeyRefusal::LastMethod);
    let mut seen: Vec<usize> = all.iter().map(variant).collect();
    seen.dedup();
    assert_eq!(seen, (0..11).collect::<Vec<_>>());
    all
}

/// Every refusal but those of a flaw that its ceremony cannot have names one step or rule of its
/// own, so that a reader of the journal need not guess.
#[test]
fn every_flaw_names_its_step() {
    for refusal in all() {
        assert!(!["WebAuthn 7.1", "WebAuthn 7.2"].contains(&refusal.rule()), "{refusal:?}");
    }
}
