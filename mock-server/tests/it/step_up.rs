//! Step-up: who must, with what, and what a token is good for.

use mock_server::engine::TokenScope;
use mock_server::policy::{
    Enrollment, FirstEnrolment, MfaAction, Policy, ProtectedAction, ReauthenticationWithMfa,
};
use serde_json::{Value, json};

use crate::client::{ALICE, Client, ELEVATED, keys, legacy, policy};

mod elevated;
mod terms;

fn check(client: &Client, scope: &str) -> Value {
    client.post("stepUp/check", &json!({ "scope": scope })).ok(200)
}

/// The scopes that ask for a token, of all 26.
fn required(client: &Client) -> Vec<&'static str> {
    let words = TokenScope::ALL.iter().map(|scope| scope.as_str());
    words.filter(|scope| check(client, scope)["isRequired"] == json!(true)).collect()
}

fn rule(action: MfaAction, required: bool) -> ProtectedAction {
    ProtectedAction { action, required, token_behavior: None, token_expiry_seconds: None }
}

#[test]
fn some_scopes_ask_for_a_token_and_settings_add_others() {
    let client = Client::signed_in(policy(|_| {}));
    let business = TokenScope::ALL.iter().map(|scope| scope.as_str());
    let business = business.filter(|scope| scope.starts_with("business_account:"));
    let three = ["credential:link", "credential:unlink", "wallet:export"];
    assert_eq!(required(&client), business.chain(three).collect::<Vec<_>>());
    let not = check(&client, "wallet:sign");
    assert_eq!(not, json!({ "isRequired": false, "credentials": [] }));

    let client = Client::signed_in(policy(|policy| {
        policy.elevation.required_scopes = [TokenScope::UserDelete].into_iter().collect();
        policy.mfa.actions = vec![
            rule(MfaAction::WalletWaasSign, true),
            rule(MfaAction::WalletWaasReshare, true),
            rule(MfaAction::UserUpdate, true),
            rule(MfaAction::WalletWaasExport, false),
            rule(MfaAction::WalletWaasRefresh, true),
        ];
    }));
    assert_eq!(required(&client), ["user:update", "user:delete", "wallet:delegate", "wallet:sign"]);

    let everything = |policy: &mut Policy| {
        policy.elevation.required_scopes = TokenScope::ALL.iter().copied().collect();
        policy.mfa.actions = vec![rule(MfaAction::WalletWaasSign, true)];
    };
    assert_eq!(required(&Client::signed_in(policy(everything))).len(), 26);
    // The oldest rule of all: nothing is asked for where step-up is not enforced.
    assert!(required(&Client::signed_in(legacy(everything))).is_empty());
}

#[test]
fn the_check_lists_what_the_user_can_prove_themself_with() {
    let mut client = Client::signed_in(policy(|_| {}));
    let user = client.get("users").ok(200);
    let credential = user["verifiedCredentials"][0]["id"].clone();
    let by_email = json!({
        "isRequired": true,
        "credentials": [{ "id": credential, "format": "email", "alias": ALICE }],
        "defaultCredentialId": credential,
    });
    assert_eq!(check(&client, "credential:unlink"), by_email);
    // A registered but unconfirmed device proves nothing.
    let token = client.elevate_by_email(&["credential:link"]);
    client.register(&[(ELEVATED, &token)]).ok(200);
    assert_eq!(check(&client, "credential:unlink"), by_email);
    client.pass_totp(json!({}));
    let device = client.device();
    let by_totp = json!({
        "isRequired": true,
        "credentials": [{ "id": device, "format": "totp", "type": "totp" }],
        "defaultCredentialId": device,
    });
    assert_eq!(check(&client, "credential:unlink"), by_totp);
    // Where MFA is off the device no longer counts.
    client.world.set_policy(policy(|policy| policy.mfa.enabled = false)).unwrap();
    assert_eq!(check(&client, "credential:unlink"), by_email);
}

#[test]
fn a_session_that_owes_its_factor_may_ask() {
    let client = Client::challenged(policy(|_| {}));
    assert_eq!(client.scope(), "requiresAdditionalAuth");
    assert_eq!(check(&client, "wallet:export")["credentials"][0]["type"], json!("totp"));
    let reply = client.post("stepUp/check", &json!({ "scope": "wallet:*" }));
    reply.refused(422, Some("invalid_scopes"), "unknown scope `wallet:*`");
}

#[test]
fn registering_needs_credential_link_where_step_up_is_enforced() {
    let mut client = Client::signed_in(policy(|_| {}));
    let before = client.state();
    client.register(&[]).wants_elevation();
    client.register(&[(ELEVATED, "")]).wants_elevation();
    client.stays(&before);
    let wrong = client.elevate_by_email(&["credential:unlink", "user:update"]);
    client.register(&[(ELEVATED, &wrong)]).wants_elevation();
    let token = client.elevate_by_email(&["credential:update", "credential:link"]);
    client.register(&[(ELEVATED, &token)]).ok(200);

    Client::signed_in(legacy(|_| {})).register(&[]).ok(200);
    let free = policy(|policy| policy.elevation.required_scopes = [].into_iter().collect());
    Client::signed_in(free).register(&[]).ok(200);
    // A rule of an action that has nothing to do with it asks for nothing.
    let mut other =
        policy(|policy| policy.mfa.actions = vec![rule(MfaAction::WalletWaasSign, true)]);
    other.elevation.required_scopes = [].into_iter().collect();
    Client::signed_in(other).register(&[]).ok(200);
}

