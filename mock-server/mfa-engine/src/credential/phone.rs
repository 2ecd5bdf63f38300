//! Telephone numbers in the API's three parts, and in one (ITU-T E.164).

use serde::{Deserialize, Serialize};

/// A telephone number in the API's three parts (rule S3).
///
/// ```
/// use mfa_engine::PhoneNumber;
/// let phone = PhoneNumber::parse("1", "(917) 111-3333", "us").unwrap();
/// assert_eq!(phone.e164(), "+19171113333");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhoneNumber {
    /// Digits of the country, without `+`.
    pub phone_country_code: String,
    /// The rest of the digits.
    pub phone_number: String,
    /// Letters of the country in upper case, such as `US`.
    pub iso_country_code: String,
}

/// Three texts are no telephone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedPhoneNumber {
    /// The calling code is not one to three digits.
    #[error("phoneCountryCode: not one to three digits")]
    CountryCode,
    /// The rest is not what can follow it.
    #[error("phoneNumber: not 4 to 14 digits, 15 with the country's")]
    Number,
    /// The letters are none of a country.
    #[error("isoCountryCode: not two to four letters")]
    IsoCode,
}

impl PhoneNumber {
    /// Reads the three parts as people type them.
    ///
    /// A `+` before the calling code, and blanks, dots, dashes and brackets between the digits, do
    /// not count. Whether a country has such numbers is not looked up.
    ///
    /// # Errors
    /// The first part that is malformed; E.164 allows 15 digits in all.
    pub fn parse(country: &str, number: &str, iso: &str) -> Result<Self, MalformedPhoneNumber> {
        let country = country.strip_prefix('+').unwrap_or(country);
        let is_code = (1..=3).contains(&country.len()) && !country.starts_with('0');
        if !is_code || !country.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(MalformedPhoneNumber::CountryCode);
        }
        let between = |letter: &char| !matches!(letter, ' ' | '.' | '-' | '(' | ')' | '/');
        let digits: String = number.chars().filter(between).collect();
        let fits = (4..=15 - country.len()).contains(&digits.len());
        if !fits || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(MalformedPhoneNumber::Number);
        }
        // The API's own pattern: some codes have a digit at the end.
        let letters = iso.strip_suffix(|last: char| last.is_ascii_digit()).unwrap_or(iso);
        let is_iso = (2..=4).contains(&letters.len()) && iso.len() <= 4;
        if !is_iso || !letters.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Err(MalformedPhoneNumber::IsoCode);
        }
        Ok(Self {
            phone_country_code: country.to_owned(),
            phone_number: digits,
            iso_country_code: iso.to_ascii_uppercase(),
        })
    }

    /// The number as ITU-T E.164 writes it.
    pub fn e164(&self) -> String {
        format!("+{}{}", self.phone_country_code, self.phone_number)
    }

    /// Whether it is a number of the United States with the area code 555 (rule S4).
    pub(crate) fn is_us_test_number(&self) -> bool {
        self.phone_country_code == "1"
            && self.iso_country_code == "US"
            && self.phone_number.len() == 10
            && self.phone_number.starts_with("555")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(country: &str, number: &str, iso: &str) -> Result<String, MalformedPhoneNumber> {
        PhoneNumber::parse(country, number, iso).map(|phone| phone.e164())
    }

    #[test]
    fn a_number_may_be_typed_as_people_do() {
        for (country, number) in
            [("1", "9171113333"), ("+1", "917 111 33 33"), ("1", "(917) 111-3333")]
        {
            assert_eq!(parse(country, number, "US"), Ok("+19171113333".to_owned()));
        }
        assert_eq!(parse("299", "1234", "GL"), Ok("+2991234".to_owned()));
        let upper = PhoneNumber::parse("1", "9171113333", "us").unwrap();
        assert_eq!(upper.iso_country_code, "US");
    }

    #[test]
    fn what_is_no_number_is_refused_by_its_part() {
        use MalformedPhoneNumber::{CountryCode, IsoCode, Number};
        for country in ["", "+", "++1", "0", "01", "1234", "1a", "١"] {
            assert_eq!(parse(country, "9171113333", "US"), Err(CountryCode), "{country}");
        }
        for number in ["", "123", "+19171113333", "917111333x", "١٢٣٤٥", "123456789012345"] {
            assert_eq!(parse("1", number, "US"), Err(Number), "{number}");
        }
        assert!(parse("1", "12345678901234", "US").is_ok());
        assert_eq!(parse("12", "12345678901234", "US"), Err(Number));
        for iso in ["", "U", "USAXX", "U1", "ÄÖ", "U S", "12"] {
            assert_eq!(parse("1", "9171113333", iso), Err(IsoCode), "{iso}");
        }
        assert!(parse("1", "9171113333", "USA1").is_ok());
    }

    #[test]
    fn test_numbers_are_those_of_one_area_code() {
        let is_test = |country: &str, number: &str, iso: &str| {
            PhoneNumber::parse(country, number, iso).unwrap().is_us_test_number()
        };
        assert!(is_test("1", "5551234567", "US"));
        assert!(!is_test("1", "5561234567", "US"));
        assert!(!is_test("1", "9175551234", "US"));
        assert!(!is_test("1", "55512345678", "US"));
        assert!(!is_test("1", "5551234567", "CA"));
        assert!(!is_test("49", "5551234567", "DE"));
    }
}
