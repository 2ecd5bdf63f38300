//! The map of environments: the first request makes one, and a tester may drop it again.

use interleavings::{Mock, Options};
use serde_json::json;
use shuttle::thread;

use crate::client::{ALICE, Errand, WORLD, at_once, service, service_with, winners};
use crate::orders::in_every_order;

fn mail(mock: &Mock) -> Errand {
    Errand::post(mock, "emailVerifications/create", &json!({ "email": ALICE }))
}

#[test]
fn many_first_requests_make_one_environment() {
    in_every_order(|| {
        let mock = service();
        assert_eq!(winners(&at_once(vec![mail(&mock); 3])), 3);
        assert_eq!(mock.environment_ids(), [WORLD]);
        // Nobody's mail went to a world that another one replaced.
        assert_eq!(mock.environment(WORLD).unwrap().inbox(Some(ALICE), 0).len(), 3);
    });
}

#[test]
fn there_are_never_more_environments_than_there_may_be() {
    in_every_order(|| {
        let mock = service_with(Options { environments_max: 1, ..Options::default() });
        let threads = [1, 2].map(|number| {
            let mock = mock.clone();
            let id = format!("00000000-0000-4000-8000-00000000000{number}");
            thread::spawn(move || mock.environment(&id).is_ok())
        });
        let made = threads.map(|thread| thread.join().unwrap());
        assert_eq!(made.iter().filter(|made| **made).count(), 1);
        assert_eq!(mock.environment_ids().len(), 1);
    });
}

#[test]
fn a_forgotten_environment_is_gone_or_begins_anew() {
    in_every_order(|| {
        let mock = service();
        assert_eq!(mail(&mock).run().0, 201);
        let forgetting = thread::spawn({
            let mock = mock.clone();
            move || mock.forget(WORLD).unwrap()
        });
        assert_eq!(mail(&mock).run().0, 201);
        assert!(forgetting.join().unwrap());
        let left = mock.existing_environment(WORLD);
        let mails = left.map_or(0, |world| world.inbox(Some(ALICE), 0).len());
        // The second mail came before the end, or it is the first of another world.
        assert!(mails <= 1, "{mails} mails outlived their environment");
    });
}

#[test]
fn a_snapshot_holds_whole_changes() {
    in_every_order(|| {
        let mock = service();
        let world = mock.environment(WORLD).unwrap();
        let sending = thread::spawn({
            let errand = mail(&mock);
            move || errand.run().0
        });
        let snapshot = world.snapshot();
        assert_eq!(sending.join().unwrap(), 201);
        let environment = &snapshot["environment"];
        let open = environment["verifications"].as_object().unwrap().len();
        let sent = environment["inbox"].as_array().unwrap().len();
        assert_eq!(open, sent, "half a change");
        assert_eq!(snapshot["commands"], json!(sent), "dice of another moment");
    });
}
