//! The list of passkeys, their names, and deleting one.

use mock_server::policy::{Enrollment, Policy};
use serde_json::{Value, json};

use super::{BOB, enrol, enrolled};
use crate::authenticator::Authenticator;
use crate::client::{ALICE, Client, ELEVATED, MFA_TOKEN, Reply, legacy, policy, text};

const PATH: &str = "users/passkeys";

fn delete(client: &Client, id: &Value, headers: &[(&str, &str)]) -> Reply {
    client.send("DELETE", PATH, headers, json!({ "passkeyId": id }).to_string())
}

fn not_found(reply: &Reply) {
    reply.refused(422, Some("passkey_not_found"), "Passkey not found");
}

#[test]
fn each_user_sees_their_own_oldest_first() {
    let (mut alice, _) = enrolled(legacy(|_| {}));
    alice.advance(1);
    enrol(&mut alice, 2);
    let mut bob = alice.elsewhere(BOB);
    enrol(&mut bob, 3);
    let listed = alice.get(PATH).ok(200);
    assert_eq!(listed["count"], json!(2));
    let ids: Vec<&Value> =
        listed["passkeys"].as_array().unwrap().iter().map(|it| &it["credentialId"]).collect();
    assert_eq!(ids, [&json!(Authenticator::new(1).id()), &json!(Authenticator::new(2).id())]);
    let (theirs, mine) = (bob.passkeys()[0]["id"].clone(), alice.passkeys()[0]["id"].clone());
    let before = alice.state();
    not_found(&delete(&alice, &theirs, &[]));
    not_found(&delete(&bob, &mine, &[]));
    alice.put(PATH, &json!({ "id": theirs, "alias": "x" })).not_found();
    alice.stays(&before);
}

#[test]
fn a_passkey_is_renamed_and_only_renamed() {
    let (client, _) = enrolled(legacy(|_| {}));
    let id = client.passkeys()[0]["id"].clone();
    let before = client.state();
    let unchanged = client.put(PATH, &json!({ "id": id })).ok(200);
    assert!(unchanged.get("alias").is_none() && unchanged.get("updatedAt").is_none());
    client.stays(&before);
    client.advance(5);
    let renamed = client.put(PATH, &json!({ "id": id, "alias": "Phone" })).ok(200);
    assert_eq!(renamed["alias"], json!("Phone"));
    assert_eq!(renamed["updatedAt"], json!("2030-01-01T12:00:05.000Z"));
    assert_eq!(renamed["createdAt"], json!("2030-01-01T12:00:00.000Z"));
    assert_eq!(client.passkeys(), [renamed]);
    let before = client.state();
    for (body, error) in [
        (json!({ "id": id, "alias": "" }), "alias: not 1 to 255 characters"),
        (json!({ "id": id, "alias": "x".repeat(256) }), "alias: not 1 to 255 characters"),
        (json!({ "id": "x" }), "id: not a lower-case UUID"),
        (json!({ "alias": "x" }), "missing field `id`"),
    ] {
        client.put(PATH, &body).refused(422, None, error);
    }
    client.stays(&before);
    client.put(PATH, &json!({ "id": id, "alias": "ä".repeat(255) })).ok(200);
}

#[test]
fn renaming_asks_for_a_token_only_where_the_settings_say_so() {
    let (client, mut authenticator) = enrolled(legacy(|_| {}));
    let gated = policy(|policy| {
        policy.elevation.required_scopes = "credential:update".parse().unwrap();
    });
    client.world.set_policy(gated).unwrap();
    let mut client = client;
    let id = client.passkeys()[0]["id"].clone();
    let body = json!({ "id": id, "alias": "x" }).to_string();
    let before = client.state();
    client.send("PUT", PATH, &[], body.clone()).wants_elevation();
    client.stays(&before);
    let wishes = json!({ "requestedScopes": ["credential:update"] });
    let granted = client.pass_passkey(&mut authenticator, wishes);
    let token = text(&granted["elevatedAccessToken"]);
    client.send("PUT", PATH, &[(ELEVATED, &token)], body).ok(200);
}

#[test]
fn deleting_takes_what_deleting_a_device_takes() {
    let (mut client, mut authenticator) = enrolled(legacy(|_| {}));
    let id = client.passkeys()[0]["id"].clone();
    let before = client.state();
    delete(&client, &id, &[]).refused(401, None, "MFA token required");
    delete(&client, &id, &[(MFA_TOKEN, "x")]).refused(401, None, "Invalid MFA token");
    client.world.set_policy(Policy::default()).unwrap();
    delete(&client, &id, &[]).wants_elevation();
    delete(&client, &id, &[(ELEVATED, "x")]).wants_elevation();
    client.world.set_policy(legacy(|_| {})).unwrap();
    client.stays(&before);
    let wishes = json!({ "requestedScopes": ["credential:unlink"] });
    let granted = client.pass_passkey(&mut authenticator, wishes);
    let token = text(&granted["elevatedAccessToken"]);
    client.world.set_policy(Policy::default()).unwrap();
    let nobody = json!("00000000-0000-4000-8000-000000000000");
    not_found(&delete(&client, &nobody, &[(ELEVATED, &token)]));
    delete(&client, &id, &[(ELEVATED, &token)]).ok(204);
    assert_eq!(client.get(PATH).ok(200), json!({ "passkeys": [], "count": 0 }));
    not_found(&delete(&client, &id, &[(ELEVATED, &token)]));
    // Its way to sign in is gone, and so is the second factor.
    let user = client.get("users").ok(200);
    assert_eq!(user["verifiedCredentials"].as_array().unwrap().len(), 1);
    let body = authenticator.sign_in(&client.get("users/passkeys/signin").ok(200));
    client.post("users/passkeys/signin", &body).unauthorized();
    assert_eq!(client.elsewhere(ALICE).scope(), "user:basic");
}

