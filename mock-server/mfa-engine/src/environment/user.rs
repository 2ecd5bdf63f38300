//! The user's own account: profile, acknowledgement, deletion.

use jiff::Timestamp;
use rand::CryptoRng;

use super::Environment;
use crate::id::{SessionId, UserId};
use crate::outcome::{Next, Outcome};
use crate::refusal::Refusal;
use crate::user::{Acknowledgement, ProfileUpdate};

impl Environment {
    /// Changes the profile; a new address is mailed a code and linked only when that is typed.
    pub(super) fn update_user(
        &mut self,
        session: SessionId,
        update: ProfileUpdate,
        email: Option<String>,
        acknowledge_recovery_codes: bool,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        let new_email = match email {
            Some(email) if self.user(session)?.credential_of(&email).is_none() => {
                if self.emails.contains_key(&email.to_lowercase()) {
                    return Err(Refusal::EmailTaken);
                }
                Some(email)
            }
            Some(_) | None => None,
        };
        let user = self.user_mut(session)?;
        user.profile.update(update);
        if acknowledge_recovery_codes {
            user.acknowledgement = Acknowledgement::Complete;
        }
        let next = match new_email {
            Some(email) => Next::VerifyEmail(self.open_verification(&email, now, rng)),
            None => Next::Done,
        };
        Ok(Outcome::Session(Box::new(self.grant_with(session, next, now)?)))
    }

    pub(super) fn delete_user(&mut self, session: SessionId) -> Result<Outcome, Refusal> {
        let user = self.user(session)?.id;
        self.remove_user(user);
        Ok(Outcome::Done)
    }

    /// Removes a user with every address and session.
    pub(super) fn remove_user(&mut self, user: UserId) {
        self.users.remove(&user);
        self.emails.retain(|_, owner| *owner != user);
        self.sessions.retain(|_, session| session.user != user);
    }
}
