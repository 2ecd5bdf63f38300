//! Events and webhooks: what is told, to whom, with which signature, and how often.

use std::time::Duration;

use hmac::{KeyInit as _, Mac as _};
use mock_server::policy::Policy;
use mock_server::{InterventionError, Refusal, WebhookPlan, WebhookReport};
use serde_json::{Value, json};

use crate::admin::{Backend, NOBODY};
use crate::client::{ALICE, Client, policy, text};
use crate::reply::keys;
use receiver::Receiver;

mod apart;
mod events;
pub(crate) mod receiver;
mod weight;

/// The policy with retries that a test can wait for.
fn brisk(attempts_max: u8) -> Policy {
    policy(|policy| {
        policy.webhooks.attempts_max = attempts_max;
        policy.webhooks.retry_milliseconds = 10;
        policy.webhooks.timeout_milliseconds = 1_000;
    })
}

pub(crate) fn plan(url: &str, events: &[&str]) -> WebhookPlan {
    let events = events.iter().map(|name| (*name).to_owned()).collect();
    WebhookPlan { url: url.to_owned(), is_enabled: true, events }
}

/// Waits until a webhook has seen so many attempts.
fn attempts(
    client: &Client,
    hook: &WebhookReport,
    count: usize,
) -> Vec<mock_server::DeliveryReport> {
    for _ in 0..1_000 {
        let kept = client.world.deliveries(&hook.id);
        if kept.len() >= count {
            return kept;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{count} attempts did not come: {:?}", client.world.deliveries(&hook.id));
}

/// The signature of a body, computed with other cryptography than the service's.
fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    format!("sha256={}", data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes()))
}

#[test]
fn a_message_is_signed_and_names_what_happened() {
    let receiver = Receiver::answering(200);
    let mut client = Client::new(brisk(3));
    let hook = client.world.register_webhook(plan(&receiver.url(), &["user.created"])).unwrap();
    client.sign_in(ALICE);
    let received = receiver.next();
    assert_eq!(received.head.lines().next(), Some("POST /hook HTTP/1.1"));
    assert_eq!(received.header("content-type"), Some("application/json"));
    assert_eq!(received.header("host"), Some(receiver.host().as_str()));
    let signed = signature(&hook.secret, &received.body);
    assert_eq!(received.header("x-dynamic-signature-256"), Some(signed.as_str()));
    assert_ne!(signed, signature("another secret", &received.body));

    let body: Value = serde_json::from_slice(&received.body).unwrap();
    let event = &client.world.events(0)[0];
    let user = client.world.user(ALICE).unwrap();
    let (environment, data) = (client.world.id(), body["data"].clone());
    assert_eq!(
        body,
        json!({
            "eventId": event.id, "messageId": event.messages[0], "webhookId": hook.id,
            "userId": user.id, "eventName": "user.created", "environmentId": environment,
            "environmentName": "sandbox", "timestamp": "2030-01-01T12:00:00.000Z",
            "redelivery": false, "data": data,
        })
    );
    assert_eq!((&data["id"], &data["email"]), (&json!(user.id), &json!(ALICE)));
    assert_eq!(data["verifiedCredentials"][0]["format"], json!("email"));
    assert_eq!(data["sessionId"], json!(user.sessions[0]));
    // Servers parse the body and sign what they write of it again, so nothing may be lost.
    assert_eq!(body.to_string().len(), received.body.len());
    let kept = attempts(&client, &hook, 1);
    assert_eq!((kept[0].attempt, kept[0].status, &kept[0].error), (1, Some(200), &None));
    assert_eq!((&kept[0].body, &kept[0].signature), (&body, &signed));
}

#[test]
fn only_what_was_asked_for_is_sent_and_only_while_it_is() {
    let receiver = Receiver::answering(204);
    let backend = Backend::new(brisk(1));
    let mut client = backend.client.clone();
    let body = json!({
        "url": receiver.url(), "isEnabled": true,
        "events": ["user.session.revoked", "user.deleted", "wallet.linked"],
    });
    let made = backend.post("{env}/webhooks", &body).ok(201);
    let fields = [
        "createdAt",
        "enabledAt",
        "environmentId",
        "events",
        "isEnabled",
        "secret",
        "updatedAt",
        "url",
        "webhookId",
    ];
    assert_eq!(keys(&made), fields);
    let path = format!("{{env}}/webhooks/{}", text(&made["webhookId"]));
    client.sign_in(ALICE);
    client.send("POST", "revoke", &[], "").ok(204);
    assert_eq!(receiver.next().name(), "user.session.revoked");

    // Disabled: nothing comes. Enabled anew: it comes again, with the same secret.
    let mut change = body.clone();
    change["isEnabled"] = json!(false);
    let changed = backend.put(&path, &change).ok(200);
    assert_eq!((&changed["isEnabled"], changed.get("enabledAt")), (&json!(false), None));
    assert_eq!(changed.get("secret"), None);
    client.bearer = None;
    client.sign_in(ALICE);
    client.send("POST", "revoke", &[], "").ok(204);
    backend.put(&path, &body).ok(200);
    client.bearer = None;
    client.sign_in(ALICE);
    client.send("POST", "revoke", &[], "").ok(204);
    let received = receiver.next();
    assert_eq!(received.name(), "user.session.revoked");
    assert_eq!(
        received.header("x-dynamic-signature-256"),
        Some(signature(&text(&made["secret"]), &received.body).as_str())
    );
    let shown = backend.get(&path).ok(200);
    assert_eq!(shown.get("secret"), None);
    assert_eq!(
        backend.get(&format!("{path}?includeSecret=true")).ok(200)["secret"],
        made["secret"]
    );
    assert_eq!(backend.get("{env}/webhooks").ok(200), json!({ "data": [shown] }));

    assert_eq!(backend.delete(&path).status, 204);
    backend.get(&path).refused(404, Some("not_found"), "Not Found");
    backend.delete(&format!("{{env}}/users/{}", backend.alice())).ok(204);
    let revoked: Vec<_> =
        client.world.events(0).into_iter().filter(|it| !it.messages.is_empty()).collect();
    assert_eq!(revoked.len(), 2, "one while enabled, one after it was enabled anew");
    assert_eq!(receiver.seen(), 2);
}

