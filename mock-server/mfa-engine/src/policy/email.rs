//! Settings of e-mail sign-in.

use serde::{Deserialize, Serialize};

use super::range::{PolicyError, within};

/// Rules S1, S2 and S4.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Email {
    /// Wrong codes that a verification bears before it is closed.
    pub attempts_max: u8,
    /// Life of a mailed code in seconds.
    pub code_life_seconds: u32,
    /// The code of every test account (S4): addresses that end in `+dynamic_test` before the `@`,
    /// numbers of the United States with the area code 555.
    pub static_code: String,
    /// Whether those addresses have that code: whether the test account is open.
    pub test_account: bool,
}

impl Email {
    pub(super) fn check(&self) -> Result<(), PolicyError> {
        within("email.attemptsMax", self.attempts_max, 1, 255)?;
        within("email.codeLifeSeconds", self.code_life_seconds, 1, 86_400)?;
        if self.static_code.len() != 6
            || !self.static_code.bytes().all(|byte| byte.is_ascii_digit())
        {
            let problem = "a code is six digits".to_owned();
            return Err(PolicyError { field: "email.staticCode", problem });
        }
        Ok(())
    }
}

impl Default for Email {
    fn default() -> Self {
        Self {
            attempts_max: 5,
            code_life_seconds: 600,
            static_code: "424242".to_owned(),
            test_account: true,
        }
    }
}
