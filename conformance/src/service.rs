//! The service under the suite: the mock, in this process, on a port of its own.
//!
//! Beside [`crate::broken_service`] the only file that names the mock's types; cases and runner
//! see tenants and exchanges.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use data_encoding::HEXLOWER;
use jiff::{SignedDuration, Timestamp};
use mock_server::engine::policy::Policy;
pub use mock_server::{Effect, Fault};

use mock_server::{Hook, Hosting, Mock, Options, SeededTotp, Server, UserSeed};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::broken_service::Breaking;
use crate::stage::Exchange;
use crate::world::{Person, World, setting_value};

/// A running service.
pub struct Service {
    mock: Mock,
    server: Server,
    seed: u64,
}

impl Service {
    /// Starts the service on an ephemeral port of the loopback interface.
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
        let hook = breaking.map(|breaking| breaking as Arc<dyn Hook>);
        let options = Options { seed: Some(seed), hook, ..Options::default() };
        let mock = Mock::new(options).map_err(|error| error.to_string())?;
        let server = Server::spawn(mock.clone(), loopback()).map_err(|error| error.to_string())?;
        Ok(Self { mock, server, seed })
    }

    /// Where SDKs find the API, ending in `/api/v0`.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.server.base_url()
    }

    /// A second listener for the same tenants, which dies with the value.
    ///
    /// # Errors
    /// No port is free, in words.
    pub fn second_door(&self) -> Result<Door, String> {
        let server =
            Server::spawn(self.mock.clone(), loopback()).map_err(|error| error.to_string())?;
        Ok(Door { server })
    }

    /// A fresh tenant whose clock stands still at a time.
    ///
    /// Its id follows from the seed and the label alone, so that a run can be repeated.
    ///
    /// # Errors
    /// The service has no room left or refuses the time, in words.
    pub fn tenant(&self, label: &str, now: Timestamp) -> Result<Tenant, String> {
        let id = environment_id(self.seed, label);
        self.mock.forget(&id).map_err(|error| error.to_string())?;
        let hosting = self.mock.environment(&id).map_err(|error| error.to_string())?;
        hosting.hold_clock_at(now).map_err(|error| error.to_string())?;
        Ok(Tenant { hosting })
    }

    /// Forgets a tenant and all it holds.
    pub fn forget(&self, id: &str) {
        // Only a journal file could refuse it, and this service has none.
        let _ = self.mock.forget(id);
    }
}

/// A listener that can be shut while the service lives on.
pub struct Door {
    server: Server,
}

impl Door {
    /// Where SDKs find the API behind this door.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.server.base_url()
    }
}

/// One case's tenant: an environment of its own, with its own clock.
#[derive(Clone)]
pub struct Tenant {
    hosting: Hosting,
}

impl Tenant {
    /// The environment's id.
    #[must_use]
    pub fn id(&self) -> String {
        self.hosting.id()
    }

