//! From the ops of the protocol to the calls of the SDK.

use driver_protocol::SdkError;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::sdk::{Client, Proof};

mod passkey;

pub(crate) use passkey::ceremonial;

/// Why an op has no result.
pub(crate) enum Trouble {
    /// The SDK reported an error.
    Sdk(SdkError),
    /// The request does not have the arguments of its op.
    Args(String),
}

impl From<SdkError> for Trouble {
    fn from(error: SdkError) -> Self {
        Self::Sdk(error)
    }
}

/// What an op does with a client.
pub(crate) type Play = fn(&mut Client, &Value) -> Result<Value, Trouble>;

/// The play of an op on a client, if there is one.
pub(crate) fn play(op: &str) -> Option<Play> {
    PLAYS.iter().find(|(name, _)| *name == op).map(|(_, play)| *play)
}

/// Reads the arguments of an op.
pub(crate) fn args<T: DeserializeOwned>(args: &Value) -> Result<T, Trouble> {
    T::deserialize(args).map_err(|cause| Trouble::Args(cause.to_string()))
}

#[derive(Deserialize)]
struct Email {
    email: String,
}

#[derive(Deserialize)]
struct EmailCode {
    code: String,
    scopes: Option<Vec<String>>,
    allow_new_mfa_linking: Option<bool>,
}

#[derive(Deserialize)]
struct Fields {
    fields: Map<String, Value>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

#[derive(Deserialize)]
struct Device {
    id: String,
}

#[derive(Deserialize)]
struct Deletion {
    id: String,
    mfa_token: Option<String>,
}

#[derive(Deserialize)]
struct Action {
    action: String,
}

#[derive(Deserialize)]
struct Scope {
    scope: String,
}

fn email_start(client: &mut Client, given: &Value) -> Result<Value, Trouble> {
    let Email { email } = args(given)?;
    let id = client.email_start(&email)?;
    Ok(json!({ "email": email, "verification_id": id }))
}

fn email_verify(client: &mut Client, given: &Value) -> Result<Value, Trouble> {
    let EmailCode { code, scopes, allow_new_mfa_linking } = args(given)?;
    client.email_verify(&code, scopes, allow_new_mfa_linking)?;
    Ok(json!({}))
}

fn device_delete(client: &mut Client, given: &Value) -> Result<Value, Trouble> {
    let Deletion { id, mfa_token } = args(given)?;
    client.delete_device(&id, mfa_token)?;
    Ok(json!({}))
}

fn nothing<E>(result: Result<(), E>) -> Result<Value, Trouble>
where
    Trouble: From<E>,
{
    result?;
    Ok(json!({}))
}

/// Every op that needs a client, except its making, restart and closing.
const PLAYS: &[(&str, Play)] = &[
    ("state.get", |client, _| Ok(client.state())),
    ("state.stored", |client, _| Ok(json!({ "items": client.stored() }))),
    ("auth.email_start", email_start),
    ("auth.email_verify", email_verify),
    ("auth.refresh", |client, _| nothing(client.refresh())),
    ("auth.logout", |client, _| nothing(client.logout())),
    ("user.get", |client, _| Ok(json!({ "user": client.user()? }))),
    ("user.update", |client, given| nothing(client.update_user(args::<Fields>(given)?.fields))),
    ("user.delete", |client, _| nothing(client.delete_user())),
    ("totp.register", |client, _| Ok(client.register_totp()?)),
    ("totp.confirm", |client, given| {
        Ok(json!({ "device": client.confirm_totp(&args::<Code>(given)?.code)? }))
    }),
    ("totp.auth", |client, given| {
        Ok(json!({ "mfa_token": client.authenticate_totp(args::<Proof>(given)?)? }))
    }),
    ("passkey.list", |client, _| Ok(json!({ "passkeys": client.passkeys()? }))),
    ("passkey.delete", |client, given| nothing(client.delete_passkey(&args::<Device>(given)?.id))),
    ("device.list", |client, _| Ok(json!({ "devices": client.devices()? }))),
    ("device.get", |client, given| {
        Ok(json!({ "device": client.device(&args::<Device>(given)?.id)? }))
    }),
    ("device.set_default", |client, given| {
        nothing(client.set_default_device(&args::<Device>(given)?.id))
    }),
    ("device.delete", device_delete),
    ("mfa.methods", |client, _| Ok(client.methods()?)),
    ("mfa.missing", |client, _| Ok(json!({ "missing": client.missing_mfa()? }))),
    ("mfa.required_for_action", |client, given| {
        Ok(json!({ "required": client.mfa_required_for(&args::<Action>(given)?.action)? }))
    }),
    ("mfa_token.take", |client, _| Ok(json!({ "mfa_token": client.take_mfa_token()? }))),
    ("stepup.check", |client, given| Ok(client.check_stepup(&args::<Scope>(given)?.scope))),
    ("stepup.peek", |client, given| {
        Ok(json!({ "token": client.look_at_elevated(&args::<Scope>(given)?.scope) }))
    }),
    ("stepup.take", |client, given| {
        Ok(json!({ "token": client.take_elevated(&args::<Scope>(given)?.scope) }))
    }),
    ("recovery.list", |client, _| Ok(client.recovery_codes()?)),
    ("recovery.rotate", |client, _| Ok(client.rotate_recovery_codes()?)),
    ("recovery.auth", |client, given| {
        Ok(json!({ "mfa_token": client.authenticate_recovery(args::<Proof>(given)?)? }))
    }),
    ("recovery.ack", |client, _| nothing(client.acknowledge_recovery_codes())),
    ("recovery.pending", |client, _| Ok(json!({ "pending": client.recovery_ack_pending()? }))),
];

#[cfg(test)]
mod tests {
    use driver_protocol::OPS;

    use super::*;

    #[test]
    fn every_op_of_the_protocol_is_played_or_the_drivers_own() {
        let own = ["hello", "bye", "client.new", "client.restart", "client.close"];
        for op in OPS {
            let is_played = play(op.name).is_some() || ceremonial(op.name).is_some();
            assert_ne!(is_played, own.contains(&op.name), "{}", op.name);
        }
        assert_eq!(PLAYS.len() + passkey::PLAYS.len() + own.len(), OPS.len());
    }
}
