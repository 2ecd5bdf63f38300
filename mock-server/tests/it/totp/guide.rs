//! The whole exchange of the TOTP guide: two runs are the same to the byte, and people read it.

use mock_server::policy::Policy;
use serde_json::{Value, json};

use crate::client::{
    ALICE, Client, ELEVATED, MFA_TOKEN, Reply, assert_snapshot, claims, legacy, policy, text,
};

/// Plays the guide; yields the bytes of every answer and, for people, the same with tokens opened.
fn play(policy: &Policy) -> (Vec<Vec<u8>>, Vec<Value>) {
    let mut client = Client::new(policy.clone());
    let (mut bytes, mut shown) = (Vec::new(), Vec::new());
    let mut note = |what: &str, reply: &Reply| {
        bytes.push(reply.bytes.to_vec());
        let mut answer = reply.shown();
        open_tokens(&mut answer["body"]);
        shown.push(json!({ "step": what, "answer": answer }));
    };
    let opened = client.post("emailVerifications/create", &json!({ "email": ALICE }));
    note("create a verification", &opened);
    let key = "02".to_owned() + &"ab".repeat(32);
    let headers = [
        ("origin", "http://localhost:3000"),
        ("x-dyn-version", "ClientSDK/1.27.1"),
        ("x-dyn-session-public-key", key.as_str()),
    ];
    let code = client.newest_code(ALICE);
    let id = text(&opened.body["verificationUUID"]);
    let body = json!({
        "verificationUUID": id, "verificationToken": code,
        "allowNewMFALinking": policy.enforces_step_up(),
    });
    let signed_in = client.send("POST", "emailVerifications/signin", &headers, body.to_string());
    note("sign in", &signed_in);
    let elevated = signed_in.body["elevatedAccessToken"].as_str().map(str::to_owned);
    client.keep(signed_in);
    let headers: Vec<_> = elevated.iter().map(|token| (ELEVATED, token.as_str())).collect();
    note("register a device", &client.register(&headers));
    note("list devices", &client.get("users/mfa"));
    client.advance(30);
    let reply = client.totp(&client.code(), json!({}));
    note("authenticate", &reply);
    note("read the recovery codes", &client.get("users/mfa/recovery"));
    let acknowledge = json!({ "mfaBackupCodeAcknowledgement": "complete" });
    let reply = client.put("users", &acknowledge);
    note("acknowledge them", &client.keep(reply));
    note("list methods", &client.get("users/mfa/methods"));
    note("check step-up", &client.post("stepUp/check", &json!({ "scope": "credential:unlink" })));
    client.advance(30);
    let wishes = match policy.enforces_step_up() {
        true => json!({ "requestedScopes": ["credential:unlink", "wallet:sign"] }),
        false => json!({ "createMfaToken": { "singleUse": true } }),
    };
    let reply = client.totp(&client.code(), wishes);
    note("authenticate for a token", &reply);
    let path = format!("users/mfa/{}", client.device());
    let (header, token) = match policy.enforces_step_up() {
        true => (ELEVATED, text(&reply.body["elevatedAccessToken"])),
        false => (MFA_TOKEN, text(&reply.body["mfaToken"])),
    };
    note("delete the device", &client.delete(&path, &[(header, &token)]));
    note("delete it again", &client.delete(&path, &[(header, &token)]));
    let reply = client.send("POST", "refresh", &[], "");
    note("refresh", &client.keep(reply));
    note("log out", &client.send("POST", "revoke", &[], ""));
    note("ask again", &client.get("users"));
    (bytes, shown)
}

/// Puts the claims in the place of every JWT.
fn open_tokens(value: &mut Value) {
    for name in ["jwt", "minifiedJwt", "elevatedAccessToken"] {
        if let Some(token) = value.get(name).and_then(Value::as_str) {
            value[name] = claims(token);
        }
    }
}

#[test]
fn the_enforced_guide_is_the_same_every_time() {
    let (bytes, shown) = play(&policy(|_| {}));
    assert_eq!(bytes, play(&policy(|_| {})).0);
    assert_snapshot("totp__guide_enforced", &json!(shown));
}

#[test]
fn the_legacy_guide_is_the_same_every_time() {
    let (bytes, shown) = play(&legacy(|_| {}));
    assert_eq!(bytes, play(&legacy(|_| {})).0);
    assert_snapshot("totp__guide_legacy", &json!(shown));
}
