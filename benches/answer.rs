//! Answering a request without a socket: one benchmark for each kind of operation, and what it takes
//! beyond the cryptography that it must do.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot set up its work must stop")]

use benches::{Service, text};
use criterion::BatchSize;
use mock_server::bytes::Bytes;
use mock_server::http::{Method, Request, StatusCode};
use serde_json::{Value, json};

#[path = "answer/beyond.rs"]
mod beyond;

/// One kind of operation: how to ask for it, and what is answered.
struct Case<'service> {
    name: &'static str,
    service: &'service Service,
    /// Signatures that the answer carries.
    signatures: usize,
    status: StatusCode,
    request: Box<dyn Fn() -> Request<Bytes> + 'service>,
}

fn main() {
    let mut criterion = benches::criterion();
    let services = [(); 3].map(|()| Service::start());
    let cases = cases(&services);
    let mut group = criterion.benchmark_group("answer");
    for case in &cases {
        group.bench_function(case.name, |bencher| {
            bencher.iter_batched(
                &case.request,
                |request| case.service.ask(&request, case.status),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
    criterion.final_summary();
    beyond::tell(&cases, benches::is_trial());
}

fn cases([service, removing, arriving]: &[Service; 3]) -> Vec<Case<'_>> {
    remove_device(removing);
    let reads = [
        ("healthcheck", Method::GET, "healthcheck", Value::Null),
        ("settings", Method::GET, "settings", Value::Null),
        ("nonces", Method::GET, "nonces?count=5", Value::Null),
        ("check_session", Method::GET, "session", Value::Null),
        ("list_devices", Method::GET, "users/mfa", Value::Null),
        ("list_methods", Method::GET, "users/mfa/methods", Value::Null),
        ("read_user", Method::GET, "users", Value::Null),
        ("recovery_codes", Method::GET, "users/mfa/recovery", Value::Null),
        ("step_up_check", Method::POST, "stepUp/check", json!({ "scope": "credential:link" })),
    ];
    let mut cases: Vec<Case<'_>> = reads
        .into_iter()
        .map(|(name, method, path, body)| {
            let request = service.request(method, path, &body);
            let status = match name {
                "check_session" => StatusCode::NO_CONTENT,
                _ => StatusCode::OK,
            };
            let request = Box::new(move || request.clone());
            Case { name, service, signatures: 0, status, request }
        })
        .collect();
    let mut add = |name, service, signatures, status, request| {
        cases.push(Case { name, service, signatures, status, request });
    };
    let wrong_code = Box::new(|| {
        // By then the wrong code of before is forgotten.
        service.advance(1);
        let wrong = if service.code().starts_with('9') { "000000" } else { "999999" };
        service.totp_request(wrong, &json!({}))
    });
    add("totp_wrong_code", service, 0, StatusCode::UNPROCESSABLE_ENTITY, wrong_code);
    let right_code = |wish: Value| {
        Box::new(move || {
            service.advance(30);
            service.totp_request(&service.code(), &wish)
        })
    };
    add("totp_right_code", service, 2, StatusCode::OK, right_code(json!({})));
    let scopes = json!({ "requestedScopes": ["credential:link"] });
    add("totp_with_scopes", service, 3, StatusCode::OK, right_code(scopes));
    let refresh = service.request(Method::POST, "refresh", &Value::Null);
    add("refresh", service, 2, StatusCode::OK, Box::new(move || refresh.clone()));
    // A world of its own: this needs a user without a confirmed device, and an elevated token that
    // no moving clock has outrun.
    let register = removing.request(Method::GET, "users/mfa/register/totp", &Value::Null);
    let request = register.clone();
    add("register_totp", removing, 0, StatusCode::OK, Box::new(move || request.clone()));
    let delete = Box::new(move || {
        let path = format!("users/mfa/{}", text(&removing.json(&register), "id"));
        removing.request(Method::DELETE, &path, &Value::Null)
    });
    add("delete_device", removing, 0, StatusCode::NO_CONTENT, delete);
    // Another one again: so many sign-ins push the session of the others out.
    add("sign_in", arriving, 2, StatusCode::OK, Box::new(|| arriving.sign_in_request()));
    cases
}

fn remove_device(service: &Service) {
    let listed = service.json(&service.request(Method::GET, "users/mfa", &Value::Null));
    for device in listed.get("devices").and_then(Value::as_array).unwrap() {
        let path = format!("users/mfa/{}", text(device, "id"));
        let delete = service.request(Method::DELETE, &path, &Value::Null);
        service.ask(&delete, StatusCode::NO_CONTENT);
    }
}
