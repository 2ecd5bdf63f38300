//! What one published SDK was seen to do, number by number, and the cases that look for it.
//!
//! The numbers are those of the rules `JS-n` that requirements name (see the README beside them).
//! Each number has the cases that observe it, or the reason why none can. A peculiarity of that
//! SDK, which others need not share, is only reported: no requirement about it is a `MUST`.

use std::collections::{BTreeMap, BTreeSet};

use conformance::requirement::{Level, Requirements};
use conformance::suite;

/// How a behaviour is looked for.
enum Looked {
    /// These cases observe all of it.
    For(&'static [&'static str]),
    /// These cases observe a part of it; why not the rest.
    Partly(&'static [&'static str], &'static str),
    /// No case can observe it, and why.
    Not(&'static str),
    /// These cases observe what an application would want instead of the peculiarity.
    Peculiar(&'static [&'static str]),
}

use Looked::{For, Not, Partly, Peculiar};

const ONE_AT_A_TIME: &str = "a driver has one op under way at a time";
const NO_EVENTS: &str = "the protocol has no events about a second factor";
const NO_WALLETS: &str = "wallets of the service live in its own page, which no driver has";
const NO_OP: &str = "the protocol has no op for it";
const NO_REST: &str = "no client rests while time passes: a restart follows at once";

