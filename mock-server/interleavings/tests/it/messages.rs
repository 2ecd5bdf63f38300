//! Webhooks: messages that several threads hand over, and the threads that carry them.

use interleavings::policy::Webhooks;
use interleavings::{Options, WebhookPlan};
use serde_json::json;
use shuttle::thread;

use crate::client::{Errand, WORLD, service_with};
use crate::orders::in_every_order;

/// A port of this machine at which nobody listens: each message is tried once, and fails at once.
const NOBODY: &str = "http://127.0.0.1:1/";

/// Threads that hand over a message each.
const SENDERS: usize = 3;

/// The carriers end by themselves when nothing waits; shuttle lets no thread be left over, so when
/// the play is over, every message must have been carried.
#[test]
fn no_message_is_left_behind() {
    in_every_order(|| {
        let mock = service_with(Options::default());
        let world = mock.environment(WORLD).unwrap();
        let mut policy = world.policy();
        policy.webhooks = Webhooks { attempts_max: 1, ..policy.webhooks };
        world.set_policy(policy).unwrap();
        let plan = |events: &[&str]| WebhookPlan {
            url: NOBODY.to_owned(),
            is_enabled: true,
            events: events.iter().map(|name| (*name).to_owned()).collect(),
        };
        let hooks = [(), ()].map(|()| world.register_webhook(plan(&["user.created"])).unwrap());
        let threads: Vec<_> = (0..SENDERS)
            .map(|number| {
                let mock = mock.clone();
                thread::spawn(move || opened(&mock, number))
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        // The carriers may still be on their way; each lets others go on whenever it waits.
        let carried = || hooks.iter().all(|hook| world.deliveries(&hook.id).len() == SENDERS);
        for _ in 0..10_000 {
            if carried() {
                return;
            }
            thread::yield_now();
        }
        let counts = hooks.each_ref().map(|hook| world.deliveries(&hook.id).len());
        panic!("carried {counts:?} of {SENDERS} messages each");
    });
}

/// Somebody new signs in, which is an event.
fn opened(mock: &interleavings::Mock, number: usize) {
    let email = format!("{number}@example.com");
    let create = Errand::post(mock, "emailVerifications/create", &json!({ "email": email }));
    let (_, opened) = create.run();
    let world = mock.environment(WORLD).unwrap();
    let code = world.inbox(Some(&email), 0).pop().unwrap().code;
    let body = json!({ "verificationUUID": opened["verificationUUID"], "verificationToken": code });
    assert_eq!(Errand::post(mock, "emailVerifications/signin", &body).run().0, 200);
}
