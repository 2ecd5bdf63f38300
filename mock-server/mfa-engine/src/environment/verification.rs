//! Sent codes, from the message to the session or the linked identity: mails and texts alike.

use std::sync::Arc;

use jiff::Timestamp;
use rand::CryptoRng;

use super::Environment;
use crate::command::Proof;
use crate::id::{SessionId, VerificationId};
use crate::outcome::{EmailVerification, Next, Outcome};
use crate::refusal::Refusal;
use crate::secret::Secret;
use crate::session::Client;
use crate::trusted_device::PresentedDevice;
use crate::verification::{Channel, CodeTerms, Message, MessageKind, Recipient, Verification};

/// A code that came back.
pub(super) struct TypedCode {
    /// The channel that the call is about.
    pub(super) channel: Channel,
    pub(super) verification: VerificationId,
    pub(super) code: String,
    /// How the device shows itself.
    pub(super) device: PresentedDevice,
}

impl Environment {
    /// Opens a verification of an address and mails its code.
    pub(super) fn open_email_verification(
        &mut self,
        address: &str,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> EmailVerification {
        let recipient = Recipient::email(address);
        let email = recipient.name();
        EmailVerification { id: self.open_verification(recipient, now, rng), email }
    }

    /// Renews the code of an address and mails it.
    pub(super) fn retry_email_verification(
        &mut self,
        id: VerificationId,
        address: &str,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        let recipient = Recipient::email(address);
        self.renew_verification(id, &recipient, now, rng)?;
        let email = recipient.name();
        Ok(Outcome::EmailVerification(EmailVerification { id, email }))
    }

    /// Opens a verification and sends its code.
    pub(super) fn open_verification(
        &mut self,
        recipient: Recipient,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> VerificationId {
        let policy = Arc::clone(&self.policy);
        let terms = CodeTerms::of(recipient.channel(), &policy);
        let verification = Verification::open(recipient, terms, now, rng);
        let id = verification.id;
        self.send(&verification, now);
        self.verifications.insert(id, verification);
        self.verification_order.push_back(id);
        let max = usize::try_from(self.policy.limits.verifications_max).unwrap_or(usize::MAX);
        while self.verification_order.len() > max {
            if let Some(oldest) = self.verification_order.pop_front() {
                self.verifications.remove(&oldest);
            }
        }
        id
    }

    /// Replaces the code of a verification and sends the new one to the same recipient.
    pub(super) fn renew_verification(
        &mut self,
        id: VerificationId,
        recipient: &Recipient,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<(), Refusal> {
        let policy = Arc::clone(&self.policy);
        let channel = recipient.channel();
        let open = self.verifications.get_mut(&id).filter(|open| open.is_for(recipient));
        let verification = open.ok_or(Refusal::VerificationClosed { channel })?;
        verification.renew(CodeTerms::of(channel, &policy), now, rng);
        let renewed = verification.clone();
        self.send(&renewed, now);
        Ok(())
    }

    fn send(&mut self, verification: &Verification, now: Timestamp) {
        let code = verification.code.clone();
        self.post(&verification.recipient, MessageKind::VerificationCode, code, now);
    }

    /// Puts a message into the inbox.
    pub(super) fn post(
        &mut self,
        recipient: &Recipient,
        kind: MessageKind,
        code: Secret,
        now: Timestamp,
    ) {
        // Saturating, because a restored state may hold any number.
        self.messages_sent = self.messages_sent.saturating_add(1);
        self.inbox.push_back(Message {
            sequence: self.messages_sent,
            channel: recipient.channel(),
            to: recipient.name(),
            kind,
            code,
            at: now,
        });
        let max = usize::try_from(self.policy.limits.inbox_max).unwrap_or(usize::MAX);
        while self.inbox.len() > max {
            self.inbox.pop_front();
        }
    }

    /// Judges a code; the right one yields who had it. The verification stays open until
    /// [`Self::close_verification`], so that a refusal for another reason does not cost a code.
    pub(super) fn verified_recipient(
        &mut self,
        channel: Channel,
        id: VerificationId,
        code: &str,
        now: Timestamp,
    ) -> Result<Recipient, Refusal> {
        let policy = Arc::clone(&self.policy);
        let open = self.verifications.get_mut(&id);
        // A code that was mailed proves nothing to a call about texts.
        let open = open.filter(|open| open.recipient.channel() == channel);
        let verification = open.ok_or(Refusal::VerificationClosed { channel })?;
        verification.try_code(code, CodeTerms::of(channel, &policy), now)?;
        Ok(verification.recipient.clone())
    }

    /// Closes a verification whose code was used.
    pub(super) fn close_verification(&mut self, id: VerificationId) {
        self.verifications.remove(&id);
        self.verification_order.retain(|open| *open != id);
    }

    /// Opens a session for whoever typed the right code.
    pub(super) fn sign_in_with_code(
        &mut self,
        typed: &TypedCode,
        client: Client,
        allow_new_mfa_linking: bool,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        let device = self.recognise_device(&typed.device, now)?;
        let TypedCode { channel, verification, ref code, .. } = *typed;
        let recipient = self.verified_recipient(channel, verification, code, now)?;
        let identity = recipient.into_identity();
        let outcome = self.sign_in(identity, client, device, allow_new_mfa_linking, now, rng)?;
        self.close_verification(verification);
        Ok(outcome)
    }

    /// Proves an identity in a running session: one of the user's own again (re-authentication,
    /// rules E1, E2, E26), or a new one, which is then linked.
    pub(super) fn verify_code(
        &mut self,
        session: SessionId,
        typed: &TypedCode,
        scopes: &[String],
        proof: &Proof,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        self.recognise_device(&typed.device, now)?;
        let reauthentication = self.admit_reauthentication(session, scopes)?;
        let TypedCode { channel, verification, ref code, .. } = *typed;
        let recipient = self.verified_recipient(channel, verification, code, now)?;
        let identity = recipient.into_identity();
        let next = Some(Next::Done);
        let grant =
            self.take_identity(session, identity, reauthentication, next, proof, now, rng)?;
        self.close_verification(verification);
        Ok(Outcome::Session(Box::new(grant)))
    }
}
