//! External wallets: signing in with one, proving one again, linking, taking over, selecting.

use jiff::Timestamp;
use rand::CryptoRng;

use super::Environment;
use crate::credential::{Identity, Wallet};
use crate::id::{CredentialId, SessionId};
use crate::outcome::Outcome;
use crate::refusal::Refusal;
use crate::wallet::{
    EMBEDDED, EvmAddress, SignInMessage, SignatureFlaw, SignedMessage, WalletCommand, WalletProof,
    WalletRefusal, WalletRequest, signer,
};

/// A wallet whose signature is genuine, and the nonce that is still to be spent for it.
struct Proven {
    wallet: Wallet,
    nonce: String,
}

impl Environment {
    pub(super) fn apply_to_wallet(
        &mut self,
        command: WalletCommand,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        let WalletCommand::SignIn { signed, client, device } = command;
        let device = self.recognise_device(&device, now)?;
        let Proven { wallet, nonce } = self.proven_wallet(signed, now)?;
        let is_embedded = wallet.wallet_provider == EMBEDDED;
        let identity = Identity::Wallet(Box::new(wallet));
        if is_embedded && self.owner_of(&identity.key()).is_none() {
            return Err(WalletRefusal::EmbeddedCannotBeLinked.into());
        }
        let outcome = self.sign_in(identity, client, device, false, now, rng)?;
        self.nonces.spend(&nonce, now);
        Ok(outcome)
    }

    pub(super) fn serve_wallet(
        &mut self,
        session: SessionId,
        request: WalletRequest,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        match request {
            WalletRequest::Verify(proof) | WalletRequest::Link(proof) => {
                self.verify_wallet(session, proof, now, rng)
            }
            WalletRequest::Transfer(proof) => self.transfer_wallet(session, proof, now, rng),
            WalletRequest::Select(credential) => self.select_wallet(session, credential, now),
        }
    }

    /// Proves a wallet in a running session: the user's own again, or a new one, which is linked.
    fn verify_wallet(
        &mut self,
        session: SessionId,
        request: WalletProof,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        let WalletProof { signed, scopes, device, proof } = request;
        self.recognise_device(&device, now)?;
        let reauthentication = self.admit_reauthentication(session, &scopes)?;
        let Proven { wallet, nonce } = self.proven_wallet(signed, now)?;
        self.refuse_embedded(session, &wallet, &scopes)?;
        let identity = Identity::Wallet(Box::new(wallet));
        let taken = self.take_proven(session, identity, reauthentication, &proof, now, rng);
        if Self::uses_up_the_proof(&taken) {
            self.nonces.spend(&nonce, now);
        }
        Ok(Outcome::Session(Box::new(taken?)))
    }

    /// Takes a wallet over from another user (`verify/transfer`).
    fn transfer_wallet(
        &mut self,
        session: SessionId,
        request: WalletProof,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        let WalletProof { signed, scopes, device, proof } = request;
        self.recognise_device(&device, now)?;
        let reauthentication = self.admit_reauthentication(session, &scopes)?;
        let Proven { wallet, nonce } = self.proven_wallet(signed, now)?;
        self.refuse_embedded(session, &wallet, &scopes)?;
        let identity = Identity::Wallet(Box::new(wallet));
        let grant = match self.owner_of(&identity.key()) {
            Some(owner) if owner != self.session(session)?.user => {
                self.take_over(session, owner, identity, &proof, now, rng)?
            }
            Some(_) | None => {
                self.take_proven(session, identity, reauthentication, &proof, now, rng)?
            }
        };
        self.nonces.spend(&nonce, now);
        Ok(Outcome::Session(Box::new(grant)))
    }

    /// Makes one of the user's wallets the one to work with.
    fn select_wallet(
        &mut self,
        session: SessionId,
        credential: CredentialId,
        now: Timestamp,
    ) -> Result<Outcome, Refusal> {
        if !self.user_mut(session)?.select_wallet(credential, now) {
            return Err(WalletRefusal::NoSuchWallet.into());
        }
        Ok(Outcome::Session(Box::new(self.grant(session, now)?)))
    }

    /// Judges message and signature. The nonce stays open, so that a call that is refused for
    /// another reason can be sent again; whatever succeeds spends it.
    fn proven_wallet(&self, signed: SignedMessage, now: Timestamp) -> Result<Proven, Refusal> {
        let SignedMessage { address, chain, wallet_name, wallet_provider, .. } = signed;
        if !matches!(chain.as_str(), "EVM" | "ETH") {
            return Err(WalletRefusal::UnsupportedChain { chain }.into());
        }
        let address = EvmAddress::parse(&address).ok_or(WalletRefusal::BadAddress)?;
        let message = SignInMessage::read(&signed.message).map_err(WalletRefusal::from)?;
        let check = self.policy.wallets.message_check;
        message
            .check(address, self.id, signed.origin.as_deref(), check, now)
            .map_err(WalletRefusal::from)?;
        let signer = signer(&signed.message, &signed.signature).map_err(WalletRefusal::from)?;
        if signer != address {
            return Err(WalletRefusal::BadSignature(SignatureFlaw::Foreign).into());
        }
        if !self.nonces.is_open(message.nonce, now) {
            return Err(WalletRefusal::StaleNonce.into());
        }
        Ok(Proven {
            wallet: Wallet {
                address: address.to_string(),
                chain: "EVM".to_owned(),
                wallet_name,
                wallet_provider,
                last_selected_at: None,
            },
            nonce: message.nonce.to_owned(),
        })
    }

    /// Keeps embedded wallets out of what they may not do (rules E4, U22).
    ///
    /// Of a known wallet its own record counts, not what the call says about it.
    fn refuse_embedded(
        &self,
        session: SessionId,
        wallet: &Wallet,
        scopes: &[String],
    ) -> Result<(), Refusal> {
        let key = Identity::Wallet(Box::new(wallet.clone())).key();
        match self.user(session)?.credential_of(&key) {
            Some(known) if known.is_embedded_wallet() => {
                match scopes.is_empty() || self.policy.wallets.embedded_step_up {
                    true => Ok(()),
                    false => Err(WalletRefusal::EmbeddedCannotElevate.into()),
                }
            }
            Some(_) => Ok(()),
            None if wallet.wallet_provider == EMBEDDED => {
                Err(WalletRefusal::EmbeddedCannotBeLinked.into())
            }
            None => Ok(()),
        }
    }
}
