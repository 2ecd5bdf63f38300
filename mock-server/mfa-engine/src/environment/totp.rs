//! Registering, confirming and using the TOTP device; what passing a factor brings.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rand::CryptoRng;

use super::Environment;
use crate::command::{Proof, Wishes};
use crate::id::{DeviceId, SessionId};
use crate::mfa_token::{self, Digest, Factor, MfaToken};
use crate::outcome::Outcome;
use crate::policy::{MethodKind, UnverifiedDevice};
use crate::recovery::RecoveryCodes;
use crate::refusal::Refusal;
use crate::totp::{Code, Pending, TotpDevice, TotpSecret};
use crate::user::Acknowledgement;

impl Environment {
    /// Registers a TOTP device (rules T4, T13 to T15, T20 to T22).
    pub(super) fn register_totp(
        &mut self,
        session: SessionId,
        proof: &Proof,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        if !self.policy.mfa.is_on() || !self.policy.mfa.allows(MethodKind::Totp) {
            return Err(Refusal::MfaDisabled);
        }
        if self.user(session)?.active_totp().is_none() {
            self.refuse_enrolment_past_a_factor(session)?;
        }
        let passage = self.pass_enrolment(session, proof, now)?;
        let policy = Arc::clone(&self.policy);
        let settings = &policy.totp;
        let user = self.user_mut(session)?;
        let pending = match &user.totp {
            Some(TotpDevice::Active(_)) => return Err(Refusal::SecondTotpDevice),
            Some(TotpDevice::Pending(pending))
                if settings.unverified_device == UnverifiedDevice::Keep =>
            {
                pending.clone()
            }
            Some(TotpDevice::Pending(_)) | None => Pending {
                id: DeviceId::draw(rng),
                secret: TotpSecret::draw(settings.secret_bytes, rng),
                created_at: now.into(),
            },
        };
        let account = user.email().map_or_else(|| user.id.to_string(), str::to_owned);
        let outcome =
            Outcome::TotpRegistered { id: pending.id, secret: pending.secret.clone(), account };
        user.totp = Some(TotpDevice::Pending(pending));
        self.settle(session, passage, proof, now)?;
        Ok(outcome)
    }

    /// Confirms the new device without touching the session (rules T9a, T10).
    pub(super) fn confirm_totp(
        &mut self,
        session: SessionId,
        code: &Code,
        now: Timestamp,
    ) -> Result<Outcome, Refusal> {
        let policy = Arc::clone(&self.policy);
        let settings = &policy.totp;
        let user = self.user_mut(session)?;
        let Some(TotpDevice::Pending(pending)) = user.totp.clone() else {
            return Err(Refusal::NoSuchTotpDevice);
        };
        user.failures.admit(settings, now)?;
        // Another method may have been enrolled since the secret was shown.
        self.refuse_enrolment_past_a_factor(session)?;
        match pending.confirm(code, settings, now) {
            Ok(active) => {
                self.drop_premature_codes(session)?;
                let user = self.user_mut(session)?;
                user.failures.clear();
                user.totp = Some(TotpDevice::Active(active));
                let device = self.device_views(session, true)?;
                device.into_iter().next().map(Outcome::Device).ok_or(Refusal::NoSuchTotpDevice)
            }
            Err(refusal) => {
                self.user_mut(session)?.failures.count(settings, now);
                Err(refusal)
            }
        }
    }

