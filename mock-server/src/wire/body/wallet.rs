//! Wallets, linking and merging: requests, and what a refused link tells.

use mfa_engine::{FieldConflict, MergeConflicts, UserId};
use serde::{Deserialize, Serialize};

use super::object::Object;
use super::user::SdkUser;

/// `VerifyRequest`. What is not listed here is read by nobody: the check of an account's balance,
/// captchas, and what embedded wallets need.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Verify {
    pub(crate) signed_message: String,
    pub(crate) message_to_sign: String,
    pub(crate) public_wallet_address: String,
    pub(crate) chain: Chain,
    pub(crate) wallet_name: String,
    pub(crate) wallet_provider: WalletProvider,
    pub(crate) session_public_key: Option<String>,
    pub(crate) requested_scopes: Option<Vec<String>>,
}

/// `ChainEnum`
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Chain {
    Eth,
    Evm,
    Flow,
    Sol,
    Algo,
    Stark,
    Cosmos,
    Btc,
    Eclipse,
    Sui,
    Spark,
    Tron,
    Aptos,
    Ton,
    Stellar,
    Aleo,
    Tempo,
    Midnight,
}

impl Chain {
    pub(crate) fn word(self) -> String {
        format!("{self:?}").to_uppercase()
    }
}

/// `WalletProviderEnum`
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum WalletProvider {
    BrowserExtension,
    CustodialService,
    WalletConnect,
    QrCode,
    DeepLink,
    EmbeddedWallet,
    SmartContractWallet,
}

impl WalletProvider {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::BrowserExtension => "browserExtension",
            Self::CustodialService => "custodialService",
            Self::WalletConnect => "walletConnect",
            Self::QrCode => "qrCode",
            Self::DeepLink => "deepLink",
            Self::EmbeddedWallet => "embeddedWallet",
            Self::SmartContractWallet => "smartContractWallet",
        }
    }
}

/// `UserWalletSelectionRequest`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SelectWallet {
    pub(crate) wallet_id: String,
}

/// `VerifyUnlinkRequest`; the misspelt key is part of the API.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Unlink {
    pub(crate) wallet_id: Option<String>,
    pub(crate) verified_crential_id: Option<String>,
    pub(crate) verified_credential_id: Option<String>,
    pub(crate) primary_wallet_id: Option<String>,
}

/// `MergeUserConflictResolutions`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Resolutions {
    pub(crate) merge_user_resolutions: Option<Vec<Object<Resolution>>>,
}

/// `MergeUserConflictResolution`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Resolution {
    pub(crate) user_id: String,
    pub(crate) field_key: String,
    // Read so that another word is refused: the key alone says which field is meant.
    #[serde(rename = "type")]
    pub(crate) _kind: FieldKind,
}

/// `KycFieldType`
#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum FieldKind {
    Standard,
    Custom,
}

/// `MergeConflicts`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Conflicts<'offer> {
    from_user: SdkUser<'offer>,
    conflicts: Vec<Conflict<'offer>>,
}

/// `MergeUserConflict`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Conflict<'offer> {
    field: Field<'offer>,
    from_user: Side<'offer>,
    current_user: Side<'offer>,
}

/// `ProjectSettingsKyc`
#[derive(Serialize)]
struct Field<'offer> {
    name: &'offer str,
    required: bool,
    enabled: bool,
    unique: bool,
    verify: bool,
    #[serde(rename = "type")]
    kind: FieldKind,
}

/// `MergeUser`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Side<'offer> {
    user_id: String,
    value: &'offer str,
}

impl<'offer> Conflicts<'offer> {
    pub(crate) fn of(offer: &'offer MergeConflicts) -> Self {
        let side = |user: UserId, value| Side { user_id: user.to_string(), value };
        let conflict = |conflict: &'offer FieldConflict| Conflict {
            field: Field {
                name: conflict.field,
                required: false,
                enabled: true,
                unique: false,
                verify: false,
                kind: FieldKind::Standard,
            },
            from_user: side(offer.from.id, &conflict.from),
            current_user: side(offer.current, &conflict.current),
        };
        Self {
            from_user: SdkUser::of(&offer.from, offer.environment),
            conflicts: offer.fields.iter().map(conflict).collect(),
        }
    }
}
