//! Recovery codes of the signed-in user (rules R2 to R14).

use std::sync::Arc;

use jiff::Timestamp;
use rand::CryptoRng;

use super::Environment;
use super::identity::parse_scopes;
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
        let user = self.user_mut(session)?;
        let codes = user.recovery.get_or_insert_with(|| RecoveryCodes::draw(settings, rng));
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
        let user = self.user_mut(session)?;
        if user.recovery.is_none() && !user.has_verified_method(&policy.mfa) {
            return Err(Refusal::NoRecoveryCodes);
        }
        let codes = RecoveryCodes::draw(settings, rng);
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
        parse_scopes(&wishes.scopes)?;
        let policy = Arc::clone(&self.policy);
        let settings = &policy.totp;
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
}
