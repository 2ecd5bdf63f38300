//! What an administrator is refused, and why.

use crate::api_token::Permission;

/// Why the service says no to an administrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdminRefusal {
    /// The API token is none of this environment: unknown, revoked, or another one's.
    #[error("the API token is none of this environment: unknown, revoked, or of another one")]
    UnknownApiToken,
    /// The API token may not do this.
    #[error("the API token lacks {permission}")]
    LacksPermission {
        /// What it would need.
        permission: Permission,
    },
    /// The environment has no such user or session, and the call declares no 404.
    #[error("the environment of the token has no user or session of that id")]
    OutOfReach,
    /// The user has no session of that id.
    #[error("the user has no session of that id, and had none that is remembered")]
    NoSuchSession,
    /// No API token of that id.
    #[error("the environment has no API token of that id")]
    NoSuchApiToken,
    /// The environment holds as many API tokens as it may.
    #[error("the environment holds {max} API tokens, as many as it may")]
    TooManyApiTokens {
        /// The bound, `limits.apiTokensMax`.
        max: u32,
    },
    /// The test account was closed, or never opened.
    #[error("the environment has no test account")]
    NoTestAccount,
    /// The test account is open already.
    #[error("the environment has a test account already")]
    TestAccountExists,
    /// No event of that id is remembered.
    #[error("no event of that id is remembered")]
    NoSuchEvent,
    /// No webhook of that id.
    #[error("the environment has no webhook of that id")]
    NoSuchWebhook,
    /// The environment holds as many webhooks as it may.
    #[error("the environment holds {max} webhooks, as many as it may")]
    TooManyWebhooks {
        /// The bound, `limits.webhooksMax`.
        max: u32,
    },
    /// No message of that id was sent to this webhook, or its event is forgotten.
    #[error("the webhook was sent no message of that id whose event is remembered")]
    NoSuchMessage,
    /// No key of that number was used here.
    #[error("the environment never used a key of that name")]
    NoSuchKey,
    /// The key signs; another one must take its place first.
    #[error("the key signs new tokens; rotate first")]
    KeyInUse,
    /// Every key was used, and a retired one may not come back.
    #[error("every published key was used here, and none may come back; reset begins anew")]
    NoFurtherKey,
}

impl AdminRefusal {
    /// The rule behind the refusal.
    pub const fn rule(self) -> &'static str {
        match self {
            Self::UnknownApiToken | Self::NoSuchApiToken | Self::TooManyApiTokens { .. } => "S10",
            Self::LacksPermission { .. } => "S10",
            Self::OutOfReach => "K4",
            Self::NoSuchSession => "J14",
            Self::NoTestAccount | Self::TestAccountExists => "S4",
            Self::NoSuchEvent => "V7",
            Self::NoSuchWebhook | Self::TooManyWebhooks { .. } | Self::NoSuchMessage => "V8",
            Self::NoSuchKey | Self::KeyInUse | Self::NoFurtherKey => "J2",
        }
    }
}
