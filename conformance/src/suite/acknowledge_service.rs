//! What the acknowledgement of recovery codes opens: at once, however they came to wait.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, RawAnswer, Stage};
use crate::world::World;

use super::gate_service::make_wallet;
use super::raw_session::{RawSession, prepared, text};
use super::recovery::unused;
use super::signed_in::{Belongings, CALLS};
use super::ways_in::{SECRET, Somebody, Way, refresh};

pub(super) const CASES: &[Case] = &[Case {
    id: "recovery/acknowledging-opens-wallets-at-once",
    title: "from the answer to the acknowledgement on no wallet call waits, in any session and with any of its tokens",
    proves: &["MFA-REC-013", "MFA-REC-036"],
    counter: Some("recovery/wallets-wait-for-acknowledgement"),
    guides: &[Guide::RecoveryCodes],
    needs: &[],
    world: World::LEGACY,
    play: opens_wallets_at_once,
}];

/// How codes came to wait for their acknowledgement.
#[derive(Clone, Copy)]
enum Waits {
    /// The user has just enrolled by choice.
    Enrolled,
    /// The user had to enrol.
    HadToEnrol,
    /// They waited before, and a code of the device has passed the factor.
    PassedByDevice,
    /// They waited before, and one of them has passed the factor.
    PassedByCode,
}

const ALL: [(Waits, &str); 4] = [
    (Waits::Enrolled, "of an enrolment by choice"),
    (Waits::HadToEnrol, "of an enrolment that was owed"),
    (Waits::PassedByDevice, "from before, the factor passed by the device"),
    (Waits::PassedByCode, "from before, the factor passed by one of them"),
];

impl Waits {
    /// A session past MFA whose user's codes wait.
    fn session(self, stage: &mut Stage, who: Somebody) -> Result<RawSession, Halt> {
        let enrols = matches!(self, Self::Enrolled | Self::HadToEnrol);
        let seed = match enrols {
            true => Value::Null,
            false => json!({ "totpSecret": SECRET, "recoveryCodesPending": true }),
        };
        who.arrive(stage, seed)?;
        let enrolment = if matches!(self, Self::HadToEnrol) { "signup" } else { "none" };
        stage.set("mfa.enrollment", enrolment)?;
        let mut session = Way::Text.open(stage, who)?;
        match self {
            Self::Enrolled | Self::HadToEnrol => drop(session.enrol(stage)?),
            Self::PassedByDevice => drop(session.pass_mfa(stage, SECRET, Value::Null)?),
            Self::PassedByCode => {
                let code = unused(stage, &who.email(), 0)?;
                let request = session.request(stage, "POST", "users/mfa/auth/recovery");
                let passed = prepared(request.json(json!({ "code": code })))?;
                session.bearer = text(&passed, "/minifiedJwt")?;
            }
        }
        Ok(session)
    }
}

/// Whether a wallet call is refused for the codes that wait.
fn waits(answer: &RawAnswer) -> bool {
    answer.status == 403
}

fn opens_wallets_at_once(stage: &mut Stage) -> Result<(), Halt> {
    let mut number = 0;
    for (origin, name) in ALL {
        for (body, how) in [
            (json!({ "mfaBackupCodeAcknowledgement": "complete" }), "alone"),
            (
                json!({ "mfaBackupCodeAcknowledgement": "complete", "alias": "me" }),
                "beside an alias",
            ),
        ] {
            number += 1;
            let session = origin.session(stage, Somebody(number))?;
            let what = format!("codes {name}, acknowledged {how}");
            // The same session by another token, which says that something is owed as well.
            let twin = text(&refresh(stage, &session.bearer)?, "/minifiedJwt")?;
            stage.proving("MFA-REC-036");
            walk(stage, &what, &session.bearer, &Belongings::default(), true)?;
            stage.proving("MFA-REC-013");
            let answer = prepared(session.request(stage, "PUT", "users").json(body))?;
            let newer = text(&answer, "/minifiedJwt")?;
            for (bearer, which) in [
                (&session.bearer, "the token from before"),
                (&twin, "a second token from before"),
                (&newer, "the token of the answer"),
            ] {
                complete(stage, &format!("{what}, by {which}"), bearer)?;
            }
            let wallet = make_wallet(stage, &session);
            stage.note(
                &format!("waas/create, {what}"),
                "granted",
                wallet.is_ok(),
                wallet.is_ok(),
            )?;
            let own = Belongings { wallet: wallet.unwrap_or_default(), ..Belongings::default() };
            if !own.wallet.is_empty() {
                walk(stage, &what, &session.bearer, &own, false)?;
            }
            stage.proving_all();
        }
    }
    Ok(())
}

/// Notes whether every call about embedded wallets waits, or none.
fn walk(
    stage: &Stage,
    what: &str,
    bearer: &str,
    own: &Belongings,
    wanted: bool,
) -> Result<(), Halt> {
    for call in CALLS.iter().filter(|call| call.path.starts_with("waas/")) {
        let answer = call.ask(stage, bearer, own)?;
        let expected = if wanted { "403" } else { "no 403" };
        let what = format!("{}, {what}", call.title());
        stage.note(&what, expected, answer.status, waits(&answer) == wanted)?;
    }
    Ok(())
}

/// Notes that nothing is pending for the service, whichever token asks.
fn complete(stage: &Stage, what: &str, bearer: &str) -> Result<(), Halt> {
    let user = prepared(stage.raw("GET", "users").bearer(bearer))?;
    let state = user.value("/mfaBackupCodeAcknowledgement");
    stage.note(
        &format!("the acknowledgement, {what}"),
        "complete",
        state.clone(),
        state == "complete",
    )?;
    let made = stage.raw("POST", "waas/create").bearer(bearer);
    let made = made.json(json!({ "chain": "EVM", "clientKeygenIds": ["k1"] })).send()?;
    stage.note(&format!("waas/create, {what}"), "200", made.status, made.status == 200)
}
