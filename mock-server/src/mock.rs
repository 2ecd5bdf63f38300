//! The service: its environments, its keys, and the one synchronous door to both.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use fixtures::keys;
use http::Request;
use mfa_engine::EnvironmentId;
use mfa_engine::policy::{Policy, PolicyError};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use sha2::Digest as _;

use crate::answer::Answer;
use crate::clock::Clock;
use crate::hook::Hook;
use crate::hosted::Hosted;
use crate::hosting::Hosting;
use crate::logbook::{self, JournalError, JournalFile, JournalReport, Opened, Unwritten};
use crate::wire::route::Operation;
use crate::wire::token::Sealer;
use crate::wire::{self, Exchanged};
use crate::world::Beginning;

mod aiming;
mod astray;
mod judging;
mod noting;
mod serving;

use astray::Astray;
use noting::{Asked, record};
pub(crate) use serving::Attempt;

/// How a service starts. `Options::default()` is what `mfa-mock` without flags does.
#[derive(Clone)]
pub struct Options {
    /// Fixes ids, secrets, codes and nonces; absent: drawn anew at each start.
    pub seed: Option<u64>,
    /// The settings that every new environment starts with.
    pub policy: Policy,
    /// The clock that every new environment starts with.
    pub clock: Clock,
    /// Whether only environments made beforehand exist; otherwise any id is a world of its own
    /// from its first request.
    pub strict_environments: bool,
    /// Environments that the service holds at most.
    pub environments_max: usize,
    /// Exchanges that an environment's journal keeps at most.
    pub journal_entries_max: usize,
    /// Bytes that an environment's journal keeps at most.
    pub journal_bytes_max: usize,
    /// Genuine tokens that the service remembers at most, so that a signature is not computed for
    /// every call; what can change is asked every time. The default fills some 17 MB, if ever so many
    /// sessions come.
    pub seen_tokens_max: usize,
    /// The longest body in bytes.
    pub body_bytes_max: usize,
    /// How long a body may take to arrive once its head has: what is announced and never sent must
    /// not hold a connection for ever. As long as a head may take, and an idle connection.
    pub body_wait_max: Duration,
    /// Edits decisions, for Rust tests.
    pub hook: Option<Arc<dyn Hook>>,
    /// Where every change is kept across restarts; absent: nowhere.
    pub journal_file: Option<JournalFile>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: None,
            policy: Policy::default(),
            clock: Clock::System,
            strict_environments: false,
            environments_max: 100_000,
            journal_entries_max: 1_000,
            journal_bytes_max: 4 << 20,
            seen_tokens_max: 100_000,
            body_bytes_max: 64 << 10,
            body_wait_max: Duration::from_secs(30),
            hook: None,
            journal_file: None,
        }
    }
}