    /// Passes the second factor with a TOTP code (rules T9b, T11, T12, T16 to T19, U8).
    pub(super) fn authenticate_totp(
        &mut self,
        session: SessionId,
        code: &Code,
        device: Option<DeviceId>,
        wishes: &Wishes,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        // A request that could not be granted must not cost a code.
        self.admit_scopes(&wishes.scopes)?;
        let policy = Arc::clone(&self.policy);
        let settings = &policy.totp;
        let user = self.user_mut(session)?;
        let known = user.totp.as_mut().filter(|known| device.is_none_or(|id| id == known.id()));
        let Some(known) = known else { return Err(Refusal::NoSuchTotpDevice) };
        user.failures.admit(settings, now)?;
        let judged = match known {
            TotpDevice::Active(active) => active.spend(code, settings, now).map(|_| None),
            TotpDevice::Pending(_) if !settings.authentication_confirms => {
                return Err(Refusal::TotpDeviceUnverified);
            }
            TotpDevice::Pending(pending) => {
                let pending = pending.clone();
                self.refuse_enrolment_past_a_factor(session)?;
                pending.confirm(code, settings, now).map(Some)
            }
        };
        match judged {
            Ok(confirmed) => {
                self.drop_premature_codes(session)?;
                let user = self.user_mut(session)?;
                user.failures.clear();
                if let Some(active) = confirmed {
                    user.totp = Some(TotpDevice::Active(active));
                }
                self.pass_factor(session, Factor::Totp, wishes, now, rng)
            }
            Err(refusal) => {
                self.user_mut(session)?.failures.count(settings, now);
                Err(refusal)
            }
        }
    }

    /// What passing a second factor brings: the session upgraded, and the tokens asked for.
    pub(super) fn pass_factor(
        &mut self,
        session: SessionId,
        factor: Factor,
        wishes: &Wishes,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        let scopes = self.admit_scopes(&wishes.scopes)?;
        self.session_mut(session)?.mfa_at = Some(now);
        self.note_mfa(session);
        match factor {
            Factor::Totp => self.bring_recovery_codes(session, MethodKind::Totp, rng)?,
            Factor::Email => self.bring_recovery_codes(session, MethodKind::Email, rng)?,
            Factor::Passkey => self.bring_recovery_codes(session, MethodKind::Passkey, rng)?,
            Factor::RecoveryCode => {}
        }
        let mut grant = self.grant(session, now)?;
        if let Some(request) = wishes.mfa_token {
            grant.mfa_token =
                Some(self.make_mfa_token(session, request.single_use, factor, now, rng)?);
        }
        if !scopes.is_empty() {
            grant.elevated = Some(self.mint(session, scopes, now, rng)?);
        }
        Ok(Outcome::Session(Box::new(grant)))
    }

    /// A first authentication makes the recovery codes and asks for their acknowledgement, where
    /// the method brings them (rule R12).
    fn bring_recovery_codes(
        &mut self,
        session: SessionId,
        kind: MethodKind,
        rng: &mut dyn CryptoRng,
    ) -> Result<(), Refusal> {
        let brings = self.policy.mfa.brings_recovery_codes(kind);
        let policy = Arc::clone(&self.policy);
        let settings = &policy.recovery;
        let user = self.user_mut(session)?;
        if brings && user.acknowledgement == Acknowledgement::NotAsked {
            user.acknowledgement = Acknowledgement::Pending;
            if user.recovery.is_none() {
                user.recovery = Some(RecoveryCodes::draw(settings, rng));
            }
        }
        Ok(())
    }

    fn make_mfa_token(
        &mut self,
        session: SessionId,
        single_use: bool,
        made_with: Factor,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<crate::secret::Secret, Refusal> {
        let settings = &self.policy.mfa_tokens;
        let life = settings.life_seconds.map(|life| SignedDuration::from_secs(life.into()));
        let max = usize::try_from(self.policy.limits.mfa_tokens_per_session_max);
        let token = mfa_token::draw(settings.bytes, rng);
        let entry = MfaToken {
            single_use,
            spent: false,
            created_at: now,
            expires_at: life.map(|life| now.checked_add(life).unwrap_or(Timestamp::MAX)),
            made_with,
        };
        let tokens = &mut self.session_mut(session)?.mfa_tokens;
        if tokens.len() >= max.unwrap_or(usize::MAX) {
            let oldest = tokens.iter().min_by_key(|(_, token)| token.created_at);
            if let Some(digest) = oldest.map(|(digest, _)| *digest) {
                tokens.remove(&digest);
            }
        }
        tokens.insert(Digest::of(token.reveal()), entry);
        Ok(token)
    }
}
