//! Trusted devices, which the API calls device registrations (rules V9, J9, J10).
//!
//! Not to be taken for MFA devices: a trusted device is no factor. It is a browser or a phone from
//! which the user has signed in before, known by a key of its own or, in cookie mode, by a cookie.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::DeviceRegistrationId;
use crate::mfa_token::Digest;
use crate::rare::Empty;

/// Unanswered mails about new devices that a user has at most; the oldest gives way. A person
/// answers the newest one, and each sign-in from a device replaces what that device asked before.
pub(crate) const PENDING_MAX: usize = 10;

/// A device signature whose key fits; whether its nonce is fresh, the engine decides (rule W2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceProof {
    /// The nonce that was signed.
    pub nonce: String,
    /// The public key, compressed, 66 lower-case hex digits.
    pub public_key: String,
}

/// What a call shows of the device that it comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PresentedDevice {
    /// Its signature over a nonce, in bearer mode.
    #[serde(deserialize_with = "crate::written::option")]
    pub proof: Option<DeviceProof>,
    /// The digest of its cookie, in cookie mode.
    #[serde(deserialize_with = "crate::written::option")]
    pub cookie: Option<Digest>,
}

/// By what a device is told from all others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceMark {
    /// Its public key, compressed, 66 lower-case hex digits.
    Key(String),
    /// The digest of its cookie.
    Cookie(Digest),
}

/// The device of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionDevice {
    /// The device; none if the sign-in showed nothing of it.
    #[serde(deserialize_with = "crate::written::option")]
    pub mark: Option<DeviceMark>,
    /// Whether the environment wanted a trusted device when the session was opened.
    ///
    /// Noted then, because a session that was opened before has no mail to answer.
    pub must_be_trusted: bool,
}

/// A device that the user trusts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedDevice {
    /// The id of its registration (`deviceRegistrationId`).
    pub id: DeviceRegistrationId,
    /// By what it is known.
    pub mark: DeviceMark,
    /// `User-Agent` of the sign-in that brought it.
    #[serde(deserialize_with = "crate::written::option")]
    pub user_agent: Option<String>,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// A device that waits until its user answers the mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PendingDevice {
    /// The digest of the token in the mail.
    pub token: Digest,
    /// The device that asked; none if its sign-in showed nothing of it.
    #[serde(deserialize_with = "crate::written::option")]
    pub mark: Option<DeviceMark>,
    /// The end of the token.
    pub expires_at: Timestamp,
}

/// The devices of one user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedDevices {
    registered: Vec<TrustedDevice>,
    pending: Vec<PendingDevice>,
}

/// What a signed-in user asks about trusted devices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TrustedDeviceRequest {
    /// `POST deviceRegistration`
    Register {
        /// The token that was mailed.
        token: String,
        /// The device that is to be trusted.
        device: PresentedDevice,
    },
    /// `GET deviceRegistrations`
    List {
        /// The device that asks.
        device: PresentedDevice,
    },
    /// `DELETE deviceRegistrations/{deviceRegistrationId}`
    Revoke {
        /// Which registration.
        registration: DeviceRegistrationId,
        /// The device that asks.
        device: PresentedDevice,
    },
    /// `DELETE deviceRegistrations`
    RevokeAll {
        /// The device that asks.
        device: PresentedDevice,
    },
}

/// What is granted of it; registering is granted like a sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrustedDeviceOutcome {
    /// The user's trusted devices, oldest first.
    Listed(Vec<TrustedDeviceView>),
    /// Devices are trusted no longer.
    Revoked {
        /// Whether the calling device is one of them.
        current: bool,
    },
}

/// A trusted device as the API shows it (`DeviceRegistrationResponse`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedDeviceView {
    /// The device.
    pub device: TrustedDevice,
    /// Whether it is the calling device.
    pub current: bool,
}

/// Why the service says no to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrustedDeviceRefusal {
    /// The session's device is not trusted yet, or no longer.
    #[error("the session's device is not registered (its scope has device:register)")]
    Unregistered,
    /// The token is unknown, used, replaced, expired, or of another user.
    #[error("the device token is unknown, used, replaced, expired, or of another user")]
    BadToken,
    /// The token was mailed for another device.
    #[error("the device token was mailed for another device")]
    OtherDevice,
    /// The call shows nothing by which its device could be known.
    #[error("the call carries neither a device signature nor a device cookie")]
    Unproven,
    /// The user has no trusted device of that id.
    #[error("the user has no device registration of that id")]
    NoSuchRegistration,
}

impl TrustedDeviceRequest {
    /// Whether a session that still owes a second factor may ask this (rule U27).
    pub const fn is_open_to_partial_sessions(&self) -> bool {
        match self {
            Self::Register { .. } => true,
            Self::List { .. } | Self::Revoke { .. } | Self::RevokeAll { .. } => false,
        }
    }
}

impl TrustedDeviceRefusal {
    /// The rule behind the refusal, an id of DIFFERENCES.md.
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Unregistered => "J9",
            Self::BadToken | Self::OtherDevice | Self::Unproven | Self::NoSuchRegistration => "V9",
        }
    }
}

