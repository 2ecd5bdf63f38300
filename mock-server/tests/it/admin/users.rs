//! Users, as administrators create, read, change, list and delete them.

use mock_server::policy::{MethodKind, Policy};
use serde_json::{Value, json};

use super::{Backend, NOBODY};
use crate::authenticator::Authenticator;
use crate::client::{ALICE, Client, NOON, policy, text};
use crate::reply::keys;

#[test]
fn a_user_is_created_read_changed_and_deleted() {
    let mut backend = Backend::new(Policy::default());
    let fields = json!({
        "email": "Bob@Example.com", "firstName": "Bob", "username": "bob_1",
        "metadata": { "plan": "gold" },
    });
    let made = backend.post("{env}/users", &fields).ok(201)["user"].clone();
    let id = text(&made["id"]);
    assert_eq!(
        keys(&made),
        [
            "createdAt",
            "email",
            "firstName",
            "firstVisit",
            "id",
            "lastVisit",
            "lists",
            "metadata",
            "mfaDevices",
            "missingFields",
            "newUser",
            "projectEnvironmentId",
            "sessions",
            "username",
            "verifiedCredentials",
        ]
    );
    assert_eq!((&made["email"], &made["firstName"]), (&json!("bob@example.com"), &json!("Bob")));
    assert_eq!(made["createdAt"], json!(NOON.replace('Z', ".000Z")));
    assert_eq!(made["metadata"], json!({ "plan": "gold" }));
    for path in [format!("{{env}}/users/{id}"), format!("users/{id}")] {
        assert_eq!(backend.get(&path).ok(200)["user"], made);
        let changed = backend.put(&path, &json!({ "lastName": "Smith" })).ok(200)["user"].clone();
        assert_eq!((&changed["firstName"], &changed["lastName"]), (&json!("Bob"), &json!("Smith")));
        let cleared = backend.put(&path, &json!({ "lastName": "" })).ok(200)["user"].clone();
        assert_eq!(cleared, made);
    }
    // Whom an administrator created can sign in, and is the same user.
    let signed_in = backend.client.sign_in("bob@example.com");
    assert_eq!(signed_in["user"]["id"], json!(id));
    let complete = json!({ "mfaBackupCodeAcknowledgement": "complete" });
    let changed = backend.put(&format!("users/{id}"), &complete).ok(200);
    assert_eq!(changed["user"]["mfaBackupCodeAcknowledgement"], json!("complete"));

    let reply = backend.delete(&format!("{{env}}/users/{id}"));
    assert_eq!((reply.status, reply.bytes.len()), (204, 0));
    backend.client.get("users").unauthorized();
    for path in [format!("{{env}}/users/{id}"), format!("users/{id}")] {
        for method in ["GET", "PUT", "DELETE"] {
            backend.ask(method, &path, "{}").refused(404, Some("not_found"), "Not Found");
        }
    }
    backend.client.bearer = None;
    let anew = backend.client.sign_in("bob@example.com");
    assert_ne!(anew["user"]["id"], json!(id));
    let legacy = format!("users/{}", text(&anew["user"]["id"]));
    assert_eq!(backend.delete(&legacy).status, 204);
}

#[test]
fn an_address_and_the_number_of_users_are_not_given_twice() {
    let backend = Backend::of(Client::new(policy(|policy| policy.limits.users_max = 1)));
    backend.client.seed_alice();
    let before = backend.client.state();
    let taken = backend.post("{env}/users", &json!({ "email": "ALICE@example.com" }));
    taken.refused(422, Some("email_already_exists"), "Email already exists");
    let surplus = backend.post("{env}/users", &json!({ "email": "b@example.com" }));
    assert_eq!(
        (surplus.status, &surplus.body["code"]),
        (429, &json!("sandbox_maximum_threshold_reached"))
    );
    backend.client.stays(&before);
}

