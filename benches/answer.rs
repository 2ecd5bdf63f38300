//! Answering a request without a socket: one benchmark for each kind of operation.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot set up its work must stop")]

use std::hint::black_box;

use benches::{Service, text};
use criterion::BatchSize;
use mock_server::http::{Method, StatusCode};
use serde_json::{Value, json};

fn main() {
    let mut criterion = benches::criterion();
    let service = Service::start();
    let mut group = criterion.benchmark_group("answer");

    let check = json!({ "scope": "credential:link" });
    let plain = [
        ("healthcheck", service.request(Method::GET, "healthcheck", &Value::Null)),
        ("settings", service.request(Method::GET, "settings", &Value::Null)),
        ("nonces", service.request(Method::GET, "nonces?count=5", &Value::Null)),
        ("list_devices", service.request(Method::GET, "users/mfa", &Value::Null)),
        ("read_user", service.request(Method::GET, "users", &Value::Null)),
        ("step_up_check", service.request(Method::POST, "stepUp/check", &check)),
    ];
    for (name, request) in &plain {
        group.bench_function(*name, |bencher| {
            bencher.iter(|| service.ask(black_box(request), StatusCode::OK));
        });
    }
    group.bench_function("totp_wrong_code", |bencher| {
        bencher.iter_batched(
            || {
                // By then the wrong code of before is forgotten.
                service.advance(1);
                let right = service.code();
                let wrong = if right.starts_with('9') { "000000" } else { "999999" };
                service.totp_request(wrong, &json!({}))
            },
            |request| service.ask(&request, StatusCode::UNPROCESSABLE_ENTITY),
            BatchSize::PerIteration,
        );
    });
    group.bench_function("totp_right_code", |bencher| {
        bencher.iter_batched(
            || {
                service.advance(30);
                service.totp_request(&service.code(), &json!({}))
            },
            |request| service.ask(&request, StatusCode::OK),
            BatchSize::PerIteration,
        );
    });
    group.bench_function("register_and_delete", |bencher| {
        // A world of its own: this takes the confirmed device away, and needs an elevated token
        // that no moving clock has outrun.
        let service = Service::start();
        let register = service.request(Method::GET, "users/mfa/register/totp", &Value::Null);
        remove_device(&service);
        bencher.iter(|| {
            let registered = service.json(black_box(&register));
            let path = format!("users/mfa/{}", text(&registered, "id"));
            let delete = service.request(Method::DELETE, &path, &Value::Null);
            service.ask(&delete, StatusCode::NO_CONTENT)
        });
    });
    group.finish();
    criterion.final_summary();
}

fn remove_device(service: &Service) {
    let listed = service.json(&service.request(Method::GET, "users/mfa", &Value::Null));
    for device in listed.get("devices").and_then(Value::as_array).unwrap() {
        let path = format!("users/mfa/{}", text(device, "id"));
        let delete = service.request(Method::DELETE, &path, &Value::Null);
        service.ask(&delete, StatusCode::NO_CONTENT);
    }
}