#[test]
fn what_is_refused_comes_again_and_says_so() {
    let receiver = Receiver::answering(500);
    let mut client = Client::new(brisk(3));
    let hook = client.world.register_webhook(plan(&receiver.url(), &["user.created"])).unwrap();
    client.sign_in(ALICE);
    let all = [receiver.next(), receiver.next(), receiver.next()];
    let bodies: Vec<Value> =
        all.iter().map(|it| serde_json::from_slice(&it.body).unwrap()).collect();
    let said: Vec<&Value> = bodies.iter().map(|body| &body["redelivery"]).collect();
    assert_eq!(said, [&json!(false), &json!(true), &json!(true)]);
    assert!(bodies.iter().all(|body| body["messageId"] == bodies[0]["messageId"]));
    for received in &all {
        let signed = signature(&hook.secret, &received.body);
        assert_eq!(received.header("x-dynamic-signature-256"), Some(signed.as_str()));
    }
    let kept = attempts(&client, &hook, 3);
    let statuses: Vec<_> = kept.iter().map(|it| (it.attempt, it.status)).collect();
    assert_eq!(statuses, [(1, Some(500)), (2, Some(500)), (3, Some(500))]);
    // Three were all; and one that is asked for comes at once and once.
    receiver.answer_with(200);
    client.world.redeliver(&kept[0].message_id).unwrap();
    assert_eq!(attempts(&client, &hook, 4)[3].status, Some(200));
    let again: Value = serde_json::from_slice(&receiver.next().body).unwrap();
    assert_eq!(
        (&again["redelivery"], &again["messageId"]),
        (&json!(true), &bodies[0]["messageId"])
    );
    assert_eq!(receiver.seen(), 4);
}

#[test]
fn messages_can_be_read_and_asked_for_by_administrators() {
    let receiver = Receiver::answering(200);
    let backend = Backend::new(brisk(1));
    let mut client = backend.client.clone();
    let hook = client.world.register_webhook(plan(&receiver.url(), &["user.created"])).unwrap();
    client.sign_in(ALICE);
    attempts(&client, &hook, 1);
    let path = format!("{{env}}/webhooks/{}/messages", hook.id);
    let listed = backend.get(&path).ok(200);
    let message = &listed["data"][0];
    let fields = [
        "createdAt",
        "deliveredAt",
        "deliveryAttempt",
        "deliveryId",
        "environmentId",
        "eventCreatedAt",
        "eventId",
        "eventReceivedAt",
        "messageCreatedAt",
        "messageId",
        "request",
        "response",
        "status",
        "updatedAt",
        "webhookId",
    ];
    assert_eq!(keys(message), fields);
    assert_eq!((&message["status"], &message["deliveryAttempt"]), (&json!("success"), &json!(1)));
    assert_eq!(message["response"]["status"], json!(200));
    assert_eq!(message["request"]["body"]["eventName"], json!("user.created"));
    let one = format!("{path}/{}", text(&message["messageId"]));
    assert_eq!(backend.get(&one).ok(200), listed);
    let answer = backend.ask("POST", &format!("{one}/redeliver"), "").ok(200);
    assert_eq!(keys(&answer), ["message"]);
    attempts(&client, &hook, 2);
    assert_eq!(backend.get(&one).ok(200)["data"][1]["deliveryAttempt"], json!(2));

    let not_found = |method: &str, path: &str| {
        backend.ask(method, path, "").refused(404, Some("not_found"), "Not Found");
    };
    not_found("GET", &format!("{path}/{NOBODY}"));
    not_found("POST", &format!("{path}/{NOBODY}/redeliver"));
    not_found("GET", &format!("{{env}}/webhooks/{NOBODY}/messages"));
    not_found("POST", &format!("{{env}}/webhooks/{NOBODY}/messages/{NOBODY}/redeliver"));
    let body = json!({ "url": receiver.url(), "isEnabled": true, "events": [] });
    let refused = backend.put(&format!("{{env}}/webhooks/{NOBODY}"), &body);
    refused.refused(404, Some("not_found"), "Not Found");
}

