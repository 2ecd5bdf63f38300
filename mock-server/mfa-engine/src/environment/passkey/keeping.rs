//! The names and the end of passkeys (rules P9, E14).

use jiff::Timestamp;

use super::super::Environment;
use super::super::gate::Passage;
use crate::command::Proof;
use crate::id::{CredentialId, SessionId};
use crate::outcome::Outcome;
use crate::passkey::{Passkey, PasskeyOutcome, PasskeyRefusal};
use crate::policy::Enrollment;
use crate::refusal::Refusal;
use crate::scope::TokenScope;

impl Environment {
    pub(super) fn rename_passkey(
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
    pub(super) fn delete_passkey(
        &mut self,
        session: SessionId,
        id: CredentialId,
        proof: &Proof,
        now: Timestamp,
    ) -> Result<Outcome, Refusal> {
        let user = self.user(session)?;
        if !user.passkeys.iter().any(|known| known.id == id) {
            return Err(PasskeyRefusal::NoneToDelete.into());
        }
        if user.would_be_locked_out_without(id) {
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
        let user = user.id;
        self.detach(user, id, Some(session), now);
        self.note_update(session);
        self.settle(session, passage, proof, now)?;
        Ok(Outcome::Done)
    }
}
