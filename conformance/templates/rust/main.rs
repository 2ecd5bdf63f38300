//! A driver of mfa-conformance: puts an SDK behind the protocol MDP/1, one JSON object a line.
//!
//! Replace each `Todo` by `Call(|client, args, lend| …)`: the SDK's one call, whose result is given back renamed.
//! Do not retry, wait or repair: the suite would then judge this driver and not the SDK. What the SDK cannot do is
//! `Play::No("why")`. After each step: `mfa-conformance smoke --driver 'exec:cargo run -q'`
mod protocol;

use std::error::Error;
use std::time::UNIX_EPOCH;

use protocol::Answer;
use protocol::Play::{self, Call, Todo};
use serde_json::{Value, json};

/// The SDK's client, and whatever it needs between two calls.
struct Client {}

/// Makes the client, initialised, from `environment_id`, `base_url` and `origin`; `None`: not filled in yet.
fn open(_args: &Value) -> Option<Answer<Client>> {
    None
}

const OPS: &[(&str, Play<Client>)] = &[
    ("client.close", Call(|_, _, _| Ok(json!({})))),
    // {authenticated, user_id, scopes, mfa_pending, recovery_ack_pending, token, token_exp, mfa_token}; null if unknown
    ("state.get", Todo),
    ("auth.email_start", Todo),   // {email} -> {email, verification_id}
    ("auth.email_verify", Todo),  // {code, scopes?, allow_new_mfa_linking?} -> {}
    ("auth.refresh", Todo),       // {} -> {}
    ("auth.logout", Todo),        // {} -> {}
    ("client.restart", Todo),     // {} -> {}; a new SDK object over the same storage and keys
    ("state.stored", Todo),       // {} -> {items}: each value that the SDK has stored, as text
    ("user.get", Todo),           // {} -> {user}
    ("user.update", Todo),        // {fields} -> {}
    ("user.delete", Todo),        // {} -> {}
    ("totp.register", Todo),      // {} -> {device_id, secret, uri}
    ("totp.confirm", Todo),       // {code} -> {device}
    ("totp.auth", Todo), // {code, device_id?, scopes?, mfa_token?: {single_use}} -> {mfa_token}
    ("passkey.register", Todo), // {} -> {}; the SDK's authenticator is `lend`
    ("passkey.auth", Todo), // {scopes?, mfa_token?} -> {mfa_token}
    ("passkey.sign_in", Todo), // {} -> {}
    ("passkey.list", Todo), // {} -> {passkeys}
    ("passkey.delete", Todo), // {id} -> {}
    ("device.list", Todo), // {} -> {devices: [{id, type, verified, default, verified_at}]}
    ("device.get", Todo), // {id} -> {device}
    ("device.set_default", Todo), // {id} -> {}
    ("device.delete", Todo), // {id, mfa_token?} -> {}
    ("mfa.methods", Todo), // {} -> {devices, passkeys, has_verified}
    ("mfa.missing", Todo), // {} -> {missing}
    ("mfa.required_for_action", Todo), // {action} -> {required}
    ("mfa_token.take", Todo), // {} -> {mfa_token}
    ("stepup.check", Todo), // {scope} -> {required, credentials, default_credential_id}
    ("stepup.peek", Todo), // {scope} -> {token}
    ("stepup.take", Todo), // {scope} -> {token}
    ("recovery.list", Todo), // {} -> {count, codes}
    ("recovery.rotate", Todo), // {} -> {count, codes}
    ("recovery.auth", Todo), // {code, scopes?, mfa_token?} -> {mfa_token}
    ("recovery.ack", Todo), // {} -> {}
    ("recovery.pending", Todo), // {} -> {pending}
];

/// Who is there; `passkey` becomes "harness" once `lend` is the SDK's authenticator.
fn hello() -> Value {
    let now_ms = UNIX_EPOCH.elapsed().map_or(0, |now| now.as_millis() as u64);
    json!({
        "mdp": 1, "driver": { "name": "my-driver", "version": "0.0.0" }, "caps": protocol::caps(OPS),
        "sdk": { "name": "My SDK", "version": "0.0.0", "package": "my-sdk", "platform": "native", "language": "rust" },
        "guides": [], // of: totp, passkey, account-based, action-based, step-up, session-mfa, device-management, recovery-codes
        "clock": { "now_ms": now_ms, "injectable": false }, "limits": { "instances": 8, "inflight": 1 },
        "errors": "typed", "passkey": "none", "storage": "memory", "restart": "none"
    })
}

/// What the SDK reported, in its own words. `origin`: server, client, network, user or timeout.
fn described(error: &dyn Error) -> Value {
    json!({ "origin": "client", "class": null, "code": null, "http": null, "message": error.to_string(), "retryable": false })
}

fn main() -> Answer<()> {
    protocol::serve(OPS, hello, open, described)
}
