//! The laws of the engine, over HTTP: histories of many users in many environments of one service.
//!
//! People, words, model and laws are those of the engine's own tests (`mfa-engine/tests/it/model`).
//! Between the people and the engine stands a door here: what they ask becomes a request, goes
//! through [`mock_server::Mock::answer`], and comes back as a response.
//!
//! | room | holds |
//! |---|---|
//! | [`door`] | the way in: clocks, tokens, and an eye on what the engine is told and says |
//! | [`speech`] | from a command to the request that asks for it |
//! | [`hearing`] | a response against what the engine said |
//! | [`diary`] | all requests of a history, to be sent again |
//!
//! So every step is held against the model three times: what the engine was told is what the
//! people meant, what it said is what the model says, and what came back tells just that.

use mock_server::{Mock, Options};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use proptest_state_machine::ReferenceStateMachine;

use crate::model::reference::World;
use crate::model::rules::Rules;
use crate::model::stage::Stage;
use crate::model::step::{Step, any_step};

mod diary;
mod door;
mod hearing;
mod speech;

use diary::Diary;
use door::{Eye, HttpDoor};

/// The environments of a service, whose histories are told by turns.
const ENVIRONMENTS: std::ops::RangeInclusive<usize> = 1..=3;

/// A history of people who hold JWTs.
struct OverHttp;

impl ReferenceStateMachine for OverHttp {
    type State = World;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<World> {
        Rules::any().prop_map(World::on_the_wire).boxed()
    }

    fn transitions(world: &World) -> BoxedStrategy<Step> {
        any_step(world)
    }

    fn apply(mut world: World, step: &Step) -> World {
        world.play(&step.0);
        world
    }
}

/// One environment, the people in it, and what is still to come.
struct Tale {
    model: World,
    stage: Stage,
    steps: std::vec::IntoIter<Step>,
}

/// Tells the histories of several environments by turns.
fn tell(histories: Vec<(World, Vec<Step>)>, turns: &[usize]) {
    let eye = Eye::default();
    let options = Options { seed: Some(7), hook: Some(eye.hook()), ..Options::default() };
    let mock = Mock::new(options).unwrap();
    let diary = Diary::default();
    let ids: Vec<String> = (0..histories.len())
        .map(|number| format!("00000000-0000-4000-8000-00000000000{number}"))
        .collect();
    let mut tales: Vec<Tale> = histories
        .into_iter()
        .zip(&ids)
        .map(|((model, steps), id)| {
            let others = ids.iter().filter(|other| *other != id).cloned().collect();
            let world = mock.environment(id).unwrap();
            let (door, world) =
                HttpDoor::open(&mock, world, &eye, &diary, model.policy.as_ref(), others);
            let stage = Stage::behind(Box::new(door), world, &model);
            Tale { model, stage, steps: steps.into_iter() }
        })
        .collect();
    let mut turns = turns.iter().cycle();
    while !tales.is_empty() {
        let number = turns.next().unwrap() % tales.len();
        let tale = &mut tales[number];
        match tale.steps.next() {
            Some(step) => {
                tale.model.play(&step.0);
                tale.stage.play(&step, &tale.model);
            }
            None => drop(tales.remove(number)),
        }
    }
    diary.again();
}

fn config() -> ProptestConfig {
    let kept_in = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/laws.regressions");
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    ProptestConfig {
        cases: asked.unwrap_or(16),
        max_shrink_time: 45_000,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(kept_in))),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_service_says_what_the_model_says(
        histories in vec(OverHttp::sequential_strategy(1..60), ENVIRONMENTS),
        turns in vec(0..3_usize, 1..60),
    ) {
        let histories = histories.into_iter().map(|(model, steps, _)| (model, steps)).collect();
        tell(histories, &turns);
    }
}
