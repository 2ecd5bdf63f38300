//! Every gate at the service: what a proof must be, and what a header without one is worth.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, RawAnswer, Stage};
use crate::world::World;

use super::crowd::{Crowd, Entry, Factor, Has};
use super::raw_session::{ELEVATED, MFA_TOKEN, RawSession, prepared, text};
use super::sensitive::{Gated, Scene};

const STEP_UP: &[Guide] = &[Guide::StepUp];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "elevated/every-gate-wants-its-scope",
        title: "at every gate nothing and an MFA token are refused, and a token for the scope passes",
        proves: &[
            "MFA-ACC-031",
            "MFA-ACC-035",
            "MFA-PK-010",
            "MFA-STEP-001",
            "MFA-STEP-021",
            "MFA-STEP-032",
        ],
        counter: None,
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN,
        play: every_gate_wants_its_scope,
    },
    Case {
        id: "mfa-token/an-empty-header-is-absent-at-every-gate",
        title: "at every gate an empty header is as good as none, alone and beside the other token",
        proves: &["MFA-TOK-008"],
        counter: Some("elevated/every-gate-wants-its-scope"),
        guides: &[Guide::StepUp, Guide::DeviceManagement],
        needs: &[],
        world: World::PLAIN,
        play: empty_headers_of_oneself,
    },
    Case {
        id: "mfa-token/an-empty-header-is-absent-at-every-gate-of-an-account",
        title: "in a business account, too, an empty header is as good as none",
        proves: &["MFA-TOK-008"],
        counter: Some("elevated/every-gate-wants-its-scope"),
        guides: &[Guide::StepUp, Guide::DeviceManagement],
        needs: &[],
        world: World::PLAIN,
        play: empty_headers_in_accounts,
    },
    Case {
        id: "elevated/every-gate-wants-its-session",
        title: "a token opens a gate in the session that earned it and in no other, living or ended",
        proves: &["MFA-STEP-022"],
        counter: Some("elevated/every-gate-wants-its-scope"),
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN,
        play: gates_of_oneself,
    },
    Case {
        id: "elevated/every-gate-of-an-account-wants-its-session",
        title: "in a business account, too, no token of another session of the same user serves",
        proves: &["MFA-STEP-022"],
        counter: Some("elevated/every-gate-wants-its-scope"),
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN,
        play: gates_of_accounts,
    },
    Case {
        id: "elevated/making-is-free-for-everybody",
        title: "wallets and business accounts are made without a token in whichever session, for whomever",
        proves: &["MFA-STEP-033"],
        counter: None,
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN,
        play: making_is_free,
    },
];

/// Makes a gated call with these headers.
fn call(stage: &mut Stage, scene: &Scene, headers: &[(&str, &str)]) -> Result<RawAnswer, Halt> {
    let request = scene.call(stage)?;
    headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send()
}

/// Notes that a gated call is refused for want of an elevated token.
fn stays_shut(
    stage: &mut Stage,
    scene: &Scene,
    gated: Gated,
    (what, headers): (&str, &[(&str, &str)]),
) -> Result<(), Halt> {
    let tried = call(stage, scene, headers)?;
    let got = json!([tried.status, tried.value("/code")]);
    let holds = tried.status == 403;
    stage.note(&format!("{} with {what}", gated.name()), "status 403", got, holds)
}

/// Notes that a gated call is granted.
fn opens(
    stage: &mut Stage,
    scene: &Scene,
    gated: Gated,
    (what, headers): (&str, &[(&str, &str)]),
) -> Result<(), Halt> {
    let tried = call(stage, scene, headers)?;
    let got = json!([tried.status, tried.value("/code")]);
    let holds = (200..300).contains(&tried.status);
    stage.note(&format!("{} with {what}", gated.name()), "granted", got, holds)
}

/// An elevated token for these scopes, by the person's factor.
fn elevated(stage: &mut Stage, scene: &mut Scene, scopes: &[&str]) -> Result<String, Halt> {
    scene.person.elevate(stage, &mut scene.session, scopes)
}

/// An MFA token, by the person's factor.
fn mfa_token(stage: &mut Stage, scene: &mut Scene) -> Result<String, Halt> {
    scene.person.factor()?.mfa_token(stage, &scene.person, &mut scene.session, false)
}

fn every_gate_wants_its_scope(stage: &mut Stage) -> Result<(), Halt> {
    walk(stage, |_| true, wants_its_scope)?;
    stage.proving_all();
    Ok(())
}

