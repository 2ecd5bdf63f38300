//! A user: profile, verified credentials, second factors.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::credential::{Credential, Identity, IdentityKey};
use crate::id::{CredentialId, TokenId, UserId};
use crate::moment::Moment;
use crate::passkey::{Octets, Passkey};
use crate::policy::{self, MethodKind};
use crate::rare::Rare;
use crate::recovery::RecoveryCodes;
use crate::throttle::Failures;
use crate::totp::{Active, TotpDevice};
use crate::trusted_device::TrustedDevices;

mod profile;
mod users;

pub use profile::{Profile, ProfileUpdate};
pub(crate) use users::Users;

/// One user of an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The user's id (`sub`).
    pub id: UserId,
    /// What the user told about themself.
    pub profile: Rare<Profile>,
    /// The proven ways to sign in; the first one opened the account.
    pub credentials: Vec<Credential>,
    /// The one TOTP device (rule T13).
    #[serde(deserialize_with = "crate::written::option")]
    pub totp: Option<TotpDevice>,
    /// The passkeys, oldest first; each is among the credentials, too.
    pub passkeys: Rare<Vec<Passkey>>,
    /// The current set of recovery codes.
    #[serde(deserialize_with = "crate::written::option")]
    pub recovery: Option<RecoveryCodes>,
    /// Whether the recovery codes were acknowledged (rules R12, R13).
    pub acknowledgement: Acknowledgement,
    /// Recent wrong codes.
    pub failures: Rare<Failures>,
    /// Single-use elevated tokens that were spent, with their end, after which they need no entry.
    ///
    /// They stand here and not in a session: where tokens are not bound to one (U19), a token must
    /// not serve once in each.
    pub spent: Rare<BTreeSet<(Timestamp, TokenId)>>,
    /// The devices that the user trusts.
    pub trusted_devices: Rare<TrustedDevices>,
    /// First sign-in, or the moment of seeding.
    pub first_visit: Moment,
    /// Latest sign-in or refresh.
    pub last_visit: Moment,
    /// Whether this is the user's first session.
    pub new_user: bool,
}

/// State of the recovery-code acknowledgement (`MfaBackupCodeAcknowledgement`; null at first).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acknowledgement {
    /// Never asked for.
    #[default]
    NotAsked,
    /// Asked for and not given; `user:basic` is withheld.
    Pending,
    /// Given.
    Complete,
}

impl User {
    /// Whether a single-use elevated token was spent.
    pub fn has_spent(&self, token: TokenId, expires_at: Timestamp) -> bool {
        self.spent.contains(&(expires_at, token))
    }

    /// Spends a single-use elevated token, and forgets those that have expired meanwhile.
    pub fn spend(&mut self, token: TokenId, expires_at: Timestamp, now: Timestamp) {
        self.spent.retain(|(end, _)| *end > now);
        self.spent.insert((expires_at, token));
    }

    /// The confirmed TOTP device.
    pub fn active_totp(&self) -> Option<&Active> {
        match &self.totp {
            Some(TotpDevice::Active(active)) => Some(active),
            Some(TotpDevice::Pending(_)) | None => None,
        }
    }

    /// Whether the user holds a confirmed second factor (rules E2, F5, P8).
    ///
    /// Passkeys count where they are a second factor; elsewhere they only sign in.
    pub fn has_verified_method(&self, mfa: &policy::Mfa) -> bool {
        self.active_totp().is_some() || !self.second_factor_passkeys(mfa).is_empty()
    }

    /// The passkeys, where they are a second factor.
    pub fn second_factor_passkeys(&self, mfa: &policy::Mfa) -> &[Passkey] {
        match mfa.allows(MethodKind::Passkey) {
            true => &self.passkeys,
            false => &[],
        }
    }

    /// Takes away every second factor and all that belongs to it (rules K4, V5).
    ///
    /// A method that is added to [`User`] is removed here too, or a reset would leave it behind.
    ///
    /// Passkeys go where they are a second factor, unless nothing else lets the user sign in.
    /// The credentials that went are returned, for whoever keeps an index of them.
    pub fn reset_mfa(&mut self, mfa: &policy::Mfa) -> Vec<Credential> {
        let passkeys: Vec<_> = self.second_factor_passkeys(mfa).iter().map(|key| key.id).collect();
        let is_passkey = |known: &Credential| passkeys.contains(&known.id);
        let can_sign_in = |known: &Credential| known.sign_in_enabled && !is_passkey(known);
        let gone: Vec<_> = match self.credentials.iter().any(can_sign_in) {
            true => self.credentials.extract_if(.., |known| is_passkey(known)).collect(),
            false => Vec::new(),
        };
        self.passkeys.retain(|passkey| gone.iter().all(|known| known.id != passkey.id));
        self.totp = None;
        self.recovery = None;
        self.acknowledgement = Acknowledgement::NotAsked;
        self.failures.clear();
        gone
    }

    /// The passkey of a WebAuthn credential id.
    pub fn passkey_of(&self, credential_id: &Octets) -> Option<&Passkey> {
        self.passkeys.iter().find(|known| known.credential_id == *credential_id)
    }

    /// The credential of an identity.
    pub fn credential_of(&self, key: &IdentityKey) -> Option<&Credential> {
        self.credentials.iter().find(|credential| credential.identity.key() == *key)
    }

    /// The credential that stands for the account: the first that can sign in, else the first.
    pub fn first_credential(&self) -> Option<CredentialId> {
        let can_sign_in = self.credentials.iter().find(|known| known.sign_in_enabled);
        can_sign_in.or(self.credentials.first()).map(|known| known.id)
    }

    /// Whether nothing could sign in to the account if a credential went.
    pub fn would_be_locked_out_without(&self, credential: CredentialId) -> bool {
        !self.credentials.iter().any(|known| known.id != credential && known.sign_in_enabled)
    }

    /// Makes a wallet the one to work with; false if the user has no such wallet.
    pub fn select_wallet(&mut self, wallet: CredentialId, now: Timestamp) -> bool {
        let known = self.credentials.iter_mut().find(|known| known.id == wallet);
        match known.map(|known| &mut known.identity) {
            Some(Identity::Wallet(wallet)) => {
                wallet.last_selected_at = Some(now);
                true
            }
            Some(_) | None => false,
        }
    }

    /// The first e-mail address, which stands for the user where one name is wanted.
    pub fn email(&self) -> Option<&str> {
        self.credentials.iter().find_map(Credential::email)
    }
}
