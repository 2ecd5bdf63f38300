//! A business account: a container of wallets with members and signers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{BusinessAccountId, MemberId, ShareSetId, SignerId, UserId, WalletId};

/// A business account (`BusinessAccountDetail`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BusinessAccount {
    /// Its id.
    pub id: BusinessAccountId,
    /// Its name.
    #[serde(deserialize_with = "crate::written::option")]
    pub name: Option<String>,
    /// The developer's own id of it.
    #[serde(deserialize_with = "crate::written::option")]
    pub external_ref: Option<String>,
    /// A JSON object as text.
    #[serde(deserialize_with = "crate::written::option")]
    pub metadata: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// The latest change of its own fields.
    pub updated_at: Timestamp,
    /// Who administers it; exactly one is the owner.
    pub members: Vec<Member>,
    /// Who signs for which of its wallets.
    pub signers: Vec<Signer>,
    /// Its wallets.
    pub wallets: Vec<WalletId>,
}

/// A membership (`BusinessAccountMember`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// The membership's id.
    pub id: MemberId,
    /// Who.
    pub user: UserId,
    /// As what.
    pub role: MemberRole,
    /// Who added them; none for whoever made the account.
    #[serde(deserialize_with = "crate::written::option")]
    pub added_by: Option<UserId>,
    /// Since when.
    pub created_at: Timestamp,
}

/// What a member may do (`BusinessAccountMemberRole`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    /// Reads.
    Viewer,
    /// Changes members, signers and wallets.
    Admin,
    /// Also gives the account away.
    Owner,
}

/// A right to sign with one wallet (`BusinessAccountSigner`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signer {
    /// Its id.
    pub id: SignerId,
    /// The wallet.
    pub wallet: WalletId,
    /// Who; none for a server.
    #[serde(deserialize_with = "crate::written::option")]
    pub user: Option<UserId>,
    /// What kind.
    pub kind: SignerKind,
    /// The set of shares that a reshare would have made.
    pub share_set: ShareSetId,
    /// The reference to a server's key, which does not exist.
    #[serde(deserialize_with = "crate::written::option")]
    pub key_ref: Option<String>,
    /// Since when.
    pub created_at: Timestamp,
}

/// What kind of signer (`BusinessAccountSignerType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignerKind {
    /// A person.
    #[serde(rename = "endUser")]
    EndUser,
    /// A machine.
    #[serde(rename = "server")]
    Server,
}

impl BusinessAccount {
    /// The membership of a user.
    pub fn member(&self, user: UserId) -> Option<&Member> {
        self.members.iter().find(|member| member.user == user)
    }

    /// Whether a user owns the account.
    pub fn is_owner(&self, user: UserId) -> bool {
        self.member(user).is_some_and(|member| member.role == MemberRole::Owner)
    }
}
