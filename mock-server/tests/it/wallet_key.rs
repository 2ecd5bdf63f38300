//! A wallet that exists only here: a key, and messages as the SDK has them signed.

use data_encoding::HEXLOWER;
use k256::ecdsa::SigningKey;
use serde_json::{Value, json};
use sha3::{Digest as _, Keccak256};

use crate::client::{Client, text};

/// The site that the messages speak of.
pub(crate) const SITE: &str = "localhost:3000";

/// A wallet of the Ethereum family.
#[derive(Clone)]
pub(crate) struct TestWallet {
    key: SigningKey,
}

impl TestWallet {
    /// The wallet of a number; another number is another wallet.
    pub(crate) fn numbered(number: u8) -> Self {
        Self { key: SigningKey::from_slice(&[number; 32]).unwrap() }
    }

    /// The address in lower case, computed apart from the service.
    pub(crate) fn address(&self) -> String {
        let point = self.key.verifying_key().to_sec1_point(false);
        let hash = Keccak256::digest(&point.as_bytes()[1..]);
        format!("0x{}", HEXLOWER.encode(&hash[12..]))
    }

    /// The message that the SDK would build.
    pub(crate) fn message(&self, client: &Client, nonce: &str) -> String {
        let (address, world) = (self.address(), client.world.id());
        format!(
            "{SITE} wants you to sign in with your Ethereum account:\n{address}\n\n\
             Welcome to Dynamic mock. Signing is free.\n\nURI: http://{SITE}/\nVersion: 1\n\
             Chain ID: 1\nNonce: {nonce}\nIssued At: 2026-11-22T08:00:00.000Z\n\
             Request ID: {world}"
        )
    }

    /// `personal_sign`: 65 bytes in hex.
    pub(crate) fn signature(&self, message: &str) -> String {
        let mut hash = Keccak256::new();
        hash.update(format!("\x19Ethereum Signed Message:\n{}", message.len()));
        hash.update(message);
        let (signature, parity) = self.key.sign_prehash_recoverable(&hash.finalize());
        let parity = 27 + parity.to_byte();
        format!("0x{}{parity:02x}", HEXLOWER.encode(&signature.to_bytes()))
    }

    /// A body of `VerifyRequest` over this message.
    pub(crate) fn signs(&self, message: &str) -> Value {
        json!({
            "signedMessage": self.signature(message),
            "messageToSign": message,
            "publicWalletAddress": self.address(),
            "chain": "EVM",
            "walletName": "metamask",
            "walletProvider": "browserExtension",
            "network": "1",
        })
    }

    /// A body over a message with a nonce that is fetched for it.
    pub(crate) fn signs_for(&self, client: &Client) -> Value {
        let nonce = text(&client.get("nonce").ok(200)["nonce"]);
        self.signs(&self.message(client, &nonce))
    }

    /// The same with scopes.
    pub(crate) fn signs_for_scopes(&self, client: &Client, scopes: &[&str]) -> Value {
        let mut body = self.signs_for(client);
        body["requestedScopes"] = json!(scopes);
        body
    }
}
