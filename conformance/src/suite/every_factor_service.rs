//! Every factor, whatever else its owner has and however the session was opened.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, RawAnswer, Stage, Token};
use crate::world::World;

use super::crowd::{Crowd, Entry, Factor, Fresh, Has};
use super::partial_service::{asked, the_rest};
use super::raw_session::{ELEVATED, RawSession, email_proof, prepared, text, text_proof};

const UPGRADES: &[&str] = &["MFA-TOTP-012", "MFA-PK-003", "MFA-REC-002"];
const GUIDES: &[Guide] = &[Guide::Totp, Guide::Passkey, Guide::RecoveryCodes, Guide::SessionMfa];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "session/every-factor-upgrades",
        title: "whatever a user has and whichever way the session was opened, each factor upgrades it",
        proves: UPGRADES,
        counter: None,
        guides: GUIDES,
        needs: &[],
        world: World::PLAIN,
        play: every_factor_upgrades,
    },
    Case {
        id: "session/every-factor-upgrades-where-required",
        title: "where MFA is required, each factor upgrades a session just as where it is optional",
        proves: UPGRADES,
        counter: None,
        guides: GUIDES,
        needs: &[],
        world: World::MFA_REQUIRED,
        play: every_factor_upgrades,
    },
    Case {
        id: "session/every-factor-upgrades-in-the-older-version",
        title: "where no step-up is enforced, each factor upgrades a session all the same",
        proves: UPGRADES,
        counter: None,
        guides: GUIDES,
        needs: &[],
        world: World::LEGACY,
        play: every_factor_upgrades,
    },
    Case {
        id: "session/every-factor-opens-the-same",
        title: "what a session may do after one factor it may do after each of the others",
        proves: &["MFA-SES-040", "MFA-SES-009"],
        counter: None,
        guides: GUIDES,
        needs: &[],
        world: World::PLAIN,
        play: every_factor_opens_the_same,
    },
    Case {
        id: "step-up/every-credential-reauthenticates",
        title: "a code to any address or number of the user earns scopes in any of their sessions",
        proves: &["MFA-STEP-003"],
        counter: None,
        guides: &[Guide::StepUp],
        needs: &[],
        world: World::PLAIN,
        play: every_credential_reauthenticates,
    },
];

const OWED: &str = "requiresAdditionalAuth";
const BASIC: &str = "user:basic";

fn every_factor_upgrades(stage: &mut Stage) -> Result<(), Halt> {
    let mut crowd = Crowd::default();
    for has in Has::FACTORS {
        for entry in has.entries() {
            for factor in has.factors() {
                let what = format!("{}, {}, {}", has.name(), entry.name(), factor.name());
                let walked = upgrades(stage, &mut crowd, (has, *entry, *factor), &what);
                crowd.went(&what, walked)?;
            }
        }
    }
    stage.proving_all();
    crowd.end()
}

/// Notes what a session is before a factor, in the answer to it, and in the call after it.
fn upgrades(
    stage: &mut Stage,
    crowd: &mut Crowd,
    (has, entry, factor): (Has, Entry, Factor),
    what: &str,
) -> Result<(), Halt> {
    let person = crowd.join(stage, has)?;
    let session = entry.open(stage, &person)?;
    let owes = prepared(session.request(stage, "GET", "users"))?.value("/scope");
    if owes != OWED {
        return Err(Halt::Blocked(format!("the session owes nothing, it has {owes}")));
    }
    let passed = factor.show(stage, &person, &session, Value::Null)?;
    stage.proving(match factor {
        Factor::Totp | Factor::TotpById => "MFA-TOTP-012",
        Factor::Passkey => "MFA-PK-003",
        Factor::Recovery => "MFA-REC-002",
    });
    let told = standing(stage, &passed)?;
    let wanted = json!([200, BASIC, BASIC, BASIC]);
    let holds = told == wanted;
    stage.note(
        &format!("{what}: status, scope of user, of token, of the next call"),
        &wanted.to_string(),
        told,
        holds,
    )
}

