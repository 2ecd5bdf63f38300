//! What a tester may do to a world.

use jiff::Timestamp;
use rand::CryptoRng;

use super::Environment;
use super::seed::Seeded;
use crate::command::Intervention;
use crate::credential::Credential;
use crate::id::{CredentialId, DeviceId, UserId};
use crate::recovery::RecoveryCodes;
use crate::refusal::Refusal;
use crate::seed::UserSeed;
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
        // Everything is read before anything is changed, so a bad seed leaves no half a user.
        let Seeded { first, others, passkeys, totp, secret, recovery } = self.read_seed(seed)?;
        let (identity, sign_in_enabled) = first;
        let (id, _) = self.make_user(identity, now, rng)?;
        let bytes = self.policy.totp.secret_bytes;
        let device = totp.map(|verified| {
            let secret = secret.unwrap_or_else(|| TotpSecret::draw(bytes, rng));
            seeded_device(verified, secret, now, rng)
        });
        let recovery = match recovery {
            Some(codes) => Some(codes),
            None if totp == Some(true) => Some(RecoveryCodes::draw(&self.policy.recovery, rng)),
            None => None,
        };
        let settings = &self.policy.passkey;
        let (origin, signs_in) = (format!("http://{}", settings.rp_id), settings.sign_in);
        let user = self.users.get_mut(&id).ok_or(Refusal::NoSuchUser)?;
        if let Some(first) = user.credentials.first_mut() {
            first.sign_in_enabled = sign_in_enabled;
        }
        for (identity, sign_in_enabled) in others {
            self.identities.insert(identity.key(), id);
            let id = CredentialId::draw(rng);
            user.credentials.push(Credential {
                id,
                identity,
                verified_at: now.into(),
                sign_in_enabled,
            });
        }
        for passkey in passkeys {
            let (identity, sign_in_enabled) = (passkey.identity(), signs_in);
            self.identities.insert(identity.key(), id);
            let id = CredentialId::draw(rng);
            user.credentials.push(Credential {
                id,
                identity,
                verified_at: now.into(),
                sign_in_enabled,
            });
            user.passkeys.push(passkey.into_passkey(id, user.id, origin.clone(), now));
        }
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

fn seeded_device(
    verified: bool,
    secret: TotpSecret,
    now: Timestamp,
    rng: &mut dyn CryptoRng,
) -> TotpDevice {
    let id = DeviceId::draw(rng);
    match verified {
        true => TotpDevice::Active(Active {
            id,
            secret,
            created_at: now.into(),
            verified_at: now.into(),
            last_step: None,
            default: true,
        }),
        false => TotpDevice::Pending(Pending { id, secret, created_at: now.into() }),
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
