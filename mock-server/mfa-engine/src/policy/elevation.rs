//! Settings of elevated access tokens.

use serde::{Deserialize, Serialize};

use super::range::{PolicyError, within};
use crate::scope::{ScopeSet, TokenScope};

/// Rules E1 to E26, K1, U16 to U21 and U23.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Elevation {
    /// Scopes whose calls ask for a token once step-up is enforced (E13).
    pub required_scopes: ScopeSet,
    /// Scopes that are granted when asked for (E11); another one is refused.
    pub grantable_scopes: ScopeSet,
    /// Scopes that must be asked for alone (E10).
    pub alone_scopes: ScopeSet,
    /// Scopes that are spent by one use (U16, K1); a mixed request is single-use.
    pub single_use_scopes: ScopeSet,
    /// Life of a single-use token in seconds (E7).
    pub single_use_life_seconds: u32,
    /// Life of a time-bound token in seconds (E7).
    pub time_bound_life_seconds: u32,
    /// When a single-use token is spent (U17).
    pub spent_on: SpentOn,
    /// Whether a token works only in the session that asked for it (U19, K8).
    pub bound_to_session: bool,
    /// Status of a missing or unusable token (E21).
    pub refused_status: u16,
    /// `code` of a missing or unusable token (U20).
    pub refused_code: String,
    /// Whether a wrong, spent or expired token gets a message of its own (U18).
    pub distinct_messages: bool,
    /// What re-authentication with `requestedScopes` does for a user with MFA (E2, U21).
    pub reauthentication_with_mfa: ReauthenticationWithMfa,
    /// Whether a protected action takes an MFA token too, once step-up is enforced (U24, M11).
    pub legacy_mfa_tokens: bool,
    /// Whether the first enrolment needs a token while MFA is still to do (T22, U23).
    pub first_enrolment: FirstEnrolment,
}

/// When a single-use token is spent (rule U17).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpentOn {
    /// By the first call that passes every check of the token, whatever becomes of the call.
    Acceptance,
    /// Only by a call that succeeds.
    Success,
}

/// What re-authentication with `requestedScopes` does for a user with MFA (rules E2, U21).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReauthenticationWithMfa {
    /// Refused with 403: MFA is mandatory.
    Refuse,
    /// Verified, but without a token.
    WithoutToken,
    /// Granted, as one page of the guides says (E3).
    Grant,
}

/// Whether the first enrolment needs a token while MFA is still to do (rules T22, U23).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstEnrolment {
    /// Exempt for a user without a verified method in a session that still owes MFA.
    Exempt,
    /// Needs a token like any other enrolment.
    NeedsToken,
}

impl Elevation {
    pub(super) fn check(&self) -> Result<(), PolicyError> {
        within("elevation.singleUseLifeSeconds", self.single_use_life_seconds, 1, 86_400)?;
        within("elevation.timeBoundLifeSeconds", self.time_bound_life_seconds, 1, 86_400)?;
        within("elevation.refusedStatus", self.refused_status, 400, 499)
    }
}

impl Default for Elevation {
    fn default() -> Self {
        Self {
            required_scopes: required_by_default(),
            grantable_scopes: TokenScope::ALL.iter().copied().collect(),
            alone_scopes: [TokenScope::BusinessAccountTransferOwnership].into_iter().collect(),
            single_use_scopes: single_use_by_default(),
            single_use_life_seconds: 300,
            time_bound_life_seconds: 600,
            spent_on: SpentOn::Acceptance,
            bound_to_session: true,
            refused_status: 403,
            refused_code: "elevated_access_token_required".to_owned(),
            distinct_messages: false,
            reauthentication_with_mfa: ReauthenticationWithMfa::Refuse,
            legacy_mfa_tokens: false,
            first_enrolment: FirstEnrolment::Exempt,
        }
    }
}

/// The scopes that the vendor's pages name as always asked for (rule E13): link, unlink, export,
/// and whatever changes a business account.
fn required_by_default() -> ScopeSet {
    let by_name =
        [TokenScope::CredentialLink, TokenScope::CredentialUnlink, TokenScope::WalletExport];
    let business = TokenScope::ALL.iter().copied().filter(|scope| scope.is_business_account());
    by_name.into_iter().chain(business).collect()
}

/// The scopes that are single-use unless a rule of the environment says otherwise (rules K1, U16).
fn single_use_by_default() -> ScopeSet {
    TokenScope::ALL
        .iter()
        .copied()
        .filter(|scope| scope.is_wallet() || *scope == TokenScope::BusinessAccountTransferOwnership)
        .collect()
}
