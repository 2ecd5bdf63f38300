//! Opening, refreshing and describing sessions.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rand::CryptoRng;

use super::Environment;
use crate::credential::{Credential, Identity};
use crate::id::{CredentialId, SessionId, UserId};
use crate::outcome::{Grant, Outcome, SessionClaims};
use crate::policy::Enrollment;
use crate::rare::Rare;
use crate::refusal::Refusal;
use crate::scope::{ScopeSet, SessionScope, TokenScope};
use crate::session::{Client, Session};
use crate::trusted_device::DeviceMark;
use crate::user::{Acknowledgement, User};

impl Environment {
    /// Opens a session for the user of a proven identity, who is made if new.
    pub(super) fn sign_in(
        &mut self,
        identity: Identity,
        client: Client,
        device: Option<DeviceMark>,
        allow_new_mfa_linking: bool,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        let owner = self.owner_of(&identity.key());
        let (user, credential) = match owner {
            Some(user) => self.welcome_back(user, &identity, now)?,
            None => self.make_user(identity, now, rng)?,
        };
        self.make_room_for_a_session(user, now);
        let id = SessionId::draw(rng);
        let arrival = self.greet_device(user, owner.is_none(), device, &client, now, rng)?;
        let session = Session {
            id,
            user,
            created_at: now,
            expires_at: self.session_end(now),
            mfa_at: None,
            signin_credential: credential,
            last_credential: credential,
            client,
            device: arrival.device,
            mfa_tokens: BTreeMap::new(),
            merge_offer: None,
        };
        self.sessions.insert(session);
        self.note_sign_in(id, owner.is_none());
        let mut grant = self.grant(id, now)?;
        grant.device_cookie = arrival.cookie;
        // The API's model: the flag yields a token that links a method, if MFA is optional and
        // the user has none yet.
        let may_link = self.policy.mfa.enrollment == Enrollment::None
            && self.policy.elevation.grantable_scopes.contains(TokenScope::CredentialLink)
            && !self.holds_method(self.session(id)?);
        if allow_new_mfa_linking && may_link {
            let scopes: ScopeSet = [TokenScope::CredentialLink].into_iter().collect();
            grant.elevated = Some(self.mint(id, scopes, now, rng)?);
        }
        Ok(Outcome::Session(Box::new(grant)))
    }

    fn welcome_back(
        &mut self,
        id: UserId,
        identity: &Identity,
        now: Timestamp,
    ) -> Result<(UserId, CredentialId), Refusal> {
        let user = self.users.get_mut(&id).ok_or(Refusal::NoSuchUser)?;
        let credential = user.credential_of(&identity.key()).ok_or(Refusal::NoSuchUser)?;
        if !credential.sign_in_enabled {
            return Err(Refusal::SignInDisabled);
        }
        let credential = credential.id;
        user.last_visit = now.into();
        user.new_user = false;
        Ok((id, credential))
    }

