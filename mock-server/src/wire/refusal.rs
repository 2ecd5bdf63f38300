//! The engine's no, on the wire: one row for every refusal, no catch-all.

use bytes::Bytes;
use http::{Response, header};
use mfa_engine::policy::{Elevation, Policy};
use mfa_engine::{
    Channel, ElevationFlaw, ExternalAuthRefusal, Format, GateRefusal, Refusal, SmsRefusal,
    TrustedDeviceRefusal,
};
use serde_json::json;

use super::rejection::respond;

mod admin;
mod credential;
mod passkey;
mod stand_in;

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
        Refusal::VerificationClosed { channel }
        | Refusal::WrongSentCode { channel }
        | Refusal::TooManySentCodes { channel } => sent_code_row(refusal, *channel),
        Refusal::Sms(refusal) => sms_row(refusal),
        Refusal::ExternalAuth(refusal) => external_auth_row(refusal),
        Refusal::CredentialTaken { format } => taken_row(*format),
        Refusal::MfaDisabled => {
            (422, Some("mfa_invalid_request"), "MFA is not enabled for this environment")
        }
        Refusal::SecondTotpDevice => {
            let error = "Only one verified TOTP device is allowed per user";
            (policy.totp.second_device_status, None, error)
        }
        Refusal::NoSuchTotpDevice => (422, Some("mfa_device_not_found"), "MFA device not found"),
        Refusal::SameFactor => {
            (422, Some("mfa_invalid_request"), "The second factor must differ from the first")
        }
        Refusal::TotpDeviceUnverified => {
            (422, Some("mfa_invalid_request"), "MFA device is not verified")
        }
        Refusal::WrongTotpCode
        | Refusal::ReplayedTotpCode
        | Refusal::WrongRecoveryCode
        | Refusal::RecoveryCodesAlone => (422, Some("mfa_invalid_code"), "Invalid MFA code"),
        Refusal::OnboardingIncomplete => (403, None, "Onboarding is not complete"),
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
        Refusal::Passkey(refusal) => passkey::row(refusal),
        Refusal::ElevationMissing { .. } | Refusal::ElevationUnusable { .. } => {
            let Elevation { refused_status, refused_code, .. } = &policy.elevation;
            (*refused_status, Some(refused_code), elevation_message(refusal, policy))
        }
        Refusal::UnknownScope(_) => (422, Some("invalid_scopes"), "Invalid scopes"),
        Refusal::ReauthenticationNotEnough => {
            (403, None, "MFA is required to obtain an elevated access token")
        }
        Refusal::Gate(refusal) => gate_row(refusal),
        Refusal::Waas(refusal) => stand_in::waas_row(refusal),
        Refusal::Business(refusal) => stand_in::business_row(refusal),
        Refusal::SignInDisabled => {
            let error = "Credential is not enabled for sign in";
            (422, Some("credential_not_enabled_for_sign_in"), error)
        }
        Refusal::Wallet(refusal) => credential::wallet_row(refusal),
        Refusal::Social(refusal) => credential::social_row(refusal),
        Refusal::Linking(refusal) => credential::linking_row(refusal),
        Refusal::TooManyUsers { .. } => {
            let code = "sandbox_maximum_threshold_reached";
            (429, Some(code), "Sandbox maximum threshold reached")
        }
        Refusal::TrustedDevice(refusal) => trusted_device_row(*refusal, policy),
        Refusal::Admin(refusal) => admin::row(*refusal, policy),
        Refusal::Unseedable(problem) => (400, None, problem),
    }
}

/// The rows of codes that are sent and typed back (rule S2).
fn sent_code_row(refusal: &Refusal, channel: Channel) -> Row<'static> {
    let (code, error) = match (refusal, channel) {
        (Refusal::WrongSentCode { .. }, Channel::Email) => {
            ("wrong_email_verification_token", "Wrong email verification token")
        }
        (Refusal::WrongSentCode { .. }, Channel::Sms) => {
            ("wrong_sms_verification_token", "Wrong SMS verification token")
        }
        (Refusal::TooManySentCodes { .. }, Channel::Email) => {
            ("too_many_email_verification_attempts", "Too many email verification attempts")
        }
        (Refusal::TooManySentCodes { .. }, Channel::Sms) => {
            ("too_many_sms_verification_attempts", "Too many SMS verification attempts")
        }
        (_, Channel::Email) => ("invalid_email_verification", "Invalid email verification"),
        (_, Channel::Sms) => ("invalid_sms_verification", "Invalid SMS verification"),
    };
    (422, Some(code), error)
}

