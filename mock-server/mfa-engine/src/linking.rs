//! Linking, unlinking and merging: what is asked, what is offered, and why it is refused.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::command::Proof;
use crate::credential::IdentityKey;
use crate::id::{CredentialId, EnvironmentId, UserId};
use crate::outcome::UserView;

/// What a signed-in user asks about the credentials of their account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum LinkingRequest {
    /// `POST verify/unlink`
    Unlink {
        /// The credential that goes; none if the call named none.
        credential: Option<CredentialId>,
        /// The wallet that is selected afterwards.
        primary: Option<CredentialId>,
        /// What proves the right to do it.
        proof: Proof,
    },
    /// `POST users/merge`, `POST verify/merge`
    Merge {
        /// Which of two values a field of the profile is to have.
        resolutions: Vec<Resolution>,
        /// What proves the right to do it.
        proof: Proof,
    },
}

/// Whose value a field of the profile is to have (`MergeUserConflictResolution`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resolution {
    /// The user whose value wins.
    pub user: UserId,
    /// The field by the API's name.
    pub field: String,
}

/// A merge that a session was offered: whoever proves an identity may absorb its account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MergeOffer {
    /// The account that would be absorbed.
    pub from: UserId,
    /// The identity that was proven, which must still be that account's.
    pub proven: IdentityKey,
    /// The end of the offer.
    pub expires_at: Timestamp,
}

/// What the two accounts of an offered merge disagree about (`MergeConflicts`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeConflicts {
    /// The environment of both.
    pub environment: EnvironmentId,
    /// The account that would be absorbed.
    pub from: UserView,
    /// The account that stays.
    pub current: UserId,
    /// The fields with two values.
    pub fields: Vec<FieldConflict>,
}

/// A field of the profile with two values (`MergeUserConflict`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldConflict {
    /// The field by the API's name.
    pub field: &'static str,
    /// The value of the account that would be absorbed.
    pub from: String,
    /// The value of the account that stays.
    pub current: String,
}

/// Why linking, unlinking or merging is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkingRefusal {
    /// Neither a credential nor a wallet was named, or it is none of the user's.
    #[error("no credential of the user was named")]
    NothingToUnlink,
    /// Without it nobody could sign in to the account.
    #[error("the account's last credential that can sign in")]
    LastCredential,
    /// An embedded wallet goes with its keys, not by unlinking.
    #[error("an embedded wallet cannot be unlinked")]
    EmbeddedWallet,
    /// A passkey is deleted by its own call, which asks for more.
    #[error("a passkey is deleted by its own call, not unlinked")]
    Passkey,
    /// The user holds as many credentials as they may.
    #[error("the user would hold more than {max} credentials")]
    TooManyCredentials {
        /// The bound, `linking.credentialsMax`.
        max: u16,
    },
    /// The wallet is another user's and may be taken over.
    #[error("another user has this wallet; verify/transfer takes it over")]
    TransferOffered,
    /// The wallet is another user's and stays there.
    #[error("the wallet stays with its user: {0}")]
    NotTransferable(&'static str),
    /// The identity is another user's, whose account may be absorbed.
    #[error("another user has this identity; the accounts can be merged")]
    MergeOffered(Box<MergeConflicts>),
    /// There is no merge to confirm, or it may not be.
    #[error("the accounts cannot be merged: {0}")]
    NotMergeable(&'static str),
}

impl LinkingRefusal {
    /// The rule behind the refusal.
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::NothingToUnlink | Self::LastCredential | Self::EmbeddedWallet | Self::Passkey => {
                "wire VerifyUnlinkRequest"
            }
            Self::TooManyCredentials { .. } => "limit",
            Self::TransferOffered
            | Self::MergeOffered(_)
            | Self::NotTransferable(_)
            | Self::NotMergeable(_) => "W5",
        }
    }
}
