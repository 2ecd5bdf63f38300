//! Random histories, played to the engine and to a plain model of it.
//!
//! | room | holds |
//! |---|---|
//! | [`step`] | the words of a history, and how one is made up |
//! | [`rules`] | the settings between which it changes |
//! | [`reference`] | what the service should say, decided without ids, secrets or dice |
//! | [`play`] | how histories are made and shrunk |
//! | [`stage`] | the engine, driven by the same words |
//! | [`laws`] | what must hold after every step, whatever was said |
//! | [`seconds`] | the same for people whose tokens tell whole seconds |
//! | [`stories`] | histories that once told of a mistake |
//! | [`breakage`], [`broken`] | engines that are broken in one way each, and the story that tells of each |
//! | [`reach`] | whether chance gets to every step and every refusal that matters |
//!
//! A failure prints the shortest history found, a step a line, and notes its seed down in
//! `model.regressions`, which belongs into the repository. `PROPTEST_CASES` plays more of them.
//!
//! The rooms that make and play histories are also used elsewhere: the example `stories` searches
//! for the stories of [`broken`], and the tests of `mock-server` play the same histories over HTTP.

use proptest_state_machine::prop_state_machine;

mod authenticator;
mod breakage;
mod broken;
mod device;
mod laws;
mod play;
mod reach;
mod reference;
mod rules;
mod seconds;
pub(crate) mod stage;
mod step;
mod stories;

use play::{CASES, EngineBesideModel, LENGTH};
pub(crate) use play::{Model, config};
pub(crate) use reference::World;
use rules::Rules;
pub(crate) use step::Step;

prop_state_machine! {
    #![proptest_config(config(CASES, concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/model.regressions")))]

    #[test]
    fn the_engine_says_what_the_model_says(sequential LENGTH => EngineBesideModel);
}
