//! E-mail verifications, from the mail to the session or the linked address.

use std::sync::Arc;

use jiff::Timestamp;
use rand::CryptoRng;

use super::Environment;
use crate::command::Proof;
use crate::email::{Mail, Verification};
use crate::id::{CredentialId, SessionId, VerificationId};
use crate::outcome::{EmailVerification, Next, Outcome};
use crate::policy::ReauthenticationWithMfa;
use crate::refusal::Refusal;
use crate::scope::{ScopeSet, TokenScope};
use crate::user::Credential;

impl Environment {
    /// Opens a verification and mails its code.
    pub(super) fn open_verification(
        &mut self,
        email: &str,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> EmailVerification {
        let email = email.to_lowercase();
        let verification = Verification::open(email.clone(), &self.policy.email, now, rng);
        let id = verification.id;
        self.mail(&verification, now);
        self.verifications.insert(id, verification);
        self.verification_order.push_back(id);
        let max = usize::try_from(self.policy.limits.verifications_max).unwrap_or(usize::MAX);
        while self.verification_order.len() > max {
            if let Some(oldest) = self.verification_order.pop_front() {
                self.verifications.remove(&oldest);
            }
        }
        EmailVerification { id, email }
    }

    pub(super) fn retry_verification(
        &mut self,
        id: VerificationId,
        email: &str,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        let policy = Arc::clone(&self.policy);
        let settings = &policy.email;
        let verification = self.verifications.get_mut(&id).ok_or(Refusal::VerificationClosed)?;
        if verification.email != email.to_lowercase() {
            return Err(Refusal::VerificationClosed);
        }
        verification.renew(settings, now, rng);
        let renewed = verification.clone();
        self.mail(&renewed, now);
        Ok(Outcome::EmailVerification(EmailVerification { id, email: renewed.email }))
    }

    fn mail(&mut self, verification: &Verification, now: Timestamp) {
        // Saturating, because a restored state may hold any number.
        self.mails_sent = self.mails_sent.saturating_add(1);
        self.inbox.push_back(Mail {
            sequence: self.mails_sent,
            to: verification.email.clone(),
            code: verification.code.clone(),
            at: now,
        });
        let max = usize::try_from(self.policy.limits.inbox_max).unwrap_or(usize::MAX);
        while self.inbox.len() > max {
            self.inbox.pop_front();
        }
    }

    /// Judges a code; the right one yields the address. The verification stays open until
    /// [`Self::close_verification`], so that a refusal for another reason does not cost a code.
    pub(super) fn verified_email(
        &mut self,
        id: VerificationId,
        code: &str,
        now: Timestamp,
    ) -> Result<String, Refusal> {
        let policy = Arc::clone(&self.policy);
        let settings = &policy.email;
        let verification = self.verifications.get_mut(&id).ok_or(Refusal::VerificationClosed)?;
        verification.try_code(code, settings, now)?;
        Ok(verification.email.clone())
    }

    /// Closes a verification whose code was used.
    pub(super) fn close_verification(&mut self, id: VerificationId) {
        self.verifications.remove(&id);
        self.verification_order.retain(|open| *open != id);
    }

    /// Proves an address in a running session: the session's own again (re-authentication,
    /// rules E1, E2, E26), or a new one, which is then linked.
    #[expect(clippy::too_many_arguments, reason = "one parameter for each part of the request")]
    pub(super) fn verify_email(
        &mut self,
        session: SessionId,
        verification: VerificationId,
        code: &str,
        scopes: &[String],
        proof: &Proof,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        let scopes = parse_scopes(scopes)?;
        // MFA refuses before the code is looked at: the code stays good for what it can do.
        let wants_token = !scopes.is_empty();
        let has_mfa = self.policy.mfa.is_on() && self.user(session)?.has_verified_method();
        let mode = self.policy.elevation.reauthentication_with_mfa;
        if wants_token && has_mfa && mode == ReauthenticationWithMfa::Refuse {
            return Err(Refusal::ReauthenticationNotEnough);
        }
        let email = self.verified_email(verification, code, now)?;
        let known = self.user(session)?.credential_of(&email).map(|known| known.id);
        let credential = match known {
            Some(credential) => credential,
            None => self.link_email(session, &email, proof, now, rng)?,
        };
        self.close_verification(verification);
        self.session_mut(session)?.last_credential = credential;
        let mut grant = self.grant_with(session, Next::Done, now)?;
        let may_elevate = !has_mfa || mode == ReauthenticationWithMfa::Grant;
        if wants_token && known.is_some() && may_elevate {
            grant.elevated = Some(self.mint(session, scopes, now, rng)?);
        }
        Ok(Outcome::Session(Box::new(grant)))
    }

    fn link_email(
        &mut self,
        session: SessionId,
        email: &str,
        proof: &Proof,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<CredentialId, Refusal> {
        if self.emails.contains_key(email) {
            return Err(Refusal::EmailTaken);
        }
        let is_gated = self.asks_for_elevation(TokenScope::CredentialLink);
        if is_gated {
            self.demand_elevation(session, TokenScope::CredentialLink, proof, now)?;
        }
        let credential = Credential {
            id: CredentialId::draw(rng),
            email: email.to_owned(),
            verified_at: now,
            sign_in_enabled: true,
        };
        let id = credential.id;
        let user = self.user_mut(session)?;
        user.credentials.push(credential);
        let user = user.id;
        self.emails.insert(email.to_owned(), user);
        if is_gated {
            self.settle_elevation(session, proof, now)?;
        }
        Ok(id)
    }
}

/// Reads `requestedScopes`.
///
/// # Errors
/// The first text that is no scope of the API.
pub(super) fn parse_scopes(scopes: &[String]) -> Result<ScopeSet, Refusal> {
    let parsed: Result<ScopeSet, _> = scopes.iter().map(|scope| scope.parse()).collect();
    Ok(parsed?)
}
