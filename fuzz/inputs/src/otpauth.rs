//! The otpauth URI of a new device, read by another hand.
//!
//! Nothing here reads such URIs but authenticator apps; what must hold is that whatever issuer and
//! account a world has, an app that reads the URI as apps do ("Key URI Format" of Google
//! Authenticator, percent-encoding of RFC 3986 section 2.1) finds just these, and the secret.

use std::collections::BTreeMap;

use mock_server::bytes::Bytes;
use mock_server::http::Request;
use mock_server::policy::Algorithm;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::scene::{Scene, on_the_first_day};

/// What an authenticator app keeps of a URI.
#[derive(Debug, PartialEq)]
struct Read {
    issuer: String,
    account: String,
    secret: String,
    algorithm: String,
}

/// `algorithm`, `issuer` and `account` in three lines: whatever they are, they arrive.
pub(crate) fn uri(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let mut lines = text.splitn(3, '\n');
    let (Some(algorithm), Some(issuer), Some(account)) = (lines.next(), lines.next(), lines.next())
    else {
        return;
    };
    on_the_first_day(|scene| {
        let mut policy = scene.world.policy();
        policy.totp.issuer = issuer.to_owned();
        policy.totp.algorithm = match algorithm {
            "SHA256" => Algorithm::Sha256,
            "SHA512" => Algorithm::Sha512,
            _ => Algorithm::Sha1,
        };
        // So that a device needs no more than a session.
        policy.elevation.required_scopes = [].into_iter().collect();
        let name = format!("{:?}", policy.totp.algorithm).to_uppercase();
        if scene.world.set_policy(policy).is_err() {
            return;
        }
        let Some(bearer) = signed_in(scene, account) else { return };
        let device = asked(scene, "GET", "users/mfa/register/totp", Some(&bearer), &Value::Null);
        let device = device.expect("a new user may register");
        let uri = device["uri"].as_str().unwrap();
        let expected = Read {
            issuer: issuer.to_owned(),
            account: owner(scene, &device),
            secret: device["secret"].as_str().unwrap().to_owned(),
            algorithm: name,
        };
        assert_eq!(read(uri), Some(expected), "{uri}");
        assert!(uri.bytes().all(|byte| byte.is_ascii_graphic()), "{uri}");
    });
}

/// Signs somebody in who is not there yet; none if that is no address.
fn signed_in(scene: &Scene, account: &str) -> Option<String> {
    if scene.world.user(account).is_some() {
        return None;
    }
    let opened =
        asked(scene, "POST", "emailVerifications/create", None, &json!({ "email": account }))?;
    let code = scene.world.inbox(None, 0).pop()?.code;
    let body = json!({ "verificationUUID": opened["verificationUUID"], "verificationToken": code });
    let granted = asked(scene, "POST", "emailVerifications/signin", None, &body)?;
    granted["minifiedJwt"].as_str().map(str::to_owned)
}

/// Asks, and yields what was granted.
fn asked(
    scene: &Scene,
    method: &str,
    path: &str,
    bearer: Option<&str>,
    body: &Value,
) -> Option<Value> {
    let mut request = Request::builder().method(method).uri(scene.path(path));
    if let Some(bearer) = bearer {
        request = request.header("authorization", format!("Bearer {bearer}"));
    }
    let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    let response = scene.mock.answer(&request.body(body).unwrap()).response;
    response.status().is_success().then(|| serde_json::from_slice(response.body()).unwrap())
}

/// The address of the user who has a device.
fn owner(scene: &Scene, device: &Value) -> String {
    let users = scene.world.users().into_iter();
    let mut owners = users.filter(|user| user.devices.iter().any(|it| device["id"] == *it.id));
    owners.next().unwrap().emails.remove(0)
}

/// Reads a URI as an authenticator app does; none if it is not one.
fn read(uri: &str) -> Option<Read> {
    let (label, query) = uri.strip_prefix("otpauth://totp/")?.split_once('?')?;
    let (prefix, account) = label.split_once(':')?;
    let decoded = |text: &str| percent_decode_str(text).decode_utf8().ok().map(String::from);
    let mut fields = BTreeMap::new();
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=')?;
        // A parameter that stands twice would mean two things.
        if fields.insert(name, decoded(value)?).is_some() {
            return None;
        }
    }
    let issuer = fields.remove("issuer")?;
    let algorithm = fields.remove("algorithm").unwrap_or_else(|| "SHA1".to_owned());
    let secret = fields.remove("secret")?;
    let is_whole = fields.is_empty() && decoded(prefix)? == issuer;
    is_whole.then_some(Read { issuer, account: decoded(account)?, secret, algorithm })
}
