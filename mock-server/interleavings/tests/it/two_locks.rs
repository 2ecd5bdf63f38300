//! A service that looks under one lock and acts under another, which every test must find out.
//!
//! It is the honest service behind a door of this file: the door takes a snapshot of the world,
//! lets a service of its own decide on that, and puts the result back. Between the two, the lock
//! of the world is free.

use interleavings::{Hosting, Mock};
use serde_json::json;
use shuttle::thread;

use crate::client::{Errand, WORLD, code, mailed, service, signed_in, winners};
use crate::orders::found_out;

/// Has a copy of the world decide, and puts the copy in the place of the world.
fn decided_on_a_copy(errand: &Errand, world: &Hosting) -> u16 {
    let aside: Mock = service();
    let copy = aside.environment(WORLD).unwrap();
    copy.restore(world.snapshot()).unwrap();
    let status = Errand { mock: aside, ..errand.clone() }.run().0;
    world.restore(copy.snapshot()).unwrap();
    status
}

fn raced(errand: &Errand, world: &Hosting) -> Vec<u16> {
    let threads = [(), ()].map(|()| {
        let (errand, world) = (errand.clone(), world.clone());
        thread::spawn(move || decided_on_a_copy(&errand, &world))
    });
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}

#[test]
fn a_time_step_is_accepted_twice() {
    let found = found_out(|| {
        let mock = service();
        let world = mock.environment(WORLD).unwrap();
        let bearer = signed_in(&mock, &world);
        let body = json!({ "code": code(&world) });
        let errand = Errand::post(&mock, "users/mfa/auth/totp", &body).by(&bearer);
        assert_eq!(winners(&raced(&errand, &world)), 1, "not one winner");
    });
    assert!(found.is_some_and(|words| words.contains("not one winner")));
}

#[test]
fn a_mailed_code_opens_two_sessions() {
    let found = found_out(|| {
        let mock = service();
        let world = mock.environment(WORLD).unwrap();
        let errand = Errand::post(&mock, "emailVerifications/signin", &mailed(&mock, &world));
        assert_eq!(winners(&raced(&errand, &world)), 1, "not one winner");
    });
    assert!(found.is_some_and(|words| words.contains("not one winner")));
}
