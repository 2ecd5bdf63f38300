//! Whatever is sent: an answer, and an error that an SDK can read.

use std::sync::{Mutex, OnceLock, PoisonError};

use mock_server::bytes::Bytes;
use mock_server::http::{HeaderName, HeaderValue, Method, Request, Uri};
use mock_server::policy::{AuthStorage, Method as Factor, MethodKind, Policy};
use mock_server::{Effect, Fault};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::client::{ALICE, Client, ELEVATED, MFA_TOKEN, WORLD, is_page};
use crate::routes::{ADMIN_ROUTES, ROUTES, filled, filled_for_administrators};
use crate::wallet_key::TestWallet;

/// A world with something to hit: a user past the second factor, tokens, codes, an open mail.
struct Target {
    client: Client,
    snapshot: Value,
    headers: Vec<(&'static str, String)>,
    bodies: Vec<String>,
    /// What an administrator shows.
    token: String,
}

fn target() -> &'static Target {
    static TARGET: OnceLock<Target> = OnceLock::new();
    TARGET.get_or_init(|| {
        let mut policy = Policy::default();
        policy.auth.storage.insert(AuthStorage::Cookie);
        policy.auth.tokens_in_body = true;
        crate::issuer::trust(&mut policy);
        let kind = MethodKind::Email;
        let allow_backup_codes = true;
        policy.mfa.methods.push(Factor { kind, enabled: true, allow_backup_codes });
        let mut client = Client::authenticated(policy);
        let link = client.elevate(&["credential:link"]);
        let mut authenticator = Authenticator::new(1);
        let made = authenticator.make(&client.creation());
        client.enrol(&made, &[(ELEVATED, &link)]).ok(200);
        let made = Authenticator::new(2).make(&client.creation());
        let passkey = &client.passkeys()[0]["id"];
        let (elevated, mfa) = (client.elevate(&["credential:link", "credential:unlink"]), client.mfa_token(true));
        let (id, code) = client.mail(ALICE);
        let nonce = client.get("nonce").ok(200)["nonce"].to_string();
        let recovery = client.world.user(ALICE).unwrap().recovery_codes[0].clone();
        let (sent, text_code) = crate::sms::text_to(&client, crate::sms::DIGITS);
        let mut retry = crate::sms::us(crate::sms::DIGITS);
        retry["verificationUUID"] = json!(sent);
        let assertion = json!({ "sub": "a", "exp": client.seconds() + 60, "nbf": 1.5, "jti": "1",
            "aud": ["b"], "iss": "c", "scope": "credential:link" });
        let jwt = crate::issuer::sign(&assertion);
        let bodies = [
            crate::sms::us("5551234567"),
            retry,
            json!({ "verificationUUID": sent, "verificationToken": text_code }),
            json!({ "jwt": jwt, "sessionPublicKey": "02" }),
            json!({ "email": ALICE }),
            json!({ "verificationUUID": id, "email": ALICE }),
            json!({ "verificationUUID": id, "verificationToken": code, "requestedScopes": ["wallet:sign"] }),
            json!({ "code": client.code(), "createMfaToken": { "singleUse": true }, "requestedScopes": ["user:update"] }),
            json!({ "code": recovery }),
            json!({ "type": "totp", "code": "123456" }),
            json!({ "scope": "credential:link" }),
            json!({ "alias": "x", "email": "b@example.com", "metadata": { "a": [1.5e10, null] }, "mfaBackupCodeAcknowledgement": "complete" }),
            json!({ "default": true }),
            json!({ "chain": "EVM", "clientKeygenIds": ["k"], "thresholdSignatureScheme": "TWO_OF_TWO" }),
            json!({ "message": "hi", "exportId": "k", "roomType": "full", "roomCount": 3 }),
            json!({ "clientKeygenIds": ["k"], "oldThresholdSignatureScheme": "TWO_OF_TWO", "newThresholdSignatureScheme": "TWO_OF_TWO", "delegateToProjectEnvironment": true }),
            json!({ "locations": [{ "location": "dynamic" }], "keyShareIds": [], "name": "Acme" }),
            json!({ "walletId": "00000000-0000-4000-8000-000000000000", "role": "admin", "type": "email", "identifier": ALICE }),
            authenticator.sign_in(&client.request()),
            authenticator.sign_in(&client.get("users/passkeys/signin").ok(200)),
            json!({ "id": passkey, "attestation": made }),
            made,
            json!({ "id": passkey, "passkeyId": passkey, "alias": "x" }),
            TestWallet::numbered(1).signs_for(&client),
            json!({ "walletId": id, "primaryWalletId": id }),
            json!({ "mergeUserResolutions": [{ "userId": id, "fieldKey": "alias", "type": "standard" }] }),
            json!({ "state": "state", "redirectUrl": "http://localhost:3000/" }),
            json!({ "state": "state", "code": "code", "codeVerifier": "verifier" }),
            json!({ "email": "b@example.com", "firstName": "b" }),
            json!({ "note": "n", "scopes": ["environment.users.read"] }),
            json!({ "url": "http://127.0.0.1:1/", "isEnabled": true, "events": ["user.updated"] }),
        ];
        let made = client.world.create_api_token("", &[]).unwrap();
        let token = format!("Bearer {}", made.token.unwrap());
        let mut headers = presented(client.bearer.as_ref().unwrap(), elevated, mfa, nonce);
        headers.push(("authorization", token.clone()));
        let bodies = bodies.iter().map(Value::to_string).collect();
        let snapshot = client.world.snapshot();
        Target { client, snapshot, headers, bodies, token }
    })
}

