//! E-mail verifications, from the mail to the session or the linked address.

use std::sync::Arc;

use jiff::Timestamp;
use rand::CryptoRng;

use super::Environment;
use crate::command::Proof;
use crate::credential::Identity;
use crate::email::{Mail, MailKind, Verification};
use crate::id::{SessionId, VerificationId};
use crate::outcome::{EmailVerification, Next, Outcome};
use crate::refusal::Refusal;
use crate::secret::Secret;

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
        let (to, code) = (verification.email.clone(), verification.code.clone());
        self.post(MailKind::VerificationCode, to, code, now);
    }

    /// Puts a mail into the inbox.
    pub(super) fn post(&mut self, kind: MailKind, to: String, code: Secret, now: Timestamp) {
        // Saturating, because a restored state may hold any number.
        self.mails_sent = self.mails_sent.saturating_add(1);
        self.inbox.push_back(Mail { sequence: self.mails_sent, to, kind, code, at: now });
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
        let reauthentication = self.admit_reauthentication(session, scopes)?;
        let email = Identity::email(&self.verified_email(verification, code, now)?);
        let next = Some(Next::Done);
        let grant = self.take_identity(session, email, reauthentication, next, proof, now, rng)?;
        self.close_verification(verification);
        Ok(Outcome::Session(Box::new(grant)))
    }
}
