//! One webhook does not wait for another, and gets its own messages one by one.

use super::plan;
use super::receiver::Receiver;
use crate::client::{ALICE, Client, policy};

const EVENTS: [&str; 3] = ["user.created", "user.session.created", "user.session.revoked"];

#[test]
fn a_webhook_that_hangs_delays_no_other_one() {
    let (slow, well, other) =
        (Receiver::silent(), Receiver::answering(200), Receiver::answering(500));
    let mut client = Client::new(policy(|policy| {
        // So long that whoever waits for it has failed.
        policy.webhooks.timeout_milliseconds = 60_000;
        policy.webhooks.attempts_max = 1;
    }));
    for receiver in [&slow, &well, &other] {
        client.world.register_webhook(plan(&receiver.url(), &EVENTS)).unwrap();
    }
    client.sign_in(ALICE);
    for receiver in [&well, &other] {
        assert_eq!([receiver.next().name(), receiver.next().name()], EVENTS[..2]);
    }
    // What happens later goes the same way, while the first message still hangs.
    client.post("revoke", &serde_json::json!({}));
    for receiver in [&well, &other] {
        assert_eq!(receiver.next().name(), EVENTS[2]);
    }
    assert_eq!(slow.seen(), 1, "its own messages wait for each other");
}

#[test]
fn more_webhooks_than_may_be_served_at_once_are_all_served() {
    let receivers: Vec<_> = (0..20).map(|_| Receiver::answering(200)).collect();
    let mut client = Client::new(policy(|_| {}));
    for receiver in &receivers {
        client.world.register_webhook(plan(&receiver.url(), &EVENTS)).unwrap();
    }
    client.sign_in(ALICE);
    for receiver in &receivers {
        assert_eq!([receiver.next().name(), receiver.next().name()], EVENTS[..2]);
    }
}
