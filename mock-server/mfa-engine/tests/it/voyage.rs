//! The same commands at the same times with the same dice lead to the same world, byte for byte.

use jiff::Timestamp;
use mfa_engine::policy::Policy;
use mfa_engine::{Command, Environment, Outcome, VerificationId};
use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;
use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};

use crate::model::stage::Stage;
use crate::model::{Model, Step, World, config};

/// Plays a history; from the given step on with other dice.
fn voyage(world: &World, steps: &[Step], seed: u64, other_dice_from: Option<usize>) -> Vec<Leg> {
    sail(world, steps, seed, |stage, number| {
        if other_dice_from == Some(number) {
            stage.change_dice();
        }
    })
}

/// Plays a history; before each step something may happen to the stage.
fn sail(
    world: &World,
    steps: &[Step],
    seed: u64,
    mut before: impl FnMut(&mut Stage, usize),
) -> Vec<Leg> {
    let mut model = world.clone();
    let mut stage = Stage::new(world, seed);
    let mut legs = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        before(&mut stage, number);
        model = Model::apply(model, step);
        stage.play(step, &model);
        legs.push(Leg { said: format!("{:?}", stage.said.last()), world: stage.serialised() });
    }
    legs
}

/// Where a voyage stands after one step.
#[derive(Debug, PartialEq)]
struct Leg {
    said: String,
    world: String,
}

proptest! {
    #![proptest_config(config(24, concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/voyage.regressions")))]

    #[test]
    fn two_voyages_with_the_same_dice_are_one(
        (world, steps, _) in Model::sequential_strategy(1..60),
        seed in any::<u64>(),
    ) {
        prop_assert_eq!(voyage(&world, &steps, seed, None), voyage(&world, &steps, seed, None));
    }

    #[test]
    fn a_world_that_is_restored_again_and_again_goes_on_the_same(
        (world, steps, _) in Model::sequential_strategy(1..60),
        rhythm in 1..4_usize,
    ) {
        let restore = |stage: &mut Stage, number: usize| {
            if number.is_multiple_of(rhythm) {
                stage.restore();
            }
        };
        prop_assert_eq!(voyage(&world, &steps, 7, None), sail(&world, &steps, 7, restore));
    }

    #[test]
    fn other_dice_later_change_nothing_earlier(
        (world, steps, _) in Model::sequential_strategy(2..60),
        turn in any::<proptest::sample::Index>(),
    ) {
        let turn = turn.index(steps.len());
        let plain = voyage(&world, &steps, 7, None);
        let turned = voyage(&world, &steps, 7, Some(turn));
        prop_assert_eq!(&plain[..turn], &turned[..turn]);
    }
}

/// Opens so many verifications, command n on stream n of one seed, and yields their ids.
fn verifications(count: u64, dice_of: impl Fn(u64) -> ChaCha8Rng) -> Vec<VerificationId> {
    let id = "00000000-0000-4000-8000-000000000000".parse().unwrap();
    let mut world = Environment::new(id, Policy::default());
    let open = |number: u64| {
        let command = Command::StartEmailVerification { email: format!("{number}@example.com") };
        let mut dice = dice_of(number);
        match world.apply(command, Timestamp::UNIX_EPOCH, &mut dice) {
            Ok(Outcome::EmailVerification(verification)) => verification.id,
            other => panic!("{other:?}"),
        }
    };
    (0..count).map(open).collect()
}

#[test]
fn a_draw_more_in_one_command_moves_no_other_id() {
    let stream = |number: u64| {
        let mut dice = ChaCha8Rng::seed_from_u64(7);
        dice.set_stream(number);
        dice
    };
    let plain = verifications(12, stream);
    let with_a_draw_more = verifications(12, |number| {
        let mut dice = stream(number);
        if number % 4 == 1 {
            dice.next_u64();
        }
        dice
    });
    for (number, (one, other)) in plain.iter().zip(&with_a_draw_more).enumerate() {
        assert_eq!(one == other, number % 4 != 1, "command {number}");
    }
}

#[test]
fn other_dice_lead_elsewhere() {
    // Without this, a world that ignored its dice would pass everything above.
    let of = |seed| verifications(3, |_| ChaCha8Rng::seed_from_u64(seed));
    assert_eq!(of(1), of(1));
    assert!(of(1).iter().all(|id| !of(2).contains(id)));
}
