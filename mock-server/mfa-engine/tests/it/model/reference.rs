//! The plain model: what the service should say, in lists and loops, without ids, secrets or dice.
//!
//! People, sessions, devices and tokens are numbers here, in the order in which they came up. What
//! an answer may be compared by is in [`Seen`]; the refusals are the engine's own words.

use std::fmt;
use std::sync::Arc;

use mfa_engine::policy::{Enrollment, Policy};
use mfa_engine::{Acknowledgement, Refusal, ScopeSet, TokenScope};

use super::rules::Rules;
use super::step::{Address, Age, Deed, Mortal, Typed};

mod account;
mod factor;
mod right;
mod scene;

pub(crate) use factor::NO_SCOPE;
pub(crate) use scene::{Scene, Tested};

/// Midnight of some day and a bit, in milliseconds since 1970.
const FIRST_MOMENT: i64 = 1_790_000_012_345;
pub(crate) const STEP: i64 = 30_000;

/// Everything that the service has to remember.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) rules: Rules,
    pub(crate) policy: Arc<Policy>,
    pub(crate) now: i64,
    pub(crate) users: Vec<Option<User>>,
    pub(crate) sessions: Vec<Option<Session>>,
    pub(crate) bearers: Vec<Bearer>,
    pub(crate) letters: Vec<Letter>,
    pub(crate) nonces: Vec<Nonce>,
    pub(crate) mfa_tokens: Vec<MfaToken>,
    pub(crate) elevations: Vec<Elevated>,
    /// How many devices there ever were.
    pub(crate) devices: usize,
    /// How many sets of recovery codes there ever were.
    pub(crate) sets: usize,
    /// What became of the latest step; none if it named something that does not exist.
    pub(crate) scene: Option<Scene>,
}

#[derive(Clone)]
pub(crate) struct User {
    pub(crate) addresses: Vec<Address>,
    pub(crate) device: Option<Device>,
    pub(crate) former_device: Option<usize>,
    pub(crate) codes: Option<Codes>,
    pub(crate) former_set: Option<usize>,
    pub(crate) acknowledgement: Acknowledgement,
    /// Wrong codes since the last right one.
    pub(crate) failures: Vec<i64>,
}

#[derive(Clone)]
pub(crate) struct Device {
    pub(crate) number: usize,
    pub(crate) verified: bool,
    /// The time step that was accepted last.
    pub(crate) last: Option<u64>,
}

#[derive(Clone)]
pub(crate) struct Codes {
    pub(crate) set: usize,
    pub(crate) used: Vec<bool>,
}

#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) user: usize,
    pub(crate) ends: i64,
    pub(crate) passed_mfa: bool,
}

/// One JWT of a session.
#[derive(Clone)]
pub(crate) struct Bearer {
    pub(crate) session: usize,
    pub(crate) user: usize,
    pub(crate) ends: i64,
}

#[derive(Clone)]
pub(crate) struct Letter {
    pub(crate) address: Address,
    pub(crate) ends: i64,
    pub(crate) attempts: u8,
    pub(crate) open: bool,
    pub(crate) renewed: bool,
}

#[derive(Clone)]
pub(crate) struct Nonce {
    pub(crate) at: i64,
    pub(crate) open: bool,
}

#[derive(Clone)]
pub(crate) struct MfaToken {
    pub(crate) session: usize,
    pub(crate) single_use: bool,
    pub(crate) spent: bool,
    pub(crate) by_recovery: bool,
    pub(crate) ends: Option<i64>,
}

#[derive(Clone)]
pub(crate) struct Elevated {
    pub(crate) user: usize,
    pub(crate) session: usize,
    pub(crate) scopes: ScopeSet,
    pub(crate) single_use: bool,
    pub(crate) ends: i64,
    pub(crate) spent: bool,
}