/// The rows of texts that are not sent.
fn sms_row(refusal: &SmsRefusal) -> Row<'static> {
    let (code, error) = match refusal {
        SmsRefusal::Disabled => ("no_enabled_sms_provider", "SMS is not enabled"),
        SmsRefusal::CountryDisabled { .. } => ("invalid_phone", "Country is not enabled for SMS"),
    };
    (422, Some(code), error)
}

/// The rows of JWTs of the app's own issuer: one for every flaw, so that none can be probed for
/// (rule E24).
fn external_auth_row(refusal: &ExternalAuthRefusal) -> Row<'static> {
    match refusal {
        ExternalAuthRefusal::LedgerFull { .. } => {
            (429, Some("too_many_requests"), "Too many external auth assertions")
        }
        ExternalAuthRefusal::ForeignSessionKey => {
            (422, Some("invalid_session_public_key"), "Invalid session public key")
        }
        ExternalAuthRefusal::Disabled
        | ExternalAuthRefusal::Unusable(_)
        | ExternalAuthRefusal::Lacks { .. }
        | ExternalAuthRefusal::ForeignIssuer
        | ExternalAuthRefusal::ForeignAudience
        | ExternalAuthRefusal::Expired
        | ExternalAuthRefusal::NotYetValid
        | ExternalAuthRefusal::ForeignSubject
        | ExternalAuthRefusal::UnknownScope(_)
        | ExternalAuthRefusal::Replayed => {
            (422, Some("invalid_external_auth"), "Invalid external auth")
        }
    }
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

/// The rows of trusted devices; no page says how they are refused.
fn trusted_device_row(
    refusal: TrustedDeviceRefusal,
    policy: &Policy,
) -> (u16, Option<&'static str>, &'static str) {
    let settings = &policy.device_registration;
    match refusal {
        TrustedDeviceRefusal::Unregistered => {
            (settings.unregistered_status, None, "Access Forbidden")
        }
        TrustedDeviceRefusal::BadToken | TrustedDeviceRefusal::OtherDevice => {
            (settings.bad_token_status, None, "Invalid device registration token")
        }
        TrustedDeviceRefusal::Unproven => (401, None, "Unauthorized"),
        TrustedDeviceRefusal::NoSuchRegistration => (404, Some("not_found"), "Not Found"),
    }
}

/// The rows of scopes that cannot be had, and of actions that ask for an enrolment first.
fn gate_row(refusal: &GateRefusal) -> Row<'static> {
    match refusal {
        GateRefusal::EnrolmentOwed => (403, None, "MFA enrollment is required for this action"),
        GateRefusal::ScopeNotGranted { .. } => {
            (422, Some("invalid_scopes"), "Requested scope is not available")
        }
        GateRefusal::ScopeNotAlone { .. } => {
            (422, Some("invalid_scopes"), "Requested scope must be requested alone")
        }
    }
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
        | ElevationFlaw::EndedSession
        | ElevationFlaw::ForeignEnvironment => "Elevated access token belongs to another session",
        ElevationFlaw::Spent => "Elevated access token already used",
    }
}

/// The response to a refusal.
pub(crate) fn encode(refusal: &Refusal, policy: &Policy) -> Response<Bytes> {
    let (status, code, error) = row(refusal, policy);
    let mut body = match code {
        Some(code) => json!({ "error": error, "code": code }),
        None => json!({ "error": error }),
    };
    if let (Some(payload), Some(body)) = (credential::payload(refusal), body.as_object_mut()) {
        body.insert("payload".to_owned(), payload);
    }
    let mut response = respond(status, &body);
    if let Refusal::TooManyMfaFailures { retry_after_seconds } = refusal {
        response.headers_mut().insert(header::RETRY_AFTER, (*retry_after_seconds).into());
    }
    response
}
