//! What a tester may do to a world.

use jiff::Timestamp;
use rand::CryptoRng;

use super::Environment;
use crate::command::{Intervention, SeededTotp, UserSeed};
use crate::credential::Identity;
use crate::id::{DeviceId, UserId};
use crate::recovery::RecoveryCodes;
use crate::refusal::Refusal;
use crate::totp::{Active, Pending, TotpDevice, TotpSecret};
use crate::user::Acknowledgement;

impl Environment {
    pub(super) fn carry_out(
        &mut self,
        intervention: Intervention,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Option<UserId>, Refusal> {
        match intervention {
            Intervention::SetPolicy(policy) => {
                self.set_policy(*policy).map_err(|error| Refusal::Unseedable(error.to_string()))?;
                Ok(None)
            }
            Intervention::CreateUser(seed) => self.seed_user(&seed, now, rng).map(Some),
            Intervention::RemoveUser(user) => {
                if !self.users.contains_key(&user) {
                    return Err(Refusal::NoSuchUser);
                }
                self.remove_user(user);
                Ok(None)
            }
            Intervention::RevokeSessions(user) => {
                self.sessions.remove_of(user, |_| true);
                Ok(None)
            }
        }
    }

    fn seed_user(
        &mut self,
        seed: &UserSeed,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<UserId, Refusal> {
        let email = seed.email.trim().to_lowercase();
        if !is_address(&email) {
            let problem = format!("email: {email:?} is not an e-mail address");
            return Err(Refusal::Unseedable(problem));
        }
        let identity = Identity::email(&email);
        if self.owner_of(&identity.key()).is_some() {
            return Err(Refusal::CredentialTaken { format: identity.format() });
        }
        // Everything is read before anything is changed, so a bad seed leaves no half a user.
        let secret = seed.totp_secret.as_deref().map(TotpSecret::parse).transpose()?;
        let totp = match (seed.totp, &secret) {
            (SeededTotp::None, _) | (SeededTotp::AsSecret, None) => None,
            (SeededTotp::Pending, _) => Some(false),
            (SeededTotp::Enrolled, _) | (SeededTotp::AsSecret, Some(_)) => Some(true),
        };
        let given = seed.recovery_codes.as_deref().map(RecoveryCodes::of).transpose()?;
        let (id, _) = self.make_user(identity, now, rng)?;
        let bytes = self.policy.totp.secret_bytes;
        let device = totp.map(|verified| {
            let secret = secret.unwrap_or_else(|| TotpSecret::draw(bytes, rng));
            let id = DeviceId::draw(rng);
            match verified {
                true => TotpDevice::Active(Active {
                    id,
                    secret,
                    created_at: now,
                    verified_at: now,
                    last_step: None,
                    default: true,
                    alias: None,
                }),
                false => TotpDevice::Pending(Pending { id, secret, created_at: now }),
            }
        });
        let recovery = match given {
            Some(codes) => Some(codes),
            None if totp == Some(true) => Some(RecoveryCodes::draw(&self.policy.recovery, rng)),
            None => None,
        };
        let user = self.users.get_mut(&id).ok_or(Refusal::NoSuchUser)?;
        user.totp = device;
        user.acknowledgement = match (recovery.is_some(), seed.recovery_codes_pending) {
            (_, true) => Acknowledgement::Pending,
            (true, false) => Acknowledgement::Complete,
            (false, false) => Acknowledgement::NotAsked,
        };
        user.recovery = recovery;
        Ok(id)
    }
}

/// Whether a text can be mailed to: one `@`, something before it, a host after it, no spaces.
pub fn is_address(text: &str) -> bool {
    let fits = !text.is_empty() && text.len() <= 255;
    let plain = text.chars().all(|letter| !letter.is_whitespace() && !letter.is_control());
    match text.split_once('@') {
        Some((local, host)) => {
            fits && plain && !local.is_empty() && !host.is_empty() && !host.contains('@')
        }
        None => false,
    }
}
