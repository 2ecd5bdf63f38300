//! Registering a passkey (rules P2, P4, P6, T8, E14).

use jiff::Timestamp;
use rand::CryptoRng;

use super::super::Environment;
use crate::command::{Proof, Wishes};
use crate::credential::{Credential, Identity, PasskeyCredential};
use crate::id::{CredentialId, SessionId, UserId};
use crate::mfa_token::Factor;
use crate::outcome::Outcome;
use crate::passkey::user_handle;
use crate::passkey::{
    ClientData, Flaw, NewCredential, Passkey, PasskeyOutcome, PasskeyRefusal, Purpose,
    Registration, RegistrationOptions, Wanted,
};
use crate::refusal::Refusal;

/// A registration with everything that came along.
pub(super) struct Offer {
    pub(super) id: Option<CredentialId>,
    pub(super) registration: Registration,
    pub(super) user_agent: Option<String>,
    pub(super) wishes: Wishes,
    pub(super) proof: Proof,
}

impl Environment {
    /// Answers the options of a registration (section 7.1, step 1).
    pub(super) fn begin_passkey_registration(
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
            user_handle: user_handle(user.id),
            user_name: user.email().map_or_else(|| user.id.to_string(), str::to_owned),
            exclude: user.passkeys.iter().map(Passkey::descriptor).collect(),
        };
        Ok(Outcome::Passkey(PasskeyOutcome::Registration(Box::new(options))))
    }

    /// Registers a passkey, which passes the second factor as well (rules P2, T8, E14).
    ///
    /// The gate comes last: a registration that is refused for itself costs no token.
    pub(super) fn register_passkey(
        &mut self,
        session: SessionId,
        offer: &Offer,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        self.admit_passkeys()?;
        self.refuse_enrolment_past_a_factor(session)?;
        let refused = |flaw| Refusal::Passkey(PasskeyRefusal::Registration(flaw));
        let client_data = offer.registration.open().map_err(refused)?;
        let wanted = Wanted::Registration(session);
        let (purpose, rp_id) = self.accept_challenge(&client_data, wanted, now).map_err(refused)?;
        let Purpose::Registration { passkey: id, .. } = purpose else {
            return Err(refused(Flaw::MisusedChallenge));
        };
        if offer.id.is_some_and(|named| named != id) {
            return Err(refused(Flaw::RegistrationId));
        }
        let settings = &self.policy.passkey;
        let made = offer.registration.verify(&client_data, &rp_id, settings).map_err(refused)?;
        let (max, sign_in_enabled) = (settings.max_per_user, settings.sign_in);
        let credential_id = offer.registration.credential_id.clone();
        let identity = Identity::Passkey(PasskeyCredential { credential_id });
        if self.owner_of(&identity.key()).is_some() {
            return Err(refused(Flaw::KnownCredential));
        }
        if self.user(session)?.passkeys.len() >= max.into() {
            return Err(PasskeyRefusal::TooMany { max }.into());
        }
        self.has_room_for(self.session(session)?.user, 1)?;
        let passage = self.pass_enrolment(session, &offer.proof, now)?;
        self.challenges.spend(&client_data.challenge);
        if self.has_passkey_mfa() {
            self.drop_premature_codes(session)?;
        }
        let made_for = self.user(session)?.id;
        let passkey = passkey_of(id, made_for, made, client_data, offer, now);
        let key = identity.key();
        let user = self.user_mut(session)?;
        user.passkeys.push(passkey);
        user.credentials.push(Credential {
            id,
            identity,
            verified_at: now.into(),
            sign_in_enabled,
        });
        let user = user.id;
        self.identities.insert(key, user);
        self.settle(session, passage, &offer.proof, now)?;
        self.session_mut(session)?.last_credential = id;
        self.note_update(session);
        self.pass_factor(session, Factor::Passkey, &offer.wishes, now, rng)
    }
}

/// What is kept of a credential that passed every check.
fn passkey_of(
    id: CredentialId,
    made_for: UserId,
    made: NewCredential,
    client_data: ClientData,
    offer: &Offer,
    now: Timestamp,
) -> Passkey {
    Passkey {
        id,
        made_for,
        credential_id: offer.registration.credential_id.clone(),
        public_key: made.public_key,
        sign_count: made.sign_count,
        backup_eligible: made.backup_eligible,
        backed_up: made.backed_up,
        aaguid: made.aaguid,
        transports: offer.registration.transports.clone(),
        alias: None,
        origin: client_data.origin,
        user_agent: offer.user_agent.clone(),
        created_at: now,
        updated_at: None,
        last_used_at: None,
    }
}
