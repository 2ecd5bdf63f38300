//! Fault sweeps: a happy flow again and again, each time with one fault one request later.
//!
//! No case can say what an SDK should answer at each place. What holds at every place is: a fault
//! surfaces, or the flow reaches its goal all the same; the SDK never believes more than the
//! service knows; and nothing that works once is sent twice. Where an answer is only late, the flow
//! reaches its goal.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::service::{Effect, Fault};
use crate::stage::{Exchange, Halt, Noted, Stage, Step};
use crate::world::World;

use super::record;

mod flow;
mod late;

use flow::{ENROL, Flow, RECOVERY, REMOVAL, SIGN_IN, STEP_UP, Walker};

pub(super) const LATE: &[Case] = late::CASES;

/// Requests of one flow at most; a client that asks more than this is in a loop.
const REQUESTS_MAX: usize = 40;

/// Calls that spend something or make something: each at most once in a flow.
const ONCE: [&str; 8] = [
    "createEmailVerification",
    "signInWithEmailVerification",
    "authMfaTotpDevice",
    "authMfaRecovery",
    "registerTotpMfaDevice",
    "deleteMfaDevice",
    "createNewRecoveryCodes",
    "updateSelf",
];

macro_rules! sweeps {
    ($($flow:ident $guides:expr, $world:expr, [$($id:literal $words:literal $effect:expr;)+])+) => {
        pub(super) const FAULTY: &[Case] = &[$($(
            Case {
                id: $id,
                title: concat!($words, " at any request surfaces or costs nothing, and repeats nothing"),
                proves: &["MFA-NET-002", "MFA-NET-003"],
                counter: Some("network/authentication-recovers"),
                guides: $guides,
                needs: $flow.needs,
                world: $world,
                play: |stage| sweep(stage, &$flow, &|| $effect),
            }
        ),+),+];
    };
}

sweeps! {
    SIGN_IN &[Guide::Totp, Guide::SessionMfa], World::PLAIN, [
        "sweep/sign-in/unavailable" "a 503" Effect::status(503);
        "sweep/sign-in/reset" "a closed connection" Effect::DropBefore;
        "sweep/sign-in/lost-answer" "a lost answer" Effect::DropAfter;
        "sweep/sign-in/broken-json" "an answer that breaks off" Effect::Truncate { bytes: 9 };
        "sweep/sign-in/limit-without-error" "a 429 without `error`" limit_without_error();
        "sweep/sign-in/odd-error" "a 500 with a nested error" nested_error();
    ]
    ENROL &[Guide::Totp, Guide::AccountBased], World::LEGACY, [
        "sweep/enrol/unavailable" "a 503" Effect::status(503);
        "sweep/enrol/reset" "a closed connection" Effect::DropBefore;
        "sweep/enrol/lost-answer" "a lost answer" Effect::DropAfter;
        "sweep/enrol/broken-json" "an answer that breaks off" Effect::Truncate { bytes: 9 };
        "sweep/enrol/limit-without-error" "a 429 without `error`" limit_without_error();
        "sweep/enrol/odd-error" "a 500 with a nested error" nested_error();
    ]
    STEP_UP &[Guide::StepUp, Guide::DeviceManagement], World::PLAIN, [
        "sweep/step-up/unavailable" "a 503" Effect::status(503);
        "sweep/step-up/reset" "a closed connection" Effect::DropBefore;
        "sweep/step-up/lost-answer" "a lost answer" Effect::DropAfter;
        "sweep/step-up/broken-json" "an answer that breaks off" Effect::Truncate { bytes: 9 };
        "sweep/step-up/limit-without-error" "a 429 without `error`" limit_without_error();
        "sweep/step-up/odd-error" "a 500 with a nested error" nested_error();
    ]
    REMOVAL &[Guide::ActionBased, Guide::DeviceManagement], World::LEGACY, [
        "sweep/removal/unavailable" "a 503" Effect::status(503);
        "sweep/removal/reset" "a closed connection" Effect::DropBefore;
        "sweep/removal/lost-answer" "a lost answer" Effect::DropAfter;
        "sweep/removal/broken-json" "an answer that breaks off" Effect::Truncate { bytes: 9 };
        "sweep/removal/limit-without-error" "a 429 without `error`" limit_without_error();
        "sweep/removal/odd-error" "a 500 with a nested error" nested_error();
    ]
    RECOVERY &[Guide::RecoveryCodes], World::PLAIN, [
        "sweep/recovery/unavailable" "a 503" Effect::status(503);
        "sweep/recovery/reset" "a closed connection" Effect::DropBefore;
        "sweep/recovery/lost-answer" "a lost answer" Effect::DropAfter;
        "sweep/recovery/broken-json" "an answer that breaks off" Effect::Truncate { bytes: 9 };
        "sweep/recovery/limit-without-error" "a 429 without `error`" limit_without_error();
        "sweep/recovery/odd-error" "a 500 with a nested error" nested_error();
    ]
}

