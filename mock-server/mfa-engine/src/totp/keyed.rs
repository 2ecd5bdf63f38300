//! The HMAC of a time step under a key that was hashed beforehand (RFC 2104 section 4).
//!
//! Both hashes of HMAC begin with a block that is made of the key alone. What they know after that
//! block is all they need of the key, and it is small: two chaining states. With these kept a code
//! costs two blocks, one for the eight bytes of the step and one for the inner digest, where the key
//! alone would cost two more.
//!
//! The hashes themselves are those of the `sha1` and `sha2` packages; here is only which bytes go
//! into a block. Oracles: `totp-rs` and the tables of RFC 6238, in the tests below and in
//! `tests/it/vectors.rs`.

use sha1::Sha1;
use sha1::block_api::compress as compress1;
use sha2::block_api::{compress256, compress512};
use sha2::{Digest as _, Sha256, Sha512};
use subtle::ConstantTimeEq as _;

use super::DIGITS;
use crate::policy::Algorithm;

/// What six digits can count.
const MODULUS: u32 = 10_u32.pow(DIGITS as u32);

/// A key as the hash of one algorithm keeps it.
///
/// The state of SHA-1, which every app assumes, takes no more room than a pointer to the others
/// would need beside its tag; a world may hold a million of these.
#[derive(Clone)]
pub(super) enum Keyed {
    Sha1(State1),
    Sha256(Box<State256>),
    Sha512(Box<State512>),
}

impl Keyed {
    pub(super) fn new(key: &[u8], algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Sha1 => Self::Sha1(State1::new(key)),
            Algorithm::Sha256 => Self::Sha256(Box::new(State256::new(key))),
            Algorithm::Sha512 => Self::Sha512(Box::new(State512::new(key))),
        }
    }

    pub(super) const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Sha1(_) => Algorithm::Sha1,
            Self::Sha256(_) => Algorithm::Sha256,
            Self::Sha512(_) => Algorithm::Sha512,
        }
    }

    /// The time step whose code this is, among those at most `window` steps away from `current`.
    pub(super) fn find(&self, code: u32, current: u64, window: u64) -> Option<u64> {
        match self {
            Self::Sha1(state) => search(|step| state.value(step), code, current, window),
            Self::Sha256(state) => search(|step| state.value(step), code, current, window),
            Self::Sha512(state) => search(|step| state.value(step), code, current, window),
        }
    }
}

/// Looks at the current step, then at its neighbours, the nearest first and the older one of a pair
/// before the newer.
///
/// A hit ends the search: the time it took tells which step was hit, that is how far the caller's
/// clock is off, which whoever holds a right code knows already. A wrong code is always compared with
/// the whole window, each time as a number in constant time, so that its time tells nothing.
fn search(value: impl Fn(u64) -> u32, code: u32, current: u64, window: u64) -> Option<u64> {
    let is_hit = |step: &u64| bool::from((value(*step) % MODULUS).ct_eq(&code));
    let around = |away| [current.checked_sub(away), current.checked_add(away)];
    let neighbours = (1..=window).flat_map(around).flatten();
    core::iter::once(current).chain(neighbours).find(is_hit)
}

macro_rules! state {
    (
        $(#[$doc:meta])* $name:ident, $hash:ty, $compress:path,
        [$word:ty; $words:literal], $digest:literal, $block:literal, $initial:expr $(,)?
    ) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub(super) struct $name {
            inner: [$word; $words],
            outer: [$word; $words],
        }

        impl $name {
            fn new(key: &[u8]) -> Self {
                let mut block = [0; $block];
                if key.len() > $block {
                    fill(&mut block, &<$hash>::digest(key));
                } else {
                    fill(&mut block, key);
                }
                let after = |pad: u8| {
                    let mut state: [$word; $words] = $initial;
                    $compress(&mut state, &[block.map(|byte| byte ^ pad)]);
                    state
                };
                Self { inner: after(0x36), outer: after(0x5c) }
            }

            /// The HMAC of a counter, cut to 31 bits (RFC 4226 section 5.3).
            fn value(&self, counter: u64) -> u32 {
                let mut block = last_block::<$block, 8>();
                fill(&mut block, &counter.to_be_bytes());
                let mut digest = self.inner;
                $compress(&mut digest, &[block]);
                let mut block = last_block::<$block, $digest>();
                write(&mut block, digest.map(<$word>::to_be_bytes));
                let mut digest = self.outer;
                $compress(&mut digest, &[block]);
                let mut bytes = [0; $digest];
                write(&mut bytes, digest.map(<$word>::to_be_bytes));
                truncated(&bytes)
            }
        }
    };
}

