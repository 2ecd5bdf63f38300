//! Deleting a device at the service: by which token, and what is left of it afterwards.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, Stage};
use crate::world::World;

use super::crowd::{Crowd, Factor, Has, SECRET};
use super::raw_session::{ELEVATED, MFA_TOKEN, RawSession, prepared, text};
use super::removal::{Method, Proof, brings_nothing};

/// The old device's codes are wrong ones, of which a case shows more than people may type.
pub(super) const PATIENT: World = World::PLAIN.set(&[("totp.failuresMax", "1000")]);
pub(super) const OLDER: World =
    World::PLAIN.set(&[("minApiVersion", "2026_01_01"), ("totp.failuresMax", "1000")]);
const DEVICES: &[Guide] = &[Guide::DeviceManagement, Guide::Totp, Guide::Passkey];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "devices/every-mfa-token-deletes-every-device",
        title: "an MFA token by whichever factor deletes a device of whichever kind",
        proves: &["MFA-DEV-010"],
        counter: None,
        guides: DEVICES,
        needs: &[],
        world: World::PLAIN,
        play: every_token_deletes,
    },
    Case {
        id: "devices/every-mfa-token-deletes-every-device-in-the-older-version",
        title: "where no step-up is enforced an MFA token by whichever factor deletes any device",
        proves: &["MFA-DEV-010"],
        counter: None,
        guides: DEVICES,
        needs: &[],
        world: World::LEGACY,
        play: every_token_deletes,
    },
    Case {
        id: "devices/nothing-of-a-deleted-one-serves",
        title: "id and codes of a deleted device do nothing, and confirm no other one",
        proves: &["MFA-DEV-012"],
        counter: None,
        guides: DEVICES,
        needs: &[],
        world: PATIENT,
        play: nothing_of_a_deleted_one,
    },
    Case {
        id: "devices/nothing-of-a-deleted-one-serves-in-the-older-version",
        title: "where no step-up is enforced id and codes of a deleted device do nothing, either",
        proves: &["MFA-DEV-012"],
        counter: None,
        guides: DEVICES,
        needs: &[],
        world: OLDER,
        play: nothing_of_a_deleted_one,
    },
];

fn every_token_deletes(stage: &mut Stage) -> Result<(), Halt> {
    let mut crowd = Crowd::default();
    for (has, methods) in [
        (Has::TOTP, &[Method::Totp][..]),
        (Has::PASSKEY_AND_CODES, &[Method::Begun, Method::Passkey]),
        (Has::BOTH, &[Method::Totp, Method::Passkey]),
    ] {
        for method in methods {
            for factor in Factor::KINDS.iter().filter(|it| has.factors().contains(it)) {
                for single_use in [true, false] {
                    let kind = if single_use { "single-use" } else { "multi-use" };
                    let (gone, by) = (method.name(), factor.name());
                    let what = format!("{gone} beside {}, a {kind} token of {by}", has.name());
                    let scene = (has, *method, *factor, single_use);
                    let walked = token_deletes(stage, &mut crowd, scene, &what);
                    crowd.went(&what, walked)?;
                }
            }
        }
    }
    crowd.end()
}

fn token_deletes(
    stage: &mut Stage,
    crowd: &mut Crowd,
    (has, method, factor, single_use): (Has, Method, Factor, bool),
    what: &str,
) -> Result<(), Halt> {
    let person = crowd.join(stage, has)?;
    let mut session = RawSession::open(stage, &person.email)?;
    if method == Method::Begun {
        let token = person.ask(stage, &mut session, &["credential:link"])?;
        begin(stage, &session, token.as_str())?;
    }
    let token = factor.mfa_token(stage, &person, &mut session, single_use)?;
    let before = method.count(stage, &person)?;
    let gone = method.delete(stage, &person, &session, (MFA_TOKEN, &token))?;
    let left = method.count(stage, &person)?;
    let got = json!([gone.status, gone.value("/code"), before, left]);
    let holds = (200..300).contains(&gone.status) && (before, left) == (1, 0);
    stage.note(what, "granted, one before and none after", got, holds)
}

/// Begins a TOTP device; yields its id and secret.
fn begin(
    stage: &Stage,
    session: &RawSession,
    token: Option<&str>,
) -> Result<(String, String), Halt> {
    let request = session.request(stage, "GET", "users/mfa/register/totp");
    let request = token.into_iter().fold(request, |request, it| request.header(ELEVATED, it));
    let begun = prepared(request)?;
    Ok((text(&begun, "/id")?, text(&begun, "/secret")?))
}

