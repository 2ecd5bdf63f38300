//! What a session owes, told by every token that is made for it, and who owes anything at all.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, RawAnswer, Stage};
use crate::world::World;

use super::raw_session::{RawSession, prepared, text};
use super::ways_in::{BOTH_TOKENS, SECRET, Somebody, WAYS, Way, refresh, token};

const GUIDES: &[Guide] = &[Guide::SessionMfa, Guide::AccountBased];
const OWED: &str = "requiresAdditionalAuth";
const BASIC: &str = "user:basic";

pub(super) const CASES: &[Case] = &[
    Case {
        id: "jwt/every-token-says-who-must-enrol",
        title: "however a token was made, it says that its user must enrol until that is done",
        proves: &["MFA-SES-003", "MFA-SES-005", "MFA-JWT-010"],
        counter: Some("jwt/every-token-says-who-owes-nothing"),
        guides: GUIDES,
        needs: &[],
        world: World::LEGACY,
        play: who_must_enrol,
    },
    Case {
        id: "jwt/every-token-says-who-owes-a-factor",
        title: "however a token was made, it says that a factor is owed until it is passed",
        proves: &["MFA-SES-001", "MFA-SES-005", "MFA-JWT-008", "MFA-JWT-010"],
        counter: Some("jwt/every-token-says-who-owes-nothing"),
        guides: GUIDES,
        needs: &[],
        world: World::LEGACY,
        play: who_owes_a_factor,
    },
    Case {
        id: "jwt/every-token-says-who-owes-nothing",
        title: "however a token was made, it says nothing of MFA to a user who owes none",
        proves: &["MFA-SES-002", "MFA-SES-005", "MFA-JWT-010"],
        counter: None,
        guides: GUIDES,
        needs: &[],
        world: World::LEGACY,
        play: who_owes_nothing,
    },
    Case {
        id: "session/optional-asks-for-what-is-there",
        title: "where MFA is optional, a verified method is asked for, and nothing else that a user has or had",
        proves: &["MFA-SES-002"],
        counter: None,
        guides: GUIDES,
        needs: &[],
        world: World::LEGACY,
        play: optional_asks_for_what_is_there,
    },
];

