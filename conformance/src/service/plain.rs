//! A service whose world nobody here can move: another mock, or a sandbox of the vendor's.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use mock_server::Fault;
use serde_json::{Value, json};
use ureq::Agent;

use super::notebook::Notebook;
use super::pace::Pace;
use super::relay::{Relay, Witness};
use super::trust::Trust;
use super::{Address, Done, Door, Mailbox, Preset, Tenant, Unable, Uncontrolled, http};
use crate::stage::Exchange;
use crate::stopwatch;
use crate::world::{Person, World};

/// A service whose world nobody here can move.
pub struct Plain {
    shared: Arc<Shared>,
    relay: Arc<Relay>,
    seed: u64,
    cases: AtomicU64,
}

/// What all cases have in common.
struct Shared {
    agent: Agent,
    address: Address,
    environment: String,
    mailbox: Option<Mailbox>,
    settings: Preset,
    pace: Arc<Pace>,
}

impl Plain {
    /// Sees that an SDK could be configured there.
    pub(super) fn attach(wanted: &Uncontrolled, seed: u64) -> Result<Self, String> {
        let trust = match wanted.address.is_tls() {
            true => Trust::read(wanted.ca.as_deref())?,
            false => Trust::default(),
        };
        let shared = Shared {
            agent: http::agent(&trust),
            address: wanted.address.clone(),
            environment: wanted.environment.clone(),
            mailbox: wanted.mailbox.clone(),
            settings: wanted.settings,
            pace: Arc::new(Pace::of(wanted.per_minute)),
        };
        let heard = shared.call("GET", "settings", None)?;
        let is_api = serde_json::from_slice::<Value>(&heard.1).is_ok_and(|body| body.is_object());
        if heard.0 != 200 || !is_api {
            return Err(format!(
                "{} is not the API of an SDK with an environment {}: GET {} is answered {}{}; the \
                 base URL ends in /api/v0, and the environment has to be one of that service",
                shared.address,
                shared.environment,
                shared.url("settings"),
                heard.0,
                if is_api { "" } else { ", and not in JSON" },
            ));
        }
        let relay =
            Relay::start(shared.agent.clone(), shared.address.clone(), Arc::clone(&shared.pace))?;
        let (shared, relay) = (Arc::new(shared), Arc::new(relay));
        Ok(Self { shared, relay, seed, cases: AtomicU64::new(0) })
    }

    pub(super) fn base_url(&self) -> String {
        self.shared.address.base()
    }

    pub(super) fn tenant(&self) -> Result<Arc<dyn Tenant>, Unable> {
        // Users stay behind in such a service: a number must not come back in another run.
        let case = self.cases.fetch_add(1, Ordering::Relaxed);
        let number = format!("{}x{}x{case}x", stopwatch::system_ms(), self.seed);
        let notebook = Arc::new(Notebook::new(self.shared.mailbox.clone(), number));
        let witness = Arc::clone(&notebook) as Arc<dyn Witness>;
        let door = self.relay.open(Some(witness)).map_err(Unable::Wrong)?;
        let (shared, relay) = (Arc::clone(&self.shared), Arc::clone(&self.relay));
        Ok(Arc::new(PlainTenant { shared, relay, notebook, door }))
    }

    pub(super) fn ping(&self) -> Result<(), String> {
        // Whatever it says, it speaks.
        self.shared.call("GET", "settings", None).map(drop)
    }
}

impl Shared {
    fn url(&self, path: &str) -> String {
        format!("{}/sdk/{}/{path}", self.address.base(), self.environment)
    }

    fn call(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(u16, Vec<u8>), String> {
        let headers = [("content-type".to_owned(), b"application/json".to_vec())];
        let headers = if body.is_some() { &headers[..] } else { &[] };
        let body = body.map(|body| body.to_string().into_bytes());
        self.pace.wait();
        let heard = http::send(&self.agent, method, &self.url(path), headers, body);
        let heard = heard.map_err(|error| http::silence(&self.address, &error))?;
        Ok((heard.status, heard.body))
    }
}

/// One case in the one environment.
struct PlainTenant {
    shared: Arc<Shared>,
    relay: Arc<Relay>,
    notebook: Arc<Notebook>,
    door: Door,
}

fn lacking<T>(what: &str) -> Result<T, Unable> {
    Err(Unable::Lacking(format!("needs a control API, to {what}")))
}

impl PlainTenant {
    /// Signs somebody up, who is then known to the service.
    fn sign_up(&self, email: &str) -> Done {
        let (Some(alias), Some(mailbox)) = (self.notebook.alias(email), &self.shared.mailbox)
        else {
            return Err(nobodys_mail());
        };
        let begun = self.granted("emailVerifications/create", &json!({ "email": alias }))?;
        let id = begun.get("verificationUUID").cloned().unwrap_or_default();
        let proof = json!({ "verificationUUID": id, "verificationToken": mailbox.code });
        self.granted("emailVerifications/signin", &proof).map(drop)
    }

