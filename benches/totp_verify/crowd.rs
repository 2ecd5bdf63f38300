//! One check among a million devices, each time another one: what memory adds to the arithmetic.

use std::hint::black_box;

use criterion::BenchmarkGroup;
use criterion::measurement::WallTime;
use mfa_engine::policy;
use mfa_engine::totp::{Active, Code, TotpSecret};
use rand::SeedableRng as _;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom as _;

use super::{SPENT, STEP, code_at, device, now, six};

pub(super) fn measure(group: &mut BenchmarkGroup<'_, WallTime>, is_trial: bool) {
    // The name tells the size of a run that measures; a trial only shows that this still runs.
    let count = if is_trial { 100 } else { 1_000_000 };
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let settings = policy::Totp::default();
    let mut devices: Vec<Active> =
        (0..count).map(|_| Active { secret: secret(&mut rng), ..device() }).collect();
    for (place, step) in [("current", STEP), ("miss", STEP + 1_000)] {
        // Every device once, in an order that no prefetcher guesses; codes lie in that order.
        let mut order: Vec<usize> = (0..devices.len()).collect();
        order.shuffle(&mut rng);
        let hit = (step == STEP).then_some(step);
        let code = |at: usize| {
            let device = devices.get(at)?;
            let code = code_at(device, &settings, step);
            // Among a million some code is right by chance.
            let is_fit = device.secret.step_of(&code, &settings, now()) == hit;
            is_fit.then_some((at, code))
        };
        let plan: Vec<(usize, Code)> = order.into_iter().filter_map(code).collect();
        // A device that was used before has its key hashed.
        for device in &mut devices {
            device.spend(&Code::Other, &settings, now()).unwrap_err();
        }
        let mut checks = plan.iter().cycle();
        group.bench_function(format!("engine_among_1000000/sha1/{place}"), |bencher| {
            bencher.iter(|| {
                let device =
                    checks.next().and_then(|(at, code)| Some((devices.get_mut(*at)?, code)));
                let (device, code) = device.unwrap();
                device.last_step = SPENT;
                let spent = device.spend(black_box(code), &settings, now());
                assert_eq!(spent.ok(), hit);
            });
        });
    }
    let mut order: Vec<usize> = (0..devices.len()).collect();
    order.shuffle(&mut rng);
    let mut looks = order.iter().cycle();
    // The ruler with the same memory: it starts with a word of another device each time.
    group.bench_function("six_compressions_among_1000000/sha1", |bencher| {
        bencher.iter(|| {
            let device = looks.next().and_then(|at| devices.get(*at)).unwrap();
            let word = device.last_step.map_or(0, |step| step as u32);
            six(black_box([word; 5]))
        });
    });
}

fn secret(rng: &mut ChaCha8Rng) -> TotpSecret {
    TotpSecret::draw(20, rng)
}
