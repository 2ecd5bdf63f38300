//! Whether the time of a check tells how much of a wrong code is right, in the manner of dudect
//! (Reparaz, Balasch and Verbauwhede, "Dude, is my code constant time?", 2017).
//!
//! Two classes of wrong codes are sent in an order drawn at random: in one the first digit is wrong
//! and the others are those of the current step, in the other the last digit alone is wrong. A
//! comparison that stops at the first wrong digit makes the second class slower. Welch's t tells by
//! how many standard errors the two means differ; beyond 10 dudect's authors call a function leaky,
//! below it nothing is proven, but nothing was seen either.
//!
//! A control in the same run shows that a leak would be seen: the same check with a comparison that
//! does stop early must come out far beyond the threshold.

use std::hint::black_box;
use std::io::Write as _;
use std::time::Instant;

use mfa_engine::policy;
use mfa_engine::totp::Code;
use rand::rngs::ChaCha8Rng;
use rand::{Rng as _, SeedableRng as _};

use super::{STEP, device, now, oracle};

/// Standard errors beyond which a difference counts as a leak; dudect's threshold.
const THRESHOLD: f64 = 10.0;
/// Measurements in all; the error of a mean shrinks with the root of this.
const MEASUREMENTS: usize = 1_000_000;
/// The part of the measurements that is kept, the quickest: beyond lie interrupts and neighbours.
const KEPT_PER_CENT: usize = 90;

pub(super) fn measure(is_trial: bool) {
    let right = oracle().generate(STEP * 30).to_string();
    let classes = [wrong_at(&right, 0), wrong_at(&right, 5)];
    let settings = policy::Totp::default();
    let mut device = device();
    let codes = classes.each_ref().map(|code| Code::from(code.as_str()));
    let engine = welch(is_trial, |class| {
        let code = if class { &codes[1] } else { &codes[0] };
        assert!(device.spend(black_box(code), &settings, now()).is_err());
    });
    let control = welch(is_trial, |class| {
        let code = if class { &classes[1] } else { &classes[0] };
        assert!(!stops_early(black_box(&right), black_box(code)));
    });
    let mut out = std::io::stdout().lock();
    writeln!(out, "totp_verify/timing: |t| = {:.1} between a wrong first and a wrong last digit; a leak from {THRESHOLD}; a comparison that stops early has {:.1}", engine.abs(), control.abs()).unwrap();
    if !is_trial {
        assert!(control.abs() > THRESHOLD, "this run was too noisy to see a leak");
        assert!(engine.abs() < THRESHOLD, "the time of a check tells which digit is wrong");
    }
}

/// The code with one digit changed.
fn wrong_at(code: &str, position: usize) -> String {
    let changed = |(at, digit): (usize, char)| match digit {
        _ if at != position => digit,
        '9' => '0',
        _ => '9',
    };
    code.chars().enumerate().map(changed).collect()
}

/// What a careless programmer writes, kept from being made better by the compiler.
fn stops_early(right: &str, offered: &str) -> bool {
    right
        .bytes()
        .zip(offered.bytes())
        .all(|(right, offered)| black_box(right) == black_box(offered))
}

/// Welch's t of the times of the two classes.
#[expect(clippy::disallowed_methods, reason = "time is what is measured here")]
fn welch(is_trial: bool, mut check: impl FnMut(bool)) -> f64 {
    let count = if is_trial { 1_000 } else { MEASUREMENTS };
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut times: Vec<(u32, bool)> = (0..count)
        .map(|_| {
            let class = rng.next_u32() & 1 == 1;
            let start = Instant::now();
            check(black_box(class));
            (u32::try_from(start.elapsed().as_nanos()).unwrap_or(u32::MAX), class)
        })
        .collect();
    times.sort_unstable_by_key(|(time, _)| *time);
    // One bound for both classes, and nothing that equals it, or the cut itself would take sides.
    let bound = times.get(count * KEPT_PER_CENT / 100).unwrap().0;
    let [first, second] = [false, true].map(|class| {
        let kept = times.iter().filter(|(time, of)| *of == class && *time < bound);
        moments(&kept.map(|(time, _)| f64::from(*time)).collect::<Vec<f64>>())
    });
    (first.mean - second.mean) / (first.error + second.error).sqrt()
}

/// The mean of a sample, and the square of its standard error.
struct Moments {
    mean: f64,
    error: f64,
}

fn moments(times: &[f64]) -> Moments {
    let count = f64::from(u32::try_from(times.len()).unwrap());
    let mean = times.iter().sum::<f64>() / count;
    let variance = times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (count - 1.0);
    Moments { mean, error: variance / count }
}
