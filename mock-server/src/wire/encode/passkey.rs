//! What is granted about passkeys.

use bytes::Bytes;
use http::Response;
use mfa_engine::passkey::PasskeyOutcome;
use mfa_engine::policy::Policy;

use crate::wire::body::passkey::{
    AssertionOptions, CreationOptions, OlderRegistration, UserPasskey, UserPasskeys,
};
use crate::wire::rejection::respond;
use crate::wire::route::Operation;

/// The response to what the engine granted about passkeys.
pub(super) fn outcome(
    operation: Operation,
    outcome: PasskeyOutcome,
    policy: &Policy,
) -> Response<Bytes> {
    let settings = &policy.passkey;
    match outcome {
        PasskeyOutcome::Registration(options) if operation == Operation::OlderPasskeyOptions => {
            let id = options.id.to_string();
            let registration = CreationOptions::of(*options, settings);
            respond(200, &OlderRegistration { id, kind: "passkey", registration })
        }
        PasskeyOutcome::Registration(options) => {
            respond(200, &CreationOptions::of(*options, settings))
        }
        PasskeyOutcome::Request(options) => respond(200, &AssertionOptions::of(options, settings)),
        PasskeyOutcome::List(passkeys) => {
            let passkeys: Vec<_> = passkeys.into_iter().map(UserPasskey::of).collect();
            respond(200, &UserPasskeys { count: passkeys.len(), passkeys })
        }
        PasskeyOutcome::One(passkey) => respond(200, &UserPasskey::of(*passkey)),
    }
}
