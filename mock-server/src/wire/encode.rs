//! What is granted: from the engine's outcome to a response.

use bytes::Bytes;
use http::{Response, StatusCode};
use mfa_engine::policy::{Algorithm, Policy};
use mfa_engine::totp::TotpSecret;
use mfa_engine::{EmailVerification, EnvironmentId, Grant, KeyRing, Next, Outcome, Secret};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::body::mfa::{
    Credential, Device, Devices, Methods, RecoveryCodes, StepUp, TotpRegistered, TotpWord,
};
use super::body::user::{EmailVerificationCreated, SdkUser, VerifyResponse};
use super::body::webhook::{Message, MessagesResponse};
use super::decode::Constant;
use super::rejection::{respond, respond_empty};
use super::route::Operation;
use super::settings;
use super::token::Sealer;
use crate::delivery::Delivery;

mod admin;

/// An answer that no state can change.
pub(super) fn constant(
    constant: Constant,
    policy: &Policy,
    keys: &KeyRing,
    sealer: &Sealer,
) -> Response<Bytes> {
    match constant {
        Constant::Settings => respond(200, &settings::render(policy)),
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
        Outcome::Done => respond_empty(StatusCode::NO_CONTENT),
        Outcome::Nonces(nonces) if operation == Operation::Nonce => {
            respond(200, &json!({ "nonce": nonces.first() }))
        }
        Outcome::Nonces(nonces) => respond(200, &json!({ "nonces": nonces })),
        Outcome::EmailVerification(verification) => respond(201, &created(verification)),
        Outcome::Session(grant) => respond(200, &verify_response(&grant, sealer)),
        Outcome::User(user, environment) => respond(200, &SdkUser::of(&user, environment)),
        Outcome::Devices(devices) => {
            let devices: Vec<Device> = devices.into_iter().map(Device::of).collect();
            respond(200, &Devices { count: devices.len(), devices })
        }
        Outcome::Device(device) => respond(200, &Device::of(device)),
        Outcome::Methods { devices, has_verified } => respond(
            200,
            &Methods {
                devices: devices.into_iter().map(Device::of).collect(),
                passkeys: [],
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
        Outcome::Admin(granted) => admin::outcome(&granted, environment, policy, sealer),
    }
}

fn verify_response<'grant>(grant: &'grant Grant, sealer: &Sealer) -> VerifyResponse<'grant> {
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
        jwt: sealer.full(grant),
        minified_jwt: sealer.minified(grant),
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
