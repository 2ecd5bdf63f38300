//! Calls that are held until others stand beside them, and then decided one after the other.
//!
//! A place to meet is a name, or a fault that has none. Who waits here holds nothing but a seat: no
//! lock of the environment, no thread where the carrier needs none, and no more memory than its
//! connection does. A seat that is dropped, whatever the reason, leaves the line, so nobody waits for
//! somebody who is gone. Nothing here is written down: a call that waits has changed nothing yet.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::fault::Order;

/// How many meet, in which order they are decided, and how long a call waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) calls: u32,
    pub(crate) order: Order,
    pub(crate) milliseconds: u64,
}

/// What a fault tells a call that it holds.
#[derive(Clone, Debug)]
pub(crate) struct Invitation {
    /// The fault's number.
    pub(crate) fault: u64,
    /// The name of the place, if it has one.
    pub(crate) name: Option<String>,
    pub(crate) terms: Terms,
}

/// The meetings of one environment.
#[derive(Debug)]
pub(crate) struct Meetings {
    state: Mutex<State>,
    /// Wakes the threads that wait, as `told` wakes the tasks.
    moved: Condvar,
    told: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct State {
    begun: u64,
    meetings: BTreeMap<u64, Meeting>,
}

/// Calls that stand together, from the first arrival to the last decision.
#[derive(Debug)]
struct Meeting {
    place: Place,
    terms: Terms,
    /// The faults that hold these calls.
    faults: BTreeSet<u64>,
    arrivals: u32,
    /// Who waits: by arrival while the meeting is open, then by turn; the first one has its turn.
    line: VecDeque<u32>,
    /// How the waiting ended; none while calls may still come.
    ending: Option<Ending>,
    turns: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Named(String),
    Fault(u64),
}

/// Why calls wait no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Met,
    /// The first one's time was over, when so many had come.
    TooFew(usize),
    /// The fault of one of them was removed.
    Released,
}

/// One call's place in a meeting; dropping it lets the next one through.
#[derive(Debug)]
pub(crate) struct Seat {
    meetings: Arc<Meetings>,
    meeting: u64,
    number: u32,
    invitation: Invitation,
}

/// A call's turn to be decided, in words for the journal; lasts until the seat is dropped.
pub(crate) struct Turn(pub(crate) String);

