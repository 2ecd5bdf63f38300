//! A whole world written down and put back, into another service with other dice.

use std::collections::BTreeSet;

use mock_server::policy::{
    MfaAction, Policy, ProtectedAction, RateLimits, SilentFirst, SmsCountry, TokenBehavior,
};
use mock_server::{
    Effect, Fault, Options, Order, Permission, SeededTotp, SnapshotError, SocialSeed, UserSeed,
    WalletSeed, WebhookPlan,
};
use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::belongings::{Belongings, create_wallet};
use crate::client::{ALICE, Client, ELEVATED, MFA_TOKEN, Reply, WORLD, legacy, policy, text};
use crate::trusted_devices::Device;
use crate::wallet_key::TestWallet;

mod damage;

/// Keys in each state, an API token, and a webhook whose receiver does not listen.
fn administer(client: &Client) {
    let world = &client.world;
    world.rotate_keys().unwrap();
    world.rotate_keys().unwrap();
    world.retire_key("mfa-mock-1").unwrap();
    world.create_api_token("a token", &[Permission::UsersRead]).unwrap();
    let events = ["user.session.created", "user.session.revoked"].map(str::to_owned);
    let (url, is_enabled) = ("http://127.0.0.1:1/".to_owned(), true);
    let plan = WebhookPlan { url, is_enabled, events: events.into_iter().collect() };
    world.register_webhook(plan).unwrap();
}

/// Settings that leave no field empty, and get in the way of nothing below.
pub(crate) fn full_policy() -> Policy {
    policy(|policy| {
        policy.cors_origins = vec!["http://localhost:3000".into()];
        policy.social.redirect_urls = vec!["http://localhost:3000/".into()];
        policy.mfa_tokens.life_seconds = Some(3_000);
        policy.passkey.related_rp_ids = vec!["example.org".into()];
        policy.elevation.single_use_scopes =
            mock_server::engine::TokenScope::ALL.iter().copied().collect();
        policy.mfa.actions = vec![ProtectedAction {
            action: MfaAction::WalletWaasSign,
            required: true,
            token_behavior: Some(TokenBehavior::SingleUse),
            token_expiry_seconds: Some(120),
        }];
        policy.device_registration.required = true;
        policy.device_registration.silent_first = SilentFirst::UsersWithoutDevice;
        policy.rate_limits = RateLimits {
            enabled: true,
            nonces: 1_000,
            calls: 1_000,
            one_time_codes: 1_000,
            mfa: 1_000,
            ..RateLimits::default()
        };
        trust_an_issuer(policy);
    })
}

/// A world in which every field of the state holds something.
fn populated() -> Client {
    populate(Client::new(full_policy()))
}

