//! A clock that several testers move at once.

use interleavings::{Clock, Mock};
use jiff::SignedDuration;
use shuttle::thread;

use crate::client::{NOON, WORLD, service};
use crate::orders::in_every_order;

fn seconds_since_noon(mock: &Mock) -> i64 {
    let noon: jiff::Timestamp = NOON.parse().unwrap();
    mock.environment(WORLD).unwrap().now().duration_since(noon).as_secs()
}

#[test]
fn no_step_of_a_clock_is_lost() {
    in_every_order(|| {
        let mock = service();
        let threads = [1, 10, 100].map(|step| {
            let world = mock.environment(WORLD).unwrap();
            thread::spawn(move || world.advance_clock(SignedDuration::from_secs(step)).unwrap())
        });
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(seconds_since_noon(&mock), 111);
    });
}

/// The same by a look and a change, which is two locks: the scheduler must find the lost step.
#[test]
fn a_clock_that_is_read_and_then_set_loses_steps() {
    let found = crate::orders::found_out(|| {
        let mock = service();
        let threads = [1, 10].map(|step| {
            let world = mock.environment(WORLD).unwrap();
            thread::spawn(move || {
                let later = world.now() + SignedDuration::from_secs(step);
                world.set_clock(Clock::held_at(later)).unwrap();
            })
        });
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(seconds_since_noon(&mock), 11, "a step is lost");
    });
    assert!(found.is_some_and(|words| words.contains("a step is lost")));
}