impl Meetings {
    pub(crate) fn new() -> Arc<Self> {
        let (state, moved, told) = (Mutex::default(), Condvar::new(), watch::Sender::new(()));
        Arc::new(Self { state, moved, told })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Each change below is whole before anything could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Seats a call where others of its kind stand already, or where they will.
    pub(crate) fn arrive(self: &Arc<Self>, invitation: Invitation) -> Seat {
        let place = match &invitation.name {
            Some(name) => Place::Named(name.clone()),
            None => Place::Fault(invitation.fault),
        };
        let terms = invitation.terms;
        let mut state = self.state();
        let is_it = |meeting: &Meeting| {
            meeting.ending.is_none() && meeting.place == place && meeting.terms == terms
        };
        let open = state.meetings.iter().find(|(_, meeting)| is_it(meeting)).map(|(id, _)| *id);
        let id = open.unwrap_or(state.begun);
        state.begun = state.begun.max(id.wrapping_add(1));
        let meeting = state.meetings.entry(id).or_insert_with(|| Meeting {
            place,
            terms,
            faults: BTreeSet::new(),
            arrivals: 0,
            line: VecDeque::new(),
            ending: None,
            turns: 0,
        });
        let number = meeting.arrivals;
        meeting.arrivals = meeting.arrivals.wrapping_add(1);
        meeting.faults.insert(invitation.fault);
        meeting.line.push_back(number);
        if meeting.line.len() >= usize::try_from(terms.calls).unwrap_or(usize::MAX) {
            meeting.end(Ending::Met);
        }
        self.wake();
        Seat { meetings: Arc::clone(self), meeting: id, number, invitation }
    }

    /// Lets everybody go on whom this fault holds, and who waits with them; `None`: everybody.
    pub(crate) fn release(&self, fault: Option<u64>) {
        let mut state = self.state();
        let concerned =
            |meeting: &&mut Meeting| fault.is_none_or(|fault| meeting.faults.contains(&fault));
        let meetings = state.meetings.values_mut().filter(concerned);
        meetings.for_each(|meeting| meeting.end(Ending::Released));
        self.wake();
    }

    /// Wakes whoever waits in this environment, to see whether it is their turn.
    fn wake(&self) {
        self.moved.notify_all();
        self.told.send_modify(|()| ());
    }
}

impl Meeting {
    /// Ends the waiting, if it has not ended, and puts those who are there into line.
    fn end(&mut self, ending: Ending) {
        if self.ending.is_some() {
            return;
        }
        self.ending = Some(ending);
        if self.terms.order == Order::LastCome {
            self.line.make_contiguous().reverse();
        }
    }
}

impl Seat {
    /// Waits on this thread for the call's turn.
    pub(crate) fn wait(&self) -> Turn {
        let Meetings { moved, .. } = &*self.meetings;
        let open = |state: &mut State| self.is_open(state);
        let waited = moved.wait_timeout_while(self.meetings.state(), self.patience(), open);
        let (mut state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            self.give_up(&mut state);
        }
        let behind = |state: &mut State| !self.is_first(state);
        let state = moved.wait_while(state, behind);
        self.begin(&mut state.unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits for the call's turn without a thread.
    #[cfg(feature = "standalone")]
    pub(crate) async fn wait_aside(&self) -> Turn {
        // Before the first look, so that nothing happens unseen between a look and the wait for
        // the next change. The sender lives as long as the seat, so every wait ends in a change.
        let mut told = self.meetings.told.subscribe();
        let together = async {
            while self.is_open(&self.meetings.state()) {
                let _ = told.changed().await;
            }
        };
        if tokio::time::timeout(self.patience(), together).await.is_err() {
            self.give_up(&mut self.meetings.state());
        }
        while !self.is_first(&self.meetings.state()) {
            let _ = told.changed().await;
        }
        self.begin(&mut self.meetings.state())
    }

    fn patience(&self) -> Duration {
        Duration::from_millis(self.invitation.terms.milliseconds)
    }

    fn is_open(&self, state: &State) -> bool {
        state.meetings.get(&self.meeting).is_some_and(|meeting| meeting.ending.is_none())
    }

    fn is_first(&self, state: &State) -> bool {
        let meeting = state.meetings.get(&self.meeting);
        meeting.is_none_or(|meeting| meeting.line.front() == Some(&self.number))
    }

    /// The time is over for whoever came first, and so it is for all.
    fn give_up(&self, state: &mut State) {
        if let Some(meeting) = state.meetings.get_mut(&self.meeting) {
            meeting.end(Ending::TooFew(meeting.line.len()));
            self.meetings.wake();
        }
    }

    fn begin(&self, state: &mut State) -> Turn {
        let Some(meeting) = state.meetings.get_mut(&self.meeting) else {
            return Turn(self.title());
        };
        meeting.turns = meeting.turns.saturating_add(1);
        let (title, milliseconds) = (self.title(), self.invitation.terms.milliseconds);
        let nth = meeting.turns;
        Turn(match meeting.ending {
            Some(Ending::TooFew(came)) => {
                format!(
                    "{title} failed, {came} came within {milliseconds} ms: decided as number {nth}"
                )
            }
            Some(Ending::Released) => {
                format!("{title} failed, its fault was removed: decided as number {nth}")
            }
            Some(Ending::Met) | None => format!("{title}: decided as number {nth}"),
        })
    }

    /// What the journal calls the meeting.
    pub(crate) fn title(&self) -> String {
        let Invitation { name, terms: Terms { calls, order, .. }, .. } = &self.invitation;
        let name = name.as_ref().map_or_else(String::new, |name| format!("{name:?} "));
        let order = match order {
            Order::FirstCome => "first come",
            Order::LastCome => "last come",
        };
        format!("meet {name}of {calls} calls, {order} first")
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut state = self.meetings.state();
        if let Some(meeting) = state.meetings.get_mut(&self.meeting) {
            meeting.line.retain(|number| *number != self.number);
            if meeting.line.is_empty() {
                state.meetings.remove(&self.meeting);
            }
        }
        self.meetings.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invitation(fault: u64, calls: u32, order: Order) -> Invitation {
        Invitation { fault, name: None, terms: Terms { calls, order, milliseconds: 60_000 } }
    }

    fn is_first(seat: &Seat) -> bool {
        !seat.is_open(&seat.meetings.state()) && seat.is_first(&seat.meetings.state())
    }

    #[test]
    fn those_who_came_have_their_turns_in_order() {
        for (order, turns) in [(Order::FirstCome, [0, 1, 2]), (Order::LastCome, [2, 1, 0])] {
            let meetings = Meetings::new();
            let arrive = || Some(meetings.arrive(invitation(7, 3, order)));
            let mut seats = [arrive(), arrive(), arrive()];
            for (nth, turn) in turns.into_iter().enumerate() {
                let firsts: Vec<usize> =
                    (0..3).filter(|seat| seats[*seat].as_ref().is_some_and(is_first)).collect();
                assert_eq!(firsts, [turn]);
                let Turn(words) = seats[turn].as_ref().unwrap().wait();
                assert!(words.ends_with(&format!("decided as number {}", nth + 1)), "{words}");
                seats[turn] = None;
            }
            assert!(meetings.state().meetings.is_empty());
        }
    }

    #[test]
    fn whoever_leaves_is_not_waited_for() {
        let meetings = Meetings::new();
        let arrive = || meetings.arrive(invitation(7, 2, Order::FirstCome));
        let gone = arrive();
        drop(gone);
        let first = arrive();
        assert!(!is_first(&first));
        let second = arrive();
        // It leaves when the line is made already; the next one moves up.
        drop(first);
        assert!(is_first(&second));
        // A meeting that is complete takes nobody else.
        let next = arrive();
        assert!(!is_first(&next));
        drop((second, next));
        assert!(meetings.state().meetings.is_empty());
    }

    #[test]
    fn a_release_concerns_the_fault_and_those_who_wait_with_it() {
        let meetings = Meetings::new();
        let named = |fault| {
            let name = Some("here".to_owned());
            meetings.arrive(Invitation { name, ..invitation(fault, 3, Order::FirstCome) })
        };
        let [one, two] = [named(1), named(2)];
        let apart = meetings.arrive(invitation(3, 2, Order::FirstCome));
        meetings.release(Some(9));
        assert!(![&one, &two, &apart].into_iter().any(is_first));
        meetings.release(Some(2));
        assert!(is_first(&one) && !is_first(&two) && !is_first(&apart));
        meetings.release(None);
        assert!(is_first(&apart));
        assert_eq!(
            one.wait().0,
            "meet \"here\" of 3 calls, first come first failed, its fault was removed: decided as number 1"
        );
    }
}
