//! The user's own account: profile, acknowledgement, deletion.

use jiff::Timestamp;
use rand::CryptoRng;

use super::Environment;
use super::gate::Passage;
use crate::command::Proof;
use crate::credential::Identity;
use crate::gate::Gated;
use crate::id::{SessionId, UserId};
use crate::outcome::{Grant, Next, Outcome};
use crate::refusal::Refusal;
use crate::user::{Acknowledgement, ProfileUpdate};

/// What `PUT users` asks to change.
pub(super) struct Change {
    pub(super) update: ProfileUpdate,
    pub(super) email: Option<String>,
    pub(super) acknowledge_recovery_codes: bool,
}

impl Change {
    /// Whether anything but the acknowledgement is to change.
    ///
    /// The acknowledgement alone passes ungated: it is what lets a user out of onboarding.
    fn touches_the_profile(&self) -> bool {
        self.email.is_some() || self.update != ProfileUpdate::default()
    }
}

impl Environment {
    /// Changes the profile; a new address is mailed a code and linked only when that is typed.
    pub(super) fn update_user(
        &mut self,
        session: SessionId,
        change: Change,
        proof: &Proof,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        let passage = match change.touches_the_profile() {
            true => self.pass_gate(session, Gated::UpdateUser, proof, now)?,
            false => Passage::Free,
        };
        let new_email = match change.email.as_deref().map(Identity::email) {
            Some(email) if self.user(session)?.credential_of(&email.key()).is_none() => {
                if self.owner_of(&email.key()).is_some() {
                    return Err(Refusal::CredentialTaken { format: email.format() });
                }
                email.address().map(str::to_owned)
            }
            Some(_) | None => None,
        };
        let user = self.user_mut(session)?;
        let before = (user.profile.clone(), user.acknowledgement);
        user.profile.update(change.update);
        if change.acknowledge_recovery_codes {
            user.acknowledgement = Acknowledgement::Complete;
        }
        let is_changed = before != (user.profile.clone(), user.acknowledgement);
        let next = Some(match new_email {
            Some(email) => Next::VerifyEmail(self.open_email_verification(&email, now, rng)),
            None => Next::Done,
        });
        self.settle(session, passage, proof, now)?;
        if is_changed {
            self.note_update(session);
        }
        Ok(Outcome::Session(Box::new(Grant { next, ..self.grant(session, now)? })))
    }

    pub(super) fn delete_user(
        &mut self,
        session: SessionId,
        proof: &Proof,
        now: Timestamp,
    ) -> Result<Outcome, Refusal> {
        // Nothing is settled afterwards: the ledger of spent tokens goes with the user.
        let _ = self.pass_gate(session, Gated::DeleteUser, proof, now)?;
        let user = self.user(session)?.id;
        self.note_deletion(user, Some(user));
        self.remove_user(user);
        Ok(Outcome::Done)
    }

    /// Removes a user with every identity and session.
    pub(super) fn remove_user(&mut self, user: UserId) {
        let Some(removed) = self.users.remove(&user) else { return };
        for credential in &removed.credentials {
            self.identities.remove(&credential.identity.key());
        }
        self.sessions.remove_of(user, |_| true);
        self.stand_ins.remove_user(user);
    }
}
