//! What is granted: from the engine's outcome to a response.

use bytes::Bytes;
use http::{Response, StatusCode};
use mfa_engine::policy::{Algorithm, Policy};
use mfa_engine::totp::TotpSecret;
use mfa_engine::{
    EmailVerification, EnvironmentId, Grant, KeyRing, Next, Outcome, Secret, TrustedDeviceOutcome,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::body::external_auth::ExternalAuthAssertion;
use super::body::mfa::{
    Credential, Device, Devices, Methods, RecoveryCodes, StepUp, TotpRegistered, TotpWord,
};
use super::body::passkey::UserPasskey;
use super::body::trusted_device::{DeleteDeviceRegistration, DeviceRegistrations};
use super::body::user::{EmailVerificationCreated, SdkUser, VerifyResponse};
use super::body::verification::SmsVerificationCreated;
use super::body::webhook::{Message, MessagesResponse};
use super::cookie;
use super::decode::Constant;
use super::rejection::{respond, respond_empty};
use super::route::Operation;
use super::settings;
use super::token::Sealer;
use crate::delivery::Delivery;

mod admin;

mod business_account;
mod passkey;
mod social;
mod waas;

/// An answer that no state can change.
pub(super) fn constant(
    constant: Constant,
    policy: &Policy,
    keys: &KeyRing,
    sealer: &Sealer,
) -> Response<Bytes> {
    match constant {
        Constant::Settings(address) => respond(200, &settings::render(policy, &address)),
        Constant::Jwks => respond(200, &sealer.jwks(keys)),
        Constant::Healthy => respond(200, &json!({ "status": "healthy" })),
        Constant::Noted => respond_empty(StatusCode::NO_CONTENT),
        Constant::Accepted => respond_empty(StatusCode::ACCEPTED),
    }
}

/// The deliveries that an administrator may see.
pub(super) fn deliveries(kept: &[Delivery]) -> Response<Bytes> {
    respond(200, &MessagesResponse { data: kept.iter().map(Message::of).collect() })
}

/// The response to what the engine granted.
pub(super) fn outcome(
    operation: Operation,
    environment: EnvironmentId,
    outcome: Outcome,
    policy: &Policy,
    sealer: &Sealer,
) -> Response<Bytes> {
    match outcome {
        Outcome::Done => {
            let mut response = respond_empty(StatusCode::NO_CONTENT);
            if matches!(operation, Operation::Revoke | Operation::DeleteUser) {
                cookie::clear(&policy.auth, &mut response);
            }
            response
        }
        Outcome::Nonces(nonces) if operation == Operation::Nonce => {
            respond(200, &json!({ "nonce": nonces.first() }))
        }
        Outcome::Nonces(nonces) => respond(200, &json!({ "nonces": nonces })),
        Outcome::EmailVerification(verification) => respond(201, &created(verification)),
        Outcome::SmsVerification(verification) => {
            respond(201, &SmsVerificationCreated::of(verification))
        }
        Outcome::Elevated(grant) => {
            let token = grant.elevated.as_ref().map(|claims| sealer.elevated(claims, &grant));
            respond(200, &ExternalAuthAssertion { elevated_access_token: token })
        }
        Outcome::Session(grant) => session(&grant, policy, sealer),
        Outcome::User(user, environment) => respond(200, &SdkUser::of(&user, environment)),
        Outcome::Social(step) => social::outcome(operation, &step),
        Outcome::Devices(devices) => {
            let devices: Vec<Device> = devices.into_iter().map(Device::of).collect();
            respond(200, &Devices { count: devices.len(), devices })
        }
        Outcome::Device(device) => respond(200, &Device::of(device)),
        Outcome::Passkey(granted) => passkey::outcome(operation, granted, policy),
        Outcome::Methods { devices, passkeys, has_verified } => respond(
            200,
            &Methods {
                devices: devices.into_iter().map(Device::of).collect(),
                passkeys: passkeys.into_iter().map(UserPasskey::of).collect(),
                user_has_verified_mfa_methods: has_verified,
            },
        ),
        Outcome::TotpRegistered { id, secret, account } => respond(
            200,
            &TotpRegistered {
                id: id.to_string(),
                kind: TotpWord::Totp,
                secret: secret.reveal(),
                uri: otpauth_uri(policy, &account, &secret),
            },
        ),
        Outcome::RecoveryCodes { count, codes } => {
            respond(200, &RecoveryCodes { count, recovery_codes: codes })
        }
        Outcome::StepUp { required, credentials, default } => respond(
            200,
            &StepUp {
                is_required: required,
                credentials: credentials.into_iter().map(Credential::of).collect(),
                default_credential_id: default,
            },
        ),
        Outcome::TrustedDevice(TrustedDeviceOutcome::Listed(devices)) => {
            respond(200, &DeviceRegistrations::of(&devices))
        }
        Outcome::TrustedDevice(TrustedDeviceOutcome::Revoked { current }) => {
            respond(200, &DeleteDeviceRegistration { current_device_revoked: current })
        }
        Outcome::Waas(outcome) => waas::encode(outcome),
        Outcome::Business(outcome, environment) => business_account::encode(outcome, environment),
        Outcome::Admin(granted) => admin::outcome(&granted, environment, policy, sealer),
    }
}

/// A `VerifyResponse`, and in cookie mode the cookies that come with it (rule J16).
fn session(grant: &Grant, policy: &Policy, sealer: &Sealer) -> Response<Bytes> {
    let minified = sealer.minified(grant);
    let shows_tokens = !policy.auth.uses_cookies() || policy.auth.tokens_in_body;
    let shown = shows_tokens.then_some(minified.as_str());
    let mut response = respond(200, &verify_response(grant, shown, sealer));
    cookie::set(&policy.auth, grant, &minified, &mut response);
    response
}

/// The body of it; without the minified token the long one is left out too.
fn verify_response<'grant>(
    grant: &'grant Grant,
    minified_jwt: Option<&'grant str>,
    sealer: &Sealer,
) -> VerifyResponse<'grant> {
    let (next_view, email_verification) = match &grant.next {
        None => (None, None),
        Some(Next::Done) => (Some("done"), None),
        Some(Next::VerifyEmail(verification)) => {
            (Some("verify-email"), Some(created(verification.clone())))
        }
    };
    VerifyResponse {
        user: SdkUser::of(&grant.user, grant.claims.environment),
        expires_at: grant.claims.expires_at.as_second(),
        jwt: minified_jwt.map(|_| sealer.full(grant)),
        minified_jwt,
        mfa_token: grant.mfa_token.as_ref().map(Secret::reveal),
        elevated_access_token: grant.elevated.as_ref().map(|claims| sealer.elevated(claims, grant)),
        next_view,
        email_verification,
    }
}

fn created(verification: EmailVerification) -> EmailVerificationCreated {
    EmailVerificationCreated {
        verification_uuid: verification.id.to_string(),
        email: verification.email,
    }
}

/// Characters that may stand as they are in a label or a parameter (RFC 3986 section 2.3).
const ESCAPED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@');

/// The otpauth URI for a QR code: label `issuer:account`, and only the parameters that apps need
/// (rule T6). Six digits and 30 seconds are what every app assumes.
fn otpauth_uri(policy: &Policy, account: &str, secret: &TotpSecret) -> String {
    let escape = |text: &str| utf8_percent_encode(text, ESCAPED).to_string();
    let issuer = escape(&policy.totp.issuer);
    let algorithm = match policy.totp.algorithm {
        Algorithm::Sha1 => "",
        Algorithm::Sha256 => "&algorithm=SHA256",
        Algorithm::Sha512 => "&algorithm=SHA512",
    };
    let (account, secret) = (escape(account), secret.reveal());
    format!("otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}{algorithm}")
}
