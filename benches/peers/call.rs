//! A call that is measured: how many requests, what they cost, and what the answer carries.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use benches::load::{self, Connection};
use benches::program::Program;
use benches::{figure, is_trial};
use serde_json::Value;

use super::signature;

/// The calls, in the order in which each server has them.
pub(super) const NAMES: [&str; 3] = ["token", "read", "keys"];
/// Connections that ask at once.
const CONNECTIONS: usize = 8;
/// How long a round shall take; the count of requests follows from the warm-up.
const ROUND_SECONDS: f64 = 3.0;
/// Requests of the first batch of the warm-up; each is twice the one before until one is long.
const FIRST_BATCH: u64 = 250;
/// A batch that takes so long tells how many requests a second there are.
const LONG: Duration = Duration::from_secs(1);
/// How long the warm-up takes at least, where no limit ends it.
const WARM_UP: Duration = Duration::from_secs(3);

/// A call, and what was measured of it.
pub(super) struct Call {
    /// The requests that the connections take turns with.
    requests: Vec<Vec<u8>>,
    /// How many of them the server answers at a time.
    limit: Option<Limit>,
    /// When the server began to count.
    counted_since: Option<Instant>,
    /// Requests of a round.
    count: u64,
    cpu: Vec<f64>,
    rate: Vec<f64>,
    body: String,
}

/// So many requests are answered in that time, and others refused.
#[derive(Clone, Copy)]
pub(super) struct Limit {
    pub(super) requests: u64,
    pub(super) every: Duration,
}

/// A GET with a bearer, or without one.
pub(super) fn get(path: &str, bearer: Option<&str>) -> Vec<u8> {
    spoken("GET", path, bearer, "application/json", "")
}

/// A request with a body, and a bearer where one is needed.
pub(super) fn spoken(
    method: &str,
    path: &str,
    bearer: Option<&str>,
    kind: &str,
    body: &str,
) -> Vec<u8> {
    let shown = bearer.map(|token| format!("authorization: Bearer {token}\r\n"));
    let (shown, length) = (shown.unwrap_or_default(), body.len());
    let head = format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{shown}");
    format!("{head}content-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

/// Asks once, and reads the JSON of a good answer; for preparations.
pub(super) fn asked(address: SocketAddr, request: &[u8]) -> Value {
    let (status, body) = Connection::open(address).exchange_text(request);
    assert!((200..300).contains(&status), "a preparation was answered with {status}: {body}");
    serde_json::from_str(&body).unwrap_or(Value::Null)
}

impl Call {
    /// Requests that the connections take turns with; each must be answered with 200 every time.
    pub(super) fn of(requests: Vec<Vec<u8>>) -> Self {
        Self {
            requests,
            limit: None,
            counted_since: None,
            count: 0,
            cpu: Vec::new(),
            rate: Vec::new(),
            body: String::new(),
        }
    }

    /// The same for a server that refuses more than so many.
    pub(super) fn limited(self, limit: Limit) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// Looks at one answer, warms the server up, and finds out how many requests a round takes.
    #[expect(clippy::disallowed_methods, reason = "how long a warm-up takes decides its end")]
    pub(super) fn warm_up(&mut self, program: &Program) {
        let address = program.address();
        let first = self.requests.first().map(Vec::as_slice).unwrap_or_default();
        self.body = Connection::open(address).exchange_text(first).1;
        let begun = Instant::now();
        self.counted_since = Some(begun);
        let most = self.limit.map_or(u64::MAX, |limit| limit.requests);
        let (mut done, mut batch, mut a_second) = (0, FIRST_BATCH, 0.0);
        while done < most && !is_trial() {
            batch = batch.min(most - done);
            let taken = self.send(address, batch);
            done += batch;
            a_second = f64::from(u32::try_from(batch).unwrap()) / taken.as_secs_f64();
            if taken < LONG {
                batch *= 2;
            } else if begun.elapsed() > WARM_UP {
                break;
            }
        }
        self.count = if is_trial() { 100 } else { whole(a_second * ROUND_SECONDS).min(most) };
    }

    /// One round: the processor's time of the server, and the requests a second.
    #[expect(clippy::disallowed_methods, reason = "a limit of a minute is waited for")]
    pub(super) fn measure(&mut self, program: &Program) {
        if let (Some(limit), Some(since)) = (self.limit, self.counted_since) {
            thread::sleep(limit.every.saturating_sub(since.elapsed()));
            self.counted_since = Some(Instant::now());
        }
        let before = cpu(program);
        let taken = self.send(program.address(), self.count).as_secs_f64();
        let count = f64::from(u32::try_from(self.count).unwrap());
        self.cpu.push((cpu(program) - before) * 1e6 / count);
        self.rate.push(count / taken);
    }

    fn send(&self, address: SocketAddr, count: u64) -> Duration {
        let requests: Vec<&[u8]> = self.requests.iter().map(Vec::as_slice).collect();
        load::in_turn(address, CONNECTIONS, &requests, 200, count)
    }

    /// Tells the medians of the rounds and what the answer carries.
    pub(super) fn tell(&self, name: &str) {
        let tell = |what: &str, value: f64, unit: &str| {
            figure::tell(&format!("{name}/{what}"), value, unit).unwrap();
        };
        let of = |values: &Vec<f64>, share: f64| figure::quantile(values.clone(), share);
        tell("cpu", of(&self.cpu, 0.5), "us");
        tell("cpu_least", of(&self.cpu, 0.0), "us");
        tell("cpu_most", of(&self.cpu, 1.0), "us");
        tell("rate", of(&self.rate, 0.5), "/s");
        tell("requests", f64::from(u32::try_from(self.count).unwrap()), "requests");
        tell("bytes", f64::from(u32::try_from(self.body.len()).unwrap()), "B");
        let (signatures, kind) = signature::of(&self.body);
        tell("signatures", f64::from(signatures), &kind);
    }
}

fn cpu(program: &Program) -> f64 {
    program.cpu_seconds().unwrap_or_else(|| panic!("it was gone"))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of requests")]
fn whole(value: f64) -> u64 {
    value as u64
}
