//! Verifying a TOTP code: the engine's own way, beside the work that it cannot avoid.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot set up its work must stop")]

use std::hint::black_box;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use mfa_engine::policy;
use mfa_engine::totp::{Active, Code, TotpSecret};
use sha1::Sha1;
use sha1::block_api::compress;

const SECRET: &[u8] = fixtures::rfc6238::SHA1_SEED;
const NOW: u64 = 1_790_000_010;
const STEP: u64 = NOW / 30;
/// What the ledger holds: a step long ago, so that no measured code is a replay.
const SPENT: Option<u64> = Some(STEP - 10);

fn main() {
    let mut criterion = benches::criterion();
    let mut group = criterion.benchmark_group("totp_verify");
    // The ruler: a whole window of three steps, two blocks for each, with the key's own two blocks
    // hashed beforehand.
    group.bench_function("six_sha1_compressions", |bencher| {
        let block = [[0x5c; 64]];
        bencher.iter(|| {
            let mut state =
                black_box([0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]);
            for _ in 0..6 {
                compress(&mut state, &block);
            }
            state
        });
    });
    let oracle = totp_rs::Builder::new().with_secret(SECRET.to_vec()).with_skew(1).build().unwrap();
    let code_of = |step: u64| oracle.generate(step * 30).to_string();
    let right = [("previous", STEP - 1), ("current", STEP), ("next", STEP + 1)];
    let settings = policy::Totp::default();
    let now = Timestamp::from_second(NOW.try_into().unwrap()).unwrap();
    let mut device = device();
    for (name, step) in right {
        let code = Code::from(code_of(step).as_str());
        group.bench_function(format!("engine/{name}"), |bencher| {
            bencher.iter(|| {
                device.last_step = SPENT;
                let spent = device.spend(black_box(&code), &settings, now);
                assert_eq!(spent, Ok(step));
            });
        });
    }
    let wrong = code_of(STEP + 1_000);
    let code = Code::from(wrong.as_str());
    group.bench_function("engine/miss", |bencher| {
        bencher.iter(|| assert!(device.spend(black_box(&code), &settings, now).is_err()));
    });
    for (name, step) in right {
        let code = code_of(step);
        group.bench_function(format!("totp_rs_check/{name}"), |bencher| {
            bencher.iter(|| assert_eq!(oracle.check(black_box(&code), NOW), Some(step)));
        });
    }
    group.bench_function("totp_rs_check/miss", |bencher| {
        bencher.iter(|| assert_eq!(oracle.check(black_box(&wrong), NOW), None));
    });
    let keyed = Hmac::<Sha1>::new_from_slice(SECRET).unwrap();
    for (name, step) in right {
        let code: u32 = code_of(step).parse().unwrap();
        group.bench_function(format!("hmac_state_kept/{name}"), |bencher| {
            bencher.iter(|| assert_eq!(check(&keyed, black_box(code)), Some(step)));
        });
    }
    let code: u32 = wrong.parse().unwrap();
    group.bench_function("hmac_state_kept/miss", |bencher| {
        bencher.iter(|| assert_eq!(check(&keyed, black_box(code)), None));
    });
    group.finish();
    criterion.final_summary();
}

fn device() -> Active {
    Active {
        id: "00000000-0000-4000-8000-000000000001".parse().unwrap(),
        secret: TotpSecret::parse(fixtures::rfc6238::SHA1_SEED_BASE32).unwrap(),
        created_at: Timestamp::UNIX_EPOCH,
        verified_at: Timestamp::UNIX_EPOCH,
        last_step: SPENT,
        default: true,
        alias: None,
    }
}

/// The step of a code, with a key that was hashed once: the current step first, then its
/// neighbours.
fn check(keyed: &Hmac<Sha1>, code: u32) -> Option<u64> {
    [STEP, STEP - 1, STEP + 1].into_iter().find(|step| {
        let digest = keyed.clone().chain_update(step.to_be_bytes()).finalize().into_bytes();
        let offset = usize::from(digest.last().copied().unwrap_or(0) & 0xf);
        let word = digest.get(offset..offset + 4).and_then(|word| word.try_into().ok());
        let truncated = u32::from_be_bytes(word.unwrap_or_default()) & 0x7fff_ffff;
        truncated % 1_000_000 == code
    })
}
