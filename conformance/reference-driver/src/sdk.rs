//! The SDK itself: a client of one environment.

mod auth;
mod devices;
pub(crate) mod elevated;
pub(crate) mod error;
mod memory;
mod mfa;
mod nonces;
mod passkey;
mod recovery;
mod session;
mod stepup;
mod transport;

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use driver_protocol::{Level, Log, SdkError};
use serde::Deserialize;
use serde_json::{Value, json};
use ureq::Agent;

use crate::chance::alphanumerics;
use crate::clock::Clock;
use crate::keys::KeyPair;
use crate::sabotage::{Act, Deed, HeldOut, Sabotages};
use elevated::ElevatedStore;
use memory::{FirstSettings, Memory};
use nonces::NoncePool;
use session::Session;
use transport::Call;

pub(crate) use mfa::Proof;

/// What all clients of one driver share.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) agent: Agent,
    pub(crate) clock: Clock,
    pub(crate) sabotages: Arc<Sabotages>,
    first_settings: FirstSettings,
}

impl Surroundings {
    pub(crate) fn new(clock: Clock, sabotages: Arc<Sabotages>) -> Self {
        // A redirect is not followed: it would carry the bearer token somewhere else.
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            // A time for all of them together would make a thread for each request, to look the
            // host up in that time.
            .timeout_connect(Some(TIMEOUT))
            .timeout_send_request(Some(TIMEOUT))
            .timeout_send_body(Some(TIMEOUT))
            .timeout_recv_response(Some(TIMEOUT))
            .timeout_recv_body(Some(TIMEOUT))
            .build();
        Self { agent: config.into(), clock, sabotages, first_settings: FirstSettings::default() }
    }
}

/// Which environment, where, and on behalf of which site.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Config {
    pub(crate) environment_id: String,
    /// Ends in `/api/v0`; used as it is.
    pub(crate) base_url: String,
    pub(crate) origin: String,
}

/// What survives a restart.
struct Storage {
    device: KeyPair,
    session_keys: Option<KeyPair>,
    session: Session,
    nonces: NoncePool,
    settings: Option<Value>,
}

/// The e-mail code that was asked for last.
struct Verification {
    id: String,
}

/// An SDK object: one user at most, over one storage.
pub(crate) struct Client {
    surroundings: Surroundings,
    config: Config,
    /// Marks the requests of this object; unrelated to the user's session.
    session_id: String,
    storage: Storage,
    verification: Option<Verification>,
    memory: Memory,
    logs: Vec<Log>,
}

impl Client {
    /// Makes a client with an empty storage and initialises it.
    pub(crate) fn open(surroundings: Surroundings, config: Config) -> Result<Self, SdkError> {
        let storage = Storage {
            device: KeyPair::generate()?,
            session_keys: None,
            session: Session::default(),
            nonces: NoncePool::default(),
            settings: None,
        };
        let mut client = Self {
            surroundings,
            config,
            session_id: alphanumerics(SESSION_ID_LENGTH)?,
            storage,
            verification: None,
            memory: Memory::default(),
            logs: Vec::new(),
        };
        client.initialise()?;
        Ok(client)
    }

    /// Becomes a new SDK object over the same storage and keys.
    pub(crate) fn restart(&mut self) -> Result<(), SdkError> {
        self.session_id = alphanumerics(SESSION_ID_LENGTH)?;
        let memory = std::mem::take(&mut self.memory);
        let session = &mut self.storage.session;
        match (memory.at_sign_in, memory.logged_out) {
            (Some(first), _)
                if session.token.is_some()
                    && session.token != first.token
                    && self.surroundings.sabotages.commits(HeldOut::RestartForgetsTheFactor) =>
            {
                (session.token, session.user) = (first.token, first.user);
            }
            (_, Some(ended))
                if session.user.is_none()
                    && self.surroundings.sabotages.commits(HeldOut::LogoutLeavesTheStorage) =>
            {
                *session = ended;
            }
            _ => {}
        }
        if self.storage.session.token.is_some()
            && self.surroundings.sabotages.commits(Deed::ForgetSessionOnRestart)
        {
            self.storage.session = Session::default();
        }
        if self.storage.session.token.is_some() && self.sins(Deed::FetchSettingsOnRestart) {
            self.storage.settings = None;
        }
        if !self.storage.session.elevated.is_empty() && self.sins(Deed::LoseElevatedOnRestart) {
            self.storage.session.elevated = ElevatedStore::default();
        }
        self.initialise()
    }

    /// Everything that a restart would find, as text.
    pub(crate) fn stored(&self) -> Vec<String> {
        let session = &self.storage.session;
        let mut items: Vec<String> = session.elevated.texts();
        items.extend(session.token.iter().chain(&session.mfa_token).cloned());
        items.extend(session.user.iter().map(|user| Value::Object(user.clone()).to_string()));
        items.extend(self.storage.settings.iter().map(Value::to_string));
        if self.memory.secret.is_some() && self.sins(Deed::StoreTheSecret) {
            items.extend(self.memory.secret.clone());
        }
        if self.memory.bearer.is_some()
            && session.token.is_none()
            && self.sins(Deed::StoreTheOldBearer)
        {
            items.extend(self.memory.bearer.clone());
        }
        items
    }

