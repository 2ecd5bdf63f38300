//! Gates: what a sensitive call must present before it may do anything.
//!
//! A gate is named by the scope that opens it. Which gates are closed is a matter of settings;
//! what opens them is decided here and nowhere else.

use jiff::Timestamp;

use super::Environment;
use crate::command::Proof;
use crate::gate::{Gate, GateRefusal, Gated, actions_of};
use crate::id::SessionId;
use crate::mfa_token::{Digest, Factor};
use crate::policy::{DeleteProof, Enrollment, FirstEnrolment};
use crate::refusal::Refusal;
use crate::scope::TokenScope;

/// What opened a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a single-use token may have to be spent when the call has succeeded"]
pub(super) enum Passage {
    /// The gate stood open.
    Free,
    /// An elevated access token.
    Elevation,
    /// A legacy MFA token, which is spent by now if it was single-use.
    MfaToken,
}

impl Environment {
    /// Whether calls that need this scope ask for an elevated token (rules E13, E20, K9).
    pub(super) fn asks_for_elevation(&self, scope: TokenScope) -> bool {
        self.policy.enforces_step_up()
            && (self.is_protected_action(scope)
                || self.policy.elevation.required_scopes.contains(scope))
    }

    /// Whether the settings protect an action that this scope stands for (rules D2, F4).
    fn is_protected_action(&self, scope: TokenScope) -> bool {
        actions_of(scope).any(|action| self.policy.mfa.protects(action))
    }

    /// Lets a call pass that has a row in the table of gates, or says what it lacks.
    pub(super) fn pass_gate(
        &mut self,
        session: SessionId,
        gated: Gated,
        proof: &Proof,
        now: Timestamp,
    ) -> Result<Passage, Refusal> {
        let Gate { scope, action, .. } = gated.gate();
        let is_action = action.is_some_and(|action| self.policy.mfa.protects(action));
        self.open(session, scope, is_action, proof, now)
    }

    /// The same for a call that is known by its scope alone.
    pub(super) fn pass(
        &mut self,
        session: SessionId,
        scope: TokenScope,
        proof: &Proof,
        now: Timestamp,
    ) -> Result<Passage, Refusal> {
        self.open(session, scope, self.is_protected_action(scope), proof, now)
    }

    /// Opens a gate, or says what the call lacks (rules E8, E21, M5, M6, U24).
    ///
    /// ```text
    ///                              step-up enforced                  not enforced
    ///  scope in required_scopes    elevated token                    open
    ///  action protected            elevated token (MFA token too,    MFA token or
    ///                              if `legacyMfaTokens` says so)     elevated token
    ///  neither                     open                              open
    /// ```
    fn open(
        &mut self,
        session: SessionId,
        scope: TokenScope,
        is_action: bool,
        proof: &Proof,
        now: Timestamp,
    ) -> Result<Passage, Refusal> {
        let is_required = self.policy.elevation.required_scopes.contains(scope);
        let enforced = self.policy.enforces_step_up() && (is_action || is_required);
        if !enforced && !is_action {
            return Ok(Passage::Free);
        }
        // Forced at the first protected action: no proof stands in for a factor of one's own.
        let forces_enrolment = is_action && self.policy.mfa.enrollment == Enrollment::Action;
        if forces_enrolment && !self.holds_method(self.session(session)?) {
            return Err(Refusal::Gate(GateRefusal::EnrolmentOwed));
        }
        let takes_mfa_token = is_action && (!enforced || self.policy.elevation.legacy_mfa_tokens);
        match (&proof.elevation, &proof.mfa_token) {
            // With both, the elevated token goes, and the caller keeps the other one (rule U9).
            (Some(_), mfa_token) => match self.demand_elevation(session, scope, proof, now) {
                Ok(()) => Ok(Passage::Elevation),
                Err(refusal) => match mfa_token {
                    Some(token) if takes_mfa_token => self.take_mfa_token(session, token, now),
                    Some(_) | None => Err(refusal),
                },
            },
            (None, Some(token)) if takes_mfa_token => self.take_mfa_token(session, token, now),
            (None, _) if enforced => Err(Refusal::ElevationMissing { scope }),
            (None, _) => Err(Refusal::MfaTokenMissing),
        }
    }

