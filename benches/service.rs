//! The service in this process, with one enrolled user signed in, for all benchmarks that need it.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot set up its work must stop"
)]

use std::time::Duration;

use criterion::Criterion;
use jiff::{SignedDuration, Timestamp};
use mock_server::bytes::Bytes;
use mock_server::http::{Method, Request, StatusCode};
use mock_server::policy::Policy;
use mock_server::{Clock, Hosting, Mock, Options, Reason, SeededTotp, UserSeed};
use serde_json::{Value, json};

const ENVIRONMENT: &str = "00000000-0000-4000-8000-000000000000";
const EMAIL: &str = "alice@example.com";

/// A service with one world, whose clock stands still until it is moved.
pub struct Service {
    mock: Mock,
    world: Hosting,
    bearer: String,
    elevated: String,
}

impl Service {
    /// Signs alice in, passes the second factor, and asks for an elevated token that lives a day.
    pub fn start() -> Self {
        Self::among(1)
    }

    /// The same with so many users in the world, alice included, each with a TOTP device.
    pub fn among(users: u32) -> Self {
        Self::with(users, Options::default().seen_tokens_max)
    }

    /// The same, remembering at most so many genuine tokens.
    pub fn with(users: u32, seen_tokens_max: usize) -> Self {
        let totp = SeededTotp::Enrolled;
        let mut policy = Policy::default();
        // Held clocks move far in a long run: the session must not end before the run does.
        policy.session.life_seconds = 30 * 86_400;
        // Every wrong code is forgotten after a second, or the second one would be refused unread.
        policy.totp.failures_max = 1;
        policy.totp.failures_window_seconds = 1;
        // A run signs in thousands of times; what is measured is not a crowd of old sessions.
        policy.limits.sessions_per_user_max = 10;
        policy.elevation.time_bound_life_seconds = 86_400;
        let noon = Timestamp::from_second(1_790_000_010).unwrap();
        let clock = Clock::held_at(noon);
        let options =
            Options { seed: Some(7), policy, clock, seen_tokens_max, ..Options::default() };
        let mock = Mock::new(options).unwrap();
        let world = mock.environment(ENVIRONMENT).unwrap();
        let seed = UserSeed {
            email: EMAIL.to_owned(),
            totp_secret: Some(fixtures::rfc6238::SHA1_SEED_BASE32.to_owned()),
            ..UserSeed::default()
        };
        world.create_user(seed).unwrap();
        for number in 1..users {
            let email = format!("user{number}@example.com");
            world.create_user(UserSeed { email, totp, ..UserSeed::default() }).unwrap();
        }
        let mut service = Self { mock, world, bearer: String::new(), elevated: String::new() };
        let granted = service.json(&service.sign_in_request());
        service.bearer = text(&granted, "minifiedJwt");
        let wish = json!({ "requestedScopes": ["credential:link", "credential:unlink"] });
        let granted = service.json(&service.totp_request(&service.code(), &wish));
        service.bearer = text(&granted, "minifiedJwt");
        service.elevated = text(&granted, "elevatedAccessToken");
        service
    }

    /// The service itself, to be put behind a socket.
    pub fn mock(&self) -> Mock {
        self.mock.clone()
    }

    /// The JWT of another user, who signs in for it.
    pub fn bearer_of(&self, email: &str) -> String {
        let granted = self.json(&self.sign_in_request_of(email));
        text(&granted, "minifiedJwt")
    }

    /// The session's JWT.
    pub fn bearer(&self) -> &str {
        &self.bearer
    }

    /// The elevated token of the session.
    pub fn elevated(&self) -> &str {
        &self.elevated
    }

    /// Shows other tokens from now on.
    pub fn show(&mut self, bearer: String, elevated: String) {
        (self.bearer, self.elevated) = (bearer, elevated);
    }

    /// Judges a session's JWT, without a call around it.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn judge(&self, token: &str) -> Result<(), Reason> {
        self.mock.judge_token(ENVIRONMENT, token)
    }

    /// Asks, and makes sure that the answer has the expected status.
    pub fn ask(&self, request: &Request<Bytes>, expected: StatusCode) -> Bytes {
        let response = self.mock.answer(request).response;
        assert_eq!(response.status(), expected, "{:?}", response.body());
        response.into_body()
    }

    /// Asks, and reads the answer.
    pub fn json(&self, request: &Request<Bytes>) -> Value {
        serde_json::from_slice(&self.ask(request, StatusCode::OK)).unwrap()
    }

    /// Moves the clock to a time at which nothing of before is fresh any longer.
    pub fn advance(&self, seconds: i64) {
        self.world.advance_clock(SignedDuration::from_secs(seconds)).unwrap();
    }

    /// What alice's authenticator shows now.
    pub fn code(&self) -> String {
        self.world.totp_display(EMAIL).unwrap().code
    }

    /// A request of a user, as the JavaScript SDK sends it.
    pub fn request(&self, method: Method, path: &str, body: &Value) -> Request<Bytes> {
        let body = match body {
            Value::Null => Bytes::new(),
            body => body.to_string().into(),
        };
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v0/sdk/{ENVIRONMENT}/{path}"))
            .header("content-type", "application/json")
            .header("origin", "http://localhost:3000")
            .header("x-dyn-version", "ClientSDK/1.27.1")
            .header("x-dyn-api-version", "API/0.0.1125")
            .header("x-dyn-request-id", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN");
        if !self.bearer.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.bearer));
        }
        if !self.elevated.is_empty() && path.starts_with("users/mfa/") {
            request = request.header("x-dyn-elevated-access-token", &self.elevated);
        }
        request.body(body).unwrap()
    }

    /// Mails a code and yields the request that signs in with it.
    pub fn sign_in_request(&self) -> Request<Bytes> {
        self.sign_in_request_of(EMAIL)
    }

    fn sign_in_request_of(&self, email: &str) -> Request<Bytes> {
        let create = json!({ "email": email });
        let create = self.request(Method::POST, "emailVerifications/create", &create);
        let created: Value =
            serde_json::from_slice(&self.ask(&create, StatusCode::CREATED)).unwrap();
        let mail = self.world.inbox(Some(email), 0).pop().unwrap();
        let body = json!({
            "verificationUUID": created["verificationUUID"],
            "verificationToken": mail.code,
        });
        self.request(Method::POST, "emailVerifications/signin", &body)
    }

    /// A request that authenticates with a TOTP code, and asks for what is wished.
    pub fn totp_request(&self, code: &str, wish: &Value) -> Request<Bytes> {
        let mut body = json!({ "code": code });
        if let Some(scopes) = wish.get("requestedScopes") {
            body["requestedScopes"] = scopes.clone();
        }
        self.request(Method::POST, "users/mfa/auth/totp", &body)
    }
}

/// A text of an answer.
pub fn text(answer: &Value, name: &str) -> String {
    answer.get(name).and_then(Value::as_str).unwrap().to_owned()
}

/// The measuring itself: short rounds, so that a whole run takes three minutes.
pub fn criterion() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args()
}

/// Whether this run only shows that the benchmarks still run; a large world would take its time.
pub fn is_trial() -> bool {
    std::env::args().any(|argument| argument == "--test")
}

/// The DER of the published signing key.
pub fn signing_key() -> Vec<u8> {
    let lines = fixtures::keys::SIGNING_PEM.lines().skip_while(|line| !line.starts_with("-----"));
    let body: String = lines.filter(|line| !line.starts_with("-----")).collect();
    data_encoding::BASE64.decode(body.as_bytes()).unwrap()
}
