//! The service through its doors: the front door, the control API, sockets, and the binary.
//!
//! One binary, one file per subject. What is unknown about the real service has a setting; both
//! positions of each are tried in the file of its subject.

// `cfg(test)` is always true here; it tells clippy that helpers may unwrap like tests do.
#[cfg(test)]
mod access;
#[cfg(test)]
mod admin;
#[cfg(test)]
mod authenticator;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod belongings;
#[cfg(test)]
mod binary;
#[cfg(test)]
mod business_account;
#[cfg(test)]
mod client;
#[cfg(test)]
mod config;
#[cfg(test)]
mod control;
#[cfg(test)]
mod cookies;
#[cfg(test)]
mod cors;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod crowd;
#[cfg(test)]
mod devices;
#[cfg(test)]
mod email_factor;
#[cfg(test)]
mod exec;
#[cfg(test)]
mod external_auth;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod gates;
#[cfg(test)]
mod holds;
#[cfg(test)]
mod hook;
#[cfg(test)]
mod https;
#[cfg(test)]
mod issuer;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod linking;
/// The people, words and laws of the engine's own tests, which `laws` has speak HTTP.
#[cfg(test)]
#[path = "../../mfa-engine/tests/it/model"]
#[expect(dead_code, reason = "the engine's own tests use more of it")]
mod model {
    pub(crate) mod authenticator;
    pub(crate) mod breakage;
    pub(crate) mod device;
    pub(crate) mod laws;
    pub(crate) mod reference;
    pub(crate) mod rules;
    pub(crate) mod stage;
    pub(crate) mod step;
}
#[cfg(test)]
mod meetings;
#[cfg(test)]
mod never_panics;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod passkeys;
#[cfg(test)]
mod races;
#[cfg(test)]
mod rate_limits;
#[cfg(test)]
mod recovery;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod reply;
#[cfg(test)]
mod routes;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod sms;
#[cfg(test)]
mod snapshot;
#[cfg(test)]
mod social;
#[cfg(test)]
mod socket;
#[cfg(test)]
mod start_up;
#[cfg(test)]
mod step_up;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod totp;
#[cfg(test)]
mod transports;
#[cfg(test)]
mod trusted_devices;
#[cfg(test)]
mod waas;
#[cfg(test)]
mod wallet_key;
#[cfg(test)]
mod wallets;
#[cfg(test)]
mod webhooks;
#[cfg(test)]
mod worlds;
