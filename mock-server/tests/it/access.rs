//! Who may call what, tried with every operation that is served: partial sessions, no session,
//! dead sessions, sessions of elsewhere, and other people's belongings.
//!
//! A new route is tried as soon as it stands in the table of routes; one without a row in
//! [`table`] fails here, and the message says what to add.

use std::collections::BTreeSet;

use mock_server::policy::{Enrollment, Policy, SilentFirst};
use serde_json::{Value, json};

use crate::belongings::{Belongings, placeholder};
use crate::client::{ALICE, Client, Reply, claims, policy, text};
use crate::routes::ROUTES;
use crate::trusted_devices::{Device, TOKEN};
use table::{ACCESS, Access, row};

pub(crate) mod table;

const OTHER_WORLD: &str = "00000000-0000-4000-8000-00000000bbbb";
const BOB: &str = "bob@example.com";

/// A world in which no gate is closed, so that nothing stands between a caller and an answer.
fn open(change: impl FnOnce(&mut Policy)) -> Policy {
    policy(|policy| {
        policy.elevation.required_scopes = [].into_iter().collect();
        change(policy);
    })
}

/// A user with one of everything, past the second factor.
fn somebody(policy: Policy) -> (Client, Belongings) {
    let client = Client::authenticated(policy);
    let friend = client.elsewhere("friend@example.com").get("users").ok(200);
    let belongings = Belongings::of(&client, friend["id"].as_str().unwrap());
    let registration = trust_a_device(&client);
    (client, belongings.with("deviceRegistrationId", &registration))
}

/// Lets the user sign in at a device while the world trusts new ones; its registration.
fn trust_a_device(client: &Client) -> String {
    let settings = client.world.policy();
    let mut asking = settings.clone();
    asking.device_registration.required = true;
    asking.device_registration.silent_first = SilentFirst::UsersWithoutDevice;
    client.world.set_policy(asking).unwrap();
    let (_, granted) = Device::number(1).sign_in(client, ALICE);
    client.world.set_policy(settings).unwrap();
    text(&claims(granted["minifiedJwt"].as_str().unwrap())["deviceRegistrationId"])
}

/// Calls an operation of the table.
fn call(client: &Client, belongings: &Belongings, (method, path, name): Route) -> Reply {
    let (_, _, body) = row(name);
    // The one call that asks for a header of its own.
    let headers = [(TOKEN, "token")];
    let (mut path, body) = (belongings.fill(path), belongings.fill(body));
    if method == "GET" && !body.is_empty() {
        path = format!("{path}?{body}");
        return client.send(method, &path, &headers, "");
    }
    client.send(method, &path, &headers, body)
}

/// Operations upon something that a user of these tests does not have.
const NONE_OF: [&str; 1] = ["restoreEmbeddedWallet"];

