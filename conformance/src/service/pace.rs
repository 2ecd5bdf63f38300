//! How fast a service is asked, where somebody counts.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::stopwatch::Stopwatch;

/// Lets requests go one after the other, a minimum of time apart.
pub(super) struct Pace {
    apart: Duration,
    since: Stopwatch,
    /// When the next one may go, from the start.
    next: Mutex<Duration>,
}

impl Pace {
    /// At most so many requests a minute; absent: as many as come.
    pub(super) fn of(per_minute: Option<u32>) -> Self {
        let apart = per_minute.map_or(Duration::ZERO, |number| {
            Duration::from_secs(60).checked_div(number).unwrap_or(Duration::ZERO)
        });
        Self { apart, since: Stopwatch::start(), next: Mutex::default() }
    }

    /// Waits until it is this request's turn.
    pub(super) fn wait(&self) {
        if self.apart.is_zero() {
            return;
        }
        let wait = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let now = self.since.elapsed();
            let turn = now.max(*next);
            *next = turn + self.apart;
            turn.saturating_sub(now)
        };
        thread::sleep(wait);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_go_a_minimum_of_time_apart_whoever_sends_them() {
        let pace = Pace::of(Some(2_400));
        let watch = Stopwatch::start();
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| (0..3).for_each(|_| pace.wait()));
            }
        });
        // Six requests have five times 25 ms between them.
        assert!(watch.elapsed() >= Duration::from_millis(125), "{:?}", watch.elapsed());
    }

    #[test]
    fn nobody_waits_unless_asked_to() {
        let watch = Stopwatch::start();
        (0..1_000).for_each(|_| Pace::of(None).wait());
        assert!(watch.elapsed() < Duration::from_secs(1));
    }
}
