//! What every token says that is made for a session: how long it lives, and what was proven last.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, RawAnswer, Stage};
use crate::world::World;

use super::raw_passkey;
use super::raw_session::{RawSession, email_proof, prepared, text};
use super::ways_in::{BOTH_TOKENS, SECRET, Somebody, WAYS, Way, refresh, token};

/// The longest life of a session that the pages allow, and a short one, in seconds.
const LIVES: [i64; 2] = [30 * 86_400, 900];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "session/lives-as-long-however-it-began",
        title: "whoever signs in, and however, every token has the life that is set, and thirty days at most",
        proves: &["MFA-SES-039"],
        counter: None,
        guides: &[Guide::SessionMfa, Guide::Passkey],
        needs: &[],
        world: World::LEGACY,
        play: lives_as_long,
    },
    Case {
        id: "jwt/names-every-proof",
        title: "whichever credential was proven last is named, and a refresh goes on to name it",
        proves: &["MFA-JWT-002"],
        counter: None,
        guides: &[Guide::SessionMfa, Guide::Passkey],
        needs: &[],
        world: World::LEGACY,
        play: names_every_proof,
    },
];

/// Notes the seconds from issue to end in both tokens of an answer.
fn lives(
    stage: &Stage,
    what: &str,
    answer: &RawAnswer,
    longest: i64,
    whole: bool,
) -> Result<(), Halt> {
    for field in BOTH_TOKENS {
        let token = token(answer, field)?;
        let issued = token.claim("iat").as_i64().unwrap_or_default();
        let life = token.exp().unwrap_or_default() - issued;
        let fits = if whole { life == longest } else { (1..=longest).contains(&life) };
        let wanted = if whole { longest.to_string() } else { format!("1 to {longest}") };
        stage.note(&format!("seconds that the {field} lives {what}"), &wanted, life, fits)?;
    }
    Ok(())
}

fn lives_as_long(stage: &mut Stage) -> Result<(), Halt> {
    let people = each_way(stage)?;
    for life in LIVES {
        stage.set("session.lifeSeconds", life)?;
        for (way, who) in &people {
            let how = format!("after a sign-in {}, of {life} s", way.name());
            let signed_in = way.sign_in(stage, *who)?;
            lives(stage, &how, &signed_in, life, true)?;
            let mut session = RawSession { bearer: text(&signed_in, "/minifiedJwt")? };
            stage.advance(60)?;
            for proof in WAYS {
                let Some(proven) = proof.prove(stage, &session, *who)? else { continue };
                lives(stage, &format!("of a proof {} {how}", proof.name()), &proven, life, false)?;
            }
            let passed = session.pass_mfa(stage, SECRET, Value::Null)?;
            lives(stage, &format!("of the factor {how}"), &passed, life, false)?;
            let refreshed = refresh(stage, &session.bearer)?;
            lives(stage, &format!("of a refresh {how}"), &refreshed, life, true)?;
            over_in_time(stage, &how, &refreshed, life)?;
        }
    }
    Ok(())
}

/// Expects that a session is over when its newest token said that it would be.
fn over_in_time(stage: &mut Stage, how: &str, newest: &RawAnswer, life: i64) -> Result<(), Halt> {
    let session = RawSession { bearer: text(newest, "/minifiedJwt")? };
    for (seconds, wanted, when) in [(life - 1, 200, "a second before"), (1, 401, "at")] {
        stage.advance(seconds)?;
        let status = session.request(stage, "GET", "users").send()?.status;
        let what = format!("GET users {when} the end of the time, {how}");
        stage.note(&what, &wanted.to_string(), status, status == wanted)?;
    }
    Ok(())
}

/// A person with a TOTP device for each way of signing in.
fn each_way(stage: &mut Stage) -> Result<Vec<(Way, Somebody)>, Halt> {
    let people: Vec<(Way, Somebody)> =
        WAYS.into_iter().zip(1..).map(|(way, number)| (way, Somebody(number))).collect();
    for (way, who) in &people {
        who.arrive(stage, json!({ "totpSecret": SECRET }))?;
        if *way == Way::Passkey {
            who.take_a_passkey(stage, Some(SECRET))?;
        }
    }
    Ok(people)
}

/// The id of the user's credential for which that place of it has a value.
fn credential(answer: &RawAnswer, place: &str, value: &str) -> Value {
    let credentials = answer.value("/user/verifiedCredentials");
    let found = credentials.as_array().into_iter().flatten().find(|known| known[place] == value);
    found.map(|known| known["id"].clone()).unwrap_or_default()
}

/// Notes which credential tokens and user name as the one last verified.
fn names(stage: &Stage, what: &str, answer: &RawAnswer, wanted: &Value) -> Result<(), Halt> {
    let mut named = vec![("user", answer.value("/user/lastVerifiedCredentialId"))];
    for field in BOTH_TOKENS {
        named.push((field, token(answer, field)?.claim("last_verified_credential_id")));
    }
    for (place, id) in named {
        let holds = id.is_string() && id == *wanted;
        let expected = wanted.as_str().unwrap_or("a credential");
        stage.note(
            &format!("the credential last verified, in the {place} {what}"),
            expected,
            id,
            holds,
        )?;
    }
    Ok(())
}

/// Notes what an answer names, and what a refresh after it names.
fn names_and_keeps(
    stage: &mut Stage,
    what: &str,
    (answer, place, value): (&RawAnswer, &str, &str),
) -> Result<(), Halt> {
    let wanted = credential(answer, place, value);
    names(stage, what, answer, &wanted)?;
    stage.advance(1)?;
    let refreshed = refresh(stage, &text(answer, "/minifiedJwt")?)?;
    names(stage, &format!("of a refresh {what}"), &refreshed, &wanted)
}

fn names_every_proof(stage: &mut Stage) -> Result<(), Halt> {
    for (number, way) in (1..).zip(WAYS) {
        let who = Somebody(number);
        who.arrive(stage, Value::Null)?;
        who.take_a_passkey(stage, None)?;
        let how = format!("after a sign-in {}", way.name());
        let signed_in = way.sign_in(stage, who)?;
        names_and_keeps(stage, &how, (&signed_in, "format", way.format()))?;
        let mut session = RawSession { bearer: text(&signed_in, "/minifiedJwt")? };
        for proof in WAYS {
            let Some(proven) = proof.prove(stage, &session, who)? else { continue };
            let what = format!("after a proof {} {how}", proof.name());
            names_and_keeps(stage, &what, (&proven, "format", proof.format()))?;
        }
        let passed = raw_passkey::pass(stage, &mut session, Value::Null)?;
        let what = format!("after the passkey as a factor, {how}");
        names_and_keeps(stage, &what, (&passed, "format", "passkey"))?;
        let new = format!("second-{}", who.email());
        let body = email_proof(stage, &new)?;
        let linked =
            prepared(session.request(stage, "POST", "emailVerifications/verify").json(body))?;
        let what = format!("after a new address, {how}");
        names_and_keeps(stage, &what, (&linked, "email", &new))?;
        // The other one of the same kind is another credential.
        let Some(proven) = Way::Mail.prove(stage, &session, who)? else { continue };
        let what = format!("after the older address again, {how}");
        names_and_keeps(stage, &what, (&proven, "email", &who.email()))?;
    }
    Ok(())
}
