//! Embedded wallets behind their gates: a small stand-in, no key in it.
//!
//! The order of each call: the wallet must be the caller's, then the gate, then the deed. A
//! mistyped id costs no token, and a stranger's wallet looks like none.

use jiff::Timestamp;
use rand::CryptoRng;

use super::Environment;
use crate::command::Proof;
use crate::gate::Gated;
use crate::id::{KeyShareId, SessionId, ShareSetId, UserId, WalletId};
use crate::outcome::{Outcome, UserView};
use crate::refusal::Refusal;
use crate::stand_in::{
    BackedUp, Delegation, EmbeddedWallet, KeyShare, NewKeyShare, NewWallet, Room, WaasOutcome,
    WaasRefusal, WaasRequest, WalletDeed, mock,
};

impl Environment {
    pub(super) fn waas(
        &mut self,
        session: SessionId,
        request: WaasRequest,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        match request {
            WaasRequest::Create(new) => self.create_wallet(session, new, now, rng),
            WaasRequest::CreateRooms { count } => Ok(Outcome::Waas(rooms(count, rng))),
            WaasRequest::FindByAddress(address) => {
                let view = self.view(session)?;
                let is_it = |wallet: &EmbeddedWallet| wallet.address.eq_ignore_ascii_case(&address);
                let found = view.wallets.iter().find(|wallet| is_it(wallet)).cloned();
                let wallets = vec![found.ok_or(WaasRefusal::NoSuchWallet)?];
                Ok(Outcome::User(Box::new(UserView { wallets, ..view }), self.id))
            }
            WaasRequest::DeleteAll { proof } => self.delete_wallets(session, &proof, now),
            WaasRequest::On { wallet, deed, proof } => {
                self.on_wallet(session, wallet, &deed, &proof, now, rng)
            }
        }
    }

    /// The wallets that a user is shown: all but the deleted ones.
    pub(super) fn wallets_shown(&self, user: UserId) -> Vec<EmbeddedWallet> {
        let wallets = self.stand_ins.wallets_of(user);
        wallets.filter(|wallet| wallet.deleted_at.is_none()).cloned().collect()
    }

    /// Makes a wallet; making one is not gated (rule E13).
    fn create_wallet(
        &mut self,
        session: SessionId,
        new: NewWallet,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        let owner = self.session(session)?.user;
        if let Some(account) = new.account {
            self.admit_wallet(owner, account)?;
        }
        let max = self.policy.stand_ins.wallets_per_user_max;
        if self.stand_ins.wallets_of(owner).count() >= usize::try_from(max).unwrap_or(usize::MAX) {
            return Err(WaasRefusal::TooManyWallets { max }.into());
        }
        let wallet = EmbeddedWallet {
            id: WalletId::draw(rng),
            owner,
            chain: new.chain,
            address: new.chain.draw_address(rng),
            scheme: new.scheme,
            share_set: ShareSetId::draw(rng),
            delegated: None,
            key_shares: Vec::new(),
            denies_delegation: false,
            account: None,
            created_at: now,
            deleted_at: None,
        };
        let id = wallet.id;
        self.stand_ins.insert_wallet(wallet);
        if let Some(account) = new.account {
            self.stand_ins.bind(id, account);
        }
        Ok(room(id, false, None, rng))
    }

    fn delete_wallets(
        &mut self,
        session: SessionId,
        proof: &Proof,
        now: Timestamp,
    ) -> Result<Outcome, Refusal> {
        let owner = self.session(session)?.user;
        let wallets: Vec<WalletId> =
            self.wallets_shown(owner).iter().map(|wallet| wallet.id).collect();
        if wallets.is_empty() {
            return Err(WaasRefusal::NoSuchWallet.into());
        }
        let passage = self.pass_gate(session, Gated::DeleteWallets, proof, now)?;
        wallets.into_iter().for_each(|wallet| self.delete_wallet(wallet, now));
        self.settle(session, passage, proof, now)?;
        Ok(Outcome::Done)
    }

    fn delete_wallet(&mut self, wallet: WalletId, now: Timestamp) {
        self.stand_ins.unbind(wallet);
        if let Some(wallet) = self.stand_ins.wallet_mut(wallet) {
            wallet.deleted_at = Some(now);
        }
    }

    /// One call on one wallet: whose it is, the gate, the deed.
    fn on_wallet(
        &mut self,
        session: SessionId,
        id: WalletId,
        deed: &WalletDeed,
        proof: &Proof,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        let owner = self.session(session)?.user;
        let must_be_deleted = *deed == WalletDeed::Restore;
        let is_it = |wallet: &&EmbeddedWallet| {
            wallet.owner == owner && wallet.deleted_at.is_some() == must_be_deleted
        };
        let wallet = self.stand_ins.wallet(id).filter(is_it).ok_or(WaasRefusal::NoSuchWallet)?;
        check_deed(wallet, deed)?;
        let passage = match deed.gated() {
            Some(gated) => Some(self.pass_gate(session, gated, proof, now)?),
            None => None,
        };
        let outcome = match deed {
            WalletDeed::Delete => {
                self.delete_wallet(id, now);
                Outcome::Done
            }
            _ => {
                let wallet = self.stand_ins.wallet_mut(id).ok_or(WaasRefusal::NoSuchWallet)?;
                carry_out(wallet, deed, rng)
            }
        };
        if let Some(passage) = passage {
            self.settle(session, passage, proof, now)?;
        }
        Ok(outcome)
    }
}