/// The service cannot be made, or an environment of it cannot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MockError {
    /// A setting is outside its range.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The signing key cannot be used.
    #[error("the signing key cannot be used: {0}")]
    Key(&'static str),
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes; start with a fixed seed")]
    NoEntropy,
    /// The id is not one of an environment.
    #[error("`{0}` is no environment id: 36 characters of lower-case hex and dashes")]
    MalformedEnvironment(String),
    /// The service holds as many environments as it may.
    #[error("the service holds {0} environments, as many as it may")]
    TooManyEnvironments(usize),
    /// The journal file cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The journal file did not take the environment's beginning.
    #[error("{0}")]
    Unwritten(#[from] Unwritten),
}

/// The service. Cheap to clone; all clones are one service.
///
/// ```
/// use mock_server::{Mock, Options, bytes::Bytes, http::Request};
/// let mock = Mock::new(Options::default()).unwrap();
/// let world = mock.fresh_environment().unwrap();
/// let path = format!("/api/v0/sdk/{}/healthcheck", world.id());
/// let answer = mock.answer(&Request::get(path).body(Bytes::new()).unwrap());
/// assert_eq!(answer.response.status(), 200);
/// ```
#[derive(Clone)]
pub struct Mock(Arc<Inner>);

struct Inner {
    beginning: Beginning,
    strict: bool,
    environments_max: usize,
    body_bytes_max: usize,
    body_wait_max: Duration,
    sealer: Sealer,
    environments: RwLock<BTreeMap<EnvironmentId, Arc<Hosted>>>,
    astray: Astray,
    report: Option<JournalReport>,
}

impl Mock {
    /// Makes a service.
    ///
    /// # Errors
    /// A setting is outside its range, there are no random bytes to be had, or the journal file
    /// cannot be used; then nothing in it was changed.
    pub fn new(options: Options) -> Result<Self, MockError> {
        options.policy.check()?;
        let seed = match options.seed {
            Some(seed) => sha2::Sha256::digest(seed.to_be_bytes()).into(),
            None => {
                let mut seed = [0; 32];
                getrandom::fill(&mut seed).map_err(|_| MockError::NoEntropy)?;
                seed
            }
        };
        let mut beginning = Beginning {
            seed,
            policy: options.policy,
            clock: options.clock,
            journal_entries_max: options.journal_entries_max,
            journal_bytes_max: options.journal_bytes_max,
            hook: options.hook,
            logbook: None,
        };
        let (mut environments, mut report) = (BTreeMap::new(), None);
        if let Some(file) = &options.journal_file {
            if beginning.hook.is_some() {
                return Err(JournalError::Hooked.into());
            }
            let opened = logbook::open(file, &beginning, options.seed.is_some(), keys::KEY_ID)?;
            let Opened { logbook, worlds, seed, report: told } = opened;
            beginning = Beginning { seed, logbook: Some(Arc::new(logbook)), ..beginning };
            let hosted = |world| Arc::new(Hosted::of(world, beginning.clone()));
            environments.extend(worlds.into_iter().map(|(id, world)| (id, hosted(world))));
            report = Some(told);
        }
        Ok(Self(Arc::new(Inner {
            beginning,
            strict: options.strict_environments,
            environments_max: options.environments_max,
            body_bytes_max: options.body_bytes_max,
            body_wait_max: options.body_wait_max,
            sealer: Sealer::published(options.seen_tokens_max)?,
            environments: RwLock::new(environments),
            astray: Astray::new(options.journal_entries_max, options.journal_bytes_max),
            report,
        })))
    }

    /// Answers a request of an SDK. Synchronous, total, and never panics; both transports, and
    /// any other that a program may want, are thin around it.
    ///
    /// It returns at once, unless a fault of the kind [`crate::Effect::Meet`] holds the call: then the
    /// thread waits for others, no longer than the fault says.
    pub fn answer(&self, request: &Request<Bytes>) -> Answer {
        match self.attempt(request) {
            Attempt::Answered(answer) => answer,
            Attempt::Held(held) => {
                let turn = held.wait();
                self.resume(request, *held, turn)
            }
        }
    }

    /// Answers a request, unless a fault holds it. Never waits for another call.
    pub(crate) fn attempt(&self, request: &Request<Bytes>) -> Attempt {
        let (hosted, recognised) = self.aim(request);
        let answer = match (&recognised, &hosted) {
            (Ok(target), Some(hosted)) => match target.operation {
                Some(operation) => match self.serve(hosted, operation, target, request) {
                    Attempt::Answered(answer) => answer,
                    held @ Attempt::Held(_) => return held,
                },
                None => Answer::deliver(wire::cors::preflight(request.headers())),
            },
            (Err(rejection), _) => {
                let Exchanged { response, reason } = wire::rejected(rejection);
                let is_kept = !rejection.is_about_the_body_s_way();
                let operation = rejection.operation();
                let asked = Asked { request, operation, is_body_kept: is_kept };
                match &hosted {
                    Some(hosted) => record(hosted, &asked, &response, reason, None),
                    None => self.0.astray.note(&asked, &response, reason),
                }
                Answer::deliver(response)
            }
            (Ok(target), None) if target.operation.is_none() => {
                Answer::deliver(wire::cors::preflight(request.headers()))
            }
            (Ok(target), None) => {
                let Exchanged { response, reason } = wire::stranger(&self.0.sealer, request);
                let operation = target.operation.map(Operation::name);
                let asked = Asked { request, operation, is_body_kept: true };
                self.0.astray.note(&asked, &response, reason);
                Answer::deliver(response)
            }
        };
        Attempt::Answered(self.finish(hosted.as_deref(), request, answer))
    }

    /// What is done to every answer before it leaves.
    fn finish(
        &self,
        hosted: Option<&Hosted>,
        request: &Request<Bytes>,
        mut answer: Answer,
    ) -> Answer {
        let policy = hosted.map(Hosted::policy);
        let origins = policy.as_ref().map_or(&[][..], |policy| &policy.cors_origins);
        wire::cors::allow(request.headers(), origins, &mut answer.response);
        if let Some(hook) = &self.0.beginning.hook {
            hook.answer(request, &mut answer.response);
        }
        answer
    }

    /// The environment of that id, made if need be, even when environments are strict.
    ///
    /// # Errors
    /// The id is malformed, or there are as many environments as there may be.
    pub fn environment(&self, id: &str) -> Result<Hosting, MockError> {
        let malformed = |_| MockError::MalformedEnvironment(id.to_owned());
        Ok(Hosting::new(self.hosted_or_new(id.parse().map_err(malformed)?)?))
    }

    /// An environment with an id that was drawn now.
    ///
    /// # Errors
    /// There are no random bytes, or as many environments as there may be.
    pub fn fresh_environment(&self) -> Result<Hosting, MockError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|_| MockError::NoEntropy)?;
        let id = EnvironmentId::draw(&mut ChaCha8Rng::from_seed(seed));
        Ok(Hosting::new(self.hosted_or_new(id)?))
    }

    /// The environment of that id, if it exists.
    pub fn existing_environment(&self, id: &str) -> Option<Hosting> {
        self.hosted(id.parse().ok()?).map(Hosting::new)
    }

    /// The ids of all environments, in order.
    pub fn environment_ids(&self) -> Vec<String> {
        let environments = self.0.environments.read().unwrap_or_else(PoisonError::into_inner);
        environments.keys().map(ToString::to_string).collect()
    }

    /// Drops an environment with everything in it. True if there was one.
    ///
    /// # Errors
    /// The journal file did not take it; the environment is still there then.
    pub fn forget(&self, id: &str) -> Result<bool, Unwritten> {
        let Ok(id) = id.parse::<EnvironmentId>() else { return Ok(false) };
        let mut environments = self.0.environments.write().unwrap_or_else(PoisonError::into_inner);
        let Some(hosted) = environments.get(&id) else { return Ok(false) };
        hosted.forget()?;
        environments.remove(&id);
        Ok(true)
    }

    /// What came of reading the journal file at the start, if there is one.
    pub fn journal_report(&self) -> Option<&JournalReport> {
        self.0.report.as_ref()
    }

    /// Whether the journal file can still be trusted to hold what is answered.
    ///
    /// # Errors
    /// Its disk failed; every answer is a 503 until a restart.
    pub fn is_sound(&self) -> Result<(), Unwritten> {
        self.0.beginning.logbook.as_ref().map_or(Ok(()), |logbook| logbook.is_sound())
    }

    /// Whether the answer to this request will carry signatures, so that a transport can keep
    /// them off the threads that must stay quick.
    pub fn will_sign(&self, request: &Request<Bytes>) -> bool {
        let target = wire::recognise(request);
        target.is_ok_and(|target| target.operation.is_some_and(Operation::signs))
    }

    /// Whether answers wait for a disk, so that a transport can let many wait together.
    #[cfg(feature = "standalone")]
    pub(crate) fn waits_for_disk(&self) -> bool {
        self.0.beginning.logbook.as_ref().is_some_and(|logbook| logbook.makes_wait())
    }

    /// The code of every address that ends in `+dynamic_test` before the `@`, at the start.
    pub fn static_email_code(&self) -> &str {
        &self.0.beginning.policy.email.static_code
    }

    /// The longest body that a transport needs to read.
    pub fn body_bytes_max(&self) -> usize {
        self.0.body_bytes_max
    }

    /// How long a transport waits for a body; it asks with [`crate::Unread`] then.
    pub fn body_wait_max(&self) -> Duration {
        self.0.body_wait_max
    }

    fn hosted(&self, id: EnvironmentId) -> Option<Arc<Hosted>> {
        let environments = self.0.environments.read().unwrap_or_else(PoisonError::into_inner);
        environments.get(&id).cloned()
    }

    fn hosted_or_new(&self, id: EnvironmentId) -> Result<Arc<Hosted>, MockError> {
        if let Some(hosted) = self.hosted(id) {
            return Ok(hosted);
        }
        let mut environments = self.0.environments.write().unwrap_or_else(PoisonError::into_inner);
        if environments.len() >= self.0.environments_max && !environments.contains_key(&id) {
            return Err(MockError::TooManyEnvironments(self.0.environments_max));
        }
        if let Some(hosted) = environments.get(&id) {
            return Ok(Arc::clone(hosted));
        }
        let hosted = Arc::new(Hosted::begin(id, self.0.beginning.clone())?);
        environments.insert(id, Arc::clone(&hosted));
        Ok(hosted)
    }
}