#[test]
fn users_are_listed_filtered_and_paged() {
    let backend = Backend::new(Policy::default());
    for number in 0..5 {
        let fields =
            json!({ "email": format!("user{number}@example.com"), "alias": format!("No{number}") });
        backend.post("{env}/users", &fields).ok(201);
    }
    let list = |query: &str| backend.get(&format!("{{env}}/users{query}")).ok(200);
    let emails = |answer: &Value| -> Vec<String> {
        answer["users"].as_array().unwrap().iter().map(|user| text(&user["email"])).collect()
    };
    let all = list("");
    assert_eq!((all["count"].clone(), emails(&all).len()), (json!(5), 5));
    let ids: Vec<String> =
        all["users"].as_array().unwrap().iter().map(|user| text(&user["id"])).collect();
    assert!(ids.is_sorted());
    assert!(all["users"][0].get("sessions").is_none());
    let page = list("?offset=3&limit=1&includeSessions=true");
    assert_eq!((page["count"].clone(), emails(&page)), (json!(5), emails(&all)[3..4].to_vec()));
    assert_eq!(page["users"][0]["sessions"], json!([]));
    assert_eq!(emails(&list("?offset=5")), Vec::<String>::new());
    assert_eq!(emails(&list("?limit=0")), Vec::<String>::new());
    for (query, found) in [
        ("?filter[filterColumn]=email&filter[filterValue]=USER3", 1),
        ("?filter%5BfilterColumn%5D=email&filter%5BfilterValue%5D=user3%40", 1),
        ("?filter[filterColumn]=alias&filter[filterValue]=no4", 1),
        ("?filter[filterColumn]=alias&filter[filterValue]=user", 0),
        ("?filter[filterValue]=no4", 1),
        ("?filter[filterColumn]=all&filter[filterValue]=example.com", 5),
        ("?filter[filterColumn]=username&filter[filterValue]=x", 0),
        ("?filterColumn=email&filterValue=user3@example.com", 1),
        ("?filterColumn=email&filterValue=zzz@example.com", 0),
        ("?filter%5bfilterColumn%5d=email&filter%5bfilterValue%5d=USER3", 1),
        ("?filter[filterColumn]=email", 5),
        ("?orderBy=&includeSessions=false&", 5),
    ] {
        let answer = list(query);
        assert_eq!(
            (answer["count"].clone(), emails(&answer).len()),
            (json!(found), found),
            "{query}"
        );
    }
    let by_id = list(&format!("?filter[filterColumn]=id&filter[filterValue]={}", ids[2]));
    assert_eq!(by_id["users"][0]["id"], json!(ids[2]));
}

#[test]
fn a_user_of_another_environment_is_none() {
    let backend = Backend::of(Client::signed_in(Policy::default()));
    let alice = backend.alice();
    let session = backend.client.world.user(ALICE).unwrap().sessions[0].clone();
    let elsewhere = Client::of(&backend.client.mock, "00000000-0000-4000-8000-00000000bbbb");
    let other = Backend::of(elsewhere);
    let before = backend.client.state();
    let there = other.client.state();
    // Named in the path, or by the token alone: the other environment knows no such user.
    for path in ["{env}/users/{id}", "users/{id}"] {
        for method in ["GET", "PUT", "DELETE"] {
            let reply = other.ask(method, &path.replace("{id}", &alice), "{}");
            reply.refused(404, Some("not_found"), "Not Found");
        }
    }
    for (method, path) in [
        ("POST", format!("users/{alice}/mfa/reset")),
        ("DELETE", format!("users/{alice}/mfa")),
        ("PUT", format!("sessions/{session}/revoke")),
    ] {
        other.ask(method, &path, "").refused(403, None, "Access Forbidden");
    }
    for path in ["{env}/users/{id}/sessions/revoke", "users/{id}/sessions/revoke"] {
        let reply = other.ask("POST", &path.replace("{id}", &alice), "");
        reply.refused(404, Some("not_found"), "Not Found");
    }
    let path = format!("users/{alice}/sessions/{session}");
    other.get(&path).refused(404, Some("not_found"), "Not Found");
    // The other's token in the path of this environment.
    let path = format!("environments/{}/users/{alice}", backend.client.world.id());
    other.get(&path).unauthorized();
    backend.client.stays(&before);
    other.client.stays(&there);
}

#[test]
fn a_reset_takes_passkeys_where_they_are_a_second_factor() {
    for is_factor in [true, false] {
        let settings = policy(|policy| {
            policy.elevation.required_scopes = [].into_iter().collect();
            if !is_factor {
                policy.mfa.methods.retain(|method| method.kind != MethodKind::Passkey);
            }
        });
        let (client, mut authenticator) = crate::passkeys::enrolled(settings);
        let backend = Backend::of(client);
        let path = format!("users/{}/mfa/reset", backend.alice());
        let reply = backend.post(&path, &json!({}));
        assert!(reply.status < 300, "{}", reply.body);
        let left = usize::from(!is_factor);
        let client = &backend.client;
        assert_eq!(client.world.user(ALICE).unwrap().passkeys.len(), left);
        // What is gone opens no session either; what is not, does.
        let body = authenticator.sign_in(&client.get("users/passkeys/signin").ok(200));
        let signed_in = client.post("users/passkeys/signin", &body);
        assert_eq!(signed_in.status == 200, !is_factor, "{}", signed_in.body);
        // And the same authenticator may come again.
        let again = Authenticator::new(9).make(&client.creation());
        client.post("users/passkeys/register", &again).ok(200);
    }
}

#[test]
fn the_status_for_an_unknown_user_can_be_set_where_none_is_declared() {
    let backend = Backend::new(policy(|policy| policy.admin.unknown_subject_status = 404));
    for (method, path) in [
        ("POST", format!("users/{NOBODY}/mfa/reset")),
        ("DELETE", format!("users/{NOBODY}/mfa")),
        ("PUT", format!("sessions/{NOBODY}/revoke")),
    ] {
        backend.ask(method, &path, "").refused(404, Some("not_found"), "Not Found");
    }
}
