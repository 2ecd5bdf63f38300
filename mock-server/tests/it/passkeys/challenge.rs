//! Challenges: good for one purpose, in one session, once, and for their life.

use mock_server::policy::Policy;
use serde_json::json;

use super::{BOB, REGISTER, SIGN_IN, enrol, enrolled};
use crate::authenticator::Authenticator;
use crate::client::{ALICE, Client, legacy};

#[test]
fn a_challenge_is_accepted_once() {
    let mut client = Client::signed_in(legacy(|_| {}));
    let mut authenticator = Authenticator::new(1);
    let options = client.creation();
    client.enrol(&authenticator.make(&options), &[]).ok(200);
    let second = Authenticator::new(2).make(&options);
    let before = client.state();
    assert_eq!(client.enrol(&second, &[]).status, 422);
    assert_eq!(client.reason().0, "WebAuthn 7.1 step 8");
    client.stays(&before);

    let options = client.request();
    let body = authenticator.sign_in(&options);
    client.assert(body.clone(), json!({})).ok(200);
    let before = client.state();
    for again in [body, authenticator.sign_in(&options)] {
        assert_eq!(client.assert(again, json!({})).status, 422);
        let (rule, reason) = client.reason();
        assert_eq!(rule, "WebAuthn 7.2 step 11");
        assert!(reason.contains("used before"), "{reason}");
    }
    client.stays(&before);
}

#[test]
fn it_lives_to_the_second() {
    for (seconds, is_open) in [(299, true), (300, false)] {
        let (mut client, mut authenticator) = enrolled(legacy(|_| {}));
        let (creation, request) = (client.creation(), client.request());
        let signin = client.get(SIGN_IN).ok(200);
        client.advance(seconds);
        let made = Authenticator::new(2).make(&creation);
        let replies = [
            client.enrol(&made, &[]),
            client.assert(authenticator.sign_in(&request), json!({})),
            client.post(SIGN_IN, &authenticator.sign_in(&signin)),
        ];
        let expected = if is_open { [200, 200, 200] } else { [422, 422, 401] };
        assert_eq!(replies.map(|reply| reply.status), expected, "{seconds}");
        let refusals = client.world.journal().into_iter().filter_map(|it| it.refusal);
        let expired = refusals.filter(|it| it.reason.contains("expired")).count();
        assert_eq!(expired, if is_open { 0 } else { 3 });
    }
}

#[test]
fn it_is_good_in_its_session_only() {
    let (mut here, mut authenticator) = enrolled(legacy(|_| {}));
    let mut there = here.elsewhere(ALICE);
    let mut bob = here.elsewhere(BOB);
    there.pass_passkey(&mut authenticator, json!({}));
    let (creation, request) = (here.creation(), here.request());
    for other in [&mut there, &mut bob] {
        let made = Authenticator::new(2).make(&creation);
        let before = other.state();
        assert_eq!(other.enrol(&made, &[]).status, 422);
        let (rule, reason) = other.reason();
        assert_eq!(rule, "WebAuthn 7.1 step 8");
        assert!(reason.contains("another session"), "{reason}");
        other.stays(&before);
    }
    let before = there.state();
    assert_eq!(there.assert(authenticator.sign_in(&request), json!({})).status, 422);
    let (rule, reason) = there.reason();
    assert_eq!(rule, "WebAuthn 7.2 step 11");
    assert!(reason.contains("another session"), "{reason}");
    there.stays(&before);
    here.assert(authenticator.sign_in(&request), json!({})).ok(200);
    here.enrol(&Authenticator::new(2).make(&creation), &[]).ok(200);
}

#[test]
fn it_is_good_for_its_purpose_only() {
    let (mut client, mut authenticator) = enrolled(legacy(|_| {}));
    let (creation, request) = (client.creation(), client.request());
    let signin = client.get(SIGN_IN).ok(200);
    let before = client.state();
    for options in [&creation, &signin] {
        let mut taken = request.clone();
        taken["challenge"] = options["challenge"].clone();
        assert_eq!(client.assert(authenticator.sign_in(&taken), json!({})).status, 422);
        assert!(client.reason().1.contains("another purpose"), "{:?}", client.reason());
    }
    for options in [&creation, &request] {
        let mut taken = signin.clone();
        taken["challenge"] = options["challenge"].clone();
        client.post(SIGN_IN, &authenticator.sign_in(&taken)).unauthorized();
        assert!(client.reason().1.contains("another purpose"), "{:?}", client.reason());
    }
    for options in [&request, &signin] {
        let mut taken = creation.clone();
        taken["challenge"] = options["challenge"].clone();
        let made = Authenticator::new(2).make(&taken);
        assert_eq!(client.enrol(&made, &[]).status, 422);
        assert!(client.reason().1.contains("another purpose"), "{:?}", client.reason());
    }
    client.stays(&before);
}

#[test]
fn it_is_of_its_world_only() {
    let (mut client, mut authenticator) = enrolled(legacy(|_| {}));
    let mut other = Client::of(&client.mock, "00000000-0000-4000-8000-00000000bbbb");
    other.world.set_policy(legacy(|_| {})).unwrap();
    other.sign_in(ALICE);
    enrol(&mut other, 1);
    let (foreign, signin) = (other.request(), other.get(SIGN_IN).ok(200));
    // The same number of challenges here, so that only their chance can tell them apart.
    client.request();
    client.get(SIGN_IN).ok(200);
    let before = client.state();
    let handle = authenticator.user_handle.clone();
    let body = authenticator.sign_in_bent(&foreign, |it| it.user_handle.clone_from(&handle));
    assert_eq!(client.assert(body, json!({})).status, 422);
    assert_eq!(client.reason().0, "WebAuthn 7.2 step 11");
    client.post(SIGN_IN, &authenticator.sign_in(&signin)).unauthorized();
    assert_eq!(client.reason().0, "WebAuthn 7.2 step 11");
    client.stays(&before);
}

#[test]
fn a_refusal_costs_it_only_where_the_settings_say_so() {
    for (survives, second) in [(true, 200), (false, 422)] {
        let set = |policy: &mut Policy| policy.passkey.challenge_survives_refusal = survives;
        let (mut client, mut authenticator) = enrolled(legacy(set));
        let options = client.request();
        let wrong = authenticator.sign_in_bent(&options, |it| it.signature_error = 1);
        assert_eq!(client.assert(wrong, json!({})).status, 422);
        let right = authenticator.sign_in(&options);
        assert_eq!(client.assert(right, json!({})).status, second);
    }
}

#[test]
fn the_oldest_gives_way() {
    let (mut client, mut authenticator) =
        enrolled(legacy(|policy| policy.limits.passkey_challenges_max = 2));
    let options = [client.request(), client.request(), client.request()];
    assert_eq!(client.state()["environment"]["challenges"]["open"].as_object().unwrap().len(), 2);
    let statuses =
        options.map(|options| client.assert(authenticator.sign_in(&options), json!({})).status);
    assert_eq!(statuses, [422, 200, 200]);
    assert_ne!(
        client.get(REGISTER).ok(200)["challenge"],
        client.get(REGISTER).ok(200)["challenge"]
    );
}

#[test]
fn a_session_that_has_ended_takes_its_challenges_along() {
    let (mut client, mut authenticator) = enrolled(legacy(|_| {}));
    let options = client.request();
    let body = authenticator.sign_in(&options);
    client.post("revoke", &json!({})).ok(204);
    client.assert(body, json!({})).unauthorized();
}
