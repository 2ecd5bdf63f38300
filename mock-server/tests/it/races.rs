//! What works once works once, also when many ask at the same moment.
//!
//! Each race makes a world, then lets many threads send the very same request through
//! [`mock_server::Mock::answer`] at once. Exactly one may win, and the world must afterwards be
//! one that some order of the requests explains.

use std::sync::Barrier;

use mock_server::policy::MfaAction;
use serde_json::json;

use crate::authenticator::Authenticator;
use crate::client::{ALICE, Client, ELEVATED, MFA_TOKEN, Reply, legacy, policy, protect};
use crate::passkeys::{AUTHENTICATE, REGISTER, SIGN_IN, enrolled};

mod heat;
mod many;
mod track;

/// Threads that ask at once; the machine has fewer cores, so that they also interrupt each other.
const RACERS: usize = 8;

/// Worlds in which a race is run.
const ROUNDS: usize = 12;

/// One request that may be granted once.
struct Entry {
    client: Client,
    method: &'static str,
    path: &'static str,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Entry {
    fn new(client: Client, method: &'static str, path: &'static str) -> Self {
        Self { client, method, path, headers: Vec::new(), body: String::new() }
    }

    fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    fn with_body(mut self, body: &serde_json::Value) -> Self {
        self.body = body.to_string();
        self
    }

    fn send(&self) -> Reply {
        let headers: Vec<_> =
            self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.client.send(self.method, self.path, &headers, self.body.clone())
    }
}

/// Runs a race; the losers are answered with this status.
fn race(loser: u16, prepare: impl Fn() -> Entry) -> Vec<Client> {
    let mut worlds = Vec::new();
    for round in 0..ROUNDS {
        let entry = prepare();
        let start = Barrier::new(RACERS);
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..RACERS)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        entry.send().status
                    })
                })
                .collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        let winners = statuses.iter().filter(|status| (200..300).contains(*status)).count();
        assert_eq!(winners, 1, "round {round}: {statuses:?}");
        let losers = statuses.iter().filter(|status| **status == loser).count();
        assert_eq!(losers, RACERS - 1, "round {round}: {statuses:?}");
        // The race is over, and the prize is gone for good.
        assert_eq!(entry.send().status, loser, "round {round}");
        worlds.push(entry.client);
    }
    worlds
}

#[test]
fn a_time_step_is_accepted_once() {
    race(422, || {
        let client = Client::challenged(policy(|policy| policy.totp.failures_max = 1_000));
        let code = client.code();
        Entry::new(client, "POST", "users/mfa/auth/totp").with_body(&json!({ "code": code }))
    });
}

#[test]
fn a_recovery_code_is_accepted_once() {
    let worlds = race(422, || {
        let client = Client::challenged(policy(|policy| policy.totp.failures_max = 1_000));
        let code = client.world.user(ALICE).unwrap().recovery_codes.remove(4);
        Entry::new(client, "POST", "users/mfa/auth/recovery").with_body(&json!({ "code": code }))
    });
    for client in worlds {
        assert_eq!(client.world.user(ALICE).unwrap().recovery_codes.len(), 9);
    }
}

#[test]
fn a_mailed_code_opens_one_session() {
    let worlds = race(422, || {
        let client = Client::new(policy(|_| {}));
        let (id, code) = client.mail(ALICE);
        Entry::new(client, "POST", "emailVerifications/signin")
            .with_body(&json!({ "verificationUUID": id, "verificationToken": code }))
    });
    for client in worlds {
        assert_eq!(client.world.user(ALICE).unwrap().sessions.len(), 1);
    }
}

#[test]
fn a_single_use_elevated_token_is_accepted_once() {
    race(403, || {
        let mut client = Client::signed_in(policy(|policy| {
            policy.elevation.single_use_scopes = "credential:link".parse().unwrap();
        }));
        let token = client.elevate_by_email(&["credential:link"]);
        Entry::new(client, "GET", "users/mfa/register/totp").with_header(ELEVATED, token)
    });
}

#[test]
fn a_single_use_mfa_token_is_accepted_once() {
    race(401, || {
        let mut client = Client::challenged(legacy(|policy| {
            policy.mfa.actions.push(protect(MfaAction::UserUpdate));
        }));
        let token = client.mfa_token(true);
        Entry::new(client, "PUT", "users")
            .with_header(MFA_TOKEN, token)
            .with_body(&json!({ "firstName": "Alice" }))
    });
}

/// The authenticator does not count, so nothing but the challenge tells one use from the next.
#[test]
fn a_challenge_passes_the_second_factor_once() {
    race(422, || {
        let (client, mut authenticator) = enrolled(legacy(|_| {}));
        let body = authenticator.sign_in(&client.request());
        Entry::new(client, "POST", AUTHENTICATE).with_body(&body)
    });
}

#[test]
fn a_challenge_opens_one_session() {
    let worlds = race(401, || {
        let (mut client, mut authenticator) = enrolled(legacy(|_| {}));
        client.bearer = None;
        let body = authenticator.sign_in(&client.get(SIGN_IN).ok(200));
        Entry::new(client, "POST", SIGN_IN).with_body(&body)
    });
    for client in worlds {
        // The one in which the passkey was made, and the one that it opened.
        assert_eq!(client.world.user(ALICE).unwrap().sessions.len(), 2);
    }
}

#[test]
fn a_challenge_makes_one_passkey() {
    let worlds = race(422, || {
        let client = Client::signed_in(legacy(|_| {}));
        let body = Authenticator::new(1).make(&client.creation());
        Entry::new(client, "POST", REGISTER).with_body(&body)
    });
    for client in worlds {
        assert_eq!(client.world.user(ALICE).unwrap().passkeys.len(), 1);
    }
}

#[test]
fn only_one_totp_device_is_ever_verified() {
    for _ in 0..ROUNDS {
        let client = Client::signed_in(legacy(|_| {}));
        let start = Barrier::new(RACERS);
        std::thread::scope(|scope| {
            for _ in 0..RACERS {
                scope.spawn(|| {
                    let mut own = client.clone();
                    start.wait();
                    if own.register(&[]).status == 200 {
                        own.totp(&own.code(), json!({}));
                    }
                });
            }
        });
        let devices = client.world.user(ALICE).unwrap().devices;
        assert_eq!(devices.len(), 1);
        let listed = client.get("users/mfa").ok(200);
        assert_eq!(listed["devices"].as_array().unwrap().len(), 1);
    }
}