/// Fills a world of [`full_policy`].
pub(crate) fn populate(mut client: Client) -> Client {
    administer(&client);
    client.seed_alice();
    let (id, code) = client.mail(ALICE);
    let key = "02".to_owned() + &"ab".repeat(32);
    let signed = Device::number(1).headers(&client, true);
    let mut headers = vec![
        ("origin", "http://localhost:3000"),
        ("x-dyn-version", "ClientSDK/1.27.1"),
        ("x-dyn-session-public-key", key.as_str()),
        ("user-agent", "Browser/1.0"),
    ];
    headers.extend(signed.iter().map(|(name, value)| (*name, value.as_str())));
    let body = json!({ "verificationUUID": id, "verificationToken": code }).to_string();
    let reply = client.send("POST", "emailVerifications/signin", &headers, body);
    client.keep(reply).ok(200);
    // Another device of hers, which waits for its mail to be answered.
    Device::number(2).sign_in(&client, ALICE);
    // A spent MFA token, a fresh one, and a spent elevated token, on a device enrolled anew.
    let (spent, elevated) =
        (client.mfa_token(true), client.elevate(&["credential:link", "credential:unlink"]));
    let path = format!("users/mfa/{}", client.device());
    client.delete(&path, &[(MFA_TOKEN, &spent)]).ok(204);
    client.register(&[(ELEVATED, &elevated)]).ok(200);
    client.mfa_token(false);
    keep_a_passkey(&mut client);
    let recovery = json!({ "code": client.world.user(ALICE).unwrap().recovery_codes[0] });
    client.post("users/mfa/auth/recovery", &recovery).ok(200);
    credentials(&client);
    client.totp(&client.wrong_code(), json!({})).wrong_code();
    let profile = json!({
        "alias": "a", "country": "DE", "firstName": "b", "lastName": "c", "jobTitle": "d",
        "phoneNumber": "e", "tShirtSize": "f", "team": "g", "username": "hhh",
        "policiesConsent": true, "metadata": { "i": [1, 2.5, null] },
    });
    client.put("users", &profile).ok(200);
    // A session that is over, and an event of it.
    client.elsewhere(ALICE).send("POST", "revoke", &[], "").ok(204);
    client.get("nonces?count=5").ok(200);
    let (open, code) = client.mail("carol@example.com");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    client.clone().sign_in_with(&open, wrong, json!({}));
    for (email, totp) in
        [("bob@example.com", SeededTotp::Pending), ("dora@example.com", SeededTotp::None)]
    {
        client
            .world
            .create_user(UserSeed { email: email.into(), totp, ..Default::default() })
            .unwrap();
    }
    bring_eve(client.clone());
    let everything =
        Effect::Status { status: 418, code: Some("tea".into()), body: Some(json!({ "pot": 1 })) };
    for effect in [
        everything,
        Effect::Delay { milliseconds: 1 },
        Effect::DropBefore,
        Effect::DropAfter,
        Effect::Truncate { bytes: 3 },
        Effect::Edit { merge: json!({ "nonce": "odd" }) },
        Effect::Replace { body: json!("odd") },
        Effect::Meet {
            calls: 2,
            order: Order::LastCome,
            milliseconds: 1,
            name: Some("odd".into()),
        },
    ] {
        let fault = Fault { nth: 50, times: Some(2), ..Fault::on("getNonce", effect) };
        client.world.inject_fault(fault).unwrap();
    }
    populate_stand_ins(&client);
    client.get("nonce").ok(200);
    client
}

fn trust_an_issuer(policy: &mut Policy) {
    policy.sms.enabled_countries =
        vec![SmsCountry { iso_country_code: "US".into(), phone_country_code: "1".into() }];
    crate::issuer::trust(policy);
    policy.external_auth.issuer = Some("https://app.example".into());
    policy.external_auth.audience = Some("app".into());
    policy.external_auth.cookie_name = Some("app_jwt".into());
}

/// Somebody with a number and an external id, who used an assertion of the app's issuer.
fn bring_eve(mut eve: Client) {
    let (sent, code) = crate::sms::text_to(&eve, crate::sms::DIGITS);
    eve.post("smsVerifications/signin", &crate::sms::typed(&sent, &code)).ok(200);
    crate::sms::text_to(&eve, crate::sms::DIGITS);
    let assertion = json!({
        "sub": "eve", "exp": eve.seconds() + 60_000, "jti": "1", "scope": "user:update",
        "iss": "https://app.example", "aud": "app",
    });
    let jwt = json!({ "jwt": crate::issuer::sign(&assertion) });
    let reply = eve.post("externalAuth/signin", &jwt);
    eve.keep(reply).ok(200);
    eve.post("externalAuth/verify", &jwt).ok(200);
}

/// Wallets and a business account with everything that they can have, through open gates.
fn populate_stand_ins(client: &Client) {
    let closed = client.world.policy();
    let mut open = closed.clone();
    open.elevation.required_scopes = [].into_iter().collect();
    open.mfa.actions = Vec::new();
    client.world.set_policy(open).unwrap();
    let bob = client.world.user("bob@example.com").unwrap().id;
    let belongings = Belongings::of(client, &bob);
    let shares = json!({ "locations": [{ "location": "dynamic", "keygenId": "k" }] });
    let backup = belongings.fill("waas/{walletId}/keyShares/backup/locations");
    client.post(&backup, &shares).ok(201);
    let signer = json!({
        "signerType": "endUser", "userId": bob, "clientKeygenIds": ["k"],
        "oldThresholdSignatureScheme": "TWO_OF_TWO", "newThresholdSignatureScheme": "TWO_OF_TWO",
    });
    let signers =
        belongings.fill("businessAccounts/{businessAccountId}/wallets/{walletId}/signers");
    client.post(&signers, &signer).ok(201);
    let second = text(&create_wallet(client)["walletId"]);
    client.delete(&format!("users/embeddedWallets/{second}/softDelete"), &[]).ok(204);
    let named = json!({ "name": "a", "externalRef": "b", "metadata": { "c": 1 } });
    client.post("businessAccounts", &named).ok(201);
    client.world.set_policy(closed).unwrap();
}

