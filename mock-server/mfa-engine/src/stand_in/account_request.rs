//! What is asked of business accounts, and what is answered.

use serde::{Deserialize, Serialize};

use super::{BusinessAccount, EmbeddedWallet, Member, MemberRole, Signer, SignerKind};
use crate::command::Proof;
use crate::gate::Gated;
use crate::id::{BusinessAccountId, SignerId, UserId, WalletId};

/// What a signed-in user asks of business accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum BusinessRequest {
    /// `GET businessAccounts`
    List,
    /// `POST businessAccounts`
    Create(NewAccount),
    /// `POST businessAccounts/linkWallet`
    LinkWallet {
        /// One of the user's own wallets.
        wallet: WalletId,
        /// Into which account; absent: a new one.
        account: Option<BusinessAccountId>,
        /// What proves the right to do it.
        proof: Proof,
    },
    /// A call on one account.
    On {
        /// Which account.
        account: BusinessAccountId,
        /// What to do with it.
        deed: AccountDeed,
        /// What proves the right to do it.
        proof: Proof,
    },
}

/// An account that is to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// Its name.
    pub name: Option<String>,
    /// The developer's own id of it.
    pub external_ref: Option<String>,
    /// A JSON object as text.
    pub metadata: Option<String>,
}

/// What is done with one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AccountDeed {
    /// `GET businessAccounts/{id}`
    Read,
    /// `PATCH businessAccounts/{id}`
    Rename(Option<String>),
    /// `POST …/members`
    AddMember {
        /// Whom.
        who: Someone,
        /// As what; never as the owner.
        role: MemberRole,
    },
    /// `DELETE …/members/{userId}`
    RemoveMember(UserId),
    /// `PATCH …/members/{userId}`
    UpdateRole {
        /// Whose.
        user: UserId,
        /// The role from now on; never the owner's.
        role: MemberRole,
    },
    /// `POST …/transferOwnership`
    TransferOwnership(UserId),
    /// `DELETE …/wallets/{walletId}`
    RemoveWallet(WalletId),
    /// `POST …/wallets/{walletId}/signers`
    AddSigner {
        /// For which wallet.
        wallet: WalletId,
        /// What kind of signer.
        kind: SignerKind,
        /// Whom; a server is nobody.
        who: Option<Someone>,
    },
    /// `DELETE …/wallets/{walletId}/signers/{signerId}`
    RemoveSigner {
        /// Of which wallet.
        wallet: WalletId,
        /// Which signer.
        signer: SignerId,
    },
}

/// A user of the environment, by one of two names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Someone {
    /// By id.
    Id(UserId),
    /// By verified address.
    Email(String),
}

impl AccountDeed {
    /// The gate before it, if there is one.
    pub(crate) const fn gated(&self) -> Option<Gated> {
        match self {
            Self::Read | Self::Rename(_) => None,
            Self::AddMember { .. } => Some(Gated::AddMember),
            Self::RemoveMember(_) => Some(Gated::RemoveMember),
            Self::UpdateRole { .. } => Some(Gated::UpdateRole),
            Self::TransferOwnership(_) => Some(Gated::TransferOwnership),
            Self::RemoveWallet(_) => Some(Gated::RemoveWallet),
            Self::AddSigner { .. } => Some(Gated::AddSigner),
            Self::RemoveSigner { .. } => Some(Gated::RemoveSigner),
        }
    }

    /// The least role that may do it.
    pub(crate) const fn least_role(&self) -> MemberRole {
        match self {
            Self::Read => MemberRole::Viewer,
            Self::TransferOwnership(_) => MemberRole::Owner,
            Self::Rename(_)
            | Self::AddMember { .. }
            | Self::RemoveMember(_)
            | Self::UpdateRole { .. }
            | Self::RemoveWallet(_)
            | Self::AddSigner { .. }
            | Self::RemoveSigner { .. } => MemberRole::Admin,
        }
    }
}

/// What is answered about business accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BusinessOutcome {
    /// Accounts without their parts.
    Accounts(Vec<BusinessAccount>),
    /// An account was made.
    Created(Box<BusinessAccount>),
    /// An account was renamed.
    Renamed(Box<BusinessAccount>),
    /// An account with its parts.
    Detail(Box<BusinessAccount>, Vec<EmbeddedWallet>),
    /// A member was added.
    Added(BusinessAccountId, Member),
    /// A member was changed.
    Changed(BusinessAccountId, Member),
    /// A member was removed.
    Removed(BusinessAccountId, Member),
    /// A signer was added.
    SignerAdded(BusinessAccountId, Signer),
    /// A signer was removed.
    SignerRemoved(BusinessAccountId, Signer),
}

/// Why a call on a business account is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BusinessRefusal {
    /// The user is a member of no account of that id.
    #[error("the user is a member of no business account of that id")]
    NoSuchAccount,
    /// The member's role does not suffice.
    #[error("the member's role does not suffice: it takes the role {needed:?}")]
    RoleTooLow {
        /// The least role that would do.
        needed: MemberRole,
    },
    /// The account has no such member, wallet or signer.
    #[error("the business account has no such {part}")]
    NoSuchPart {
        /// Which kind of part.
        part: &'static str,
    },
    /// No user of the environment goes by that name.
    #[error("no user of the environment goes by that id or address")]
    NoSuchPerson,
    /// The person is a member already.
    #[error("the user is a member of the business account already")]
    AlreadyMember,
    /// The wallet is part of a business account already.
    #[error("the wallet is part of a business account already")]
    AlreadyLinked,
    /// The owner keeps their role until they give the account away.
    #[error("the owner stays the owner until ownership is transferred to another member")]
    OwnerStays,
    /// A bound of `standIns` is reached.
    #[error("there are {max} {part}, as many as there may be")]
    TooMany {
        /// Which kind of part.
        part: &'static str,
        /// The bound.
        max: u32,
    },
}