#[test]
fn a_receiver_that_is_slow_or_gone_holds_nobody_up() {
    let slow = Receiver::silent();
    let mut client = Client::new(policy(|policy| {
        policy.webhooks.timeout_milliseconds = 20_000;
        policy.webhooks.attempts_max = 1;
    }));
    let world = client.world.clone();
    world.register_webhook(plan(&slow.url(), &["user.session.created"])).unwrap();
    let gone = plan("http://127.0.0.1:1/", &["user.session.created"]);
    world.register_webhook(gone).unwrap();
    // Twenty sign-ins while the first message hangs: none of them waits for it.
    for _ in 0..20 {
        client.bearer = None;
        client.sign_in(ALICE);
    }
    assert_eq!(slow.seen(), 1, "the first message still hangs");
    assert_eq!(world.events(0).iter().filter(|it| it.name == "user.session.created").count(), 20);
}

#[test]
fn a_receiver_that_takes_too_long_has_failed() {
    let slow = Receiver::silent();
    let mut client = Client::new(policy(|policy| {
        policy.webhooks.timeout_milliseconds = 50;
        policy.webhooks.attempts_max = 1;
    }));
    let hook = client.world.register_webhook(plan(&slow.url(), &["user.created"])).unwrap();
    client.sign_in(ALICE);
    let kept = attempts(&client, &hook, 1);
    assert_eq!(kept[0].status, None);
    assert!(kept[0].error.as_ref().unwrap().contains("timeout"), "{:?}", kept[0].error);
}

#[test]
fn nothing_leaves_the_machine() {
    let target = Receiver::answering(200);
    let backend = Backend::new(brisk(1));
    let mut client = backend.client.clone();
    let before = client.state();
    for url in [
        "https://example.com/",
        "http://example.com/",
        "http://10.0.0.1/",
        "http://x.localhost/",
        "nonsense",
    ] {
        let body = json!({ "url": url, "isEnabled": true, "events": ["user.created"] });
        let refused = backend.post("{env}/webhooks", &body);
        assert_eq!((refused.status, keys(&refused.body)), (422, vec!["error"]), "{url}");
        assert!(text(&refused.body["error"]).starts_with("url: "), "{url}");
        let problem = client.world.register_webhook(plan(url, &[])).unwrap_err();
        assert!(matches!(problem, InterventionError::Refused(Refusal::Unseedable(_))), "{url}");
    }
    client.stays(&before);
    // A redirection is an answer like any other, and nobody follows it.
    let redirecting = Receiver::redirecting_to(&target.url());
    let hook = client.world.register_webhook(plan(&redirecting.url(), &["user.created"])).unwrap();
    client.sign_in(ALICE);
    assert_eq!(attempts(&client, &hook, 1)[0].status, Some(302));
    // A restored world may hold any URL; it is judged again before anything is sent.
    let snapshot = client.world.snapshot().to_string();
    let foreign = snapshot.replace(&redirecting.url(), "http://192.0.2.1/hook");
    client.world.restore(serde_json::from_str(&foreign).unwrap()).unwrap();
    assert_eq!(client.world.webhooks()[0].url, "http://192.0.2.1/hook");
    let message = client.world.events(0)[0].messages[0].clone();
    client.world.redeliver(&message).unwrap();
    let tried = attempts(&client, &hook, 2);
    assert_eq!(tried[1].status, None);
    assert!(tried[1].error.as_ref().unwrap().starts_with("the mock sends to this machine only"));
    assert_eq!((target.seen(), redirecting.seen()), (0, 1));
}

#[test]
fn the_number_of_webhooks_is_bounded() {
    let client = Client::new(policy(|policy| policy.limits.webhooks_max = 1));
    let world = &client.world;
    world.register_webhook(plan("http://localhost:1/", &[])).unwrap();
    let before = client.state();
    let refused = world.register_webhook(plan("http://localhost:1/", &[])).unwrap_err();
    assert_eq!(refused.to_string(), "the environment holds 1 webhooks, as many as it may");
    client.stays(&before);
}

#[test]
fn a_webhook_is_part_of_the_world() {
    let receiver = Receiver::answering(200);
    let mut client = Client::new(brisk(1));
    let hook = client.world.register_webhook(plan(&receiver.url(), &["user.created"])).unwrap();
    let snapshot = client.world.snapshot();
    client.world.reset().unwrap();
    assert_eq!(client.world.webhooks(), []);
    client.sign_in("nobody@example.com");
    client.world.restore(snapshot).unwrap();
    assert_eq!(client.world.webhooks(), [hook]);
    client.bearer = None;
    client.sign_in(ALICE);
    let received: Value = serde_json::from_slice(&receiver.next().body).unwrap();
    assert_eq!(received["data"]["email"], json!(ALICE));
    assert_eq!(receiver.seen(), 1);
}
