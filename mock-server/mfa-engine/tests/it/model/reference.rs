//! The plain model: what the service should say, in lists and loops, without ids, secrets or dice.
//!
//! People, sessions, devices and tokens are numbers here, in the order in which they came up. What
//! an answer may be compared by is in [`Seen`]; the refusals are the engine's own words.

use std::fmt;
use std::sync::Arc;

use mfa_engine::policy::{EmailCounts, Enrollment, MethodKind, Policy, SameAddress};
use mfa_engine::{Acknowledgement, Refusal, TokenScope};

use super::rules::Rules;
use super::step::{Address, Age, Deed, Mortal, STATIC, Typed};

mod account;
mod factor;
mod holding;
mod letter;
mod linking;
mod office;
mod passkey;
mod right;
mod scene;
mod seen;
mod setting;

pub(crate) use factor::NO_SCOPE;
pub(crate) use holding::{
    Bearer, Challenge, Codes, Credential, Device, Elevated, Identity, Key, Letter, MfaToken, Nonce,
    Passkey, Purpose, Ring, Session, User,
};
pub(crate) use passkey::FOREIGN_ORIGIN;
pub(crate) use scene::{Scene, Tested};
pub(crate) use seen::{Pass, Scopes, Seen, Verdict};

/// Midnight of some day and a bit, in milliseconds since 1970.
const FIRST_MOMENT: i64 = 1_790_000_012_345;
pub(crate) const STEP: i64 = 30_000;