/// What can be refused without a look at any proof.
fn check_deed(wallet: &EmbeddedWallet, deed: &WalletDeed) -> Result<(), WaasRefusal> {
    match deed {
        WalletDeed::Recover { key_shares } => {
            let is_known = |id: &KeyShareId| wallet.key_shares.iter().any(|share| share.id == *id);
            match key_shares.iter().all(is_known) {
                true => Ok(()),
                false => Err(WaasRefusal::NoSuchKeyShare),
            }
        }
        WalletDeed::Deliver if wallet.delegated.is_none() => Err(WaasRefusal::NotDelegated),
        WalletDeed::RevokeDelegation(set) if wallet.delegated != Some(*set) => {
            Err(WaasRefusal::NotDelegated)
        }
        _ => Ok(()),
    }
}

/// Changes the wallet and answers; nothing is refused any more.
fn carry_out(wallet: &mut EmbeddedWallet, deed: &WalletDeed, rng: &mut dyn CryptoRng) -> Outcome {
    match deed {
        WalletDeed::Sign | WalletDeed::Export => room(wallet.id, false, None, rng),
        WalletDeed::Refresh => room(wallet.id, true, Some(wallet.share_set), rng),
        WalletDeed::Reshare { scheme, delegation } => {
            wallet.scheme = *scheme;
            match delegation {
                Delegation::Kept => {}
                Delegation::Given => {
                    wallet.delegated.get_or_insert_with(|| ShareSetId::draw(rng));
                    wallet.denies_delegation = false;
                }
                Delegation::Revoked => wallet.delegated = None,
            }
            room(wallet.id, true, None, rng)
        }
        WalletDeed::Recover { key_shares } => {
            let is_asked =
                |share: &&KeyShare| key_shares.is_empty() || key_shares.contains(&share.id);
            let shares = wallet.key_shares.iter().filter(is_asked).cloned().collect();
            Outcome::Waas(WaasOutcome::KeyShares(shares))
        }
        WalletDeed::BackUp { shares } => {
            let shares = back_up(wallet, shares, rng);
            let (id, share_set) = (wallet.id, wallet.share_set);
            Outcome::Waas(WaasOutcome::BackedUp(BackedUp { wallet: id, share_set, shares }))
        }
        WalletDeed::Deliver => Outcome::Waas(WaasOutcome::Delivered { id: mock("delivery", rng) }),
        WalletDeed::RevokeDelegation(_) => {
            wallet.delegated = None;
            Outcome::Done
        }
        WalletDeed::DenyDelegation(denies) => {
            wallet.denies_delegation = *denies;
            Outcome::Waas(WaasOutcome::Settings(Box::new(wallet.clone())))
        }
        WalletDeed::CreateRooms { count } => Outcome::Waas(rooms(*count, rng)),
        WalletDeed::Restore => {
            wallet.deleted_at = None;
            Outcome::Done
        }
        WalletDeed::ExportBundle => {
            Outcome::Waas(WaasOutcome::ExportBundle(mock("export-bundle", rng)))
        }
        // Deleting needs the other stand-ins, so it is done where they are at hand.
        WalletDeed::Delete => Outcome::Done,
    }
}

/// Notes down where shares are kept. Those that were at the named locations give way, so a wallet
/// never has more than the largest request for each of the few locations there are.
fn back_up(
    wallet: &mut EmbeddedWallet,
    shares: &[NewKeyShare],
    rng: &mut dyn CryptoRng,
) -> Vec<KeyShare> {
    let is_named = |known: &KeyShare| shares.iter().any(|new| new.location == known.location);
    wallet.key_shares.retain(|known| !is_named(known));
    let note = |new: &NewKeyShare| {
        let external_id = new.external_id.clone();
        KeyShare {
            id: KeyShareId::draw(rng),
            location: new.location,
            external_id: external_id.unwrap_or_else(|| KeyShareId::draw(rng).to_string()),
            keygen_id: new.keygen_id.clone(),
        }
    };
    let noted: Vec<KeyShare> = shares.iter().map(note).collect();
    wallet.key_shares.extend_from_slice(&noted);
    noted
}

fn room(
    wallet: WalletId,
    replaces_keygens: bool,
    share_set: Option<ShareSetId>,
    rng: &mut dyn CryptoRng,
) -> Outcome {
    let room = Room {
        id: mock("room", rng),
        server_keygens: vec![mock("keygen", rng)],
        new_server_keygens: replaces_keygens.then(|| vec![mock("keygen", rng)]),
        wallet,
        share_set,
    };
    Outcome::Waas(WaasOutcome::Room(room))
}

fn rooms(count: u8, rng: &mut dyn CryptoRng) -> WaasOutcome {
    // The shape allows 20 at most; a command from elsewhere must not make more either.
    WaasOutcome::Rooms((0..count.min(20)).map(|_| mock("room", rng)).collect())
}
