//! One Dynamic environment: a deterministic state machine with one door.
//!
//! The same commands at the same times with the same dice give the same environment, byte for
//! byte. There is no separate path for reading: several of the API's reads have effects
//! (registering a TOTP device is a GET), so a read is a command that changes nothing.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use rand::CryptoRng;
use serde::{Deserialize, Serialize};

use crate::admin::Office;
use crate::command::{Caller, Command, Intervention, Request};
use crate::credential::{ExternalUser, Identity, IdentityKey};
use crate::id::{EnvironmentId, SessionId, UserId, VerificationId};
use crate::mfa_token::Digest;
use crate::nonce::{Nonces, PER_CALL_MAX};
use crate::outcome::{Outcome, UserView};
use crate::passkey::Challenges;
use crate::policy::{Policy, PolicyError};
use crate::rate::Rates;
use crate::refusal::Refusal;
use crate::session::{Session, Sessions};
use crate::social::Flows;
use crate::stand_in::StandIns;
use crate::totp::TotpSecret;
use crate::trusted_device::TrustedDeviceRefusal;
use crate::user::{User, Users};
use crate::verification::{Channel, Message, Verification};

mod admin;
mod business;
mod device;
mod elevation;
mod email_factor;
mod event;
mod external_auth;
mod gate;
mod identity;
mod intervention;
mod linking;
mod merge;
mod passkey;
mod rate;
mod recovery;
mod seed;
mod session;
mod sms;
mod social;
mod totp;
mod trusted_device;
mod user;
mod verification;
mod waas;
mod wallet;

pub use intervention::is_address;
use user::Change;
use verification::TypedCode;

/// A world: its settings, users, sessions, open verifications and nonces.
///
/// `Serialize` writes every field, so a snapshot is complete by construction; a field that is
/// added later is in the snapshot without anybody remembering it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    id: EnvironmentId,
    policy: Arc<Policy>,
    users: Users,
    identities: BTreeMap<IdentityKey, UserId>,
    sessions: Sessions,
    verifications: BTreeMap<VerificationId, Verification>,
    verification_order: VecDeque<VerificationId>,
    nonces: Nonces,
    inbox: VecDeque<Message>,
    messages_sent: u64,
    rates: Rates,
    /// The `jti` of assertions that were used, with the moment after which nobody can use them.
    spent_assertions: BTreeMap<Digest, Timestamp>,
    stand_ins: StandIns,
    challenges: Challenges,
    flows: Flows,
    office: Office,
}

impl Environment {
    /// An empty world.
    pub fn new(id: EnvironmentId, policy: Policy) -> Self {
        Self {
            id,
            policy: Arc::new(policy),
            users: Users::default(),
            identities: BTreeMap::new(),
            sessions: Sessions::default(),
            verifications: BTreeMap::new(),
            verification_order: VecDeque::new(),
            nonces: Nonces::default(),
            challenges: Challenges::default(),
            flows: Flows::default(),
            inbox: VecDeque::new(),
            messages_sent: 0,
            rates: Rates::default(),
            spent_assertions: BTreeMap::new(),
            stand_ins: StandIns::default(),
            office: Office::default(),
        }
    }

    /// The only way in for what an SDK asks.
    ///
    /// # Errors
    /// The refusal, which is part of the contract. A refused command changes nothing but
    /// counters: wrong codes, a spent nonce, a single-use token that passed its checks.
    pub fn apply(
        &mut self,
        command: Command,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        let result = self.decide(command, now, rng);
        self.publish(result.is_ok(), now, rng);
        result
    }

    fn decide(
        &mut self,
        command: Command,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        match command {
            Command::IssueNonces { count } => {
                let max = self.policy.limits.nonces_max;
                let count = count.clamp(1, PER_CALL_MAX);
                Ok(Outcome::Nonces((0..count).map(|_| self.nonces.issue(max, now, rng)).collect()))
            }
            Command::StartEmailVerification { email } => {
                let verification = self.open_email_verification(&email, now, rng);
                Ok(Outcome::EmailVerification(verification))
            }
            Command::RetryEmailVerification { verification, email } => {
                self.retry_email_verification(verification, &email, now, rng)
            }
            Command::SignInWithEmail {
                verification,
                code,
                client,
                device,
                allow_new_mfa_linking,
            } => {
                let typed = TypedCode { channel: Channel::Email, verification, code, device };
                self.sign_in_with_code(&typed, client, allow_new_mfa_linking, now, rng)
            }
            Command::Sms(command) => self.take_sms_command(command, now, rng),
            Command::ExternalAuth(command) => self.take_external_auth_command(command, now, rng),
            Command::Passkey(command) => self.serve_passkey_sign_in(command, now, rng),
            Command::Wallet(command) => self.apply_to_wallet(command, now, rng),
            Command::Social(command) => self.apply_to_social(command, now, rng),
            Command::As(caller, request) => {
                let session = self.admit(&caller, &request, now)?;
                self.serve(session, request, now, rng)
            }
            Command::Admin(administrator, request) => {
                self.administer(&administrator, request, now, rng)
            }
        }
    }

