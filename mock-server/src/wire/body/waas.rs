//! Embedded wallets: requests and answers. What only a computation would need is read for its
//! shape and then left alone.

use mfa_engine::{
    BackedUp, BackupLocation, EmbeddedWallet, KeyShare, KeyShareId, Room, Scheme, WaasChain,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::object::Object;

/// `CreateWaasAccountRequest`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateWallet {
    pub(crate) chain: WaasChain,
    pub(crate) client_keygen_ids: Vec<String>,
    pub(crate) threshold_signature_scheme: Option<Scheme>,
    pub(crate) business_account_id: Option<String>,
}

/// `ImportWaasPrivateKeyRequest`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImportKey {
    pub(crate) chain: WaasChain,
    pub(crate) client_keygen_ids: Vec<String>,
    pub(crate) threshold_signature_scheme: Scheme,
}

/// `CreateRoomsRequest`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateRooms {
    #[serde(rename = "roomType")]
    _room_type: RoomType,
    pub(crate) room_count: Option<u64>,
}

/// `CreateRoomsWithoutWalletIdRequest`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateRoomsWithoutWallet {
    #[serde(rename = "roomType")]
    _room_type: RoomType,
    #[serde(rename = "thresholdSignatureScheme")]
    _scheme: Scheme,
    pub(crate) room_count: Option<u64>,
}

/// `RoomTypeEnum`
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum RoomType {
    Threshold,
    Full,
}

/// `SignMessageWithWaasRequest`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignMessage {
    pub(crate) message: String,
    #[serde(rename = "isFormatted")]
    _is_formatted: Option<bool>,
    #[serde(rename = "roomId")]
    _room_id: Option<String>,
}

/// `ExportWaasWalletPrivateKeyRequest`
#[derive(Deserialize)]
pub(crate) struct ExportKey {
    #[serde(rename = "exportId")]
    _export_id: String,
}

/// `RefreshKeySharesRequest`
#[derive(Default, Deserialize)]
pub(crate) struct RefreshShares {
    #[serde(rename = "shareSetId")]
    _share_set_id: Option<String>,
}

/// `ReshareRequest`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reshare {
    pub(crate) client_keygen_ids: Vec<String>,
    #[serde(rename = "oldThresholdSignatureScheme")]
    _old_scheme: Scheme,
    pub(crate) new_threshold_signature_scheme: Scheme,
    pub(crate) delegate_to_project_environment: Option<bool>,
    pub(crate) revoke_delegation: Option<bool>,
}

/// `RecoverMultipleClientKeySharesRequest`
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecoverShares {
    pub(crate) key_share_ids: Option<Vec<String>>,
}

/// `BackupKeySharesToLocationsRequest`
#[derive(Deserialize)]
pub(crate) struct BackUpShares {
    pub(crate) locations: Vec<Object<BackUpLocation>>,
}

/// `BackupKeySharesToLocationsRequestLocations`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BackUpLocation {
    pub(crate) location: BackupLocation,
    pub(crate) keygen_id: Option<String>,
    pub(crate) external_key_share_id: Option<String>,
}

/// `DelegatedShareDeliveryRequest`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeliverShare {
    #[serde(rename = "encryptedDelegatedShare")]
    _encrypted_delegated_share: Object<EncryptedShare>,
}

/// `DelegatedShareDeliveryRequestEncryptedDelegatedShare`
#[derive(Deserialize)]
struct EncryptedShare {
    #[serde(rename = "alg")]
    _alg: String,
    #[serde(rename = "iv")]
    _iv: String,
    #[serde(rename = "ct")]
    _ct: String,
    #[serde(rename = "tag")]
    _tag: String,
    #[serde(rename = "ek")]
    _ek: String,
}

/// `UpdateWaasWalletSettingsRequest`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpdateSettings {
    pub(crate) has_denied_delegated_access: bool,
}

/// `DeleteEmbeddedWalletsRequest`; its one field is a request signed for a third party.
#[derive(Default, Deserialize)]
pub(crate) struct DeleteWallets {
    #[serde(rename = "turnkeySignedRequest")]
    _turnkey_signed_request: Option<Value>,
}

/// `OpenRoomResponse`, `OpenRoomResponseForReshare`, `OpenRoomResponseWithServerKeygenIds`,
/// `RefreshKeySharesResponse`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenRoom {
    room_id: String,
    server_keygen_ids: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_server_keygen_ids: Option<Vec<String>>,
    wallet_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    share_set_id: Option<String>,
}

