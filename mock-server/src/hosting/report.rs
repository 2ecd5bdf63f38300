//! What a tester is shown: users, devices, messages, secrets included.

use jiff::Timestamp;
use mfa_engine::totp::TotpDevice;
use mfa_engine::{Acknowledgement, Channel, Environment, Identity, MessageKind, User};
use serde::Serialize;

use super::credentials::{SocialReport, WalletReport, social_report, wallet_report};
use super::passkey::PasskeyReport;

/// What an authenticator app would show now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TotpDisplay {
    /// The code of the current step.
    pub code: String,
    /// The number of the current step (RFC 6238 section 4.2).
    pub step: u64,
    /// The first moment at which another code is shown.
    pub valid_until: Timestamp,
    /// Seconds until then, rounded up.
    pub seconds_left: u64,
    /// The code after that.
    pub next_code: String,
}

/// A user as a tester sees them: secrets included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserReport {
    /// The id (`sub`).
    pub id: String,
    /// Every verified address.
    pub emails: Vec<String>,
    /// Every verified number, as ITU-T E.164 writes it.
    pub phones: Vec<String>,
    /// Every id with the app's own issuer of JWTs.
    pub external_ids: Vec<String>,
    /// Wallets, embedded ones too.
    pub wallets: Vec<WalletReport>,
    /// Social accounts.
    pub social_accounts: Vec<SocialReport>,
    /// MFA devices.
    pub devices: Vec<DeviceReport>,
    /// Passkeys, oldest first.
    pub passkeys: Vec<PasskeyReport>,
    /// Unused recovery codes.
    pub recovery_codes: Vec<String>,
    /// State of the acknowledgement: `pending`, `complete`, or absent.
    pub mfa_backup_code_acknowledgement: Option<&'static str>,
    /// Ids of the live sessions (`sid`).
    pub sessions: Vec<String>,
    /// First sign-in, or the moment of seeding.
    pub first_visit: Timestamp,
    /// Latest sign-in or refresh.
    pub last_visit: Timestamp,
}

/// An MFA device as a tester sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceReport {
    /// The id.
    pub id: String,
    /// Always `totp` so far.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Whether it was confirmed.
    pub verified: bool,
    /// Whether it is the default device.
    pub default: bool,
    /// The secret in base32.
    pub secret: String,
    /// The latest time step that was accepted.
    pub last_step: Option<u64>,
}

/// A mail or a text that would have been sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MailReport {
    /// Grows by one with every message; ask for those after the last one seen.
    pub sequence: u64,
    /// How it travelled: `sms`, or absent for a mail.
    #[serde(skip_serializing_if = "is_mail")]
    pub channel: Channel,
    /// The address, or the number as ITU-T E.164 writes it.
    pub to: String,
    /// What it is about.
    pub kind: MessageKind,
    /// The code or token in it.
    pub code: String,
    /// When it was sent.
    pub at: Timestamp,
}

/// Mails came first, and their reports keep the form that they had before there were texts.
fn is_mail(channel: &Channel) -> bool {
    *channel == Channel::Email
}

/// A user as a tester sees them.
pub(super) fn report(environment: &Environment, user: &User, now: Timestamp) -> UserReport {
    let device = |device: &TotpDevice| {
        let active = match device {
            TotpDevice::Active(active) => Some(active),
            TotpDevice::Pending(_) => None,
        };
        DeviceReport {
            id: device.id().to_string(),
            kind: "totp",
            verified: device.is_verified(),
            default: active.is_some_and(|active| active.default),
            secret: device.secret().reveal(),
            last_step: active.and_then(|active| active.last_step),
        }
    };
    let named = |name: fn(&Identity) -> Option<String>| -> Vec<String> {
        user.credentials.iter().filter_map(|known| name(&known.identity)).collect()
    };
    UserReport {
        id: user.id.to_string(),
        emails: named(|identity| identity.address().map(str::to_owned)),
        phones: named(|identity| match identity {
            Identity::PhoneNumber(phone) => Some(phone.e164()),
            _ => None,
        }),
        external_ids: named(|identity| match identity {
            Identity::External(user) => Some(user.user_id.clone()),
            _ => None,
        }),
        wallets: user.credentials.iter().filter_map(wallet_report).collect(),
        social_accounts: user.credentials.iter().filter_map(social_report).collect(),
        devices: user.totp.iter().map(device).collect(),
        passkeys: user.passkeys.iter().map(PasskeyReport::of).collect(),
        recovery_codes: user.recovery.iter().flat_map(|codes| codes.reveal(false)).collect(),
        mfa_backup_code_acknowledgement: match user.acknowledgement {
            Acknowledgement::NotAsked => None,
            Acknowledgement::Pending => Some("pending"),
            Acknowledgement::Complete => Some("complete"),
        },
        sessions: environment
            .sessions_of(user.id)
            .filter(|session| now < session.expires_at)
            .map(|session| session.id.to_string())
            .collect(),
        first_visit: user.first_visit.into(),
        last_visit: user.last_visit.into(),
    }
}