/// What an answer says of its session, and what the session is told by the next call.
fn standing(stage: &Stage, passed: &RawAnswer) -> Result<Value, Halt> {
    let told = passed.value("/minifiedJwt");
    let Some(bearer) = told.as_str() else {
        return Ok(json!([passed.status, passed.value("/code"), null, null]));
    };
    let token = Token::decode(bearer).map_err(Halt::Blocked)?;
    let token = if token.has_scope(OWED) { json!(OWED) } else { token.claim("scope") };
    let session = RawSession { bearer: bearer.to_owned() };
    let next = session.request(stage, "GET", "users").send()?.value("/scope");
    Ok(json!([passed.status, passed.value("/user/scope"), token, next]))
}

/// Beginning to register a passkey, by both of the calls for it.
const BEGINNINGS: [(&str, &str, Value); 2] = [
    ("GET", "users/passkeys/register", Value::Null),
    ("GET", "users/mfa/register/passkey", Value::Null),
];

fn every_factor_opens_the_same(stage: &mut Stage) -> Result<(), Halt> {
    let mut crowd = Crowd::default();
    for (has, entry, factor) in [
        (Has::TOTP, Entry::Mail, Factor::Totp),
        (Has::TOTP, Entry::Text, Factor::TotpById),
        (Has::TOTP, Entry::Mail, Factor::Recovery),
        (Has::PASSKEY, Entry::Text, Factor::Passkey),
        (Has::PASSKEY_AND_CODES, Entry::Mail, Factor::Recovery),
        (Has::BOTH, Entry::Passkey, Factor::Totp),
        (Has::BOTH, Entry::Mail, Factor::Passkey),
        (Has::BOTH, Entry::Passkey, Factor::Recovery),
    ] {
        let what = format!("{}, {}, {}", has.name(), entry.name(), factor.name());
        let walked = waits_for_a_factor(stage, &mut crowd, (has, entry, factor), &what);
        crowd.went(&what, walked)?;
    }
    stage.proving_all();
    crowd.end()
}

/// Notes what is shut before a factor and open after it.
fn waits_for_a_factor(
    stage: &mut Stage,
    crowd: &mut Crowd,
    (has, entry, factor): (Has, Entry, Factor),
    what: &str,
) -> Result<(), Halt> {
    let person = crowd.join(stage, has)?;
    let mut session = entry.open(stage, &person)?;
    opens(stage, &session, &format!("{what}, before"), false)?;
    factor.pass(stage, &person, &mut session, Value::Null)?;
    // Codes that a first passkey brought wait, and wallets with them.
    let body = json!({ "mfaBackupCodeAcknowledgement": "complete" });
    prepared(session.request(stage, "PUT", "users").json(body))?;
    opens(stage, &session, &format!("{what}, after"), true)
}

/// Notes whether everything that waits for a factor is open to a session.
fn opens(stage: &mut Stage, session: &RawSession, what: &str, wanted: bool) -> Result<(), Halt> {
    let all = [("MFA-SES-040", BEGINNINGS.to_vec()), ("MFA-SES-009", the_rest().to_vec())];
    for (requirement, calls) in all {
        stage.proving(requirement);
        for call in calls {
            let name = format!("{what}: {} {}", call.0, call.1);
            let status = asked(stage, session, call)?.status;
            let (expected, range) =
                if wanted { ("granted", 200..300) } else { ("refused", 400..500) };
            stage.note(&name, expected, status, range.contains(&status))?;
        }
    }
    Ok(())
}

/// A code for one of a user's credentials: mailed to the first or the second address, or texted.
#[derive(Clone, Copy)]
enum To {
    Address,
    SecondAddress,
    Number,
}

impl To {
    const ALL: [Self; 3] = [Self::Address, Self::SecondAddress, Self::Number];