#[test]
fn the_first_enrolment_is_exempt_while_mfa_is_owed() {
    let forced = |rule: FirstEnrolment| {
        policy(|policy| {
            policy.mfa.enrollment = Enrollment::Signup;
            policy.elevation.first_enrolment = rule;
        })
    };
    let mut client = Client::signed_in(forced(FirstEnrolment::Exempt));
    assert_eq!(client.scope(), "requiresAdditionalAuth");
    assert_eq!(check(&client, "credential:link")["isRequired"], json!(false));
    assert_eq!(check(&client, "credential:unlink")["isRequired"], json!(true));
    client.register(&[]).ok(200);
    client.pass_totp(json!({}));
    // From now on it is like any other.
    assert_eq!(check(&client, "credential:link")["isRequired"], json!(true));
    client.register(&[]).wants_elevation();

    let mut client = Client::signed_in(forced(FirstEnrolment::NeedsToken));
    assert_eq!(check(&client, "credential:link")["isRequired"], json!(true));
    client.register(&[]).wants_elevation();
    let token = client.elevate_by_email(&["credential:link"]);
    client.register(&[(ELEVATED, &token)]).ok(200);

    // Nobody is exempt who owes nothing.
    let mut client = Client::signed_in(policy(|_| {}));
    assert_eq!(check(&client, "credential:link")["isRequired"], json!(true));
    client.register(&[]).wants_elevation();
}

#[test]
fn the_sign_in_may_bring_the_token_that_links_a_first_method() {
    let signed_in = |policy: Policy, seeded: bool, flag: Value| {
        let mut client = Client::new(policy);
        if seeded {
            client.seed_alice();
        }
        let (id, code) = client.mail(ALICE);
        let body = client.sign_in_with(&id, &code, json!({ "allowNewMFALinking": flag })).ok(200);
        (client, body["elevatedAccessToken"].as_str().map(str::to_owned))
    };
    let (mut client, token) = signed_in(policy(|_| {}), false, json!(true));
    let token = token.unwrap();
    let claims = crate::client::claims(&token);
    assert_eq!(claims["scope"], json!("credential:link"));
    assert_eq!(claims["exp"], json!(client.seconds() + 600));
    client.register(&[(ELEVATED, &token)]).ok(200);

    let required = policy(|policy| policy.mfa.enrollment = Enrollment::Signup);
    assert_eq!(signed_in(required, false, json!(true)).1, None);
    assert_eq!(signed_in(policy(|_| {}), true, json!(true)).1, None);
    assert_eq!(signed_in(policy(|_| {}), false, json!(false)).1, None);
    assert_eq!(signed_in(policy(|_| {}), false, json!(null)).1, None);
}

#[test]
fn re_authentication_elevates_those_without_a_second_factor() {
    let mut client = Client::signed_in(policy(|_| {}));
    let body = client.verify_email(ALICE, json!({ "requestedScopes": ["wallet:sign"] })).ok(200);
    let five = ["elevatedAccessToken", "expiresAt", "jwt", "minifiedJwt", "nextView", "user"];
    assert_eq!(keys(&body), five);
    let body = client.verify_email(ALICE, json!({ "requestedScopes": [] })).ok(200);
    assert_eq!(body.get("elevatedAccessToken"), None);
    let (id, code) = client.mail(ALICE);
    let before = client.state();
    let unknown = json!({
        "verificationUUID": id, "verificationToken": code, "requestedScopes": ["nonsense"],
    });
    let reply = client.post("emailVerifications/verify", &unknown);
    reply.refused(422, Some("invalid_scopes"), "Invalid scopes");
    client.stays(&before);
}

#[test]
fn what_re_authentication_does_for_a_user_with_mfa_can_be_set() {
    let wishes = json!({ "requestedScopes": ["credential:unlink"] });
    let with = |mode: ReauthenticationWithMfa| {
        Client::authenticated(policy(|policy| policy.elevation.reauthentication_with_mfa = mode))
    };
    let mut client = with(ReauthenticationWithMfa::Refuse);
    let (id, code) = client.mail(ALICE);
    let before = client.state();
    let body = json!({
        "verificationUUID": id, "verificationToken": code, "requestedScopes": ["wallet:sign"],
    });
    let reply = client.post("emailVerifications/verify", &body);
    reply.refused(403, None, "MFA is required to obtain an elevated access token");
    client.stays(&before);
    // Without a wish it is an ordinary verification, and the code is still good.
    let plain = json!({ "verificationUUID": id, "verificationToken": code });
    client.post("emailVerifications/verify", &plain).ok(200);

    let body = with(ReauthenticationWithMfa::WithoutToken).verify_email(ALICE, wishes.clone());
    assert_eq!(body.ok(200).get("elevatedAccessToken"), None);
    let body = with(ReauthenticationWithMfa::Grant).verify_email(ALICE, wishes.clone());
    assert!(body.ok(200)["elevatedAccessToken"].is_string());

    // An unconfirmed device and an environment without MFA make nobody a user with MFA.
    client = Client::signed_in(legacy(|_| {}));
    client.register(&[]).ok(200);
    assert!(client.verify_email(ALICE, wishes.clone()).ok(200)["elevatedAccessToken"].is_string());
    client = Client::challenged(policy(|policy| policy.mfa.enabled = false));
    assert!(client.verify_email(ALICE, wishes).ok(200)["elevatedAccessToken"].is_string());
}
