//! The service under the suite: the mock in this process, a mock elsewhere, or any other service.
//!
//! Beside [`crate::broken_service`] the only folder that names the mock's types; cases and runner
//! see tenants and exchanges. What a kind of service cannot do to a world is said in words, and a
//! case that needs it does not apply.

mod address;
mod control;
mod here;
mod http;
mod notebook;
mod pace;
mod path;
mod plain;
mod relay;
mod remote;
mod target;
mod trust;
mod unable;

use std::sync::Arc;

use data_encoding::HEXLOWER;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::broken_service::Breaking;
use crate::stage::Exchange;
use crate::world::{Person, World, setting_value};

pub use address::Address;
pub use here::Here;
pub use mock_server::{Effect, Fault, Order};
pub use plain::Plain;
pub use remote::Remote;
pub use target::{ControlToken, Controlled, Mailbox, Preset, Target, Uncontrolled};
pub use unable::Unable;

/// What comes of asking for a change of a world.
pub type Done = Result<(), Unable>;

/// A running service.
pub enum Service {
    /// The mock in this process.
    Here(Here),
    /// A mock elsewhere, driven over its control API.
    Remote(Box<Remote>),
    /// Any other service, behind a relay that takes notes.
    Plain(Box<Plain>),
}

impl Service {
    /// Starts the mock on an ephemeral port of the loopback interface.
    ///
    /// # Errors
    /// The service does not start, in words.
    pub fn start(seed: u64) -> Result<Self, String> {
        Self::start_with(seed, None)
    }

    /// The same, broken on purpose if asked for.
    ///
    /// # Errors
    /// The service does not start, in words.
    pub fn start_with(seed: u64, breaking: Option<Arc<Breaking>>) -> Result<Self, String> {
        Here::start(seed, breaking).map(Self::Here)
    }

    /// Reaches a service that runs already, and sees that it is one.
    ///
    /// # Errors
    /// Nobody listens there, it is no such API, or it does not let us in: in words that say what
    /// to do next.
    pub fn attach(target: &Target, seed: u64) -> Result<Self, String> {
        match target {
            Target::Here => Self::start(seed),
            Target::Controlled(wanted) => {
                Remote::attach(wanted, seed).map(Box::new).map(Self::Remote)
            }
            Target::Uncontrolled(wanted) => {
                Plain::attach(wanted, seed).map(Box::new).map(Self::Plain)
            }
        }
    }

    /// Where SDKs find the API, ending in `/api/v0`.
    #[must_use]
    pub fn base_url(&self) -> String {
        match self {
            Self::Here(here) => here.base_url(),
            Self::Remote(remote) => remote.base_url(),
            Self::Plain(plain) => plain.base_url(),
        }
    }

    /// What the service says of itself, such as `mfa-mock 0.1.0`.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Here(_) => format!("mfa-mock {}", env!("CARGO_PKG_VERSION")),
            Self::Remote(remote) => remote.name().to_owned(),
            Self::Plain(_) => "a service without control".to_owned(),
        }
    }

    /// A fresh tenant whose clock stands still at a time.
    ///
    /// Its id follows from the seed and the label alone, so that a run can be repeated.
    ///
    /// # Errors
    /// The service has no room left, refuses the time, or no longer answers.
    pub fn tenant(&self, label: &str, now: Timestamp) -> Result<Arc<dyn Tenant>, Unable> {
        match self {
            Self::Here(here) => here.tenant(label, now),
            Self::Remote(remote) => remote.tenant(label, now),
            // Its clock goes as it goes.
            Self::Plain(plain) => plain.tenant(),
        }
    }

    /// Forgets a tenant and all it holds, where that can be done.
    pub fn forget(&self, id: &str) {
        match self {
            Self::Here(here) => here.forget(id),
            Self::Remote(remote) => remote.forget(id),
            Self::Plain(_) => {}
        }
    }

    /// Whether the service still answers.
    ///
    /// # Errors
    /// It does not, in words.
    pub fn ping(&self) -> Result<(), String> {
        match self {
            Self::Here(_) => Ok(()),
            Self::Remote(remote) => remote.ping(),
            Self::Plain(plain) => plain.ping(),
        }
    }
}

/// One more listener for a tenant, which can be shut while the service lives on.
pub struct Door {
    base_url: String,
    _open: Box<dyn Send + Sync>,
}

impl Door {
    /// Where SDKs find the API behind this door.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.base_url.clone()
    }
}

/// One case's tenant: an environment with its own clock, people and settings.
pub trait Tenant: Send + Sync {
    /// The environment's id.
    fn id(&self) -> String;

