//! Deleting a factor at the service: by which token, and what is left of the factor afterwards.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, RawAnswer, Stage};
use crate::world::World;

use super::crowd::{Crowd, Entry, Factor, Fresh, Has, SECRET};
use super::raw_passkey;
use super::raw_session::{ELEVATED, MFA_TOKEN, RawSession, prepared, text, text_of};
use super::record;
use super::recovery::unused;

/// The old device's codes are wrong ones, of which a case shows more than people may type.
const PATIENT: World = World::PLAIN.set(&[("totp.failuresMax", "1000")]);
const OLDER: World =
    World::PLAIN.set(&[("minApiVersion", "2026_01_01"), ("totp.failuresMax", "1000")]);
const DEVICES: &[Guide] = &[Guide::DeviceManagement, Guide::Totp, Guide::Passkey];
const CODES: &[Guide] = &[Guide::RecoveryCodes];

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
        proves: &["MFA-DEV-010", "MFA-PK-013"],
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

/// What can be deleted by its owner.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Totp,
    /// A device that was begun and not confirmed.
    Begun,
    Passkey,
}

impl Method {
    const fn name(self) -> &'static str {
        match self {
            Self::Totp => "the TOTP device",
            Self::Begun => "a begun TOTP device",
            Self::Passkey => "the passkey",
        }
    }

    /// How many of its kind there are.
    fn count(self, stage: &Stage, person: &Fresh) -> Result<usize, Halt> {
        let kind = if self == Self::Passkey { "/passkeys" } else { "/devices" };
        Ok(record::of(stage, &person.email, kind)?.as_array().map_or(0, Vec::len))
    }

    /// Deletes it with one header beside the bearer.
    fn delete(
        self,
        stage: &Stage,
        person: &Fresh,
        session: &RawSession,
        (header, token): (&str, &str),
    ) -> Result<RawAnswer, Halt> {
        if self == Self::Passkey {
            let id = raw_passkey::listed(stage, session)?.first().cloned().unwrap_or_default();
            return raw_passkey::delete(stage, session, &id, Some((header, token)));
        }
        let path = format!("users/mfa/{}", person.device(stage)?);
        session.request(stage, "DELETE", &path).header(header, token).send()
    }
}

/// How a deletion is proven.
#[derive(Clone, Copy)]
enum Proof {
    MfaToken,
    Elevated,
}

impl Proof {
    const BOTH: [Self; 2] = [Self::MfaToken, Self::Elevated];

    const fn name(self) -> &'static str {
        match self {
            Self::MfaToken => "an MFA token",
            Self::Elevated => "an elevated token",
        }
    }

    /// Deletes a method by this proof, which the factor earns; anything but success blocks.
    fn remove(
        self,
        stage: &mut Stage,
        person: &Fresh,
        session: &mut RawSession,
        (method, by): (Method, Factor),
    ) -> Result<(), Halt> {
        let token = match self {
            Self::MfaToken => (MFA_TOKEN, by.mfa_token(stage, person, session, true)?),
            Self::Elevated => {
                let wish = json!({ "requestedScopes": ["credential:unlink"] });
                let passed = by.pass(stage, person, session, wish)?;
                (ELEVATED, text(&passed, "/elevatedAccessToken")?)
            }
        };
        let gone = method.delete(stage, person, session, (token.0, &token.1))?;
        match gone.status {
            200..300 => Ok(()),
            status => {
                let what = format!("deleting {} with {}", method.name(), self.name());
                Err(Halt::Blocked(format!("{what} was answered {status} {}", gone.body)))
            }
        }
    }
}

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
                    let person = crowd.join(stage, has)?;
                    let mut session = RawSession::open(stage, &person.email)?;
                    if *method == Method::Begun {
                        begin(stage, &person, &mut session)?;
                    }
                    let token = factor.mfa_token(stage, &person, &mut session, single_use)?;
                    let kind = if single_use { "single-use" } else { "multi-use" };
                    let what = format!(
                        "{} of a user with {} by a {kind} token of {}",
                        method.name(),
                        has.name(),
                        factor.name()
                    );
                    let before = method.count(stage, &person)?;
                    let gone = method.delete(stage, &person, &session, (MFA_TOKEN, &token))?;
                    let left = method.count(stage, &person)?;
                    let got = json!([gone.status, gone.value("/code"), before, left]);
                    let holds = (200..300).contains(&gone.status) && (before, left) == (1, 0);
                    stage.note(&what, "granted, one before and none after", got, holds)?;
                }
            }
        }
    }
    Ok(())
}

