//! One environment at home: its world behind a lock, and whoever waits for it to change.
//!
//! The lock is held for a decision, which takes microseconds, and never while a token is signed,
//! which takes a thousand times as long.
//!
//! With a journal file every change is written into it first, under the lock, so the file has the
//! changes of a world in the order in which they happened; a change that cannot be written does
//! not happen. The lock is gone before anybody waits for the disk.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use mfa_engine::policy::Policy;
use mfa_engine::{Command, EnvironmentId, Intervention, Outcome, Refusal, UserId};
use tokio::sync::watch;

use crate::clock::{Clock, ClockError};
use crate::fault::{Fault, FaultError, Misfortune};
use crate::journal::Entry;
use crate::logbook::{Change, Mark, Unwritten};
use crate::snapshot::{Snapshot, SnapshotError};
use crate::world::{Beginning, World};

/// One environment and everything around it.
pub(crate) struct Hosted {
    id: EnvironmentId,
    beginning: Beginning,
    world: Mutex<World>,
    /// Counts changes, to wake whoever waits for a mail or a request.
    changes: watch::Sender<u64>,
}

/// A look at the world, which cannot change it: what changes is written down first, in this file.
pub(crate) struct Look<'hosted>(MutexGuard<'hosted, World>);

impl Deref for Look<'_> {
    type Target = World;

    fn deref(&self) -> &World {
        &self.0
    }
}

/// What the engine said, and under which settings it was judged.
pub(crate) type Judged = (Result<Outcome, Refusal>, Arc<Policy>);

impl Hosted {
    /// The first day of a world.
    ///
    /// # Errors
    /// Its beginning cannot be written into the journal file.
    pub(crate) fn begin(id: EnvironmentId, beginning: Beginning) -> Result<Self, Unwritten> {
        let hosted = Self::of(World::begin(id, &beginning), beginning);
        let world = hosted.lock();
        let mark = hosted.note(&world, world.clock.now(), &Change::Begin)?;
        drop(world);
        hosted.settle(mark)?;
        Ok(hosted)
    }

    /// A world that was read from the journal file.
    pub(crate) fn of(world: World, beginning: Beginning) -> Self {
        let id = world.environment.id();
        Self { id, beginning, world: Mutex::new(world), changes: watch::Sender::new(0) }
    }

    pub(crate) fn id(&self) -> EnvironmentId {
        self.id
    }

    /// The world, for one short look.
    pub(crate) fn world(&self) -> Look<'_> {
        Look(self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        // A panic while the lock was held is a bug of ours; the world itself is still whole,
        // because the engine changes it only after everything has been checked.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn policy(&self) -> Arc<Policy> {
        Arc::clone(self.world().environment.policy())
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.world().clock.now()
    }

    /// Hands a command to the engine.
    ///
    /// # Errors
    /// The command cannot be written into the journal file; nothing has changed.
    pub(crate) fn apply(&self, command: Command) -> Result<Judged, Unwritten> {
        let mut world = self.lock();
        let now = world.clock.now();
        let mark = match command.changes_nothing() {
            true => None,
            false => self.note(&world, now, &Change::Command(Cow::Borrowed(&command)))?,
        };
        let result = world.apply(command, now, self.beginning.hook.as_deref());
        let policy = Arc::clone(world.environment.policy());
        drop(world);
        self.settle(mark)?;
        Ok((result, policy))
    }

    /// Carries out what a tester asks.
    ///
    /// # Errors
    /// It cannot be written into the journal file; nothing has changed.
    pub(crate) fn intervene(
        &self,
        what: Intervention,
    ) -> Result<Result<Option<UserId>, Refusal>, Unwritten> {
        let mut world = self.lock();
        let now = world.clock.now();
        let mark = self.note(&world, now, &Change::Intervention(Cow::Borrowed(&what)))?;
        let result = world.intervene(what, now);
        self.finish(world, mark)?;
        Ok(result)
    }

    /// Counts a call of an operation, and says what befalls it.
    ///
    /// # Errors
    /// A fault's counter would move, and that cannot be written into the journal file.
    pub(crate) fn befall(&self, operation: &str) -> Result<Misfortune, Unwritten> {
        let mut world = self.lock();
        if !world.faults.concern(operation) {
            return Ok(Misfortune::default());
        }
        let change = Change::Befall(Cow::Borrowed(operation));
        let mark = self.note(&world, world.clock.now(), &change)?;
        let misfortune = world.faults.befall(operation);
        drop(world);
        self.settle(mark)?;
        Ok(misfortune)
    }

