//! Business accounts behind their gates: a small stand-in.
//!
//! The order of each call: membership, role, the part that is named, the gate, the deed. What
//! could tell a member who else uses the environment is looked up behind the gate.

use jiff::Timestamp;
use rand::CryptoRng;

use super::Environment;
use crate::command::Proof;
use crate::credential::IdentityKey;
use crate::gate::Gated;
use crate::id::{BusinessAccountId, MemberId, SessionId, ShareSetId, SignerId, UserId, WalletId};
use crate::outcome::Outcome;
use crate::refusal::Refusal;
use crate::stand_in::{
    AccountDeed, BusinessAccount, BusinessOutcome, BusinessRefusal, BusinessRequest, Member,
    MemberRole, NewAccount, Signer, SignerKind, Someone, WaasRefusal, mock,
};

impl Environment {
    pub(super) fn business(
        &mut self,
        session: SessionId,
        request: BusinessRequest,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        let user = self.session(session)?.user;
        let outcome = match request {
            BusinessRequest::List => {
                BusinessOutcome::Accounts(self.stand_ins.accounts_of(user).cloned().collect())
            }
            BusinessRequest::Create(new) => {
                let id = self.create_account(user, new, now, rng)?;
                BusinessOutcome::Created(Box::new(self.account(id)?.clone()))
            }
            BusinessRequest::LinkWallet { wallet, account, proof } => {
                self.link_wallet(session, user, wallet, account, &proof, now, rng)?
            }
            BusinessRequest::On { account, deed, proof } => {
                self.admit_member(user, account, deed.least_role())?;
                self.check_part(account, &deed)?;
                let passage = match deed.gated() {
                    Some(gated) => Some(self.pass_gate(session, gated, &proof, now)?),
                    None => None,
                };
                let outcome = self.change_account(user, account, deed, now, rng)?;
                if let Some(passage) = passage {
                    self.settle(session, passage, &proof, now)?;
                }
                outcome
            }
        };
        Ok(Outcome::Business(outcome, self.id))
    }

    fn account(&self, id: BusinessAccountId) -> Result<&BusinessAccount, BusinessRefusal> {
        self.stand_ins.account(id).ok_or(BusinessRefusal::NoSuchAccount)
    }

    fn account_mut(
        &mut self,
        id: BusinessAccountId,
    ) -> Result<&mut BusinessAccount, BusinessRefusal> {
        self.stand_ins.account_mut(id).ok_or(BusinessRefusal::NoSuchAccount)
    }

    fn detail(&self, id: BusinessAccountId) -> Result<BusinessOutcome, BusinessRefusal> {
        let account = self.account(id)?;
        let wallets = account.wallets.iter().filter_map(|wallet| self.stand_ins.wallet(*wallet));
        Ok(BusinessOutcome::Detail(Box::new(account.clone()), wallets.cloned().collect()))
    }

    /// Lets in a member of at least that role; an account looks to strangers like none.
    fn admit_member(
        &self,
        user: UserId,
        account: BusinessAccountId,
        needed: MemberRole,
    ) -> Result<(), BusinessRefusal> {
        let member = self.account(account)?.member(user).ok_or(BusinessRefusal::NoSuchAccount)?;
        match member.role >= needed {
            true => Ok(()),
            false => Err(BusinessRefusal::RoleTooLow { needed }),
        }
    }

    /// Whether a user may put a wallet into an account, and there is room for it.
    pub(super) fn admit_wallet(
        &self,
        user: UserId,
        account: BusinessAccountId,
    ) -> Result<(), BusinessRefusal> {
        self.admit_member(user, account, MemberRole::Admin)?;
        self.check_room("wallets", self.account(account)?.wallets.len())
    }

    fn check_room(&self, part: &'static str, count: usize) -> Result<(), BusinessRefusal> {
        let max = self.policy.stand_ins.business_account_parts_max;
        match count < usize::try_from(max).unwrap_or(usize::MAX) {
            true => Ok(()),
            false => Err(BusinessRefusal::TooMany { part, max }),
        }
    }