/// Number, what was seen in a few words, and how it is looked for.
const BEHAVIOURS: &[(u8, &str, Looked)] = &[
    (
        1,
        "settings, then nonces, once each",
        For(&["network/a-start-asks-once", "network/each-client-asks-for-its-settings"]),
    ),
    (
        2,
        "settings are tried three times, and then the start fails",
        For(&[
            "network/a-start-survives-a-hiccup",
            "network/unreachable-start-surfaces",
            "network/a-start-without-settings-goes-no-further",
        ]),
    ),
    (
        3,
        "the bearer while signed in, and the latest one",
        For(&["security/bearer-only-while-signed-in", "jwt/new-bearer-after-the-upgrade"]),
    ),
    (4, "the session key, new after a logout", For(&["security/session-key-is-announced"])),
    (
        5,
        "which calls the device signs",
        Partly(
            &[
                "security/device-signature-is-valid",
                "security/every-nonce-is-fresh",
                "security/mfa-calls-spend-no-nonce",
            ],
            "sign-in by text and by an app's own issuer have no op",
        ),
    ),
    (6, "a nonce for each refresh", Partly(&["security/every-nonce-is-fresh"], ONE_AT_A_TIME)),
    (7, "cookies: a refresh at the start", For(&["session/a-start-looks-for-a-cookie"])),
    (
        8,
        "without nonces nothing is signed in",
        For(&["security/without-a-nonce-nothing-is-signed-in"]),
    ),
    (
        9,
        "a refused call is sent once and changes nothing",
        For(&[
            "network/refused-authentication-is-sent-once",
            "errors/a-401-does-not-sign-out",
            "errors/a-refusal-changes-nothing",
            "sweep/sign-in/late",
        ]),
    ),
    (
        10,
        "signing in and proving again are two calls with wishes of their own",
        For(&["sign-in/each-wish-goes-with-its-own-call", "step-up/reauthentication-earns-scopes"]),
    ),
    (
        11,
        "token, scope and end are those of the answer",
        For(&[
            "jwt/minified-token-is-the-bearer",
            "jwt/additional-auth-until-mfa",
            "session/refreshing-prolongs-it-in-the-sdk",
        ]),
    ),
    (12, "an answer without a token", Peculiar(&["odd-answer/no-token-costs-no-session"])),
    (13, "an answer without user or credentials", For(&["odd-answer/half-is-none"])),
    (14, "the end of a session's time", For(&["session/ends-in-the-sdk"])),
    (15, "a refresh prolongs", For(&["session/refreshing-prolongs-it-in-the-sdk"])),
    (16, "a refresh that shortens", Peculiar(&["session/refreshing-can-shorten-it"])),
    (
        17,
        "a logout, with its reason, whatever the service says",
        For(&[
            "session/logout-ends-both-sides",
            "session/an-end-is-told-with-its-reason",
            "session/logout-works-without-the-service",
            "security/logout-empties-the-storage",
        ]),
    ),
    (
        18,
        "deleting the user",
        For(&[
            "session/deleting-the-user-signs-out",
            "session/refused-deletion-keeps-it",
            "session/an-end-is-told-with-its-reason",
        ]),
    ),
    (19, "an answer after the end", Peculiar(&["session/what-was-ended-stays-ended"])),
    (
        20,
        "a session that owes MFA",
        For(&["session/required-asks-everybody", "jwt/additional-auth-until-mfa"]),
    ),
    (21, "acknowledging the codes", For(&["recovery/acknowledging-reaches-the-service"])),
    (22, "showing and renewing codes", For(&["recovery/showing-codes-acknowledges-nothing"])),
    (23, "a scope that contains another", Peculiar(&["jwt/a-scope-is-a-whole-word"])),
    (24, "wallet actions of a user who is not onboarded", Not(NO_WALLETS)),
    (
        25,
        "the body of a TOTP authentication",
        For(&["totp/nothing-beside-what-was-asked", "totp/code-goes-out-as-typed"]),
    ),
    (
        26,
        "the body of a recovery code",
        For(&["recovery/nothing-beside-what-was-asked", "recovery/code-goes-out-as-typed"]),
    ),
    (27, "events about a second factor", Not(NO_EVENTS)),
    (
        28,
        "a code means the same under every status",
        For(&["errors/invalid-code-under-every-status", "errors/rate-limit-under-every-status"]),
    ),
    (
        29,
        "a 401 with and without words",
        For(&[
            "errors/a-401-does-not-sign-out",
            "errors/an-unreadable-refusal-surfaces",
            "network/no-answer-is-no-refusal",
        ]),
    ),
    (
        30,
        "a refusal without a text `error`",
        Peculiar(&[
            "errors/the-words-reach-the-application",
            "errors/an-unreadable-refusal-surfaces",
        ]),
    ),
    (31, "choosing the default", For(&["devices/one-default-among-the-verified"])),
    (
        32,
        "deleting a device without a proof",
        For(&[
            "devices/without-proof-the-caller-sees-an-error",
            "devices/a-deletion-takes-no-proof-by-itself",
        ]),
    ),
    (
        33,
        "deleting a device with one proof",
        For(&[
            "mfa-token/travels-in-its-own-header",
            "elevated/one-proof-pays",
            "mfa-token/empty-header-is-absent",
        ]),
    ),
    (
        34,
        "no passkey to ask for",
        For(&[
            "passkey/none-is-reported-without-a-request",
            "passkey/options-reach-the-authenticator",
        ]),
    ),
    (35, "two spellings of the client data", For(&["passkey/credentials-go-out-whole"])),
    (36, "verified methods only", For(&["devices/unconfirmed-is-no-method"])),
    (
        37,
        "an MFA token that was asked for is held",
        Partly(
            &["mfa-token/returned-when-asked-for", "mfa-token/stays-until-another-comes"],
            NO_EVENTS,
        ),
    ),
    (38, "an MFA token stays until another comes", For(&["mfa-token/stays-until-another-comes"])),
    (
        39,
        "which calls carry the MFA token",
        For(&[
            "mfa-token/an-update-carries-and-keeps-it",
            "mfa-token/a-deletion-of-the-user-carries-it",
            "walk/passkey-with-mfa-tokens",
            "mfa-token/goes-nowhere-else",
        ]),
    ),
    (40, "an MFA token is taken once", For(&["action/mfa-token-is-taken-once"])),
    (41, "an MFA token that was not granted", For(&["mfa-token/not-granted-is-not-missed"])),
    (
        42,
        "an elevated token serves each of its scopes",
        For(&["elevated/scopes-travel-and-the-token-is-held"]),
    ),
    (
        43,
        "one use or many",
        For(&[
            "elevated/single-use-is-taken-once",
            "elevated/single-use-is-forgotten-when-sent",
            "elevated/time-bound-serves-again",
            "elevated/useless-tokens-are-not-held",
        ]),
    ),
    (
        44,
        "looking costs nothing",
        For(&["elevated/single-use-is-taken-once", "elevated/check-is-silent-while-held"]),
    ),
    (45, "an expired token", For(&["elevated/expired-is-not-used"])),
    (46, "a token that nobody could use", For(&["elevated/useless-tokens-are-not-held"])),
    (47, "a token that cannot be read", For(&["elevated/an-unreadable-token-spoils-the-answer"])),
    (
        48,
        "the same set of scopes, and overlapping ones",
        For(&["elevated/the-newer-takes-the-place", "elevated/other-sets-stand-beside-it"]),
    ),
    (
        49,
        "what `credential:link` goes with",
        For(&["step-up/registering-with-a-token-works", "passkey/registering-is-one-ceremony"]),
    ),
    (
        50,
        "what `credential:unlink` goes with",
        Partly(
            &["elevated/goes-beside-the-bearer", "walk/passkey-with-step-up"],
            "social accounts and wallets have no op",
        ),
    ),
    (
        51,
        "what `user:update` and `user:delete` go with",
        Peculiar(&["elevated/goes-with-update-and-deletion-of-the-user"]),
    ),
    (
        52,
        "a single-use token after a refusal",
        For(&["elevated/single-use-is-forgotten-when-sent"]),
    ),
    (53, "a cancelled passkey", For(&["passkey/cancelling-costs-nothing"])),
    (54, "two deletions at once with one token", Not(ONE_AT_A_TIME)),
    (55, "fewer scopes than asked for", For(&["elevated/only-what-was-granted"])),
    (56, "the service takes a single-use token once", For(&["elevated/single-use-is-spent-once"])),
    (
        57,
        "no check while a token is held, else one",
        For(&["elevated/check-is-silent-while-held", "step-up/check-is-asked-anew"]),
    ),
    (
        58,
        "a check that fails",
        For(&[
            "step-up/check-fails-safe-when-forbidden",
            "step-up/check-fails-safe-when-the-service-fails",
            "step-up/check-fails-safe-when-garbled",
            "step-up/check-fails-safe-without-credentials",
        ]),
    ),
    (59, "an assertion of the app's own issuer", Not(NO_OP)),
    (
        60,
        "whether an action asks, and whom that costs a request",
        Partly(
            &[
                "action/other-actions-ask-for-nothing",
                "action/asks-about-the-user-once",
                "action/the-settings-alone-decide",
            ],
            NO_WALLETS,
        ),
    ),
    (61, "of two proofs the elevated one", Partly(&["elevated/one-proof-pays"], NO_WALLETS)),
    (
        62,
        "a restart",
        For(&["session/restart-restores", "network/a-restart-lives-from-its-storage"]),
    ),
    (63, "a start over a session whose time passed", Not(NO_REST)),
    (
        64,
        "a start over a token without a user",
        For(&["odd-answer/a-token-without-a-user-opens-no-session"]),
    ),
    (65, "a start without the keys", Not("the protocol has no op that loses keys")),
    (66, "an expired token after a restart", For(&["elevated/expired-is-not-restored"])),
    (67, "registering another user's device", Not(NO_OP)),
    (68, "revoking a registered device", Not(NO_OP)),
    (69, "proofs of the user before", Peculiar(&["elevated/proofs-do-not-outlive-their-user"])),
];

