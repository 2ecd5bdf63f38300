//! What makes an elevated token unusable, and when it is spent.

use mock_server::UserSeed;
use mock_server::engine::TokenScope;
use mock_server::policy::{Policy, SpentOn};
use serde_json::json;

use crate::client::{ALICE, Client, ELEVATED, MFA_TOKEN, Reply, WORLD, forge, policy};

const UNLINK: &str = "credential:unlink";
const OTHER_WORLD: &str = "00000000-0000-4000-8000-00000000bbbb";

/// `credential:*` tokens are single-use, and of step-up's two proofs only the elevated one counts.
fn single_use(policy: &mut Policy) {
    policy.elevation.single_use_scopes =
        [TokenScope::CredentialLink, TokenScope::CredentialUnlink].into_iter().collect();
}

fn delete(client: &Client, token: &str) -> Reply {
    client.delete(&format!("users/mfa/{}", client.device()), &[(ELEVATED, token)])
}

/// Deletes the device, enrols again and passes the factor, so that there is one to delete again.
fn delete_and_enrol_again(client: &mut Client, token: &str) {
    delete(client, token).ok(204);
    let link = client.elevate_by_email(&["credential:link"]);
    client.register(&[(ELEVATED, &link)]).ok(200);
    client.pass_totp(json!({}));
}

/// Every way to be unusable, with the message that tells them apart.
fn flawed(change: impl Fn(&mut Policy)) -> Vec<(Client, String, &'static str)> {
    let world = || Client::authenticated(policy(&change));
    let mut all = Vec::new();
    let mut client = world();
    let token = client.elevate(&[UNLINK]);
    let (head, signature) = token.rsplit_once('.').unwrap();
    let turned: String = signature.chars().rev().collect();
    all.push((client.clone(), format!("{head}.{turned}"), "Elevated access token invalid"));
    all.push((client.clone(), "nonsense".to_owned(), "Elevated access token invalid"));
    // A session's token is no elevated one, whatever it may do as a bearer.
    let bearer = client.bearer.clone().unwrap();
    all.push((client.clone(), bearer, "Elevated access token invalid"));
    let expiring = client.clone();

    let mut client = world();
    let lacking = client.elevate(&["credential:link", "wallet:sign"]);
    all.push((client.clone(), lacking, "Elevated access token lacks the scope"));

    let foreign = "Elevated access token belongs to another session";
    let mut there = client.elsewhere(ALICE);
    let of_session = there.elevate(&[UNLINK]);
    all.push((client.clone(), of_session, foreign));
    client
        .world
        .create_user(UserSeed { email: "bob@example.com".into(), ..Default::default() })
        .unwrap();
    let mut bob = client.elsewhere("bob@example.com");
    let wish = json!({ "requestedScopes": [UNLINK] });
    let body = bob.verify_email("bob@example.com", wish).ok(200);
    all.push((client.clone(), crate::client::text(&body["elevatedAccessToken"]), foreign));
    let mut other = Client::of(&client.mock, OTHER_WORLD);
    other.seed_alice();
    other.sign_in(ALICE);
    all.push((client, other.elevate(&[UNLINK]), foreign));

    // Last, because it moves that world's clock: 300 or 600 seconds after the minting.
    let life = crate::client::claims(&token)["exp"].as_u64().unwrap() - expiring.seconds();
    expiring.advance(life.try_into().unwrap());
    all.push((expiring, token, "Elevated access token expired"));
    all
}

#[test]
fn every_flaw_is_refused_like_a_missing_token() {
    let cases = flawed(|_| {});
    assert_eq!(cases.len(), 8);
    for (client, token, what) in cases {
        let before = client.state();
        let reply = delete(&client, &token);
        assert_eq!(reply.status, 403, "{what}");
        reply.wants_elevation();
        client.stays(&before);
    }
}

#[test]
fn the_flaws_can_be_told_apart_if_that_is_set() {
    for (client, token, message) in flawed(|policy| policy.elevation.distinct_messages = true) {
        let code = Some("elevated_access_token_required");
        delete(&client, &token).refused(403, code, message);
        delete(&client, "").wants_elevation();
    }
    let mut client = Client::authenticated(policy(|policy| {
        single_use(policy);
        policy.elevation.distinct_messages = true;
        policy.devices.delete_default = mock_server::policy::DeleteDefault::Never;
    }));
    let token = client.elevate(&[UNLINK]);
    delete(&client, &token).refused(400, None, "Cannot delete the default MFA device");
    let code = Some("elevated_access_token_required");
    delete(&client, &token).refused(403, code, "Elevated access token already used");
}

#[test]
fn status_and_code_can_be_set() {
    let mut client = Client::signed_in(policy(|policy| {
        policy.elevation.refused_status = 401;
        policy.elevation.refused_code = "step_up".into();
    }));
    client.register(&[]).refused(401, Some("step_up"), "Elevated access token required");
    let reply = client.register(&[(ELEVATED, "nonsense")]);
    reply.refused(401, Some("step_up"), "Elevated access token required");
}

#[test]
fn a_time_bound_token_is_good_until_its_last_second() {
    let mut client = Client::authenticated(policy(|_| {}));
    let token = client.elevate(&[UNLINK]);
    client.advance(600 - 30 - 1);
    let mut again = client.clone();
    delete_and_enrol_again(&mut again, &token);
    // Enrolling took a step of thirty seconds.
    assert_eq!(delete(&again, &token).status, 403);

    let mut client = Client::authenticated(policy(|_| {}));
    let token = client.elevate(&[UNLINK]);
    delete_and_enrol_again(&mut client, &token);
    delete(&client, &token).ok(204);
}

