//! Checking a bearer token: the service's whole check, beside the bare signature.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot set up its work must stop")]

use std::hint::black_box;

use aws_lc_rs::signature::{KeyPair, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair};
use benches::{Service, signing_key};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use mock_server::http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::Value;

/// The claims that a server of an app reads.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
}

fn main() {
    let mut criterion = benches::criterion();
    let service = Service::start();
    let mut group = criterion.benchmark_group("token_check");

    // Everything that a call costs without a token ...
    let healthcheck = service.request(Method::GET, "healthcheck", &Value::Null);
    group.bench_function("answer_without_a_token", |bencher| {
        bencher.iter(|| service.ask(black_box(&healthcheck), StatusCode::OK));
    });
    // ... and with one: the difference is the check, the session's state included.
    let devices = service.request(Method::GET, "users/mfa", &Value::Null);
    group.bench_function("answer_with_a_token", |bencher| {
        bencher.iter(|| service.ask(black_box(&devices), StatusCode::OK));
    });

    let token = service.bearer().to_owned();
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
            let claims = jsonwebtoken::decode::<Claims>(black_box(&token), &key, &validation);
            let claims = claims.unwrap().claims;
            assert!(claims.exp > 0 && !claims.sub.is_empty());
        });
    });
    group.finish();
    criterion.final_summary();
}