/// Everything that the service has to remember.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) rules: Rules,
    pub(crate) policy: Arc<Policy>,
    pub(crate) now: i64,
    /// What the ends of JWTs are rounded down to, in milliseconds.
    grain: i64,
    pub(crate) users: Vec<Option<User>>,
    pub(crate) sessions: Vec<Option<Session>>,
    /// Sessions that were revoked and are remembered for it.
    pub(crate) revoked: Vec<usize>,
    pub(crate) bearers: Vec<Bearer>,
    pub(crate) letters: Vec<Letter>,
    pub(crate) nonces: Vec<Nonce>,
    pub(crate) mfa_tokens: Vec<MfaToken>,
    pub(crate) elevations: Vec<Elevated>,
    pub(crate) challenges: Vec<Challenge>,
    pub(crate) ring: Ring,
    /// The authenticators that people hold.
    pub(crate) keys: Vec<Key>,
    /// How many credentials there ever were.
    pub(crate) credentials: usize,
    /// How many devices there ever were.
    pub(crate) devices: usize,
    /// How many sets of recovery codes there ever were.
    pub(crate) sets: usize,
    /// What became of the latest step; none if it named something that does not exist.
    pub(crate) scene: Option<Scene>,
}

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
            grain: 1,
            users: Vec::new(),
            sessions: Vec::new(),
            revoked: Vec::new(),
            bearers: Vec::new(),
            letters: Vec::new(),
            nonces: Vec::new(),
            mfa_tokens: Vec::new(),
            elevations: Vec::new(),
            challenges: Vec::new(),
            ring: Ring { newest: 1, retired: Vec::new() },
            keys: Vec::new(),
            credentials: 0,
            devices: 0,
            sets: 0,
            scene: None,
        }
    }

    /// The same for people who hold JWTs, which tell their end in whole seconds (RFC 7519).
    pub(crate) fn on_the_wire(rules: Rules) -> Self {
        Self { grain: 1_000, ..Self::new(rules) }
    }

    /// A time as a JWT tells it.
    pub(crate) fn told(&self, milliseconds: i64) -> i64 {
        milliseconds - milliseconds.rem_euclid(self.grain)
    }

    /// Plays a step and leaves what became of it in `scene`.
    pub(crate) fn play(&mut self, deed: &Deed) {
        self.scene = self.resolve(deed);
        if let Some(mut scene) = self.scene.take() {
            self.take_authenticator(deed, &mut scene);
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
            Deed::Until(second) => self.now = self.now.max(second * 1_000),
            Deed::Rules(rules) => {
                self.rules = *rules;
                self.policy = Arc::new(rules.policy());
            }
            Deed::RevokeAll(_) => self.end_sessions_of(scene.user),
            Deed::Remove(_) => self.dismiss(scene.user)?,
            Deed::Seed(address) => self.seed(*address)?,
            Deed::Mail(address) => return self.mail(*address),
            Deed::Renew(_, address) => return self.renew(scene.letter, *address),
            Deed::SignIn(_, typed, nonce, link) => {
                self.spend_nonce(*nonce, scene)?;
                return self.sign_in_with_letter(scene.letter, *typed, *link);
            }
            Deed::Nonces(count) => {
                let fresh = Nonce { at: self.now, open: true };
                self.nonces.extend(std::iter::repeat_n(fresh, usize::from(*count)));
                return Ok(Seen::Nonces(usize::from(*count)));
            }
            Deed::BeginKeySignIn => return self.begin_key_sign_in(),
            Deed::KeySignIn(_, _, bend, nonce) => return self.key_sign_in(*bend, *nonce, scene),
            Deed::As(_, act) => return self.decide_as(act, scene),
            Deed::Office(order) => return self.obey(order, scene),
        }
        Ok(Seen::Quiet)
    }

    /// The live session of a bearer (rules J14, J15).
    pub(crate) fn live_session(&self, bearer: usize) -> Result<usize, Refusal> {
        let bearer = &self.bearers[bearer];
        if self.ring.retired.contains(&bearer.signed_by) {
            return Err(Refusal::RetiredKey);
        }
        if self.now >= bearer.ends {
            return Err(Refusal::TokenExpired);
        }
        match self.is_live(bearer.session) {
            true => Ok(bearer.session),
            false => Err(Refusal::SessionEnded),
        }
    }

    pub(crate) fn is_live(&self, session: usize) -> bool {
        self.sessions[session].as_ref().is_some_and(|session| self.now < session.ends)
    }

    pub(crate) fn session(&self, session: usize) -> &Session {
        self.sessions[session].as_ref().unwrap()
    }

    pub(crate) fn session_mut(&mut self, session: usize) -> &mut Session {
        self.sessions[session].as_mut().unwrap()
    }

    pub(crate) fn user(&self, user: usize) -> &User {
        self.users[user].as_ref().unwrap()
    }

    pub(crate) fn user_mut(&mut self, user: usize) -> &mut User {
        self.users[user].as_mut().unwrap()
    }

    pub(crate) fn owner(&self, identity: Identity) -> Option<usize> {
        let owns = |user: &Option<User>| user.as_ref().is_some_and(|user| user.owns(identity));
        self.users.iter().position(owns)
    }

    pub(crate) fn owner_of_address(&self, address: Address) -> Option<usize> {
        self.owner(Identity::At(address))
    }

    /// The user's addresses that can be the second factor of a session (rule D6).
    pub(crate) fn mail_factors(&self, session: usize) -> Vec<Address> {
        if !self.mfa_is_on() || !self.allows(MethodKind::Email) {
            return Vec::new();
        }
        let session = self.session(session);
        let same_is_good = self.policy.email_factor.same_address == SameAddress::Allow;
        let all = self.user(session.user).credentials.iter();
        let good = all.filter(|known| same_is_good || known.number != session.opened_by);
        good.filter_map(|known| known.mailbox()).collect()
    }

    /// Whether the user can pass a second factor in this session (rules E2, F5, P8).
    pub(crate) fn holds_method(&self, session: usize) -> bool {
        let user = self.user(self.session(session).user);
        let counts_mail = self.policy.email_factor.counts == EmailCounts::WhenUsable;
        user.has_device()
            || (self.allows(MethodKind::Passkey) && !user.passkeys.is_empty())
            || (counts_mail && !self.mail_factors(session).is_empty())
    }

    /// Whether the session must still pass a second factor, or enrol one (rules F1, F2, J8, U11).
    pub(crate) fn owes_mfa(&self, session: usize) -> bool {
        match self.holds_method(session) {
            true => self.policy.mfa.enabled && !self.session(session).passed_mfa,
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

    /// How many passkeys the user's list of methods shows.
    pub(crate) fn passkey_methods_of(&self, user: usize) -> usize {
        match self.allows(MethodKind::Passkey) {
            true => self.user(user).passkeys.len(),
            false => 0,
        }
    }

    fn end_of(&self, mortal: Mortal) -> Option<i64> {
        match mortal {
            Mortal::Jwt => self.bearers.last().map(|bearer| bearer.ends),
            Mortal::Elevation => self.elevations.last().map(|token| token.ends),
            Mortal::MfaToken => self.mfa_tokens.last().and_then(|token| token.ends),
            Mortal::Letter => self.letters.last().map(|letter| letter.ends),
            Mortal::Nonce => self.nonces.last().map(|nonce| nonce.at + account::NONCE_LIFE),
            Mortal::Challenge => self.challenges.last().map(|it| it.at + self.challenge_life()),
            Mortal::Failure => {
                let life = i64::from(self.policy.totp.failures_window_seconds) * 1_000;
                let user = self.users[self.bearers.last()?.user].as_ref()?;
                let ends = user.failures.iter().map(|at| at + life);
                ends.into_iter().find(|end| *end > self.now)
            }
        }
    }

    pub(crate) fn challenge_life(&self) -> i64 {
        i64::from(self.policy.passkey.challenge_life_seconds) * 1_000
    }

    /// The time step of now.
    pub(crate) fn step(&self) -> u64 {
        u64::try_from(self.now / STEP).unwrap()
    }

    pub(crate) fn is_right(&self, letter: usize, typed: Typed) -> bool {
        let letter = &self.letters[letter];
        // An address for tests gets the same code again and again.
        let is_static = STATIC.contains(&letter.address);
        match typed {
            Typed::Right | Typed::Misplaced => true,
            Typed::Wrong => false,
            Typed::Replaced => letter.renewed && is_static,
        }
    }

    pub(crate) fn end_sessions_of(&mut self, user: usize) {
        for session in &mut self.sessions {
            if session.as_ref().is_some_and(|session| session.user == user) {
                *session = None;
            }
        }
    }

    pub(crate) fn dismiss(&mut self, user: usize) -> Result<(), Refusal> {
        self.users[user].take().ok_or(Refusal::NoSuchUser)?;
        self.end_sessions_of(user);
        Ok(())
    }

    /// A number for a new credential.
    pub(crate) fn number_credential(&mut self) -> usize {
        self.credentials += 1;
        self.credentials - 1
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
