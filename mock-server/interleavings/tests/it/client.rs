//! A user of the service, from whom several threads may send at once.

use interleavings::bytes::Bytes;
use interleavings::http::{Method, Request};
use interleavings::policy::Policy;
use interleavings::{Clock, Hosting, Mock, Options, UserSeed};
use serde_json::{Value, json};
use shuttle::thread;

pub(crate) const WORLD: &str = "00000000-0000-4000-8000-00000000aaaa";
pub(crate) const ALICE: &str = "alice@example.com";
pub(crate) const NOON: &str = "2030-01-01T12:00:00Z";
/// The secret of RFC 6238, in base32.
const SECRET: &str = fixtures::rfc6238::SHA1_SEED_BASE32;

/// A request to one world, and to whom it is sent.
#[derive(Clone)]
pub(crate) struct Errand {
    pub(crate) mock: Mock,
    pub(crate) bearer: Option<String>,
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) body: String,
}

pub(crate) fn service() -> Mock {
    service_with(Options::default())
}

/// A service whose clocks stand at noon; the rest is up to the caller.
pub(crate) fn service_with(options: Options) -> Mock {
    let clock = Clock::held_at(NOON.parse().unwrap());
    let policy = Policy { mfa: options.policy.mfa.clone(), ..Policy::legacy() };
    Mock::new(Options { seed: Some(7), clock, policy, ..options }).unwrap()
}

impl Errand {
    pub(crate) fn get(mock: &Mock, path: &'static str) -> Self {
        Self { mock: mock.clone(), bearer: None, method: Method::GET, path, body: String::new() }
    }

    pub(crate) fn post(mock: &Mock, path: &'static str, body: &Value) -> Self {
        let body = body.to_string();
        Self { mock: mock.clone(), bearer: None, method: Method::POST, path, body }
    }

    pub(crate) fn by(self, bearer: &str) -> Self {
        Self { bearer: Some(bearer.to_owned()), ..self }
    }

    pub(crate) fn run(&self) -> (u16, Value) {
        let uri = format!("/api/v0/sdk/{WORLD}/{}", self.path);
        let mut request = Request::builder().method(&self.method).uri(uri);
        if let Some(bearer) = &self.bearer {
            request = request.header("authorization", format!("Bearer {bearer}"));
        }
        let request = request.body(Bytes::from(self.body.clone())).unwrap();
        let response = self.mock.answer(&request).response;
        let body = serde_json::from_slice(response.body()).unwrap_or_default();
        (response.status().as_u16(), body)
    }
}

/// Sends all at once, each from a thread of its own; yields their statuses.
pub(crate) fn at_once(errands: Vec<Errand>) -> Vec<u16> {
    let threads: Vec<_> =
        errands.into_iter().map(|errand| thread::spawn(move || errand.run().0)).collect();
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}

/// An open verification of Alice's address: its id and its code.
pub(crate) fn mailed(mock: &Mock, world: &Hosting) -> Value {
    let create = Errand::post(mock, "emailVerifications/create", &json!({ "email": ALICE }));
    let (status, opened) = create.run();
    assert_eq!(status, 201, "{opened}");
    let code = world.inbox(Some(ALICE), 0).pop().unwrap().code;
    json!({ "verificationUUID": opened["verificationUUID"], "verificationToken": code })
}

/// Alice, enrolled and signed in; the bearer of her session.
pub(crate) fn signed_in(mock: &Mock, world: &Hosting) -> String {
    let seed = UserSeed {
        email: ALICE.to_owned(),
        totp_secret: Some(SECRET.to_owned()),
        ..UserSeed::default()
    };
    world.create_user(seed).unwrap();
    let (status, granted) =
        Errand::post(mock, "emailVerifications/signin", &mailed(mock, world)).run();
    assert_eq!(status, 200, "{granted}");
    granted["minifiedJwt"].as_str().unwrap().to_owned()
}

/// What Alice's authenticator app shows.
pub(crate) fn code(world: &Hosting) -> String {
    let secret = fixtures::rfc6238::SHA1_SEED.to_vec();
    let app = totp_rs::Builder::new().with_secret(secret).build_noncompliant();
    app.generate(u64::try_from(world.now().as_second()).unwrap()).to_string()
}

pub(crate) fn winners(statuses: &[u16]) -> usize {
    statuses.iter().filter(|status| (200..300).contains(*status)).count()
}
