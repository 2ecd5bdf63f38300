//! People who hold JWTs: these tell their ends in whole seconds (RFC 7519, section 2), so what
//! comes back to the engine is a little less than what it said.

use jiff::Timestamp;
use mfa_engine::Environment;
use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;
use rand::SeedableRng as _;
use rand::rngs::ChaCha8Rng;

use super::reference::World;
use super::rules::Rules;
use super::stage::{Answer, Done, Door, Stage};
use super::step::{self, Step};
use super::{Model, config};

/// The engine, with tokens between it and the people.
struct Engine {
    world: Environment,
    commands: u64,
}

impl Door for Engine {
    fn pass(&mut self, done: &Done, now: Timestamp) -> (Answer, Environment) {
        self.commands += 1;
        let mut dice = ChaCha8Rng::seed_from_u64(self.commands);
        let answer = match done {
            Done::Asked(command) => {
                let command = command.as_ref().clone();
                Answer::Said(Box::new(self.world.apply(command, now, &mut dice)))
            }
            Done::Intervened(what) => {
                Answer::Made(self.world.intervene(what.clone(), now, &mut dice))
            }
        };
        (answer, self.world.clone())
    }

    fn told(&self, at: Timestamp) -> Timestamp {
        Timestamp::from_second(at.as_second()).unwrap()
    }
}

struct InSeconds;

impl ReferenceStateMachine for InSeconds {
    type State = World;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<World> {
        Rules::any().prop_map(World::on_the_wire).boxed()
    }

    fn transitions(world: &World) -> BoxedStrategy<Step> {
        step::any_step(world)
    }

    fn apply(world: World, step: &Step) -> World {
        Model::apply(world, step)
    }
}

proptest! {
    #![proptest_config(config(24, concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/seconds.regressions")))]

    #[test]
    fn tokens_that_tell_whole_seconds_end_a_little_early(
        (world, steps, _) in InSeconds::sequential_strategy(1..100),
    ) {
        let straight = Stage::new(&world, 7).world;
        let engine = Engine { world: straight.clone(), commands: 0 };
        let mut stage = Stage::behind(Box::new(engine), straight, &world);
        let mut model = world;
        for step in &steps {
            model = InSeconds::apply(model, step);
            stage.play(step, &model);
        }
    }
}
