//! A mailed code as the second factor, and when an address counts as one (rule D6).

use std::sync::Arc;

use jiff::Timestamp;
use rand::CryptoRng;

use super::Environment;
use crate::command::Wishes;
use crate::credential::{Credential, Identity, IdentityKey};
use crate::id::{SessionId, VerificationId};
use crate::mfa_token::Factor;
use crate::outcome::Outcome;
use crate::policy::{EmailCounts, MethodKind, SameAddress};
use crate::refusal::Refusal;
use crate::session::Session;
use crate::user::User;
use crate::verification::{Channel, Recipient};

impl Environment {
    /// Passes the second factor with a code that was mailed to one of the user's own addresses.
    pub(super) fn authenticate_email(
        &mut self,
        session: SessionId,
        verification: VerificationId,
        code: &str,
        wishes: &Wishes,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        // A request that could not be granted must not cost a code.
        self.admit_scopes(&wishes.scopes)?;
        if !self.takes_email_factor() {
            return Err(Refusal::MfaDisabled);
        }
        let policy = Arc::clone(&self.policy);
        let settings = &policy.totp;
        // Guesses count with those at every other factor: a new mail brings no new guesses.
        self.user(session)?.failures.admit(settings, now)?;
        let channel = Channel::Email;
        let known = match self.verifications.get(&verification).map(|open| &open.recipient) {
            Some(Recipient::Email(email)) => {
                let key = Identity::Email(email.clone()).key();
                self.user(session)?.credential_of(&key)
            }
            Some(Recipient::PhoneNumber(_)) | None => None,
        };
        let known = known.ok_or(Refusal::VerificationClosed { channel })?;
        if !self.can_be_second(known, self.session(session)?) {
            return Err(Refusal::SameFactor);
        }
        match self.verified_recipient(channel, verification, code, now) {
            Ok(_) => {
                self.close_verification(verification);
                self.user_mut(session)?.failures.clear();
                self.pass_factor(session, Factor::Email, wishes, now, rng)
            }
            Err(refusal) => {
                if refusal == (Refusal::WrongSentCode { channel }) {
                    self.user_mut(session)?.failures.count(settings, now);
                }
                Err(refusal)
            }
        }
    }

    /// Whether the user can pass a second factor in this session (rules E2, F5).
    ///
    /// An address needs no enrolment, so an enabled e-mail method would make everybody one with MFA;
    /// it counts only where it could be used, or the user would be locked out.
    pub(super) fn holds_method(&self, session: &Session) -> bool {
        let is_enrolled = |user: &User| user.has_verified_method(&self.policy.mfa);
        let has_own = self.users.get(&session.user).is_some_and(is_enrolled);
        has_own
            || (self.policy.email_factor.counts == EmailCounts::WhenUsable
                && self.email_factors(session).next().is_some())
    }

    /// The addresses that can be the second factor of a session.
    pub(super) fn email_factors<'own>(
        &'own self,
        session: &'own Session,
    ) -> impl Iterator<Item = &'own Credential> {
        let user = self.users.get(&session.user).filter(|_| self.takes_email_factor());
        let credentials = user.into_iter().flat_map(|user| &user.credentials);
        credentials.filter(|known| known.email().is_some() && self.can_be_second(known, session))
    }

    /// Whether a user who signs in with this identity would owe a mailed code.
    pub(super) fn would_ask_for_mail(&self, user: &User, with: &IdentityKey) -> bool {
        let settings = &self.policy.email_factor;
        let may_be_second = |known: &Credential| {
            settings.same_address == SameAddress::Allow || known.identity.key() != *with
        };
        self.takes_email_factor()
            && settings.counts == EmailCounts::WhenUsable
            && user.credentials.iter().any(|known| known.email().is_some() && may_be_second(known))
    }

    fn takes_email_factor(&self) -> bool {
        self.policy.mfa.is_on() && self.policy.mfa.allows(MethodKind::Email)
    }

    fn can_be_second(&self, known: &Credential, session: &Session) -> bool {
        self.policy.email_factor.same_address == SameAddress::Allow
            || known.id != session.signin_credential
    }
}