    /// Where SDKs find the API.
    fn base_url(&self) -> String;

    /// One more listener for this tenant.
    ///
    /// # Errors
    /// No port is free, in words.
    fn second_door(&self) -> Result<Door, String>;

    /// The tenant's time.
    fn now(&self) -> Timestamp;

    /// Stops the tenant's clock at a time.
    ///
    /// # Errors
    /// The time cannot be held.
    fn hold_clock_at(&self, at: Timestamp) -> Done;

    /// Moves the tenant's clock on.
    ///
    /// # Errors
    /// The time cannot be held.
    fn advance(&self, by: SignedDuration) -> Done;

    /// Makes the tenant what the world says.
    ///
    /// # Errors
    /// The first setting or person that the service refuses.
    fn furnish(&self, world: &World) -> Done {
        for (path, value) in world.settings {
            self.set(path, setting_value(value))?;
        }
        world.people.iter().try_for_each(|person| self.create(person))
    }

    /// Changes one setting by its dotted path.
    ///
    /// # Errors
    /// The setting does not exist, or the value is out of its range.
    fn set(&self, path: &str, value: Value) -> Done;

    /// Adds a person.
    ///
    /// # Errors
    /// The service refuses the person.
    fn create(&self, person: &Person) -> Done;

    /// Adds a person with belongings that [`Person`] has no word for, as the control API reads them.
    ///
    /// # Errors
    /// The service refuses the person, or the value is none.
    fn create_from(&self, seed: Value) -> Done;

    /// A new token for the API of an app's own servers.
    ///
    /// # Errors
    /// The environment holds as many as it may.
    fn api_token(&self) -> Result<String, Unable>;

    /// Lets the next key sign; the present one goes on verifying.
    ///
    /// # Errors
    /// There is no further key.
    fn rotate_keys(&self) -> Done;

    /// Takes a key out of use for good.
    ///
    /// # Errors
    /// The key signs, or is unknown.
    fn retire_key(&self, kid: &str) -> Done;

    /// The service's record of a user, by address or id; null when there is none.
    ///
    /// # Errors
    /// The service's records cannot be read.
    fn user(&self, who: &str) -> Result<Value, Unable>;

    /// Number and code of the newest mail to an address behind a number.
    ///
    /// # Errors
    /// Nobody's mail can be read.
    fn newest_mail(&self, to: &str, after: u64) -> Result<Option<(u64, String)>, Unable>;

    /// Lets the next matching exchanges go wrong.
    ///
    /// # Errors
    /// The fault names no operation, or cannot be as written.
    fn inject(&self, fault: Fault) -> Done;

    /// How many calls met a fault since all were taken away.
    ///
    /// # Errors
    /// The service no longer answers.
    fn faults_met(&self) -> Result<u32, Unable>;

    /// Takes all faults away.
    ///
    /// # Errors
    /// The service no longer answers.
    fn clear_faults(&self) -> Done;

    /// What was asked of the tenant behind a number (0: everything), in order.
    fn exchanges_after(&self, sequence: u64) -> Vec<Exchange>;

    /// The number of the newest exchange, 0 when there is none.
    fn last_sequence(&self) -> u64;

    /// What went wrong behind a verb that has no way to say so.
    fn trouble(&self) -> Option<String> {
        None
    }

    /// Whether the tenant can be made what a world says.
    fn can_be_furnished(&self) -> bool {
        true
    }

    /// Why what was seen says nothing about the service, when something in its way is to blame.
    fn excuse(&self) -> Option<String> {
        None
    }

    /// Why requests to another environment than the tenant's own would show nothing, if so.
    fn lacks_other_environments(&self) -> Option<String> {
        None
    }
}

/// 36 lower-case hex digits and dashes, as the SDKs' path patterns demand.
fn environment_id(seed: u64, label: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(seed.to_be_bytes());
    hash.update(label);
    let hex = HEXLOWER.encode(&hash.finalize());
    let mut digits = hex.chars();
    let groups = [8, 4, 4, 4, 12].map(|length| digits.by_ref().take(length).collect::<String>());
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_id_follows_from_seed_and_label() {
        let id = environment_id(7, "totp/wrong-code");
        assert_eq!(id, environment_id(7, "totp/wrong-code"));
        assert_ne!(id, environment_id(8, "totp/wrong-code"));
        assert_ne!(id, environment_id(7, "totp/right-code"));
        assert_eq!(id.len(), 36);
        assert!(id.chars().all(|c| c == '-' || c.is_ascii_digit() || ('a'..='f').contains(&c)));
    }
}
