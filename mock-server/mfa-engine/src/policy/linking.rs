//! Settings of linking, unlinking, transferring and merging.

use serde::{Deserialize, Serialize};

use super::range::{PolicyError, within};

/// What happens to identities that are another user's, and to what hung on one that goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Linking {
    /// What linking another user's wallet leads to.
    pub taken_wallet: Taken,
    /// What linking another user's social account leads to; it cannot be transferred.
    pub taken_social: TakenSocial,
    /// Whether an account with a second factor can be absorbed or lose a wallet.
    pub merge_with_mfa: MergeWithMfa,
    /// Seconds in which an offered merge must be confirmed.
    pub offer_life_seconds: u32,
    /// Whether unlinking a credential ends the other sessions that it opened.
    pub unlink_ends_sessions: bool,
    /// Credentials that a user may hold; one more is refused.
    pub credentials_max: u16,
}

/// What linking another user's wallet leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Taken {
    /// A refusal, and nothing more.
    Refuse,
    /// `reassign_wallet_confirm`: `verify/transfer` takes the wallet over.
    Transfer,
    /// `merge_accounts_confirmation`: the other account can be absorbed.
    Merge,
}

/// What linking another user's social account leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TakenSocial {
    /// A refusal, and nothing more.
    Refuse,
    /// `merge_accounts_confirmation`: the other account can be absorbed.
    Merge,
}

/// Whether an account with a second factor can be absorbed or lose a wallet.
///
/// There is no third position: nobody gets at such an account without any second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MergeWithMfa {
    /// Never: its second factor cannot be asked for in somebody else's session.
    Refuse,
    /// Only by a session that has passed a second factor of its own.
    IfPassed,
}

impl Linking {
    pub(super) fn check(&self) -> Result<(), PolicyError> {
        within("linking.offerLifeSeconds", self.offer_life_seconds, 1, 86_400)?;
        within("linking.credentialsMax", self.credentials_max, 1, 1_000)
    }
}

impl Default for Linking {
    fn default() -> Self {
        Self {
            taken_wallet: Taken::Merge,
            taken_social: TakenSocial::Refuse,
            merge_with_mfa: MergeWithMfa::Refuse,
            offer_life_seconds: 600,
            unlink_ends_sessions: true,
            credentials_max: 100,
        }
    }
}
