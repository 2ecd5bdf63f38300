//! Passkeys: who may have them, and the challenges of their ceremonies.

use jiff::{SignedDuration, Timestamp};
use rand::CryptoRng;

use super::Environment;
use crate::command::Wishes;
use crate::id::SessionId;
use crate::outcome::Outcome;
use crate::passkey::{
    ClientData, Flaw, Octets, PasskeyOutcome, PasskeyRefusal, PasskeyRequest, Purpose, Wanted,
};
use crate::policy::MethodKind;
use crate::refusal::Refusal;

mod authentication;
mod keeping;
mod registration;
mod sign_in;

use registration::Offer;

impl Environment {
    pub(super) fn serve_passkey(
        &mut self,
        session: SessionId,
        request: PasskeyRequest,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        match request {
            PasskeyRequest::BeginRegistration => self.begin_passkey_registration(session, now, rng),
            PasskeyRequest::Register { id, registration, user_agent, mfa_token, proof } => {
                let wishes = Wishes { mfa_token, scopes: Vec::new() };
                let registration = *registration;
                let offer = Offer { id, registration, user_agent, wishes, proof };
                self.register_passkey(session, &offer, now, rng)
            }
            PasskeyRequest::BeginAuthentication { rp_id } => {
                self.begin_passkey_authentication(session, rp_id.as_deref(), now, rng)
            }
            PasskeyRequest::Authenticate { assertion, wishes } => {
                self.authenticate_passkey(session, &assertion, &wishes, now, rng)
            }
            PasskeyRequest::List => {
                let passkeys = self.user(session)?.passkeys.to_vec();
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
}
