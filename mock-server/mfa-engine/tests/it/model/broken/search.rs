//! Searching for a history that tells a mutant from the honest engine, and shrinking it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use proptest_state_machine::ReferenceStateMachine as _;

use super::super::breakage::{Breakage, NONSENSE};
use super::super::play::{LENGTH, Model};
use super::super::reference::World;
use super::super::rules::Rules;
use super::super::stage::Stage;
use super::super::step::Step;

/// A history that a mutant does not survive.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Story {
    pub(crate) rules: Rules,
    pub(crate) steps: Vec<Step>,
}

/// What a search took.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) story: Story,
    /// How many histories were played until one failed, that one included.
    pub(crate) histories: u32,
    /// Steps of the history that failed, before shrinking.
    pub(crate) length: usize,
    /// How often a shorter history was tried.
    pub(crate) tries: u32,
}

/// Whether a history tells that engine from the honest one; it says why.
pub(crate) fn tells(story: &Story, broken: Option<Breakage>) -> Option<String> {
    tells_after(story, broken, &AtomicUsize::new(0))
}

/// The same; it counts the steps that it played, as proptest wants to know.
fn tells_after(story: &Story, broken: Option<Breakage>, seen: &AtomicUsize) -> Option<String> {
    let play = || {
        let mut world = World::new(story.rules);
        let mut stage = match broken {
            Some(breakage) => Stage::broken(&world, 7, breakage),
            None => Stage::new(&world, 7),
        };
        for step in &story.steps {
            seen.fetch_add(1, Ordering::SeqCst);
            world = Model::apply(world.clone(), step);
            stage.play(step, &world);
        }
        stage.close();
    };
    let panic = catch_unwind(AssertUnwindSafe(play)).err()?;
    let text = panic.downcast_ref::<String>().cloned();
    let plain = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let why = text.or(plain).unwrap_or_default();
    match why.contains(NONSENSE) {
        true => std::panic::resume_unwind(panic),
        false => Some(why),
    }
}

/// Searches as the property test does, and shrinks as it does: by proptest, and then by leaving
/// out whatever can be left out, until nothing can.
pub(crate) fn search(breakage: Breakage, histories: u32) -> Option<Found> {
    let dice = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let config = Config { cases: histories, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, dice);
    let (mut played, mut tries, mut length) = (0, 0, 0);
    let counts = std::cell::RefCell::new((&mut played, &mut tries, &mut length));
    let outcome = runner.run(&Model::sequential_strategy(LENGTH), |(world, steps, seen)| {
        let mut counts = counts.borrow_mut();
        let (played, tries, length) = &mut *counts;
        match **length {
            0 => **played += 1,
            _ => **tries += 1,
        }
        let story = Story { rules: world.rules, steps };
        match tells_after(&story, Some(breakage), &seen.unwrap_or_default()) {
            None => Ok(()),
            Some(why) => {
                if **length == 0 {
                    **length = story.steps.len();
                }
                Err(proptest::test_runner::TestCaseError::fail(why))
            }
        }
    });
    let Err(TestError::Fail(_, (world, steps, _))) = outcome else { return None };
    let story = without_needless(Story { rules: world.rules, steps }, breakage, &mut tries);
    Some(Found { story, histories: played, length, tries })
}

/// Proptest tries once to leave out each step; some can only go after a later one has gone.
fn without_needless(mut story: Story, breakage: Breakage, tries: &mut u32) -> Story {
    loop {
        let shorter = (0..story.steps.len()).rev().find_map(|left_out| {
            let mut steps = story.steps.clone();
            steps.remove(left_out);
            *tries += 1;
            let shorter = Story { rules: story.rules, steps };
            tells(&shorter, Some(breakage)).map(|_| shorter)
        });
        match shorter {
            Some(shorter) => story = shorter,
            None => return story,
        }
    }
}