    const fn name(self) -> &'static str {
        match self {
            Self::Address => "the address",
            Self::SecondAddress => "the linked address",
            Self::Number => "the number",
        }
    }

    fn open(self, stage: &mut Stage, person: &Fresh) -> Result<RawSession, Halt> {
        match self {
            Self::Address => RawSession::open(stage, &person.email),
            Self::SecondAddress => RawSession::open(stage, &second(person)),
            Self::Number => RawSession::open_by_text(stage, &person.number),
        }
    }

    /// Confirms a code in a session and asks for scopes.
    fn confirm(
        self,
        stage: &mut Stage,
        person: &Fresh,
        session: &RawSession,
        scopes: &[&str],
    ) -> Result<RawAnswer, Halt> {
        let (path, mut body) = match self {
            Self::Address => ("emailVerifications/verify", email_proof(stage, &person.email)?),
            Self::SecondAddress => {
                ("emailVerifications/verify", email_proof(stage, &second(person))?)
            }
            Self::Number => ("smsVerifications/verify", text_proof(stage, &person.number)?),
        };
        body.insert("requestedScopes".to_owned(), json!(scopes));
        session.request(stage, "POST", path).json(body).send()
    }
}

fn second(person: &Fresh) -> String {
    format!("second.{}", person.email)
}

/// Somebody with a number, an address, and another address that was linked later.
fn with_two_addresses(stage: &mut Stage, crowd: &mut Crowd) -> Result<Fresh, Halt> {
    let person = crowd.join(stage, Has::NOTHING)?;
    let mut session = RawSession::open(stage, &person.email)?;
    let token = session.reauthenticate(stage, &person.email, &["credential:link"])?;
    let body = email_proof(stage, &second(&person))?;
    let request = session.request(stage, "POST", "emailVerifications/verify").json(body);
    prepared(request.header(ELEVATED, &token))?;
    Ok(person)
}

fn every_credential_reauthenticates(stage: &mut Stage) -> Result<(), Halt> {
    let mut crowd = Crowd::default();
    for enrollment in ["none", "action", "signup"] {
        stage.set("mfa.enrollment", enrollment)?;
        for entry in To::ALL {
            for proof in To::ALL {
                let (by, to) = (entry.name(), proof.name());
                let what = format!("MFA {enrollment}, signed in with {by}, confirmed {to}");
                let walked = reauthenticates(stage, &mut crowd, (entry, proof), &what);
                crowd.went(&what, walked)?;
            }
        }
    }
    crowd.end()
}

fn reauthenticates(
    stage: &mut Stage,
    crowd: &mut Crowd,
    (entry, proof): (To, To),
    what: &str,
) -> Result<(), Halt> {
    let person = match (entry, proof) {
        (To::SecondAddress, _) | (_, To::SecondAddress) => with_two_addresses(stage, crowd)?,
        _ => crowd.join(stage, Has::NOTHING)?,
    };
    let session = entry.open(stage, &person)?;
    let scopes = ["credential:link", "credential:unlink"];
    let confirmed = proof.confirm(stage, &person, &session, &scopes)?;
    let told = confirmed.value("/elevatedAccessToken");
    let token = told.as_str().map(Token::decode).and_then(Result::ok);
    let mut granted = token.as_ref().map(Token::scopes).unwrap_or_default();
    granted.sort_unstable();
    let holds = granted == scopes;
    let of_token = format!("{what}: scopes of the token");
    stage.note(&of_token, &scopes.join(" "), json!(granted), holds)?;
    let bearer = text(&confirmed, "/minifiedJwt")?;
    let session = RawSession { bearer };
    let request = session.request(stage, "GET", "users/mfa/register/totp");
    let used = request.header(ELEVATED, told.as_str().unwrap_or_default()).send()?;
    stage.note(&format!("{what}: registering with it"), "200", used.status, used.status == 200)
}
