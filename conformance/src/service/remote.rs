//! A mock that runs elsewhere, of any version, driven over its control API.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use mock_server::Fault;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::control::Control;
use super::here::seed_of;
use super::pace::Pace;
use super::relay::Relay;
use super::trust::Trust;
use super::{Address, Controlled, Done, Door, Tenant, Unable, environment_id, http};
use crate::stage::Exchange;
use crate::stopwatch;
use crate::world::Person;

/// A mock that runs elsewhere.
pub struct Remote {
    control: Control,
    address: Address,
    /// Where clients ask: the service itself, or the relay that speaks https for them.
    base_url: String,
    relay: Arc<Relay>,
    /// Keeps the relay's listener open.
    _door: Option<Door>,
    name: String,
    seed: u64,
}

impl Remote {
    /// Reaches the control API, and sees that the API of the SDKs is that of the same service.
    pub(super) fn attach(wanted: &Controlled, seed: u64) -> Result<Self, String> {
        let is_tls = wanted.address.is_tls() || wanted.control.is_tls();
        let trust = match is_tls {
            true => Trust::read(wanted.ca.as_deref())?,
            false => Trust::default(),
        };
        let agent = http::agent(&trust);
        let (control, name) =
            Control::reach(agent.clone(), wanted.control.clone(), wanted.token.clone())?;
        let address = wanted.address.clone();
        let relay =
            Arc::new(Relay::start(agent.clone(), address.clone(), Arc::new(Pace::of(None)))?);
        let door = match address.is_tls() {
            true => Some(relay.open(None)?),
            false => None,
        };
        let base_url = door.as_ref().map_or_else(|| address.base(), Door::base_url);
        let remote = Self { control, address, base_url, relay, _door: door, name, seed };
        remote.knock(&agent)?;
        Ok(remote)
    }

    /// Asks the API of the SDKs for something, and looks for it in the journal.
    fn knock(&self, agent: &ureq::Agent) -> Result<(), String> {
        let now = Timestamp::from_millisecond(stopwatch::system_ms()).unwrap_or_default();
        let tenant = self.tenant("the suite knocks", now).map_err(|unable| unable.to_string())?;
        let address = &self.address;
        let url = format!("{}/sdk/{}/settings", address.base(), tenant.id());
        let heard = http::send(agent, "GET", &url, &[], None)
            .map_err(|error| http::silence(address, &error))?;
        let seen = tenant.last_sequence();
        self.forget(&tenant.id());
        match (heard.status, seen) {
            (200, 1..) => Ok(()),
            (200, 0) => Err(format!(
                "what is asked at {address} does not reach the service whose control API was given; \
                 --service and --control have to be the same service"
            )),
            (status, _) => Err(format!(
                "{address} is not the API of an SDK: GET {url} is answered {status}; the base URL \
                 of the mock ends in /api/v0"
            )),
        }
    }

    pub(super) fn base_url(&self) -> String {
        self.base_url.clone()
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn tenant(&self, label: &str, now: Timestamp) -> Result<Arc<dyn Tenant>, Unable> {
        let id = environment_id(self.seed, label);
        self.forget(&id);
        let tenant = RemoteTenant {
            control: self.control.clone(),
            path: format!("/environments/{id}"),
            id,
            base_url: self.base_url(),
            relay: Arc::clone(&self.relay),
            seen: Mutex::new(Watched { now, ..Watched::default() }),
        };
        tenant.ask("PUT", "", None).map_err(ours)?;
        tenant.hold_clock_at(now).map_err(ours)?;
        Ok(Arc::new(tenant))
    }

    pub(super) fn forget(&self, id: &str) {
        // There may be none of that id; and a service that is lost is noticed by what comes next.
        let _ = self.control.call("DELETE", &format!("/environments/{id}"), None);
    }

    pub(super) fn ping(&self) -> Result<(), String> {
        self.control.call("GET", "/", None).map(drop).map_err(|unable| unable.to_string())
    }
}

/// Without an environment nothing can be played: that is no lack of one case.
fn ours(unable: Unable) -> Unable {
    match unable {
        Unable::Lacking(text) => Unable::Wrong(text),
        other => other,
    }
}

/// One environment of a mock elsewhere.
struct RemoteTenant {
    control: Control,
    id: String,
    path: String,
    base_url: String,
    relay: Arc<Relay>,
    seen: Mutex<Watched>,
}

/// What was learned of a tenant so far, so that nothing is asked for twice.
#[derive(Default)]
struct Watched {
    now: Timestamp,
    exchanges: Vec<Exchange>,
    trouble: Option<String>,
}

/// A page of a journal.
#[derive(Deserialize)]
struct Page {
    exchanges: Vec<Entry>,
}

/// One exchange of a journal; what other versions add is not looked at.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    sequence: u64,
    operation: Option<String>,
    method: String,
    path: String,
    request_headers: Vec<(String, String)>,
    request_body: Value,
    status: u16,
    response_body: Value,
}

impl RemoteTenant {
    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Unable> {
        self.control.call(method, &format!("{}{path}", self.path), body)
    }

