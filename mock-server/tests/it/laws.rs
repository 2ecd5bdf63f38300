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

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mock_server::{Mock, Options};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{FileFailurePersistence, RngAlgorithm, TestRng, TestRunner};
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
use door::{Eye, HttpDoor, Sin};

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

/// A history as proptest makes it: it wants to know how many of the steps were played.
type History = (World, Vec<Step>, Option<Arc<AtomicUsize>>);

/// One environment, the people in it, and what is still to come.
struct Tale {
    model: World,
    stage: Stage,
    steps: std::vec::IntoIter<Step>,
    seen: Arc<AtomicUsize>,
}

/// Tells the histories of several environments by turns.
fn tell(histories: Vec<History>, turns: &[usize]) {
    tell_on(&Eye::default(), histories, turns);
}

fn tell_on(eye: &Eye, histories: Vec<History>, turns: &[usize]) {
    let options = Options { seed: Some(7), hook: Some(eye.hook()), ..Options::default() };
    let mock = Mock::new(options).unwrap();
    let diary = Diary::default();
    let ids: Vec<String> = (0..histories.len())
        .map(|number| format!("00000000-0000-4000-8000-00000000000{number}"))
        .collect();
    let mut tales: Vec<Tale> = histories
        .into_iter()
        .zip(&ids)
        .map(|((model, steps, seen), id)| {
            let others = ids.iter().filter(|other| *other != id).cloned().collect();
            let world = mock.environment(id).unwrap();
            let (door, world) =
                HttpDoor::open(&mock, world, eye, &diary, model.policy.as_ref(), others);
            let stage = Stage::behind(Box::new(door), world, &model);
            Tale { model, stage, steps: steps.into_iter(), seen: seen.unwrap_or_default() }
        })
        .collect();
    let mut turns = turns.iter().cycle();
    while !tales.is_empty() {
        let number = turns.next().unwrap() % tales.len();
        let tale = &mut tales[number];
        match tale.steps.next() {
            Some(step) => {
                tale.seen.fetch_add(1, Ordering::SeqCst);
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
        tell(histories, &turns);
    }
}

/// Whether histories of chance, the same ones each time, find that out.
fn is_found_out(sin: Sin, histories: usize) -> bool {
    let dice = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), dice);
    (0..histories).any(|_| {
        let tree = OverHttp::sequential_strategy(1..60).new_tree(&mut runner).unwrap();
        let telling = || tell_on(&Eye::on(sin), vec![tree.current()], &[0]);
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(telling)).is_err()
    })
}

#[test]
fn a_service_that_sins_is_found_out() {
    for sin in [Sin::ForgetsSteps, Sin::HidesDebts, Sin::HidesRefusals] {
        assert!(is_found_out(sin, 40), "{sin:?}");
    }
    assert!(!is_found_out(Sin::None, 4));
}
