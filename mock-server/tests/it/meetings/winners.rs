//! Races whose order is known: what each order must bring, and nothing else.

use mock_server::policy::{Policy, RateLimits};
use mock_server::{Order, UserReport};
use serde_json::{Value, json};

use super::{Call, Door, all_meet, on_a_port, told};
use crate::client::{ALICE, Client, MFA_TOKEN, legacy, policy, text};

const ORDERS: [Order; 2] = [Order::FirstCome, Order::LastCome];

/// Prepares a world, races two calls in it, and looks at the answers: through both doors, in both
/// orders.
fn each(
    prepare: impl Fn() -> (Client, [Call; 2]),
    judge: impl Fn(&Client, Order, [&(u16, Value); 2]),
) {
    for order in ORDERS {
        for is_port in [false, true] {
            let (client, calls) = prepare();
            let server = on_a_port(&client);
            let door = match is_port {
                true => Door::Port(server.address()),
                false => Door::Called(&client.mock),
            };
            all_meet(&client.world, 2, order);
            let answers = door.race(&client.world, &calls);
            let title = match order {
                Order::FirstCome => "meet of 2 calls, first come first",
                Order::LastCome => "meet of 2 calls, last come first",
            };
            let wanted = [1, 2].map(|nth| format!("{title}: decided as number {nth}"));
            assert_eq!(told(&client.world), wanted);
            judge(&client, order, [&answers[0], &answers[1]]);
        }
    }
}

fn alice(client: &Client) -> UserReport {
    client.world.user(ALICE).unwrap()
}

/// The one that was decided first, and the other one.
fn in_turn<T>(order: Order, [first, second]: [T; 2]) -> [T; 2] {
    match order {
        Order::FirstCome => [first, second],
        Order::LastCome => [second, first],
    }
}

#[test]
fn a_code_is_used_and_its_set_is_renewed() {
    each(
        || {
            let mut client = Client::challenged(policy(|_| {}));
            client.pass_totp(json!({}));
            let code = alice(&client).recovery_codes.remove(0);
            let used = json!({ "code": code });
            let used = Call::of(&client, "POST", "users/mfa/auth/recovery", &used);
            let renewed = Call::of(&client, "POST", "users/mfa/recovery", &Value::Null);
            (client, [used, renewed])
        },
        |client, order, [used, renewed]| {
            // Used in time, or a code of a set that is gone; the new set is whole in both orders.
            let status = if order == Order::FirstCome { 200 } else { 422 };
            assert_eq!((used.0, renewed.0), (status, 200));
            assert_eq!(renewed.1["recoveryCodes"], json!(alice(client).recovery_codes));
            assert_eq!(alice(client).recovery_codes.len(), 10);
        },
    );
}

#[test]
fn of_two_registrations_the_later_one_is_left() {
    each(
        || {
            let client = Client::signed_in(legacy(|_| {}));
            let register = Call::get(&client, "users/mfa/register/totp");
            (client, [register.clone(), register])
        },
        |client, order, answers| {
            let [earlier, later] = in_turn(order, answers);
            assert_eq!((earlier.0, later.0), (200, 200));
            let devices = alice(client).devices;
            assert_eq!(devices.len(), 1);
            assert_eq!(json!(devices[0].id), later.1["id"]);
            assert_ne!(earlier.1["id"], later.1["id"]);
        },
    );
}

#[test]
fn a_time_step_is_the_first_one_s() {
    each(
        || {
            let client = Client::challenged(policy(|_| {}));
            let code = json!({ "code": client.code() });
            let other = client.elsewhere(ALICE);
            let calls = [&client, &other]
                .map(|client| Call::of(client, "POST", "users/mfa/auth/totp", &code));
            (client, calls)
        },
        |client, order, answers| {
            let [earlier, later] = in_turn(order, answers);
            assert_eq!((earlier.0, later.0), (200, 422));
            assert_eq!(later.1["code"], json!("mfa_invalid_code"));
            assert!(alice(client).devices[0].last_step.is_some());
        },
    );
}

#[test]
fn a_single_use_token_is_the_first_one_s() {
    each(
        || {
            let mut client = Client::authenticated(legacy(|_| {}));
            let token = client.mfa_token(true);
            let device = client.device();
            // Deleting the only device, and the same once more: the second finds token and device gone.
            let mut delete =
                Call::of(&client, "DELETE", &format!("users/mfa/{device}"), &json!(null));
            delete.headers.push((MFA_TOKEN, token));
            (client, [delete.clone(), delete])
        },
        |client, order, answers| {
            let [earlier, later] = in_turn(order, answers);
            assert_eq!(earlier.0, 204);
            assert!((400..500).contains(&later.0), "{}", later.0);
            assert!(alice(client).devices.is_empty());
        },
    );
}

#[test]
fn a_session_is_revoked_while_it_asks() {
    each(
        || {
            let client = Client::signed_in(legacy(|_| {}));
            let user = Call::get(&client, "users");
            let revoke = Call::of(&client, "POST", "revoke", &Value::Null);
            (client, [user, revoke])
        },
        |_, order, [user, revoke]| {
            let status = if order == Order::FirstCome { 200 } else { 401 };
            assert_eq!((user.0, revoke.0), (status, 204));
        },
    );
}

#[test]
fn a_call_that_comes_too_often_waits_for_nobody() {
    let limits = RateLimits { enabled: true, nonces: 1, ..RateLimits::default() };
    let client = Client::new(Policy { rate_limits: limits, ..Policy::default() });
    client.get("nonce").ok(200);
    let id = all_meet(&client.world, 2, Order::FirstCome);
    // The gateway counts before any fault does, so it stands nowhere.
    assert_eq!(client.get("nonce").status, 429);
    let fault = client.world.faults().into_iter().find(|fault| fault.id == id).unwrap();
    assert_eq!((fault.seen, fault.fired), (0, 0));
    assert_eq!(text(&json!(client.world.journal().pop().unwrap().refusal.unwrap().rule)), "K7");
}
