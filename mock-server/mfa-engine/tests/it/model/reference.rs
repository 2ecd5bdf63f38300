//! The plain model: what the service should say, in lists and loops, without ids, secrets or dice.
//!
//! People, sessions, devices and tokens are numbers here, in the order in which they came up. What
//! an answer may be compared by is in [`Seen`]; the refusals are the engine's own words.

use std::fmt;
use std::sync::Arc;

use mfa_engine::policy::{Enrollment, Policy};
use mfa_engine::{Acknowledgement, Refusal, ScopeSet, TokenScope};

use super::rules::Rules;
use super::step::{Address, Age, Deed, Typed};

mod account;
mod factor;
mod right;
mod scene;

pub(super) use scene::{Scene, Tested};

/// Midnight of some day and a bit, in milliseconds since 1970.
const FIRST_MOMENT: i64 = 1_790_000_012_345;
pub(super) const STEP: i64 = 30_000;

/// Everything that the service has to remember.
#[derive(Clone)]
pub(super) struct World {
    pub(super) rules: Rules,
    pub(super) policy: Arc<Policy>,
    pub(super) now: i64,
    pub(super) users: Vec<Option<User>>,
    pub(super) sessions: Vec<Option<Session>>,
    pub(super) bearers: Vec<Bearer>,
    pub(super) letters: Vec<Letter>,
    pub(super) nonces: Vec<Nonce>,
    pub(super) mfa_tokens: Vec<MfaToken>,
    pub(super) elevations: Vec<Elevated>,
    /// How many devices there ever were.
    pub(super) devices: usize,
    /// How many sets of recovery codes there ever were.
    pub(super) sets: usize,
    /// What became of the latest step; none if it named something that does not exist.
    pub(super) scene: Option<Scene>,
}

#[derive(Clone)]
pub(super) struct User {
    pub(super) addresses: Vec<Address>,
    pub(super) device: Option<Device>,
    pub(super) former_device: Option<usize>,
    pub(super) codes: Option<Codes>,
    pub(super) former_set: Option<usize>,
    pub(super) acknowledgement: Acknowledgement,
    /// Wrong codes since the last right one.
    pub(super) failures: Vec<i64>,
}

#[derive(Clone)]
pub(super) struct Device {
    pub(super) number: usize,
    pub(super) verified: bool,
    /// The time step that was accepted last.
    pub(super) last: Option<u64>,
}

#[derive(Clone)]
pub(super) struct Codes {
    pub(super) set: usize,
    pub(super) used: Vec<bool>,
}

#[derive(Clone)]
pub(super) struct Session {
    pub(super) user: usize,
    pub(super) ends: i64,
    pub(super) passed_mfa: bool,
}

/// One JWT of a session.
#[derive(Clone)]
pub(super) struct Bearer {
    pub(super) session: usize,
    pub(super) user: usize,
    pub(super) ends: i64,
}

#[derive(Clone)]
pub(super) struct Letter {
    pub(super) address: Address,
    pub(super) ends: i64,
    pub(super) attempts: u8,
    pub(super) open: bool,
    pub(super) renewed: bool,
}

#[derive(Clone)]
pub(super) struct Nonce {
    pub(super) at: i64,
    pub(super) open: bool,
}

#[derive(Clone)]
pub(super) struct MfaToken {
    pub(super) session: usize,
    pub(super) single_use: bool,
    pub(super) spent: bool,
    pub(super) by_recovery: bool,
    pub(super) ends: Option<i64>,
}

#[derive(Clone)]
pub(super) struct Elevated {
    pub(super) user: usize,
    pub(super) session: usize,
    pub(super) scopes: ScopeSet,
    pub(super) single_use: bool,
    pub(super) ends: i64,
    pub(super) spent: bool,
}

/// What of an answer can be foretold without ids and dice.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Seen {
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
pub(super) struct Scopes {
    pub(super) requires_additional_auth: bool,
    pub(super) basic: bool,
}