state!(
    /// FIPS 180-4 sections 5.3.1 and 6.1.
    State1, Sha1, compress1, [u32; 5], 20, 64,
    [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0],
);
state!(
    /// FIPS 180-4 sections 5.3.3 and 6.2.
    State256, Sha256, compress256, [u32; 8], 32, 64,
    [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
        0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ],
);
state!(
    /// FIPS 180-4 sections 5.3.5 and 6.4.
    State512, Sha512, compress512, [u64; 8], 64, 128,
    [
        0x6a09_e667_f3bc_c908, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b,
        0xa54f_f53a_5f1d_36f1, 0x510e_527f_ade6_82d1, 0x9b05_688c_2b3e_6c1f,
        0x1f83_d9ab_fb41_bd6b, 0x5be0_cd19_137e_2179,
    ],
);

/// The last block of a message, after one block of key: room for `LENGTH` bytes, the bit that ends
/// them, and the length of it all in bits (FIPS 180-4 section 5.1).
const fn last_block<const BLOCK: usize, const LENGTH: usize>() -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let [.., high, low] = ((BLOCK + LENGTH) * 8).to_be_bytes();
    // Every length here is one of three known ones, far shorter than a block, so this is checked
    // when the program is built.
    let (_, padding) = block.split_at_mut(LENGTH);
    if let [end, .., above, below] = padding {
        (*end, *above, *below) = (0x80, high, low);
    }
    block
}

fn fill(block: &mut [u8], bytes: &[u8]) {
    for (to, from) in block.iter_mut().zip(bytes) {
        *to = *from;
    }
}

/// The words of a digest, one after the other.
fn write<const WORD: usize, const WORDS: usize>(block: &mut [u8], digest: [[u8; WORD]; WORDS]) {
    fill(block, digest.as_flattened());
}

/// Four bytes of a digest, from where its last half-byte points, without the sign bit.
fn truncated(digest: &[u8]) -> u32 {
    let offset = usize::from(digest.last().map_or(0, |last| last & 0xf));
    let word = digest.get(offset..).and_then(<[u8]>::first_chunk);
    u32::from_be_bytes(*word.unwrap_or(&[0; 4])) & 0x7fff_ffff
}

#[cfg(test)]
mod tests {
    use fixtures::rfc6238;
    use hmac::{Hmac, KeyInit as _, Mac as _};
    use proptest::prelude::*;

    use super::*;

    const ALGORITHMS: [Algorithm; 3] = [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512];

    impl Keyed {
        fn value(&self, step: u64) -> u32 {
            match self {
                Self::Sha1(state) => state.value(step),
                Self::Sha256(state) => state.value(step),
                Self::Sha512(state) => state.value(step),
            }
        }
    }

    fn oracle(algorithm: Algorithm, key: &[u8], digits: u8, skew: u16) -> totp_rs::Totp {
        let algorithm = match algorithm {
            Algorithm::Sha1 => totp_rs::Algorithm::SHA1,
            Algorithm::Sha256 => totp_rs::Algorithm::SHA256,
            Algorithm::Sha512 => totp_rs::Algorithm::SHA512,
        };
        totp_rs::Builder::new()
            .with_algorithm(algorithm)
            .with_secret(key.to_vec())
            .with_digits(digits)
            .with_skew(skew)
            .build_noncompliant()
    }

    /// What another HMAC makes of the same key and counter.
    fn hmac_value(algorithm: Algorithm, key: &[u8], step: u64) -> u32 {
        macro_rules! of {
            ($hash:ty) => {{
                let mac = Hmac::<$hash>::new_from_slice(key).unwrap();
                truncated(&mac.chain_update(step.to_be_bytes()).finalize().into_bytes())
            }};
        }
        match algorithm {
            Algorithm::Sha1 => of!(Sha1),
            Algorithm::Sha256 => of!(Sha256),
            Algorithm::Sha512 => of!(Sha512),
        }
    }

