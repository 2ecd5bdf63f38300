//! Bounds on what a world may hold.

use serde::{Deserialize, Serialize};

use super::range::{PolicyError, within};

/// Bounds on what a world may hold. Reaching one is a refusal or drops the oldest, never growth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Limits {
    /// Users of the environment; one more is refused.
    pub users_max: u32,
    /// Live sessions of a user; the oldest gives way.
    pub sessions_per_user_max: u32,
    /// Nonces issued and not yet used; the oldest gives way.
    pub nonces_max: u32,
    /// Pending verifications by mail and text; the oldest gives way.
    pub verifications_max: u32,
    /// Mails and texts kept in the inbox; the oldest gives way.
    pub inbox_max: u32,
    /// Passkey challenges issued and not yet used; the oldest gives way.
    pub passkey_challenges_max: u32,
    /// MFA tokens kept in a session; the oldest gives way.
    pub mfa_tokens_per_session_max: u32,
    /// Used assertions of the app's own issuer that have not expired; one more is refused.
    pub assertions_max: u32,
    /// API tokens of the environment; one more is refused.
    pub api_tokens_max: u32,
    /// Webhooks of the environment; one more is refused.
    pub webhooks_max: u32,
    /// Events that are remembered; the oldest gives way.
    pub events_max: u32,
    /// Revoked sessions that are remembered; the oldest gives way.
    pub ended_sessions_max: u32,
}

impl Limits {
    pub(super) fn check(&self) -> Result<(), PolicyError> {
        within("limits.usersMax", self.users_max, 1, 100_000_000)?;
        within("limits.sessionsPerUserMax", self.sessions_per_user_max, 1, 1_000_000)?;
        within("limits.noncesMax", self.nonces_max, 5, 1_000_000)?;
        within("limits.verificationsMax", self.verifications_max, 1, 1_000_000)?;
        within("limits.passkeyChallengesMax", self.passkey_challenges_max, 1, 1_000_000)?;
        within("limits.inboxMax", self.inbox_max, 1, 1_000_000)?;
        within("limits.assertionsMax", self.assertions_max, 1, 1_000_000)?;
        within("limits.mfaTokensPerSessionMax", self.mfa_tokens_per_session_max, 1, 1_000_000)?;
        within("limits.apiTokensMax", self.api_tokens_max, 1, 10_000)?;
        within("limits.webhooksMax", self.webhooks_max, 1, 1_000)?;
        within("limits.eventsMax", self.events_max, 1, 1_000_000)?;
        within("limits.endedSessionsMax", self.ended_sessions_max, 1, 1_000_000)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            users_max: 1_000_000,
            sessions_per_user_max: 1_000,
            nonces_max: 10_000,
            verifications_max: 10_000,
            inbox_max: 1_000,
            passkey_challenges_max: 10_000,
            mfa_tokens_per_session_max: 100,
            assertions_max: 10_000,
            api_tokens_max: 100,
            webhooks_max: 20,
            events_max: 1_000,
            ended_sessions_max: 1_000,
        }
    }
}
