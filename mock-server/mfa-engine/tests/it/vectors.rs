//! Codes and secrets against the published vectors, and against our own bad texts.

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use fixtures::rfc6238;
use jiff::Timestamp;
use mfa_engine::Refusal;
use mfa_engine::policy::{self, Algorithm};
use mfa_engine::totp::{Code, TotpSecret, step_at};

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_second(seconds.try_into().unwrap()).unwrap()
}

fn secret_of(bytes: &[u8]) -> TotpSecret {
    TotpSecret::parse(&BASE32_NOPAD.encode(bytes)).unwrap()
}

fn settings_for(algorithm: rfc6238::Algorithm) -> policy::Totp {
    let algorithm = match algorithm {
        rfc6238::Algorithm::Sha1 => Algorithm::Sha1,
        rfc6238::Algorithm::Sha256 => Algorithm::Sha256,
        rfc6238::Algorithm::Sha512 => Algorithm::Sha512,
    };
    policy::Totp { algorithm, ..policy::Totp::default() }
}

#[test]
fn every_row_of_rfc_6238_is_the_code_of_its_moment() {
    for row in rfc6238::ROWS {
        let settings = settings_for(row.algorithm);
        let secret = secret_of(row.seed);
        // The appendix prints eight digits; six digits are the last six of them.
        let shown = secret.code_at(&settings, at(row.time));
        assert_eq!(shown, row.code6(), "{:?} at {}", row.algorithm, row.time);
        let step = secret.step_of(&Code::from(row.code6()), &settings, at(row.time));
        assert_eq!(step, Some(row.time / rfc6238::PERIOD_SECONDS), "{row:?}");
    }
}

#[test]
fn a_row_of_one_hash_is_no_code_of_another() {
    // The classic mistake is one seed or one hash for all three columns.
    for row in rfc6238::ROWS {
        for other in rfc6238::ROWS.iter().filter(|other| other.algorithm != row.algorithm) {
            let settings = settings_for(other.algorithm);
            let step = secret_of(row.seed).step_of(&row.code6().into(), &settings, at(row.time));
            assert_eq!(step, None, "{row:?} under {:?}", other.algorithm);
        }
    }
}

#[test]
fn times_beyond_32_bits_are_not_cut_off() {
    let settings = policy::Totp::default();
    let secret = secret_of(rfc6238::SHA1_SEED);
    let mut seen_beyond = 0;
    for row in rfc6238::ROWS.iter().filter(|row| row.algorithm == rfc6238::Algorithm::Sha1) {
        if row.time <= u32::MAX.into() {
            continue;
        }
        seen_beyond += 1;
        assert_eq!(step_at(at(row.time)), row.time / 30);
        let cut = at(row.time % (1 << 32));
        assert_eq!(secret.step_of(&row.code6().into(), &settings, cut), None, "{row:?}");
    }
    assert_eq!(seen_beyond, 1);
    // The last second that the clock of the service can tell.
    let far = at(221_845_392_000);
    let code = Code::from(secret.code_at(&settings, far).as_str());
    assert_eq!(secret.step_of(&code, &settings, far), Some(221_845_392_000 / 30));
}

#[test]
fn every_row_of_rfc_4226_is_the_code_of_a_time_step() {
    let settings = policy::Totp::default();
    let secret = secret_of(fixtures::rfc4226::SECRET);
    for row in fixtures::rfc4226::ROWS {
        for second in [0, 1, 29] {
            let moment = at(row.counter * 30 + second);
            assert_eq!(secret.code_at(&settings, moment), row.code6, "counter {}", row.counter);
            assert_eq!(step_at(moment), row.counter);
        }
    }
}

#[test]
fn a_code_of_the_first_step_is_found_although_no_step_lies_before_it() {
    let settings = policy::Totp::default();
    let secret = secret_of(fixtures::rfc4226::SECRET);
    let [first, second, third, ..] = fixtures::rfc4226::ROWS;
    for (row, step) in [(first, Some(0)), (second, Some(1)), (third, None)] {
        assert_eq!(secret.step_of(&row.code6.into(), &settings, at(0)), step);
    }
}

/// A secret does not show its bytes, so two texts are compared by the codes that they yield.
fn yields_the_codes_of(secret: &TotpSecret, bytes: &[u8]) -> bool {
    let settings = policy::Totp::default();
    let oracle = totp_rs::Builder::new().with_secret(bytes.to_vec()).build_noncompliant();
    (0..20)
        .map(|step| step * 30 + 7)
        .all(|second| secret.code_at(&settings, at(second)) == oracle.generate(second).to_string())
}

#[test]
fn every_row_of_rfc_4648_is_a_secret_of_its_bytes() {
    for row in fixtures::rfc4648::ROWS {
        let secret = TotpSecret::parse(row.base32);
        if row.text.is_empty() {
            assert!(matches!(secret, Err(Refusal::Unseedable(_))), "{row:?}");
            continue;
        }
        let secret = secret.unwrap();
        assert!(yields_the_codes_of(&secret, row.text.as_bytes()), "{row:?}");
        assert!(!yields_the_codes_of(&secret, b"another"), "{row:?}");
        assert_eq!(secret.reveal(), row.base32.trim_end_matches('='), "kept without padding");
    }
}

#[test]
fn the_extended_hex_alphabet_is_another_one() {
    for row in fixtures::rfc4648::ROWS.iter().filter(|row| !row.text.is_empty()) {
        let mistaken = TotpSecret::parse(row.base32hex);
        let same = mistaken.is_ok_and(|secret| yields_the_codes_of(&secret, row.text.as_bytes()));
        assert!(!same, "{row:?}");
    }
}

#[test]
fn a_forgiving_reader_overlooks_what_people_type_and_nothing_else() {
    for case in fixtures::rfc4648::OURS {
        let read = TotpSecret::parse(case.text);
        match case.lenient_hex {
            Some(hex) => {
                let bytes = HEXLOWER.decode(hex.as_bytes()).unwrap();
                assert!(yields_the_codes_of(&read.unwrap(), &bytes), "{case:?}");
            }
            None => assert!(matches!(read, Err(Refusal::Unseedable(_))), "{case:?}"),
        }
    }
}
