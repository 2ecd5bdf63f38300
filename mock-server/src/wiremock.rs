//! The carrier inside a [`wiremock::MockServer`], for tests that mix their own mocks with ours.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};
use wiremock::matchers::any;
use wiremock::{MockServer, Respond, ResponseTemplate};

use crate::answer::{Answer, Fate};
use crate::mock::{Attempt, Mock};

/// Below every mock that a test mounts by itself, whose priority is 5.
const PRIORITY: u8 = 200;

/// wiremock keeps a copy of every request that a mock matched, and frees it only when all mocks
/// are reset. After so many requests [`WiremockServer`] resets, which bounds what is kept.
const REQUESTS_BEFORE_RESET: u64 = 1_000;

impl Respond for Mock {
    fn respond(&self, seen: &wiremock::Request) -> ResponseTemplate {
        match self.attempt(&request_of(seen)) {
            Attempt::Answered(answer) => template(answer),
            Attempt::Held(held) => {
                // wiremock asks for one answer at a time, so nobody could come while this one waits.
                held.turn_away("wiremock takes one call at a time");
                beyond("a fault would have held this call here until others stood beside it")
            }
        }
    }
}

impl Mock {
    /// Lets a wiremock server answer like this service, below every mock of your own.
    ///
    /// wiremock keeps each request in memory until the server goes, a few kilobytes each: right
    /// for a test, not for a load. For many requests take [`Mock::wiremock`].
    ///
    /// ```
    /// use mock_server::{Mock, Options};
    /// use wiremock::{MockServer, ResponseTemplate, matchers::path_regex};
    /// # tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
    /// let server = MockServer::start().await;
    /// let mock = Mock::new(Options::default()).unwrap();
    /// mock.mount(&server).await;
    /// // Your own endpoint wins over the service's.
    /// wiremock::Mock::given(path_regex("/healthcheck$"))
    ///     .respond_with(ResponseTemplate::new(503))
    ///     .mount(&server)
    ///     .await;
    /// let world = mock.fresh_environment().unwrap();
    /// let base_url = format!("{}/api/v0", server.uri()); // coreConfig.apiBaseUrl
    /// # let url = format!("{base_url}/sdk/{}/", world.id());
    /// # let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    /// # tokio::task::spawn_blocking(move || {
    /// #     assert_eq!(agent.get(format!("{url}healthcheck")).call().unwrap().status(), 503);
    /// #     assert_eq!(agent.get(format!("{url}settings")).call().unwrap().status(), 200);
    /// # }).await.unwrap();
    /// # });
    /// ```
    pub async fn mount(&self, server: &MockServer) {
        mounted(self.clone()).mount(server).await;
    }

    /// A wiremock server of its own that answers like this service and stays small: what
    /// wiremock keeps of each request is thrown away every thousand requests.
    ///
    /// `overrides` makes the mocks that stand above the service; they are made anew each time,
    /// so a count that they `expect` would start again. Mount such mocks on a server of your own.
    pub async fn wiremock(
        &self,
        overrides: impl Fn() -> Vec<wiremock::Mock> + Send + Sync + 'static,
    ) -> WiremockServer {
        let server = MockServer::builder().disable_request_recording().start().await;
        let shared = Arc::new(Shared {
            mock: self.clone(),
            server,
            overrides: Box::new(overrides),
            answered: AtomicU64::new(0),
        });
        shared.mount().await;
        WiremockServer(shared)
    }
}

/// A wiremock server that answers like the service, for as many requests as you like.
pub struct WiremockServer(Arc<Shared>);

struct Shared {
    mock: Mock,
    server: MockServer,
    overrides: Box<dyn Fn() -> Vec<wiremock::Mock> + Send + Sync>,
    answered: AtomicU64,
}

/// Answers, counts, and has the server swept when it is time.
struct Sweeping(std::sync::Weak<Shared>);