    /// The same for enrolling a second factor; the very first one may be exempt (rule U23).
    pub(super) fn pass_enrolment(
        &mut self,
        session: SessionId,
        proof: &Proof,
        now: Timestamp,
    ) -> Result<Passage, Refusal> {
        match self.is_exempt_first_enrolment(session)? {
            true => Ok(Passage::Free),
            false => self.pass(session, TokenScope::CredentialLink, proof, now),
        }
    }

    /// The same for removing a second factor, which always asks for something (rules U9, E22):
    /// an elevated `credential:unlink` token or an MFA token, in this order, so that a caller who
    /// sends both keeps the MFA token.
    pub(super) fn pass_removal(
        &mut self,
        session: SessionId,
        proof: &Proof,
        now: Timestamp,
    ) -> Result<Passage, Refusal> {
        let scope = TokenScope::CredentialUnlink;
        let enforced = self.asks_for_elevation(scope);
        let elevation = match &proof.elevation {
            Some(_) => self.demand_elevation(session, scope, proof, now),
            None => Err(Refusal::ElevationMissing { scope }),
        };
        let Err(refusal) = elevation else { return Ok(Passage::Elevation) };
        if enforced && self.policy.devices.delete_proof == DeleteProof::ElevatedOnly {
            return Err(refusal);
        }
        match &proof.mfa_token {
            Some(token) => {
                let recovery_removes = self.policy.devices.recovery_code_deletes;
                self.spend_mfa_token(session, token, recovery_removes, now)?;
                Ok(Passage::MfaToken)
            }
            None if enforced || proof.elevation.is_some() => Err(refusal),
            None => Err(Refusal::MfaTokenMissing),
        }
    }

    /// Spends what must be spent once the call has succeeded (rule U17).
    pub(super) fn settle(
        &mut self,
        session: SessionId,
        passage: Passage,
        proof: &Proof,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        match passage {
            Passage::Elevation => self.settle_elevation(session, proof, now),
            Passage::Free | Passage::MfaToken => Ok(()),
        }
    }

    /// Whether registering a first method is exempt from step-up (rules T22, U23): the session
    /// owes a second factor and the user has none to give.
    pub(super) fn is_exempt_first_enrolment(&self, session: SessionId) -> Result<bool, Refusal> {
        let exempts = self.policy.elevation.first_enrolment == FirstEnrolment::Exempt;
        let session = self.session(session)?;
        Ok(exempts && self.owes_mfa(session) && !self.holds_method(session))
    }

    /// Refuses to enrol or link anything while the session owes a factor that the user has.
    ///
    /// Registering a passkey passes the second factor; whoever holds the first factor alone could
    /// otherwise step around the one that protects the account. Where sessions owe none, as with
    /// action-based MFA alone, `devices.furtherNeedsFactor` asks for one nevertheless.
    pub(super) fn refuse_enrolment_past_a_factor(&self, session: SessionId) -> Result<(), Refusal> {
        let here = self.session(session)?;
        let is_asked = self.policy.devices.further_needs_factor && self.policy.mfa.is_on();
        let lacks_one = self.owes_mfa(here) || (is_asked && here.mfa_at.is_none());
        let is_lenient = self.policy.session.partial_reaches_everything;
        match lacks_one && self.holds_method(here) && !is_lenient {
            true => Err(Refusal::MfaPending),
            false => Ok(()),
        }
    }

    fn take_mfa_token(
        &mut self,
        session: SessionId,
        token: &str,
        now: Timestamp,
    ) -> Result<Passage, Refusal> {
        self.spend_mfa_token(session, token, true, now)?;
        Ok(Passage::MfaToken)
    }

    fn spend_mfa_token(
        &mut self,
        session: SessionId,
        token: &str,
        made_with_any_factor: bool,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let tokens = &mut self.session_mut(session)?.mfa_tokens;
        let entry = tokens.get_mut(&Digest::of(token)).ok_or(Refusal::MfaTokenUnusable)?;
        let is_good_factor = made_with_any_factor || entry.made_with != Factor::RecoveryCode;
        if !is_good_factor || !entry.is_usable(now) {
            return Err(Refusal::MfaTokenUnusable);
        }
        entry.spent = true;
        Ok(())
    }
}