/// A passkey that was renamed and used, and an open challenge.
fn keep_a_passkey(client: &mut Client) {
    let link = client.elevate(&["credential:link"]);
    let mut authenticator = Authenticator::new(1);
    let made = authenticator.make(&client.creation());
    client.enrol(&made, &[(ELEVATED, &link), ("user-agent", "Browser/1.0")]).ok(200);
    let named = json!({ "id": client.passkeys()[0]["id"], "alias": "Phone" });
    client.put("users/passkeys", &named).ok(200);
    client.pass_passkey(&mut authenticator, json!({}));
    client.creation();
}

/// A linked and selected wallet, an offered merge, and social sign-ins in every phase.
fn credentials(client: &Client) {
    let bobs = TestWallet::numbered(2);
    let address = bobs.address();
    let seed = UserSeed {
        wallets: vec![WalletSeed { address, ..Default::default() }],
        social_accounts: vec![SocialSeed {
            email: Some("bob@gmail.example".into()),
            ..Default::default()
        }],
        ..Default::default()
    };
    client.world.create_user(seed).unwrap();
    let mut other = client.clone();
    let elevated = other.elevate(&["credential:link"]);
    let body = TestWallet::numbered(1).signs_for(client).to_string();
    let linked = client.send("POST", "verify/link", &[(ELEVATED, &elevated)], body).ok(200);
    let credentials = linked["user"]["verifiedCredentials"].as_array().unwrap();
    let wallet =
        &credentials.iter().find(|one| one["format"] == json!("blockchain")).unwrap()["id"];
    client.put("users/wallets/selection", &json!({ "walletId": wallet })).ok(200);
    assert_eq!(client.post("verify/link", &bobs.signs_for(client)).status, 422);
    for (state, more) in [("a", ""), ("b", "&login_hint=x%40y"), ("c", "&error=access_denied")] {
        let body = json!({ "state": state, "redirectUrl": "http://localhost:3000/" });
        client.post("providers/google/initAuth", &body).ok(204);
        let pkce = format!("code_challenge={}&code_challenge_method=S256", "x".repeat(43));
        let query = format!("state={state}&prompt=none&{pkce}{more}");
        client.get(&format!("providers/google/authorizeHtml?{query}"));
    }
}

/// Every place of the state, ids taken out, with whether it holds something.
fn places(path: &str, value: &Value, seen: &mut BTreeSet<(String, bool)>) {
    match value {
        Value::Object(fields) => {
            seen.insert((path.to_owned(), !fields.is_empty()));
            for (key, field) in fields {
                let is_id = key.len() >= 32 || key.contains('@') || key.parse::<u64>().is_ok();
                places(&format!("{path}/{}", if is_id { "*" } else { key }), field, seen);
            }
        }
        Value::Array(items) => {
            seen.insert((path.to_owned(), !items.is_empty()));
            items.iter().for_each(|item| places(&format!("{path}/*"), item, seen));
        }
        leaf => {
            seen.insert((path.to_owned(), !leaf.is_null()));
        }
    }
}

#[test]
fn the_populated_world_has_no_empty_place() {
    let mut seen = BTreeSet::new();
    places("", &populated().world.snapshot(), &mut seen);
    let empty: Vec<&String> = seen
        .iter()
        .filter(|(place, full)| !full && !seen.contains(&(place.clone(), true)))
        .map(|(place, _)| place)
        .collect();
    assert_eq!(empty, [""; 0]);
    assert!(seen.len() > 150, "{}", seen.len());
}

/// The same id in a service with another seed, other defaults and its own clock.
fn elsewhere() -> Client {
    let options = Options { seed: Some(8), policy: legacy(|_| {}), ..Options::default() };
    Client::of(&mock_server::Mock::new(options).unwrap(), WORLD)
}

