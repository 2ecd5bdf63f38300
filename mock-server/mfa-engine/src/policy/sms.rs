//! Settings of sign-in by text.

use serde::{Deserialize, Serialize};

use super::range::{PolicyError, within};
use crate::credential::PhoneNumber;

/// Rules S2 to S4. Test numbers get the code of test addresses, `email.staticCode`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Sms {
    /// Whether texts are sent at all.
    pub enabled: bool,
    /// Countries that texts are sent to (`SmsCountryCode`); none: every country.
    pub enabled_countries: Vec<SmsCountry>,
    /// Wrong codes that a verification bears before it is closed.
    pub attempts_max: u8,
    /// Life of a sent code in seconds, at most a day.
    pub code_life_seconds: u32,
}

/// A country by its letters and its calling code (`SmsCountryCode`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SmsCountry {
    /// Letters of the country in upper case, such as `US`.
    pub iso_country_code: String,
    /// Digits of the country, without `+`.
    pub phone_country_code: String,
}

impl Sms {
    pub(super) fn check(&self) -> Result<(), PolicyError> {
        within("sms.attemptsMax", self.attempts_max, 1, 255)?;
        within("sms.codeLifeSeconds", self.code_life_seconds, 1, 86_400)?;
        match self.enabled_countries.iter().find(|country| !country.is_shaped()) {
            None => Ok(()),
            Some(country) => Err(PolicyError {
                field: "sms.enabledCountries",
                problem: format!("{country:?} is no country such as US with the digits 1"),
            }),
        }
    }

    /// Whether texts to the country of that number are sent.
    pub(crate) fn reaches(&self, phone: &PhoneNumber) -> bool {
        self.enabled_countries.is_empty()
            || self.enabled_countries.iter().any(|country| {
                country.iso_country_code == phone.iso_country_code
                    && country.phone_country_code == phone.phone_country_code
            })
    }
}

impl SmsCountry {
    fn is_shaped(&self) -> bool {
        // Whatever can stand beside a number can be enabled, and nothing else.
        PhoneNumber::parse(&self.phone_country_code, "5550100", &self.iso_country_code).is_ok_and(
            |phone| {
                phone.phone_country_code == self.phone_country_code
                    && phone.iso_country_code == self.iso_country_code
            },
        )
    }
}

impl Default for Sms {
    fn default() -> Self {
        Self {
            enabled: true,
            enabled_countries: Vec::new(),
            attempts_max: 5,
            code_life_seconds: 600,
        }
    }
}
