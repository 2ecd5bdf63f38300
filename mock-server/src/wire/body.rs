//! The shapes of JSON bodies: serde structs, nothing else. Field names are the API's own.

pub(super) mod admin;
pub(super) mod business_account;
pub(super) mod claims;
pub(super) mod credential;
pub(crate) mod event;
pub(super) mod external_auth;
pub(super) mod mfa;
pub(super) mod object;
pub(super) mod passkey;
pub(super) mod social;
pub(super) mod trusted_device;
pub(super) mod user;
pub(super) mod verification;
pub(super) mod waas;
pub(super) mod wallet;
pub(crate) mod webhook;