/// Notes whether both tokens and the user of an answer tell what is owed.
fn told(
    stage: &mut Stage,
    what: &str,
    answer: &RawAnswer,
    (requirement, owes): (&'static str, bool),
) -> Result<(), Halt> {
    let mut scopes = Vec::new();
    for field in BOTH_TOKENS {
        scopes.push((field, token(answer, field)?.claim("scope")));
    }
    scopes.push(("user", answer.value("/user/scope")));
    for (place, scope) in scopes {
        let words: Vec<&str> = scope.as_str().unwrap_or_default().split(' ').collect();
        let (owed, basic) = (words.contains(&OWED), words.contains(&BASIC));
        let what = format!("scope of the {place} {what}");
        stage.proving(requirement);
        let wanted = if owes { OWED } else { "no requiresAdditionalAuth" };
        stage.note(&what, wanted, scope.clone(), owed == owes)?;
        stage.proving("MFA-JWT-010");
        let wanted = if owes { "no user:basic" } else { "not both" };
        stage.note(&what, wanted, scope.clone(), !basic || !(owed || owes))?;
    }
    stage.proving_all();
    Ok(())
}

/// Every way of getting a further token for a session without a second factor.
fn every_further_token(
    stage: &mut Stage,
    session: &RawSession,
    who: Somebody,
    what: &str,
    owes: bool,
) -> Result<(), Halt> {
    let owing = ("MFA-SES-005", owes);
    stage.advance(1)?;
    let refreshed = refresh(stage, &session.bearer)?;
    told(stage, &format!("of a refresh {what}"), &refreshed, owing)?;
    let newer = RawSession { bearer: text(&refreshed, "/minifiedJwt")? };
    for proof in WAYS {
        let Some(proven) = proof.prove(stage, &newer, who)? else { continue };
        told(stage, &format!("of a proof {} {what}", proof.name()), &proven, owing)?;
    }
    let change = newer.request(stage, "PUT", "users").json(json!({ "alias": "me" }));
    told(stage, &format!("of a change of the profile {what}"), &prepared(change)?, owing)?;
    let again = refresh(stage, &newer.bearer)?;
    told(stage, &format!("of a second refresh {what}"), &again, owing)
}

/// A person for each way of signing in, whose passkey is none of the second factors.
fn each_way(stage: &mut Stage, seed: &Value) -> Result<Vec<(Way, Somebody)>, Halt> {
    let mut people = Vec::new();
    for (number, way) in (1..).zip(WAYS) {
        let who = Somebody(number);
        who.arrive(stage, seed.clone())?;
        if way == Way::Passkey {
            let secret = seed.get("totpSecret").and_then(Value::as_str);
            who.take_a_passkey(stage, secret)?;
        }
        people.push((way, who));
    }
    let only_totp = json!([
        { "type": "totp", "enabled": true, "allowBackupCodes": true },
        { "type": "passkey", "enabled": false },
    ]);
    stage.set("mfa.methods", only_totp)?;
    Ok(people)
}

fn who_owes_nothing(stage: &mut Stage) -> Result<(), Halt> {
    for (way, who) in each_way(stage, &Value::Null)? {
        let what = format!("after a sign-in {}", way.name());
        let signed_in = way.sign_in(stage, who)?;
        told(stage, &what, &signed_in, ("MFA-SES-002", false))?;
        let session = RawSession { bearer: text(&signed_in, "/minifiedJwt")? };
        every_further_token(stage, &session, who, &what, false)?;
    }
    Ok(())
}

fn who_must_enrol(stage: &mut Stage) -> Result<(), Halt> {
    let people = each_way(stage, &Value::Null)?;
    stage.set("mfa.enrollment", "signup")?;
    for (way, who) in people {
        let what = format!("after a sign-in {}", way.name());
        let signed_in = way.sign_in(stage, who)?;
        told(stage, &what, &signed_in, ("MFA-SES-003", true))?;
        let mut session = RawSession { bearer: text(&signed_in, "/minifiedJwt")? };
        every_further_token(stage, &session, who, &what, true)?;
        session.enrol(stage)?;
        let enrolled = refresh(stage, &session.bearer)?;
        let what = format!("of a refresh after the enrolment, {what}");
        told(stage, &what, &enrolled, ("MFA-SES-005", false))?;
    }
    Ok(())
}

fn who_owes_a_factor(stage: &mut Stage) -> Result<(), Halt> {
    for (way, who) in each_way(stage, &json!({ "totpSecret": SECRET }))? {
        let what = format!("after a sign-in {}", way.name());
        let signed_in = way.sign_in(stage, who)?;
        told(stage, &what, &signed_in, ("MFA-SES-001", true))?;
        let mut session = RawSession { bearer: text(&signed_in, "/minifiedJwt")? };
        every_further_token(stage, &session, who, &what, true)?;
        let passed = session.pass_mfa(stage, SECRET, Value::Null)?;
        let what = format!("of the factor {what}");
        told(stage, &what, &passed, ("MFA-JWT-008", false))?;
        every_further_token(stage, &session, who, &what, false)?;
    }
    Ok(())
}

/// What a user has, or had, at the moment of signing in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Has {
    Nothing,
    BegunDevice,
    Device,
    Passkey,
    BegunDeviceAndPasskey,
    /// A device was confirmed and deleted, and its recovery codes are left.
    CodesOfADeletedDevice,
    /// The device was deleted, the passkey stays.
    PasskeyOfTwoMethods,
    /// Recovery codes were read before there was any method.
    CodesAlone,
    /// A device was deleted, and another one begun.
    BegunAfterADeletedDevice,
}