/// Every header that the service reads.
fn presented(
    bearer: &str,
    elevated: String,
    mfa: String,
    nonce: String,
) -> Vec<(&'static str, String)> {
    vec![
        ("authorization", format!("Bearer {bearer}")),
        (ELEVATED, elevated),
        (MFA_TOKEN, mfa),
        ("x-dynamic-device-nonce", nonce),
        ("x-dynamic-device-publickey", "02".repeat(33)),
        ("x-dynamic-device-signed-nonce", "02".repeat(64)),
        ("origin", "http://localhost:3000".to_owned()),
        ("access-control-request-headers", "x-a, x-b".to_owned()),
        ("x-dyn-version", "ClientSDK/1.27.1".to_owned()),
        ("x-dynamic-device-registration-token", "no-token-of-this-world".to_owned()),
        ("cookie", format!("DYNAMIC_JWT_TOKEN={bearer}")),
    ]
}

/// A text with a few places changed, cut out or doubled.
fn bent(text: String) -> impl Strategy<Value = Vec<u8>> {
    let edits = prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8, any::<u8>()), 0..4);
    edits.prop_map(move |edits| {
        let mut bytes = text.clone().into_bytes();
        for (at, kind, byte) in edits {
            if bytes.is_empty() {
                bytes.push(byte);
            }
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => drop(bytes.remove(at)),
                _ => bytes.truncate(at),
            }
        }
        bytes
    })
}

fn methods() -> impl Strategy<Value = String> {
    let known = prop_oneof![
        Just("GET"),
        Just("POST"),
        Just("PUT"),
        Just("DELETE"),
        Just("PATCH"),
        Just("OPTIONS"),
        Just("HEAD"),
        Just("CONNECT"),
        Just("TRACE"),
    ];
    prop_oneof![8 => known.prop_map(str::to_owned), 1 => "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}"]
}

fn paths() -> impl Strategy<Value = Vec<u8>> {
    let real = (
        select(ROUTES.to_vec()),
        select(vec![WORLD, WORLD, WORLD, "test-env", ""]),
        "(\\?[ -~]{0,12})?",
    )
        .prop_map(|((_, path, _), world, query)| {
            format!("/api/v0/sdk/{world}/{}{query}", filled(path))
        });
    let of_administrators = (select(ADMIN_ROUTES.to_vec()), select(vec![WORLD, WORLD, "x"]))
        .prop_map(|((_, path, _), world)| filled_for_administrators(path, world));
    prop_oneof![
        6 => real.clone().prop_map(String::into_bytes),
        4 => real.prop_flat_map(bent),
        2 => of_administrators.clone().prop_map(String::into_bytes),
        2 => of_administrators.prop_flat_map(bent),
        1 => "/[ -~]{0,40}".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..60),
    ]
}

fn headers() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let genuine = (0..target().headers.len()).prop_map(|at| {
        let (name, value) = &target().headers[at];
        ((*name).to_owned(), value.clone().into_bytes())
    });
    let damaged = genuine.clone().prop_flat_map(|(name, value)| {
        let text = String::from_utf8(value).unwrap();
        bent(text).prop_map(move |value| (name.clone(), value))
    });
    let random = ("[a-z-]{1,20}", prop::collection::vec(any::<u8>(), 0..40));
    prop::collection::vec(prop_oneof![4 => genuine, 2 => damaged, 1 => random], 0..5)
}

fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let genuine = (0..target().bodies.len()).prop_map(|at| target().bodies[at].clone());
    prop_oneof![
        4 => genuine.clone().prop_map(String::into_bytes),
        4 => genuine.prop_flat_map(bent),
        1 => prop::collection::vec(any::<u8>(), 0..200),
        1 => Just(Vec::new()),
        1 => (65_530..65_545_usize).prop_map(|length| vec![b' '; length]),
    ]
}

