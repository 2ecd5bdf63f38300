//! The mock in this process, on a port of its own, driven through its own handle.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use mock_server::engine::policy::Policy;
use mock_server::{Fault, Hook, Hosting, Mock, Options, SeededTotp, Server, UserSeed};
use serde_json::Value;

use super::{Done, Door, Tenant, Unable, environment_id};
use crate::broken_service::Breaking;
use crate::stage::Exchange;
use crate::world::Person;

/// The mock in this process.
pub struct Here {
    mock: Mock,
    server: Server,
    seed: u64,
}

impl Here {
    pub(super) fn start(seed: u64, breaking: Option<Arc<Breaking>>) -> Result<Self, String> {
        let hook = breaking.map(|breaking| breaking as Arc<dyn Hook>);
        let options = Options { seed: Some(seed), hook, ..Options::default() };
        let mock = Mock::new(options).map_err(|error| error.to_string())?;
        let server = Server::spawn(mock.clone(), loopback()).map_err(|error| error.to_string())?;
        Ok(Self { mock, server, seed })
    }

    pub(super) fn base_url(&self) -> String {
        self.server.base_url()
    }

    pub(super) fn tenant(&self, label: &str, now: Timestamp) -> Result<Arc<dyn Tenant>, Unable> {
        let id = environment_id(self.seed, label);
        self.mock.forget(&id).map_err(wrong)?;
        let hosting = self.mock.environment(&id).map_err(wrong)?;
        hosting.hold_clock_at(now).map_err(wrong)?;
        let (mock, base_url) = (self.mock.clone(), self.base_url());
        Ok(Arc::new(Hosted { hosting, mock, base_url }))
    }

    pub(super) fn forget(&self, id: &str) {
        // Only a journal file could refuse it, and this service has none.
        let _ = self.mock.forget(id);
    }
}

/// One environment of the mock in this process.
struct Hosted {
    hosting: Hosting,
    mock: Mock,
    base_url: String,
}

impl Tenant for Hosted {
    fn id(&self) -> String {
        self.hosting.id()
    }

    fn base_url(&self) -> String {
        self.base_url.clone()
    }

    fn second_door(&self) -> Result<Door, String> {
        let server = Server::spawn(self.mock.clone(), loopback());
        let server = server.map_err(|error| error.to_string())?;
        Ok(Door { base_url: server.base_url(), _open: Box::new(server) })
    }

    fn now(&self) -> Timestamp {
        self.hosting.now()
    }

    fn hold_clock_at(&self, at: Timestamp) -> Done {
        self.hosting.hold_clock_at(at).map(drop).map_err(wrong)
    }

    fn advance(&self, by: SignedDuration) -> Done {
        self.hosting.advance_clock(by).map(drop).map_err(wrong)
    }

    fn set(&self, path: &str, value: Value) -> Done {
        let mut settings = serde_json::to_value(self.hosting.policy()).map_err(wrong)?;
        let pointer = format!("/{}", path.replace('.', "/"));
        let place = settings
            .pointer_mut(&pointer)
            .ok_or_else(|| Unable::Wrong(format!("there is no setting {path}")))?;
        *place = value;
        let policy: Policy = serde_json::from_value(settings)
            .map_err(|error| Unable::Wrong(format!("setting {path}: {error}")))?;
        self.hosting.set_policy(policy).map_err(wrong)
    }

    fn create(&self, person: &Person) -> Done {
        self.hosting
            .create_user(seed_of(person))
            .map(drop)
            .map_err(|refusal| Unable::Wrong(format!("{}: {refusal:?}", person.email)))
    }

    fn create_from(&self, seed: Value) -> Done {
        let seed: UserSeed = serde_json::from_value(seed).map_err(wrong)?;
        let made = self.hosting.create_user(seed);
        made.map(drop).map_err(|refusal| Unable::Wrong(format!("{refusal:?}")))
    }

    fn api_token(&self) -> Result<String, Unable> {
        let made = self.hosting.create_api_token("the suite", &[]);
        let made = made.map_err(|error| Unable::Wrong(format!("{error:?}")))?;
        made.token.ok_or_else(|| Unable::Wrong("a new API token is not shown".to_owned()))
    }

    fn rotate_keys(&self) -> Done {
        let rotated = self.hosting.rotate_keys();
        rotated.map(drop).map_err(|error| Unable::Wrong(format!("{error:?}")))
    }

    fn retire_key(&self, kid: &str) -> Done {
        let retired = self.hosting.retire_key(kid);
        retired.map(drop).map_err(|error| Unable::Wrong(format!("{error:?}")))
    }

    fn user(&self, who: &str) -> Result<Value, Unable> {
        let report = self.hosting.user(who);
        Ok(report.and_then(|user| serde_json::to_value(user).ok()).unwrap_or(Value::Null))
    }

    fn newest_mail(&self, to: &str, after: u64) -> Result<Option<(u64, String)>, Unable> {
        let mails = self.hosting.inbox(Some(to), after).into_iter();
        Ok(mails.max_by_key(|mail| mail.sequence).map(|mail| (mail.sequence, mail.code)))
    }

    fn inject(&self, fault: Fault) -> Done {
        self.hosting.inject_fault(fault).map(drop).map_err(wrong)
    }

    fn faults_met(&self) -> Result<u32, Unable> {
        Ok(self.hosting.faults().iter().map(|injected| injected.fired).sum())
    }

    fn clear_faults(&self) -> Done {
        self.hosting.clear_faults().map_err(wrong)
    }

    fn exchanges_after(&self, sequence: u64) -> Vec<Exchange> {
        self.hosting.journal_after(sequence, true).into_iter().map(plain).collect()
    }

    fn last_sequence(&self) -> u64 {
        self.hosting.journal_newest()
    }
}

/// A person as the control API reads one.
pub(super) fn seed_of(person: &Person) -> UserSeed {
    let codes = person.recovery.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
    UserSeed {
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

fn wrong(problem: impl std::fmt::Display) -> Unable {
    Unable::Wrong(problem.to_string())
}

fn loopback() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}
