//! A check of a TOTP code allocates nothing: no request may buy memory with a guess.
//!
//! A program of its own, because counting replaces the allocator of the whole program.
#![cfg(test)]

use jiff::Timestamp;
use mfa_engine::Refusal;
use mfa_engine::policy::{Algorithm, Totp};
use mfa_engine::totp::{Active, Code, TotpSecret};

const NOW: i64 = 1_790_000_010;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

fn device() -> Active {
    Active {
        id: "00000000-0000-4000-8000-000000000001".parse().unwrap(),
        secret: TotpSecret::parse("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap(),
        created_at: at(0).into(),
        verified_at: at(0).into(),
        last_step: None,
        default: true,
    }
}

/// The result of a check, and how often it allocated.
fn counted(device: &mut Active, code: &Code, settings: &Totp) -> (Result<u64, Refusal>, u64) {
    let mut result = None;
    let info = allocation_counter::measure(|| result = Some(device.spend(code, settings, at(NOW))));
    (result.unwrap(), info.count_total)
}

#[test]
fn hits_misses_and_replays_allocate_nothing_under_any_algorithm() {
    for algorithm in [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512] {
        let settings = Totp { algorithm, ..Totp::default() };
        let mut device = device();
        let code = |seconds| Code::from(device.secret.code_at(&settings, at(seconds)).as_str());
        let steps = [-30, 0, 30].map(|away| code(NOW + away));
        let wrong = code(NOW + 3_000);
        // The first check keys the secret; the larger states have a box of their own then.
        let keying = u64::from(algorithm != Algorithm::Sha1);
        assert_eq!(counted(&mut device, &wrong, &settings).1, keying, "{algorithm:?}");
        for (step, code) in (NOW / 30 - 1..).zip(&steps) {
            let step = u64::try_from(step).unwrap();
            assert_eq!(counted(&mut device, code, &settings), (Ok(step), 0), "{algorithm:?}");
            let replayed = (Err(Refusal::ReplayedTotpCode), 0);
            assert_eq!(counted(&mut device, code, &settings), replayed, "{algorithm:?}");
        }
        for code in [&wrong, &Code::Other] {
            let missed = (Err(Refusal::WrongTotpCode), 0);
            assert_eq!(counted(&mut device, code, &settings), missed, "{algorithm:?}");
        }
    }
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocation_counter::measure(|| drop(vec![0; 20])).count_total, 1);
}