impl WiremockServer {
    /// What an SDK is given as its `apiBaseUrl`.
    pub fn base_url(&self) -> String {
        format!("{}/api/v0", self.0.server.uri())
    }
}

impl Shared {
    async fn mount(self: &Arc<Self>) {
        let sweeping = Sweeping(Arc::downgrade(self));
        let service = wiremock::Mock::given(any()).respond_with(sweeping).with_priority(PRIORITY);
        self.server.register(service).await;
        for own in (self.overrides)() {
            self.server.register(own).await;
        }
    }

    /// Throws away what wiremock has kept, and mounts everything again.
    ///
    /// Runs as a task on the server's own thread. Both steps queue for the same fair lock, and
    /// `join` queues the second right behind the first without giving the thread away in between,
    /// so no request can slip in where nothing is mounted.
    async fn sweep(self: Arc<Self>) {
        let sweeping = Sweeping(Arc::downgrade(&self));
        let service = wiremock::Mock::given(any()).respond_with(sweeping).with_priority(PRIORITY);
        tokio::join!(biased; self.server.reset(), self.server.register(service));
        for own in (self.overrides)() {
            self.server.register(own).await;
        }
    }
}

impl Respond for Sweeping {
    fn respond(&self, seen: &wiremock::Request) -> ResponseTemplate {
        let Some(shared) = self.0.upgrade() else {
            return ResponseTemplate::new(503);
        };
        let answered = shared.answered.fetch_add(1, Ordering::Relaxed) + 1;
        if answered.is_multiple_of(REQUESTS_BEFORE_RESET) {
            tokio::spawn(Arc::clone(&shared).sweep());
        }
        shared.mock.respond(seen)
    }
}

fn mounted(mock: Mock) -> wiremock::Mock {
    wiremock::Mock::given(any()).respond_with(mock).with_priority(PRIORITY)
}

/// The request as the service knows it. wiremock rebuilds the URL; path and query are the client's.
fn request_of(seen: &wiremock::Request) -> Request<Bytes> {
    let mut request = Request::new(Bytes::copy_from_slice(&seen.body));
    *request.method_mut() = seen.method.clone();
    let path_and_query = match seen.url.query() {
        Some(query) => format!("{}?{query}", seen.url.path()),
        None => seen.url.path().to_owned(),
    };
    // What came in as a URL has a path that parses; a root path is refused as outside the API.
    *request.uri_mut() = path_and_query.parse().unwrap_or_default();
    *request.headers_mut() = seen.headers.clone();
    request
}

/// What is answered in the place of something that wiremock cannot do.
fn beyond(what: &str) -> ResponseTemplate {
    let error = serde_json::json!({ "error": what }).to_string();
    ResponseTemplate::new(502).set_body_raw(error, "application/json")
}

/// The answer as wiremock can give it. A dropped connection is beyond `Respond`: it becomes a 502
/// that says so; a truncated body arrives with a length that fits what is left of it.
fn template(answer: Answer) -> ResponseTemplate {
    let Answer { response, delay, fate } = answer;
    let (head, body) = response.into_parts();
    let body = match fate {
        Fate::Deliver => body,
        Fate::Truncate(bytes) => body.slice(..bytes.min(body.len())),
        Fate::Drop => {
            return beyond("a fault would have dropped the connection here").set_delay(delay);
        }
    };
    let mut template = ResponseTemplate::new(head.status.as_u16()).set_delay(delay);
    let mut content_type = None;
    for (name, value) in &head.headers {
        match *name == http::header::CONTENT_TYPE {
            true => content_type = value.to_str().ok(),
            false => template = append(template, name, value),
        }
    }
    match content_type {
        // Last, because it sets the content type along with the body.
        Some(content_type) => template.set_body_raw(body.to_vec(), content_type),
        None => template,
    }
}

fn append(template: ResponseTemplate, name: &HeaderName, value: &HeaderValue) -> ResponseTemplate {
    template.append_header(name.clone(), value.clone())
}