    fn serve(
        &mut self,
        session: SessionId,
        request: Request,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        match request {
            Request::VerifyEmail { verification, code, device, scopes, proof } => {
                let typed = TypedCode { channel: Channel::Email, verification, code, device };
                self.verify_code(session, &typed, &scopes, &proof, now, rng)
            }
            Request::Sms(request) => self.take_sms_request(session, request, now, rng),
            Request::ExternalAuth(request) => {
                self.take_external_auth_request(session, request, now, rng)
            }
            Request::Refresh { device } => {
                self.recognise_device(&device, now)?;
                self.refresh(session, now)
            }
            Request::Revoke => self.leave(session, now),
            Request::CheckSession => Ok(Outcome::Done),
            Request::ReadUser => Ok(Outcome::User(Box::new(self.view(session)?), self.id)),
            Request::UpdateUser { update, email, acknowledge_recovery_codes, proof } => {
                let change = Change { update: *update, email, acknowledge_recovery_codes };
                self.update_user(session, change, &proof, now, rng)
            }
            Request::DeleteUser { proof } => self.delete_user(session, &proof, now),
            Request::ListDevices => self.list_devices(session),
            Request::ReadDevice(device) => self.read_device(session, device),
            Request::UpdateDevice { device, default } => {
                self.update_device(session, device, default)
            }
            Request::DeleteDevice { device, proof } => {
                self.delete_device(session, device, &proof, now)
            }
            Request::ListMethods { verified_only } => self.list_methods(session, verified_only),
            Request::RegisterTotp { proof } => self.register_totp(session, &proof, now, rng),
            Request::ConfirmTotp { code } => self.confirm_totp(session, &code, now),
            Request::AuthenticateTotp { code, device, wishes } => {
                self.authenticate_totp(session, &code, device, &wishes, now, rng)
            }
            Request::ReadRecoveryCodes => self.read_recovery_codes(session, rng),
            Request::RotateRecoveryCodes => self.rotate_recovery_codes(session, rng),
            Request::AuthenticateRecoveryCode { code, wishes } => {
                self.authenticate_recovery_code(session, &code, &wishes, now, rng)
            }
            Request::AuthenticateEmail { verification, code, wishes } => {
                self.authenticate_email(session, verification, &code, &wishes, now, rng)
            }
            Request::Passkey(request) => self.serve_passkey(session, request, now, rng),
            Request::CheckStepUp { scope } => self.check_step_up(session, scope),
            Request::TrustedDevice(request) => {
                self.serve_trusted_device(session, request, now, rng)
            }
            Request::Waas(request) => self.waas(session, request, now, rng),
            Request::Business(request) => self.business(session, request, now, rng),
            Request::Wallet(request) => self.serve_wallet(session, request, now, rng),
            Request::Social(request) => self.serve_social(session, request, now, rng),
            Request::Linking(request) => self.serve_linking(session, request, now),
        }
    }

    /// The way in for what a tester asks.
    ///
    /// # Errors
    /// A setting or a seed is outside its range, or the user is unknown.
    pub fn intervene(
        &mut self,
        intervention: Intervention,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Option<UserId>, Refusal> {
        let result = self.carry_out(intervention, now, rng);
        // What a tester sets up did not happen to anybody who wants to be told.
        self.office.events.forget_pending();
        result
    }

    /// The environment's id.
    pub fn id(&self) -> EnvironmentId {
        self.id
    }

    /// Replaces every setting.
    ///
    /// # Errors
    /// The first one that lies outside its range; nothing is changed then.
    pub fn set_policy(&mut self, policy: Policy) -> Result<(), PolicyError> {
        policy.check()?;
        self.policy = Arc::new(policy);
        Ok(())
    }

    /// The settings.
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// The users, in the order of their ids.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.users.values()
    }

