//! The recovery codes guide: keep them, lose the phone, come back with one, make new ones.

use serde_json::json;

use super::{record, recovery};
use crate::case::{Case, Guide};
use crate::stage::{Halt, Stage};
use crate::world::{Person, World};

const ALICE: Person = Person::named("alice@example.com");

pub(super) const CASES: &[Case] = &[Case {
    id: "walk/recovery-codes",
    title: "the recovery codes guide works from the first set to the second",
    proves: &[
        "MFA-REC-001",
        "MFA-REC-002",
        "MFA-REC-003",
        "MFA-REC-004",
        "MFA-REC-005",
        "MFA-REC-012",
        "MFA-REC-013",
    ],
    counter: None,
    guides: &[Guide::RecoveryCodes],
    needs: &[
        "auth.email_start",
        "auth.email_verify",
        "auth.logout",
        "totp.register",
        "totp.auth",
        "mfa.missing",
        "recovery.list",
        "recovery.auth",
        "recovery.rotate",
        "recovery.pending",
        "recovery.ack",
    ],
    world: World::LEGACY,
    play,
}];

fn play(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.enrol_unacknowledged()?;
    let kept = keeps_the_codes(stage)?;
    comes_back_with_one(stage, &kept)?;
    makes_new_ones(stage)
}

fn keeps_the_codes(stage: &mut Stage) -> Result<String, Halt> {
    stage.proving("MFA-REC-012");
    stage.act("recovery.pending", json!({})).expect_field("/pending", true)?;
    stage.proving("MFA-REC-001");
    let shown = stage.act("recovery.list", json!({}));
    shown.expect_field("/count", 10)?;
    let kept = shown.text("/codes/0")?;
    stage.proving("MFA-REC-013");
    stage.act("recovery.ack", json!({})).ok()?;
    stage.act("recovery.pending", json!({})).expect_field("/pending", false)?;
    Ok(kept)
}

fn comes_back_with_one(stage: &mut Stage, kept: &str) -> Result<(), Halt> {
    stage.act("auth.logout", json!({})).ready()?;
    stage.sign_in(ALICE.email)?;
    stage.proving("MFA-REC-002");
    stage.act("mfa.missing", json!({})).expect_field("/missing", true)?;
    // People copy codes with blanks around them, and in lower case; that is no part of the guide,
    // so the code goes as it was shown.
    stage.act("recovery.auth", json!({ "code": kept })).ok()?;
    stage.act("mfa.missing", json!({})).expect_field("/missing", false)?;
    stage.proving("MFA-REC-004");
    let left = record::of(stage, ALICE.email, "/recoveryCodes")?;
    stage.expect_equal("codes on record", 9, left.as_array().map_or(0, Vec::len))?;
    stage.act("recovery.list", json!({})).expect_field("/count", 9)
}

fn makes_new_ones(stage: &mut Stage) -> Result<(), Halt> {
    let old = recovery::unused(stage, ALICE.email, 0)?;
    stage.proving("MFA-REC-005");
    let made = stage.act("recovery.rotate", json!({}));
    made.expect_field("/count", 10)?;
    let new = made.text("/codes/0")?;
    stage.act("auth.logout", json!({})).ready()?;
    stage.sign_in(ALICE.email)?;
    recovery::refused(stage, &old)?;
    stage.act("recovery.auth", json!({ "code": new })).ok()?;
    stage.act("auth.logout", json!({})).ready()?;
    stage.sign_in(ALICE.email)?;
    stage.proving("MFA-REC-003");
    recovery::refused(stage, &new)
}