#[test]
fn a_single_use_token_is_spent_by_its_first_use() {
    let mut client = Client::authenticated(policy(single_use));
    let token = client.elevate(&[UNLINK]);
    delete_and_enrol_again(&mut client, &token);
    delete(&client, &token).wants_elevation();
    // Another one is not touched by that.
    let second = client.elevate(&[UNLINK]);
    delete(&client, &second).ok(204);
}

#[test]
fn when_it_is_spent_can_be_set() {
    for (spent_on, second) in [(SpentOn::Acceptance, 403), (SpentOn::Success, 204)] {
        let mut client = Client::authenticated(policy(|policy| {
            single_use(policy);
            policy.elevation.spent_on = spent_on;
            policy.devices.delete_default = mock_server::policy::DeleteDefault::Never;
        }));
        let token = client.elevate(&[UNLINK]);
        // The token passes, the rule of the business says no.
        delete(&client, &token).refused(400, None, "Cannot delete the default MFA device");
        client
            .world
            .set_policy(policy(|policy| {
                single_use(policy);
                policy.elevation.spent_on = spent_on;
            }))
            .unwrap();
        assert_eq!(delete(&client, &token).status, second, "{spent_on:?}");
    }
    // A success spends it in either case.
    let mut client = Client::authenticated(policy(|policy| {
        single_use(policy);
        policy.elevation.spent_on = SpentOn::Success;
    }));
    let token = client.elevate(&[UNLINK]);
    delete_and_enrol_again(&mut client, &token);
    delete(&client, &token).wants_elevation();
}

#[test]
fn a_link_that_succeeds_spends_its_token_wherever_that_is_set() {
    for spent_on in [SpentOn::Acceptance, SpentOn::Success] {
        let mut client = Client::signed_in(policy(|policy| {
            single_use(policy);
            policy.elevation.spent_on = spent_on;
        }));
        let token = client.elevate_by_email(&["credential:link"]);
        let link = |email: &str| {
            let (id, code) = client.mail(email);
            let body = json!({ "verificationUUID": id, "verificationToken": code }).to_string();
            client.send("POST", "emailVerifications/verify", &[(ELEVATED, &token)], body)
        };
        link("alice@work.example").ok(200);
        link("alice@home.example").wants_elevation();
    }
}

#[test]
fn a_refused_token_is_not_spent() {
    let mut client = Client::authenticated(policy(single_use));
    let token = client.elevate(&[UNLINK]);
    // Shown where another scope is asked for, and by a call that does not exist.
    client.register(&[(ELEVATED, &token)]).wants_elevation();
    let reply =
        client.delete("users/mfa/00000000-0000-4000-8000-000000000000", &[(ELEVATED, &token)]);
    assert_eq!(reply.status, 404);
    delete(&client, &token).ok(204);
}

#[test]
fn a_token_of_another_session_serves_once_if_that_is_set() {
    let mut here = Client::authenticated(policy(|policy| {
        single_use(policy);
        policy.elevation.bound_to_session = false;
    }));
    let mut there = here.elsewhere(ALICE);
    there.pass_totp(json!({}));
    there.secret.clone_from(&here.secret);
    let token = here.elevate(&[UNLINK]);
    delete_and_enrol_again(&mut there, &token);
    // Spent is spent, also in the session that asked for it.
    delete(&here, &token).wants_elevation();
    delete(&there, &token).wants_elevation();
    // Nor does a logout bring it back.
    there.send("POST", "revoke", &[], "").ok(204);
    delete(&here, &token).wants_elevation();
    assert_eq!(here.world.id(), WORLD);
}

#[test]
fn each_claim_of_a_token_is_looked_at_by_itself() {
    let mut client =
        Client::authenticated(policy(|policy| policy.elevation.distinct_messages = true));
    let own = client.elevate(&[UNLINK]);
    let bob = client.elsewhere("bob@example.com").get("users").ok(200);
    let claims = crate::client::claims(&own);
    let foreign = "Elevated access token belongs to another session";
    let invalid = "Elevated access token invalid";
    for (claim, value, message) in [
        ("sub", bob["id"].clone(), foreign),
        ("sid", bob["sessionId"].clone(), foreign),
        ("environment_id", json!(OTHER_WORLD), foreign),
        ("exp", json!(client.seconds()), "Elevated access token expired"),
        ("scope", json!("credential:unlinked"), invalid),
        ("scope", json!("credential:*"), invalid),
        ("scope", json!(""), "Elevated access token lacks the scope"),
        ("scope", json!([UNLINK]), invalid),
        ("jti", json!("nonsense"), invalid),
        ("jti", json!(null), invalid),
        ("singleUse", json!("false"), invalid),
    ] {
        let mut bent = claims.clone();
        bent[claim] = value;
        let code = Some("elevated_access_token_required");
        delete(&client, &forge(&bent)).refused(403, code, message);
    }
    // Where sessions do not bind a token, its user and its world still do.
    let unbound = policy(|policy| policy.elevation.bound_to_session = false);
    client.world.set_policy(unbound).unwrap();
    for (claim, value) in [("sub", bob["id"].clone()), ("environment_id", json!(OTHER_WORLD))] {
        let mut bent = claims.clone();
        bent[claim] = value;
        delete(&client, &forge(&bent)).wants_elevation();
    }
    let mut bent = claims;
    bent["sid"] = bob["sessionId"].clone();
    delete(&client, &forge(&bent)).ok(204);
}

#[test]
fn an_unusable_elevated_token_leaves_the_mfa_token_to_decide() {
    let mut client = Client::authenticated(policy(|_| {}));
    let mfa = client.mfa_token(true);
    let path = format!("users/mfa/{}", client.device());
    client.delete(&path, &[(ELEVATED, "nonsense"), (MFA_TOKEN, &mfa)]).ok(204);
}