/// Cases of a behaviour, and the reason for what they do not show.
fn shown(looked: &Looked) -> (&'static [&'static str], Option<&'static str>) {
    match looked {
        For(cases) | Peculiar(cases) => (cases, None),
        Partly(cases, why) => (cases, Some(why)),
        Not(why) => (&[], Some(why)),
    }
}

#[test]
fn every_number_is_there_once_and_its_cases_exist() {
    let numbers: Vec<u8> = BEHAVIOURS.iter().map(|(number, ..)| *number).collect();
    assert_eq!(numbers, (1..=69).collect::<Vec<u8>>());
    let known: BTreeSet<&str> = suite::cases().iter().map(|case| case.id).collect();
    for (number, what, looked) in BEHAVIOURS {
        let (cases, why) = shown(looked);
        assert!(!what.is_empty() && why.is_none_or(|why| !why.is_empty()), "{number}");
        assert!(!cases.is_empty() || why.is_some(), "{number}: no case and no reason");
        for case in cases {
            assert!(known.contains(case), "{number}, {what}: there is no case {case}");
        }
    }
}

#[test]
fn a_requirement_that_names_a_number_is_decided_by_one_of_its_cases() {
    let behaviours: BTreeMap<u8, &Looked> =
        BEHAVIOURS.iter().map(|(number, _, looked)| (*number, looked)).collect();
    let rows = Requirements::load().unwrap();
    let (mut named, mut strays) = (0, Vec::new());
    for row in rows.iter() {
        let Some(number) = row.rule.as_deref().and_then(|rule| rule.strip_prefix("JS-")) else {
            continue;
        };
        let looked = behaviours[&number.parse::<u8>().unwrap()];
        let deciding: Vec<&str> = suite::cases()
            .iter()
            .filter(|case| case.proves.contains(&row.id.as_str()))
            .map(|case| case.id)
            .collect();
        let (cases, _) = shown(looked);
        if !cases.iter().any(|case| deciding.contains(case)) {
            strays.push(format!("{}: none of {deciding:?} is a case of JS-{number}", row.id));
        }
        named += 1;
    }
    assert_eq!(strays, Vec::<String>::new());
    assert!(named > 50, "{named}");
}

#[test]
fn nobody_has_to_share_a_peculiarity() {
    let rows = Requirements::load().unwrap();
    let peculiar = BEHAVIOURS.iter().filter_map(|(number, _, looked)| match looked {
        Peculiar(cases) => Some((number, cases.first()?)),
        For(_) | Partly(..) | Not(_) => None,
    });
    for (number, first) in peculiar {
        let case = suite::cases().into_iter().find(|case| case.id == *first).unwrap();
        for id in case.proves {
            assert!(rows.level(id) > Level::Must, "{number}: {id} is a MUST");
        }
    }
}
