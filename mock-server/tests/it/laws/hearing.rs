//! A response against what the engine said: it must tell all of that.

use jiff::Timestamp;
use mfa_engine::passkey::PasskeyOutcome;
use mfa_engine::{
    Caller, ElevatedClaims, Grant, Next, Outcome, Refusal, SessionScope, StepUpCredential, TokenId,
};
use serde_json::{Value, json};

use crate::client::{Reply, claims};

/// Checks that a response tells what the engine said.
pub(super) fn agrees(reply: &Reply, said: &Result<Outcome, Refusal>) {
    let Ok(outcome) = said else {
        assert!((400..500).contains(&reply.status), "refused ({said:?}): {reply:?}");
        let told: Vec<&String> = reply.body.as_object().unwrap().keys().collect();
        assert!(told.iter().all(|key| ["code", "error"].contains(&key.as_str())), "{told:?}");
        return;
    };
    assert!((200..300).contains(&reply.status), "granted ({outcome:?}): {reply:?}");
    let body = &reply.body;
    match outcome {
        Outcome::Done => assert_eq!((reply.status, body), (204, &Value::Null)),
        Outcome::Nonces(nonces) => assert_eq!(body["nonces"], json!(nonces)),
        Outcome::EmailVerification(it) => {
            assert_eq!(body["verificationUUID"], json!(it.id.to_string()));
        }
        Outcome::SmsVerification(it) => {
            assert_eq!(body["verificationUUID"], json!(it.id.to_string()));
        }
        Outcome::Session(grant) => tells_session(body, grant),
        Outcome::User(user, _) => assert_eq!(body["scope"], json!(words(&user.scopes))),
        Outcome::Devices(devices) => {
            let verified = devices.iter().map(|device| device.verified);
            assert_eq!(verified_in(&body["devices"]), verified.collect::<Vec<_>>());
        }
        Outcome::Device(device) => assert_eq!(body["verified"], json!(device.verified)),
        Outcome::Methods { devices, passkeys, has_verified } => {
            let verified: Vec<_> = devices.iter().map(|device| device.verified).collect();
            assert!(verified.iter().filter(|verified| **verified).count() <= 1, "{body}");
            assert_eq!(verified_in(&body["devices"]), verified);
            assert_eq!(body["passkeys"].as_array().unwrap().len(), passkeys.len());
            assert_eq!(body["userHasVerifiedMfaMethods"], json!(has_verified));
        }
        Outcome::TotpRegistered { id, secret, .. } => {
            let told = (&body["id"], &body["secret"]);
            assert_eq!(told, (&json!(id.to_string()), &json!(secret.reveal())));
        }
        Outcome::RecoveryCodes { count, codes } => {
            assert_eq!((&body["count"], &body["recoveryCodes"]), (&json!(count), &json!(codes)));
        }
        Outcome::StepUp { required, credentials, default } => {
            assert_eq!(body["isRequired"], json!(required));
            let told = body["credentials"].as_array().unwrap().iter();
            let told: Vec<&str> = told.map(|it| it["format"].as_str().unwrap()).collect();
            assert_eq!(told, credentials.iter().map(format).collect::<Vec<_>>());
            assert_eq!(body["defaultCredentialId"], json!(default));
        }
        Outcome::Passkey(about) => tells_passkeys(body, about),
        Outcome::Admin(_) => {}
        other => panic!("nobody asked for {other:?}"),
    }
}

fn tells_passkeys(body: &Value, about: &PasskeyOutcome) {
    match about {
        PasskeyOutcome::Registration(options) => {
            let options = (options.challenge.to_string(), options.exclude.len());
            assert!(body.to_string().contains(&options.0), "{body}");
            let excluded = find(body, "excludeCredentials").and_then(Value::as_array);
            assert_eq!(excluded.map_or(0, Vec::len), options.1);
        }
        PasskeyOutcome::Request(options) => {
            assert!(body.to_string().contains(&options.challenge.to_string()), "{body}");
            let allowed = find(body, "allowCredentials").and_then(Value::as_array);
            assert_eq!(allowed.map_or(0, Vec::len), options.allow.as_ref().map_or(0, Vec::len));
        }
        PasskeyOutcome::List(passkeys) => {
            let told = find(body, "passkeys").unwrap_or(body);
            assert_eq!(told.as_array().unwrap().len(), passkeys.len());
        }
        PasskeyOutcome::One(passkey) => {
            let told = find(body, "alias").cloned().unwrap_or_default();
            assert_eq!(told, json!(passkey.alias));
        }
    }
}

/// The value of a key, wherever it stands.
fn find<'body>(body: &'body Value, key: &str) -> Option<&'body Value> {
    match body {
        Value::Object(map) => {
            map.get(key).or_else(|| map.values().find_map(|inner| find(inner, key)))
        }
        Value::Array(list) => list.iter().find_map(|inner| find(inner, key)),
        _ => None,
    }
}

