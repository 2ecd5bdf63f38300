//! The control handle of one environment: everything that the control API can do, as methods.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use mfa_engine::policy::Policy;
use mfa_engine::totp::{PERIOD_SECONDS, step_at};
use mfa_engine::{Intervention, Message, Refusal, UserSeed};
use serde_json::Value;
#[cfg(feature = "standalone")]
use tokio::sync::watch;

use crate::clock::{Clock, ClockError};
use crate::fault::{Fault, FaultError, Injected};
use crate::hosted::Hosted;
use crate::journal::Exchange;
use crate::logbook::Unwritten;
use crate::snapshot::{Snapshot, SnapshotError};

mod admin;
mod credentials;
mod error;
mod passkey;
mod report;

pub use admin::{ApiTokenReport, DeliveryReport, EventReport, KeyReport, WebhookReport};
pub use credentials::{SocialReport, WalletReport};
pub use error::{InterventionError, SettingsError};
pub use passkey::PasskeyReport;
use report::report;
pub use report::{DeviceReport, MailReport, TotpDisplay, UserReport};

/// The control handle of one environment. Cheap to clone; all clones are one environment.
///
/// ```
/// use mock_server::{Mock, Options, UserSeed};
/// let mock = Mock::new(Options::default()).unwrap();
/// let world = mock.fresh_environment().unwrap();
/// world.hold_clock_at("2030-01-01T00:00:05Z".parse().unwrap()).unwrap();
/// let seed = UserSeed {
///     email: "alice@example.com".into(),
///     totp_secret: Some("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".into()),
///     ..UserSeed::default()
/// };
/// world.create_user(seed).unwrap();
/// let shown = world.totp_display("alice@example.com").unwrap();
/// assert_eq!((shown.code.as_str(), shown.seconds_left), ("847125", 25));
/// ```
#[derive(Clone)]
pub struct Hosting(Arc<Hosted>);

impl Hosting {
    pub(crate) fn new(hosted: Arc<Hosted>) -> Self {
        Self(hosted)
    }

    /// The environment's id, as in every path.
    pub fn id(&self) -> String {
        self.0.id().to_string()
    }

    /// The environment's time.
    pub fn now(&self) -> Timestamp {
        self.0.now()
    }

    /// The environment's clock.
    pub fn clock(&self) -> Clock {
        self.0.world().clock
    }

    /// Sets the clock.
    ///
    /// # Errors
    /// It would tell a time outside 1970 to 9000, or the journal file did not take it.
    pub fn set_clock(&self, clock: Clock) -> Result<Timestamp, ClockError> {
        Ok(self.0.set_clock(clock.checked()?)?)
    }

    /// Stops the clock at a moment.
    ///
    /// # Errors
    /// The moment is outside 1970 to 9000, or the journal file did not take it.
    pub fn hold_clock_at(&self, at: Timestamp) -> Result<Timestamp, ClockError> {
        self.set_clock(Clock::held_at(at))
    }

    /// Moves the clock forwards, whether it stands or runs.
    ///
    /// # Errors
    /// The step is negative or leads past the year 9000, or the journal file did not take it.
    pub fn advance_clock(&self, by: SignedDuration) -> Result<Timestamp, ClockError> {
        self.0.advance_clock(by)
    }

    /// Lets the clock follow the system again.
    ///
    /// # Errors
    /// The journal file did not take it; nothing is changed then.
    pub fn follow_system_clock(&self) -> Result<(), Unwritten> {
        self.0.set_clock(Clock::System).map(drop)
    }

    /// The settings.
    pub fn policy(&self) -> Policy {
        Policy::clone(&self.0.policy())
    }

    /// Replaces the settings.
    ///
    /// # Errors
    /// The first one that is outside its range, or the journal file did not take it; nothing is
    /// changed then.
    pub fn set_policy(&self, policy: Policy) -> Result<(), SettingsError> {
        policy.check()?;
        // The engine checks the same once more, so this cannot be refused any longer.
        let _ = self.0.intervene(Intervention::SetPolicy(Box::new(policy)))?;
        Ok(())
    }

    /// Back to the first day: no users, no faults, no journal, the settings of the start.
    ///
    /// # Errors
    /// The journal file did not take it; nothing is changed then.
    pub fn reset(&self) -> Result<(), Unwritten> {
        self.0.reset()
    }

    /// Everything about the environment but its journal, as JSON.
    pub fn snapshot(&self) -> Value {
        Snapshot::take(&self.0.world()).to_value()
    }

    /// Puts a snapshot in the place of everything but the journal.
    ///
    /// # Errors
    /// It is not a snapshot of this version, or is of another environment, or the journal file
    /// did not take it; nothing is changed then.
    pub fn restore(&self, snapshot: Value) -> Result<(), SnapshotError> {
        self.0.restore(Snapshot::from_value(snapshot)?)
    }

    /// Puts a user into the environment.
    ///
    /// # Errors
    /// The address is none or is taken, or the secret is not base32, or the journal file did not
    /// take it.
    pub fn create_user(&self, seed: UserSeed) -> Result<UserReport, InterventionError> {
        let create = Intervention::CreateUser(Box::new(seed));
        let id = self.0.intervene(create)??.ok_or(Refusal::NoSuchUser)?;
        Ok(self.user(&id.to_string()).ok_or(Refusal::NoSuchUser)?)
    }

