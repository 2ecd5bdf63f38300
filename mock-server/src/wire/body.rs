//! The shapes of JSON bodies: serde structs, nothing else. Field names are the API's own.

pub(super) mod admin;
pub(super) mod claims;
pub(super) mod credential;
pub(crate) mod event;
pub(super) mod mfa;
pub(super) mod user;
pub(crate) mod webhook;
