//! Recovery codes of the signed-in user (rules R2 to R14).

use std::sync::Arc;

use jiff::Timestamp;
use rand::CryptoRng;

use super::Environment;
use crate::command::Wishes;
use crate::id::SessionId;
use crate::mfa_token::Factor;
use crate::outcome::Outcome;
use crate::recovery::RecoveryCodes;
use crate::refusal::Refusal;
use crate::user::Acknowledgement;

impl Environment {
    /// Shows the codes, making a set if there is none (rule R2).
    pub(super) fn read_recovery_codes(
        &mut self,
        session: SessionId,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        let policy = Arc::clone(&self.policy);
        let settings = &policy.recovery;
        self.admit_reader(session)?;
        let holds_method = self.holds_method(self.session(session)?);
        let user = self.user_mut(session)?;
        let codes = user.recovery.get_or_insert_with(|| {
            let drawn = RecoveryCodes::draw(settings, rng);
            if holds_method { drawn } else { drawn.before_any_method() }
        });
        let codes_shown = codes.reveal(settings.list_used);
        Ok(Outcome::RecoveryCodes { count: codes.unused_count(), codes: codes_shown })
    }

    /// Makes a new set, which kills the old one (rule R3).
    pub(super) fn rotate_recovery_codes(
        &mut self,
        session: SessionId,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        let policy = Arc::clone(&self.policy);
        let settings = &policy.recovery;
        self.admit_reader(session)?;
        let holds_method = self.holds_method(self.session(session)?);
        let user = self.user_mut(session)?;
        if user.recovery.is_none() && !holds_method {
            return Err(Refusal::NoRecoveryCodes);
        }
        let drawn = RecoveryCodes::draw(settings, rng);
        let codes = if holds_method { drawn } else { drawn.before_any_method() };
        let outcome =
            Outcome::RecoveryCodes { count: codes.unused_count(), codes: codes.reveal(false) };
        user.recovery = Some(codes);
        if settings.rotation_asks_acknowledgement {
            user.acknowledgement = Acknowledgement::Pending;
        }
        Ok(outcome)
    }

    /// Passes the second factor with a recovery code (rules R1, R7, R8, R10).
    pub(super) fn authenticate_recovery_code(
        &mut self,
        session: SessionId,
        code: &str,
        wishes: &Wishes,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        self.admit_scopes(&wishes.scopes)?;
        let policy = Arc::clone(&self.policy);
        let settings = &policy.totp;
        // Who has proven one factor only would otherwise hand themself the other.
        let has_other = policy.mfa.is_on() && self.holds_method(self.session(session)?);
        if !has_other && !policy.recovery.stands_alone {
            return Err(Refusal::RecoveryCodesAlone);
        }
        let user = self.user_mut(session)?;
        // Guesses at either kind of code count together: one door, one lock.
        user.failures.admit(settings, now)?;
        if !user.recovery.as_mut().is_some_and(|codes| codes.spend(code)) {
            user.failures.count(settings, now);
            return Err(Refusal::WrongRecoveryCode);
        }
        user.failures.clear();
        self.pass_factor(session, Factor::RecoveryCode, wishes, now, rng)
    }

    /// Before a user's first method counts: a set from before that is worth nothing any longer.
    pub(super) fn drop_premature_codes(&mut self, session: SessionId) -> Result<(), Refusal> {
        let (policy, holds_method) =
            (Arc::clone(&self.policy), self.user(session)?.has_verified_method(&self.policy.mfa));
        let user = self.user_mut(session)?;
        let is_premature = user.recovery.as_ref().is_some_and(RecoveryCodes::is_premature);
        if is_premature && !holds_method && !policy.recovery.stands_alone {
            user.recovery = None;
        }
        Ok(())
    }

    /// Whether a session may see the codes, where they are kept from those without a factor.
    fn admit_reader(&self, session: SessionId) -> Result<(), Refusal> {
        let here = self.session(session)?;
        let is_kept = self.policy.recovery.reading_needs_factor;
        match is_kept && here.mfa_at.is_none() && self.holds_method(here) {
            true => Err(Refusal::MfaPending),
            false => Ok(()),
        }
    }
}
