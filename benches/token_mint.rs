//! Minting tokens: answers that carry two or three, beside one bare signature.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot set up its work must stop")]

use std::hint::black_box;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use benches::{Service, signing_key, text};
use criterion::BatchSize;
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use mock_server::http::{Method, StatusCode};
use serde_json::{Value, json};

fn main() {
    let mut criterion = benches::criterion();
    let service = Service::start();
    let mut group = criterion.benchmark_group("token_mint");
    group.sample_size(30);

    let token = service.bearer().to_owned();
    let (message, _) = token.rsplit_once('.').unwrap();
    let (_, payload) = message.split_once('.').unwrap();
    let claims: Value =
        serde_json::from_slice(&BASE64URL_NOPAD.decode(payload.as_bytes()).unwrap()).unwrap();

    let key = RsaKeyPair::from_pkcs8(&signing_key()).unwrap();
    let dice = SystemRandom::new();
    let mut signature = vec![0; key.public_modulus_len()];
    group.bench_function("one_signature/aws_lc_rs_kept_key", |bencher| {
        let message = message.as_bytes();
        bencher.iter(|| {
            key.sign(&RSA_PKCS1_SHA256, &dice, black_box(message), &mut signature).unwrap();
        });
    });
    let pem = EncodingKey::from_rsa_pem(fixtures::keys::SIGNING_PEM.as_bytes()).unwrap();
    let header = Header::new(Algorithm::RS256);
    group.bench_function("one_signature/jsonwebtoken_encode", |bencher| {
        bencher.iter(|| jsonwebtoken::encode(&header, black_box(&claims), &pem).unwrap());
    });

    signatures_are_as_many_as_named(&service);
    group.bench_function("two_signatures/refresh", |bencher| {
        let refresh = service.request(Method::POST, "refresh", &Value::Null);
        bencher.iter(|| service.ask(black_box(&refresh), StatusCode::OK));
    });
    group.bench_function("two_signatures/sign_in", |bencher| {
        // A world of its own: so many sign-ins push the session of the others out.
        let service = Service::start();
        bencher.iter_batched(
            || service.sign_in_request(),
            |request| service.ask(&request, StatusCode::OK),
            BatchSize::PerIteration,
        );
    });
    for (name, wish) in [("two_signatures/totp", json!({})), ("three_signatures/totp", scopes())] {
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                || {
                    service.advance(30);
                    service.totp_request(&service.code(), &wish)
                },
                |request| service.ask(&request, StatusCode::OK),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
    criterion.final_summary();
}

fn scopes() -> Value {
    json!({ "requestedScopes": ["credential:link"] })
}

/// The names of the benchmarks say how many signatures an answer carries: this holds them to it.
fn signatures_are_as_many_as_named(service: &Service) {
    let tokens = |answer: &Value| {
        let names = ["jwt", "minifiedJwt", "elevatedAccessToken"];
        names.iter().filter(|name| answer.get(**name).is_some_and(Value::is_string)).count()
    };
    service.advance(30);
    assert_eq!(tokens(&service.json(&service.totp_request(&service.code(), &json!({})))), 2);
    service.advance(30);
    let granted = service.json(&service.totp_request(&service.code(), &scopes()));
    assert_eq!(tokens(&granted), 3);
    let signature = |name: &str| text(&granted, name).rsplit('.').next().map(str::to_owned);
    assert_ne!(signature("jwt"), signature("minifiedJwt"));
    assert_eq!(tokens(&service.json(&service.sign_in_request())), 2);
}
