//! Playing something in many orders.

use std::panic::{AssertUnwindSafe, catch_unwind};

use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, FailurePersistence, Runner};

/// Orders of each kind that a test plays, unless `ORDERS` asks for another number.
const ORDERS: usize = 150;
const SEED: u64 = 7;
/// Steps that PCT lets another thread overtake in, one more than most mistakes need.
const DEPTH: usize = 3;

fn orders() -> usize {
    std::env::var("ORDERS").ok().and_then(|text| text.parse().ok()).unwrap_or(ORDERS)
}

fn config() -> Config {
    let mut config = Config::new();
    // A request parses JSON and signs, which takes more room than the counters of most tests.
    config.stack_size = 1 << 20;
    config.failure_persistence = FailurePersistence::Print;
    config.silence_warnings = true;
    config
}

fn run(scheduler: impl Scheduler + 'static, play: fn()) {
    Runner::new(scheduler, config()).run(play);
}

/// Plays it in every order that is drawn; any panic in it fails the test.
pub(crate) fn in_every_order(play: fn()) {
    run(RandomScheduler::new_from_seed(SEED, orders()), play);
    run(PctScheduler::new_from_seed(SEED, DEPTH, orders()), play);
}

/// Whether some order makes it panic, and the panic's words.
pub(crate) fn found_out(play: fn()) -> Option<String> {
    let panic = catch_unwind(AssertUnwindSafe(|| in_every_order(play))).err()?;
    let text = panic.downcast_ref::<String>().cloned();
    let plain = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    Some(text.or(plain).unwrap_or_default())
}
