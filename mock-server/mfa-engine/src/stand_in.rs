//! Stand-ins for what lies behind the wallet and business gates: enough for a flow to go on.
//!
//! Absent on purpose: keys, key shares, multi-party computation, signatures. Ids come from the
//! dice; every value that the real service would compute is a text that begins with `mock-`, so
//! that nobody takes it for the real thing. An address has a wallet's shape because apps check it.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use rand::CryptoRng;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::id::{BusinessAccountId, UserId, WalletId};

mod account;
mod account_request;
mod wallet;
mod wallet_request;

pub use account::{BusinessAccount, Member, MemberRole, Signer, SignerKind};
pub use account_request::{
    AccountDeed, BusinessOutcome, BusinessRefusal, BusinessRequest, NewAccount, Someone,
};
pub use wallet::{BackupLocation, EmbeddedWallet, KeyShare, Scheme, WaasChain};
pub use wallet_request::{
    BackedUp, Delegation, NewKeyShare, NewWallet, Room, WaasOutcome, WaasRefusal, WaasRequest,
    WalletDeed,
};

/// A value that the real service would compute: its kind and some dice, never a secret.
pub(crate) fn mock(kind: &str, rng: &mut dyn CryptoRng) -> String {
    let mut bytes = [0; 8];
    rng.fill_bytes(&mut bytes);
    format!("mock-{kind}-{}", HEXLOWER.encode(&bytes))
}

/// All stand-ins of an environment, found by id or by user without a look at the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StandIns {
    wallets: BTreeMap<WalletId, EmbeddedWallet>,
    accounts: BTreeMap<BusinessAccountId, BusinessAccount>,
    by_owner: BTreeSet<(UserId, WalletId)>,
    by_member: BTreeSet<(UserId, BusinessAccountId)>,
}

/// What is written of them; the two indexes follow from it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    wallets: BTreeMap<WalletId, EmbeddedWallet>,
    accounts: BTreeMap<BusinessAccountId, BusinessAccount>,
}

impl StandIns {
    pub(crate) fn wallet(&self, id: WalletId) -> Option<&EmbeddedWallet> {
        self.wallets.get(&id)
    }

    pub(crate) fn wallet_mut(&mut self, id: WalletId) -> Option<&mut EmbeddedWallet> {
        self.wallets.get_mut(&id)
    }

    /// The wallets of one user in the order of their ids, deleted ones included.
    pub(crate) fn wallets_of(&self, user: UserId) -> impl Iterator<Item = &EmbeddedWallet> {
        let range = (user, WalletId::FIRST)..=(user, WalletId::LAST);
        self.by_owner.range(range).filter_map(|(_, id)| self.wallets.get(id))
    }

    pub(crate) fn insert_wallet(&mut self, wallet: EmbeddedWallet) {
        self.by_owner.insert((wallet.owner, wallet.id));
        self.wallets.insert(wallet.id, wallet);
    }

    pub(crate) fn account(&self, id: BusinessAccountId) -> Option<&BusinessAccount> {
        self.accounts.get(&id)
    }

    pub(crate) fn account_mut(&mut self, id: BusinessAccountId) -> Option<&mut BusinessAccount> {
        self.accounts.get_mut(&id)
    }

    /// The accounts that a user is a member of, in the order of their ids.
    pub(crate) fn accounts_of(&self, user: UserId) -> impl Iterator<Item = &BusinessAccount> {
        let range = (user, BusinessAccountId::FIRST)..=(user, BusinessAccountId::LAST);
        self.by_member.range(range).filter_map(|(_, id)| self.accounts.get(id))
    }

    pub(crate) fn insert_account(&mut self, account: BusinessAccount) {
        self.by_member.extend(account.members.iter().map(|member| (member.user, account.id)));
        self.accounts.insert(account.id, account);
    }

    pub(crate) fn insert_member(&mut self, account: BusinessAccountId, member: Member) {
        if let Some(known) = self.accounts.get_mut(&account) {
            self.by_member.insert((member.user, account));
            known.members.push(member);
        }
    }

    /// Takes a member out of an account, and yields what they were.
    pub(crate) fn remove_member(
        &mut self,
        account: BusinessAccountId,
        user: UserId,
    ) -> Option<Member> {
        let members = &mut self.accounts.get_mut(&account)?.members;
        let at = members.iter().position(|member| member.user == user)?;
        self.by_member.remove(&(user, account));
        Some(members.remove(at))
    }

    /// Puts a wallet into an account.
    pub(crate) fn bind(&mut self, wallet: WalletId, account: BusinessAccountId) {
        let wallet_and_account = (self.wallets.get_mut(&wallet), self.accounts.get_mut(&account));
        if let (Some(known), Some(home)) = wallet_and_account {
            known.account = Some(account);
            home.wallets.push(wallet);
        }
    }

    /// Takes a wallet out of its account, with everybody who signs for it.
    pub(crate) fn unbind(&mut self, wallet: WalletId) {
        let Some(known) = self.wallets.get_mut(&wallet) else { return };
        let Some(account) = known.account.take() else { return };
        if let Some(home) = self.accounts.get_mut(&account) {
            home.wallets.retain(|bound| *bound != wallet);
            home.signers.retain(|signer| signer.wallet != wallet);
        }
    }

    /// Gives a user's wallets to another one, free of the business accounts of the first.
    pub(crate) fn hand_over(&mut self, from: UserId, to: UserId) {
        let wallets: Vec<WalletId> = self.wallets_of(from).map(|wallet| wallet.id).collect();
        for id in wallets {
            self.unbind(id);
            self.by_owner.remove(&(from, id));
            self.by_owner.insert((to, id));
            if let Some(wallet) = self.wallets.get_mut(&id) {
                wallet.owner = to;
            }
        }
    }

    /// Forgets a user: their wallets, their memberships, and the accounts that they own.
    pub(crate) fn remove_user(&mut self, user: UserId) {
        let wallets: Vec<WalletId> = self.wallets_of(user).map(|wallet| wallet.id).collect();
        for id in wallets {
            self.unbind(id);
            self.wallets.remove(&id);
            self.by_owner.remove(&(user, id));
        }
        let accounts: Vec<_> = self.accounts_of(user).map(|account| account.id).collect();
        for id in accounts {
            let is_owner = self.accounts.get(&id).is_some_and(|account| account.is_owner(user));
            match is_owner {
                true => self.remove_account(id),
                false => {
                    self.remove_member(id, user);
                    if let Some(account) = self.accounts.get_mut(&id) {
                        account.signers.retain(|signer| signer.user != Some(user));
                    }
                }
            }
        }
    }

    fn remove_account(&mut self, id: BusinessAccountId) {
        let Some(account) = self.accounts.remove(&id) else { return };
        for member in &account.members {
            self.by_member.remove(&(member.user, id));
        }
        for wallet in &account.wallets {
            if let Some(wallet) = self.wallets.get_mut(wallet) {
                wallet.account = None;
            }
        }
    }
}

impl Serialize for StandIns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut written = serializer.serialize_struct("StandIns", 2)?;
        written.serialize_field("wallets", &self.wallets)?;
        written.serialize_field("accounts", &self.accounts)?;
        written.end()
    }
}

impl<'de> Deserialize<'de> for StandIns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Written { wallets, accounts } = Written::deserialize(deserializer)?;
        let by_owner = wallets.values().map(|wallet| (wallet.owner, wallet.id)).collect();
        let members = accounts.values().flat_map(|account| {
            account.members.iter().map(move |member| (member.user, account.id))
        });
        let by_member = members.collect();
        Ok(Self { wallets, accounts, by_owner, by_member })
    }
}
