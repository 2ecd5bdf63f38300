//! The threads that carry messages: a few for each environment that has any, while it has any.
//!
//! A webhook gets one message at a time, in order, and one that hangs holds up only its own.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, PoisonError, Weak};
use std::time::{Duration, Instant};

use mfa_engine::{EnvironmentId, MessageId, Secret, WebhookId, policy};
use sha2::Digest as _;
use tokio::sync::watch;

use super::{Delivery, Parcel, parcel};
use crate::clock::monotonic;
use crate::hosted::Look;
use crate::sync::{Condvar, Mutex, MutexGuard, thread};
use crate::wire::body::event::Envelope;
use crate::world::World;

/// Messages that wait at most; the oldest gives way.
const WAITING_MAX: usize = 1_000;
/// Messages that are on their way at once: receivers are on this machine, and a test has few.
const CARRIERS_MAX: usize = 8;
/// Attempts that are remembered; the oldest gives way.
const DELIVERIES_MAX: usize = 1_000;
/// The longest wait before a further attempt.
const RETRY_MAX: Duration = Duration::from_secs(60);
/// How often a waiting thread looks whether its environment still exists.
const LOOK: Duration = Duration::from_secs(1);

/// Carries the messages of one environment.
#[derive(Default)]
pub(crate) struct Courier(Arc<Office>);

#[derive(Default)]
struct Office {
    desk: Mutex<Desk>,
    called: Condvar,
}

#[derive(Default)]
struct Desk {
    waiting: VecDeque<Waiting>,
    deliveries: VecDeque<Delivery>,
    /// Webhooks that a message is on its way to.
    busy: BTreeSet<WebhookId>,
    /// Threads that carry or wait.
    carriers: usize,
    /// One of them waits for a message to become due.
    is_watched: bool,
}

/// A parcel, and when it may leave.
struct Waiting {
    parcel: Parcel,
    /// Attempts that were made since it was handed over.
    tried: u32,
    due: Instant,
}

/// Where the messages come from; a thread must not keep a world alive that nobody uses.
#[derive(Clone)]
pub(crate) struct Home {
    pub(crate) id: EnvironmentId,
    pub(crate) world: Weak<Mutex<World>>,
    pub(crate) changes: Arc<watch::Sender<u64>>,
}

/// What an attempt needs to know of the world.
struct Order {
    url: String,
    secret: Secret,
    settings: policy::Webhooks,
}

impl Courier {
    /// Takes messages over, and sees to it that somebody carries them.
    pub(crate) fn send(&self, parcels: Vec<Parcel>, home: &Home) {
        let mut desk = self.0.desk();
        for parcel in parcels {
            desk.queue(Waiting { parcel, tried: 0, due: monotonic() });
        }
        drop(desk);
        self.0.called.notify_all();
        Office::hire(&self.0, home);
    }

    /// The attempts for a webhook, or for one message of it, oldest first.
    pub(crate) fn deliveries(
        &self,
        webhook: WebhookId,
        message: Option<MessageId>,
    ) -> Vec<Delivery> {
        let desk = self.0.desk();
        let concerns = |delivery: &&Delivery| {
            delivery.webhook == webhook && message.is_none_or(|id| delivery.message == id)
        };
        desk.deliveries.iter().filter(concerns).cloned().collect()
    }

    /// Forgets everything: what waits, and what was.
    pub(crate) fn clear(&self) {
        let mut desk = self.0.desk();
        desk.waiting.clear();
        desk.deliveries.clear();
    }
}

impl Office {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sees to it that somebody carries what nobody carries or watches.
    fn hire(office: &Arc<Self>, home: &Home) {
        let mut desk = office.desk();
        if desk.is_watched || desk.carriers >= CARRIERS_MAX || desk.first().is_none() {
            return;
        }
        desk.carriers += 1;
        drop(desk);
        let (carrier, home) = (Arc::clone(office), home.clone());
        let thread = thread::Builder::new().name("mfa-mock-webhooks".to_owned());
        if thread.spawn(move || Self::carry(&carrier, &home)).is_err() {
            // The next message tries again; until then these wait.
            office.desk().carriers -= 1;
        }
    }

    /// Carries until nothing waits for this thread any more, or the environment is gone.
    fn carry(office: &Arc<Self>, home: &Home) {
        while let Some(waiting) = office.next(home) {
            // This one may take its time; what waits for other webhooks must not wait for it.
            Self::hire(office, home);
            let webhook = waiting.parcel.webhook;
            if let Some(order) = home.order(&waiting.parcel) {
                office.attempt(home, waiting, &order);
                home.changes.send_modify(|changes| *changes = changes.wrapping_add(1));
            }
            office.desk().busy.remove(&webhook);
        }
    }

    /// The parcel that is due first, waited for; none when the thread may end.
    fn next(&self, home: &Home) -> Option<Waiting> {
        let mut desk = self.desk();
        loop {
            if home.world.strong_count() == 0 {
                desk.waiting.clear();
            }
            // What waits for a busy webhook is left to the thread that is on its way there.
            let Some((place, due)) = desk.first() else { break };
            let now = monotonic();
            if due <= now {
                let Some(waiting) = desk.waiting.remove(place) else { continue };
                desk.busy.insert(waiting.parcel.webhook);
                return Some(waiting);
            }
            if desk.is_watched {
                break;
            }
            desk.is_watched = true;
            let wait = due.duration_since(now).min(LOOK);
            let woken = self.called.wait_timeout(desk, wait);
            desk = woken.unwrap_or_else(PoisonError::into_inner).0;
            desk.is_watched = false;
        }
        desk.carriers -= 1;
        None
    }

