//! What a tester may do to a world.

use jiff::Timestamp;
use rand::CryptoRng;

use super::Environment;
use crate::command::{Intervention, SeededTotp, UserSeed};
use crate::credential::{ExternalUser, Identity, PhoneNumber};
use crate::external_auth::SUBJECT_BYTES_MAX;
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
        let mut identities = identities_of(seed)?.into_iter();
        if let Some(taken) = identities.clone().find(|known| self.owner_of(&known.key()).is_some())
        {
            return Err(Refusal::CredentialTaken { format: taken.format() });
        }
        // Everything is read before anything is changed, so a bad seed leaves no half a user.
        let secret = seed.totp_secret.as_deref().map(TotpSecret::parse).transpose()?;
        let totp = match (seed.totp, &secret) {
            (SeededTotp::None, _) | (SeededTotp::AsSecret, None) => None,
            (SeededTotp::Pending, _) => Some(false),
            (SeededTotp::Enrolled, _) | (SeededTotp::AsSecret, Some(_)) => Some(true),
        };
        let given = seed.recovery_codes.as_deref().map(RecoveryCodes::of).transpose()?;
        let first = identities.next().ok_or_else(nobody)?;
        let (id, _) = self.make_user(first, now, rng)?;
        for identity in identities {
            self.give(id, identity, now, rng);
        }
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

/// Who a seeded user is, the e-mail address first.
fn identities_of(seed: &UserSeed) -> Result<Vec<Identity>, Refusal> {
    let mut identities = Vec::new();
    let email = seed.email.trim().to_lowercase();
    let has_other = seed.phone.is_some() || seed.external_id.is_some();
    if !email.is_empty() || !has_other {
        if !is_address(&email) {
            let problem = format!("email: {email:?} is not an e-mail address");
            return Err(Refusal::Unseedable(problem));
        }
        identities.push(Identity::email(&email));
    }
    if let Some(phone) = &seed.phone {
        let country = &phone.phone_country_code;
        let phone = PhoneNumber::parse(country, &phone.phone_number, &phone.iso_country_code);
        let problem = |flaw| Refusal::Unseedable(format!("phone: {flaw}"));
        identities.push(Identity::PhoneNumber(phone.map_err(problem)?));
    }
    if let Some(user_id) = &seed.external_id {
        if user_id.is_empty() || user_id.len() > SUBJECT_BYTES_MAX {
            let problem = format!("externalId: not 1 to {SUBJECT_BYTES_MAX} bytes long");
            return Err(Refusal::Unseedable(problem));
        }
        identities.push(Identity::External(ExternalUser { user_id: user_id.clone() }));
    }
    Ok(identities)
}

fn nobody() -> Refusal {
    Refusal::Unseedable("a user has an address, a number or an external id".to_owned())
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