const EVERYTHING: [(Has, &str); 9] = [
    (Has::Nothing, "without any method"),
    (Has::BegunDevice, "with a device that was only begun"),
    (Has::Device, "with a verified device"),
    (Has::Passkey, "with a passkey"),
    (Has::BegunDeviceAndPasskey, "with a passkey and a device that was only begun"),
    (Has::CodesOfADeletedDevice, "with the codes of a deleted device"),
    (Has::PasskeyOfTwoMethods, "with a passkey, whose device was deleted"),
    (Has::CodesAlone, "with recovery codes alone"),
    (Has::BegunAfterADeletedDevice, "with a device that was begun after another was deleted"),
];

impl Has {
    const fn has_passkey(self) -> bool {
        matches!(self, Self::Passkey | Self::BegunDeviceAndPasskey | Self::PasskeyOfTwoMethods)
    }

    /// Lets somebody come to it.
    fn arrange(self, stage: &mut Stage, who: Somebody) -> Result<(), Halt> {
        let has_device = matches!(
            self,
            Self::Device
                | Self::CodesOfADeletedDevice
                | Self::PasskeyOfTwoMethods
                | Self::BegunAfterADeletedDevice
        );
        let seed = if has_device { json!({ "totpSecret": SECRET }) } else { Value::Null };
        who.arrive(stage, seed)?;
        if self.has_passkey() {
            who.take_a_passkey(stage, has_device.then_some(SECRET))?;
        }
        if has_device && self != Self::Device {
            delete_the_device(stage, who)?;
        }
        let session = RawSession::open(stage, &who.email());
        match self {
            // Whoever owes a factor begins no other one; the passkey is passed first.
            Self::BegunDeviceAndPasskey => {
                let mut session = session?;
                super::raw_passkey::pass(stage, &mut session, Value::Null)?;
                begin(stage, &session)
            }
            Self::BegunDevice | Self::BegunAfterADeletedDevice => begin(stage, &session?),
            Self::CodesAlone => {
                prepared(session?.request(stage, "GET", "users/mfa/recovery")).map(drop)
            }
            _ => Ok(()),
        }
    }
}

fn begin(stage: &Stage, session: &RawSession) -> Result<(), Halt> {
    prepared(session.request(stage, "GET", "users/mfa/register/totp")).map(drop)
}

fn delete_the_device(stage: &mut Stage, who: Somebody) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, &who.email())?;
    let token = session.mfa_token(stage, SECRET, true)?;
    let device = text(&prepared(session.request(stage, "GET", "users/mfa"))?, "/devices/0/id")?;
    let deletion = session.request(stage, "DELETE", &format!("users/mfa/{device}"));
    prepared(deletion.header(super::raw_session::MFA_TOKEN, &token)).map(drop)
}

fn optional_asks_for_what_is_there(stage: &mut Stage) -> Result<(), Halt> {
    for (number, (has, name)) in (1..).zip(EVERYTHING) {
        let who = Somebody(number);
        has.arrange(stage, who)?;
        let is_asked = has.has_passkey() || has == Has::Device;
        for way in WAYS {
            if way == Way::Passkey && !has.has_passkey() {
                continue;
            }
            let signed_in = way.sign_in(stage, who)?;
            let what = format!("signed in {} {name}", way.name());
            asked(stage, &what, &signed_in, is_asked)?;
        }
    }
    Ok(())
}

/// Notes whether a fresh session is asked for a second factor, in its tokens and when it acts.
fn asked(stage: &Stage, what: &str, answer: &RawAnswer, is_asked: bool) -> Result<(), Halt> {
    let wanted = if is_asked { OWED } else { BASIC };
    for field in BOTH_TOKENS {
        let scope = token(answer, field)?.claim("scope");
        stage.note(
            &format!("scope of the {field}, {what}"),
            wanted,
            scope.clone(),
            scope == wanted,
        )?;
    }
    let scope = answer.value("/user/scope");
    stage.note(&format!("scope of the user, {what}"), wanted, scope.clone(), scope == wanted)?;
    let session = RawSession { bearer: text(answer, "/minifiedJwt")? };
    let status = session.request(stage, "GET", "businessAccounts").send()?.status;
    let wanted = if is_asked { 403 } else { 200 };
    stage.note(
        &format!("a call of the rest, {what}"),
        &wanted.to_string(),
        status,
        status == wanted,
    )
}
