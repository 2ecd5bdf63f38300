//! Verifying a TOTP code: the engine's own way, beside the work that it cannot avoid.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot set up its work must stop")]

use std::hint::black_box;

use criterion::BenchmarkGroup;
use criterion::measurement::WallTime;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use mfa_engine::policy::{self, Algorithm};
use mfa_engine::totp::{Active, Code, TotpSecret};
use sha1::Sha1;
use sha1::block_api::compress;
use sha2::block_api::{compress256, compress512};

#[path = "totp_verify/crowd.rs"]
mod crowd;
#[path = "totp_verify/timing.rs"]
mod timing;

const SECRET: &[u8] = fixtures::rfc6238::SHA1_SEED;
const NOW: u64 = 1_790_000_010;
const STEP: u64 = NOW / 30;
/// What the ledger holds: a step long ago, so that no measured code is a replay.
const SPENT: Option<u64> = Some(STEP - 10);
/// The codes that are right, by where their step lies.
const RIGHT: [(&str, u64); 3] = [("current", STEP), ("previous", STEP - 1), ("next", STEP + 1)];

fn main() {
    let mut criterion = benches::criterion();
    let mut group = criterion.benchmark_group("totp_verify");
    rulers(&mut group);
    for (name, algorithm) in
        [("sha1", Algorithm::Sha1), ("sha256", Algorithm::Sha256), ("sha512", Algorithm::Sha512)]
    {
        engine(&mut group, name, algorithm);
    }
    totp_rs(&mut group);
    hmac_kept(&mut group);
    crowd::measure(&mut group, benches::is_trial());
    group.finish();
    criterion.final_summary();
    timing::measure(benches::is_trial());
}

/// A whole window of three steps, two blocks for each, with the key's own two blocks hashed
/// beforehand: what a wrong code costs at least.
fn rulers(group: &mut BenchmarkGroup<'_, WallTime>) {
    group.bench_function("six_compressions/sha1", |bencher| {
        bencher.iter(|| six(black_box([0x6745_2301; 5])));
    });
    group.bench_function("six_compressions/sha256", |bencher| {
        bencher.iter(|| in_a_chain(black_box([0x6745_2301; 8]), &[[0x5c; 64]], compress256));
    });
    group.bench_function("six_compressions/sha512", |bencher| {
        bencher.iter(|| in_a_chain(black_box([0x6745_2301; 8]), &[[0x5c; 128]], compress512));
    });
}

/// Six compressions of SHA-1.
fn six(state: [u32; 5]) -> [u32; 5] {
    in_a_chain(state, &[[0x5c; 64]], compress)
}

fn in_a_chain<S, B>(mut state: S, blocks: &[B], compress: fn(&mut S, &[B])) -> S {
    for _ in 0..6 {
        compress(&mut state, blocks);
    }
    state
}

/// The engine's check, its ledger of spent steps asked and written.
fn engine(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, algorithm: Algorithm) {
    let settings = policy::Totp { algorithm, ..policy::Totp::default() };
    let now = now();
    let mut device = device();
    for (place, step) in RIGHT {
        let code = code_at(&device, &settings, step);
        group.bench_function(format!("engine/{name}/{place}"), |bencher| {
            bencher.iter(|| {
                device.last_step = SPENT;
                assert_eq!(device.spend(black_box(&code), &settings, now), Ok(step));
            });
        });
    }
    let code = code_at(&device, &settings, STEP + 1_000);
    group.bench_function(format!("engine/{name}/miss"), |bencher| {
        bencher.iter(|| assert!(device.spend(black_box(&code), &settings, now).is_err()));
    });
}

fn totp_rs(group: &mut BenchmarkGroup<'_, WallTime>) {
    let oracle = oracle();
    for (place, step) in RIGHT {
        let code = oracle.generate(step * 30).to_string();
        group.bench_function(format!("totp_rs_check/{place}"), |bencher| {
            bencher.iter(|| assert_eq!(oracle.check(black_box(&code), NOW), Some(step)));
        });
    }
    let wrong = oracle.generate((STEP + 1_000) * 30).to_string();
    group.bench_function("totp_rs_check/miss", |bencher| {
        bencher.iter(|| assert_eq!(oracle.check(black_box(&wrong), NOW), None));
    });
}

/// The `hmac` package with its keyed state kept, and nothing around it.
fn hmac_kept(group: &mut BenchmarkGroup<'_, WallTime>) {
    let oracle = oracle();
    let keyed = Hmac::<Sha1>::new_from_slice(SECRET).unwrap();
    for (place, step) in RIGHT {
        let code: u32 = oracle.generate(step * 30).to_string().parse().unwrap();
        group.bench_function(format!("hmac_state_kept/{place}"), |bencher| {
            bencher.iter(|| assert_eq!(check(&keyed, black_box(code)), Some(step)));
        });
    }
    let code: u32 = oracle.generate((STEP + 1_000) * 30).to_string().parse().unwrap();
    group.bench_function("hmac_state_kept/miss", |bencher| {
        bencher.iter(|| assert_eq!(check(&keyed, black_box(code)), None));
    });
}

/// The step of a code, the current one first, then its neighbours.
fn check(keyed: &Hmac<Sha1>, code: u32) -> Option<u64> {
    [STEP, STEP - 1, STEP + 1].into_iter().find(|step| {
        let digest = keyed.clone().chain_update(step.to_be_bytes()).finalize().into_bytes();
        let offset = usize::from(digest.last().copied().unwrap_or(0) & 0xf);
        let word = digest.get(offset..offset + 4).and_then(|word| word.try_into().ok());
        let truncated = u32::from_be_bytes(word.unwrap_or_default()) & 0x7fff_ffff;
        truncated % 1_000_000 == code
    })
}

fn oracle() -> totp_rs::Totp {
    totp_rs::Builder::new().with_secret(SECRET.to_vec()).with_skew(1).build().unwrap()
}

fn now() -> Timestamp {
    Timestamp::from_second(NOW.try_into().unwrap()).unwrap()
}

fn code_at(device: &Active, settings: &policy::Totp, step: u64) -> Code {
    let at = Timestamp::from_second((step * 30).try_into().unwrap()).unwrap();
    Code::from(device.secret.code_at(settings, at).as_str())
}

fn device() -> Active {
    Active {
        id: "00000000-0000-4000-8000-000000000001".parse().unwrap(),
        secret: TotpSecret::parse(fixtures::rfc6238::SHA1_SEED_BASE32).unwrap(),
        created_at: Timestamp::UNIX_EPOCH.into(),
        verified_at: Timestamp::UNIX_EPOCH.into(),
        last_step: SPENT,
        default: true,
    }
}
