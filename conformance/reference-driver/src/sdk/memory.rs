//! What an SDK must not remember. Sabotages read it, nothing else does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::session::Session;

/// Earlier answers and values of one client.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) bearer: Option<String>,
    pub(super) challenge: Option<String>,
    pub(super) devices: Option<Vec<Value>>,
    pub(super) passkeys: Option<Vec<Value>>,
    pub(super) secret: Option<String>,
    pub(super) recovery_codes: Option<Value>,
    pub(super) passed_mfa: bool,
    pub(super) checks: BTreeMap<String, Value>,
    pub(super) at_sign_in: Option<Session>,
    pub(super) logged_out: Option<Session>,
    pub(super) nonce: Option<String>,
    pub(super) told_to_wait: bool,
}

/// The settings that the first client of a driver fetched.
pub(super) type FirstSettings = Arc<Mutex<Option<Value>>>;
