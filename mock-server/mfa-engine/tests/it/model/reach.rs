//! Whether chance reaches every corner: a model that is never asked a thing proves nothing of it.

use std::collections::BTreeMap;

use mfa_engine::Refusal;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use proptest_state_machine::ReferenceStateMachine as _;

use super::step::Deed;
use super::{CASES, LENGTH, Model};

/// The word of a step, without what it is about.
fn word(deed: &Deed) -> String {
    let text = match deed {
        Deed::As(_, act) => format!("{act:?}"),
        Deed::Office(order) => format!("{order:?}"),
        deed => format!("{deed:?}"),
    };
    text.split(['(', ' ']).next().unwrap().to_owned()
}

/// What became of as many histories as a run plays.
#[derive(Default)]
struct Tally {
    /// How often each word was granted.
    words: BTreeMap<String, usize>,
    /// How often something was refused, by the first words of the reason.
    refusals: BTreeMap<String, usize>,
}

fn tally() -> Tally {
    let mut tally = Tally::default();
    let dice = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), dice);
    for _ in 0..CASES {
        let tree = Model::sequential_strategy(LENGTH).new_tree(&mut runner).unwrap();
        let (mut world, steps, _) = tree.current();
        for step in &steps {
            world = Model::apply(world, step);
            let Some(scene) = &world.scene else { continue };
            let granted = tally.words.entry(word(&step.0)).or_default();
            match &scene.verdict {
                Ok(_) => *granted += 1,
                Err(refusal) => *tally.refusals.entry(reason(refusal)).or_default() += 1,
            }
        }
    }
    tally
}

/// A refusal without numbers, addresses and scopes.
fn reason(refusal: &Refusal) -> String {
    let flaw = match refusal {
        Refusal::ElevationUnusable { flaw, .. } => return format!("elevated token {flaw:?}"),
        Refusal::Passkey(_) | Refusal::Linking(_) | Refusal::Admin(_) => format!("{refusal:?}"),
        _ => format!("{refusal:?}").split(['(', ' ']).next().unwrap().to_owned(),
    };
    flaw.split(" {").next().unwrap().trim_end_matches(')').to_owned()
}

/// Refusals that a change of the odds must not put out of reach.
const REFUSALS: [&str; 40] = [
    "Admin(KeyInUse",
    "Admin(NoFurtherKey",
    "Admin(NoSuchKey",
    "Admin(OutOfReach",
    "CredentialTaken",
    "elevated token EndedSession",
    "elevated token Expired",
    "elevated token ForeignSession",
    "elevated token ForeignUser",
    "elevated token LacksScope",
    "elevated token Spent",
    "Linking(LastCredential",
    "Linking(NothingToUnlink",
    "Linking(Passkey",
    "Linking(TooManyCredentials",
    "MfaPending",
    "MfaTokenUnusable",
    "Passkey(Authentication(ExpiredChallenge",
    "Passkey(Authentication(ForeignChallenge",
    "Passkey(Authentication(ForeignCredential",
    "Passkey(Authentication(MisusedChallenge",
    "Passkey(Authentication(UnknownChallenge",
    "Passkey(LastCredential",
    "Passkey(LastMethod",
    "Passkey(Registration(ForeignChallenge",
    "Passkey(Registration(KnownCredential",
    "Passkey(SignInDisabled",
    "Passkey(SignIn(UnknownChallenge",
    "Passkey(SignIn(UnknownCredential",
    "Passkey(TooMany",
    "ReauthenticationNotEnough",
    "RecoveryCodesAlone",
    "ReplayedTotpCode",
    "RetiredKey",
    "SameFactor",
    "SecondTotpDevice",
    "SessionEnded",
    "TokenExpired",
    "TooManyMfaFailures",
    "WrongRecoveryCode",
];

#[test]
fn chance_reaches_every_word_and_refusal() {
    let Tally { words, refusals } = tally();
    for (word, granted) in &words {
        assert!(*granted >= 3, "{word} is granted {granted} times");
    }
    assert_eq!(words.len(), 48, "{:?}", words.keys());
    for refusal in REFUSALS {
        assert!(refusals.contains_key(refusal), "nothing is refused for {refusal}");
    }
}
