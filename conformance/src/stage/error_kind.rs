//! Kinds of errors, and the codes under which services and SDKs report them.

use driver_protocol::SdkError;

/// What an error means, whatever the SDK calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The code of a second factor is wrong, used up or out of its time.
    InvalidCode,
    /// Too many attempts.
    RateLimited,
    /// A call needs an elevated access token that was not there, or not good.
    ElevationRequired,
    /// A needed value is missing on the client, such as an MFA token.
    ValueMissing,
    /// The code from the mail is wrong.
    InvalidEmailCode,
}

/// Codes per kind: the service's own first, then what published SDKs turn it into.
const CODES: [(ErrorKind, &[&str]); 5] = [
    (ErrorKind::InvalidCode, &["mfa_invalid_code", "mfa_invalid_otp_error"]),
    (ErrorKind::RateLimited, &["mfa_rate_limited", "mfa_rate_limited_error"]),
    (ErrorKind::ElevationRequired, &["elevated_access_token_required"]),
    (ErrorKind::ValueMissing, &["value_must_be_defined_error"]),
    (
        ErrorKind::InvalidEmailCode,
        &["wrong_email_verification_token", "invalid_email_verification", "invalid_verification"],
    ),
];

impl ErrorKind {
    /// Every code that means this kind.
    #[must_use]
    pub fn codes(self) -> &'static [&'static str] {
        CODES.iter().find(|(kind, _)| *kind == self).map_or(&[], |(_, codes)| codes)
    }

    /// Whether an SDK's error is of this kind, by its code.
    #[must_use]
    pub fn is(self, error: &SdkError) -> bool {
        error.code.as_deref().is_some_and(|code| self.codes().contains(&code))
    }
}

/// Whether `got` is `wanted`, or another spelling of the same kind.
#[must_use]
pub(super) fn same_code(wanted: &str, got: &str) -> bool {
    wanted == got || CODES.iter().any(|(_, codes)| codes.contains(&wanted) && codes.contains(&got))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_kind_are_the_same_and_kinds_are_apart() {
        assert!(same_code("mfa_invalid_code", "mfa_invalid_otp_error"));
        assert!(same_code("not_found", "not_found"));
        assert!(!same_code("mfa_invalid_code", "mfa_rate_limited_error"));
        assert!(!same_code("not_found", "mfa_invalid_code"));
        assert!(!same_code("mfa_invalid_code", "not_found"));
    }

    #[test]
    fn every_kind_has_codes_and_no_code_has_two_kinds() {
        let all: Vec<&str> = CODES.iter().flat_map(|(kind, _)| kind.codes()).copied().collect();
        let mut once = all.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), all.len());
        for (kind, codes) in CODES {
            assert_eq!(kind.codes(), codes);
            assert!(!codes.is_empty(), "{kind:?}");
        }
    }
}
