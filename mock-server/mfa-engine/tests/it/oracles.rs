//! Codes and windows against libraries of others, and against their own edges.
//!
//! | library | HMAC of | algorithms | digits |
//! |---|---|---|---|
//! | `totp-rs` | RustCrypto | SHA-1, SHA-256, SHA-512 | 6 to 8 |
//! | `totp-lite` | RustCrypto, the generation before | all three | 6 to 8 |
//! | `thotp` | RustCrypto, the generation before | all three | 6 to 8 |
//! | `otpauth` | ring | SHA-1 | 6 |
//!
//! They share no line that truncates a hash or cuts digits, and all but `thotp`, which is given
//! the number of a time step, count time by themselves. The service has six
//! digits only; where a library is asked for more, its last six are the code (RFC 4226, 5.3).

use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use mfa_engine::policy::{self, Algorithm};
use mfa_engine::totp::{Code, PERIOD_SECONDS, TotpSecret};
use proptest::prelude::*;
use proptest::sample::select;

/// The last second that the service's clock can tell.
const LAST_SECOND: u64 = 221_845_392_000;
/// The widest window that the settings allow.
const WINDOW_MAX: u8 = 10;

/// One of the libraries: the code of a secret at a time, or nothing if it cannot tell.
type Library = fn(Algorithm, usize, &[u8], u64) -> Option<String>;

const LIBRARIES: [(&str, Library); 4] =
    [("totp-rs", totp_rs), ("totp-lite", totp_lite), ("thotp", thotp), ("otpauth", otpauth)];

fn totp_rs(algorithm: Algorithm, digits: usize, secret: &[u8], at: u64) -> Option<String> {
    let algorithm = match algorithm {
        Algorithm::Sha1 => totp_rs::Algorithm::SHA1,
        Algorithm::Sha256 => totp_rs::Algorithm::SHA256,
        Algorithm::Sha512 => totp_rs::Algorithm::SHA512,
    };
    let builder = totp_rs::Builder::new().with_algorithm(algorithm).with_secret(secret.to_vec());
    let generator = builder.with_digits(u8::try_from(digits).unwrap()).build_noncompliant();
    Some(generator.generate(at).to_string())
}

fn totp_lite(algorithm: Algorithm, digits: usize, secret: &[u8], at: u64) -> Option<String> {
    use totp_lite::{Sha1, Sha256, Sha512, totp_custom};
    let digits = u32::try_from(digits).unwrap();
    Some(match algorithm {
        Algorithm::Sha1 => totp_custom::<Sha1>(PERIOD_SECONDS, digits, secret, at),
        Algorithm::Sha256 => totp_custom::<Sha256>(PERIOD_SECONDS, digits, secret, at),
        Algorithm::Sha512 => totp_custom::<Sha512>(PERIOD_SECONDS, digits, secret, at),
    })
}

fn thotp(algorithm: Algorithm, digits: usize, secret: &[u8], at: u64) -> Option<String> {
    use thotp::custom::otp_custom;
    use totp_lite::{Sha1, Sha256, Sha512};
    let (digits, step) = (u8::try_from(digits).unwrap(), at / PERIOD_SECONDS);
    let code = match algorithm {
        Algorithm::Sha1 => otp_custom::<Sha1>(secret, step, digits),
        Algorithm::Sha256 => otp_custom::<Sha256>(secret, step, digits),
        Algorithm::Sha512 => otp_custom::<Sha512>(secret, step, digits),
    };
    Some(code.unwrap())
}

fn otpauth(algorithm: Algorithm, digits: usize, secret: &[u8], at: u64) -> Option<String> {
    let can = algorithm == Algorithm::Sha1 && digits == 6;
    let generator = otpauth::TOTP::from_bytes(secret);
    can.then(|| format!("{:06}", generator.generate(PERIOD_SECONDS, at)))
}