impl Empty for TrustedDevices {
    const EMPTY: &'static Self = &Self { registered: Vec::new(), pending: Vec::new() };
}

impl TrustedDevices {
    /// The trusted devices, oldest first.
    pub fn registered(&self) -> &[TrustedDevice] {
        &self.registered
    }

    /// The trusted device of a mark.
    pub fn of(&self, mark: &DeviceMark) -> Option<&TrustedDevice> {
        self.registered.iter().find(|device| device.mark == *mark)
    }

    /// Trusts a device; one that is trusted already stays as it is.
    pub(crate) fn trust(&mut self, device: TrustedDevice, max: usize) {
        if self.of(&device.mark).is_none() {
            self.registered.push(device);
        }
        let surplus = self.registered.len().saturating_sub(max.max(1));
        self.registered.drain(..surplus);
    }

    /// Notes that a device was asked for; what the same device asked before is void.
    pub(crate) fn ask(&mut self, device: PendingDevice, now: Timestamp) {
        self.pending.retain(|known| known.mark != device.mark && now < known.expires_at);
        self.pending.push(device);
        let surplus = self.pending.len().saturating_sub(PENDING_MAX);
        self.pending.drain(..surplus);
    }

    /// The device that a token was mailed for.
    pub(crate) fn pending(&self, token: &Digest, now: Timestamp) -> Option<&PendingDevice> {
        self.pending.iter().find(|known| known.token == *token && now < known.expires_at)
    }

    /// Voids a token that was used.
    pub(crate) fn settle(&mut self, token: &Digest) {
        self.pending.retain(|known| known.token != *token);
    }

    /// Trusts one device no longer.
    pub(crate) fn revoke(&mut self, id: DeviceRegistrationId) -> Option<TrustedDevice> {
        let at = self.registered.iter().position(|device| device.id == id)?;
        Some(self.registered.remove(at))
    }

    /// Trusts no device any longer.
    pub(crate) fn revoke_all(&mut self) -> Vec<TrustedDevice> {
        core::mem::take(&mut self.registered)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    use super::*;

    fn device(number: u8, rng: &mut ChaCha8Rng) -> TrustedDevice {
        TrustedDevice {
            id: DeviceRegistrationId::draw(rng),
            mark: DeviceMark::Key(format!("{number:066x}")),
            user_agent: None,
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_oldest_device_gives_way_and_none_stands_twice() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut devices = TrustedDevices::default();
        let all: Vec<_> = (0..4).map(|number| device(number, &mut rng)).collect();
        all.iter().for_each(|device| devices.trust(device.clone(), 3));
        assert_eq!(devices.registered(), &all[1..]);
        devices.trust(TrustedDevice { id: device(9, &mut rng).id, ..all[3].clone() }, 3);
        assert_eq!(devices.registered(), &all[1..]);
    }

    #[test]
    fn a_token_is_good_until_its_end_or_the_next_of_its_device() {
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let asked = |token: &str, mark: u8, end| PendingDevice {
            token: Digest::of(token),
            mark: Some(DeviceMark::Key(format!("{mark:066x}"))),
            expires_at: at(end),
        };
        let mut devices = TrustedDevices::default();
        devices.ask(asked("a", 1, 10), at(0));
        devices.ask(asked("b", 2, 10), at(0));
        assert!(devices.pending(&Digest::of("a"), at(9)).is_some());
        assert!(devices.pending(&Digest::of("a"), at(10)).is_none());
        devices.ask(asked("c", 1, 10), at(1));
        assert!(devices.pending(&Digest::of("a"), at(1)).is_none());
        assert!(devices.pending(&Digest::of("b"), at(1)).is_some());
        devices.settle(&Digest::of("c"));
        assert!(devices.pending(&Digest::of("c"), at(1)).is_none());
        for number in 0..20 {
            devices.ask(asked(&number.to_string(), 100 + number, 10), at(1));
        }
        assert_eq!(devices.pending.len(), PENDING_MAX);
        assert!(devices.pending(&Digest::of("9"), at(1)).is_none());
        assert!(devices.pending(&Digest::of("10"), at(1)).is_some());
    }

    #[test]
    fn what_was_asked_is_read_back_as_it_was_written() {
        let id = DeviceRegistrationId::FIRST;
        let proof = DeviceProof { nonce: "n".to_owned(), public_key: format!("{:066x}", 1) };
        let shown = [
            PresentedDevice::default(),
            PresentedDevice { proof: Some(proof), cookie: Some(Digest::of("c")) },
        ];
        for device in shown {
            for request in [
                TrustedDeviceRequest::Register { token: "t".to_owned(), device: device.clone() },
                TrustedDeviceRequest::List { device: device.clone() },
                TrustedDeviceRequest::Revoke { registration: id, device: device.clone() },
                TrustedDeviceRequest::RevokeAll { device },
            ] {
                let written = serde_json::to_string(&request).unwrap();
                let read: TrustedDeviceRequest = serde_json::from_str(&written).unwrap();
                assert_eq!(read, request, "{written}");
            }
        }
    }
}
