//! What an answer takes beyond its signatures: both measured in turn, so that a machine that slows
//! down slows both.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::Write as _;
use std::time::{Duration, Instant};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use benches::{figure, signing_key};

use super::Case;

/// Rounds of which the medians are told.
const ROUNDS: usize = 2_000;
/// Bytes of a message that is signed, as long as that of a session's JWT.
const MESSAGE: [u8; 1_000] = [b'x'; 1_000];

pub(super) fn tell(cases: &[Case<'_>], is_trial: bool) {
    let key = RsaKeyPair::from_pkcs8(&signing_key()).unwrap();
    let dice = SystemRandom::new();
    let mut signature = vec![0; key.public_modulus_len()];
    let mut out = std::io::stdout().lock();
    let mut dearest = BTreeMap::new();
    for case in cases {
        let rounds = if is_trial { 3 } else { ROUNDS };
        let (mut answers, mut signing) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let request = (case.request)();
            answers.push(timed(|| {
                black_box(case.service.ask(&request, case.status));
            }));
            signing.push(timed(|| {
                for _ in 0..case.signatures {
                    let message = black_box(&MESSAGE[..]);
                    key.sign(&RSA_PKCS1_SHA256, &dice, message, &mut signature).unwrap();
                }
            }));
        }
        let [answer, signing] = [answers, signing].map(|times| micros(median(times)));
        let (name, count, beyond) = (case.name, case.signatures, answer - signing);
        writeln!(
            out,
            "answer/{name}: {beyond:.1} us beyond its {count} signatures, {answer:.1} us in all"
        )
        .unwrap();
        if count > 0 {
            figure::tell(&format!("answer/{name}"), answer, "us").unwrap();
            figure::tell(&format!("answer/{name}_signatures"), signing, "us").unwrap();
        }
        let kind = if count == 0 { "plain" } else { "signing" };
        let known: &mut f64 = dearest.entry(kind).or_default();
        *known = known.max(beyond);
    }
    for (kind, beyond) in dearest {
        figure::tell(&format!("answer/dearest_{kind}"), beyond, "us").unwrap();
    }
}

#[expect(clippy::disallowed_methods, reason = "time is what is measured here")]
fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
