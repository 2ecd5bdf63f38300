//! One environment at home: the engine with its dice, clock, faults and journal, behind a lock.
//!
//! The lock is held for a decision, which takes microseconds, and never while a token is signed,
//! which takes a thousand times as long.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::Request;
use jiff::Timestamp;
use mfa_engine::policy::Policy;
use mfa_engine::{
    AdminOutcome, Administrator, Command, Environment, EnvironmentId, Intervention, KeyRing,
    MessageId, Outcome, Refusal, TooFast, UserId, WebhookId,
};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use sha2::Digest as _;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::delivery::{Courier, Delivery, Home, Parcel};
use crate::fault::{Faults, Misfortune};
use crate::hook::Hook;
use crate::journal::{Entry, Journal};
use crate::wire::pace;
use crate::wire::route::Operation;

/// What every world of a service starts with.
#[derive(Clone)]
pub(crate) struct Beginning {
    pub(crate) seed: [u8; 32],
    pub(crate) policy: Policy,
    pub(crate) clock: Clock,
    pub(crate) journal_entries_max: usize,
    pub(crate) journal_bytes_max: usize,
    pub(crate) hook: Option<Arc<dyn Hook>>,
}

/// One environment and everything around it.
pub(crate) struct Hosted {
    id: EnvironmentId,
    beginning: Beginning,
    world: Arc<Mutex<World>>,
    /// Counts changes, to wake whoever waits for a mail or a request.
    changes: Arc<watch::Sender<u64>>,
    courier: Courier,
}

/// What the lock protects.
pub(crate) struct World {
    pub(crate) environment: Environment,
    pub(crate) clock: Clock,
    pub(crate) dice: Dice,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
}

/// The dice of one world: command n draws from stream n of one seed.
///
/// A draw that is added to one command moves nothing in all later ones, so snapshots stay quiet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dice {
    pub(crate) seed: [u8; 32],
    pub(crate) commands: u64,
}

impl Dice {
    fn next(&mut self) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::from_seed(self.seed);
        rng.set_stream(self.commands);
        self.commands = self.commands.wrapping_add(1);
        rng
    }
}

impl World {
    fn begin(id: EnvironmentId, beginning: &Beginning) -> Self {
        // Each world has dice of its own, so what one test does cannot move another's ids.
        let seed = sha2::Sha256::new()
            .chain_update(beginning.seed)
            .chain_update(id.to_string().as_bytes())
            .finalize()
            .into();
        Self {
            environment: Environment::new(id, beginning.policy.clone()),
            clock: beginning.clock,
            dice: Dice { seed, commands: 0 },
            faults: Faults::default(),
            journal: Journal::new(beginning.journal_entries_max, beginning.journal_bytes_max),
        }
    }
}

impl Hosted {
    pub(crate) fn new(id: EnvironmentId, beginning: Beginning) -> Self {
        let world = Arc::new(Mutex::new(World::begin(id, &beginning)));
        let changes = Arc::new(watch::Sender::new(0));
        Self { id, beginning, world, changes, courier: Courier::default() }
    }

    pub(crate) fn id(&self) -> EnvironmentId {
        self.id
    }

    /// The world, for one short look or change.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        // A panic while the lock was held is a bug of ours; the world itself is still whole,
        // because the engine changes it only after everything has been checked.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn policy(&self) -> Arc<Policy> {
        Arc::clone(self.world().environment.policy())
    }

    /// Hands a command to the engine, and tells under which settings it was judged.
    pub(crate) fn apply(&self, command: Command) -> (Result<Outcome, Refusal>, Arc<Policy>) {
        let mut world = self.world();
        let now = world.clock.now();
        let mut rng = world.dice.next();
        let mut command = command;
        let hook = self.beginning.hook.as_deref();
        if let Some(hook) = hook {
            hook.before(&mut world.environment, &mut command, now);
        }
        let before = world.environment.events_emitted();
        let mut result = world.environment.apply(command, now, &mut rng);
        if let Some(hook) = hook {
            hook.after(&mut world.environment, &mut result, now);
        }
        let parcels = parcels(&world.environment, before, &result);
        let policy = Arc::clone(world.environment.policy());
        drop(world);
        if !parcels.is_empty() {
            self.courier.send(parcels, &self.home());
        }
        (result, policy)
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

    /// Carries out what a tester asks.
    pub(crate) fn intervene(&self, what: Intervention) -> Result<Option<UserId>, Refusal> {
        let mut world = self.world();
        let now = world.clock.now();
        let mut rng = world.dice.next();
        let result = world.environment.intervene(what, now, &mut rng);
        drop(world);
        self.announce();
        result
    }

    /// Receives a call: counts it where calls are limited, and tells what befalls it.
    ///
    /// The gateway that counts stands in front of everything, so a call that is refused here meets
    /// no fault.
    pub(crate) fn receive(
        &self,
        operation: Operation,
        request: &Request<Bytes>,
    ) -> Result<Misfortune, (TooFast, Arc<Policy>)> {
        let mut world = self.world();
        let policy = Arc::clone(world.environment.policy());
        if policy.rate_limits.enabled {
            let now = world.clock.now();
            let caller = pace::address_of(request, &policy.rate_limits);
            let counted = world.environment.count_call(caller, pace::kind_of(operation), now);
            counted.map_err(|refusal| (refusal, policy))?;
        }
        Ok(world.faults.befall(operation.name()))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.world().clock.now()
    }

    /// Back to the first day: no users, no faults, no journal, the settings of the start.
    pub(crate) fn reset(&self) {
        *self.world() = World::begin(self.id, &self.beginning);
        self.courier.clear();
        self.announce();
    }

    pub(crate) fn record(&self, entry: Entry) {
        self.world().journal.record(entry);
        self.announce();
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