impl OpenRoom {
    pub(crate) fn of(room: Room) -> Self {
        Self {
            room_id: room.id,
            server_keygen_ids: room.server_keygens,
            new_server_keygen_ids: room.new_server_keygens,
            wallet_id: room.wallet.to_string(),
            share_set_id: room.share_set.map(|set| set.to_string()),
        }
    }
}

/// `BackupKeySharesToLocationsResponse`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SharesBackedUp {
    locations_with_key_shares: Vec<BackedUpLocation>,
    message: &'static str,
    share_set_id: String,
    share_set_type: &'static str,
    wallet_active: bool,
    wallet_id: String,
}

/// `BackupKeySharesToLocationsResponseLocationsWithKeyShares`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BackedUpLocation {
    external_key_share_id: String,
    key_share_id: String,
    location: BackupLocation,
}

impl SharesBackedUp {
    pub(crate) fn of(done: BackedUp) -> Self {
        let location = |share: KeyShare| BackedUpLocation {
            external_key_share_id: share.external_id,
            key_share_id: share.id.to_string(),
            location: share.location,
        };
        Self {
            locations_with_key_shares: done.shares.into_iter().map(location).collect(),
            message: "mock-backup: nothing was stored",
            share_set_id: done.share_set.to_string(),
            share_set_type: "rootUser",
            wallet_active: true,
            wallet_id: done.wallet.to_string(),
        }
    }
}

/// `WalletKeyShareInfo`, and `WalletKeyShareInfoWithEncryptedAccountCredential` where the last
/// field is given.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyShareInfo {
    id: String,
    backup_location: BackupLocation,
    password_encrypted: bool,
    external_key_share_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    keygen_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encrypted_account_credential: Option<String>,
}

impl KeyShareInfo {
    fn of(share: &KeyShare) -> Self {
        Self {
            id: share.id.to_string(),
            backup_location: share.location,
            password_encrypted: false,
            external_key_share_id: share.external_id.clone(),
            keygen_id: share.keygen_id.clone(),
            encrypted_account_credential: None,
        }
    }

    /// A recovered share: a text in the place of the share, which was never kept.
    pub(crate) fn recovered(share: &KeyShare) -> Self {
        let id: KeyShareId = share.id;
        Self { encrypted_account_credential: Some(format!("mock-share-{id}")), ..Self::of(share) }
    }
}

/// `WalletProperties`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WalletProperties {
    version: &'static str,
    claimed: bool,
    key_shares: Vec<KeyShareInfo>,
    threshold_signature_scheme: &'static str,
    settings: WalletSettings,
    share_set_id: String,
    share_set_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    business_account_id: Option<String>,
    other_share_sets: Vec<ShareSet>,
}

/// `WaasShareSet`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShareSet {
    share_set_id: String,
    share_set_type: &'static str,
    threshold_signature_scheme: &'static str,
    created_at: String,
}

/// `WaasWalletSettings`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WalletSettings {
    has_denied_delegated_access: bool,
}

/// `UpdateWaasWalletSettingsResponse`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SettingsUpdated {
    wallet_id: String,
    settings: WalletSettings,
}

impl SettingsUpdated {
    pub(crate) fn of(wallet: &EmbeddedWallet) -> Self {
        let has_denied_delegated_access = wallet.denies_delegation;
        Self {
            wallet_id: wallet.id.to_string(),
            settings: WalletSettings { has_denied_delegated_access },
        }
    }
}

impl WalletProperties {
    pub(crate) fn of(wallet: &EmbeddedWallet) -> Self {
        let delegated = wallet.delegated.map(|set| ShareSet {
            share_set_id: set.to_string(),
            share_set_type: "delegated",
            threshold_signature_scheme: wallet.scheme.as_str(),
            created_at: super::user::date(wallet.created_at),
        });
        Self {
            version: "V3",
            claimed: true,
            key_shares: wallet.key_shares.iter().map(KeyShareInfo::of).collect(),
            threshold_signature_scheme: wallet.scheme.as_str(),
            settings: WalletSettings { has_denied_delegated_access: wallet.denies_delegation },
            share_set_id: wallet.share_set.to_string(),
            share_set_type: "rootUser",
            business_account_id: wallet.account.map(|account| account.to_string()),
            other_share_sets: delegated.into_iter().collect(),
        }
    }
}