    /// The user of an id, an e-mail address, a number in E.164 form, or an external id.
    pub fn find_user(&self, who: &str) -> Option<&User> {
        let by_email = || self.owner_of(&IdentityKey::of_email(who));
        let by_number = || self.owner_of(&IdentityKey::of_e164(who));
        let external = || Identity::External(ExternalUser { user_id: who.to_owned() });
        let by_external_id = || self.owner_of(&external().key());
        let by_wallet = || self.owner_of(&IdentityKey::of_evm_address(who));
        let by_identity =
            || by_email().or_else(by_number).or_else(by_wallet).or_else(by_external_id);
        let id = who.parse().ok().filter(|id| self.users.contains_key(id)).or_else(by_identity)?;
        self.users.get(&id)
    }

    /// The sessions of a user that were not ended; an expired one stays until the next sign-in.
    pub fn sessions_of(&self, user: UserId) -> impl Iterator<Item = &Session> {
        self.sessions.of(user)
    }

    /// The mails and texts sent after a given one, oldest first; only to one address, or one
    /// number in E.164 form, if that is given.
    pub fn messages(
        &self,
        to: Option<&str>,
        after: u64,
    ) -> impl Iterator<Item = &Message> + use<'_> {
        let to = to.map(str::to_lowercase);
        self.inbox.iter().filter(move |message| {
            message.sequence > after && to.as_ref().is_none_or(|to| message.to == *to)
        })
    }

    /// Whether a caller's session is let in at all: the environment, the key, the token's end and
    /// the session itself; not what such a session may ask.
    ///
    /// # Errors
    /// The refusal that each of its calls would meet.
    pub fn recognise_session(&self, caller: &Caller, now: Timestamp) -> Result<(), Refusal> {
        self.admit(caller, &Request::CheckSession, now).map(drop)
    }

    /// The code that an authenticator app would show for a secret at that time.
    pub fn totp_code(&self, secret: &TotpSecret, at: Timestamp) -> String {
        secret.code_at(&self.policy.totp, at)
    }

    /// Lets a live session in, and nobody else (rules J11, J15, K8).
    fn admit(
        &self,
        caller: &Caller,
        request: &Request,
        now: Timestamp,
    ) -> Result<SessionId, Refusal> {
        if caller.environment != self.id {
            return Err(Refusal::ForeignEnvironment);
        }
        if !self.office.keys.is_active(caller.key) {
            return Err(Refusal::RetiredKey);
        }
        if now >= caller.expires_at {
            return Err(Refusal::TokenExpired);
        }
        let live = |session: &&Session| session.user == caller.user && now < session.expires_at;
        let session =
            self.sessions.get(caller.session).filter(live).ok_or(Refusal::SessionEnded)?;
        let is_open =
            request.is_open_to_partial_sessions() || self.policy.session.partial_reaches_everything;
        if !is_open && self.owes_mfa(session) {
            return Err(Refusal::MfaPending);
        }
        if request.is_about_wallets() && self.owes_acknowledgement(session) {
            return Err(Refusal::OnboardingIncomplete);
        }
        let is_open = request.is_open_to_unregistered_devices()
            || self.policy.device_registration.unregistered_reaches_everything;
        if !is_open && self.owes_device(session) {
            return Err(TrustedDeviceRefusal::Unregistered.into());
        }
        Ok(session.id)
    }

    fn session(&self, id: SessionId) -> Result<&Session, Refusal> {
        self.sessions.get(id).ok_or(Refusal::SessionEnded)
    }

    fn session_mut(&mut self, id: SessionId) -> Result<&mut Session, Refusal> {
        self.sessions.get_mut(id).ok_or(Refusal::SessionEnded)
    }

    fn user(&self, session: SessionId) -> Result<&User, Refusal> {
        self.users.get(&self.session(session)?.user).ok_or(Refusal::SessionEnded)
    }

    fn user_mut(&mut self, session: SessionId) -> Result<&mut User, Refusal> {
        let user = self.session(session)?.user;
        self.users.get_mut(&user).ok_or(Refusal::SessionEnded)
    }

    fn view(&self, id: SessionId) -> Result<UserView, Refusal> {
        let session = self.session(id)?;
        let user = self.user(id)?;
        Ok(UserView {
            id: user.id,
            profile: user.profile.clone(),
            credentials: user.credentials.clone(),
            acknowledgement: user.acknowledgement,
            first_visit: user.first_visit.into(),
            last_visit: user.last_visit.into(),
            new_user: user.new_user,
            session: id,
            last_credential: session.last_credential,
            scopes: self.scopes_of(session),
            wallets: self.wallets_shown(user.id),
        })
    }
}
