//! Texts with a code: what can be asked, granted and refused beside what mails have in common.

use serde::{Deserialize, Serialize};

use crate::command::Proof;
use crate::credential::PhoneNumber;
use crate::id::VerificationId;
use crate::session::Client;
use crate::trusted_device::PresentedDevice;

/// A command about texts from somebody who is not signed in (rule S3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SmsCommand {
    /// `POST smsVerifications/create`
    Start {
        /// The number.
        phone: PhoneNumber,
    },
    /// `POST smsVerifications/retry`
    Retry {
        /// Which verification.
        verification: VerificationId,
        /// Its number again.
        phone: PhoneNumber,
    },
    /// `POST smsVerifications/signin`
    SignIn {
        /// Which verification.
        verification: VerificationId,
        /// The typed code.
        code: String,
        /// Who is signing in.
        client: Client,
        /// How the device shows itself.
        device: PresentedDevice,
        /// `allowNewMFALinking`
        allow_new_mfa_linking: bool,
    },
}

/// What a signed-in user asks about texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SmsRequest {
    /// `POST smsVerifications/verify`: proves a number again, or links a new one.
    Verify {
        /// Which verification.
        verification: VerificationId,
        /// The typed code.
        code: String,
        /// How the device shows itself.
        device: PresentedDevice,
        /// `requestedScopes`
        scopes: Vec<String>,
        /// Needed only to link a new number.
        proof: Proof,
    },
}

/// An open verification of a telephone number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmsVerification {
    /// Its id.
    pub id: VerificationId,
    /// The number.
    pub phone: PhoneNumber,
}

/// Why no text is sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmsRefusal {
    /// The environment sends no texts.
    #[error("SMS is not enabled for this environment")]
    Disabled,
    /// The environment sends no texts to that country.
    #[error("texts to {iso_country_code} are not enabled for this environment")]
    CountryDisabled {
        /// The country that was asked for.
        iso_country_code: String,
    },
}