/// One gate in the walk over them.
type Gate = fn(&mut Stage, &mut Crowd, Gated) -> Result<(), Halt>;

/// Walks over gates; one whose scene could not be set does not hide the others.
fn walk(stage: &mut Stage, is_it: fn(Gated) -> bool, gate: Gate) -> Result<(), Halt> {
    let mut crowd = Crowd::default();
    for gated in Gated::ALL.into_iter().filter(|gated| is_it(*gated)) {
        let walked = gate(stage, &mut crowd, gated);
        crowd.went(gated.name(), walked)?;
    }
    crowd.end()
}

fn wants_its_scope(stage: &mut Stage, crowd: &mut Crowd, gated: Gated) -> Result<(), Halt> {
    let mut scene = Scene::set(stage, crowd, gated)?;
    let token = elevated(stage, &mut scene, &[gated.scope()])?;
    // No gate here takes this one.
    let other = elevated(stage, &mut scene, &["user:update"])?;
    let by_mfa = mfa_token(stage, &mut scene)?;
    stage.proving(gated.requirement());
    stays_shut(stage, &scene, gated, ("nothing", &[]))?;
    let wrong = ("a token of another scope", [(ELEVATED, other.as_str())]);
    stays_shut(stage, &scene, gated, (wrong.0, &wrong.1))?;
    if !gated.takes_mfa_tokens() {
        let alone = [(MFA_TOKEN, by_mfa.as_str())];
        stays_shut(stage, &scene, gated, ("an MFA token alone", &alone))?;
        let both = [(MFA_TOKEN, by_mfa.as_str()), (ELEVATED, other.as_str())];
        stays_shut(stage, &scene, gated, ("an MFA token and another scope", &both))?;
    }
    opens(stage, &scene, gated, ("its scope", &[(ELEVATED, &token)]))
}

fn empty_headers_of_oneself(stage: &mut Stage) -> Result<(), Halt> {
    walk(stage, |gated| !gated.is_in_an_account(), empty_headers)
}

fn empty_headers_in_accounts(stage: &mut Stage) -> Result<(), Halt> {
    walk(stage, Gated::is_in_an_account, empty_headers)
}

/// Shows empty headers at a gate, alone and beside the other kind of token.
fn empty_headers(stage: &mut Stage, crowd: &mut Crowd, gated: Gated) -> Result<(), Halt> {
    let mut scene = Scene::set(stage, crowd, gated)?;
    let by_mfa = mfa_token(stage, &mut scene)?;
    for (what, headers) in [
        ("an empty MFA header", &[(MFA_TOKEN, "")][..]),
        ("an empty elevated header", &[(ELEVATED, "")]),
        ("two empty headers", &[(MFA_TOKEN, ""), (ELEVATED, "")]),
    ] {
        stays_shut(stage, &scene, gated, (what, headers))?;
    }
    let what = "an empty elevated header beside an MFA token";
    let beside = [(ELEVATED, ""), (MFA_TOKEN, by_mfa.as_str())];
    match gated.takes_mfa_tokens() {
        true => {
            opens(stage, &scene, gated, (what, &beside))?;
            scene = Scene::set(stage, crowd, gated)?;
        }
        false => stays_shut(stage, &scene, gated, (what, &beside))?,
    }
    let token = elevated(stage, &mut scene, &[gated.scope()])?;
    let what = "an empty MFA header beside an elevated token";
    opens(stage, &scene, gated, (what, &[(MFA_TOKEN, ""), (ELEVATED, &token)]))
}

fn gates_of_oneself(stage: &mut Stage) -> Result<(), Halt> {
    walk(stage, |gated| !gated.is_in_an_account(), wants_its_session)
}

fn gates_of_accounts(stage: &mut Stage) -> Result<(), Halt> {
    walk(stage, Gated::is_in_an_account, wants_its_session)
}

