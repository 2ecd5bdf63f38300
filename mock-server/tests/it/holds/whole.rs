//! Everything that a world can hold is in the file, and what left the world does not leave it twice.

use std::time::Duration;

use mock_server::policy::RateLimits;
use mock_server::{JournalFile, Mock, Options};
use serde_json::json;

use super::{Scratch, options, start, worlds};
use crate::client::{ALICE, Client, WORLD, policy};
use crate::snapshot::{full_policy, populate};
use crate::webhooks::plan;
use crate::webhooks::receiver::Receiver;

#[test]
fn every_field_of_the_state_is_there_after_a_restart() {
    let scratch = Scratch::new();
    let options = |compact_above_bytes| Options {
        policy: full_policy(),
        journal_file: Some(JournalFile { compact_above_bytes, ..JournalFile::at(&scratch.0) }),
        ..options(&scratch)
    };
    let mock = Mock::new(options(u64::MAX)).unwrap();
    let client = populate(Client::of(&mock, WORLD));
    let before = worlds(&mock);
    drop((mock, client));
    // Once from what was asked, and, where the file becomes shorter by it, once from a snapshot.
    let mock = Mock::new(options(u64::MAX)).unwrap();
    assert_eq!(worlds(&mock), before);
    let client = Client::of(&mock, WORLD);
    for _ in 0..2_000 {
        client.world.revoke_every_session().unwrap();
    }
    let before = worlds(&mock);
    drop((mock, client));
    drop(Mock::new(options(1)).unwrap());
    let mock = Mock::new(options(u64::MAX)).unwrap();
    assert_eq!(mock.journal_report().unwrap().records, 2, "a beginning and a snapshot");
    assert_eq!(worlds(&mock), before);
}

#[test]
fn counted_calls_are_counted_after_a_restart() {
    let scratch = Scratch::new();
    let mock = start(&scratch);
    let client = Client::of(&mock, WORLD);
    let file = scratch.bytes();
    (0..5).for_each(|_| drop(client.get("healthcheck").ok(200)));
    assert_eq!(scratch.bytes(), file, "nothing is written where nothing is counted");
    let limits = RateLimits { enabled: true, calls: 3, ..RateLimits::default() };
    client.world.set_policy(policy(|policy| policy.rate_limits = limits)).unwrap();
    let file = scratch.bytes();
    client.get("healthcheck").ok(200);
    assert_eq!(client.get("session").status, 401, "counted, although it never became a command");
    assert_ne!(scratch.bytes(), file);
    let before = worlds(&mock);
    drop((mock, client));

    let mock = start(&scratch);
    assert_eq!(worlds(&mock), before);
    let client = Client::of(&mock, WORLD);
    client.get("healthcheck").ok(200);
    // One that comes too early counts too.
    assert_eq!(client.get("healthcheck").status, 429);
    let before = worlds(&mock);
    drop((mock, client));
    let mock = start(&scratch);
    assert_eq!(worlds(&mock), before);
    let client = Client::of(&mock, WORLD);
    assert_eq!(client.get("healthcheck").status, 429);
    client.advance(60);
    client.get("healthcheck").ok(200);
}

#[test]
fn a_message_that_was_sent_is_not_sent_again_by_a_restart() {
    let (scratch, receiver) = (Scratch::new(), Receiver::answering(200));
    let mock = start(&scratch);
    let mut client = Client::of(&mock, WORLD);
    let hook = client.world.register_webhook(plan(&receiver.url(), &["user.created"])).unwrap();
    client.sign_in(ALICE);
    assert_eq!(receiver.next().name(), "user.created");
    let message = client.world.events(0)[0].messages[0].clone();
    let before = worlds(&mock);
    drop((mock, client));

    let mock = start(&scratch);
    assert_eq!(worlds(&mock), before);
    let client = Client::of(&mock, WORLD);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(receiver.seen(), 1);
    assert!(client.world.deliveries(&hook.id).is_empty(), "the log is not kept");
    // The event is remembered, so it can be asked for.
    client.world.redeliver(&message).unwrap();
    let again: serde_json::Value = serde_json::from_slice(&receiver.next().body).unwrap();
    assert_eq!((&again["messageId"], &again["redelivery"]), (&json!(message), &json!(true)));
}
