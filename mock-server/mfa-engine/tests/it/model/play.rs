//! Histories as proptest makes, plays and shrinks them.

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};

use super::reference::World;
use super::rules::Rules;
use super::stage::Stage;
use super::step::{self, Step};

/// Histories of a run, unless `PROPTEST_CASES` asks for another number.
pub(crate) const CASES: u32 = 160;
/// Steps of a history.
pub(crate) const LENGTH: std::ops::Range<usize> = 1..160;

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

pub(crate) struct EngineBesideModel;

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
