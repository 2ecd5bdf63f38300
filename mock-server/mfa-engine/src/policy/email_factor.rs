//! Settings of e-mail as a second factor.

use serde::{Deserialize, Serialize};

/// Rule D6. The method itself is switched by `mfa.methods`, type `email`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EmailFactor {
    /// Whether a verified address makes its user one with a second factor.
    pub counts: EmailCounts,
    /// Whether the address that opened a session can be its second factor too.
    pub same_address: SameAddress,
}

/// Whether a verified address makes its user one with a second factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailCounts {
    /// In every session in which such an address can be the second factor.
    #[default]
    WhenUsable,
    /// Never: it is a way to pass for those who have another method.
    Never,
}

/// Whether the address that opened a session can be its second factor too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SameAddress {
    /// No: a code to the same inbox proves nothing that was not proven before.
    #[default]
    Refuse,
    /// Yes.
    Allow,
}