    fn attempt(&self, home: &Home, waiting: Waiting, order: &Order) {
        let Waiting { parcel, tried, .. } = waiting;
        let Parcel { event, webhook, message, is_asked_for } = &parcel;
        let is_repeated = *is_asked_for || tried > 0;
        let envelope = Envelope::of(event, home.id, *webhook, *message, is_repeated);
        // Serialising our own structs cannot fail: they have string keys and finite numbers.
        let request_body = serde_json::to_string(&envelope).unwrap_or_default();
        let signature = parcel::signature(&order.secret, &request_body);
        let timeout = Duration::from_millis(order.settings.timeout_milliseconds.into());
        let outcome = parcel::post(&order.url, &signature, &request_body, timeout);
        let Some(at) = home.now() else { return };
        let is_success = outcome.is_success();
        let mut desk = self.desk();
        let before = desk.deliveries.iter().filter(|known| known.message == *message);
        let attempt = before.map(|known| known.attempt).max().unwrap_or(0).saturating_add(1);
        desk.note(Delivery {
            id: delivery_id(*message, attempt),
            environment: home.id,
            webhook: *webhook,
            message: *message,
            event: event.id,
            event_name: event.name.as_str(),
            event_at: event.at,
            attempt,
            at,
            url: order.url.clone(),
            signature,
            request_body,
            outcome,
        });
        let tried = tried.saturating_add(1);
        if !is_success && tried < u32::from(order.settings.attempts_max) {
            let due = monotonic() + pause(order.settings.retry_milliseconds, tried);
            desk.queue(Waiting { parcel, tried, due });
        }
    }
}

impl Desk {
    /// Where the parcel lies that is due first, of those whose webhook is free, and when it is.
    fn first(&self) -> Option<(usize, Instant)> {
        let free = |(_, it): &(usize, &Waiting)| !self.busy.contains(&it.parcel.webhook);
        let places = self.waiting.iter().enumerate().filter(free);
        places.map(|(place, it)| (place, it.due)).min_by_key(|(_, due)| *due)
    }

    fn queue(&mut self, waiting: Waiting) {
        self.waiting.push_back(waiting);
        while self.waiting.len() > WAITING_MAX {
            self.waiting.pop_front();
        }
    }

    fn note(&mut self, delivery: Delivery) {
        self.deliveries.push_back(delivery);
        while self.deliveries.len() > DELIVERIES_MAX {
            self.deliveries.pop_front();
        }
    }
}

impl Home {
    /// What an attempt needs; none if the webhook is gone or disabled by now.
    fn order(&self, parcel: &Parcel) -> Option<Order> {
        let world = self.world.upgrade()?;
        let world = Look::at(&world);
        let webhook = world.environment.webhook(parcel.webhook)?;
        webhook.enabled_at?;
        Some(Order {
            url: webhook.url.clone(),
            secret: webhook.secret.clone(),
            settings: world.environment.policy().webhooks.clone(),
        })
    }

    fn now(&self) -> Option<jiff::Timestamp> {
        let world = self.world.upgrade()?;
        let world = Look::at(&world);
        Some(world.clock.now())
    }
}

/// The wait before a further attempt: twice as long as the one before, up to a bound.
fn pause(first_milliseconds: u32, tried: u32) -> Duration {
    let doubled = 1_u64.checked_shl(tried.saturating_sub(1)).unwrap_or(u64::MAX);
    Duration::from_millis(u64::from(first_milliseconds).saturating_mul(doubled)).min(RETRY_MAX)
}

/// The id of an attempt, made of what it is: a thread throws none of the world's dice.
fn delivery_id(message: MessageId, attempt: u32) -> String {
    let digest = sha2::Sha256::digest(format!("{message}/{attempt}").as_bytes());
    let (bytes, _) = digest.split_at(16);
    let bytes = <[u8; 16]>::try_from(bytes).unwrap_or_default();
    uuid::Builder::from_random_bytes(bytes).into_uuid().hyphenated().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_bound() {
        let pauses: Vec<_> = (1..5).map(|tried| pause(200, tried).as_millis()).collect();
        assert_eq!(pauses, [200, 400, 800, 1_600]);
        for tried in [20, 63, 64, 65, u32::MAX] {
            assert_eq!(pause(60_000, tried), RETRY_MAX, "{tried}");
        }
    }

    #[test]
    fn attempts_have_ids_of_their_own() {
        let message: MessageId = "00000000-0000-4000-8000-000000000000".parse().unwrap();
        assert_ne!(delivery_id(message, 1), delivery_id(message, 2));
        assert_eq!(delivery_id(message, 1), delivery_id(message, 1));
        assert!(delivery_id(message, 1).parse::<MessageId>().is_ok());
    }
}
