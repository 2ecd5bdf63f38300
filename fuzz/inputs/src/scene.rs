//! A world to send inputs into: somebody past the second factor, with one of everything, and a
//! stranger whose secrets no answer may tell.

mod cast;

use std::cell::RefCell;

use mock_server::bytes::Bytes;
use mock_server::http::Request;
use mock_server::policy::{AuthStorage, Policy, SmsCountry};
use mock_server::{Clock, Effect, Hosting, Mock, Options};
use serde_json::Value;

use crate::answers;
use crate::spelling::Words;

/// The environment; others are made by whoever names them, and forgotten afterwards.
pub(crate) const WORLD: &str = "00000000-0000-4000-8000-00000000aaaa";
/// Environments that an input can make come into being.
const ENVIRONMENTS_MAX: usize = 8;
/// Exchanges that the journal keeps: few, so that it is full all the time.
const EXCHANGES_MAX: usize = 16;

/// The world, and how to come back to its first day.
pub(crate) struct Scene {
    pub(crate) mock: Mock,
    pub(crate) world: Hosting,
    /// What `{words}` stand for.
    pub(crate) words: Words,
    /// Secrets of somebody who sends nothing here.
    foreign: Vec<String>,
    /// The world before every input.
    pub(crate) first_day: Value,
}

/// Shows the scene on its first day; the world is then [`Scene::first_day`].
///
/// Every thread has one of its own, because tests run beside each other.
pub(crate) fn on_the_first_day(play: impl FnOnce(&Scene)) {
    thread_local! {
        static SCENE: RefCell<Option<Scene>> = const { RefCell::new(None) };
    }
    SCENE.with(|scene| {
        let mut scene = scene.borrow_mut();
        let scene = scene.get_or_insert_with(Scene::new);
        scene.world.restore(scene.first_day.clone()).expect("its own snapshot");
        play(scene);
        scene.leave();
    });
}

impl Scene {
    fn new() -> Self {
        let options = Options {
            seed: Some(7),
            policy: policy(),
            clock: Clock::held_at("2030-01-01T12:00:00Z".parse().unwrap()),
            environments_max: ENVIRONMENTS_MAX,
            journal_entries_max: EXCHANGES_MAX,
            ..Options::default()
        };
        let mock = Mock::new(options).unwrap();
        let world = mock.environment(WORLD).unwrap();
        let foreign = cast::stranger(&mock, &world);
        let words = cast::protagonist(&mock, &world);
        let first_day = world.snapshot();
        Self { mock, world, words, foreign, first_day }
    }

    /// Asks, and looks at whatever holds of every answer.
    ///
    /// `state` is the world before it, and the world after it when this returns.
    pub(crate) fn ask(&self, request: &Request<Bytes>, state: &mut Value) -> u16 {
        let response = self.mock.answer(request).response;
        let before = std::mem::replace(state, self.world.snapshot());
        answers::are_whole(request, &response);
        answers::tell_nothing_of(&self.foreign, &response);
        let status = response.status().as_u16();
        if status >= 400 {
            answers::changed_nothing(&before, state);
        }
        assert!(self.mock.environment_ids().len() <= ENVIRONMENTS_MAX);
        assert!(self.world.journal_after(0, false).len() <= EXCHANGES_MAX);
        status
    }

    /// The path of the world below which an SDK asks.
    pub(crate) fn path(&self, path: &str) -> String {
        format!("/api/v0/sdk/{WORLD}/{path}")
    }

    /// A word of the scene, which must be there.
    pub(crate) fn word(&self, name: &str) -> &str {
        &self.words[name]
    }

    /// Whether the world can still be read, written down and put back; the others are forgotten.
    fn leave(&self) {
        let after = self.world.snapshot();
        if after != self.first_day {
            self.world.restore(after.clone()).expect("what it wrote itself");
            let again = self.world.snapshot();
            assert_eq!(again, after, "a snapshot that is restored is the same world");
        }
        for other in self.mock.environment_ids().iter().filter(|id| *id != WORLD) {
            assert!(self.mock.forget(other).unwrap());
        }
    }
}

/// Whether a fault lets calls wait for others: nobody else calls here.
pub(crate) fn lets_wait(world: &Hosting) -> bool {
    world.faults().iter().any(|fault| matches!(fault.fault.effect, Effect::Meet { .. }))
}

/// A request of parts that are known to be well-formed.
pub(crate) fn request(
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Request<Bytes> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body.into()).expect("well-formed")
}

/// Settings under which most of the service can be reached: cookies, texts, the app's own JWTs.
fn policy() -> Policy {
    let mut policy = Policy::default();
    policy.auth.storage.insert(AuthStorage::Cookie);
    policy.auth.tokens_in_body = true;
    policy.external_auth.enabled = true;
    policy.external_auth.jwks = serde_json::from_str(fixtures::keys::ISSUER_JWKS_JSON).unwrap();
    policy.sms.enabled_countries =
        vec![SmsCountry { iso_country_code: "US".into(), phone_country_code: "1".into() }];
    policy
}
