//! The ops that need an authenticator.

use driver_protocol::Authenticator;
use serde_json::{Value, json};

use super::{Trouble, args};
use crate::sdk::Client;

/// What such an op does with a client and the authenticator that is lent to it.
pub(crate) type Ceremonial =
    fn(&mut Client, &Value, &mut dyn Authenticator) -> Result<Value, Trouble>;

/// The play of an op that needs an authenticator, if it is one.
pub(crate) fn ceremonial(op: &str) -> Option<Ceremonial> {
    PLAYS.iter().find(|(name, _)| *name == op).map(|(_, play)| *play)
}

pub(super) const PLAYS: &[(&str, Ceremonial)] = &[
    ("passkey.register", |client, _, authenticator| {
        client.register_passkey(authenticator)?;
        Ok(json!({}))
    }),
    ("passkey.auth", |client, given, authenticator| {
        let mfa_token = client.authenticate_passkey(args(given)?, authenticator)?;
        Ok(json!({ "mfa_token": mfa_token }))
    }),
    ("passkey.sign_in", |client, _, authenticator| {
        client.sign_in_with_passkey(authenticator)?;
        Ok(json!({}))
    }),
];
