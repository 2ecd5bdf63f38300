//! Engines that are broken in one way each, and the story that tells each from the honest one.
//!
//! Each law of [`laws`](super::laws) and of [`reference`](super::reference) has been broken on
//! purpose at least once. The stories below were found by playing histories by chance, as the
//! property test plays them, and shrunk as it shrinks; the example `stories` of this package
//! searches for all of them again and writes this table:
//!
//! ```sh
//! cargo run --release -p mfa-engine --example stories
//! ```
//!
//! A test run only tells the stories again, to the honest engine and to the broken one, and
//! searches for a few. A story is what its steps are: time, people and things as in `step.rs`.
//!
#![doc = include_str!("broken/stories.md")]

pub(crate) mod mutants;
pub(crate) mod search;
pub(crate) mod told;

#[cfg(test)]
mod tests {
    use super::mutants::{MUTANTS, Mutant};
    use super::search::{search, tells};
    use super::told::{HEAD, row, story_of};

    const STORIES: &str = include_str!("broken/stories.md");
    /// The longest story that a person reads with profit.
    const STEPS_MAX: usize = 10;

    #[test]
    fn every_story_tells_its_mutant_from_the_honest_engine() {
        for mutant in &MUTANTS {
            let story = story_of(mutant, STORIES);
            let story = story.unwrap_or_else(|| panic!("`{}` has no story", mutant.name));
            assert!((1..=STEPS_MAX).contains(&story.steps.len()), "{}: {story:?}", mutant.name);
            assert_eq!(tells(&story, None), None, "the honest engine, where {}", mutant.name);
            assert!(tells(&story, Some(mutant.breakage)).is_some(), "{}: {story:?}", mutant.name);
        }
    }

    #[test]
    fn no_step_of_a_story_is_needless() {
        for mutant in &MUTANTS {
            let story = story_of(mutant, STORIES).unwrap();
            for left_out in 0..story.steps.len() {
                let mut shorter = story.clone();
                shorter.steps.remove(left_out);
                let still = tells(&shorter, Some(mutant.breakage));
                assert_eq!(still, None, "{}, without step {left_out}: {story:?}", mutant.name);
            }
        }
    }

    #[test]
    fn the_table_holds_these_stories_and_no_others() {
        let rows = MUTANTS.iter().map(|it| row(it, &story_of(it, STORIES).unwrap()));
        assert_eq!(STORIES, [HEAD.to_owned()].into_iter().chain(rows).collect::<String>());
    }

    #[test]
    fn a_search_finds_and_shrinks() {
        for name in ["logging out ends nothing", "a recovery code works again"] {
            let mutant: &Mutant = MUTANTS.iter().find(|mutant| mutant.name == name).unwrap();
            let found = search(mutant.breakage, super::super::CASES).unwrap();
            assert!(found.story.steps.len() <= STEPS_MAX, "{name}: {found:?}");
            assert!(found.length >= found.story.steps.len(), "{name}: {found:?}");
            assert!(found.histories > 0 && found.tries > 0, "{name}: {found:?}");
        }
    }
}