#[test]
fn every_field_survives() {
    let here = populated();
    let there = elsewhere();
    let snapshot = here.world.snapshot();
    there.get("nonces?count=3").ok(200);
    let journal = there.world.journal();
    there.world.restore(snapshot.clone()).unwrap();
    assert_eq!(there.world.snapshot(), snapshot);
    // As text and back it is the same as well.
    let read: Value = serde_json::from_str(&snapshot.to_string()).unwrap();
    there.world.restore(read).unwrap();
    assert_eq!(there.world.snapshot(), snapshot);
    assert_eq!(there.world.users(), here.world.users());
    assert_eq!(there.world.inbox(None, 0), here.world.inbox(None, 0));
    assert_eq!(there.world.faults(), here.world.faults());
    assert_eq!(there.world.now(), here.world.now());
    // The journal stays out: it is what happened here, not what is.
    assert_eq!(there.world.journal(), journal);
}

/// What a client does next; everything that the state decides shows in an answer.
fn go_on(mut client: Client) -> Vec<Reply> {
    let mut replies = Vec::new();
    let mut note = |reply: &Reply| replies.push(reply.clone());
    note(&client.get("settings"));
    note(&client.get("users"));
    note(&client.get("users/mfa"));
    note(&client.get("users/mfa/recovery"));
    note(&client.totp(&client.wrong_code(), json!({})));
    let wishes =
        json!({ "createMfaToken": { "singleUse": true }, "requestedScopes": ["wallet:sign"] });
    note(&client.totp(&client.code(), wishes));
    note(&client.totp(&client.code(), json!({})));
    client.advance(30);
    note(&client.send("POST", "users/mfa/recovery", &[], ""));
    note(&client.post("emailVerifications/create", &json!({ "email": "eve@example.com" })));
    note(&client.get("nonces?count=5"));
    let reply = client.send("POST", "refresh", &[("origin", "http://localhost:3000")], "");
    note(&client.keep(reply));
    (0..50).for_each(|_| note(&client.get("nonce")));
    note(&client.send("POST", "revoke", &[], ""));
    note(&client.get("users"));
    replies
}

#[test]
fn the_next_answers_are_the_same_to_the_byte() {
    let here = populated();
    let mut there = elsewhere();
    there.world.restore(here.world.snapshot()).unwrap();
    (there.bearer, there.secret) = (here.bearer.clone(), here.secret.clone());
    let worlds = [here.world.clone(), there.world.clone()];
    let [left, right] = [go_on(here), go_on(there)];
    assert_eq!(left.len(), right.len());
    for (left, right) in left.iter().zip(&right) {
        assert_eq!(left, right);
    }
    // Something was refused, granted and delayed to death in there.
    let statuses: BTreeSet<u16> = left.iter().map(|reply| reply.status).collect();
    assert_eq!(statuses, BTreeSet::from([200, 201, 204, 401, 418, 422]));
    let [left, right] = worlds.map(|world| world.snapshot());
    assert_eq!(left, right);
}

#[test]
fn a_snapshot_brings_spent_things_back_spent() {
    let mut client = Client::authenticated(policy(|policy| {
        policy.elevation.single_use_scopes =
            mock_server::engine::TokenScope::ALL.iter().copied().collect();
        policy.devices.delete_default = mock_server::policy::DeleteDefault::Never;
    }));
    let (mfa, elevated) = (client.mfa_token(true), client.elevate(&["credential:unlink"]));
    let code = client.code();
    let fresh = client.world.snapshot();
    let path = format!("users/mfa/{}", client.device());
    let spend = |client: &Client| {
        [
            client.delete(&path, &[(MFA_TOKEN, &mfa)]).status,
            client.delete(&path, &[(ELEVATED, &elevated)]).status,
            client.post("users/mfa/auth/totp", &json!({ "code": code })).status,
        ]
    };
    assert_eq!(spend(&client), [400, 400, 200]);
    let spent = client.world.snapshot();
    client.world.restore(fresh).unwrap();
    assert_eq!(spend(&client), [400, 400, 200]);
    client.world.restore(spent).unwrap();
    assert_eq!(spend(&client), [401, 403, 422]);
}

#[test]
fn a_snapshot_belongs_to_its_environment() {
    let here = Client::new(Policy::default());
    let there = Client::of(&here.mock, "00000000-0000-4000-8000-00000000bbbb");
    let before = there.state();
    let error = there.world.restore(here.world.snapshot()).unwrap_err();
    let (found, here) = (text(&json!(WORLD)), there.world.id());
    assert_eq!(error, SnapshotError::ForeignEnvironment { found, here });
    there.stays(&before);
}