    /// The SDK's own view of its session; sends nothing.
    pub(crate) fn state(&mut self) -> Value {
        if self.storage.session.user.is_some() && self.sins(Deed::FetchUserForState) {
            // What comes of it is of no interest to anybody.
            let _ = self.user();
        }
        let nobody = Session::default();
        let session = if self.is_over() { &nobody } else { &self.storage.session };
        let mut scopes = session.scopes().into_iter().map(str::to_owned).collect::<Vec<_>>();
        if scopes.len() > 1 && self.sins(Deed::ScopeAsOneWord) {
            scopes = vec![scopes.join(" ")];
        }
        json!({
            "authenticated": session.user.is_some(),
            "user_id": session.user_field("id"),
            "scopes": scopes,
            "mfa_pending": session.owes_mfa(&self.surroundings.sabotages),
            "recovery_ack_pending": session.owes_recovery_ack(),
            "token": session.token,
            "token_exp": session.expires_at,
            "mfa_token": session.mfa_token,
        })
    }

    /// Ends a session whose time is over, as a timer would have done.
    pub(crate) fn notice_expiry(&mut self) -> Result<(), SdkError> {
        if self.is_over() { self.end_session("token-expired") } else { Ok(()) }
    }

    /// Is the time of the session over?
    fn is_over(&self) -> bool {
        let now_s = self.surroundings.clock.now_s();
        self.storage.session.is_expired(now_s) && !self.sins(Deed::IgnoreSessionEnd)
    }

    /// The bearer token, to notice that it changed.
    pub(crate) fn token(&self) -> Option<&str> {
        self.storage.session.token.as_deref()
    }

    /// Hands over the log lines since the last call.
    pub(crate) fn take_logs(&mut self) -> Vec<Log> {
        std::mem::take(&mut self.logs)
    }

    fn initialise(&mut self) -> Result<(), SdkError> {
        if self.storage.settings.is_none() {
            if self.sins(Deed::NoncesBeforeSettings) {
                // Whatever comes of it: the sin is the asking.
                let _ = self.fill_nonces();
            }
            self.storage.settings = Some(self.settings()?);
            if self.sins(Deed::FetchSettingsTwice) {
                self.fetch_settings()?;
            }
        }
        if let Err(failure) = self.fill_nonces() {
            if self.sins(Deed::StartNeedsNonces) {
                return Err(failure);
            }
            // Whoever needs a nonce will ask again, and then the failure is the caller's.
            self.log(Level::Warn, format!("no nonces yet: {}", failure.message));
        }
        if self.storage.session_keys.is_none() {
            self.storage.session_keys = Some(KeyPair::generate()?);
        }
        if self.is_cookie_mode() && !self.sins(Deed::IgnoreCookieSession) {
            self.take_up_cookie_session()?;
        }
        Ok(())
    }

    /// Do sessions live in cookies here, by the settings?
    fn is_cookie_mode(&self) -> bool {
        let settings = self.storage.settings.as_ref();
        let storage = settings.and_then(|all| all.pointer("/security/auth/storage")?.as_array());
        storage.is_some_and(|kinds| kinds.iter().any(|kind| kind == "cookie"))
    }

    /// Asks for the session that a cookie may hold; nobody being signed in is no failure.
    fn take_up_cookie_session(&mut self) -> Result<(), SdkError> {
        match self.refresh() {
            Err(failure) if failure.http == Some(401) => Ok(()),
            end => end,
        }
    }

    fn settings(&mut self) -> Result<Value, SdkError> {
        let first = self.surroundings.first_settings.clone();
        let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(first) = &*first
            && self.sins(Deed::ShareSettings)
        {
            return Ok(first.clone());
        }
        match self.fetch_settings() {
            Err(_) if self.sins(Deed::StartWithoutSettings) => Ok(json!({})),
            Ok(fetched) => Ok(first.insert(fetched).clone()),
            refused => refused,
        }
    }

    fn fetch_settings(&mut self) -> Result<Value, SdkError> {
        let mut attempts_left = SETTINGS_ATTEMPTS_MAX;
        loop {
            attempts_left -= 1;
            match self.json(Call::get("settings").query("sdkVersion=ReferenceSDK%2F0.0.0")) {
                Err(_) if attempts_left > 0 && !self.sins(Deed::OneAttemptAtStart) => {}
                end => return end,
            }
        }
    }

    /// Is this the sin of the driver? If so, it counts as committed.
    fn sins(&self, deed: impl Into<Act>) -> bool {
        self.surroundings.sabotages.commits(deed)
    }

    fn log(&mut self, level: Level, msg: String) {
        self.logs.push(Log { log: level, msg });
    }
}

/// Time for each part of an exchange.
const TIMEOUT: Duration = Duration::from_secs(10);
const SESSION_ID_LENGTH: usize = 32;
/// Settings are only read, so asking again is harmless, and a start must survive a hiccup.
const SETTINGS_ATTEMPTS_MAX: u32 = 3;