    fn watched(&self) -> MutexGuard<'_, Watched> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads what the journal has behind what is known.
    fn refresh(&self) -> MutexGuard<'_, Watched> {
        let mut watched = self.watched();
        let after = watched.exchanges.last().map_or(0, |seen| seen.sequence);
        let page = self.ask("GET", &format!("/journal?reveal=true&after={after}"), None);
        let read = page.and_then(|page| {
            serde_json::from_value::<Page>(page)
                .map_err(|error| Unable::Wrong(format!("the journal cannot be read: {error}")))
        });
        match read {
            Ok(page) => watched.exchanges.extend(page.exchanges.into_iter().map(plain)),
            Err(unable) => {
                watched.trouble.get_or_insert(unable.to_string());
            }
        }
        watched
    }

    fn told_clock(&self, answer: &Value) -> Done {
        let now = answer.get("now").cloned().unwrap_or_default();
        self.watched().now = serde_json::from_value(now)
            .map_err(|error| Unable::Wrong(format!("the clock cannot be read: {error}")))?;
        Ok(())
    }
}

impl Tenant for RemoteTenant {
    fn id(&self) -> String {
        self.id.clone()
    }

    fn base_url(&self) -> String {
        self.base_url.clone()
    }

    fn second_door(&self) -> Result<Door, String> {
        self.relay.open(None)
    }

    fn now(&self) -> Timestamp {
        self.watched().now
    }

    fn hold_clock_at(&self, at: Timestamp) -> Done {
        let held = json!({ "mode": "held", "at": at.to_string() });
        let told = self.ask("PUT", "/clock", Some(&held))?;
        self.told_clock(&told)
    }

    fn advance(&self, by: SignedDuration) -> Done {
        let by = json!({ "seconds": by.as_secs() });
        let told = self.ask("POST", "/clock/advance", Some(&by))?;
        self.told_clock(&told)
    }

    fn set(&self, path: &str, value: Value) -> Done {
        // Not a patch: a setting that is an object is replaced as a whole, as in this process.
        let mut settings = self.ask("GET", "/settings", None)?;
        let pointer = format!("/{}", path.replace('.', "/"));
        let place = settings
            .pointer_mut(&pointer)
            .ok_or_else(|| Unable::Lacking(format!("this service has no setting {path}")))?;
        *place = value;
        self.ask("PUT", "/settings", Some(&settings)).map(drop)
    }

    fn create(&self, person: &Person) -> Done {
        let seed = serde_json::to_value(seed_of(person))
            .map_err(|error| Unable::Wrong(error.to_string()))?;
        self.create_from(seed)
    }

    fn create_from(&self, seed: Value) -> Done {
        // What is absent is left out, because an older service does not know every field.
        let seed = match seed {
            Value::Object(fields) => Value::Object(
                fields.into_iter().filter(|(_, it)| !it.is_null()).collect::<Map<_, _>>(),
            ),
            other => other,
        };
        self.ask("POST", "/users", Some(&seed)).map(drop)
    }

    fn api_token(&self) -> Result<String, Unable> {
        let made = self.ask("POST", "/api-tokens", Some(&json!({ "note": "the suite" })))?;
        let token = made.get("token").and_then(Value::as_str).map(str::to_owned);
        token.ok_or_else(|| Unable::Wrong("a new API token is not shown".to_owned()))
    }

    fn rotate_keys(&self) -> Done {
        self.ask("POST", "/keys/rotate", None).map(drop)
    }

    fn retire_key(&self, kid: &str) -> Done {
        self.ask("POST", &format!("/keys/{}/retire", escaped(kid)), None).map(drop)
    }

    fn user(&self, who: &str) -> Result<Value, Unable> {
        match self.ask("GET", &format!("/users/{}", escaped(who)), None) {
            // The only thing it can refuse is somebody who is not there.
            Err(Unable::Lacking(_)) => Ok(Value::Null),
            told => told,
        }
    }

    fn newest_mail(&self, to: &str, after: u64) -> Result<Option<(u64, String)>, Unable> {
        let told = self.ask("GET", &format!("/inbox?to={}&after={after}", escaped(to)), None)?;
        let read = |mail: &Value| {
            let code = mail.get("code")?.as_str()?.to_owned();
            Some((mail.get("sequence")?.as_u64()?, code))
        };
        let mails = told.get("mails").and_then(Value::as_array).into_iter().flatten();
        Ok(mails.filter_map(read).max_by_key(|(sequence, _)| *sequence))
    }

    fn inject(&self, fault: Fault) -> Done {
        let fault =
            serde_json::to_value(fault).map_err(|error| Unable::Wrong(error.to_string()))?;
        self.ask("POST", "/faults", Some(&fault)).map(drop)
    }

    fn faults_met(&self) -> Result<u32, Unable> {
        let told = self.ask("GET", "/faults", None)?;
        let faults = told.get("faults").and_then(Value::as_array).into_iter().flatten();
        let fired = faults.filter_map(|fault| fault.get("fired")?.as_u64()).sum::<u64>();
        Ok(u32::try_from(fired).unwrap_or(u32::MAX))
    }

    fn clear_faults(&self) -> Done {
        self.ask("DELETE", "/faults", None).map(drop)
    }

    fn exchanges_after(&self, sequence: u64) -> Vec<Exchange> {
        let watched = self.refresh();
        watched.exchanges.iter().filter(|seen| seen.sequence > sequence).cloned().collect()
    }

    fn last_sequence(&self) -> u64 {
        self.refresh().exchanges.last().map_or(0, |seen| seen.sequence)
    }

    fn trouble(&self) -> Option<String> {
        self.watched().trouble.clone()
    }
}

fn plain(entry: Entry) -> Exchange {
    Exchange {
        sequence: entry.sequence,
        operation: entry.operation,
        method: entry.method,
        path: entry.path,
        request_headers: entry.request_headers,
        request_body: entry.request_body,
        status: entry.status,
        response_body: entry.response_body,
    }
}

/// A text that may stand in a path or a query: everything but letters and digits as `%XX`.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}