/// Begins a TOTP device; yields its id and secret.
fn begin(
    stage: &mut Stage,
    person: &Fresh,
    session: &mut RawSession,
) -> Result<(String, String), Halt> {
    let token = person.elevate(stage, session, &["credential:link"])?;
    begin_with(stage, session, &token)
}

fn begin_with(stage: &Stage, session: &RawSession, token: &str) -> Result<(String, String), Halt> {
    let request = session.request(stage, "GET", "users/mfa/register/totp");
    let begun = prepared(request.header(ELEVATED, token))?;
    Ok((text(&begun, "/id")?, text(&begun, "/secret")?))
}

fn nothing_of_a_deleted_one(stage: &mut Stage) -> Result<(), Halt> {
    let mut crowd = Crowd::default();
    for proof in Proof::BOTH {
        for (has, by) in
            [(Has::TOTP, Factor::Totp), (Has::TOTP, Factor::Recovery), (Has::BOTH, Factor::Passkey)]
        {
            let person = crowd.join(stage, has)?;
            let mut session = RawSession::open(stage, &person.email)?;
            let link = Factor::Totp.pass(
                stage,
                &person,
                &mut session,
                json!({ "requestedScopes": ["credential:link"] }),
            )?;
            let link = text(&link, "/elevatedAccessToken")?;
            let old = person.device(stage)?;
            let what = format!("{}, deleted with {} by {}", has.name(), proof.name(), by.name());
            proof.remove(stage, &person, &mut session, (Method::Totp, by))?;
            let elsewhere = if has.factors().contains(&Factor::Passkey) {
                let mut session = RawSession::open(stage, &person.email)?;
                Factor::Passkey.pass(stage, &person, &mut session, Value::Null)?;
                session
            } else {
                RawSession::open(stage, &person.email)?
            };
            let both = [("there", &session), ("in another session", &elsewhere)];
            for (place, session) in both {
                serves_nothing(stage, session, &old, &format!("{what}, {place}, no new one"))?;
            }
            let (new, secret) = begin_with(stage, &session, &link)?;
            for (place, session) in both {
                let what = format!("{what}, {place}, a new one begun");
                serves_nothing(stage, session, &old, &what)?;
            }
            confirms(stage, &session, &secret, &format!("{what}: the new one's code confirms"))?;
            for (place, session) in both {
                let what = format!("{what}, {place}, a new one confirmed");
                serves_nothing(stage, session, &old, &what)?;
            }
            let body = json!({ "code": stage.next_code(&secret)?, "id": new });
            let passed =
                elsewhere.request(stage, "POST", "users/mfa/auth/totp").json(body).send()?;
            stage.note(
                &format!("{what}: the new one passes"),
                "200",
                passed.status,
                passed.status == 200,
            )?;
        }
    }
    Ok(())
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
        let brings = ["/minifiedJwt", "/elevatedAccessToken", "/mfaToken", "/id"];
        let brought: Vec<_> = brings.iter().filter(|it| !tried.value(it).is_null()).collect();
        let holds = (400..500).contains(&tried.status) && brought.is_empty();
        let got = json!([tried.status, tried.value("/code"), brought]);
        stage.note(&format!("{what}: {name}"), "refused, with nothing in it", got, holds)?;
    }
    Ok(())
}

