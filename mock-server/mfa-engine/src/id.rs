//! Identifiers, drawn from the dice that the caller hands in.
//!
//! Absent on purpose: any way to make an id without dice. An id that two runs with the
//! same seed would not share could never appear in a snapshot or in a report.

use core::fmt;
use core::str::FromStr;

use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not a lower-case UUID of 36 characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an id is 36 characters: lower-case hex and dashes, as in 00000000-0000-4000-8000-000000000000"
)]
pub struct MalformedId;

fn parse(text: &str) -> Result<Uuid, MalformedId> {
    // The API's own pattern allows lower case only, and the SDK leaves its device signature
    // out when the environment id does not match it, so upper case is refused, not folded.
    if text.len() != 36 || text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(MalformedId);
    }
    Uuid::try_parse(text).map_err(|_| MalformedId)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The first id in order, for ranges.
            pub const FIRST: Self = Self(Uuid::nil());
            /// The last id in order, for ranges.
            pub const LAST: Self = Self(Uuid::max());

            /// The 16 bytes of the id.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// Draws a new id: a version 4 UUID made of the given dice.
            pub fn draw(rng: &mut dyn CryptoRng) -> Self {
                let mut bytes = [0; 16];
                rng.fill_bytes(&mut bytes);
                Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(formatter)
            }
        }

        impl FromStr for $name {
            type Err = MalformedId;
            fn from_str(text: &str) -> Result<Self, MalformedId> {
                parse(text).map(Self)
            }
        }
    )+};
}

ids! {
    /// One Dynamic environment: a world of its own, named in every path.
    EnvironmentId,
    /// A user of one environment (`sub`).
    UserId,
    /// A session (`sid`), from sign-in to revocation or expiry.
    SessionId,
    /// A verified credential, such as an e-mail address.
    CredentialId,
    /// An MFA device.
    DeviceId,
    /// The registration of a trusted device (`deviceRegistrationId`).
    DeviceRegistrationId,
    /// A pending e-mail verification (`verificationUUID`).
    VerificationId,
    /// An elevated access token (`jti`).
    TokenId,
    /// An embedded wallet, and the credential by which it is shown.
    WalletId,
    /// A set of key shares of an embedded wallet.
    ShareSetId,
    /// A key share that was noted down.
    KeyShareId,
    /// A business account.
    BusinessAccountId,
    /// A membership in a business account.
    MemberId,
    /// A signer of a business account.
    SignerId,
    /// An API token of an administrator.
    ApiTokenId,
    /// A webhook.
    WebhookId,
    /// Something that happened.
    EventId,
    /// One event on its way to one webhook: the key by which receivers notice repetitions.
    MessageId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upper_case_and_short_ids_are_refused() {
        assert!("0d1c2b3a-0000-4000-8000-00000000000f".parse::<UserId>().is_ok());
        assert_eq!("0D1C2B3A-0000-4000-8000-00000000000F".parse::<UserId>(), Err(MalformedId));
        assert_eq!("test-env".parse::<EnvironmentId>(), Err(MalformedId));
        assert_eq!("0d1c2b3a000040008000-00000000000f----".parse::<UserId>(), Err(MalformedId));
    }
}