/// What of an answer can be foretold without ids and dice.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Seen {
    /// The tester's doing, or time passing: nobody answers.
    Quiet,
    Done,
    Nonces(usize),
    Letter,
    Session(Pass),
    User(Scopes),
    /// Whether each device is verified.
    Devices(Vec<bool>),
    Device(bool),
    Methods(Vec<bool>, bool),
    Registered,
    /// How many are unused, how many are shown.
    Codes(usize, usize),
    StepUp(bool, Vec<&'static str>),
}

/// The scopes of a session's JWT.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scopes {
    pub(crate) requires_additional_auth: bool,
    pub(crate) basic: bool,
}

/// What a verify-style answer carries.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pass {
    pub(crate) scopes: Scopes,
    pub(crate) ends: i64,
    pub(crate) mfa_token: bool,
    /// Scopes, whether it is single-use, and its end.
    pub(crate) elevation: Option<(String, bool, i64)>,
    pub(crate) next: Option<&'static str>,
}

pub(crate) type Verdict = Result<Seen, Refusal>;

impl fmt::Debug for World {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "an empty world under {:?} rules", self.rules)
    }
}

impl World {
    pub(crate) fn new(rules: Rules) -> Self {
        Self {
            rules,
            policy: Arc::new(rules.policy()),
            now: FIRST_MOMENT,
            users: Vec::new(),
            sessions: Vec::new(),
            bearers: Vec::new(),
            letters: Vec::new(),
            nonces: Vec::new(),
            mfa_tokens: Vec::new(),
            elevations: Vec::new(),
            devices: 0,
            sets: 0,
            scene: None,
        }
    }

    /// Plays a step and leaves what became of it in `scene`.
    pub(crate) fn play(&mut self, deed: &Deed) {
        self.scene = self.resolve(deed);
        if let Some(mut scene) = self.scene.take() {
            scene.verdict = self.decide(deed, &mut scene);
            self.scene = Some(scene);
        }
    }

    fn decide(&mut self, deed: &Deed, scene: &mut Scene) -> Verdict {
        match deed {
            Deed::Wait(milliseconds) => self.now += milliseconds.max(&0),
            Deed::ToEdge(milliseconds) => {
                let edge = (self.now / STEP + 1) * STEP + milliseconds;
                self.now = self.now.max(edge);
            }
            Deed::ToEnd(mortal, milliseconds) => {
                let end = self.end_of(*mortal).unwrap_or(self.now);
                self.now = self.now.max(end + milliseconds);
            }
            Deed::Rules(rules) => {
                self.rules = *rules;
                self.policy = Arc::new(rules.policy());
            }
            Deed::RevokeAll(_) => self.end_sessions_of(scene.user),
            Deed::Remove(_) => {
                self.users.get(scene.user).and_then(Option::as_ref).ok_or(Refusal::NoSuchUser)?;
                self.remove(scene.user);
            }
            Deed::Seed(address) => self.seed(*address)?,
            Deed::Mail(address) => return Ok(self.mail(*address)),
            Deed::Renew(_, address) => return self.renew(scene.letter, *address),
            Deed::SignIn(_, typed, nonce, link) => {
                self.spend_nonce(*nonce, scene)?;
                return self.sign_in(scene.letter, *typed, *link);
            }
            Deed::Nonces(count) => {
                let fresh = Nonce { at: self.now, open: true };
                self.nonces.extend(std::iter::repeat_n(fresh, usize::from(*count)));
                return Ok(Seen::Nonces(usize::from(*count)));
            }
            Deed::As(_, act) => return self.decide_as(act, scene),
        }
        Ok(Seen::Quiet)
    }

    /// The live session of a bearer (rules J14, J15).
    pub(crate) fn live_session(&self, bearer: usize) -> Result<usize, Refusal> {
        let bearer = &self.bearers[bearer];
        if self.now >= bearer.ends {
            return Err(Refusal::TokenExpired);
        }
        match &self.sessions[bearer.session] {
            Some(session) if self.now < session.ends => Ok(bearer.session),
            _ => Err(Refusal::SessionEnded),
        }
    }

    pub(crate) fn session(&self, session: usize) -> &Session {
        self.sessions[session].as_ref().unwrap()
    }

