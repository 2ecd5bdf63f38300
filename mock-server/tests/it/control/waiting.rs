//! Waiting for a mail or a call instead of asking again and again; what the journal shows.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Control;
use crate::client::{ALICE, text};

#[expect(clippy::disallowed_methods, reason = "how long a call waited is what is asked here")]
fn timed<T>(run: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let value = run();
    (value, start.elapsed())
}

/// Waits in one thread; does something in the other once the first has begun to wait.
fn while_waiting(control: &Control, rest: &str, then: impl FnOnce()) -> (Value, Duration) {
    let path = super::filled(&format!("/_mock/v1/environments/{{environmentId}}{rest}"), "");
    let address = control.server.address();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(move || {
            timed(|| crate::socket::exchange(address, "GET", &path, &[], b"").ok(200))
        });
        // Nothing outside shows that a call waits; a tenth of a second is when it surely does. Were
        // it late, it would find what it waits for at once, and only the first assertion would fail.
        std::thread::sleep(Duration::from_millis(100));
        then();
        waiting.join().unwrap()
    })
}

#[test]
fn a_mail_wakes_whoever_waits_for_it() {
    let control = Control::new();
    let client = control.client();
    let (body, took) = while_waiting(&control, "/inbox?wait=20", || drop(client.mail(ALICE)));
    assert_eq!(body["mails"][0]["to"], json!(ALICE));
    assert!(took >= Duration::from_millis(50) && took < Duration::from_secs(10), "{took:?}");
    // A mail to somebody else, or one that was seen before, wakes nobody.
    let rest = format!("/inbox?wait=20&after=1&to={}", ALICE.replace('@', "%40"));
    let (body, _) = while_waiting(&control, &rest, || {
        client.mail("bob@example.com");
        client.mail(ALICE);
    });
    assert_eq!(body["mails"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&body["mails"][0]["sequence"], &body["mails"][0]["to"]),
        (&json!(3), &json!(ALICE))
    );
}

#[test]
fn what_is_there_needs_no_waiting_and_what_never_comes_ends_it() {
    let control = Control::new();
    control.client().mail(ALICE);
    let get = |rest: &str| control.of_world("GET", rest, "").ok(200);
    let (body, took) = timed(|| get("/inbox?wait=30"));
    assert_eq!(body["mails"].as_array().unwrap().len(), 1);
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert_eq!(get("/inbox?after=1")["mails"], json!([]));
    let (body, took) = timed(|| get("/inbox?after=1&wait=1"));
    assert_eq!(body["mails"], json!([]));
    assert!(took >= Duration::from_millis(990), "{took:?}");
}

#[test]
fn the_inbox_is_read_from_a_time_on() {
    let control = Control::new();
    let client = control.client();
    client.mail(ALICE);
    client.advance(60);
    client.mail(ALICE);
    let count = |query: &str| {
        let body = control.of_world("GET", &format!("/inbox?{query}"), "").ok(200);
        body["mails"].as_array().unwrap().len()
    };
    assert_eq!(count("since=2030-01-01T12:00:00Z"), 2);
    assert_eq!(count("since=2030-01-01T12:01:00Z"), 1);
    assert_eq!(count("since=2030-01-01T13:01:00+01:00"), 1);
    assert_eq!(count("since=2030-01-01T12:01:01Z"), 0);
    assert_eq!(count("to=nobody@example.com"), 0);
    assert_eq!(count("to=ALICE@example.com&after=1"), 1);
}

#[test]
fn a_count_is_waited_for() {
    let control = Control::new();
    let client = control.client();
    let count = "/journal/count?operation=getHealthcheck";
    let (body, took) = while_waiting(&control, &format!("{count}&atLeast=2&wait=20"), || {
        client.get("healthcheck");
        client.get("settings");
        client.get("healthcheck");
    });
    assert_eq!(body, json!({ "count": 2, "reached": true }));
    assert!(took >= Duration::from_millis(50) && took < Duration::from_secs(10), "{took:?}");
    let get = |rest: &str| control.of_world("GET", &format!("{count}{rest}"), "").ok(200);
    assert_eq!(get("&atLeast=3"), json!({ "count": 2, "reached": false }));
    assert_eq!(get("&after=1"), json!({ "count": 1, "reached": true }));
    assert_eq!(get(""), json!({ "count": 2, "reached": true }));
    // The journal itself can be waited for as well, of one operation only.
    let rest = "/journal?after=3&operation=getNonce&wait=20";
    let (body, _) = while_waiting(&control, rest, || {
        client.get("healthcheck");
        client.get("nonce");
    });
    assert_eq!(body["exchanges"].as_array().unwrap().len(), 1);
    assert_eq!((&body["exchanges"][0]["sequence"], &body["newest"]), (&json!(5), &json!(5)));
}

#[test]
fn secrets_are_masked_unless_asked_for() {
    let control = Control::new();
    let mut client = control.client();
    client.seed_alice();
    client.sign_in(ALICE);
    let body = client.pass_totp(json!({
        "createMfaToken": { "singleUse": false }, "requestedScopes": ["wallet:sign"],
    }));
    let codes = client.get("users/mfa/recovery").ok(200);
    client.totp(&client.wrong_code(), json!({})).wrong_code();
    let secrets = [
        client.world.inbox(None, 0)[0].code.clone(),
        client.bearer.clone().unwrap(),
        text(&body["jwt"]),
        text(&body["mfaToken"]),
        text(&body["elevatedAccessToken"]),
        text(&codes["recoveryCodes"][0]),
        crate::oracle::code(&client.secret, client.seconds() - 30),
    ];
    let masked = control.of_world("GET", "/journal?reveal=false", "").ok(200);
    assert_eq!(masked, control.of_world("GET", "/journal", "").ok(200));
    let revealed = control.of_world("GET", "/journal?reveal=true", "").ok(200);
    for secret in secrets {
        assert!(!masked.to_string().contains(&secret), "{secret}");
        assert!(revealed.to_string().contains(&secret), "{secret}");
    }
    // Nothing else differs: the mask stands in the place of the values alone.
    let last = masked["exchanges"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["requestBody"], json!({ "code": mock_server::MASK }));
    assert_eq!(last["responseBody"]["code"], json!("mfa_invalid_code"));
    assert_eq!(last["refusal"]["rule"], json!("T16"));
    assert_eq!(last["operation"], json!("authMfaTotpDevice"));
    let sent = last["requestHeaders"].as_array().unwrap();
    assert!(sent.contains(&json!(["authorization", mock_server::MASK])));
}
