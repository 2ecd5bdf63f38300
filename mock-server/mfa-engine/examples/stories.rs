//! Searches for the stories of engines that are broken on purpose, and writes their table.
//!
//! ```sh
//! cargo run --release -p mfa-engine --example stories
//! ```
//!
//! It plays histories to each mutant as the property test does, until one fails, shrinks that one,
//! and prints what it took. The table is `tests/it/model/broken/stories.md`, which the tests tell
//! again; with a number as its argument, so many histories are played to each mutant at most.
#![expect(clippy::print_stdout, reason = "a program for people speaks on its standard output")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "code of tests"
)]
#![expect(dead_code, reason = "the tests use more of it")]

#[path = "../tests/it/model"]
mod model {
    mod authenticator;
    mod breakage;
    pub(crate) mod broken;
    mod device;
    mod laws;
    mod play;
    mod reference;
    mod rules;
    mod stage;
    mod step;
}

use model::broken::mutants::MUTANTS;
use model::broken::search::search;
use model::broken::told::{HEAD, row};

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/model/broken/stories.md");
/// Histories that are played to a mutant at most.
const HISTORIES: u32 = 2_000;

fn main() {
    let asked = std::env::args().nth(1).and_then(|word| word.parse().ok());
    let histories = asked.unwrap_or(HISTORIES);
    // What fails here is meant to, hundreds of times.
    std::panic::set_hook(Box::new(|_| {}));
    let mut table = HEAD.to_owned();
    let (mut played, mut tried, mut longest) = (0, 0, 0);
    for mutant in &MUTANTS {
        match search(mutant.breakage, histories) {
            None => println!("NOT FOUND in {histories} histories: {}", mutant.name),
            Some(found) => {
                table.push_str(&row(mutant, &found.story));
                let steps = found.story.steps.len();
                println!(
                    "{steps:>2} steps of {:>3}, history {:>3}, {:>4} shorter ones tried: {}",
                    found.length, found.histories, found.tries, mutant.name,
                );
                (played, tried) = (played + found.histories, tried + found.tries);
                longest = longest.max(steps);
            }
        }
    }
    std::fs::write(TABLE, &table).unwrap();
    println!(
        "{} of {} mutants found; {played} histories, {tried} tries to shorten them; the longest \
         story has {longest} steps",
        table.lines().count() - HEAD.lines().count(),
        MUTANTS.len(),
    );
}
