//! Passkeys: options, ceremonies, the list.

use std::str::FromStr;

use mfa_engine::passkey::{
    Assertion, Octets, PasskeyCommand, PasskeyRequest, Registration, Transport,
};
use mfa_engine::{CredentialId, Request as UserRequest};
use serde::Deserialize as _;
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error, StrDeserializer};

use super::asking::{Asking, Malformed};
use super::{Asked, Read};
use crate::wire::body::mfa::wishes;
use crate::wire::body::object::Object;
use crate::wire::body::passkey::{
    AuthenticatePasskey, DeletePasskey, RegisterPasskey, UpdatePasskey, WrappedAssertion,
    WrappedRegistration, Wrapping,
};
use crate::wire::caller;
use crate::wire::rejection::Rejection;
use crate::wire::route::Operation;

/// Letters of a name at most, as of the other names in the API.
const ALIAS_MAX: usize = 255;

pub(super) fn decode(asking: &Asking<'_>) -> Read {
    Some(match asking.operation {
        Operation::PasskeySignInOptions => {
            let rp_id = related_rp_id(asking);
            Ok(mfa_engine::Command::Passkey(PasskeyCommand::BeginSignIn { rp_id }).into())
        }
        Operation::SignInWithPasskey => sign_in(asking),
        _ => return as_user(asking),
    })
}

fn as_user(asking: &Asking<'_>) -> Read {
    let read: fn(&Asking<'_>) -> Result<PasskeyRequest, Rejection> = match asking.operation {
        Operation::PasskeyRegistrationOptions | Operation::OlderPasskeyOptions => {
            |_| Ok(PasskeyRequest::BeginRegistration)
        }
        Operation::RegisterPasskey => |asking| register(asking, Malformed::BadRequest),
        Operation::OlderRegisterPasskey => |asking| register(asking, Malformed::MfaInvalidRequest),
        Operation::PasskeyAuthenticationOptions => {
            |asking| Ok(PasskeyRequest::BeginAuthentication { rp_id: related_rp_id(asking) })
        }
        Operation::AuthenticatePasskey => |asking| {
            let (assertion, wishes) = assertion(asking, Malformed::MfaInvalidRequest)?;
            Ok(PasskeyRequest::Authenticate { assertion: Box::new(assertion), wishes })
        },
        Operation::ListPasskeys => |_| Ok(PasskeyRequest::List),
        Operation::UpdatePasskey => update,
        Operation::DeletePasskey => delete,
        _ => return None,
    };
    Some(asking.as_user(|| read(asking).map(UserRequest::Passkey)))
}

fn sign_in(asking: &Asking<'_>) -> Result<Asked, Rejection> {
    // What else the body asks for belongs to a second factor, and is passed over.
    let (assertion, _) = assertion(asking, Malformed::BadRequest)?;
    let client = asking.client(None);
    let device = asking.device()?;
    let command = PasskeyCommand::SignIn { assertion: Box::new(assertion), client, device };
    Ok(mfa_engine::Command::Passkey(command).into())
}

/// A registration, bare or wrapped with an id (rules P4, U33).
fn register(asking: &Asking<'_>, malformed: Malformed) -> Result<PasskeyRequest, Rejection> {
    let is_wrapped = asking.body::<Wrapping>(malformed)?.attestation.is_some();
    let is_older = asking.operation == Operation::OlderRegisterPasskey;
    let (id, body, create_mfa_token) = match is_wrapped || is_older {
        true => {
            let wrapped: WrappedRegistration = asking.body(malformed)?;
            let id = id(malformed, "id", &wrapped.id)?;
            (Some(id), wrapped.attestation.0, wrapped.create_mfa_token)
        }
        false => (None, asking.body::<RegisterPasskey>(malformed)?, None),
    };
    let Object(response) = body.response;
    let transports = response.transports.unwrap_or_default();
    let registration = Registration {
        credential_id: credential_id(malformed, &body.id, &body.raw_id)?,
        client_data: octets(malformed, "response.clientDataJSON", &response.client_data)?,
        attestation_object: octets(
            malformed,
            "response.attestationObject",
            &response.attestation_object,
        )?,
        transports: known(&transports),
    };
    Ok(PasskeyRequest::Register {
        id,
        registration: Box::new(registration),
        user_agent: caller::text(asking.headers(), "user-agent")
            .filter(|text| text.len() <= 255)
            .map(str::to_owned),
        mfa_token: wishes(create_mfa_token.or(body.create_mfa_token), None).mfa_token,
        proof: asking.proof(),
    })
}