/// What a verify-style answer carries.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pass {
    pub(super) scopes: Scopes,
    pub(super) ends: i64,
    pub(super) mfa_token: bool,
    /// Scopes, whether it is single-use, and its end.
    pub(super) elevation: Option<(String, bool, i64)>,
    pub(super) next: Option<&'static str>,
}

pub(super) type Verdict = Result<Seen, Refusal>;

impl fmt::Debug for World {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "an empty world under {:?} rules", self.rules)
    }
}

impl World {
    pub(super) fn new(rules: Rules) -> Self {
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
    pub(super) fn play(&mut self, deed: &Deed) {
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

    pub(super) fn has_open_letters(&self) -> bool {
        self.letters.iter().any(|letter| letter.open && self.now < letter.ends)
    }

    pub(super) fn has_callers(&self) -> bool {
        (0..self.bearers.len()).any(|bearer| self.live_session(bearer).is_ok())
    }

    /// The live session of a bearer (rules J14, J15).
    pub(super) fn live_session(&self, bearer: usize) -> Result<usize, Refusal> {
        let bearer = &self.bearers[bearer];
        if self.now >= bearer.ends {
            return Err(Refusal::TokenExpired);
        }
        match &self.sessions[bearer.session] {
            Some(session) if self.now < session.ends => Ok(bearer.session),
            _ => Err(Refusal::SessionEnded),
        }
    }

    pub(super) fn session(&self, session: usize) -> &Session {
        self.sessions[session].as_ref().unwrap()
    }

    pub(super) fn user(&self, user: usize) -> &User {
        self.users[user].as_ref().unwrap()
    }

    pub(super) fn user_mut(&mut self, user: usize) -> &mut User {
        self.users[user].as_mut().unwrap()
    }

    pub(super) fn owner(&self, address: Address) -> Option<usize> {
        let owns = |user: &Option<User>| {
            user.as_ref().is_some_and(|user| user.addresses.contains(&address))
        };
        self.users.iter().position(owns)
    }

    pub(super) fn has_verified(&self, user: usize) -> bool {
        self.user(user).device.as_ref().is_some_and(|device| device.verified)
    }

    /// Whether the session must still pass a second factor, or enrol one (rules F1, F2, J8, U11).
    pub(super) fn owes_mfa(&self, session: usize) -> bool {
        let session = self.session(session);
        match self.has_verified(session.user) {
            true => self.policy.mfa.enabled && !session.passed_mfa,
            false => self.policy.mfa.enrollment == Enrollment::Signup,
        }
    }

    /// Rules J7, J8, J10, R13, U30.
    pub(super) fn scopes(&self, session: usize) -> Scopes {
        let owes_mfa = self.owes_mfa(session);
        let user = self.user(self.session(session).user);
        let owes_basic = owes_mfa && !self.policy.session.basic_while_pending;
        Scopes {
            requires_additional_auth: owes_mfa,
            basic: !owes_basic && user.acknowledgement != Acknowledgement::Pending,
        }
    }

    /// What the user's list of devices shows.
    pub(super) fn devices_of(&self, user: usize, with_unverified: bool) -> Vec<bool> {
        let device = self.user(user).device.as_ref().map(|device| device.verified);
        device.into_iter().filter(|verified| *verified || with_unverified).collect()
    }

    /// The time step of now.
    pub(super) fn step(&self) -> u64 {
        u64::try_from(self.now / STEP).unwrap()
    }

    pub(super) fn is_right(&self, letter: usize, typed: Typed) -> bool {
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
pub(super) fn aged(count: usize, age: Age) -> Option<usize> {
    count.checked_sub(1).map(|newest| newest - age % count)
}

/// Whether any of the scopes is spent by one use (rule K1).
pub(super) fn is_single_use(policy: &Policy, scopes: &[TokenScope]) -> bool {
    scopes.iter().any(|scope| right::is_single_use(policy, *scope))
}
