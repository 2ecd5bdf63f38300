//! Verbs on the world behind the SDK: clock, codes, mail, settings, people, faults.

use std::thread;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::code::{self, STEP_SECONDS};
use super::{Halt, Stage};
use crate::service::Fault;
use crate::world::Person;

/// The longest wait for the SDK's own clock.
const WAIT_MILLISECONDS_MAX: i64 = 1_500;

/// Time that a timer of the SDK may be late.
const GRACE_MILLISECONDS: i64 = 100;

impl Stage {
    /// The tenant's time; it stands still unless the case advances it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.tenant.now()
    }

    /// Moves the tenant's clock on by seconds. The SDK's own clock does not move.
    ///
    /// # Errors
    /// The service refuses the time.
    pub fn advance(&mut self, seconds: i64) -> Result<(), Halt> {
        self.scribe.note(format!("the clock moves on by {seconds} s"));
        self.asked(self.tenant.advance(SignedDuration::from_secs(seconds)))
    }

    /// Sets the tenant's clock, also backwards. The SDK's own clock does not move.
    ///
    /// # Errors
    /// The service refuses the time.
    pub fn hold_clock_at(&self, at: Timestamp) -> Result<(), Halt> {
        self.scribe.note(format!("the clock is set to {at}"));
        self.asked(self.tenant.hold_clock_at(at))
    }

    /// The SDK's own time, as its driver told it; it goes on by itself.
    #[must_use]
    pub fn sdk_now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.session.now_ms()).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// A whole second of the SDK's clock, 0.4 to 1.4 s ahead: near enough to wait for.
    #[must_use]
    pub fn soon(&self) -> Timestamp {
        let millisecond = self.sdk_now().as_millisecond().saturating_add(1_400);
        Timestamp::from_second(millisecond.div_euclid(1_000)).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Waits until the SDK's own clock, which cannot be moved, has passed a moment, and a little
    /// more for a timer of the SDK.
    ///
    /// # Errors
    /// The moment is more than a second and a half away: no case may wait that long.
    pub fn wait_for_sdk_time(&mut self, moment: Timestamp) -> Result<(), Halt> {
        let left = moment.as_millisecond() - self.sdk_now().as_millisecond() + GRACE_MILLISECONDS;
        if left > WAIT_MILLISECONDS_MAX {
            return Err(Halt::Harness(format!("a case would wait {left} ms")));
        }
        self.scribe.note(format!("waiting {left} ms"));
        thread::sleep(Duration::from_millis(u64::try_from(left).unwrap_or(0)));
        Ok(())
    }

    /// The code that an authenticator app shows now.
    ///
    /// A code is good once: use [`Stage::next_code`] for the second one of a case.
    ///
    /// # Errors
    /// The secret is not base32.
    pub fn code_for(&self, secret: &str) -> Result<String, Halt> {
        code::code_at(secret, self.now())
    }

    /// The code of another time step, such as `-1` for the one before.
    ///
    /// # Errors
    /// The secret is not base32.
    pub fn code_at_step(&self, secret: &str, steps_from_now: i64) -> Result<String, Halt> {
        let away = SignedDuration::from_secs(steps_from_now.saturating_mul(STEP_SECONDS));
        code::code_at(secret, self.now() + away)
    }

    /// Waits for the next time step (the clock moves on by 30 s) and gives its code.
    ///
    /// # Errors
    /// The secret is not base32.
    pub fn next_code(&mut self, secret: &str) -> Result<String, Halt> {
        self.advance(STEP_SECONDS)?;
        self.code_for(secret)
    }

    /// Six digits that no time step near now shows.
    ///
    /// # Errors
    /// The secret is not base32.
    pub fn wrong_code(&self, secret: &str) -> Result<String, Halt> {
        code::wrong_code(secret, self.now())
    }

    /// The code of the newest mail to an address that was not read yet.
    ///
    /// # Errors
    /// No new mail is in the inbox.
    pub fn mail_code(&mut self, email: &str) -> Result<String, Halt> {
        let mail = self.asked(self.tenant.newest_mail(email, self.mail_read))?;
        let (sequence, code) =
            mail.ok_or_else(|| Halt::Blocked(format!("no new mail to {email} was sent")))?;
        self.mail_read = sequence;
        Ok(code)
    }

    /// Changes one setting of the tenant: dotted path, such as `totp.windowSteps`.
    ///
    /// # Errors
    /// The setting does not exist or the value is out of its range.
    pub fn set(&mut self, path: &str, value: impl Into<Value>) -> Result<(), Halt> {
        let value = value.into();
        self.scribe.note(format!("setting {path} = {value}"));
        self.asked(self.tenant.set(path, value))
    }

    /// Adds a person to the tenant.
    ///
    /// # Errors
    /// The service refuses the person.
    pub fn add_person(&mut self, person: &Person) -> Result<(), Halt> {
        self.asked(self.tenant.create(person))
    }

    /// Adds a person with belongings that [`Person`] has no word for: a telephone number, an id with
    /// the app's own issuer, social accounts, wallets.
    ///
    /// # Errors
    /// The service refuses the person.
    pub fn add_user(&mut self, seed: Value) -> Result<(), Halt> {
        self.asked(self.tenant.create_from(seed))
    }

    /// The service's own record of a user; null when there is none.
    ///
    /// # Errors
    /// The service's records cannot be read.
    pub fn record(&self, who: &str) -> Result<Value, Halt> {
        self.asked(self.tenant.user(who))
    }

    /// The service's own record of a user: id, devices, recovery codes, sessions.
    ///
    /// # Errors
    /// Nobody has this address.
    pub fn user(&self, email: &str) -> Result<Value, Halt> {
        let user = self.record(email)?;
        if user.is_null() {
            return Err(Halt::Blocked(format!("the service knows nobody called {email}")));
        }
        Ok(user)
    }

    /// Lets the next matching exchanges go wrong, such as
    /// `Fault::on("authMfaTotpDevice", Effect::status(503))`.
    ///
    /// # Errors
    /// The fault names no operation of the service, or cannot be as written.
    pub fn inject(&mut self, fault: Fault) -> Result<(), Halt> {
        self.scribe.note(format!("fault {:?} on {}", fault.effect, fault.operation));
        self.asked(self.tenant.inject(fault))
    }

    /// Takes all faults away.
    pub fn clear_faults(&mut self) {
        self.scribe.note("no more faults");
        // A service that no longer answers ends the case at its next step.
        let _ = self.asked(self.tenant.clear_faults());
    }

    /// How many calls met a fault since all were taken away.
    ///
    /// # Errors
    /// The service no longer answers.
    pub fn faults_met(&self) -> Result<u32, Halt> {
        self.asked(self.tenant.faults_met())
    }

    /// A new token for the API of an app's own servers.
    ///
    /// # Errors
    /// The environment holds as many as it may.
    pub fn api_token(&self) -> Result<String, Halt> {
        self.asked(self.tenant.api_token())
    }

    /// Lets the next key sign; the present one goes on verifying.
    ///
    /// # Errors
    /// There is no further key.
    pub fn rotate_keys(&self) -> Result<(), Halt> {
        self.asked(self.tenant.rotate_keys())
    }

    /// Takes a key out of use for good.
    ///
    /// # Errors
    /// The key signs, or is unknown.
    pub fn retire_key(&self, kid: &str) -> Result<(), Halt> {
        self.asked(self.tenant.retire_key(kid))
    }

    /// The environment's id.
    #[must_use]
    pub fn environment(&self) -> String {
        self.tenant.id()
    }

    /// The number of the newest exchange that the service saw, 0 when there is none.
    #[must_use]
    pub fn newest_exchange(&self) -> u64 {
        self.tenant.last_sequence()
    }
}