type Route = (&'static str, &'static str, &'static str);

/// The rule by which the latest call was refused.
fn rule(client: &Client) -> Option<String> {
    client.world.journal().pop().unwrap().refusal.map(|reason| reason.rule)
}

/// The routes of one kind or the other.
fn routes(of: impl Fn(Access) -> bool) -> impl Iterator<Item = Route> {
    ROUTES.iter().copied().filter(move |(_, _, name)| of(row(name).1))
}

#[test]
fn every_operation_has_one_row() {
    let served: BTreeSet<&str> = ROUTES.iter().map(|(_, _, name)| *name).collect();
    for name in &served {
        assert_eq!(row(name).0, *name);
    }
    for (name, ..) in ACCESS {
        assert!(served.contains(name), "{name} is not served: take its row out");
    }
    assert_eq!(ACCESS.len(), served.len(), "an operation has two rows");
}

#[test]
fn a_session_that_owes_its_factor_reaches_what_the_table_says() {
    for status in [403, 401] {
        let (owner, belongings) = somebody(open(|policy| policy.session.partial_status = status));
        let partial = owner.elsewhere(ALICE);
        assert_eq!(partial.scope(), "requiresAdditionalAuth");
        let snapshot = owner.world.snapshot();
        for route in ROUTES.iter().copied() {
            owner.world.restore(snapshot.clone()).unwrap();
            let before = owner.state();
            let reply = call(&partial, &belongings, route);
            match row(route.2).1 {
                Access::Whole | Access::Enrolling => {
                    reply.refused(status, None, "Access Forbidden");
                    assert_eq!(rule(&partial).as_deref(), Some("U27"), "{route:?}");
                    owner.stays(&before);
                }
                Access::Partial | Access::Anybody => {
                    assert_ne!(rule(&partial).as_deref(), Some("U27"), "{route:?}");
                }
            }
        }
    }
}

#[test]
fn a_session_that_owes_its_first_factor_can_enrol_it() {
    let mut client = Client::new(open(|policy| policy.mfa.enrollment = Enrollment::Signup));
    client.sign_in(ALICE);
    assert_eq!(client.scope(), "requiresAdditionalAuth");
    let snapshot = client.world.snapshot();
    for route in routes(|access| access == Access::Enrolling) {
        client.world.restore(snapshot.clone()).unwrap();
        call(&client, &Belongings::default(), route);
        assert_ne!(rule(&client).as_deref(), Some("U27"), "{route:?}");
    }
}

#[test]
fn a_whole_session_and_a_lenient_world_reach_everything() {
    let lenient = open(|policy| policy.session.partial_reaches_everything = true);
    let (owner, belongings) = somebody(lenient);
    let partial = owner.elsewhere(ALICE);
    assert_eq!(partial.scope(), "requiresAdditionalAuth");
    let snapshot = owner.world.snapshot();
    for route in ROUTES.iter().copied() {
        for client in [&owner, &partial] {
            owner.world.restore(snapshot.clone()).unwrap();
            let reply = call(client, &belongings, route);
            let rule = rule(client);
            let refused = rule.as_deref().is_some_and(|rule| ["U27", "J15", "J1"].contains(&rule));
            assert!(!refused, "{route:?}: {rule:?}");
            // One's own belongings are found, but for what there is none of: a deleted wallet,
            // another user to merge with, a trusted device.
            let is_absent = NONE_OF.contains(&route.2);
            assert_eq!(reply.status == 404, is_absent, "{route:?}: {}", reply.body);
        }
    }
}

/// Calls everything that needs a session, and nothing is granted and nothing changes.
fn all_refused(caller: &Client, belongings: &Belongings, error: &str) {
    let before = caller.state();
    for route in routes(|access| access != Access::Anybody) {
        let reply = call(caller, belongings, route);
        assert_eq!((reply.status, &reply.body), (401, &json!({ "error": error })), "{route:?}");
    }
    caller.stays(&before);
    for route in routes(|access| access == Access::Anybody) {
        let reply = call(caller, belongings, route);
        let rule = rule(caller);
        let wants_session = rule.as_deref().is_some_and(|rule| ["J1", "J15"].contains(&rule));
        assert!(!wants_session, "{route:?}: {}", reply.body);
    }
}

#[test]
fn without_a_token_nothing_is_reached() {
    let (mut client, belongings) = somebody(open(|_| {}));
    client.bearer = None;
    all_refused(&client, &belongings, "No jwt provided!");
}

#[test]
fn with_a_token_that_has_expired_nothing_is_reached() {
    let (client, belongings) = somebody(open(|policy| policy.session.life_seconds = 1_000));
    let left = claims(client.bearer.as_ref().unwrap())["exp"].as_u64().unwrap();
    let left = i64::try_from(left - client.seconds()).unwrap();
    client.advance(left - 1);
    client.get("session").ok(204);
    client.advance(1);
    all_refused(&client, &belongings, "Unauthorized");
}

#[test]
fn with_a_token_that_was_revoked_nothing_is_reached() {
    let (client, belongings) = somebody(open(|_| {}));
    client.post("revoke", &json!({})).ok(204);
    all_refused(&client, &belongings, "Unauthorized");
}

#[test]
fn with_a_token_of_another_environment_nothing_is_reached() {
    let (client, belongings) = somebody(open(|_| {}));
    let mut there = Client::of(&client.mock, OTHER_WORLD);
    there.bearer.clone_from(&client.bearer);
    there.world.set_policy(open(|_| {})).unwrap();
    all_refused(&there, &belongings, "Unauthorized");
}

#[test]
fn other_peoples_belongings_look_like_none() {
    let (alice, own) = somebody(open(|_| {}));
    let bob = alice.elsewhere(BOB);
    let snapshot = alice.world.snapshot();
    let mut tried = 0;
    for route in ROUTES.iter().copied() {
        let (_, access, body) = row(route.2);
        let names_something =
            |template: &str| placeholder(template).is_some_and(|name| name != "providerType");
        if *access == Access::Anybody || !(names_something(route.1) || names_something(body)) {
            continue;
        }
        tried += 1;
        alice.world.restore(snapshot.clone()).unwrap();
        let before = alice.state();
        let theirs = call(&bob, &own, route);
        match theirs.status {
            404 => theirs.not_found(),
            // Some calls have a code of their own for what does not exist.
            status => assert_eq!(status, 422, "{route:?}: {}", theirs.body),
        }
        alice.stays(&before);
        // Exactly like what nobody has.
        let nobody = nobodys(&own);
        assert_eq!(call(&bob, &nobody, route).body, theirs.body, "{route:?}");
    }
    assert!(tried >= 20, "only {tried} operations name something");
}

/// Ids of the right shape that belong to nobody.
fn nobodys(own: &Belongings) -> Belongings {
    const NOBODY: &str = "00000000-0000-4000-8000-00000000dead";
    let ids = ["mfaDeviceId", "walletId", "shareSetId", "businessAccountId", "signerId"];
    let ids = ids.into_iter().chain(["credentialId", "passkeyId", "deviceRegistrationId"]);
    let nobody = ids.fold(own.clone(), |all, name| all.with(name, NOBODY));
    nobody.with("walletAddress", "0x0000000000000000000000000000000000000000")
}

#[test]
fn a_body_of_the_table_has_the_right_shape() {
    // Else a call would be refused for its shape, and the tests above would prove nothing.
    let (client, belongings) = somebody(open(|_| {}));
    let snapshot = client.world.snapshot();
    for route in ROUTES.iter().copied() {
        client.world.restore(snapshot.clone()).unwrap();
        let reply = call(&client, &belongings, route);
        let is_shape = rule(&client).as_deref() == Some("W4");
        assert!(!is_shape, "{route:?}: {}", reply.body);
        assert_ne!(reply.body, Value::String(String::new()));
    }
}
