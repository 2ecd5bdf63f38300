//! Many connections that change a world until nobody answers any more, and what they were told.

use std::net::SocketAddr;
use std::time::Duration;

use mock_server::Mock;
use mock_server::policy::Policy;
use serde_json::{Value, json};

use crate::binary::Running;
use crate::client::{WORLD, send, text};

/// Connections that live through users' stories.
const STORIES: usize = 20;
/// Connections that move the clock.
const CLOCKS: usize = 4;
/// Connections in all; each has one question under way when the program is killed.
pub(super) const CONNECTIONS: usize = STORIES + CLOCKS;

/// How long a connection waits before it moves the clock.
const TICK: Duration = Duration::from_millis(5);

const CODES: [&str; 2] = ["AAAAAAAAAB", "AAAAAAAAAC"];

/// What somebody was told; each of it holds after a restart.
///
/// A fact that the next question of the same story could end is told only where there is none.
#[derive(Clone, Debug)]
pub(super) enum Fact {
    /// The user is there.
    Made { user: String },
    /// The verification is open, and was for this address.
    Mailed { verification: String, email: String },
    /// The verification is spent.
    Verified { verification: String },
    /// The first recovery code is spent, the second is not, and the session goes on.
    Recovered { bearer: String },
    /// The session is over.
    Revoked { bearer: String },
    /// The clock went on by a second.
    Advanced,
}

/// Loads the program from all sides until it is killed after that long.
pub(super) fn load(mut running: Running, round: u32, life: Duration) -> Vec<Fact> {
    let address = running.address;
    std::thread::scope(|scope| {
        let connections: Vec<_> = (0..CONNECTIONS)
            .map(|number| {
                scope.spawn(move || {
                    let agent = ureq::Agent::new_with_defaults();
                    let mut connection = Connection { agent, address, facts: Vec::new() };
                    for turn in 0.. {
                        let told = match number < STORIES {
                            true => connection.story(&format!("r{round}.{number}.{turn}"), turn),
                            false => connection.clock(),
                        };
                        if told.is_none() {
                            break;
                        }
                    }
                    connection.facts
                })
            })
            .collect();
        std::thread::sleep(life);
        running.child.kill().unwrap();
        running.child.wait().unwrap();
        connections.into_iter().flat_map(|connection| connection.join().unwrap()).collect()
    })
}

/// Somebody with a connection of their own.
struct Connection {
    agent: ureq::Agent,
    address: SocketAddr,
    facts: Vec<Fact>,
}

impl Connection {
    /// The answer, which is a yes; nothing once nobody answers.
    fn post(&self, path: &str, bearer: Option<&str>, body: &Value) -> Option<Value> {
        let mut request = self.agent.post(format!("http://{}{path}", self.address));
        if let Some(bearer) = bearer {
            request = request.header("authorization", format!("Bearer {bearer}"));
        }
        let mut response = match request.send_json(body) {
            Ok(response) => response,
            Err(ureq::Error::StatusCode(status)) => panic!("{path}: {status}"),
            Err(_) => return None,
        };
        // An answer without a body is one as well; one that is cut off is none.
        let body = response.body_mut().read_to_vec().ok()?;
        Some(serde_json::from_slice(&body).unwrap_or_default())
    }

    fn sdk(&self, path: &str, bearer: Option<&str>, body: &Value) -> Option<Value> {
        self.post(&format!("/api/v0/sdk/{WORLD}/{path}"), bearer, body)
    }

    fn control(&self, path: &str, body: &Value) -> Option<Value> {
        self.post(&format!("/_mock/v1/environments/{WORLD}/{path}"), None, body)
    }

    fn clock(&mut self) -> Option<()> {
        // A mailed code lives for minutes of this clock, and whoever has one needs a while to type
        // it: all these connections together move the clock by less than that in a whole life.
        std::thread::sleep(TICK);
        self.control("clock/advance", &json!({ "seconds": 1 }))?;
        self.facts.push(Fact::Advanced);
        Some(())
    }

    /// A user until the first mail, the second factor, or the last word.
    fn story(&mut self, name: &str, turn: u32) -> Option<()> {
        let email = format!("{name}+dynamic_test@example.com");
        let seed = json!({ "email": email, "totp": "enrolled", "recoveryCodes": CODES });
        let user = self.control("users", &seed)?;
        self.facts.push(Fact::Made { user: text(&user["id"]) });
        let opened = self.sdk("emailVerifications/create", None, &json!({ "email": email }))?;
        let verification = text(&opened["verificationUUID"]);
        if turn.is_multiple_of(3) {
            self.facts.push(Fact::Mailed { verification, email });
            return Some(());
        }
        let granted = self.sdk("emailVerifications/signin", None, &typed(&verification))?;
        self.facts.push(Fact::Verified { verification });
        let bearer = text(&granted["minifiedJwt"]);
        let code = json!({ "code": CODES[0] });
        let granted = self.sdk("users/mfa/auth/recovery", Some(&bearer), &code)?;
        let bearer = text(&granted["minifiedJwt"]);
        if turn % 3 == 1 {
            self.facts.push(Fact::Recovered { bearer });
            return Some(());
        }
        self.sdk("revoke", Some(&bearer), &json!({}))?;
        self.facts.push(Fact::Revoked { bearer });
        Some(())
    }
}

/// The body with the code that such an address always gets.
fn typed(verification: &str) -> Value {
    let code = Policy::default().email.static_code;
    json!({ "verificationUUID": verification, "verificationToken": code })
}

/// Checks a fact against a service that read the file. This changes the world.
pub(super) fn holds(mock: &Mock, fact: &Fact) {
    let world = mock.existing_environment(WORLD).unwrap();
    let ask = |method: &str, path: &str, bearer: Option<&str>, body: &Value| {
        let bearer = bearer.map(|bearer| format!("Bearer {bearer}"));
        let headers: Vec<_> =
            bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
        let path = format!("/api/v0/sdk/{WORLD}/{path}");
        send(mock, method, &path, &headers, body.to_string()).status
    };
    let recover = |bearer: &str, code: &str| {
        ask("POST", "users/mfa/auth/recovery", Some(bearer), &json!({ "code": code }))
    };
    match fact {
        Fact::Made { user } => assert!(world.user(user).is_some(), "{user} is lost"),
        Fact::Mailed { verification, email } => {
            let body = json!({ "verificationUUID": verification, "email": email });
            assert_eq!(ask("POST", "emailVerifications/retry", None, &body), 201, "{fact:?}");
        }
        Fact::Verified { verification } => {
            let again = ask("POST", "emailVerifications/signin", None, &typed(verification));
            assert_eq!(again, 422, "a code works twice: {fact:?}");
        }
        Fact::Recovered { bearer } => {
            assert_eq!(recover(bearer, CODES[0]), 422, "a code works twice: {fact:?}");
            assert_eq!(recover(bearer, CODES[1]), 200, "the session or its code is lost: {fact:?}");
        }
        Fact::Revoked { bearer } => {
            let open = ask("GET", "users", Some(bearer), &Value::Null);
            assert_eq!(open, 401, "a session is back: {fact:?}");
        }
        Fact::Advanced => {}
    }
}
