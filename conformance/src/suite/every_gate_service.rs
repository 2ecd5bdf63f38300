//! Every gate at the service: what a proof must be, and what a header without one is worth.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, RawAnswer, Stage};
use crate::world::World;

use super::crowd::{Crowd, Factor, Has};
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
        play: empty_headers,
    },
    Case {
        id: "elevated/every-gate-wants-its-session",
        title: "at every gate a token serves in the session that earned it, while it lives, and in no other",
        proves: &["MFA-STEP-022"],
        counter: Some("elevated/every-gate-wants-its-scope"),
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN,
        play: every_gate_wants_its_session,
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
    let wanted = json!([403, "elevated_access_token_required"]);
    let holds = got == wanted;
    stage.note(&format!("{} with {what}", gated.name()), &wanted.to_string(), got, holds)
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
    let mut crowd = Crowd::default();
    for gated in Gated::ALL {
        let mut scene = Scene::set(stage, &mut crowd, gated)?;
        let token = elevated(stage, &mut scene, &[gated.scope()])?;
        let other = match gated.scope() {
            "user:update" => "credential:update",
            _ => "user:update",
        };
        let other = elevated(stage, &mut scene, &[other])?;
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
        opens(stage, &scene, gated, ("its scope", &[(ELEVATED, &token)]))?;
    }
    stage.proving_all();
    Ok(())
}

fn empty_headers(stage: &mut Stage) -> Result<(), Halt> {
    let mut crowd = Crowd::default();
    for gated in Gated::ALL {
        for blank in ["", " "] {
            let mut scene = Scene::set(stage, &mut crowd, gated)?;
            let token = elevated(stage, &mut scene, &[gated.scope()])?;
            let by_mfa = mfa_token(stage, &mut scene)?;
            let name = if blank.is_empty() { "empty" } else { "blank" };
            for (what, headers) in [
                ("an MFA header", vec![(MFA_TOKEN, blank)]),
                ("an elevated header", vec![(ELEVATED, blank)]),
                ("two headers", vec![(MFA_TOKEN, blank), (ELEVATED, blank)]),
            ] {
                stays_shut(stage, &scene, gated, (&format!("{what} that is {name}"), &headers))?;
            }
            let beside = [(ELEVATED, blank), (MFA_TOKEN, by_mfa.as_str())];
            let what = format!("an elevated header that is {name} beside an MFA token");
            if gated.takes_mfa_tokens() {
                opens(stage, &scene, gated, (&what, &beside))?;
                scene = Scene::set(stage, &mut crowd, gated)?;
            } else {
                stays_shut(stage, &scene, gated, (&what, &beside))?;
            }
            let token = match gated.takes_mfa_tokens() {
                true => elevated(stage, &mut scene, &[gated.scope()])?,
                false => token,
            };
            let beside = [(MFA_TOKEN, blank), (ELEVATED, token.as_str())];
            let what = format!("an MFA header that is {name} beside an elevated token");
            opens(stage, &scene, gated, (&what, &beside))?;
        }
    }
    Ok(())
}

fn every_gate_wants_its_session(stage: &mut Stage) -> Result<(), Halt> {
    let mut crowd = Crowd::default();
    for gated in Gated::ALL {
        let alone: &[&str] = &[gated.scope()];
        let with_wallet: &[&str] = &[gated.scope(), "wallet:sign"];
        // The transfer is asked for alone, and is single-use anyway.
        let kinds = if gated == Gated::Transfer { vec![alone] } else { vec![alone, with_wallet] };
        for scopes in kinds {
            let mut scene = Scene::set(stage, &mut crowd, gated)?;
            let kind = scopes.join(" ");
            // Two further sessions of the same person earn a token each; one of them then ends.
            let mut lives = scene.person.complete(stage)?;
            let of_living = scene.person.elevate(stage, &mut lives, scopes)?;
            let mut ends = scene.person.complete(stage)?;
            let of_ended = scene.person.elevate(stage, &mut ends, scopes)?;
            let own = elevated(stage, &mut scene, scopes)?;
            for (what, token) in
                [("of a living session", &of_living), ("of a session to end", &of_ended)]
            {
                let what = format!("{kind} {what}");
                stays_shut(stage, &scene, gated, (&what, &[(ELEVATED, token)]))?;
            }
            refresh(stage, &mut lives)?;
            prepared(ends.request(stage, "POST", "revoke"))?;
            for (what, token) in
                [("of a refreshed session", &of_living), ("of an ended session", &of_ended)]
            {
                let what = format!("{kind} {what}");
                stays_shut(stage, &scene, gated, (&what, &[(ELEVATED, token)]))?;
            }
            refresh(stage, &mut scene.session)?;
            let what = format!("{kind} of its own session, which was refreshed");
            for token in [&of_living, &of_ended] {
                let what = format!("{kind} of another session after a refresh");
                stays_shut(stage, &scene, gated, (&what, &[(ELEVATED, token)]))?;
            }
            opens(stage, &scene, gated, (&what, &[(ELEVATED, &own)]))?;
        }
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
        for entry in has.entries() {
            for factor in Factor::KINDS {
                let is_first = factor == Factor::KINDS[0];
                let has_it = has.factors().contains(&factor);
                if !has_it && !(has.factors().is_empty() && is_first) {
                    continue;
                }
                let person = crowd.join(stage, has)?;
                let mut session = entry.open(stage, &person)?;
                let mut what = format!("{}, {}", has.name(), entry.name());
                if has_it {
                    factor.pass(stage, &person, &mut session, Value::Null)?;
                    what = format!("{what}, {}", factor.name());
                }
                // What a first passkey brings would hold wallets back.
                let body = json!({ "mfaBackupCodeAcknowledgement": "complete" });
                prepared(session.request(stage, "PUT", "users").json(body))?;
                makes_everything(stage, &session, &what)?;
            }
        }
    }
    Ok(())
}

/// Notes that a session makes wallets and accounts, wallets inside of accounts, too.
fn makes_everything(stage: &mut Stage, session: &RawSession, what: &str) -> Result<(), Halt> {
    let mut account = Value::Null;
    for path in ["businessAccounts", "waas/create", "waas/privateKey/import"] {
        for round in ["first", "second"] {
            let keygens = json!(["k1"]);
            let bodies = match path {
                "businessAccounts" => vec![json!({ "name": round })],
                "waas/create" => ["EVM", "SVM"]
                    .into_iter()
                    .flat_map(|chain| {
                        let alone = json!({ "chain": chain, "clientKeygenIds": keygens });
                        let mut inside = alone.clone();
                        inside["businessAccountId"] = account.clone();
                        [alone, inside]
                    })
                    .collect(),
                _ => vec![json!({
                    "chain": "EVM", "clientKeygenIds": keygens,
                    "thresholdSignatureScheme": "TWO_OF_TWO",
                })],
            };
            for body in bodies {
                let made = session.request(stage, "POST", path).json(body.clone()).send()?;
                let holds = (200..300).contains(&made.status);
                let got = json!([made.status, made.value("/code")]);
                stage.note(&format!("{what}: {path} {body}"), "made", got, holds)?;
                if path == "businessAccounts" {
                    account = made.value("/id");
                }
            }
        }
    }
    Ok(())
}
