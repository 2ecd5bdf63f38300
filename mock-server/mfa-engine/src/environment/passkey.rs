//! Passkeys of the signed-in user: registering, passing the second factor, the list.

use jiff::{SignedDuration, Timestamp};
use rand::CryptoRng;

use super::Environment;
use super::gate::Passage;
use super::identity::parse_scopes;
use crate::command::{Proof, Wishes};
use crate::credential::{Credential, Identity, PasskeyCredential};
use crate::id::{CredentialId, SessionId, UserId};
use crate::mfa_token::Factor;
use crate::outcome::Outcome;
use crate::passkey::{
    Assertion, ClientData, Flaw, Octets, Passkey, PasskeyOutcome, PasskeyRefusal, PasskeyRequest,
    Purpose, Registration, RegistrationOptions, RequestOptions, Used, Wanted,
};
use crate::policy::{Enrollment, MethodKind};
use crate::refusal::Refusal;
use crate::scope::TokenScope;

mod sign_in;

/// A registration with everything that came along.
struct Offer {
    id: Option<CredentialId>,
    registration: Registration,
    user_agent: Option<String>,
    wishes: Wishes,
    proof: Proof,
}

impl Environment {
    pub(super) fn serve_passkey(
        &mut self,
        session: SessionId,
        request: PasskeyRequest,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        match request {
            PasskeyRequest::BeginRegistration => {
                self.begin_passkey_registration(session, now, rng)
            }
            PasskeyRequest::Register { id, registration, user_agent, mfa_token, proof } => {
                let wishes = Wishes { mfa_token, scopes: Vec::new() };
                let registration = *registration;
                let offer = Offer { id, registration, user_agent, wishes, proof };
                self.register_passkey(session, offer, now, rng)
            }
            PasskeyRequest::BeginAuthentication { rp_id } => {
                self.begin_passkey_authentication(session, rp_id.as_deref(), now, rng)
            }
            PasskeyRequest::Authenticate { assertion, wishes } => {
                self.authenticate_passkey(session, &assertion, &wishes, now, rng)
            }
            PasskeyRequest::List => {
                let passkeys = self.user(session)?.passkeys.clone();
                Ok(Outcome::Passkey(PasskeyOutcome::List(passkeys)))
            }
            PasskeyRequest::Rename { id, alias, proof } => {
                self.rename_passkey(session, id, alias, &proof, now)
            }
            PasskeyRequest::Delete { id, proof } => self.delete_passkey(session, id, &proof, now),
        }
    }

    /// Whether passkeys are a second factor here (rules T20, D1).
    fn has_passkey_mfa(&self) -> bool {
        self.policy.mfa.is_on() && self.policy.mfa.allows(MethodKind::Passkey)
    }

    fn admit_passkeys(&self) -> Result<(), Refusal> {
        match self.has_passkey_mfa() || self.policy.passkey.sign_in {
            true => Ok(()),
            false => Err(PasskeyRefusal::Disabled.into()),
        }
    }