    fn granted(&self, path: &str, body: &Value) -> Result<Value, Unable> {
        let (status, answer) = self.shared.call("POST", path, Some(body)).map_err(Unable::Lost)?;
        if (200..300).contains(&status) {
            return Ok(serde_json::from_slice(&answer).unwrap_or_default());
        }
        Err(Unable::Lacking(format!(
            "needs people who have signed up, and POST {path} for one is answered {status}; --email \
             and --code have to be those of the service's test accounts"
        )))
    }
}

fn nobodys_mail() -> Unable {
    Unable::Lacking(
        "needs mail that can be read; give the service's test accounts with --email and --code"
            .to_owned(),
    )
}

impl Tenant for PlainTenant {
    fn id(&self) -> String {
        self.shared.environment.clone()
    }

    fn base_url(&self) -> String {
        self.door.base_url()
    }

    fn second_door(&self) -> Result<Door, String> {
        self.relay.open(Some(Arc::clone(&self.notebook) as Arc<dyn Witness>))
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(stopwatch::system_ms()).unwrap_or_default()
    }

    fn hold_clock_at(&self, _at: Timestamp) -> Done {
        lacking("set the clock")
    }

    fn advance(&self, _by: SignedDuration) -> Done {
        lacking("move the clock on")
    }

    fn furnish(&self, world: &World) -> Done {
        let is_as_needed = world.settings == self.shared.settings.settings();
        if !is_as_needed {
            let needed: Vec<String> =
                world.settings.iter().map(|(path, value)| format!("{path}={value}")).collect();
            let needed = if needed.is_empty() { "none".to_owned() } else { needed.join(" ") };
            let has = self.shared.settings.word();
            let text = format!("needs the settings {needed}; the environment is set up as {has}");
            return Err(Unable::Lacking(text));
        }
        world.people.iter().try_for_each(|person| self.create(person))
    }

    fn set(&self, path: &str, _value: Value) -> Done {
        lacking(&format!("change the setting {path}"))
    }

    fn create(&self, person: &Person) -> Done {
        if person.totp.is_some() || !person.recovery.is_empty() || person.recovery_pending {
            return lacking("give people a known second factor");
        }
        self.sign_up(person.email)
    }

    fn create_from(&self, _seed: Value) -> Done {
        lacking("give people what they have")
    }

    fn api_token(&self) -> Result<String, Unable> {
        lacking("make a token for the administrators' API")
    }

    fn rotate_keys(&self) -> Done {
        lacking("rotate the keys")
    }

    fn retire_key(&self, _kid: &str) -> Done {
        lacking("retire a key")
    }

    fn user(&self, _who: &str) -> Result<Value, Unable> {
        lacking("read the service's own records")
    }

    fn newest_mail(&self, to: &str, after: u64) -> Result<Option<(u64, String)>, Unable> {
        match &self.shared.mailbox {
            Some(mailbox) if self.notebook.alias(to).is_some() => {
                let newest = self.notebook.newest_mail(to, after);
                self.notebook.note_reader(to);
                Ok(newest.map(|sequence| (sequence, mailbox.code.clone())))
            }
            _ => Err(nobodys_mail()),
        }
    }

    fn inject(&self, _fault: Fault) -> Done {
        lacking("let calls go wrong")
    }

    fn faults_met(&self) -> Result<u32, Unable> {
        lacking("let calls go wrong")
    }

    fn clear_faults(&self) -> Done {
        // There are none.
        Ok(())
    }

    fn exchanges_after(&self, sequence: u64) -> Vec<Exchange> {
        self.notebook.exchanges_after(sequence)
    }

    fn last_sequence(&self) -> u64 {
        self.notebook.newest()
    }

    fn can_be_furnished(&self) -> bool {
        false
    }

    fn excuse(&self) -> Option<String> {
        if self.notebook.reads_codes_of_several() {
            let why = "needs mails with codes of their own; all test accounts have the same code";
            return Some(why.to_owned());
        }
        self.notebook.is_limited().then(|| {
            "the service refused a call because there were too many (429); ask more slowly, \
             with --per-minute 20 --jobs 1"
                .to_owned()
        })
    }

    fn lacks_other_environments(&self) -> Option<String> {
        Some("needs a control API, to have a second environment".to_owned())
    }
}
