//! Random histories, played to the engine and to a plain model of it.
//!
//! | room | holds |
//! |---|---|
//! | [`step`] | the words of a history, and how one is made up |
//! | [`rules`] | the settings between which it changes |
//! | [`reference`] | what the service should say, decided without ids, secrets or dice |
//! | [`stage`] | the engine, driven by the same words |
//! | [`laws`] | what must hold after every step, whatever was said |
//! | [`stories`] | histories that once told of a mistake |
//! | [`broken`] | engines that are broken in one way each, all of which are found out |
//! | [`reach`] | whether chance gets to every step and every refusal that matters |
//!
//! A failure prints the shortest history found, a step a line, and notes its seed down in
//! `model.regressions`, which belongs into the repository. `PROPTEST_CASES` plays more of them.

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};

mod broken;
mod laws;
mod reach;
mod reference;
mod rules;
pub(crate) mod stage;
mod step;
mod stories;

pub(crate) use reference::World;
use rules::Rules;
use stage::Stage;
pub(crate) use step::Step;

/// Histories of a run, unless `PROPTEST_CASES` asks for another number.
const CASES: u32 = 160;
/// Steps of a history.
const LENGTH: std::ops::Range<usize> = 1..160;

/// How many histories, and where the seeds of failed ones are kept.
pub(crate) fn config(cases: u32, kept_in: &'static str) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    ProptestConfig {
        cases: asked.unwrap_or(cases),
        // A failure must be told within a minute, if need be not in its shortest form.
        max_shrink_time: 45_000,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(kept_in))),
        ..ProptestConfig::default()
    }
}

pub(crate) struct Model;

impl ReferenceStateMachine for Model {
    type State = World;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<World> {
        Rules::any().prop_map(World::new).boxed()
    }

    fn transitions(world: &World) -> BoxedStrategy<Step> {
        step::any_step(world)
    }

    fn apply(mut world: World, step: &Step) -> World {
        world.play(&step.0);
        world
    }
}

struct EngineBesideModel;

impl StateMachineTest for EngineBesideModel {
    type SystemUnderTest = Stage;
    type Reference = Model;

    fn init_test(world: &World) -> Stage {
        Stage::new(world, 7)
    }

    fn apply(mut stage: Stage, world: &World, step: Step) -> Stage {
        stage.play(&step, world);
        stage
    }

    fn teardown(stage: Stage, _: World) {
        stage.close();
    }
}

prop_state_machine! {
    #![proptest_config(config(CASES, concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/model.regressions")))]

    #[test]
    fn the_engine_says_what_the_model_says(sequential LENGTH => EngineBesideModel);
}
