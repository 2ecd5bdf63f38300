//! The shapes of JSON bodies: serde structs, nothing else. Field names are the API's own.

pub(super) mod claims;
pub(super) mod credential;
pub(super) mod mfa;
pub(super) mod social;
pub(super) mod user;
pub(super) mod wallet;