/// Shows a code in a session, with each kind of wish.
fn show_codes(
    stage: &mut Stage,
    session: &RawSession,
    codes: &[String],
    what: &str,
) -> Result<(), Halt> {
    for (wish, name) in [
        (json!({}), "alone"),
        (json!({ "requestedScopes": ["credential:link"] }), "for credential:link"),
        (json!({ "requestedScopes": ["wallet:export"] }), "for wallet:export"),
        (json!({ "createMfaToken": { "singleUse": false } }), "for an MFA token"),
    ] {
        for (nth, code) in codes.iter().enumerate() {
            let mut body = wish.clone();
            body["code"] = json!(code);
            let request = session.request(stage, "POST", "users/mfa/auth/recovery");
            let tried = request.json(body).send()?;
            let brings = ["/minifiedJwt", "/elevatedAccessToken", "/mfaToken"];
            let brought: Vec<_> = brings.iter().filter(|it| !tried.value(it).is_null()).collect();
            let holds = (400..500).contains(&tried.status) && brought.is_empty();
            let got = json!([tried.status, tried.value("/code"), brought]);
            let what = format!("{what}: code {nth} {name}");
            stage.note(&what, "refused, with nothing in it", got, holds)?;
        }
    }
    Ok(())
}

fn nothing_after_the_last_method(stage: &mut Stage) -> Result<(), Halt> {
    let mut crowd = Crowd::default();
    for version in ["2026_04_01", "2026_01_01"] {
        stage.set("minApiVersion", version)?;
        for proof in Proof::BOTH {
            for (has, removals) in [
                (Has::TOTP, &[(Method::Totp, Factor::Totp)][..]),
                (Has::TOTP, &[(Method::Totp, Factor::Recovery)]),
                (Has::PASSKEY_AND_CODES, &[(Method::Passkey, Factor::Passkey)]),
                (Has::PASSKEY_AND_CODES, &[(Method::Passkey, Factor::Recovery)]),
                (Has::BOTH, &[(Method::Totp, Factor::Passkey), (Method::Passkey, Factor::Passkey)]),
                (Has::BOTH, &[(Method::Passkey, Factor::Totp), (Method::Totp, Factor::Totp)]),
            ] {
                let person = crowd.join(stage, has)?;
                let mut session = RawSession::open(stage, &person.email)?;
                for removal in removals {
                    proof.remove(stage, &person, &mut session, *removal)?;
                }
                let last = removals.last().map_or("", |(method, _)| method.name());
                let what = format!(
                    "{version}, {}, {last} deleted last, with {}",
                    has.name(),
                    proof.name()
                );
                let old = unused(stage, &person.email, 0)?;
                let shown = prepared(session.request(stage, "GET", "users/mfa/recovery"))?;
                let shown = text_of(&shown.value("/recoveryCodes/0"), "a recovery code")?;
                for entry in Has::NOTHING.entries() {
                    let anew = entry.open(stage, &person)?;
                    let what = format!("{what}, {}", entry.name());
                    show_codes(stage, &anew, &[old.clone(), shown.clone()], &what)?;
                }
                let made = prepared(session.request(stage, "POST", "users/mfa/recovery"))?;
                let made = text(&made, "/recoveryCodes/0")?;
                show_codes(stage, &session, &[made], &format!("{what}, a new set"))?;
            }
        }
    }
    Ok(())
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
            let person = crowd.join(stage, has)?;
            let mut what = format!("{version}, {}", has.name());
            if let Some(removal) = removal {
                let mut session = RawSession::open(stage, &person.email)?;
                Proof::MfaToken.remove(stage, &person, &mut session, removal)?;
                what = format!("{what}, {} deleted", removal.0.name());
            }
            for wish in [json!({}), json!({ "requestedScopes": ["credential:link"] })] {
                let session = Entry::Mail.open(stage, &person)?;
                let passed = Factor::Recovery.show(stage, &person, &session, wish.clone())?;
                let asks = wish.get("requestedScopes").is_some();
                let has_token = passed.value("/elevatedAccessToken").is_string();
                let scope = passed.value("/user/scope");
                let holds = passed.status == 200 && scope == "user:basic" && has_token == asks;
                let got = json!([passed.status, passed.value("/code"), scope, has_token]);
                stage.note(&format!("{what}: a code with {wish}"), "passes", got, holds)?;
            }
        }
    }
    Ok(())
}
