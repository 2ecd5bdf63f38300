//! Which case is played next, when several workers ask.
//!
//! The order is drawn from the seed. Where there are workers to spare, cases that wait for the
//! SDK's own clock go before the others, a few at a time: one that was begun last would be all that
//! a run waits for, and all of them at once would leave the cores without work.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

use super::Plan;
use crate::case::Case;
use crate::suite::WAITING;

/// Cases that were not begun yet.
pub(super) struct Queue {
    left: Mutex<Left>,
    /// Waiting cases at a time, while others are left.
    lanes: usize,
}

struct Left {
    waiting: VecDeque<&'static Case>,
    others: VecDeque<&'static Case>,
    /// Waiting cases that are being played.
    begun: usize,
}

impl Queue {
    /// The cases of a plan, in its order.
    pub(super) fn of(plan: &Plan) -> Self {
        let cases = order(plan);
        let has_lanes = plan.shuffle && plan.jobs > 1;
        let (waiting, others) = cases.into_iter().partition(|case| has_lanes && waits(case));
        let left = Left { waiting, others, begun: 0 };
        Self { left: Mutex::new(left), lanes: lanes(plan.jobs) }
    }

    /// The next case, if there is one; [`Queue::ended`] has to be told when it is over.
    pub(super) fn next(&self) -> Option<&'static Case> {
        let mut left = self.left();
        let may_wait = left.begun < self.lanes || left.others.is_empty();
        if may_wait && let Some(case) = left.waiting.pop_front() {
            left.begun += 1;
            return Some(case);
        }
        left.others.pop_front()
    }

    /// A case is over, and another one like it may begin.
    pub(super) fn ended(&self, case: &Case) {
        if waits(case) {
            let mut left = self.left();
            left.begun = left.begun.saturating_sub(1);
        }
    }

    /// The cases that were never begun.
    pub(super) fn rest(self) -> impl Iterator<Item = &'static Case> {
        let left = self.left.into_inner().unwrap_or_else(PoisonError::into_inner);
        left.waiting.into_iter().chain(left.others)
    }

    fn left(&self) -> MutexGuard<'_, Left> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Half of the workers may wait, so that the other half has work for the cores.
fn lanes(jobs: usize) -> usize {
    (jobs / 2).max(1)
}

fn waits(case: &Case) -> bool {
    WAITING.contains(&case.id)
}

/// The order of play: by the hash of seed and id, so that no case can lean on its neighbour.
fn order(plan: &Plan) -> Vec<&'static Case> {
    let mut cases = plan.cases.clone();
    if plan.shuffle {
        cases.sort_by_cached_key(|case| {
            let mut hash = Sha256::new();
            hash.update(plan.seed.to_be_bytes());
            hash.update(case.id);
            hash.finalize().to_vec()
        });
    }
    cases
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::cases;

    /// A queue of all cases for so many workers, as a plan with a shuffled order makes it.
    fn queue(jobs: usize) -> Queue {
        let (waiting, others) = cases().into_iter().partition(|case| waits(case));
        let left = Left { waiting, others, begun: 0 };
        Queue { left: Mutex::new(left), lanes: lanes(jobs) }
    }

    #[test]
    fn waiting_cases_go_first_and_a_few_at_a_time() {
        let queue = queue(4);
        let first: Vec<&Case> = (0..4).filter_map(|_| queue.next()).collect();
        assert_eq!(
            first.iter().map(|case| waits(case)).collect::<Vec<_>>(),
            [true, true, false, false]
        );
        queue.ended(first[2]);
        assert!(!waits(queue.next().unwrap()));
        queue.ended(first[0]);
        assert!(waits(queue.next().unwrap()));
        assert!(!waits(queue.next().unwrap()));
    }

    #[test]
    fn what_was_never_begun_is_left() {
        let queue = queue(2);
        let begun = [queue.next().unwrap().id, queue.next().unwrap().id];
        let rest: Vec<&str> = queue.rest().map(|case| case.id).collect();
        assert_eq!(rest.len() + begun.len(), cases().len());
        assert!(!rest.iter().any(|id| begun.contains(id)), "{begun:?}");
    }

    #[test]
    fn lanes_are_for_shuffled_runs_of_several_workers() {
        let first = |shuffle, jobs| {
            let plan = Plan { cases: cases(), shuffle, jobs, ..crate::run::tests::plan(false) };
            Queue::of(&plan).next().unwrap().id
        };
        assert!(WAITING.contains(&first(true, 2)));
        assert!(!WAITING.contains(&first(true, 1)), "the seed begins with another one");
        assert_eq!(first(false, 2), cases()[0].id);
        assert!(!WAITING.contains(&cases()[0].id));
    }

    #[test]
    fn half_of_the_workers_may_wait() {
        assert_eq!([1, 2, 3, 4, 9].map(lanes), [1, 1, 1, 2, 4]);
    }

    #[test]
    fn every_case_is_played_once_whoever_asks() {
        for jobs in [2, 3, 8] {
            let queue = queue(jobs);
            // Nobody ends: what waits must not be left over for that.
            let mut played: Vec<&str> =
                std::iter::from_fn(|| queue.next()).map(|it| it.id).collect();
            let mut all: Vec<&str> = cases().iter().map(|case| case.id).collect();
            assert_eq!(queue.rest().count(), 0);
            played.sort_unstable();
            all.sort_unstable();
            assert_eq!(played, all);
        }
    }
}
