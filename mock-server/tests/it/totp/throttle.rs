//! Wrong codes: how many, how long the wait is, and whose they are.

use jiff::SignedDuration;
use mock_server::UserSeed;
use serde_json::json;

use crate::client::{ALICE, Client, policy};

const LIMITED: (u16, Option<&str>, &str) = (429, Some("mfa_rate_limited"), "Too many MFA attempts");

fn retry_after(reply: &crate::client::Reply) -> i64 {
    reply.headers["retry-after"].to_str().unwrap().parse().unwrap()
}

#[test]
fn five_wrong_codes_make_the_user_wait() {
    let mut client = Client::challenged(policy(|_| {}));
    for _ in 0..5 {
        client.totp(&client.wrong_code(), json!({})).wrong_code();
        client.advance(10);
    }
    let before = client.state();
    // The right code does not help either, and a refused attempt does not make the wait longer.
    let reply = client.totp(&client.code(), json!({}));
    reply.refused(LIMITED.0, LIMITED.1, LIMITED.2);
    assert_eq!(retry_after(&reply), 250);
    client.stays(&before);
    client.advance(249);
    client.totp(&client.code(), json!({})).refused(LIMITED.0, LIMITED.1, LIMITED.2);
    client.advance(1);
    client.totp(&client.code(), json!({})).ok(200);
}

#[test]
fn whoever_waits_as_long_as_told_is_let_in() {
    let mut client = Client::challenged(policy(|_| {}));
    client.world.advance_clock(SignedDuration::from_millis(500)).unwrap();
    for _ in 0..5 {
        client.totp(&client.wrong_code(), json!({})).wrong_code();
    }
    client.world.advance_clock(SignedDuration::from_millis(700)).unwrap();
    let reply = client.totp(&client.code(), json!({}));
    reply.refused(LIMITED.0, LIMITED.1, LIMITED.2);
    client.advance(retry_after(&reply));
    client.totp(&client.code(), json!({})).ok(200);
}

#[test]
fn a_lowered_bound_tells_the_whole_wait() {
    let mut client = Client::challenged(policy(|_| {}));
    for _ in 0..4 {
        client.totp(&client.wrong_code(), json!({})).wrong_code();
        client.advance(30);
    }
    client.world.set_policy(policy(|policy| policy.totp.failures_max = 1)).unwrap();
    let reply = client.totp(&client.code(), json!({}));
    reply.refused(LIMITED.0, LIMITED.1, LIMITED.2);
    // The newest failure is 30 seconds old, and even one is too many now.
    assert_eq!(retry_after(&reply), 270);
    client.advance(270);
    client.totp(&client.code(), json!({})).ok(200);
}

#[test]
fn a_success_forgets_the_failures() {
    let mut client = Client::challenged(policy(|_| {}));
    for _ in 0..2 {
        for _ in 0..4 {
            client.totp(&client.wrong_code(), json!({})).wrong_code();
        }
        client.pass_totp(json!({}));
    }
}

#[test]
fn a_confirmation_and_a_recovery_code_forget_them_too() {
    let four_wrong = |client: &mut Client| {
        for _ in 0..4 {
            client.totp(&client.wrong_code(), json!({})).wrong_code();
        }
    };
    let mut client = Client::signed_in(crate::client::legacy(|_| {}));
    client.register(&[]).ok(200);
    four_wrong(&mut client);
    let confirm = json!({ "type": "totp", "code": client.code() });
    client.post("users/mfa/register/totp", &confirm).ok(200);
    client.advance(30);
    four_wrong(&mut client);
    client.pass_totp(json!({}));
    four_wrong(&mut client);
    let code = client.get("users/mfa/recovery").ok(200)["recoveryCodes"][0].clone();
    client.post("users/mfa/auth/recovery", &json!({ "code": code })).ok(200);
    four_wrong(&mut client);
    client.pass_totp(json!({}));
}

#[test]
fn replays_confirmations_and_recovery_codes_count_as_well() {
    let mut client = Client::authenticated(policy(|_| {}));
    let spent = crate::oracle::code(&client.secret, client.seconds() - 30);
    for _ in 0..4 {
        client.totp(&spent, json!({})).wrong_code();
    }
    client.post("users/mfa/auth/recovery", &json!({ "code": "AAAAAAAAAA" })).wrong_code();
    let recovery = json!({ "code": client.world.user(ALICE).unwrap().recovery_codes[0] });
    let reply = client.post("users/mfa/auth/recovery", &recovery);
    reply.refused(LIMITED.0, LIMITED.1, LIMITED.2);
    client.totp(&client.code(), json!({})).refused(LIMITED.0, LIMITED.1, LIMITED.2);

    let mut client = Client::signed_in(crate::client::legacy(|_| {}));
    client.register(&[]).ok(200);
    let confirm = |code: &str| {
        client.post("users/mfa/register/totp", &json!({ "type": "totp", "code": code }))
    };
    for _ in 0..5 {
        confirm(&client.wrong_code()).wrong_code();
    }
    confirm(&client.code()).refused(LIMITED.0, LIMITED.1, LIMITED.2);
}

#[test]
fn the_failures_are_those_of_one_user() {
    let mut client = Client::challenged(policy(|_| {}));
    let secret = Some(client.secret.clone());
    let bob =
        UserSeed { email: "bob@example.com".into(), totp_secret: secret, ..Default::default() };
    client.world.create_user(bob).unwrap();
    for _ in 0..5 {
        client.totp(&client.wrong_code(), json!({})).wrong_code();
    }
    // Another session of Alice waits too, Bob does not.
    let reply = client.elsewhere(ALICE).totp(&client.code(), json!({}));
    reply.refused(LIMITED.0, LIMITED.1, LIMITED.2);
    let mut bob = client.elsewhere("bob@example.com");
    bob.totp(&client.code(), json!({})).ok(200);
}

#[test]
fn numbers_and_status_can_be_set() {
    let mut client = Client::challenged(policy(|policy| {
        policy.totp.failures_max = 1;
        policy.totp.failures_window_seconds = 5;
        policy.totp.rate_limited_status = 422;
    }));
    client.totp(&client.wrong_code(), json!({})).wrong_code();
    let reply = client.totp(&client.code(), json!({}));
    reply.refused(422, LIMITED.1, LIMITED.2);
    assert_eq!(retry_after(&reply), 5);
    client.advance(5);
    client.totp(&client.code(), json!({})).ok(200);
}
