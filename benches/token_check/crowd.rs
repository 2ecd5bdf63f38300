//! Tokens that were seen before, among so many that are live.

use std::hint::black_box;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use benches::{Service, signing_key};
use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup};
use data_encoding::BASE64URL_NOPAD;
use rand::SeedableRng as _;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom as _;
use serde_json::{Value, json};

/// Sessions that the tokens belong to: each refresh of a session leaves one more live token.
const SESSIONS_MAX: usize = 1_000;

pub(super) fn seen(group: &mut BenchmarkGroup<'_, WallTime>, live: usize, is_trial: bool) {
    let count = if is_trial { live.min(20) } else { live };
    let sessions = count.min(SESSIONS_MAX);
    let service = Service::with(u32::try_from(sessions).unwrap(), live);
    let signer = Signer::new();
    let bearers: Vec<String> = (0..sessions)
        .map(|number| match number {
            0 => service.bearer().to_owned(),
            number => service.bearer_of(&format!("user{number}@example.com")),
        })
        .collect();
    let more = bearers.iter().cycle().zip(sessions..count);
    let more: Vec<String> = more.map(|(bearer, number)| signer.another(bearer, number)).collect();
    let mut tokens: Vec<String> = bearers.into_iter().chain(more).collect();
    assert_eq!(tokens.len(), count);
    for token in &tokens {
        service.judge(token).unwrap();
    }
    tokens.shuffle(&mut ChaCha8Rng::seed_from_u64(7));
    let mut in_turn = tokens.iter().cycle();
    group.bench_function(format!("seen/{live}_live"), |bencher| {
        // A token comes fresh from a socket; copies in small numbers are as fresh.
        bencher.iter_batched_ref(
            || in_turn.next().unwrap().clone(),
            |token| service.judge(black_box(token)).unwrap(),
            BatchSize::NumIterations(64),
        );
    });
}

/// Signs with the published key, as anybody can.
pub(super) struct Signer {
    key: RsaKeyPair,
    dice: SystemRandom,
}

impl Signer {
    pub(super) fn new() -> Self {
        Self { key: RsaKeyPair::from_pkcs8(&signing_key()).unwrap(), dice: SystemRandom::new() }
    }

    /// Another token of the same session, under the same header.
    pub(super) fn another(&self, token: &str, number: usize) -> String {
        let mut parts = token.split('.');
        let header = parts.next().unwrap();
        let payload = BASE64URL_NOPAD.decode(parts.next().unwrap().as_bytes()).unwrap();
        let mut claims: Value = serde_json::from_slice(&payload).unwrap();
        claims.as_object_mut().unwrap().insert("number".to_owned(), json!(number));
        let payload = BASE64URL_NOPAD.encode(claims.to_string().as_bytes());
        let message = format!("{header}.{payload}");
        let mut signature = vec![0; self.key.public_modulus_len()];
        let signed =
            self.key.sign(&RSA_PKCS1_SHA256, &self.dice, message.as_bytes(), &mut signature);
        signed.unwrap();
        format!("{message}.{}", BASE64URL_NOPAD.encode(&signature))
    }
}
