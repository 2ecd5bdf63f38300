//! TOTP codes, computed here and never asked from the service.

use jiff::Timestamp;
use totp_rs::{Builder, Secret, Totp};

use super::Halt;

/// Seconds for which a code is shown (RFC 6238, section 4.1).
pub const STEP_SECONDS: i64 = 30;

/// Steps on either side of now that a wrong code must avoid, wider than any window in use.
const STEPS_AVOIDED: i64 = 12;

/// The six digits of a base32 secret at a time.
///
/// # Errors
/// The secret is not base32: the SDK handed out something that no authenticator app takes.
pub(super) fn code_at(secret: &str, at: Timestamp) -> Result<String, Halt> {
    let seconds = u64::try_from(at.as_second()).unwrap_or(0);
    Ok(totp(secret)?.generate(seconds).to_string())
}

/// Six digits that no step near `now` shows.
///
/// # Errors
/// As [`code_at`].
pub(super) fn wrong_code(secret: &str, now: Timestamp) -> Result<String, Halt> {
    let totp = totp(secret)?;
    let near: Vec<String> = (-STEPS_AVOIDED..=STEPS_AVOIDED)
        .filter_map(|step| u64::try_from(now.as_second() + step * STEP_SECONDS).ok())
        .map(|seconds| totp.generate(seconds).to_string())
        .collect();
    (0..1_000_000)
        .map(|number| format!("{number:06}"))
        .find(|code| !near.contains(code))
        .ok_or_else(|| Halt::Harness("every code is right".to_owned()))
}

fn totp(secret: &str) -> Result<Totp, Halt> {
    let secret = Secret::try_from_base32(secret)
        .map_err(|_| Halt::Blocked("the TOTP secret is not base32".to_owned()))?;
    // Noncompliant only means that the secret's length is not checked: a short one is the
    // service's fault and has a case of its own.
    Ok(Builder::new().with_secret(secret).build_noncompliant())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, SHA-1, cut to six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        for (second, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")]
        {
            assert_eq!(code_at(secret, Timestamp::from_second(second).unwrap()).unwrap(), code);
        }
    }

    #[test]
    fn a_wrong_code_is_right_in_no_near_step() {
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        let now = Timestamp::from_second(1_111_111_109).unwrap();
        let wrong = wrong_code(secret, now).unwrap();
        for step in -3..=3 {
            let at = Timestamp::from_second(now.as_second() + step * STEP_SECONDS).unwrap();
            assert_ne!(code_at(secret, at).unwrap(), wrong);
        }
    }

    /// At this time the secret of the standard shows 000000, which was found by search.
    #[test]
    fn even_the_first_number_is_left_out_where_a_near_step_shows_it() {
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        let wrong = |step| {
            let second = 1_123_637_010 + step * STEP_SECONDS;
            wrong_code(secret, Timestamp::from_second(second).unwrap()).unwrap()
        };
        for step in -STEPS_AVOIDED..=STEPS_AVOIDED {
            assert_eq!(wrong(step), "000001", "{step} steps away");
        }
        assert_eq!([wrong(-STEPS_AVOIDED - 1), wrong(STEPS_AVOIDED + 1)], ["000000", "000000"]);
    }

    #[test]
    fn a_secret_that_no_app_takes_blocks() {
        assert!(matches!(code_at("not base32!", Timestamp::UNIX_EPOCH), Err(Halt::Blocked(_))));
    }
}