    /// Makes a user of a proven identity.
    pub(super) fn make_user(
        &mut self,
        identity: Identity,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<(UserId, CredentialId), Refusal> {
        let max = self.policy.limits.users_max;
        if self.users.len() >= usize::try_from(max).unwrap_or(usize::MAX) {
            return Err(Refusal::TooManyUsers { max });
        }
        let id = UserId::draw(rng);
        let credential_id = CredentialId::draw(rng);
        let key = identity.key();
        let credential = Credential {
            id: credential_id,
            identity,
            verified_at: now.into(),
            sign_in_enabled: true,
        };
        let user = User {
            id,
            profile: Rare::default(),
            credentials: vec![credential],
            totp: None,
            passkeys: Rare::default(),
            recovery: None,
            acknowledgement: Acknowledgement::NotAsked,
            failures: Rare::default(),
            spent: Rare::default(),
            trusted_devices: Rare::default(),
            first_visit: now.into(),
            last_visit: now.into(),
            new_user: true,
        };
        self.users.insert(id, user);
        self.identities.insert(key, id);
        Ok((id, credential_id))
    }

    fn make_room_for_a_session(&mut self, user: UserId, now: Timestamp) {
        // Expired sessions go first; then, at the bound, the oldest live one.
        self.sessions.remove_of(user, |session| now >= session.expires_at);
        let max = usize::try_from(self.policy.limits.sessions_per_user_max).unwrap_or(usize::MAX);
        let mut live: Vec<_> =
            self.sessions_of(user).map(|session| (session.created_at, session.id)).collect();
        live.sort_unstable();
        let surplus = (live.len() + 1).saturating_sub(max);
        for (_, id) in live.into_iter().take(surplus) {
            self.sessions.remove(id);
        }
    }

    fn session_end(&self, now: Timestamp) -> Timestamp {
        let life = SignedDuration::from_secs(self.policy.session.life_seconds.into());
        now.checked_add(life).unwrap_or(Timestamp::MAX)
    }

    pub(super) fn refresh(&mut self, id: SessionId, now: Timestamp) -> Result<Outcome, Refusal> {
        let end = self.session_end(now);
        self.session_mut(id)?.expires_at = end;
        self.user_mut(id)?.last_visit = now.into();
        Ok(Outcome::Session(Box::new(self.grant(id, now)?)))
    }

    /// What a verify-style answer carries for this session as it stands.
    pub(super) fn grant(&self, id: SessionId, now: Timestamp) -> Result<Grant, Refusal> {
        let session = self.session(id)?;
        Ok(Grant {
            user: self.view(id)?,
            claims: SessionClaims {
                user: session.user,
                session: id,
                environment: self.id,
                issued_at: now,
                expires_at: session.expires_at,
                scopes: self.scopes_of(session),
                signin_credential: session.signin_credential,
                last_credential: session.last_credential,
                client: session.client.clone(),
                device_registration: self.registration_of(session),
                issuer_host: self.policy.session.issuer_host.clone(),
                key: self.office.keys.signing(),
            },
            mfa_token: None,
            elevated: None,
            device_cookie: None,
            next: None,
        })
    }

    /// Whether a session still owes a second factor (rules F1, F2, F6, J8).
    ///
    /// ```text
    ///                        user has a verified method     user has none
    ///  session MFA on        challenge                      enrol, if enrolment is forced at sign-up
    ///  session MFA off       nothing                        enrol, if enrolment is forced at sign-up
    /// ```
    pub(super) fn owes_mfa(&self, session: &Session) -> bool {
        if session.mfa_at.is_some() {
            // A factor that was passed counts, unless enrolment is forced and nothing is left (U11).
            let enrolled = self.holds_method(session);
            return self.policy.mfa.enrollment == Enrollment::Signup && !enrolled;
        }
        match self.holds_method(session) {
            true => self.policy.mfa.enabled,
            false => self.policy.mfa.enrollment == Enrollment::Signup,
        }
    }

    /// Whether the user must acknowledge new recovery codes before wallets can be used (rule R13).
    pub(super) fn owes_acknowledgement(&self, session: &Session) -> bool {
        let user = self.users.get(&session.user);
        self.policy.recovery.pending_blocks_wallets
            && user.is_some_and(|user| user.acknowledgement == Acknowledgement::Pending)
    }

    /// The scopes of a session's JWT (rules J7 to J10, R13, U30).
    pub(super) fn scopes_of(&self, session: &Session) -> Vec<SessionScope> {
        let owes_mfa = self.owes_mfa(session);
        let acknowledgement = self.users.get(&session.user).map(|user| user.acknowledgement);
        let unacknowledged = acknowledgement == Some(Acknowledgement::Pending);
        let owes_device = self.owes_device(session);
        let withheld =
            (owes_mfa && !self.policy.session.basic_while_pending) || unacknowledged || owes_device;
        let mut scopes = Vec::new();
        if !withheld {
            scopes.push(SessionScope::Basic);
        }
        if owes_mfa {
            scopes.push(SessionScope::RequiresAdditionalAuth);
        }
        if owes_device {
            scopes.push(SessionScope::DeviceRegister);
        }
        scopes
    }
}
