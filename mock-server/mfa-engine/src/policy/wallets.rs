//! Settings of external wallets.

use serde::{Deserialize, Serialize};

/// Rule U22, and the message of ERC-4361.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Wallets {
    /// How closely a signed message is read.
    pub message_check: MessageCheck,
    /// Whether an embedded wallet's signature satisfies a step-up (U22).
    pub embedded_step_up: bool,
}

/// How closely a signed message is read; a nonce of this service must be in it in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageCheck {
    /// Only its nonce, for wallets and tests that write messages of their own.
    NonceOnly,
    /// The lines of ERC-4361 as the SDK writes them: address, domain, URI, version, times.
    SignInMessage,
    /// The same, and the domain must be the host of the call's `Origin`.
    SameOrigin,
}

impl Default for Wallets {
    fn default() -> Self {
        Self { message_check: MessageCheck::SignInMessage, embedded_step_up: false }
    }
}
