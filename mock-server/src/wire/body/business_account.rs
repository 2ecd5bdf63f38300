//! Business accounts: requests and answers.

use std::collections::BTreeMap;

use mfa_engine::{
    BusinessAccount, BusinessAccountId, EmbeddedWallet, EnvironmentId, Member, MemberRole, Scheme,
    Signer, SignerKind,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::user::date;

/// `CreateBusinessAccountSdkRequest`
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateAccount {
    pub(crate) name: Option<String>,
    pub(crate) external_ref: Option<String>,
    pub(crate) metadata: Option<BTreeMap<String, Value>>,
}

/// `UpdateBusinessAccountSdkRequest`
#[derive(Deserialize)]
pub(crate) struct UpdateAccount {
    pub(crate) name: Option<String>,
}

/// `LinkBusinessAccountWalletSdkRequest`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LinkWallet {
    pub(crate) wallet_id: String,
    pub(crate) business_account_id: Option<String>,
}

/// `AddBusinessAccountMemberSdkRequest`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AddMember {
    pub(crate) role: AssignableRole,
    pub(crate) user_id: Option<String>,
    pub(crate) identifier: Option<String>,
    #[serde(rename = "type")]
    pub(crate) kind: Option<IdentifierKind>,
}

/// `UpdateBusinessAccountMemberRoleSdkRequest`
#[derive(Deserialize)]
pub(crate) struct UpdateRole {
    pub(crate) role: AssignableRole,
}

/// `AssignableBusinessAccountMemberRole`: nobody is made the owner by a request of this kind.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AssignableRole {
    Admin,
    Viewer,
}

impl AssignableRole {
    pub(crate) const fn role(self) -> MemberRole {
        match self {
            Self::Admin => MemberRole::Admin,
            Self::Viewer => MemberRole::Viewer,
        }
    }
}

/// `UserIdentifierTypeEnum`
#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(crate) enum IdentifierKind {
    Email,
    Id,
    ExternalUserId,
    PhoneNumber,
    SocialUsername,
    SocialAccountId,
}

/// `TransferBusinessAccountOwnershipSdkRequest`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TransferOwnership {
    pub(crate) new_owner_user_id: String,
}

/// `AddBusinessAccountSignerSdkRequest`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AddSigner {
    pub(crate) signer_type: SignerKind,
    pub(crate) user_id: Option<String>,
    pub(crate) identifier: Option<String>,
    #[serde(rename = "type")]
    pub(crate) kind: Option<IdentifierKind>,
    pub(crate) client_keygen_ids: Vec<String>,
    #[serde(rename = "oldThresholdSignatureScheme")]
    _old_scheme: Scheme,
    #[serde(rename = "newThresholdSignatureScheme")]
    _new_scheme: Scheme,
}

/// `BusinessAccountList`
#[derive(Serialize)]
pub(crate) struct Accounts {
    pub(crate) items: Vec<Account>,
}

/// `BusinessAccount`, and `BusinessAccountDetail` where the last three fields are given.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    id: String,
    project_environment_id: String,
    name: Option<String>,
    external_ref: Option<String>,
    metadata: Value,
    created_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<Vec<AccountMember>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signers: Option<Vec<AccountSigner>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wallets: Option<Vec<AccountWallet>>,
}

impl Account {
    pub(crate) fn of(account: &BusinessAccount, environment: EnvironmentId) -> Self {
        let metadata = account.metadata.as_deref().and_then(|text| serde_json::from_str(text).ok());
        Self {
            id: account.id.to_string(),
            project_environment_id: environment.to_string(),
            name: account.name.clone(),
            external_ref: account.external_ref.clone(),
            metadata: metadata.unwrap_or_else(|| Value::Object(serde_json::Map::new())),
            created_at: date(account.created_at),
            updated_at: date(account.updated_at),
            members: None,
            signers: None,
            wallets: None,
        }
    }

    /// With its parts: `BusinessAccountDetail`.
    pub(crate) fn detail(
        account: &BusinessAccount,
        wallets: &[EmbeddedWallet],
        environment: EnvironmentId,
    ) -> Self {
        let (id, members, signers) = (account.id, account.members.iter(), account.signers.iter());
        Self {
            members: Some(members.map(|member| AccountMember::of(id, member)).collect()),
            signers: Some(signers.map(|signer| AccountSigner::of(id, signer)).collect()),
            wallets: Some(wallets.iter().map(AccountWallet::of).collect()),
            ..Self::of(account, environment)
        }
    }
}

/// `BusinessAccountMember`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountMember {
    id: String,
    business_account_id: String,
    user_id: String,
    role: MemberRole,
    added_by_user_id: Option<String>,
    created_at: String,
}

impl AccountMember {
    pub(crate) fn of(account: BusinessAccountId, member: &Member) -> Self {
        Self {
            id: member.id.to_string(),
            business_account_id: account.to_string(),
            user_id: member.user.to_string(),
            role: member.role,
            added_by_user_id: member.added_by.map(|user| user.to_string()),
            created_at: date(member.created_at),
        }
    }
}

/// `BusinessAccountSigner`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountSigner {
    id: String,
    business_account_id: String,
    user_id: Option<String>,
    wallet_id: String,
    share_set_id: String,
    #[serde(rename = "type")]
    kind: SignerKind,
    api_key_identity_ref: Option<String>,
    created_at: String,
}

impl AccountSigner {
    pub(crate) fn of(account: BusinessAccountId, signer: &Signer) -> Self {
        Self {
            id: signer.id.to_string(),
            business_account_id: account.to_string(),
            user_id: signer.user.map(|user| user.to_string()),
            wallet_id: signer.wallet.to_string(),
            share_set_id: signer.share_set.to_string(),
            kind: signer.kind,
            api_key_identity_ref: signer.key_ref.clone(),
            created_at: date(signer.created_at),
        }
    }
}

/// `BusinessAccountWallet`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccountWallet {
    id: String,
    public_key: String,
    chain: &'static str,
    created_at: String,
}

impl AccountWallet {
    fn of(wallet: &EmbeddedWallet) -> Self {
        Self {
            id: wallet.id.to_string(),
            public_key: wallet.address.clone(),
            chain: wallet.chain.account_name(),
            created_at: date(wallet.created_at),
        }
    }
}