    pub(crate) fn user(&self, user: usize) -> &User {
        self.users[user].as_ref().unwrap()
    }

    pub(crate) fn user_mut(&mut self, user: usize) -> &mut User {
        self.users[user].as_mut().unwrap()
    }

    pub(crate) fn owner(&self, address: Address) -> Option<usize> {
        let owns = |user: &Option<User>| {
            user.as_ref().is_some_and(|user| user.addresses.contains(&address))
        };
        self.users.iter().position(owns)
    }

    pub(crate) fn has_verified(&self, user: usize) -> bool {
        self.user(user).device.as_ref().is_some_and(|device| device.verified)
    }

    /// Whether the session must still pass a second factor, or enrol one (rules F1, F2, J8, U11).
    pub(crate) fn owes_mfa(&self, session: usize) -> bool {
        let session = self.session(session);
        match self.has_verified(session.user) {
            true => self.policy.mfa.enabled && !session.passed_mfa,
            false => self.policy.mfa.enrollment == Enrollment::Signup,
        }
    }

    /// Rules J7, J8, J10, R13, U30.
    pub(crate) fn scopes(&self, session: usize) -> Scopes {
        let owes_mfa = self.owes_mfa(session);
        let user = self.user(self.session(session).user);
        let owes_basic = owes_mfa && !self.policy.session.basic_while_pending;
        Scopes {
            requires_additional_auth: owes_mfa,
            basic: !owes_basic && user.acknowledgement != Acknowledgement::Pending,
        }
    }

    /// What the user's list of devices shows.
    pub(crate) fn devices_of(&self, user: usize, with_unverified: bool) -> Vec<bool> {
        let device = self.user(user).device.as_ref().map(|device| device.verified);
        device.into_iter().filter(|verified| *verified || with_unverified).collect()
    }

    fn end_of(&self, mortal: Mortal) -> Option<i64> {
        match mortal {
            Mortal::Jwt => self.bearers.last().map(|bearer| bearer.ends),
            Mortal::Elevation => self.elevations.last().map(|token| token.ends),
            Mortal::MfaToken => self.mfa_tokens.last().and_then(|token| token.ends),
            Mortal::Letter => self.letters.last().map(|letter| letter.ends),
            Mortal::Nonce => self.nonces.last().map(|nonce| nonce.at + account::NONCE_LIFE),
            Mortal::Failure => {
                let life = i64::from(self.policy.totp.failures_window_seconds) * 1_000;
                let user = self.users[self.bearers.last()?.user].as_ref()?;
                let ends = user.failures.iter().map(|at| at + life);
                ends.into_iter().find(|end| *end > self.now)
            }
        }
    }

    /// The time step of now.
    pub(crate) fn step(&self) -> u64 {
        u64::try_from(self.now / STEP).unwrap()
    }

    pub(crate) fn is_right(&self, letter: usize, typed: Typed) -> bool {
        let letter = &self.letters[letter];
        // An address for tests gets the same code again and again.
        let is_static = letter.address + 1 == super::step::ADDRESSES.len();
        match typed {
            Typed::Right => true,
            Typed::Wrong => false,
            Typed::Replaced => letter.renewed && is_static,
        }
    }

    fn end_sessions_of(&mut self, user: usize) {
        for session in &mut self.sessions {
            if session.as_ref().is_some_and(|session| session.user == user) {
                *session = None;
            }
        }
    }

    fn remove(&mut self, user: usize) {
        self.users[user] = None;
        self.end_sessions_of(user);
    }
}

/// The thing of that age in a list of so many.
pub(crate) fn aged(count: usize, age: Age) -> Option<usize> {
    count.checked_sub(1).map(|newest| newest - age % count)
}

/// Whether any of the scopes is spent by one use (rule K1).
pub(crate) fn is_single_use(policy: &Policy, scopes: &[TokenScope]) -> bool {
    scopes.iter().any(|scope| right::is_single_use(policy, *scope))
}
