//! Checking a bearer token: the service's whole check, beside the bare signature.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot set up its work must stop")]

use std::hint::black_box;

use aws_lc_rs::signature::{KeyPair, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair};
use benches::{Service, signing_key};
use criterion::BenchmarkGroup;
use criterion::measurement::WallTime;
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use mock_server::http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::Value;

#[path = "token_check/crowd.rs"]
mod crowd;
#[path = "token_check/elevated.rs"]
mod elevated;

use crowd::Signer;

/// The claims that a server of an app reads.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
}

fn main() {
    let mut criterion = benches::criterion();
    let mut group = criterion.benchmark_group("token_check");
    let service = Service::start();
    rulers(&mut group, service.bearer());
    cold(&mut group);
    for live in [1, 1_000, 100_000] {
        crowd::seen(&mut group, live, benches::is_trial());
    }
    refused(&mut group);
    elevated::measure(&mut group);
    answers(&mut group, &service);
    group.finish();
    criterion.final_summary();
}

fn rulers(group: &mut BenchmarkGroup<'_, WallTime>, token: &str) {
    let (message, signature) = token.rsplit_once('.').unwrap();
    let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
    let key = RsaKeyPair::from_pkcs8(&signing_key()).unwrap();
    let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref()).unwrap();
    group.bench_function("aws_lc_rs_verify_parsed_key", |bencher| {
        bencher.iter(|| key.verify_sig(black_box(message.as_bytes()), &signature).unwrap());
    });
    let key = DecodingKey::from_rsa_pem(fixtures::keys::SIGNING_PUBLIC_PEM.as_bytes()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    // The world's clock stands still somewhere; the library would ask the system's.
    validation.validate_exp = false;
    validation.validate_aud = false;
    group.bench_function("jsonwebtoken_decode", |bencher| {
        bencher.iter(|| {
            let claims = jsonwebtoken::decode::<Claims>(black_box(token), &key, &validation);
            let claims = claims.unwrap().claims;
            assert!(claims.exp > 0 && !claims.sub.is_empty());
        });
    });
}

/// A token that was not seen: two of them in turn before a service that remembers one.
fn cold(group: &mut BenchmarkGroup<'_, WallTime>) {
    let service = Service::with(1, 1);
    let signer = Signer::new();
    let tokens = [1, 2].map(|number| signer.another(service.bearer(), number));
    let mut in_turn = tokens.iter().cycle();
    group.bench_function("cold", |bencher| {
        bencher.iter(|| service.judge(black_box(in_turn.next().unwrap())).unwrap());
    });
}

/// Tokens that are refused: two that were good when they were seen, and one that never was.
fn refused(group: &mut BenchmarkGroup<'_, WallTime>) {
    for (name, rule) in [("expired", "J15"), ("revoked", "J15"), ("forged", "J1")] {
        let service = Service::start();
        let mut token = service.bearer().to_owned();
        service.judge(&token).unwrap();
        match name {
            "expired" => service.advance(31 * 86_400),
            "revoked" => {
                let revoke = service.request(Method::POST, "revoke", &Value::Null);
                service.ask(&revoke, StatusCode::NO_CONTENT);
            }
            _ => {
                let (claims, signature) = token.rsplit_once('.').unwrap();
                let first = if signature.starts_with('A') { 'B' } else { 'A' };
                token = format!("{claims}.{first}{}", signature.get(1..).unwrap());
            }
        }
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let refusal = service.judge(black_box(&token)).unwrap_err();
                assert_eq!(refusal.rule, rule);
            });
        });
    }
}

/// What a call costs without a token and with one, path, journal and body included.
fn answers(group: &mut BenchmarkGroup<'_, WallTime>, service: &Service) {
    for (name, path) in [("without_a_token", "healthcheck"), ("with_a_token", "users/mfa")] {
        let request = service.request(Method::GET, path, &Value::Null);
        group.bench_function(format!("answer_{name}"), |bencher| {
            bencher.iter(|| service.ask(black_box(&request), StatusCode::OK));
        });
    }
}
