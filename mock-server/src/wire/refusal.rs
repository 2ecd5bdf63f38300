//! The engine's no, on the wire: one row for every refusal, no catch-all.

use bytes::Bytes;
use http::{Response, header};
use mfa_engine::policy::{Elevation, Policy};
use mfa_engine::{ElevationFlaw, Format, Refusal};
use serde_json::json;

use super::rejection::respond;

mod admin;

/// Status, `code` and `error` of a refusal (rules W3, W4 and the rule of each row).
type Row<'policy> = (u16, Option<&'policy str>, &'policy str);

fn row<'policy>(refusal: &'policy Refusal, policy: &'policy Policy) -> Row<'policy> {
    match refusal {
        Refusal::ForeignEnvironment
        | Refusal::TokenExpired
        | Refusal::RetiredKey
        | Refusal::SessionEnded
        | Refusal::StaleNonce => (401, None, "Unauthorized"),
        Refusal::MfaPending => (policy.session.partial_status, None, "Access Forbidden"),
        Refusal::VerificationClosed | Refusal::WrongEmailCode | Refusal::TooManyEmailAttempts => {
            email_row(refusal)
        }
        Refusal::CredentialTaken { format } => taken_row(*format),
        Refusal::MfaDisabled => {
            (422, Some("mfa_invalid_request"), "MFA is not enabled for this environment")
        }
        Refusal::SecondTotpDevice => {
            let error = "Only one verified TOTP device is allowed per user";
            (policy.totp.second_device_status, None, error)
        }
        Refusal::NoSuchTotpDevice => (422, Some("mfa_device_not_found"), "MFA device not found"),
        Refusal::TotpDeviceUnverified => {
            (422, Some("mfa_invalid_request"), "MFA device is not verified")
        }
        Refusal::WrongTotpCode | Refusal::ReplayedTotpCode | Refusal::WrongRecoveryCode => {
            (422, Some("mfa_invalid_code"), "Invalid MFA code")
        }
        Refusal::TooManyMfaFailures { .. } => {
            (policy.totp.rate_limited_status, Some("mfa_rate_limited"), "Too many MFA attempts")
        }
        Refusal::NoRecoveryCodes | Refusal::NoSuchDevice | Refusal::NoSuchUser => {
            (404, Some("not_found"), "Not Found")
        }
        Refusal::MfaTokenMissing => (401, None, "MFA token required"),
        Refusal::MfaTokenUnusable => (401, None, "Invalid MFA token"),
        Refusal::DefaultDevice => (400, None, "Cannot delete the default MFA device"),
        Refusal::LastDevice => (400, None, "Cannot delete the last MFA device"),
        Refusal::ElevationMissing { .. } | Refusal::ElevationUnusable { .. } => {
            let Elevation { refused_status, refused_code, .. } = &policy.elevation;
            (*refused_status, Some(refused_code), elevation_message(refusal, policy))
        }
        Refusal::UnknownScope(_) => (422, Some("invalid_scopes"), "Invalid scopes"),
        Refusal::ReauthenticationNotEnough => {
            (403, None, "MFA is required to obtain an elevated access token")
        }
        Refusal::TooManyUsers { .. } => {
            let code = "sandbox_maximum_threshold_reached";
            (429, Some(code), "Sandbox maximum threshold reached")
        }
        Refusal::Admin(refusal) => admin::row(*refusal, policy),
        Refusal::Unseedable(problem) => (400, None, problem),
    }
}

/// The rows of e-mail verifications (rule S2).
fn email_row(refusal: &Refusal) -> Row<'static> {
    let (code, error) = match refusal {
        Refusal::WrongEmailCode => {
            ("wrong_email_verification_token", "Wrong email verification token")
        }
        Refusal::TooManyEmailAttempts => {
            ("too_many_email_verification_attempts", "Too many email verification attempts")
        }
        _ => ("invalid_email_verification", "Invalid email verification"),
    };
    (422, Some(code), error)
}

/// The rows of identities that another user has.
fn taken_row(format: Format) -> Row<'static> {
    let (code, error) = match format {
        Format::Email => ("email_already_exists", "Email already exists"),
        Format::PhoneNumber => {
            ("user_has_already_account_with_phone_number", "Phone number already exists")
        }
        Format::Oauth => ("social_account_already_exists", "Social account already exists"),
        Format::Blockchain => ("reassign_wallet_error", "Wallet belongs to another user"),
        Format::Passkey | Format::ExternalUser | Format::Totp => {
            ("duplicate_exists", "Credential already exists")
        }
    };
    (422, Some(code), error)
}

/// One message for every flaw (rule U18), unless the environment wants them told apart.
fn elevation_message(refusal: &Refusal, policy: &Policy) -> &'static str {
    match refusal {
        Refusal::ElevationUnusable { flaw, .. } if policy.elevation.distinct_messages => {
            distinct_message(*flaw)
        }
        _ => "Elevated access token required",
    }
}

fn distinct_message(flaw: ElevationFlaw) -> &'static str {
    match flaw {
        ElevationFlaw::Forged | ElevationFlaw::RetiredKey => "Elevated access token invalid",
        ElevationFlaw::Expired => "Elevated access token expired",
        ElevationFlaw::LacksScope => "Elevated access token lacks the scope",
        ElevationFlaw::ForeignUser
        | ElevationFlaw::ForeignSession
        | ElevationFlaw::ForeignEnvironment => "Elevated access token belongs to another session",
        ElevationFlaw::Spent => "Elevated access token already used",
    }
}

/// The response to a refusal.
pub(crate) fn encode(refusal: &Refusal, policy: &Policy) -> Response<Bytes> {
    let (status, code, error) = row(refusal, policy);
    let body = match code {
        Some(code) => json!({ "error": error, "code": code }),
        None => json!({ "error": error }),
    };
    let mut response = respond(status, &body);
    if let Refusal::TooManyMfaFailures { retry_after_seconds } = refusal {
        response.headers_mut().insert(header::RETRY_AFTER, (*retry_after_seconds).into());
    }
    response
}
