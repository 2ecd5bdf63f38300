//! What is asked of embedded wallets, and what is answered.

use serde::{Deserialize, Serialize};

use super::{BackupLocation, EmbeddedWallet, KeyShare, Scheme, WaasChain};
use crate::command::Proof;
use crate::gate::Gated;
use crate::id::{BusinessAccountId, ShareSetId, WalletId};

/// What a signed-in user asks of embedded wallets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum WaasRequest {
    /// `POST waas/create`, `POST waas/privateKey/import`
    Create(NewWallet),
    /// `POST waas/createRooms`
    CreateRooms {
        /// How many; 1 to 20.
        count: u8,
    },
    /// `GET waas/byWalletAddress/{walletAddress}`
    FindByAddress(String),
    /// `DELETE users/embeddedWallets`
    DeleteAll {
        /// What proves the right to do it.
        proof: Proof,
    },
    /// A call on one wallet.
    On {
        /// Which wallet.
        wallet: WalletId,
        /// What to do with it.
        deed: WalletDeed,
        /// What proves the right to do it.
        proof: Proof,
    },
}

/// A wallet that is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewWallet {
    /// For which chain.
    pub chain: WaasChain,
    /// With which scheme.
    pub scheme: Scheme,
    /// In which business account.
    pub account: Option<BusinessAccountId>,
}

/// What is done with one wallet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum WalletDeed {
    /// `POST …/signMessage`
    Sign,
    /// `POST …/privateKey/export`
    Export,
    /// `POST …/refresh`
    Refresh,
    /// `POST …/reshare`
    Reshare {
        /// The scheme from now on.
        scheme: Scheme,
        /// What becomes of the delegation.
        delegation: Delegation,
    },
    /// `POST …/keyShares/recover`
    Recover {
        /// Only these key shares; empty means all.
        key_shares: Vec<crate::id::KeyShareId>,
    },
    /// `POST …/keyShares/backup/locations`
    BackUp {
        /// What is kept where.
        shares: Vec<NewKeyShare>,
    },
    /// `POST …/delegatedAccess/delivery`
    Deliver,
    /// `DELETE …/delegatedAccess/{shareSetId}`
    RevokeDelegation(ShareSetId),
    /// `PUT …/settings`
    DenyDelegation(bool),
    /// `POST …/createRooms`
    CreateRooms {
        /// How many; 1 to 20.
        count: u8,
    },
    /// `DELETE users/embeddedWallets/{walletId}/softDelete`
    Delete,
    /// `PUT users/embeddedWallets/{walletId}/restore`
    Restore,
    /// `GET users/embeddedWallets/{walletId}/activities/{activityId}/export`
    ExportBundle,
}

/// What a reshare does to the delegation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delegation {
    /// It stays as it is.
    Kept,
    /// A set of shares goes to the environment.
    Given,
    /// That set is worthless from now on.
    Revoked,
}

/// A key share that is to be noted down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewKeyShare {
    /// Where it is kept.
    pub location: BackupLocation,
    /// The client's own name for it.
    pub external_id: Option<String>,
    /// The client's own id of the share's generation.
    pub keygen_id: Option<String>,
}

impl WalletDeed {
    /// The gate before it, if there is one.
    pub(crate) const fn gated(&self) -> Option<Gated> {
        match self {
            Self::Sign => Some(Gated::SignMessage),
            Self::Export => Some(Gated::ExportKey),
            Self::Refresh => Some(Gated::RefreshShares),
            Self::Reshare { .. } => Some(Gated::Reshare),
            Self::Recover { .. } => Some(Gated::RecoverShares),
            Self::Deliver => Some(Gated::DeliverShare),
            Self::RevokeDelegation(_) => Some(Gated::RevokeShare),
            Self::Delete => Some(Gated::DeleteWallet),
            Self::Restore => Some(Gated::RestoreWallet),
            Self::ExportBundle => Some(Gated::ExportWallet),
            Self::BackUp { .. } | Self::DenyDelegation(_) | Self::CreateRooms { .. } => None,
        }
    }
}

/// What is answered about embedded wallets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaasOutcome {
    /// A room was opened in which nobody computes anything.
    Room(Room),
    /// Rooms were opened.
    Rooms(Vec<String>),
    /// What is known of key shares.
    KeyShares(Vec<KeyShare>),
    /// Places of key shares were noted down.
    BackedUp(BackedUp),
    /// A delegated share was taken.
    Delivered {
        /// The delivery's id.
        id: String,
    },
    /// The wallet's settings.
    Settings(Box<EmbeddedWallet>),
    /// What a legacy export would bring.
    ExportBundle(String),
}

/// A room (`OpenRoomResponse` and its kin).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// Its id.
    pub id: String,
    /// The server's key generations.
    pub server_keygens: Vec<String>,
    /// Those that replace them, after a refresh or a reshare.
    pub new_server_keygens: Option<Vec<String>>,
    /// The wallet.
    pub wallet: WalletId,
    /// The set of shares, after a refresh.
    pub share_set: Option<ShareSetId>,
}

/// Key shares that were noted down (`BackupKeySharesToLocationsResponse`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackedUp {
    /// The wallet.
    pub wallet: WalletId,
    /// The set that they belong to.
    pub share_set: ShareSetId,
    /// What was noted down.
    pub shares: Vec<KeyShare>,
}

/// Why a call on a wallet is refused behind its gate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WaasRefusal {
    /// The user has no wallet of that id or address, or it was deleted.
    #[error("the user has no embedded wallet of that id or address")]
    NoSuchWallet,
    /// No key share of that id was noted down.
    #[error("no key share of that id was noted down for the wallet")]
    NoSuchKeyShare,
    /// The wallet is not delegated, or not with that set of shares.
    #[error("the wallet is not delegated, or not with that set of shares")]
    NotDelegated,
    /// The user has as many wallets as they may.
    #[error("the user has {max} embedded wallets, as many as they may")]
    TooManyWallets {
        /// The bound, `standIns.walletsPerUserMax`.
        max: u32,
    },
}
