//! What works once works once, in whatever order those who ask are let on.

use interleavings::http::Method;
use serde_json::json;

use crate::client::{ALICE, Errand, WORLD, at_once, code, mailed, service, signed_in, winners};
use crate::orders::in_every_order;

/// Threads that ask for the same thing.
const RACERS: usize = 3;

#[test]
fn a_time_step_is_accepted_once() {
    in_every_order(|| {
        let mock = service();
        let world = mock.environment(WORLD).unwrap();
        let bearer = signed_in(&mock, &world);
        let body = json!({ "code": code(&world) });
        let errand = Errand::post(&mock, "users/mfa/auth/totp", &body).by(&bearer);
        assert_eq!(winners(&at_once(vec![errand; RACERS])), 1);
    });
}

#[test]
fn a_mailed_code_opens_one_session() {
    in_every_order(|| {
        let mock = service();
        let world = mock.environment(WORLD).unwrap();
        let body = mailed(&mock, &world);
        let errand = Errand::post(&mock, "emailVerifications/signin", &body);
        assert_eq!(winners(&at_once(vec![errand; RACERS])), 1);
        assert_eq!(world.user(ALICE).unwrap().sessions.len(), 1);
    });
}

#[test]
fn a_recovery_code_is_accepted_once() {
    in_every_order(|| {
        let mock = service();
        let world = mock.environment(WORLD).unwrap();
        let bearer = signed_in(&mock, &world);
        let body = json!({ "code": world.user(ALICE).unwrap().recovery_codes[0] });
        let errand = Errand::post(&mock, "users/mfa/auth/recovery", &body).by(&bearer);
        assert_eq!(winners(&at_once(vec![errand; RACERS])), 1);
    });
}

/// Whatever comes before the logout is answered, whatever comes after it is not.
#[test]
fn nothing_is_answered_after_a_logout() {
    in_every_order(|| {
        let mock = service();
        let world = mock.environment(WORLD).unwrap();
        let bearer = signed_in(&mock, &world);
        let look = Errand::get(&mock, "users").by(&bearer);
        let leave = Errand { method: Method::POST, path: "revoke", ..look.clone() };
        let leaving = shuttle::thread::spawn({
            let look = look.clone();
            move || (leave.run().0, look.run().0)
        });
        let looks = [look.run().0, look.run().0];
        assert_eq!(leaving.join().unwrap(), (204, 401));
        assert!([[200, 200], [200, 401], [401, 401]].contains(&looks), "{looks:?}");
        assert_eq!(look.run().0, 401);
    });
}
