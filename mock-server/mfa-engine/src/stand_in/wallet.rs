//! An embedded wallet as the API shows one; there is no key behind it.

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use rand::CryptoRng;
use serde::{Deserialize, Serialize};

use crate::id::{BusinessAccountId, KeyShareId, ShareSetId, UserId, WalletId};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name {
            $(#[doc = concat!("`", $word, "`")] #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

words! {
    /// A chain that wallets can be made for (`WaasChainEnum`).
    WaasChain {
        Evm => "EVM",
        Midnight => "MIDNIGHT",
        Svm => "SVM",
        Sui => "SUI",
        Btc => "BTC",
        Ton => "TON",
        Stellar => "STELLAR",
        Tempo => "TEMPO",
        Aleo => "ALEO",
        Tron => "TRON",
    }
}

words! {
    /// How many shares there are and how many sign (`ThresholdSignatureScheme`).
    Scheme {
        TwoOfTwo => "TWO_OF_TWO",
        TwoOfThree => "TWO_OF_THREE",
        ThreeOfFive => "THREE_OF_FIVE",
    }
}

words! {
    /// Where a key share is kept (`WaasBackupOptionsEnum`).
    BackupLocation {
        GoogleDrive => "googleDrive",
        ICloud => "iCloud",
        Dynamic => "dynamic",
        External => "external",
        Delegated => "delegated",
        OfflineRecovery => "offlineRecovery",
    }
}

/// One embedded wallet. Its id is that of the credential by which its user is shown it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmbeddedWallet {
    /// Its id, and that of its credential.
    pub id: WalletId,
    /// Whose it is.
    pub owner: UserId,
    /// The chain it was made for.
    pub chain: WaasChain,
    /// A text of an address's shape, drawn from the dice.
    pub address: String,
    /// Its scheme; a reshare changes it.
    pub scheme: Scheme,
    /// The user's own set of shares.
    pub share_set: ShareSetId,
    /// The set that was delegated to the environment.
    #[serde(deserialize_with = "crate::written::option")]
    pub delegated: Option<ShareSetId>,
    /// Where shares were said to be kept; one for each location.
    pub key_shares: Vec<KeyShare>,
    /// Whether the user has said no to delegating (`hasDeniedDelegatedAccess`).
    pub denies_delegation: bool,
    /// The business account that it is part of.
    #[serde(deserialize_with = "crate::written::option")]
    pub account: Option<BusinessAccountId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was deleted; it can be restored.
    #[serde(deserialize_with = "crate::written::option")]
    pub deleted_at: Option<Timestamp>,
}

/// A key share that was said to be backed up; no share is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyShare {
    /// Its id.
    pub id: KeyShareId,
    /// Where it is.
    pub location: BackupLocation,
    /// The client's own name for it, or one of ours.
    pub external_id: String,
    /// The client's own id of the share's generation.
    #[serde(deserialize_with = "crate::written::option")]
    pub keygen_id: Option<String>,
}

impl WaasChain {
    /// The chain in a verified credential, where it goes by another name.
    pub const fn credential_name(self) -> &'static str {
        match self {
            Self::Evm => "eip155",
            Self::Midnight => "midnight",
            Self::Svm => "solana",
            Self::Sui => "sui",
            Self::Btc => "bip122",
            Self::Ton => "ton",
            Self::Stellar => "stellar",
            Self::Tempo => "tempo",
            Self::Aleo => "aleo",
            Self::Tron => "tron",
        }
    }

    /// The chain in a business account (`ChainEnum`), where it goes by yet another name.
    pub const fn account_name(self) -> &'static str {
        match self {
            Self::Svm => "SOL",
            other => other.as_str(),
        }
    }

    /// Draws an address. Those of EVM have its shape; the others only say that they are ours.
    pub(crate) fn draw_address(self, rng: &mut dyn CryptoRng) -> String {
        let mut bytes = [0; 20];
        rng.fill_bytes(&mut bytes);
        let hex = HEXLOWER.encode(&bytes);
        match self {
            Self::Evm | Self::Tempo => format!("0x{hex}"),
            other => format!("mock{}{hex}", other.as_str()),
        }
    }
}