    fn check_room_for_account(&self, user: UserId) -> Result<(), BusinessRefusal> {
        let max = self.policy.stand_ins.business_accounts_per_user_max;
        let count = self.stand_ins.accounts_of(user).count();
        match count < usize::try_from(max).unwrap_or(usize::MAX) {
            true => Ok(()),
            false => Err(BusinessRefusal::TooMany { part: "accounts", max }),
        }
    }

    fn create_account(
        &mut self,
        user: UserId,
        new: NewAccount,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<BusinessAccountId, BusinessRefusal> {
        self.check_room_for_account(user)?;
        let owner = Member {
            id: MemberId::draw(rng),
            user,
            role: MemberRole::Owner,
            added_by: None,
            created_at: now,
        };
        let account = BusinessAccount {
            id: BusinessAccountId::draw(rng),
            name: new.name,
            external_ref: new.external_ref,
            metadata: new.metadata,
            created_at: now,
            updated_at: now,
            members: vec![owner],
            signers: Vec::new(),
            wallets: Vec::new(),
        };
        let id = account.id;
        self.stand_ins.insert_account(account);
        Ok(id)
    }

    /// Puts a wallet of the user's own into an account, which is made if none is named.
    #[expect(clippy::too_many_arguments, reason = "one parameter for each part of the request")]
    fn link_wallet(
        &mut self,
        session: SessionId,
        user: UserId,
        wallet: WalletId,
        account: Option<BusinessAccountId>,
        proof: &Proof,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<BusinessOutcome, Refusal> {
        let own = self.wallets_shown(user).into_iter().find(|known| known.id == wallet);
        let home = own.ok_or(WaasRefusal::NoSuchWallet)?.account;
        match (home, account) {
            // Without a name it is "find or make": the wallet's account, if it has one.
            (Some(home), None) => return Ok(self.detail(home)?),
            (Some(_), Some(_)) => return Err(BusinessRefusal::AlreadyLinked.into()),
            (None, Some(account)) => self.admit_wallet(user, account)?,
            (None, None) => self.check_room_for_account(user)?,
        }
        let passage = self.pass_gate(session, Gated::LinkWallet, proof, now)?;
        let account = match account {
            Some(account) => account,
            None => self.create_account(user, NewAccount::default(), now, rng)?,
        };
        self.stand_ins.bind(wallet, account);
        self.settle(session, passage, proof, now)?;
        Ok(self.detail(account)?)
    }

    /// What can be refused without a look at any proof: only what a member can see anyway.
    fn check_part(
        &self,
        account: BusinessAccountId,
        deed: &AccountDeed,
    ) -> Result<(), BusinessRefusal> {
        let account = self.account(account)?;
        let has_wallet = |wallet: &WalletId| match account.wallets.contains(wallet) {
            true => Ok(()),
            false => Err(BusinessRefusal::NoSuchPart { part: "wallet" }),
        };
        match deed {
            AccountDeed::Read | AccountDeed::Rename(_) => Ok(()),
            AccountDeed::AddMember { .. } => self.check_room("members", account.members.len()),
            AccountDeed::RemoveMember(user)
            | AccountDeed::UpdateRole { user, .. }
            | AccountDeed::TransferOwnership(user) => {
                let member = account.member(*user);
                let member = member.ok_or(BusinessRefusal::NoSuchPart { part: "member" })?;
                match member.role {
                    MemberRole::Owner => Err(BusinessRefusal::OwnerStays),
                    MemberRole::Admin | MemberRole::Viewer => Ok(()),
                }
            }
            AccountDeed::RemoveWallet(wallet) => has_wallet(wallet),
            AccountDeed::AddSigner { wallet, .. } => {
                has_wallet(wallet)?;
                self.check_room("signers", account.signers.len())
            }
            AccountDeed::RemoveSigner { wallet, signer } => {
                has_wallet(wallet)?;
                let is_it = |known: &Signer| known.id == *signer && known.wallet == *wallet;
                match account.signers.iter().any(is_it) {
                    true => Ok(()),
                    false => Err(BusinessRefusal::NoSuchPart { part: "signer" }),
                }
            }
        }
    }

    fn change_account(
        &mut self,
        user: UserId,
        id: BusinessAccountId,
        deed: AccountDeed,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<BusinessOutcome, BusinessRefusal> {
        match deed {
            AccountDeed::Read => self.detail(id),
            AccountDeed::Rename(name) => {
                let account = self.account_mut(id)?;
                account.name = name;
                account.updated_at = now;
                Ok(BusinessOutcome::Renamed(Box::new(account.clone())))
            }
            AccountDeed::AddMember { who, role } => {
                let member = self.new_member(user, id, &who, role, now, rng)?;
                self.stand_ins.insert_member(id, member.clone());
                Ok(BusinessOutcome::Added(id, member))
            }
            AccountDeed::RemoveMember(member) => {
                let removed = self.stand_ins.remove_member(id, member);
                let removed = removed.ok_or(BusinessRefusal::NoSuchPart { part: "member" })?;
                self.account_mut(id)?.signers.retain(|signer| signer.user != Some(member));
                Ok(BusinessOutcome::Removed(id, removed))
            }
            AccountDeed::UpdateRole { user, role } => {
                let member = self.set_role(id, user, role)?;
                Ok(BusinessOutcome::Changed(id, member))
            }
            AccountDeed::TransferOwnership(successor) => {
                self.set_role(id, user, MemberRole::Admin)?;
                self.set_role(id, successor, MemberRole::Owner)?;
                self.detail(id)
            }
            AccountDeed::RemoveWallet(wallet) => {
                self.stand_ins.unbind(wallet);
                self.detail(id)
            }
            AccountDeed::AddSigner { wallet, kind, who } => {
                let signer = self.new_signer(wallet, kind, who.as_ref(), now, rng)?;
                self.account_mut(id)?.signers.push(signer.clone());
                Ok(BusinessOutcome::SignerAdded(id, signer))
            }
            AccountDeed::RemoveSigner { signer, .. } => {
                let signers = &mut self.account_mut(id)?.signers;
                let at = signers.iter().position(|known| known.id == signer);
                let at = at.ok_or(BusinessRefusal::NoSuchPart { part: "signer" })?;
                Ok(BusinessOutcome::SignerRemoved(id, signers.remove(at)))
            }
        }
    }

    fn set_role(
        &mut self,
        account: BusinessAccountId,
        user: UserId,
        role: MemberRole,
    ) -> Result<Member, BusinessRefusal> {
        let members = &mut self.account_mut(account)?.members;
        let member = members.iter_mut().find(|member| member.user == user);
        let member = member.ok_or(BusinessRefusal::NoSuchPart { part: "member" })?;
        member.role = role;
        Ok(member.clone())
    }

    /// Who goes by that name. Asked behind the gate: it tells who uses the environment.
    fn person(&self, who: &Someone) -> Result<UserId, BusinessRefusal> {
        let found = match who {
            Someone::Id(id) => self.users.contains_key(id).then_some(*id),
            Someone::Email(address) => self.owner_of(&IdentityKey::of_email(address)),
        };
        found.ok_or(BusinessRefusal::NoSuchPerson)
    }

    fn new_member(
        &self,
        adder: UserId,
        account: BusinessAccountId,
        who: &Someone,
        role: MemberRole,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Member, BusinessRefusal> {
        let user = self.person(who)?;
        if self.account(account)?.member(user).is_some() {
            return Err(BusinessRefusal::AlreadyMember);
        }
        self.check_room_for_account(user)?;
        let id = MemberId::draw(rng);
        Ok(Member { id, user, role, added_by: Some(adder), created_at: now })
    }

    fn new_signer(
        &self,
        wallet: WalletId,
        kind: SignerKind,
        who: Option<&Someone>,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Signer, BusinessRefusal> {
        let user = match (kind, who) {
            (SignerKind::EndUser, Some(who)) => Some(self.person(who)?),
            (SignerKind::EndUser, None) => return Err(BusinessRefusal::NoSuchPerson),
            (SignerKind::Server, _) => None,
        };
        let key_ref = (kind == SignerKind::Server).then(|| mock("server-key", rng));
        let (id, share_set) = (SignerId::draw(rng), ShareSetId::draw(rng));
        Ok(Signer { id, wallet, user, kind, share_set, key_ref, created_at: now })
    }
}