/// Both JWTs, the user and the tokens must tell the same session.
fn tells_session(body: &Value, grant: &Grant) {
    let said = &grant.claims;
    let scope = words(&said.scopes);
    for jwt in ["minifiedJwt", "jwt"] {
        let told = claims(body[jwt].as_str().unwrap());
        assert_eq!(told["scope"], json!(scope), "the scopes in `{jwt}`");
        assert_eq!(told["sub"], json!(said.user.to_string()));
        assert_eq!(told["sid"], json!(said.session.to_string()));
        assert_eq!(told["environment_id"], json!(said.environment.to_string()));
        assert_eq!(told["exp"], json!(said.expires_at.as_second()));
        assert_eq!(told["kid"], json!(kid(said.key.index())));
    }
    assert_eq!(body["user"]["scope"], json!(scope));
    let mfa_token = grant.mfa_token.as_ref().map(mfa_engine::Secret::reveal);
    assert_eq!(body["mfaToken"], json!(mfa_token));
    let next = grant.next.as_ref().map(|next| match next {
        Next::Done => "done",
        Next::VerifyEmail(_) => "verify-email",
    });
    assert_eq!(find(body, "nextView").cloned().unwrap_or_default(), json!(next));
    match (&grant.elevated, body["elevatedAccessToken"].as_str()) {
        (None, None) => {}
        (Some(said), Some(token)) => {
            let told = claims(token);
            assert_eq!(told["scope"], json!(said.scopes.to_string()));
            assert_eq!(told["singleUse"], json!(said.single_use));
            assert_eq!(told["exp"], json!(said.expires_at.as_second()));
            assert_eq!(told["sid"], json!(said.session.to_string()));
        }
        (said, told) => panic!("{said:?} is told as {told:?}"),
    }
}

fn kid(index: usize) -> &'static str {
    fixtures::keys::PUBLISHED[index].id
}

fn words(scopes: &[SessionScope]) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
}

fn verified_in(devices: &Value) -> Vec<bool> {
    let devices = devices.as_array().unwrap().iter();
    devices.map(|device| device["verified"].as_bool().unwrap()).collect()
}

fn format(credential: &StepUpCredential) -> &'static str {
    match credential {
        StepUpCredential::Totp { .. } => "totp",
        StepUpCredential::Passkey { .. } => "passkey",
        StepUpCredential::EmailFactor(known) | StepUpCredential::Credential(known) => {
            known.identity.format().as_str()
        }
    }
}

/// The bearer that came with an answer, and whose it is.
pub(super) fn bearer_of(reply: &Reply) -> Option<(Caller, String)> {
    let token = reply.body["minifiedJwt"].as_str()?;
    let told = claims(token);
    let caller = Caller {
        user: told["sub"].as_str().unwrap().parse().unwrap(),
        session: told["sid"].as_str().unwrap().parse().unwrap(),
        environment: told["environment_id"].as_str().unwrap().parse().unwrap(),
        expires_at: Timestamp::from_second(told["exp"].as_i64().unwrap()).unwrap(),
        key: key_named(told["kid"].as_str().unwrap()),
    };
    Some((caller, token.to_owned()))
}

/// The elevated token that came with an answer, and its id.
pub(super) fn elevation_of(reply: &Reply) -> Option<(TokenId, String)> {
    let token = reply.body["elevatedAccessToken"].as_str()?;
    Some((claims(token)["jti"].as_str().unwrap().parse().unwrap(), token.to_owned()))
}

fn key_named(id: &str) -> mfa_engine::KeyNumber {
    let index = fixtures::keys::PUBLISHED.iter().position(|key| key.id == id).unwrap();
    u8::try_from(index + 1).unwrap().try_into().unwrap()
}

/// The claims of an elevated token of another environment, signed with a key of the service.
pub(super) fn foreign(token: &ElevatedClaims) -> String {
    let key = &fixtures::keys::PUBLISHED[token.key.index()];
    let claims = json!({
        "kid": key.id,
        "iss": format!("localhost/{}", token.environment),
        "sub": token.user.to_string(),
        "sid": token.session.to_string(),
        "environment_id": token.environment.to_string(),
        "jti": token.id.to_string(),
        "iat": token.issued_at.as_second(),
        "exp": token.expires_at.as_second(),
        "scope": token.scopes.to_string(),
        "singleUse": token.single_use,
    });
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::RS256);
    header.kid = Some(key.id.to_owned());
    let pem = jsonwebtoken::EncodingKey::from_rsa_pem(key.signing_pem.as_bytes()).unwrap();
    jsonwebtoken::encode(&header, &claims, &pem).unwrap()
}