    /// Issues a challenge for a ceremony.
    fn challenge(
        &mut self,
        purpose: Purpose,
        rp_id: &str,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Octets {
        let max = self.policy.limits.passkey_challenges_max;
        self.challenges.issue(purpose, rp_id, max, now, rng)
    }

    /// Accepts the challenge of client data, and yields its purpose and relying party id.
    ///
    /// It stays open until [`crate::passkey::Challenges::spend`], so that a refusal for another
    /// reason does not cost it, unless the settings say so.
    fn accept_challenge(
        &mut self,
        client_data: &ClientData,
        wanted: Wanted,
        now: Timestamp,
    ) -> Result<(Purpose, String), Flaw> {
        let life = SignedDuration::from_secs(self.policy.passkey.challenge_life_seconds.into());
        let text = &client_data.challenge;
        let challenge = self.challenges.judge(text, wanted, life, now)?;
        let accepted = (challenge.purpose, challenge.rp_id.clone());
        if !self.policy.passkey.challenge_survives_refusal {
            self.challenges.spend(text);
        }
        Ok(accepted)
    }

    /// The relying party id that options shall name (rule P6).
    fn relying_party(&self, related: Option<&str>) -> Result<String, Refusal> {
        let settings = &self.policy.passkey;
        match related {
            None => Ok(settings.rp_id.clone()),
            Some(asked) if asked == settings.rp_id => Ok(asked.to_owned()),
            Some(asked) if settings.related_rp_ids.iter().any(|known| known == asked) => {
                Ok(asked.to_owned())
            }
            Some(_) => Err(PasskeyRefusal::ForeignRpId.into()),
        }
    }

    /// Answers the options of a registration (section 7.1, step 1).
    fn begin_passkey_registration(
        &mut self,
        session: SessionId,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        self.admit_passkeys()?;
        self.refuse_enrolment_past_a_factor(session)?;
        let id = CredentialId::draw(rng);
        let rp_id = self.policy.passkey.rp_id.clone();
        let purpose = Purpose::Registration { session, passkey: id };
        let challenge = self.challenge(purpose, &rp_id, now, rng);
        let user = self.user(session)?;
        let options = RegistrationOptions {
            id,
            challenge,
            user_handle: handle_of(user.id),
            user_name: user.email().map_or_else(|| user.id.to_string(), str::to_owned),
            exclude: user.passkeys.iter().map(Passkey::descriptor).collect(),
        };
        Ok(Outcome::Passkey(PasskeyOutcome::Registration(Box::new(options))))
    }

    /// Registers a passkey, which passes the second factor as well (rules P2, T8, E14).
    ///
    /// The gate comes last: a registration that is refused for itself costs no token.
    fn register_passkey(
        &mut self,
        session: SessionId,
        offer: Offer,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        self.admit_passkeys()?;
        self.refuse_enrolment_past_a_factor(session)?;
        let refused = |flaw| Refusal::Passkey(PasskeyRefusal::Registration(flaw));
        let client_data = offer.registration.open().map_err(refused)?;
        let wanted = Wanted::Registration(session);
        let (purpose, rp_id) =
            self.accept_challenge(&client_data, wanted, now).map_err(refused)?;
        let Purpose::Registration { passkey: id, .. } = purpose else {
            return Err(refused(Flaw::MisusedChallenge));
        };
        if offer.id.is_some_and(|named| named != id) {
            return Err(refused(Flaw::RegistrationId));
        }
        let settings = &self.policy.passkey;
        let made =
            offer.registration.verify(&client_data, &rp_id, settings).map_err(refused)?;
        let (max, sign_in_enabled) = (settings.max_per_user, settings.sign_in);
        let credential_id = offer.registration.credential_id.clone();
        let identity = Identity::Passkey(PasskeyCredential { credential_id });
        if self.owner_of(&identity.key()).is_some() {
            return Err(refused(Flaw::KnownCredential));
        }
        if self.user(session)?.passkeys.len() >= max.into() {
            return Err(PasskeyRefusal::TooMany { max }.into());
        }
        let passage = self.pass_enrolment(session, &offer.proof, now)?;
        self.challenges.spend(&client_data.challenge);
        let passkey = Passkey {
            id,
            credential_id: offer.registration.credential_id,
            public_key: made.public_key,
            sign_count: made.sign_count,
            backup_eligible: made.backup_eligible,
            backed_up: made.backed_up,
            aaguid: made.aaguid,
            transports: offer.registration.transports,
            alias: None,
            origin: client_data.origin,
            user_agent: offer.user_agent,
            created_at: now,
            updated_at: None,
            last_used_at: None,
        };
        let key = identity.key();
        let user = self.user_mut(session)?;
        user.passkeys.push(passkey);
        user.credentials.push(Credential { id, identity, verified_at: now, sign_in_enabled });
        let user = user.id;
        self.identities.insert(key, user);
        self.settle(session, passage, &offer.proof, now)?;
        self.session_mut(session)?.last_credential = id;
        self.pass_factor(session, Factor::Passkey, &offer.wishes, now, rng)
    }

    /// Answers the options of an assertion for the second factor (section 7.2, step 1).
    fn begin_passkey_authentication(
        &mut self,
        session: SessionId,
        related: Option<&str>,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        let rp_id = self.relying_party(related)?;
        let challenge = self.challenge(Purpose::Authentication { session }, &rp_id, now, rng);
        let allow = self.user(session)?.passkeys.iter().map(Passkey::descriptor).collect();
        let options = RequestOptions { challenge, rp_id, allow: Some(allow) };
        Ok(Outcome::Passkey(PasskeyOutcome::Request(options)))
    }

    /// Passes the second factor with a passkey (rules P3, M1, E5).
    fn authenticate_passkey(
        &mut self,
        session: SessionId,
        assertion: &Assertion,
        wishes: &Wishes,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        // A request that could not be granted must not cost a challenge.
        parse_scopes(&wishes.scopes)?;
        let user = self.user(session)?.id;
        let wanted = Wanted::Authentication(session);
        let passkey = self
            .take_assertion(assertion, Some(user), wanted, now)
            .map_err(PasskeyRefusal::Authentication)?;
        self.session_mut(session)?.last_credential = passkey;
        self.pass_factor(session, Factor::Passkey, wishes, now, rng)
    }

    /// Judges an assertion and keeps what it tells of its passkey (section 7.2).
    ///
    /// Who is expected is known for a second factor and not for a sign-in, where the user handle
    /// must tell.
    fn take_assertion(
        &mut self,
        assertion: &Assertion,
        expected: Option<UserId>,
        wanted: Wanted,
        now: Timestamp,
    ) -> Result<CredentialId, Flaw> {
        let credential_id = assertion.credential_id.clone();
        let key = Identity::Passkey(PasskeyCredential { credential_id }).key();
        // Steps 5 and 6.
        let owner = self.owner_of(&key).ok_or(Flaw::UnknownCredential)?;
        if expected.is_some_and(|expected| expected != owner) {
            return Err(Flaw::ForeignCredential);
        }
        assertion.check_user(handle_of(owner).as_slice(), expected.is_none())?;
        // Steps 8 to 11.
        let client_data = assertion.open()?;
        let (_, rp_id) = self.accept_challenge(&client_data, wanted, now)?;
        let settings = &self.policy.passkey;
        let user = self.users.get_mut(&owner).ok_or(Flaw::UnknownCredential)?;
        let is_it = |known: &&mut Passkey| known.credential_id == assertion.credential_id;
        let passkey = user.passkeys.iter_mut().find(is_it).ok_or(Flaw::UnknownCredential)?;
        let is_enabled = user.credentials.iter().any(|it| it.id == passkey.id && it.sign_in_enabled);
        if wanted == Wanted::SignIn && !is_enabled {
            return Err(Flaw::CredentialNotForSignIn);
        }
        let Used { sign_count, backed_up } =
            assertion.verify(&client_data, passkey, &rp_id, settings)?;
        // Step 23.
        passkey.sign_count = sign_count;
        passkey.backed_up = backed_up;
        passkey.last_used_at = Some(now);
        let id = passkey.id;
        self.challenges.spend(&client_data.challenge);
        Ok(id)
    }

    fn rename_passkey(
        &mut self,
        session: SessionId,
        id: CredentialId,
        alias: Option<String>,
        proof: &Proof,
        now: Timestamp,
    ) -> Result<Outcome, Refusal> {
        let is_it = |known: &Passkey| known.id == id;
        if !self.user(session)?.passkeys.iter().any(is_it) {
            return Err(PasskeyRefusal::NoneToRename.into());
        }
        let passage = self.pass(session, TokenScope::CredentialUpdate, proof, now)?;
        let passkeys = &mut self.user_mut(session)?.passkeys;
        let passkey = passkeys.iter_mut().find(|known| is_it(known));
        let passkey = passkey.ok_or(PasskeyRefusal::NoneToRename)?;
        if alias.is_some() {
            passkey.alias = alias;
            passkey.updated_at = Some(now);
        }
        let renamed = passkey.clone();
        self.settle(session, passage, proof, now)?;
        Ok(Outcome::Passkey(PasskeyOutcome::One(Box::new(renamed))))
    }

    /// Deletes a passkey and its way to sign in (rules P9, E14).
    ///
    /// As long as passkeys are a second factor it takes what deleting an MFA device takes; where
    /// they only sign in, it takes what removing any credential takes. What stands against it is
    /// asked before the proof, so that a refusal costs no token.
    fn delete_passkey(
        &mut self,
        session: SessionId,
        id: CredentialId,
        proof: &Proof,
        now: Timestamp,
    ) -> Result<Outcome, Refusal> {
        let user = self.user(session)?;
        let passkey = user.passkeys.iter().find(|known| known.id == id);
        let passkey = passkey.ok_or(PasskeyRefusal::NoneToDelete)?;
        let credential_id = passkey.credential_id.clone();
        let key = Identity::Passkey(PasskeyCredential { credential_id }).key();
        if !user.credentials.iter().any(|other| other.id != id && other.sign_in_enabled) {
            return Err(PasskeyRefusal::LastCredential.into());
        }
        let is_last = user.active_totp().is_none() && user.passkeys.len() == 1;
        let is_required = self.policy.mfa.enrollment == Enrollment::Signup;
        let may_go = self.policy.devices.delete_last_while_required;
        if self.has_passkey_mfa() && is_last && is_required && !may_go {
            return Err(PasskeyRefusal::LastMethod.into());
        }
        let passage: Passage = match self.has_passkey_mfa() {
            true => self.pass_removal(session, proof, now)?,
            false => self.pass(session, TokenScope::CredentialUnlink, proof, now)?,
        };
        let user = self.user_mut(session)?;
        user.passkeys.retain(|known| known.id != id);
        user.credentials.retain(|known| known.id != id);
        self.identities.remove(&key);
        self.settle(session, passage, proof, now)?;
        Ok(Outcome::Done)
    }
}

/// The user handle: the bytes of the user's id, which tell nothing about the person.
fn handle_of(user: UserId) -> Octets {
    Octets::new(user.as_bytes().as_slice())
}