    /// Every user, in the order of their ids.
    pub fn users(&self) -> Vec<UserReport> {
        let world = self.0.world();
        let now = world.clock.now();
        world.environment.users().map(|user| report(&world.environment, user, now)).collect()
    }

    /// The user of an id, an e-mail address, a number such as `+19171113333`, or an external id.
    pub fn user(&self, who: &str) -> Option<UserReport> {
        let world = self.0.world();
        let now = world.clock.now();
        world.environment.find_user(who).map(|user| report(&world.environment, user, now))
    }

    /// Removes a user with every session.
    ///
    /// # Errors
    /// There is no such user, or the journal file did not take it.
    pub fn remove_user(&self, who: &str) -> Result<(), InterventionError> {
        let id = self.0.world().environment.find_user(who).map(|user| user.id);
        self.0.intervene(Intervention::RemoveUser(id.ok_or(Refusal::NoSuchUser)?))??;
        Ok(())
    }

    /// Ends every session of a user.
    ///
    /// # Errors
    /// There is no such user, or the journal file did not take it.
    pub fn revoke_sessions(&self, who: &str) -> Result<(), InterventionError> {
        let id = self.0.world().environment.find_user(who).map(|user| user.id);
        self.0.intervene(Intervention::RevokeSessions(id.ok_or(Refusal::NoSuchUser)?))??;
        Ok(())
    }

    /// What the user's authenticator app would show now.
    ///
    /// # Errors
    /// There is no such user, or they have no TOTP device.
    pub fn totp_display(&self, who: &str) -> Result<TotpDisplay, Refusal> {
        let world = self.0.world();
        let user = world.environment.find_user(who).ok_or(Refusal::NoSuchUser)?;
        let device = user.totp.as_ref().ok_or(Refusal::NoSuchTotpDevice)?;
        let now = world.clock.now();
        let step = step_at(now);
        let edge = i64::try_from((step + 1) * PERIOD_SECONDS).unwrap_or(i64::MAX);
        let valid_until = Timestamp::from_second(edge).unwrap_or(Timestamp::MAX);
        let left = valid_until.duration_since(now);
        let whole = u64::try_from(left.as_secs()).unwrap_or(0);
        Ok(TotpDisplay {
            code: world.environment.totp_code(device.secret(), now),
            step,
            valid_until,
            seconds_left: whole + u64::from(left.subsec_nanos() > 0),
            next_code: world.environment.totp_code(device.secret(), valid_until),
        })
    }

    /// The mails and texts sent after a given one, oldest first; only to one address, or to one
    /// number such as `+19171113333`, if that is given.
    pub fn inbox(&self, to: Option<&str>, after: u64) -> Vec<MailReport> {
        let world = self.0.world();
        let report = |message: &Message| MailReport {
            sequence: message.sequence,
            channel: message.channel,
            to: message.to.clone(),
            kind: message.kind,
            code: message.code.reveal().to_owned(),
            at: message.at,
        };
        world.environment.messages(to, after).map(report).collect()
    }

    /// Injects a fault and yields its number.
    ///
    /// # Errors
    /// The operation is unknown or a number is outside its range, or the journal file did not
    /// take it.
    pub fn inject_fault(&self, fault: Fault) -> Result<u64, FaultError> {
        self.0.inject(fault)
    }

    /// The faults with their counters.
    pub fn faults(&self) -> Vec<Injected> {
        self.0.world().faults.list().to_vec()
    }

    /// Removes one fault. True if it was there.
    ///
    /// # Errors
    /// The journal file did not take it; nothing is changed then.
    pub fn remove_fault(&self, id: u64) -> Result<bool, Unwritten> {
        self.0.remove_fault(id)
    }

    /// Removes every fault.
    ///
    /// # Errors
    /// The journal file did not take it; nothing is changed then.
    pub fn clear_faults(&self) -> Result<(), Unwritten> {
        self.0.clear_faults()
    }

    /// Every exchange that is kept, oldest first, secrets included.
    pub fn journal(&self) -> Vec<Exchange> {
        self.journal_after(0, true)
    }

    /// The exchanges after a given one, oldest first; with secrets only if asked for.
    pub fn journal_after(&self, sequence: u64, reveal: bool) -> Vec<Exchange> {
        self.0.world().journal.after(sequence, reveal)
    }

    /// How many kept exchanges after a given one concern an operation.
    pub fn journal_count(&self, operation: &str, after: u64) -> usize {
        self.0.world().journal.count(operation, after)
    }

    /// The sequence number of the newest exchange ever; 0 before the first.
    pub fn journal_newest(&self) -> u64 {
        self.0.world().journal.newest()
    }

    /// Empties the journal; sequence numbers go on.
    pub fn clear_journal(&self) {
        self.0.clear_journal();
    }

    /// Woken by every change from now on, for waiting without polling.
    #[cfg(feature = "standalone")]
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.0.watch()
    }
}
