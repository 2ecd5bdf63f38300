//! Recovery codes at the service when methods go: of the last one, and of one among several.

use serde_json::json;

use crate::case::{Case, Guide};
use crate::stage::{Halt, Stage};

use super::after_deletion_service::{OLDER, PATIENT};
use super::crowd::{Crowd, Entry, Factor, Has};
use super::raw_session::{RawSession, prepared, text};
use super::recovery::unused;
use super::removal::{Method, Proof, brings_nothing};

const CODES: &[Guide] = &[Guide::RecoveryCodes];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "recovery/nothing-after-the-last-method",
        title: "once the last method is deleted, codes from before and from after pass nothing",
        proves: &["MFA-REC-051"],
        counter: Some("recovery/beside-every-method"),
        guides: CODES,
        needs: &[],
        world: PATIENT,
        play: nothing_after_the_last_method,
    },
    Case {
        id: "recovery/nothing-after-the-last-method-in-the-older-version",
        title: "where no step-up is enforced no code outlives the last method, either",
        proves: &["MFA-REC-051"],
        counter: Some("recovery/beside-every-method"),
        guides: CODES,
        needs: &[],
        world: OLDER,
        play: nothing_after_the_last_method,
    },
    Case {
        id: "recovery/nothing-without-a-method-where-one-is-owed",
        title: "where a method has to be enrolled, codes of a user without one pass nothing",
        proves: &["MFA-REC-051"],
        counter: Some("recovery/beside-every-method"),
        guides: CODES,
        needs: &[],
        world: PATIENT,
        play: nothing_where_one_is_owed,
    },
    Case {
        id: "recovery/beside-every-method",
        title: "a code passes beside whichever verified method, also beside the one of two that is left",
        proves: &["MFA-REC-002"],
        counter: None,
        guides: CODES,
        needs: &[],
        world: PATIENT,
        play: beside_every_method,
    },
];

/// Notes that a recovery code passes nothing in a session, whatever is wished for with it.
fn show_code(stage: &mut Stage, session: &RawSession, code: &str, what: &str) -> Result<(), Halt> {
    for (wish, name) in [
        (json!({}), "alone"),
        (json!({ "requestedScopes": ["credential:link"] }), "for credential:link"),
        (json!({ "createMfaToken": { "singleUse": false } }), "for an MFA token"),
    ] {
        let mut body = wish.as_object().cloned().unwrap_or_default();
        body.insert("code".to_owned(), json!(code));
        let tried = session.request(stage, "POST", "users/mfa/auth/recovery").json(body).send()?;
        brings_nothing(stage, &format!("{what}: a code {name}"), &tried)?;
    }
    Ok(())
}

fn nothing_after_the_last_method(stage: &mut Stage) -> Result<(), Halt> {
    let mut crowd = Crowd::default();
    for proof in Proof::BOTH {
        for (has, removals) in [
            (Has::TOTP, &[(Method::Totp, Factor::Totp)][..]),
            (Has::TOTP, &[(Method::Totp, Factor::Recovery)]),
            (Has::PASSKEY_AND_CODES, &[(Method::Passkey, Factor::Passkey)]),
            (Has::PASSKEY_AND_CODES, &[(Method::Passkey, Factor::Recovery)]),
            (Has::BOTH, &[(Method::Totp, Factor::Passkey), (Method::Passkey, Factor::Passkey)]),
            (Has::BOTH, &[(Method::Passkey, Factor::Totp), (Method::Totp, Factor::Totp)]),
        ] {
            let last = removals.last().map_or("", |(method, _)| method.name());
            let what = format!("{}, {last} deleted last, with {}", has.name(), proof.name());
            let walked = passes_nothing(stage, &mut crowd, (has, proof, removals), &what);
            crowd.went(&what, walked)?;
        }
    }
    crowd.end()
}

fn passes_nothing(
    stage: &mut Stage,
    crowd: &mut Crowd,
    (has, proof, removals): (Has, Proof, &[(Method, Factor)]),
    what: &str,
) -> Result<(), Halt> {
    let person = crowd.join(stage, has)?;
    let mut session = RawSession::open(stage, &person.email)?;
    for removal in removals {
        proof.remove(stage, &person, &mut session, *removal)?;
    }
    let old = unused(stage, &person.email, 0)?;
    for entry in Has::NOTHING.entries() {
        let anew = entry.open(stage, &person)?;
        show_code(stage, &anew, &old, &format!("{what}, {}, the old set", entry.name()))?;
    }
    show_code(stage, &session, &old, &format!("{what}, the old set there"))?;
    let made = prepared(session.request(stage, "POST", "users/mfa/recovery"))?;
    let made = text(&made, "/recoveryCodes/0")?;
    show_code(stage, &session, &made, &format!("{what}, a new set"))
}

/// A set as a user without a method has it whose method went, or who was seeded with one.
fn nothing_where_one_is_owed(stage: &mut Stage) -> Result<(), Halt> {
    let mut crowd = Crowd::default();
    for enrolment in ["none", "action", "signup"] {
        stage.set("mfa.enrollment", enrolment)?;
        for entry in Has::NOTHING.entries() {
            let what = format!("enrolment {enrolment}, {}", entry.name());
            let person = crowd.join(stage, Has::CODES)?;
            let code = unused(stage, &person.email, 0)?;
            let session = entry.open(stage, &person)?;
            show_code(stage, &session, &code, &what)?;
        }
    }
    crowd.end()
}

fn beside_every_method(stage: &mut Stage) -> Result<(), Halt> {
    let mut crowd = Crowd::default();
    for version in ["2026_04_01", "2026_01_01"] {
        stage.set("minApiVersion", version)?;
        for (has, removal) in [
            (Has::TOTP, None),
            (Has::PASSKEY_AND_CODES, None),
            (Has::BOTH, None),
            (Has::BOTH, Some((Method::Totp, Factor::Passkey))),
            (Has::BOTH, Some((Method::Passkey, Factor::Totp))),
        ] {
            let what = format!("{version}, {}", has.name());
            let gone = removal.map_or("nothing", |(method, _)| method.name());
            let what = format!("{what}, {gone} deleted");
            let walked = passes(stage, &mut crowd, (has, removal), &what);
            crowd.went(&what, walked)?;
        }
    }
    crowd.end()
}

fn passes(
    stage: &mut Stage,
    crowd: &mut Crowd,
    (has, removal): (Has, Option<(Method, Factor)>),
    what: &str,
) -> Result<(), Halt> {
    let person = crowd.join(stage, has)?;
    if let Some(removal) = removal {
        let mut session = RawSession::open(stage, &person.email)?;
        Proof::MfaToken.remove(stage, &person, &mut session, removal)?;
    }
    for wish in [json!({}), json!({ "requestedScopes": ["credential:link"] })] {
        let session = Entry::Mail.open(stage, &person)?;
        let passed = Factor::Recovery.show(stage, &person, &session, wish.clone())?;
        let scope = passed.value("/user/scope");
        let holds = passed.status == 200 && scope == "user:basic";
        let got = json!([passed.status, passed.value("/code"), scope]);
        stage.note(&format!("{what}: a code with {wish}"), "passes", got, holds)?;
    }
    Ok(())
}
