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

use bytes::Bytes;
use http::Request;
use jiff::{SignedDuration, Timestamp};
use mfa_engine::policy::Policy;
use mfa_engine::{
    AdminOutcome, Administrator, Command, Environment, EnvironmentId, Intervention, KeyRing,
    MessageId, Outcome, Refusal, TooFast, UserId, WebhookId,
};
use tokio::sync::watch;

use crate::clock::{Clock, ClockError};
use crate::delivery::{Courier, Delivery, Home, Parcel};
use crate::fault::{Fault, FaultError, Misfortune};
use crate::journal::Entry;
use crate::logbook::{Change, Mark, Unwritten};
use crate::meeting::{Meetings, Seat};
use crate::snapshot::{Snapshot, SnapshotError};
use crate::wire::pace;
use crate::wire::route::Operation;
use crate::world::{Beginning, World};

/// One environment and everything around it.
pub(crate) struct Hosted {
    id: EnvironmentId,
    beginning: Beginning,
    world: Arc<Mutex<World>>,
    /// Counts changes, to wake whoever waits for a mail or a request.
    changes: Arc<watch::Sender<u64>>,
    /// Calls that wait for others. Its lock is taken under the world's, never the other way round.
    meetings: Arc<Meetings>,
    courier: Courier,
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

/// What befalls a call and where it waits, or why it comes too early, and under which settings
/// that was judged.
pub(crate) type Received = Result<(Misfortune, Option<Seat>), (TooFast, Arc<Policy>)>;

impl<'hosted> Look<'hosted> {
    /// Takes the lock of a world.
    pub(crate) fn at(world: &'hosted Mutex<World>) -> Self {
        // A panic while the lock was held is a bug of ours; the world itself is still whole,
        // because the engine changes it only after everything has been checked.
        Self(world.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

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
        let world = Arc::new(Mutex::new(world));
        let changes = Arc::new(watch::Sender::new(0));
        let meetings = Meetings::new();
        Self { id, beginning, world, changes, meetings, courier: Courier::default() }
    }

    pub(crate) fn id(&self) -> EnvironmentId {
        self.id
    }

    /// The world, for one short look.
    pub(crate) fn world(&self) -> Look<'_> {
        Look::at(&self.world)
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        Look::at(&self.world).0
    }

    pub(crate) fn policy(&self) -> Arc<Policy> {
        Arc::clone(self.world().environment.policy())
    }

    /// Where the courier finds the world again.
    fn home(&self) -> Home {
        let (world, changes) = (Arc::downgrade(&self.world), Arc::clone(&self.changes));
        Home { id: self.id, world, changes }
    }

    /// Whether an administrator is one of this environment.
    pub(crate) fn recognises(&self, who: &Administrator) -> Result<(), Refusal> {
        self.world().environment.recognise(who)
    }

    /// The ring of signing keys as it is now.
    pub(crate) fn keys(&self) -> KeyRing {
        self.world().environment.keys().clone()
    }

    /// The attempts to deliver messages to a webhook, or one message of it.
    pub(crate) fn deliveries(
        &self,
        webhook: WebhookId,
        message: Option<MessageId>,
    ) -> Vec<Delivery> {
        self.courier.deliveries(webhook, message)
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
        let before = world.environment.events_emitted();
        let result = world.apply(command, now, self.beginning.hook.as_deref());
        let parcels = parcels(&world.environment, before, &result);
        let policy = Arc::clone(world.environment.policy());
        drop(world);
        self.settle(mark)?;
        // Handed over here and not in the world, so that reading the file sends nothing again.
        if !parcels.is_empty() {
            self.courier.send(parcels, &self.home());
        }
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

    /// Receives a call: counts it where calls are limited, and says what befalls it.
    ///
    /// The gateway that counts stands in front of everything, so a call that is refused here meets
    /// no fault. Where nothing is limited and no fault concerns the call, nothing is written.
    ///
    /// # Errors
    /// A counter would move, and that cannot be written into the journal file.
    pub(crate) fn receive(
        &self,
        operation: Operation,
        request: &Request<Bytes>,
    ) -> Result<Received, Unwritten> {
        let mut world = self.lock();
        let now = world.clock.now();
        let policy = Arc::clone(world.environment.policy());
        let mut mark = None;
        if policy.rate_limits.enabled {
            let caller = pace::address_of(request, &policy.rate_limits);
            let kind = pace::kind_of(operation);
            mark = self.note(&world, now, &Change::CountCall { caller, kind })?;
            if let Err(refusal) = world.count_call(caller, kind, now) {
                drop(world);
                self.settle(mark)?;
                return Ok(Err((refusal, policy)));
            }
        }
        let mut misfortune = Misfortune::default();
        if world.faults.concern(operation.name()) {
            mark = self.note(&world, now, &Change::Befall(Cow::Borrowed(operation.name())))?;
            misfortune = world.faults.befall(operation.name());
        }
        // Still under the lock: calls arrive in the order in which they were counted, and no fault
        // can be removed between the two.
        let seat = misfortune.meeting.take().map(|invitation| self.meetings.arrive(invitation));
        if let (Some(_), Some(hook)) = (&seat, &self.beginning.hook) {
            hook.held(&world.environment, request);
        }
        drop(world);
        self.settle(mark)?;
        Ok(Ok((misfortune, seat)))
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
        self.change(&Change::RemoveFault(id), |world| {
            self.meetings.release(Some(id));
            world.faults.remove(id)
        })
    }

    pub(crate) fn clear_faults(&self) -> Result<(), Unwritten> {
        self.change(&Change::ClearFaults, |world| {
            self.meetings.release(None);
            world.faults.clear();
        })
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
        self.meetings.release(None);
        self.finish(world, mark)?;
        Ok(())
    }

    /// Back to the first day: no users, no faults, no journal, the settings of the start.
    pub(crate) fn reset(&self) -> Result<(), Unwritten> {
        self.change(&Change::Reset, |world| {
            self.meetings.release(None);
            let is_forgotten = world.is_forgotten;
            *world = World { is_forgotten, ..World::begin(self.id, &self.beginning) };
        })?;
        self.courier.clear();
        Ok(())
    }

    /// The last change of a world: nothing that happens to it from now on is written down.
    pub(crate) fn forget(&self) -> Result<(), Unwritten> {
        self.change(&Change::Forget, |world| {
            self.meetings.release(None);
            world.is_forgotten = true;
        })
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
    pub(crate) fn announce(&self) {
        self.changes.send_modify(|changes| *changes = changes.wrapping_add(1));
    }

    /// A receiver that is woken by every change from now on.
    #[cfg(feature = "standalone")]
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

/// The messages that a decision has brought: of new events, and those asked for once more.
fn parcels(
    environment: &Environment,
    before: u64,
    result: &Result<Outcome, Refusal>,
) -> Vec<Parcel> {
    if let Ok(Outcome::Admin(AdminOutcome::Redelivery { event, webhook, message })) = result {
        let (event, webhook, message) = (Arc::clone(event), *webhook, *message);
        return vec![Parcel { event, webhook, message, is_asked_for: true }];
    }
    let messages = environment.events(before).flat_map(|event| {
        event.messages.iter().map(|(webhook, message)| Parcel {
            event: Arc::clone(event),
            webhook: *webhook,
            message: *message,
            is_asked_for: false,
        })
    });
    messages.collect()
}