    pub(crate) fn inject(&self, fault: Fault) -> Result<u64, FaultError> {
        let mut world = self.lock();
        world.faults.admit(&fault)?;
        let change = Change::InjectFault(Cow::Borrowed(&fault));
        let mark = self.note(&world, world.clock.now(), &change)?;
        let id = world.faults.inject(fault)?;
        self.finish(world, mark)?;
        Ok(id)
    }

    pub(crate) fn remove_fault(&self, id: u64) -> Result<bool, Unwritten> {
        self.change(&Change::RemoveFault(id), |world| world.faults.remove(id))
    }

    pub(crate) fn clear_faults(&self) -> Result<(), Unwritten> {
        self.change(&Change::ClearFaults, |world| world.faults.clear())
    }

    /// Sets the clock, which has been checked.
    pub(crate) fn set_clock(&self, clock: Clock) -> Result<Timestamp, Unwritten> {
        self.change(&Change::Clock(clock), |world| world.clock = clock)?;
        Ok(clock.now())
    }

    pub(crate) fn advance_clock(&self, by: SignedDuration) -> Result<Timestamp, ClockError> {
        let mut world = self.lock();
        let clock = world.clock.advanced_by(by)?;
        let mark = self.note(&world, world.clock.now(), &Change::Clock(clock))?;
        world.clock = clock;
        self.finish(world, mark)?;
        Ok(clock.now())
    }

    pub(crate) fn restore(&self, snapshot: Snapshot) -> Result<(), SnapshotError> {
        let mut world = self.lock();
        let seed = snapshot.check(&world)?;
        let change = Change::Restore(Cow::Borrowed(&snapshot));
        let mark = self.note(&world, world.clock.now(), &change)?;
        snapshot.put_into(&mut world, seed);
        self.finish(world, mark)?;
        Ok(())
    }

    /// Back to the first day: no users, no faults, no journal, the settings of the start.
    pub(crate) fn reset(&self) -> Result<(), Unwritten> {
        self.change(&Change::Reset, |world| {
            let is_forgotten = world.is_forgotten;
            *world = World { is_forgotten, ..World::begin(self.id, &self.beginning) };
        })
    }

    /// The last change of a world: nothing that happens to it from now on is written down.
    pub(crate) fn forget(&self) -> Result<(), Unwritten> {
        self.change(&Change::Forget, |world| world.is_forgotten = true)
    }

    pub(crate) fn record(&self, entry: Entry) {
        self.lock().journal.record(entry);
        self.announce();
    }

    pub(crate) fn clear_journal(&self) {
        self.lock().journal.clear();
    }

    /// A change that cannot be refused.
    fn change<T>(
        &self,
        change: &Change<'_>,
        act: impl FnOnce(&mut World) -> T,
    ) -> Result<T, Unwritten> {
        let mut world = self.lock();
        let mark = self.note(&world, world.clock.now(), change)?;
        let done = act(&mut world);
        self.finish(world, mark)?;
        Ok(done)
    }

    /// Writes a change down before it happens.
    fn note(
        &self,
        world: &World,
        at: Timestamp,
        change: &Change<'_>,
    ) -> Result<Option<Mark>, Unwritten> {
        match &self.beginning.logbook {
            Some(logbook) if !world.is_forgotten => logbook.append(world, at, change).map(Some),
            _ => Ok(None),
        }
    }

    fn finish(&self, world: MutexGuard<'_, World>, mark: Option<Mark>) -> Result<(), Unwritten> {
        drop(world);
        self.announce();
        self.settle(mark)
    }

    /// Waits until what was written is on the disk, if that was asked for.
    fn settle(&self, mark: Option<Mark>) -> Result<(), Unwritten> {
        match (&self.beginning.logbook, mark) {
            (Some(logbook), Some(mark)) => logbook.settle(mark),
            _ => Ok(()),
        }
    }

    /// Wakes whoever waits.
    fn announce(&self) {
        self.changes.send_modify(|changes| *changes = changes.wrapping_add(1));
    }

    /// A receiver that is woken by every change from now on.
    #[cfg(feature = "standalone")]
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}