#[test]
fn the_sessions_that_a_deleted_passkey_opened_end() {
    for ends in [true, false] {
        let (mut client, mut authenticator) =
            enrolled(legacy(|policy| policy.linking.unlink_ends_sessions = ends));
        let options = client.get("users/passkeys/signin").ok(200);
        let opened = client.post("users/passkeys/signin", &authenticator.sign_in(&options)).ok(200);
        let mut other = client.clone();
        other.bearer = Some(text(&opened["minifiedJwt"]));
        let id = client.passkeys()[0]["id"].clone();
        let granted = client
            .pass_passkey(&mut authenticator, json!({ "createMfaToken": { "singleUse": true } }));
        let token = text(&granted["mfaToken"]);
        delete(&client, &id, &[(MFA_TOKEN, &token)]).ok(204);
        let user = client.get("users").ok(200);
        assert_eq!(user["lastVerifiedCredentialId"], user["verifiedCredentials"][0]["id"]);
        match ends {
            true => other.get("users").unauthorized(),
            false => {
                let user = other.get("users").ok(200);
                assert_eq!(user["lastVerifiedCredentialId"], user["verifiedCredentials"][0]["id"]);
            }
        }
    }
}

#[test]
fn where_passkeys_only_sign_in_deleting_is_unlinking() {
    let (client, _) = enrolled(legacy(|policy| policy.mfa.methods[1].enabled = false));
    let id = client.passkeys()[0]["id"].clone();
    let before = client.state();
    let mut enforced = client.world.policy();
    enforced.min_api_version = Policy::default().min_api_version;
    client.world.set_policy(enforced).unwrap();
    delete(&client, &id, &[]).wants_elevation();
    let mut free = client.world.policy();
    free.min_api_version = Policy::legacy().min_api_version;
    client.world.set_policy(free).unwrap();
    client.stays(&before);
    delete(&client, &id, &[]).ok(204);
}

#[test]
fn the_last_way_to_sign_in_stays() {
    let (client, _) = enrolled(legacy(|policy| policy.mfa.enabled = false));
    let id = client.passkeys()[0]["id"].clone();
    let mut written = client.world.snapshot();
    let users = written["environment"]["users"].as_object_mut().unwrap();
    let credentials = &mut users.values_mut().next().unwrap()["credentials"];
    credentials[0]["sign_in_enabled"] = json!(false);
    let whole = client.world.snapshot();
    client.world.restore(written).unwrap();
    let before = client.state();
    let code = Some("cannot_delete_last_sign_in_verified_credential");
    delete(&client, &id, &[]).refused(422, code, "Cannot delete the last sign-in credential");
    client.stays(&before);
    client.world.restore(whole).unwrap();
    delete(&client, &id, &[]).ok(204);
}

#[test]
fn the_last_method_stays_where_the_settings_say_so() {
    let set = |may_go: bool| {
        legacy(|policy| {
            policy.mfa.enrollment = Enrollment::Signup;
            policy.devices.delete_last_while_required = may_go;
        })
    };
    for may_go in [true, false] {
        let (mut client, mut authenticator) = enrolled(set(may_go));
        let wishes = json!({ "createMfaToken": { "singleUse": false } });
        let token = text(&client.pass_passkey(&mut authenticator, wishes)["mfaToken"]);
        let headers = [(MFA_TOKEN, token.as_str())];
        let id = client.passkeys()[0]["id"].clone();
        if !may_go {
            let before = client.state();
            let code = Some("mfa_invalid_request");
            let reply = delete(&client, &id, &headers);
            reply.refused(422, code, "Cannot delete the last MFA method");
            client.stays(&before);
            // A second one makes room, and a device does not count as the last beside a passkey.
            enrol(&mut client, 2);
        }
        delete(&client, &id, &headers).ok(204);
        let scope = if may_go { "requiresAdditionalAuth" } else { "user:basic" };
        assert_eq!(client.scope(), scope);
    }
    let mut client = Client::authenticated(set(false));
    let token = client.elevate(&["credential:unlink"]);
    let path = format!("users/mfa/{}", client.device());
    let before = client.state();
    let reply = client.delete(&path, &[(ELEVATED, &token)]);
    reply.refused(400, None, "Cannot delete the last MFA device");
    client.stays(&before);
    enrol(&mut client, 1);
    client.delete(&path, &[(ELEVATED, &token)]).ok(204);
}