fn nothing_of_a_deleted_one(stage: &mut Stage) -> Result<(), Halt> {
    let mut crowd = Crowd::default();
    for proof in Proof::BOTH {
        for (has, by) in
            [(Has::TOTP, Factor::Totp), (Has::TOTP, Factor::Recovery), (Has::BOTH, Factor::Passkey)]
        {
            let what = format!("{}, deleted with {} by {}", has.name(), proof.name(), by.name());
            let walked = nothing_serves(stage, &mut crowd, (proof, has, by), &what);
            crowd.went(&what, walked)?;
        }
    }
    crowd.end()
}

fn nothing_serves(
    stage: &mut Stage,
    crowd: &mut Crowd,
    (proof, has, by): (Proof, Has, Factor),
    what: &str,
) -> Result<(), Halt> {
    let person = crowd.join(stage, has)?;
    let mut session = RawSession::open(stage, &person.email)?;
    let link = person.ask(stage, &mut session, &["credential:link"])?;
    let old = person.device(stage)?;
    proof.remove(stage, &person, &mut session, (Method::Totp, by))?;
    let mut elsewhere = RawSession::open(stage, &person.email)?;
    if has.factors().contains(&Factor::Passkey) {
        Factor::Passkey.pass(stage, &person, &mut elsewhere, Value::Null)?;
    }
    let both = [("there", &session), ("in another session", &elsewhere)];
    for (place, session) in both {
        serves_nothing(stage, session, &old, &format!("{what}, {place}, no new one"))?;
    }
    let (new, secret) = begin(stage, &session, link.as_str())?;
    for (place, session) in both {
        serves_nothing(stage, session, &old, &format!("{what}, {place}, a new one begun"))?;
    }
    confirms(stage, &session, &secret, &format!("{what}: the new one's code confirms"))?;
    for (place, session) in both {
        serves_nothing(stage, session, &old, &format!("{what}, {place}, a new one confirmed"))?;
    }
    new_one_serves(stage, &elsewhere, (&old, &new, &secret), what)?;
    let left = Method::Totp.count(stage, &person)?;
    stage.note(&format!("{what}: devices in the end"), "1", left, left == 1)
}

/// Notes that the device which took the place serves under its own id and not under the old one.
fn new_one_serves(
    stage: &mut Stage,
    session: &RawSession,
    (old, new, secret): (&str, &str, &str),
    what: &str,
) -> Result<(), Halt> {
    let code = stage.next_code(secret)?;
    let authenticates = |id: &str| {
        let body = json!({ "code": code, "id": id, "createMfaToken": { "singleUse": false } });
        session.request(stage, "POST", "users/mfa/auth/totp").json(body).send()
    };
    let tried = authenticates(old)?;
    brings_nothing(stage, &format!("{what}: the new one's code with the old id"), &tried)?;
    let passed = authenticates(new)?;
    stage.note(
        &format!("{what}: the new one passes"),
        "200",
        passed.status,
        passed.status == 200,
    )?;
    let deletion = session.request(stage, "DELETE", &format!("users/mfa/{old}"));
    let proof = passed.value("/mfaToken");
    let tried = deletion.header(MFA_TOKEN, proof.as_str().unwrap_or_default()).send()?;
    brings_nothing(stage, &format!("{what}: deleting the old id with a good proof"), &tried)
}

fn confirms(stage: &mut Stage, session: &RawSession, secret: &str, what: &str) -> Result<(), Halt> {
    let body = json!({ "type": "totp", "code": stage.code_for(secret)? });
    let request = session.request(stage, "POST", "users/mfa/register/totp");
    let confirmed = request.json(body).send()?;
    stage.note(what, "200", confirmed.status, confirmed.status == 200)
}

/// Notes that neither the old device's code nor its id is good for anything.
fn serves_nothing(
    stage: &mut Stage,
    session: &RawSession,
    old: &str,
    what: &str,
) -> Result<(), Halt> {
    let code = stage.next_code(SECRET)?;
    let path = format!("users/mfa/{old}");
    for (name, method, path, body) in [
        ("its code", "POST", "users/mfa/auth/totp", json!({ "code": code })),
        ("its code with its id", "POST", "users/mfa/auth/totp", json!({ "code": code, "id": old })),
        (
            "its code for scopes",
            "POST",
            "users/mfa/auth/totp",
            json!({ "code": code, "requestedScopes": ["credential:link"] }),
        ),
        (
            "its code for an MFA token",
            "POST",
            "users/mfa/auth/totp",
            json!({ "code": code, "createMfaToken": { "singleUse": true } }),
        ),
        (
            "its code to confirm",
            "POST",
            "users/mfa/register/totp",
            json!({ "type": "totp", "code": code }),
        ),
        ("reading it", "GET", &path, Value::Null),
        ("making it the default", "PUT", &path, json!({ "default": true })),
    ] {
        let request = session.request(stage, method, path);
        let tried = if body.is_null() { request.send()? } else { request.json(body).send()? };
        brings_nothing(stage, &format!("{what}: {name}"), &tried)?;
    }
    Ok(())
}