/// The body of the published limits, which has no `error`.
fn limit_without_error() -> Effect {
    let body = json!({ "message": "Rate limit exceeded", "code": 429 });
    Effect::Status { status: 429, code: None, body: Some(body) }
}

/// A body that an SDK which reads `error` as a text cannot read.
fn nested_error() -> Effect {
    let body = json!({ "error": { "message": "internal" } });
    Effect::Status { status: 500, code: None, body: Some(body) }
}

/// Plays a flow without a fault, then once for each of its requests with the fault there.
fn sweep(stage: &mut Stage, flow: &Flow, effect: &dyn Fn() -> Effect) -> Result<(), Halt> {
    stage.open().ready()?;
    let requests = unharmed(stage, flow)?;
    let mut met = 0;
    for place in 1..=requests {
        let nth = u32::try_from(place).unwrap_or(u32::MAX);
        let fault = Fault { nth, ..Fault::on("*", effect()) };
        met += usize::from(harmed(stage, flow, place, fault)?);
    }
    // A client may ask for less the second time, such as a nonce that it still holds.
    stage.expect("faults that were met", "most of them", met, met * 2 > requests)
}

/// The exchanges of the SDK behind a number of the journal.
fn since(stage: &Stage, sequence: u64) -> Vec<Exchange> {
    let wire = stage.wire();
    wire.exchanges().iter().filter(|seen| seen.sequence > sequence).cloned().collect()
}

/// How many requests the flow takes; it has to reach its goal.
fn unharmed(stage: &mut Stage, flow: &Flow) -> Result<usize, Halt> {
    let mut walker = Walker::enter(stage, flow, "nobody-harmed")?;
    let from = stage.newest_exchange();
    for step in flow.steps {
        step(stage, &mut walker)?.ready()?;
    }
    if !(flow.reached)(stage, &walker)? {
        return Err(Halt::Blocked("the flow without a fault misses its goal".to_owned()));
    }
    let requests = since(stage, from).len();
    leave(stage)?;
    stage.expect(
        "requests of the flow",
        "1 to 40",
        requests,
        (1..=REQUESTS_MAX).contains(&requests),
    )?;
    Ok(requests)
}

/// Plays the flow with a fault; tells whether a request met it.
fn harmed(stage: &mut Stage, flow: &Flow, place: usize, fault: Fault) -> Result<bool, Halt> {
    let mut walker = Walker::enter(stage, flow, &format!("harmed-at-{place}"))?;
    let from = stage.newest_exchange();
    stage.inject(fault)?;
    let mut surfaced = false;
    for step in flow.steps {
        let taken: Step = step(stage, &mut walker)?;
        surfaced = !taken.returned()?;
        if surfaced {
            break;
        }
    }
    let met = stage.faults_met()? > 0;
    stage.clear_faults();
    let sent = since(stage, from);

    stage.proving("MFA-NET-003");
    let reached = surfaced || (flow.reached)(stage, &walker)?;
    let what = format!("the flow with a fault at request {place}");
    stage.expect(&what, "an error, or its goal", reached, reached).noted()?;
    believes_no_more_than_is_known(stage, place)?;

    stage.proving("MFA-NET-002");
    for operation in ONCE {
        let times = sent.iter().filter(|it| it.operation.as_deref() == Some(operation)).count();
        let what = format!("{operation} with a fault at request {place}");
        stage.expect(&what, "at most once", times, times <= 1).noted()?;
    }
    stage.proving_all();
    leave(stage)?;
    Ok(met)
}

/// What the SDK says of its session holds at the service, too.
///
/// It may say less: a lost answer leaves it behind.
fn believes_no_more_than_is_known(stage: &mut Stage, place: usize) -> Result<(), Halt> {
    let told = stage.state()?;
    if record::at(&told, "/authenticated") != true {
        let what = format!("signed in with a fault at request {place}");
        return stage
            .expect_equal(&what, json!(false), record::at(&told, "/authenticated"))
            .noted();
    }
    let Value::String(bearer) = record::at(&told, "/token") else { return Ok(()) };
    let user = stage.raw("GET", "users").bearer(&bearer).send()?;
    let what = format!("the SDK's session with a fault at request {place}");
    stage.expect(&what, "known to the service", user.status, user.status == 200).noted()?;
    let scope = user.value("/scope");
    let owed = scope.as_str().is_some_and(|scope| scope.contains("requiresAdditionalAuth"));
    let claims_passed = record::at(&told, "/mfa_pending") == false;
    let what = format!("MFA passed with a fault at request {place}");
    stage
        .expect(&what, "no more than the service knows", claims_passed, !(claims_passed && owed))
        .noted()
}

/// Leaves the session, so that the next walk begins signed out.
fn leave(stage: &mut Stage) -> Result<(), Halt> {
    if stage.state_of("authenticated")? == true {
        stage.act("auth.logout", json!({})).ready()?;
    }
    Ok(())
}
