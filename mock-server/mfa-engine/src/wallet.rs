//! External wallets: what they sign, who signed it, and how they are refused.
//!
//! Only chains of the Ethereum family are served. Their accounts are the hash of a public key
//! that can be computed from a signature, so no network is needed to judge one. Absent on
//! purpose: contract wallets (ERC-1271), which only a chain can judge.

use serde::{Deserialize, Serialize};

use crate::command::Proof;
use crate::id::CredentialId;
use crate::session::Client;
use crate::trusted_device::PresentedDevice;

mod address;
mod message;
mod signature;

pub use address::EvmAddress;
pub use message::MessageFlaw;
pub(crate) use message::SignInMessage;
pub use signature::SignatureFlaw;
pub(crate) use signature::signer;

/// `WalletProviderEnum` of wallets that the service itself makes and keeps.
pub(crate) const EMBEDDED: &str = "embeddedWallet";

/// A message and its signature, as a wallet hands them over (`VerifyRequest`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedMessage {
    /// `publicWalletAddress`
    pub address: String,
    /// `chain`, one of the API's names.
    pub chain: String,
    /// `walletName`
    pub wallet_name: String,
    /// `walletProvider`
    pub wallet_provider: String,
    /// `messageToSign`
    pub message: String,
    /// `signedMessage`: the signature, not the message.
    pub signature: String,
    /// `Origin` of the call, which the message's domain is compared with.
    pub origin: Option<String>,
}

/// What somebody who is signed out asks of a wallet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum WalletCommand {
    /// `POST verify`, `POST wallets/signin`
    SignIn {
        /// What the wallet signed.
        signed: SignedMessage,
        /// Who is signing in.
        client: Client,
        /// How the device shows itself.
        device: PresentedDevice,
    },
}

/// What a signed-in user asks of a wallet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum WalletRequest {
    /// `POST wallets/verify`: proves a wallet again, or links a new one.
    Verify(WalletProof),
    /// `POST verify/link`: the same, for sessions that owe nothing.
    Link(WalletProof),
    /// `POST verify/transfer`: takes a wallet over from another user.
    Transfer(WalletProof),
    /// `PUT users/wallets/selection`
    Select(CredentialId),
}

/// A wallet's proof in a running session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WalletProof {
    /// What the wallet signed.
    pub signed: SignedMessage,
    /// `requestedScopes`
    pub scopes: Vec<String>,
    /// How the device shows itself.
    pub device: PresentedDevice,
    /// Needed to link a wallet.
    pub proof: Proof,
}

/// Why a wallet is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WalletRefusal {
    /// A chain whose signatures this service cannot judge.
    #[error("wallets of {chain} are not served; those of EVM are")]
    UnsupportedChain {
        /// The chain by the API's name.
        chain: String,
    },
    /// The address is none, or its checksum is wrong.
    #[error("the address is not 0x and 40 hex digits, or its checksum is wrong (EIP-55)")]
    BadAddress,
    /// The message does not say what it must say.
    #[error("the message cannot be taken: {0}")]
    BadMessage(#[from] MessageFlaw),
    /// The signature is malformed, or of another key.
    #[error("the signature cannot be taken: {0}")]
    BadSignature(#[from] SignatureFlaw),
    /// The message's nonce was never issued here, was used before, or is too old.
    #[error("the message names a nonce that was not issued here, or was used before")]
    StaleNonce,
    /// An embedded wallet cannot satisfy a step-up.
    #[error("an embedded wallet cannot satisfy a step-up")]
    EmbeddedCannotElevate,
    /// Embedded wallets are made by the service, never linked by a signature.
    #[error("an embedded wallet is made by the service and cannot be linked by a signature")]
    EmbeddedCannotBeLinked,
    /// The user has no wallet of that id.
    #[error("the user has no wallet of that id")]
    NoSuchWallet,
}

impl WalletRefusal {
    /// The rule behind the refusal.
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::UnsupportedChain { .. } => "wire VerifyRequest",
            Self::BadAddress => "EIP-55",
            Self::BadMessage(_) => "ERC-4361",
            Self::BadSignature(_) => "EIP-191",
            Self::StaleNonce => "W2",
            Self::EmbeddedCannotElevate => "U22",
            Self::EmbeddedCannotBeLinked | Self::NoSuchWallet => "wire VerifyRequest",
        }
    }
}