type Asked = (String, Vec<u8>, Vec<(String, Vec<u8>)>, Vec<u8>);

/// A request that gets past the door: a real route, the bearer, and a body from the right shelf.
fn aimed() -> impl Strategy<Value = Asked> {
    (select(ROUTES.to_vec()), headers(), bodies()).prop_map(
        |((method, path, _), mut headers, body)| {
            let (name, bearer) = &target().headers[0];
            headers.retain(|(other, _)| other != name);
            headers.push(((*name).to_owned(), bearer.clone().into_bytes()));
            let path = format!("/api/v0/sdk/{WORLD}/{}", filled(path)).into_bytes();
            (method.to_owned(), path, headers, body)
        },
    )
}

/// The same for administrators: a path of theirs, a token, and users and sessions that exist.
fn aimed_by_an_administrator() -> impl Strategy<Value = Asked> {
    let known = target().client.world.users().remove(0);
    let ids = vec![known.id, known.sessions[0].clone(), "nonsense".to_owned()];
    (select(ADMIN_ROUTES.to_vec()), select(ids), bodies()).prop_map(
        |((method, path, _), id, body)| {
            let nobody = filled("{mfaDeviceId}");
            let path = filled_for_administrators(path, WORLD).replace(&nobody, &id);
            let headers = vec![("authorization".to_owned(), target().token.clone().into_bytes())];
            (method.to_owned(), path.into_bytes(), headers, body)
        },
    )
}

fn asked() -> impl Strategy<Value = Asked> {
    prop_oneof![2 => aimed(), 1 => aimed_by_an_administrator(), 2 => (methods(), paths(), headers(), bodies())]
}

/// Both tests below use one world; whoever holds this has it alone.
static ALONE: Mutex<()> = Mutex::new(());

fn request((method, path, headers, body): &Asked) -> Option<Request<Bytes>> {
    let mut request = Request::new(Bytes::from(body.clone()));
    *request.method_mut() = Method::from_bytes(method.as_bytes()).ok()?;
    // What is no URI or no header never leaves an HTTP parser, so it cannot reach the service.
    *request.uri_mut() = Uri::try_from(path.as_slice()).ok()?;
    for (name, value) in headers {
        let name = HeaderName::try_from(name.as_str()).ok()?;
        request.headers_mut().append(name, HeaderValue::try_from(value.as_slice()).ok()?);
    }
    Some(request)
}

/// The gateway's own answer to a caller that is too fast, the one error without an `error`.
fn is_gateway(status: u16, body: &Value) -> bool {
    status == 429 && *body == json!({ "message": "Rate limit exceeded", "code": 429 })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn every_request_is_answered(
        asked in prop::collection::vec(asked(), 1..4),
        fault in prop::option::weighted(0.2, select(vec![429_u16, 500, 503, 400])),
    ) {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let Target { client, snapshot, .. } = target();
        client.world.restore(snapshot.clone()).unwrap();
        if let Some(status) = fault {
            client.world.inject_fault(Fault::on("*", Effect::status(status))).unwrap();
        }
        for asked in &asked {
            let Some(request) = request(asked) else { continue };
            prop_assume!(client.mock.environment_ids().len() < 1_000);
            let answer = client.mock.answer(&request);
            let status = answer.response.status().as_u16();
            prop_assert!((100..=599).contains(&status));
            let body = answer.response.body();
            if status >= 400 {
                let body: Value = serde_json::from_slice(body).unwrap();
                prop_assert!(body["error"].is_string() || is_gateway(status, &body), "{status} {body}");
                prop_assert!(body.get("code").is_none_or(Value::is_string) || is_gateway(status, &body));
            } else if !body.is_empty() && !is_page(answer.response.headers()) {
                serde_json::from_slice::<Value>(body).unwrap();
            }
        }
        // The world is still whole: it can be read, written down and put back.
        let after = client.world.snapshot();
        client.world.restore(after.clone()).unwrap();
        prop_assert_eq!(client.world.snapshot(), after);
    }
}

#[test]
fn the_generators_reach_what_they_aim_at() {
    // A generator that only ever hit 404 would prove nothing.
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let Target { client, snapshot, .. } = target();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = asked();
    let mut statuses = std::collections::BTreeMap::new();
    for _ in 0..3_000 {
        client.world.restore(snapshot.clone()).unwrap();
        let asked = strategy.new_tree(&mut runner).unwrap().current();
        let Some(request) = request(&asked) else { continue };
        let status = client.mock.answer(&request).response.status().as_u16();
        *statuses.entry(status).or_insert(0_u32) += 1;
    }
    for status in [200, 204, 400, 401, 404, 405, 413, 422] {
        assert!(statuses.get(&status).is_some_and(|count| *count >= 5), "{status}: {statuses:?}");
    }
}