    /// The tenant's time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.hosting.now()
    }

    /// Moves the tenant's clock on.
    ///
    /// # Errors
    /// The time cannot be held, in words.
    pub fn advance(&self, by: SignedDuration) -> Result<(), String> {
        self.hosting.advance_clock(by).map(drop).map_err(|error| error.to_string())
    }

    /// Makes the tenant what the world says.
    ///
    /// # Errors
    /// The first setting or person that the service refuses, in words.
    pub fn furnish(&self, world: &World) -> Result<(), String> {
        for (path, value) in world.settings {
            self.set(path, setting_value(value))?;
        }
        world.people.iter().try_for_each(|person| self.create(person))
    }

    /// Changes one setting by its dotted path.
    ///
    /// # Errors
    /// The setting does not exist, or the value is out of its range, in words.
    pub fn set(&self, path: &str, value: Value) -> Result<(), String> {
        let mut settings =
            serde_json::to_value(self.hosting.policy()).map_err(|error| error.to_string())?;
        let pointer = format!("/{}", path.replace('.', "/"));
        let place =
            settings.pointer_mut(&pointer).ok_or_else(|| format!("there is no setting {path}"))?;
        *place = value;
        let policy: Policy =
            serde_json::from_value(settings).map_err(|error| format!("setting {path}: {error}"))?;
        self.hosting.set_policy(policy).map_err(|error| error.to_string())
    }

    /// Adds a person.
    ///
    /// # Errors
    /// The service refuses the person, in words.
    pub fn create(&self, person: &Person) -> Result<(), String> {
        let codes = person.recovery.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
        let seed = UserSeed {
            email: person.email.to_owned(),
            totp_secret: person.totp.map(str::to_owned),
            totp: match (person.totp, person.totp_confirmed) {
                (None, _) => SeededTotp::None,
                (Some(_), true) => SeededTotp::Enrolled,
                (Some(_), false) => SeededTotp::Pending,
            },
            recovery_codes: (!codes.is_empty()).then_some(codes),
            recovery_codes_pending: person.recovery_pending,
            ..UserSeed::default()
        };
        self.hosting
            .create_user(seed)
            .map(drop)
            .map_err(|refusal| format!("{}: {refusal:?}", person.email))
    }

    /// Adds a person with belongings that [`Person`] has no word for, as the control API reads them.
    ///
    /// # Errors
    /// The service refuses the person, or the value is none, in words.
    pub fn create_from(&self, seed: Value) -> Result<(), String> {
        let seed: UserSeed = serde_json::from_value(seed).map_err(|error| error.to_string())?;
        self.hosting.create_user(seed).map(drop).map_err(|refusal| format!("{refusal:?}"))
    }

    /// A new token for the API of an app's own servers.
    ///
    /// # Errors
    /// The environment holds as many as it may, in words.
    pub fn api_token(&self) -> Result<String, String> {
        let made = self.hosting.create_api_token("the suite", &[]);
        let made = made.map_err(|error| format!("{error:?}"))?;
        made.token.ok_or_else(|| "a new API token is not shown".to_owned())
    }

    /// Lets the next key sign; the present one goes on verifying.
    ///
    /// # Errors
    /// There is no further key, in words.
    pub fn rotate_keys(&self) -> Result<(), String> {
        self.hosting.rotate_keys().map(drop).map_err(|error| format!("{error:?}"))
    }

    /// Takes a key out of use for good.
    ///
    /// # Errors
    /// The key signs, or is unknown, in words.
    pub fn retire_key(&self, kid: &str) -> Result<(), String> {
        self.hosting.retire_key(kid).map(drop).map_err(|error| format!("{error:?}"))
    }

    /// The service's record of a user, by address or id; null when there is none.
    #[must_use]
    pub fn user(&self, who: &str) -> Value {
        let report = self.hosting.user(who);
        report.and_then(|user| serde_json::to_value(user).ok()).unwrap_or(Value::Null)
    }

    /// Number and code of the newest mail to an address behind a number.
    #[must_use]
    pub fn newest_mail(&self, to: &str, after: u64) -> Option<(u64, String)> {
        self.hosting
            .inbox(Some(to), after)
            .into_iter()
            .max_by_key(|mail| mail.sequence)
            .map(|mail| (mail.sequence, mail.code))
    }

    /// Lets the next matching exchanges go wrong; yields the fault's number.
    ///
    /// # Errors
    /// The fault names no operation, or cannot be as written, in words.
    pub fn inject(&self, fault: Fault) -> Result<u64, String> {
        self.hosting.inject_fault(fault).map_err(|error| error.to_string())
    }

    /// How many calls met a fault since all were taken away.
    #[must_use]
    pub fn faults_met(&self) -> u32 {
        self.hosting.faults().iter().map(|injected| injected.fired).sum()
    }

    /// Takes all faults away.
    pub fn clear_faults(&self) {
        // Only a journal file could refuse it, and this service has none.
        let _ = self.hosting.clear_faults();
    }

    /// Everything that was asked of the tenant, in order.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.hosting.journal().into_iter().map(plain).collect()
    }

    /// The number of the newest exchange, 0 when there is none.
    #[must_use]
    pub fn last_sequence(&self) -> u64 {
        self.hosting.journal_newest()
    }

    /// The mock's own handle, for what has no verb here.
    #[must_use]
    pub fn hosting(&self) -> &Hosting {
        &self.hosting
    }
}

fn plain(exchange: mock_server::Exchange) -> Exchange {
    Exchange {
        sequence: exchange.sequence,
        operation: exchange.operation.map(str::to_owned),
        method: exchange.method,
        path: exchange.path,
        request_headers: exchange.request_headers,
        request_body: exchange.request_body,
        status: exchange.status,
        response_body: exchange.response_body,
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

fn loopback() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
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
