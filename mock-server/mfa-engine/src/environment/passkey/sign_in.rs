//! Signing in with a passkey that the authenticator finds by itself (rules P1, P2).

use jiff::Timestamp;
use rand::CryptoRng;

use super::super::Environment;
use crate::credential::{Identity, PasskeyCredential};
use crate::outcome::{Grant, Outcome};
use crate::passkey::{
    Assertion, PasskeyCommand, PasskeyOutcome, PasskeyRefusal, Purpose, RequestOptions, Wanted,
};
use crate::refusal::Refusal;
use crate::session::Client;
use crate::trusted_device::DeviceMark;

impl Environment {
    pub(in super::super) fn serve_passkey_sign_in(
        &mut self,
        command: PasskeyCommand,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        if !self.policy.passkey.sign_in {
            return Err(PasskeyRefusal::SignInDisabled.into());
        }
        match command {
            PasskeyCommand::BeginSignIn { rp_id } => {
                let rp_id = self.relying_party(rp_id.as_deref())?;
                let challenge = self.challenge(Purpose::SignIn, &rp_id, now, rng);
                let options = RequestOptions { challenge, rp_id, allow: None };
                Ok(Outcome::Passkey(PasskeyOutcome::Request(options)))
            }
            PasskeyCommand::SignIn { assertion, client, device } => {
                let device = self.recognise_device(&device, now)?;
                self.sign_in_with_passkey(&assertion, client, device, now, rng)
            }
        }
    }

    fn sign_in_with_passkey(
        &mut self,
        assertion: &Assertion,
        client: Client,
        device: Option<DeviceMark>,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        self.take_assertion(assertion, None, Wanted::SignIn, now)
            .map_err(PasskeyRefusal::SignIn)?;
        let credential_id = assertion.credential_id.clone();
        let identity = Identity::Passkey(PasskeyCredential { credential_id });
        let outcome = self.sign_in(identity, client, device, false, now, rng)?;
        match outcome {
            Outcome::Session(grant) if self.policy.passkey.sign_in_passes_mfa => {
                let session = grant.claims.session;
                self.session_mut(session)?.mfa_at = Some(now);
                let device_cookie = grant.device_cookie;
                let grant = Grant { device_cookie, ..self.grant(session, now)? };
                Ok(Outcome::Session(Box::new(grant)))
            }
            outcome => Ok(outcome),
        }
    }
}
