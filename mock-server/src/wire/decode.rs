//! What is asked: from method, path, headers and body to a command.
//!
//! One room for each subject, named in the table of routes; [`asking`] is what all of them read
//! with. A room knows its own operations; the test below walks every route through its room.

use mfa_engine::Command;

use super::public_address::PublicAddress;
use super::rejection::Rejection;
use super::route::Room;

mod account;
mod admin;
mod asking;
mod business_account;
mod device;
mod email;
mod email_factor;
mod embedded_wallet;
mod external_auth;
mod factor;
mod linking;
mod passkey;
mod sms;
mod social;
mod start;
mod step_up;
mod trusted_device;
mod waas;
mod wallet;
mod webhook;

pub(super) use asking::Asking;

/// What a request asks for.
pub(super) enum Asked {
    /// An answer that no state can change.
    Constant(Constant),
    /// A decision of the engine.
    Command(Box<Command>),
}

/// Answers that depend on the settings and the key alone.
pub(super) enum Constant {
    /// As they look from the address that the caller uses.
    Settings(PublicAddress),
    Jwks,
    Healthy,
    /// Taken note of: `sdkSettings` answers 204.
    Noted,
    /// Taken note of: `connect` answers 202.
    Accepted,
}

/// Reads a request.
///
/// # Errors
/// Its shape or one of its signatures is wrong.
pub(super) fn decode(asking: &Asking<'_>) -> Result<Asked, Rejection> {
    let asked = match asking.operation.room() {
        Room::Start => start::decode(asking),
        Room::Email => email::decode(asking),
        Room::Sms => sms::decode(asking),
        Room::ExternalAuth => external_auth::decode(asking),
        Room::Account => account::decode(asking),
        Room::Device => device::decode(asking),
        Room::Factor => factor::decode(asking),
        Room::EmailFactor => email_factor::decode(asking),
        Room::Passkey => passkey::decode(asking),
        Room::Wallet => wallet::decode(asking),
        Room::Linking => linking::decode(asking),
        Room::Social => social::decode(asking),
        Room::StepUp => step_up::decode(asking),
        Room::TrustedDevice => trusted_device::decode(asking),
        Room::Waas => waas::decode(asking),
        Room::EmbeddedWallet => embedded_wallet::decode(asking),
        Room::BusinessAccount => business_account::decode(asking),
        Room::Admin => admin::decode(asking),
        Room::Webhook => webhook::decode(asking),
    };
    asked.unwrap_or(Err(Rejection::UnknownPath { meant: None }))
}

/// What a room makes of a request; none if the operation is not one of its own.
type Read = Option<Result<Asked, Rejection>>;

impl From<Command> for Asked {
    fn from(command: Command) -> Self {
        Self::Command(Box::new(command))
    }
}