/// An assertion with its wishes, bare or wrapped with an id (rules P4, U33).
fn assertion(
    asking: &Asking<'_>,
    malformed: Malformed,
) -> Result<(Assertion, mfa_engine::Wishes), Rejection> {
    let is_wrapped = asking.body::<Wrapping>(malformed)?.assertion.is_some();
    let (body, token, scopes) = match is_wrapped {
        true => {
            let wrapped: WrappedAssertion = asking.body(malformed)?;
            (wrapped.assertion.0, wrapped.create_mfa_token, wrapped.requested_scopes)
        }
        false => (asking.body::<AuthenticatePasskey>(malformed)?, None, None),
    };
    let wishes = wishes(token.or(body.create_mfa_token), scopes.or(body.requested_scopes));
    let Object(response) = body.response;
    let read = |field, text: &str| octets(malformed, field, text);
    let assertion = Assertion {
        credential_id: credential_id(malformed, &body.id, &body.raw_id)?,
        client_data: read("response.clientDataJSON", &response.client_data)?,
        authenticator_data: read("response.authenticatorData", &response.authenticator_data)?,
        signature: read("response.signature", &response.signature)?,
        user_handle: response
            .user_handle
            .filter(|handle| !handle.is_empty())
            .map(|handle| read("response.userHandle", &handle))
            .transpose()?,
    };
    Ok((assertion, wishes))
}

fn update(asking: &Asking<'_>) -> Result<PasskeyRequest, Rejection> {
    let malformed = Malformed::Unprocessable;
    let body: UpdatePasskey = asking.body(malformed)?;
    if let Some(alias) = &body.alias
        && !(1..=ALIAS_MAX).contains(&alias.chars().count())
    {
        return Err(malformed.because("alias: not 1 to 255 characters".to_owned()));
    }
    let id = id(malformed, "id", &body.id)?;
    Ok(PasskeyRequest::Rename { id, alias: body.alias, proof: asking.proof() })
}

fn delete(asking: &Asking<'_>) -> Result<PasskeyRequest, Rejection> {
    let malformed = Malformed::Unprocessable;
    let body: DeletePasskey = asking.body(malformed)?;
    let id = id(malformed, "passkeyId", &body.passkey_id)?;
    Ok(PasskeyRequest::Delete { id, proof: asking.proof() })
}

/// `relatedOriginRpId`; empty means absent.
fn related_rp_id(asking: &Asking<'_>) -> Option<String> {
    asking.query("relatedOriginRpId").filter(|id| !id.is_empty()).map(str::to_owned)
}

/// `rawId`, which `id` must repeat (WebAuthn section 5.1).
fn credential_id(malformed: Malformed, id: &str, raw_id: &str) -> Result<Octets, Rejection> {
    if id != raw_id {
        return Err(malformed.because("rawId: not the same as id".to_owned()));
    }
    octets(malformed, "rawId", raw_id)
}

fn octets(malformed: Malformed, field: &str, text: &str) -> Result<Octets, Rejection> {
    let octets = Octets::parse(text).filter(|octets| !octets.as_slice().is_empty());
    octets.ok_or_else(|| malformed.because(format!("{field}: not base64url without padding")))
}

fn id(malformed: Malformed, field: &str, text: &str) -> Result<CredentialId, Rejection> {
    let id = CredentialId::from_str(text);
    id.map_err(|_| malformed.because(format!("{field}: not a lower-case UUID")))
}

/// The transports that the API knows, each once; others are passed over, as WebAuthn asks.
fn known(transports: &[String]) -> Vec<Transport> {
    let read = |text: &String| {
        let text: StrDeserializer<'_, Error> = text.as_str().into_deserializer();
        Transport::deserialize(text).ok()
    };
    let mut known: Vec<Transport> = transports.iter().filter_map(read).collect();
    known.sort_unstable();
    known.dedup();
    known
}