fn settings(algorithm: Algorithm, window_steps: u8) -> policy::Totp {
    policy::Totp { algorithm, window_steps, ..policy::Totp::default() }
}

fn timestamp(second: u64) -> Timestamp {
    Timestamp::from_second(second.try_into().unwrap()).unwrap()
}

fn ours(algorithm: Algorithm, secret: &[u8], at: u64) -> String {
    let secret = TotpSecret::parse(&BASE32_NOPAD.encode(secret)).unwrap();
    secret.code_at(&settings(algorithm, 1), timestamp(at))
}

fn algorithm() -> impl Strategy<Value = Algorithm> {
    select(vec![Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512])
}

/// Short ones, those of the RFCs' lengths, and ones longer than a block of either hash.
fn secret() -> impl Strategy<Value = Vec<u8>> {
    let length = prop_oneof![Just(20_usize), Just(32), Just(64), 1..=20_usize, 60..=140_usize];
    length.prop_flat_map(|length| prop::collection::vec(any::<u8>(), length))
}

/// Any time, with a lean towards the edges of steps, of 32 bits, and of time itself.
fn moment() -> impl Strategy<Value = u64> {
    let edge = (0..LAST_SECOND / PERIOD_SECONDS, select(vec![0_u64, 1, 29]));
    prop_oneof![
        0..=LAST_SECOND,
        edge.prop_map(|(step, second)| step * PERIOD_SECONDS + second),
        (0..120_u64).prop_map(|odd| (1 << 32) - 60 + odd),
        0..90_u64,
        LAST_SECOND - 90..=LAST_SECOND,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_library_shows_the_same_code(
        algorithm in algorithm(),
        digits in 6..=8_usize,
        secret in secret(),
        at in moment(),
    ) {
        let code = ours(algorithm, &secret, at);
        prop_assert_eq!(code.len(), 6);
        let mut asked = 0;
        for (name, library) in LIBRARIES {
            let Some(theirs) = library(algorithm, digits, &secret, at) else { continue };
            asked += 1;
            prop_assert_eq!(theirs.len(), digits, "{}", name);
            prop_assert_eq!(theirs.get(digits - 6..), Some(code.as_str()), "{}", name);
        }
        prop_assert!(asked >= 3);
    }

    #[test]
    fn a_window_is_as_wide_as_it_says(
        algorithm in algorithm(),
        secret in secret(),
        at in moment(),
        window in 0..=WINDOW_MAX,
    ) {
        let engine = |code: &str, window, at| {
            let secret = TotpSecret::parse(&BASE32_NOPAD.encode(&secret)).unwrap();
            secret.step_of(&Code::from(code), &settings(algorithm, window), timestamp(at))
        };
        prop_assert_eq!(mistake(&secret, algorithm, at, window, engine), None);
    }
}

/// Where a check of codes is wrong: it must find the step of a code from the first second of the
/// window to the last, both sides, and nothing one second outside.
fn mistake(
    secret: &[u8],
    algorithm: Algorithm,
    at: u64,
    window: u8,
    check: impl Fn(&str, u8, u64) -> Option<u64>,
) -> Option<String> {
    let code_of = |step: u64| totp_lite(algorithm, 6, secret, step * PERIOD_SECONDS).unwrap();
    let step = at / PERIOD_SECONDS;
    let (code, reach) = (code_of(step), u64::from(window));
    let starts = step.checked_sub(reach).map(|first| first * PERIOD_SECONDS);
    let ends = (step + reach + 1) * PERIOD_SECONDS;
    let inside = [starts, Some(at), Some(ends - 1)].map(|moment| (moment, true));
    let before = starts.and_then(|start| start.checked_sub(1));
    let outside = [before, Some(ends)].map(|moment| (moment, false));
    inside.into_iter().chain(outside).find_map(|(moment, is_inside)| {
        let moment = moment.filter(|moment| *moment <= LAST_SECOND)?;
        // Two steps of a window may share a code by chance; then the answer can be either.
        let here = moment / PERIOD_SECONDS;
        let mut others = here.saturating_sub(reach)..=here + reach;
        let is_shared = others.any(|other| other != step && code_of(other) == code);
        let found = check(&code, window, moment);
        let is_right = found == is_inside.then_some(step);
        (!is_shared && !is_right).then(|| format!("{code} at {moment}, window {window}: {found:?}"))
    })
}

/// The law of the window, broken on purpose: each of these checks is one step or one second off.
#[test]
fn a_window_that_is_not_as_wide_as_it_says_is_found_out() {
    let secret = fixtures::rfc6238::SHA1_SEED;
    let exact = |code: &str, window: u8, at: u64| {
        let here = at / PERIOD_SECONDS;
        let mut steps = here.saturating_sub(window.into())..=here + u64::from(window);
        steps.find(|step| totp_lite(Algorithm::Sha1, 6, secret, step * 30).as_deref() == Some(code))
    };
    let in_past_only = |code: &str, window, at| exact(code, window, at).filter(|it| *it <= at / 30);
    let in_future_only =
        |code: &str, window, at| exact(code, window, at).filter(|it| *it >= at / 30);
    for window in 1..WINDOW_MAX {
        let says = |check: &dyn Fn(&str, u8, u64) -> Option<u64>| {
            mistake(secret, Algorithm::Sha1, 1_111_111_109, window, check)
        };
        assert_eq!(says(&exact), None);
        assert!(says(&|code, window, at| exact(code, window + 1, at)).is_some(), "too wide");
        assert!(says(&|code, window, at| exact(code, window - 1, at)).is_some(), "too narrow");
        assert!(says(&|code, window, at| exact(code, window, at + 1)).is_some(), "a second late");
        assert!(says(&|code, window, at| exact(code, window, at - 1)).is_some(), "a second early");
        assert!(says(&in_past_only).is_some() && says(&in_future_only).is_some(), "half a window");
        assert!(says(&|code, _, at| exact(code, 1, at)).is_some() || window == 1, "not configured");
    }
}

/// The law of the code, broken on purpose: the classic mistakes differ from every library.
#[test]
fn a_code_that_is_computed_otherwise_is_found_out() {
    let secret = fixtures::rfc6238::SHA1_SEED;
    // Beyond 32 bits, in a step of its own, and with a zero in front.
    let at = (0..).map(|nth| (1 << 33) + nth * PERIOD_SECONDS + 7);
    let shown = |at| ours(Algorithm::Sha1, secret, at);
    let at = at.into_iter().find(|at| shown(*at).starts_with('0')).unwrap();
    let mistakes = [
        ours(Algorithm::Sha256, secret, at),
        ours(Algorithm::Sha1, secret, at % (1 << 32)),
        ours(Algorithm::Sha1, secret, at + PERIOD_SECONDS),
        shown(at).trim_start_matches('0').to_owned(),
    ];
    for (name, library) in LIBRARIES {
        let theirs = library(Algorithm::Sha1, 6, secret, at).unwrap();
        assert_eq!(theirs, shown(at), "{name}");
        assert!(!mistakes.contains(&theirs), "{name}");
    }
}

#[test]
fn every_library_knows_the_published_vectors() {
    for row in fixtures::rfc6238::ROWS {
        let algorithm = match row.algorithm {
            fixtures::rfc6238::Algorithm::Sha1 => Algorithm::Sha1,
            fixtures::rfc6238::Algorithm::Sha256 => Algorithm::Sha256,
            fixtures::rfc6238::Algorithm::Sha512 => Algorithm::Sha512,
        };
        for (name, library) in LIBRARIES {
            let eight = library(algorithm, 8, row.seed, row.time);
            assert!(eight.is_none_or(|code| code == row.code8), "{name}: {row:?}");
        }
        assert_eq!(ours(algorithm, row.seed, row.time), row.code6(), "{row:?}");
    }
}