/// Shows tokens of both kinds at a gate that other sessions of the same person earned.
fn wants_its_session(stage: &mut Stage, crowd: &mut Crowd, gated: Gated) -> Result<(), Halt> {
    let time_bound: &[&str] = &[gated.scope()];
    let single_use: &[&str] = &[gated.scope(), "wallet:sign"];
    // The transfer is asked for alone, and is single-use anyway.
    let last = if gated == Gated::Transfer { time_bound } else { single_use };
    let mut scene = Scene::set(stage, crowd, gated)?;
    let (mut lives, mut ends) = (
        RawSession::open(stage, &scene.person.email)?,
        RawSession::open(stage, &scene.person.email)?,
    );
    let mut foreign = Vec::new();
    for scopes in [time_bound, last] {
        let kind = scopes.join(" ");
        let token = scene.person.elevate(stage, &mut lives, scopes)?;
        foreign.push((format!("{kind} of another session"), token));
        let token = scene.person.elevate(stage, &mut ends, scopes)?;
        foreign.push((format!("{kind} of a session that ends"), token));
    }
    let own = elevated(stage, &mut scene, last)?;
    serve_nobody_else(stage, &scene, gated, ("", &foreign))?;
    refresh(stage, &mut lives)?;
    refresh(stage, &mut scene.session)?;
    prepared(ends.request(stage, "POST", "revoke"))?;
    serve_nobody_else(stage, &scene, gated, (", refreshed or ended", &foreign))?;
    let what = format!("{} of its own session, refreshed", last.join(" "));
    opens(stage, &scene, gated, (&what, &[(ELEVATED, &own)]))
}

/// Notes that tokens of other sessions open nothing.
fn serve_nobody_else(
    stage: &mut Stage,
    scene: &Scene,
    gated: Gated,
    (when, foreign): (&str, &[(String, String)]),
) -> Result<(), Halt> {
    for (whose, token) in foreign {
        stays_shut(stage, scene, gated, (&format!("{whose}{when}"), &[(ELEVATED, token)]))?;
    }
    Ok(())
}

fn refresh(stage: &Stage, session: &mut RawSession) -> Result<(), Halt> {
    let refreshed = prepared(session.request(stage, "POST", "refresh"))?;
    session.bearer = text(&refreshed, "/minifiedJwt")?;
    Ok(())
}

fn making_is_free(stage: &mut Stage) -> Result<(), Halt> {
    let mut crowd = Crowd::default();
    for has in [Has::NOTHING, Has::TOTP, Has::PASSKEY_AND_CODES, Has::BOTH] {
        let passed = Factor::KINDS.into_iter().filter(|factor| has.factors().contains(factor));
        let passed: Vec<Option<Factor>> =
            if has.factors().is_empty() { vec![None] } else { passed.map(Some).collect() };
        for entry in has.entries() {
            for factor in &passed {
                let by = factor.map_or("no factor", Factor::name);
                let what = format!("{}, {}, {by}", has.name(), entry.name());
                let walked = makes_all(stage, &mut crowd, (has, *entry, *factor), &what);
                crowd.went(&what, walked)?;
            }
        }
    }
    crowd.end()
}

fn makes_all(
    stage: &mut Stage,
    crowd: &mut Crowd,
    (has, entry, factor): (Has, Entry, Option<Factor>),
    what: &str,
) -> Result<(), Halt> {
    let person = crowd.join(stage, has)?;
    let mut session = entry.open(stage, &person)?;
    if let Some(factor) = factor {
        factor.pass(stage, &person, &mut session, Value::Null)?;
    }
    // What a first passkey brings would hold wallets back.
    let body = json!({ "mfaBackupCodeAcknowledgement": "complete" });
    prepared(session.request(stage, "PUT", "users").json(body))?;
    makes_everything(stage, &session, what)
}

/// Notes that a session makes wallets and accounts, wallets inside of accounts, too.
fn makes_everything(stage: &mut Stage, session: &RawSession, what: &str) -> Result<(), Halt> {
    let account = makes(stage, session, what, ("businessAccounts", json!({ "name": "Acme" })))?;
    let keygens = ["k1"];
    for chain in ["EVM", "SVM"] {
        let alone = json!({ "chain": chain, "clientKeygenIds": keygens });
        let inside = json!({
            "chain": chain, "clientKeygenIds": keygens, "businessAccountId": account.value("/id"),
        });
        let import = json!({
            "chain": chain, "clientKeygenIds": keygens, "thresholdSignatureScheme": "TWO_OF_TWO",
        });
        for (path, body) in
            [("waas/create", alone), ("waas/create", inside), ("waas/privateKey/import", import)]
        {
            makes(stage, session, what, (path, body))?;
        }
    }
    Ok(())
}

fn makes(
    stage: &mut Stage,
    session: &RawSession,
    what: &str,
    (path, body): (&str, Value),
) -> Result<RawAnswer, Halt> {
    let what = format!("{what}: {path} {body}");
    let made = session.request(stage, "POST", path).json(body).send()?;
    let got = json!([made.status, made.value("/code")]);
    stage.note(&what, "made", got, (200..300).contains(&made.status))?;
    Ok(made)
}
