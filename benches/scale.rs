//! A crowd: what one more user costs in memory, and whether the crowd slows anybody down.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot set up its work must stop")]

use std::fs;
use std::io::Write as _;

use benches::Service;
use criterion::BatchSize;
use mock_server::http::{Method, StatusCode};
use serde_json::{Value, json};

/// Users of the worlds that are compared; the last one is a million.
const CROWDS: [u32; 3] = [1, 1_000, 1_000_000];

fn main() {
    let mut criterion = benches::criterion();
    let is_trial = benches::is_trial();
    let mut group = criterion.benchmark_group("scale");
    // A trial shows that the benchmark still runs; a million users would take its time.
    let crowds = CROWDS.into_iter().filter(|users| !is_trial || *users <= 1_000);
    for users in crowds {
        let before = resident_bytes();
        let service = Service::among(users);
        report_memory(users, before);
        group.bench_function(format!("totp_right_code/{users}"), |bencher| {
            bencher.iter_batched(
                || {
                    service.advance(30);
                    service.totp_request(&service.code(), &json!({}))
                },
                |request| service.ask(&request, StatusCode::OK),
                BatchSize::PerIteration,
            );
        });
        group.bench_function(format!("totp_wrong_code/{users}"), |bencher| {
            bencher.iter_batched(
                || {
                    service.advance(1);
                    let wrong = if service.code().starts_with('9') { "000000" } else { "999999" };
                    service.totp_request(wrong, &json!({}))
                },
                |request| service.ask(&request, StatusCode::UNPROCESSABLE_ENTITY),
                BatchSize::PerIteration,
            );
        });
        let devices = service.request(Method::GET, "users/mfa", &Value::Null);
        group.bench_function(format!("list_devices/{users}"), |bencher| {
            bencher.iter(|| service.ask(&devices, StatusCode::OK));
        });
        group.bench_function(format!("sign_in/{users}"), |bencher| {
            bencher.iter_batched(
                || service.sign_in_request(),
                |request| service.ask(&request, StatusCode::OK),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
    criterion.final_summary();
}

/// Tells the bytes that each user of a big crowd keeps in memory, where the system tells us.
fn report_memory(users: u32, before: Option<u64>) {
    let (Some(before), Some(after)) = (before, resident_bytes()) else { return };
    if users >= 1_000_000 {
        let each = after.saturating_sub(before) / u64::from(users);
        let mut out = std::io::stdout().lock();
        writeln!(out, "scale/memory: {each} bytes for each of {users} users, TOTP device, ten recovery codes and address included").unwrap();
    }
}

/// Memory of this process that is resident, on Linux.
fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1_024)
}
