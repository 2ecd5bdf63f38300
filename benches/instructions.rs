//! One hot path, so many times, for `valgrind --tool=callgrind` to count its instructions.
//!
//! `cargo xtask instructions` calls it twice with different numbers; the difference leaves the
//! set-up out. Counts guard against regressions; they are no times, for valgrind knows neither
//! SHA-NI nor AVX-512.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a measurement that cannot be set up must stop"
)]

use benches::Service;
use mock_server::http::{Method, StatusCode};
use serde_json::{Value, json};

fn main() {
    let mut words = std::env::args().skip(1);
    let (Some(path), Some(count)) = (words.next(), words.next()) else {
        panic!("usage: instructions totp_verify|token_check|token_mint COUNT");
    };
    let count: u32 = count.parse().unwrap();
    let service = Service::start();
    match path.as_str() {
        // A wrong code costs the whole window and no signature.
        "totp_verify" => {
            let wrong = if service.code().starts_with('9') { "000000" } else { "999999" };
            let request = service.totp_request(wrong, &Value::Null);
            for _ in 0..count {
                service.advance(1);
                service.ask(&request, StatusCode::UNPROCESSABLE_ENTITY);
            }
        }
        "token_check" => {
            let request = service.request(Method::GET, "users/mfa", &Value::Null);
            for _ in 0..count {
                service.ask(&request, StatusCode::OK);
            }
        }
        "token_mint" => {
            let request = service.request(Method::POST, "refresh", &json!({}));
            for _ in 0..count {
                service.ask(&request, StatusCode::OK);
            }
        }
        other => panic!("no hot path is called {other}"),
    }
}
