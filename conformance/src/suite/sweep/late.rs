//! The same flows with answers that are late, and nothing worse.
//!
//! Not at every request as the faults are: each late answer is time that a run waits.

use super::flow::{ENROL, Flow, RECOVERY, REMOVAL, SIGN_IN, STEP_UP, Walker};
use super::{ONCE, leave, since};
use crate::case::{Case, Guide};
use crate::service::{Effect, Fault};
use crate::stage::{Halt, Noted, Stage};
use crate::world::World;

/// Longer than any answer of a service nearby takes, shorter than anybody's patience.
const LATE_MILLISECONDS: u64 = 120;

const fn late(
    id: &'static str,
    guides: &'static [Guide],
    needs: &'static [&'static str],
    world: World,
    play: fn(&mut Stage) -> Result<(), Halt>,
) -> Case {
    Case {
        id,
        title: "late answers are waited for: the flow reaches its goal, and repeats nothing",
        proves: &["MFA-NET-063"],
        counter: Some("network/authentication-recovers"),
        guides,
        needs,
        world,
        play,
    }
}

pub(super) const CASES: &[Case] = &[
    late(
        "sweep/sign-in/late",
        &[Guide::Totp, Guide::SessionMfa],
        SIGN_IN.needs,
        World::PLAIN,
        |stage| walk(stage, &SIGN_IN),
    ),
    late(
        "sweep/enrol/late",
        &[Guide::Totp, Guide::AccountBased],
        ENROL.needs,
        World::LEGACY,
        |stage| walk(stage, &ENROL),
    ),
    late(
        "sweep/step-up/late",
        &[Guide::StepUp, Guide::DeviceManagement],
        STEP_UP.needs,
        World::PLAIN,
        |stage| walk(stage, &STEP_UP),
    ),
    late(
        "sweep/removal/late",
        &[Guide::ActionBased, Guide::DeviceManagement],
        REMOVAL.needs,
        World::LEGACY,
        |stage| walk(stage, &REMOVAL),
    ),
    late("sweep/recovery/late", &[Guide::RecoveryCodes], RECOVERY.needs, World::PLAIN, |stage| {
        walk(stage, &RECOVERY)
    }),
];

/// Walks a flow whose second factor and whose last step are answered late.
fn walk(stage: &mut Stage, flow: &Flow) -> Result<(), Halt> {
    stage.open().ready()?;
    let mut walker = Walker::enter(stage, flow, "somebody-patient")?;
    let from = stage.newest_exchange();
    let last = flow.steps.len().saturating_sub(1);
    for (place, step) in flow.steps.iter().enumerate() {
        // The first two steps sign in; the third one is what the flow is about.
        if place == 2 || place == last {
            let slow = Effect::Delay { milliseconds: LATE_MILLISECONDS };
            stage.inject(Fault::on("*", slow))?;
        }
        step(stage, &mut walker)?.ok()?;
    }
    let met = stage.faults_met()?;
    stage.expect("late answers", "at least one", met, met > 0)?;
    stage.clear_faults();
    let reached = (flow.reached)(stage, &walker)?;
    stage.expect("the flow with late answers", "its goal", reached, reached).noted()?;
    let sent = since(stage, from);
    for operation in ONCE {
        let times = sent.iter().filter(|it| it.operation.as_deref() == Some(operation)).count();
        let what = format!("{operation} with late answers");
        stage.expect(&what, "at most once", times, times <= 1).noted()?;
    }
    leave(stage)
}