    #[test]
    fn every_row_of_rfc_6238_to_all_its_eight_digits() {
        for row in rfc6238::ROWS {
            let algorithm = match row.algorithm {
                rfc6238::Algorithm::Sha1 => Algorithm::Sha1,
                rfc6238::Algorithm::Sha256 => Algorithm::Sha256,
                rfc6238::Algorithm::Sha512 => Algorithm::Sha512,
            };
            let value = Keyed::new(row.seed, algorithm).value(row.time / rfc6238::PERIOD_SECONDS);
            assert_eq!(format!("{:08}", value % 100_000_000), row.code8, "{row:?}");
        }
    }

    #[test]
    fn keys_around_the_length_of_a_block_are_cut_or_hashed_as_rfc_2104_says() {
        for algorithm in ALGORITHMS {
            for length in [1, 63, 64, 65, 127, 128, 129, 300] {
                let key = vec![0xa5; length];
                let value = Keyed::new(&key, algorithm).value(7);
                assert_eq!(value, hmac_value(algorithm, &key, 7), "{algorithm:?}, {length} bytes");
            }
        }
    }

    #[test]
    fn the_search_ends_at_both_edges_of_the_window_and_of_time() {
        let value = |step: u64| u32::try_from(step % 1_000).unwrap();
        for (code, found) in
            [(97, None), (98, Some(98)), (100, Some(100)), (102, Some(102)), (103, None)]
        {
            assert_eq!(search(value, code, 100, 2), found, "{code}");
        }
        assert_eq!(search(value, 1, 0, 1), Some(1));
        assert_eq!(search(value, 615, u64::MAX, 0), Some(u64::MAX));
        assert_eq!(search(value, 614, u64::MAX, 1), Some(u64::MAX - 1));
    }

    #[test]
    fn a_wrong_code_is_compared_with_every_step_and_a_right_one_with_no_more() {
        let asked = core::cell::RefCell::new(Vec::new());
        let value = |step: u64| {
            asked.borrow_mut().push(step);
            u32::try_from(step).unwrap()
        };
        assert_eq!(search(value, 0, 10, 2), None);
        assert_eq!(asked.take(), [10, 9, 11, 8, 12]);
        assert_eq!(search(value, 9, 10, 2), Some(9));
        assert_eq!(asked.take(), [10, 9]);
    }

    proptest! {
        #[test]
        fn codes_are_those_of_totp_rs_and_of_another_hmac(
            key in proptest::collection::vec(any::<u8>(), 1..150),
            seconds in 0_u64..=253_402_300_799,
        ) {
            for algorithm in ALGORITHMS {
                let value = Keyed::new(&key, algorithm).value(seconds / 30);
                prop_assert_eq!(value, hmac_value(algorithm, &key, seconds / 30));
                for (digits, width) in [(6, 6), (8, 8)] {
                    let code = oracle(algorithm, &key, digits, 0).generate(seconds).to_string();
                    let own = format!("{:0width$}", value % 10_u32.pow(digits.into()));
                    prop_assert_eq!(own, code);
                }
            }
        }

        #[test]
        fn a_code_is_found_exactly_where_totp_rs_finds_it(
            key in proptest::collection::vec(any::<u8>(), 1..80),
            seconds in 0_u64..=253_402_300_799,
            window in 0_u16..=10,
            away in -11_i64..=11,
        ) {
            for algorithm in ALGORITHMS {
                let oracle = oracle(algorithm, &key, 6, window);
                let step = (seconds / 30).saturating_add_signed(away);
                let code = oracle.generate(step * 30).to_string();
                let keyed = Keyed::new(&key, algorithm);
                let found = keyed.find(code.parse().unwrap(), seconds / 30, window.into());
                let expected = oracle.check(&code, seconds);
                // Two steps of a window share a code once in a million; then both are right.
                let is_shared = found != expected
                    && found.is_some_and(|step| oracle.generate(step * 30).to_string() == code);
                prop_assert!(found == expected || is_shared, "{:?} {:?}", found, expected);
                prop_assert_eq!(found.is_some(), expected.is_some());
            }
        }
    }
}
