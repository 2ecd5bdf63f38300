//! How often may be called: off by default, by the published numbers otherwise (rules K7, U34).

use mock_server::bytes::Bytes;
use mock_server::http::Request;
use mock_server::policy::{Policy, RateLimitBody};
use mock_server::{Effect, Fault, Peer, Server};
use serde_json::{Value, json};

use crate::client::{ALICE, Client, Reply, keys, policy};
use crate::socket::exchange;

fn limited(change: impl FnOnce(&mut Policy)) -> Policy {
    policy(|policy| {
        policy.rate_limits.enabled = true;
        change(policy);
    })
}

#[track_caller]
fn too_fast(reply: &Reply, retry_after: &str) {
    assert_eq!(reply.body, json!({ "message": "Rate limit exceeded", "code": 429 }));
    assert_eq!((reply.status, &reply.headers["retry-after"]), (429, &retry_after.parse().unwrap()));
}

/// The status of a call that comes from an address.
fn from(client: &Client, address: Option<&str>, headers: &[(&str, &str)]) -> u16 {
    let mut request = Request::get(client.path("healthcheck"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Bytes::new()).unwrap();
    if let Some(address) = address {
        request.extensions_mut().insert(Peer(address.parse().unwrap()));
    }
    client.mock.answer(&request).response.status().as_u16()
}

#[test]
fn nothing_is_limited_by_default() {
    let client = Client::new(Policy::default());
    let before = client.state();
    (0..300).for_each(|_| drop(client.get("healthcheck").ok(200)));
    client.stays(&before);
}

#[test]
fn the_published_numbers_count_by_the_minute_of_the_worlds_clock() {
    let rows: [(&str, &str, &str, u32); 8] = [
        ("GET", "healthcheck", "", 100),
        ("GET", "nonce", "", 10),
        ("GET", "nonces?count=5", "", 10),
        ("POST", "connect", "{}", 10),
        ("POST", "emailVerifications/signin", "{}", 10),
        ("POST", "emailVerifications/create", r#"{"email":"alice@example.com"}"#, 3),
        ("POST", "emailVerifications/retry", "{", 3),
        ("GET", "users/mfa/register/totp", "", 10),
    ];
    for (method, path, body, max) in rows {
        let client = Client::new(limited(|_| {}));
        client.advance(37);
        for call in 0..max {
            assert_ne!(client.send(method, path, &[], body).status, 429, "{path}: call {call}");
        }
        let before = client.state();
        too_fast(&client.send(method, path, &[], body), "23");
        // A call that is refused changes the counters and nothing else, not even the dice.
        client.differs_only(&before, &["/environment/rates/"]);
        // A preflight never counts, and is never refused.
        assert_eq!(client.send("OPTIONS", path, &[], "").status, 204);
        let noted = client.world.journal().pop().unwrap();
        assert_eq!((noted.status, noted.refusal.unwrap().rule.as_str()), (429, "K7"));
        client.advance(22);
        too_fast(&client.send(method, path, &[], body), "1");
        client.advance(1);
        assert_ne!(client.send(method, path, &[], body).status, 429, "{path}");
    }
}

#[test]
fn kinds_share_the_number_of_all_calls_and_not_each_others() {
    let client = Client::new(limited(|policy| policy.rate_limits.calls = 15));
    (0..10).for_each(|_| drop(client.get("nonce").ok(200)));
    too_fast(&client.get("nonces"), "60");
    client.mail(ALICE);
    // What was refused counts too: that was the twelfth call, of which ten were nonces.
    (0..3).for_each(|_| drop(client.get("healthcheck").ok(200)));
    too_fast(&client.get("healthcheck"), "60");
    too_fast(&client.get("users"), "60");
}

#[test]
fn numbers_and_bodies_can_be_set() {
    let of = |body: RateLimitBody| {
        let client = Client::new(limited(|policy| {
            policy.rate_limits.nonces = 1;
            policy.rate_limits.body = body;
        }));
        client.get("nonce").ok(200);
        let reply = client.get("nonce");
        assert_eq!((reply.status, reply.headers["retry-after"].to_str().unwrap()), (429, "60"));
        reply.body
    };
    let message = json!({ "message": "Rate limit exceeded", "code": 429 });
    assert_eq!(of(RateLimitBody::Message), message);
    let sentence = json!({ "error": "Too many requests. Please try again later." });
    assert_eq!(of(RateLimitBody::Sentence), sentence);
    assert_eq!(of(RateLimitBody::Words), json!({ "error": "Too Many Requests" }));
    let client = Client::new(Policy::default());
    for (number, name) in ["calls", "nonces", "connects", "signIns", "oneTimeCodes", "mfa"]
        .into_iter()
        .chain(["environment"])
        .enumerate()
    {
        let mut policy = client.world.policy();
        let limits = &mut policy.rate_limits;
        let all = [
            &mut limits.calls,
            &mut limits.nonces,
            &mut limits.connects,
            &mut limits.sign_ins,
            &mut limits.one_time_codes,
            &mut limits.mfa,
            &mut limits.environment,
        ];
        *all.into_iter().nth(number).unwrap() = 0;
        let refused = client.refused_setting(policy);
        assert_eq!(refused.field, format!("rateLimits.{name}"));
    }
}

#[test]
fn callers_are_told_apart_by_address_and_worlds_by_themselves() {
    let client = Client::new(limited(|policy| {
        policy.rate_limits.calls = 1;
        policy.rate_limits.environment = 4;
    }));
    let forged = [("x-forwarded-for", "203.0.113.9")];
    assert_eq!(from(&client, Some("192.0.2.1"), &[]), 200);
    assert_eq!(from(&client, Some("192.0.2.1"), &forged), 429, "nobody vouches for that header");
    assert_eq!(from(&client, Some("2001:db8::1"), &[]), 200);
    assert_eq!(from(&client, None, &[]), 200);
    assert_eq!(from(&client, Some("192.0.2.2"), &[]), 429, "that was the fifth of all");
    let other = Client::of(&client.mock, "00000000-0000-4000-8000-00000000bbbb");
    assert_eq!(from(&other, Some("192.0.2.1"), &[]), 200);

    let client = Client::new(limited(|policy| {
        policy.rate_limits.calls = 1;
        policy.rate_limits.trust_forwarded_for = true;
    }));
    assert_eq!(from(&client, Some("192.0.2.1"), &forged), 200);
    assert_eq!(from(&client, Some("192.0.2.2"), &forged), 429);
    assert_eq!(from(&client, Some("192.0.2.2"), &[]), 200);
}

#[test]
fn the_gateway_stands_before_faults_and_shapes() {
    let client = Client::new(limited(|policy| policy.rate_limits.nonces = 2));
    let fault = Fault { times: None, ..Fault::on("getNonce", Effect::status(503)) };
    client.world.inject_fault(fault).unwrap();
    assert_eq!([client.get("nonce").status, client.get("nonce").status], [503, 503]);
    too_fast(&client.get("nonce"), "60");
    assert_eq!(client.world.faults()[0].seen, 2);
    // A fault can still say 429 where nothing is limited.
    let client = Client::new(Policy::default());
    client.world.inject_fault(Fault::on("getNonce", Effect::status(429))).unwrap();
    assert_eq!([client.get("nonce").status, client.get("nonce").status], [429, 200]);
}

#[test]
fn counters_come_back_with_a_snapshot() {
    let client = Client::new(limited(|policy| policy.rate_limits.nonces = 2));
    client.get("nonce").ok(200);
    let snapshot: Value = client.world.snapshot();
    client.get("nonce").ok(200);
    too_fast(&client.get("nonce"), "60");
    client.world.restore(snapshot).unwrap();
    client.get("nonce").ok(200);
    too_fast(&client.get("nonce"), "60");
}

#[test]
fn a_port_tells_the_address_of_its_peer() {
    let client = Client::new(limited(|policy| policy.rate_limits.nonces = 1));
    let server = Server::spawn(client.mock.clone(), "127.0.0.1:0".parse().unwrap()).unwrap();
    let call = || exchange(server.address(), "GET", &client.path("nonce"), &[], b"").status;
    assert_eq!([call(), call()], [Some(200), Some(429)]);
    client.get("nonce").ok(200);
    let rates = client.world.snapshot()["environment"]["rates"].clone();
    assert_eq!(keys(&rates["by_address"]), ["127.0.0.1", "in-process"]);
    assert_eq!(
        (&rates["calls"], &rates["by_address"]["127.0.0.1"]["nonces"]),
        (&json!(3), &json!(2))
    );
}
