//! The account-based guide: everybody enrols once, at the first sign-in, with what they like.

use serde_json::{Value, json};

use super::record;
use crate::case::{Case, Guide};
use crate::stage::{Halt, Stage};
use crate::world::{Person, World};

const ALICE: Person = Person::named("alice@example.com");
/// Enrolment is forced at sign-up; later sessions are not asked again.
const ONCE: World = World::PLAIN.set(&[("mfa.enabled", "false"), ("mfa.enrollment", "signup")]);

pub(super) const CASES: &[Case] = &[
    Case {
        id: "walk/account-based-with-totp",
        title: "the account-based guide with an authenticator app: enrol at sign-up, and only then",
        proves: &["MFA-SES-003", "MFA-JWT-008", "MFA-REC-013"],
        counter: None,
        guides: &[Guide::AccountBased],
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "auth.logout",
            "mfa.missing",
            "mfa.methods",
            "totp.register",
            "totp.auth",
            "recovery.ack",
            "recovery.pending",
        ],
        world: ONCE,
        play: with_totp,
    },
    Case {
        id: "walk/account-based-with-a-passkey",
        title: "the account-based guide with a passkey: enrol at sign-up, and only then",
        proves: &["MFA-SES-003", "MFA-PK-002"],
        counter: None,
        guides: &[Guide::AccountBased, Guide::Passkey],
        needs: &[
            "passkey",
            "auth.email_start",
            "auth.email_verify",
            "auth.logout",
            "mfa.missing",
            "passkey.register",
        ],
        world: ONCE,
        play: with_a_passkey,
    },
];

fn with_totp(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    owes_enrolment(stage)?;
    let methods = stage.act("mfa.methods", json!({}));
    methods.expect_field("/has_verified", false)?;
    stage.enrol_unacknowledged()?;
    stage.proving("MFA-JWT-008");
    stage.act("mfa.missing", json!({})).expect_field("/missing", false)?;
    stage.proving("MFA-REC-013");
    stage.act("recovery.ack", json!({})).ok()?;
    stage.act("recovery.pending", json!({})).expect_field("/pending", false)?;
    stage.act("state.get", json!({})).expect_field("/scopes", json!(["user:basic"]))?;
    is_not_asked_again(stage)
}

fn with_a_passkey(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    owes_enrolment(stage)?;
    stage.proving("MFA-PK-002");
    stage.act("passkey.register", json!({})).ok()?;
    stage.act("mfa.missing", json!({})).expect_field("/missing", false)?;
    let known = record::of(stage, ALICE.email, "/passkeys")?;
    stage.expect_equal("passkeys on record", 1, known.as_array().map_or(0, Vec::len))?;
    is_not_asked_again(stage)
}

fn owes_enrolment(stage: &mut Stage) -> Result<(), Halt> {
    stage.proving("MFA-SES-003");
    stage.act("mfa.missing", json!({})).expect_field("/missing", true)?;
    let scopes = stage.state_of("scopes")?;
    let has_basic =
        scopes.as_array().is_some_and(|words| words.contains(&Value::from("user:basic")));
    stage.expect("the session's scopes", "without user:basic", scopes, !has_basic)
}

fn is_not_asked_again(stage: &mut Stage) -> Result<(), Halt> {
    stage.act("auth.logout", json!({})).ready()?;
    stage.sign_in(ALICE.email)?;
    stage.proving("MFA-SES-003");
    stage.act("mfa.missing", json!({})).expect_field("/missing", false)
}
