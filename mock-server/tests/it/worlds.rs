//! Many worlds in one service: made when touched, bounded, apart from each other, raced in.

use std::sync::Barrier;

use mock_server::policy::{DeleteDefault, Policy};
use mock_server::{MockError, Options, engine::TokenScope};
use serde_json::{Value, json};

use crate::client::{
    ALICE, Client, ELEVATED, MFA_TOKEN, WORLD, legacy, policy, still_mock, still_mock_with, text,
};

const OTHER: &str = "00000000-0000-4000-8000-00000000bbbb";
const THIRD: &str = "00000000-0000-4000-8000-00000000cccc";

fn settings(world: &str) -> String {
    format!("/api/v0/sdk/{world}/settings")
}

#[test]
fn a_world_begins_with_its_first_request() {
    let mock = still_mock(Policy::default());
    assert!(mock.environment_ids().is_empty());
    for world in [OTHER, WORLD, OTHER] {
        crate::client::send(&mock, "GET", &settings(world), &[], "").ok(200);
    }
    assert_eq!(mock.environment_ids(), [WORLD, OTHER]);
    let fresh = mock.fresh_environment().unwrap();
    assert_eq!(mock.environment_ids().len(), 3);
    assert_ne!(fresh.id(), mock.fresh_environment().unwrap().id());
    let forgotten = [WORLD, WORLD, "nonsense"].map(|id| mock.forget(id).unwrap());
    assert_eq!(forgotten, [true, false, false]);
    assert!(mock.existing_environment(WORLD).is_none());
    let malformed =
        mock.environment("0000ABCD-0000-4000-8000-00000000AAAA").map(|world| world.id());
    assert!(matches!(malformed, Err(MockError::MalformedEnvironment(_))));
}

const UNMADE: &str =
    "Not Found: no environment of this id was made, and this service makes none by itself";

#[test]
fn a_strict_service_knows_only_what_was_made() {
    let mock = still_mock_with(Options { strict_environments: true, ..Options::default() });
    for method in ["GET", "OPTIONS"] {
        let reply = crate::client::send(&mock, method, &settings(WORLD), &[], "");
        reply.refused(404, Some("not_found"), UNMADE);
    }
    assert!(mock.environment_ids().is_empty());
    mock.environment(WORLD).unwrap();
    crate::client::send(&mock, "GET", &settings(WORLD), &[], "").ok(200);
    crate::client::send(&mock, "GET", &settings(OTHER), &[], "").refused(
        404,
        Some("not_found"),
        UNMADE,
    );
    mock.forget(WORLD).unwrap();
    crate::client::send(&mock, "GET", &settings(WORLD), &[], "").refused(
        404,
        Some("not_found"),
        UNMADE,
    );
}

#[test]
fn the_number_of_worlds_is_bounded() {
    let mock = still_mock_with(Options { environments_max: 2, ..Options::default() });
    for world in [WORLD, OTHER] {
        crate::client::send(&mock, "GET", &settings(world), &[], "").ok(200);
    }
    let reply = crate::client::send(&mock, "GET", &settings(THIRD), &[], "");
    reply.refused(503, None, "the service holds as many environments as it may (2)");
    let refused =
        |result: Result<_, MockError>| result.map(|_: mock_server::Hosting| ()).unwrap_err();
    assert_eq!(refused(mock.environment(THIRD)), MockError::TooManyEnvironments(2));
    assert_eq!(refused(mock.fresh_environment()), MockError::TooManyEnvironments(2));
    crate::client::send(&mock, "GET", &settings(OTHER), &[], "").ok(200);
    mock.forget(OTHER).unwrap();
    crate::client::send(&mock, "GET", &settings(THIRD), &[], "").ok(200);
}

#[test]
fn worlds_know_nothing_of_each_other() {
    let mock = still_mock(Policy::default());
    let mut here = Client::of(&mock, WORLD);
    here.sign_in(ALICE);
    let before = here.state();
    let journal = here.world.journal().len();

    let mut there = Client::of(&mock, OTHER);
    let user = there.sign_in(ALICE)["user"].clone();
    assert_ne!(here.get("users").ok(200)["id"], user["id"]);
    there.world.set_policy(policy(|policy| policy.mfa.enabled = false)).unwrap();
    there.advance(1_000_000);
    there.world.reset().unwrap();
    there.send("GET", "users", &[], "").unauthorized();
    here.stays(&before);
    assert_eq!(here.world.journal().len(), journal + 1);
    assert_eq!(here.world.inbox(None, 0).len(), 1);

    // A token of one is nothing in the other, as bearer, as elevation, and as MFA token.
    let mut here = Client::authenticated(Policy::default());
    let (elevated, mfa) = (here.elevate(&["credential:unlink"]), here.mfa_token(false));
    let mut there = Client::of(&here.mock, OTHER);
    there.seed_alice();
    there.sign_in(ALICE);
    there.pass_totp(json!({}));
    let path = format!("users/mfa/{}", there.device());
    there.delete(&path, &[(ELEVATED, &elevated)]).wants_elevation();
    there.delete(&path, &[(MFA_TOKEN, &mfa)]).refused(401, None, "Invalid MFA token");
    there.bearer = here.bearer;
    there.get("users").unauthorized();
}

#[test]
fn what_one_world_does_moves_no_ids_in_another() {
    let play = |noise: bool| {
        let mock = still_mock(Policy::default());
        if noise {
            Client::of(&mock, OTHER).sign_in("noise@example.com");
        }
        let mut client = Client::of(&mock, WORLD);
        if noise {
            Client::of(&mock, THIRD).get("nonces?count=5").ok(200);
        }
        client.sign_in(ALICE)
    };
    assert_eq!(play(false), play(true));
}

#[test]
fn without_a_seed_no_two_services_are_alike() {
    let nonce = || {
        let mock = mock_server::Mock::new(Options::default()).unwrap();
        text(&Client::of(&mock, WORLD).get("nonce").ok(200)["nonce"])
    };
    assert_ne!(nonce(), nonce());
}

#[test]
fn a_reset_is_the_first_day() {
    let mut client = Client::new(legacy(|_| {}));
    let first = client.world.snapshot();
    client.sign_in(ALICE);
    client.world.set_policy(Policy::default()).unwrap();
    client.advance(77);
    let fault = mock_server::Fault::on("getNonce", mock_server::Effect::status(503));
    client.world.inject_fault(fault).unwrap();
    client.world.reset().unwrap();
    assert_eq!(client.world.snapshot(), first);
    assert!(client.world.journal().is_empty());
    client.get("users").unauthorized();
}

/// Lets 64 threads send at once; yields the statuses.
fn race(send: impl Fn(usize) -> u16 + Sync) -> Vec<u16> {
    const THREADS: usize = 64;
    let barrier = Barrier::new(THREADS);
    std::thread::scope(|scope| {
        let (send, barrier) = (&send, &barrier);
        let run = move |number| {
            barrier.wait();
            send(number)
        };
        let threads: Vec<_> = (0..THREADS).map(|number| scope.spawn(move || run(number))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[track_caller]
fn one_wins(statuses: &[u16], winner: u16, loser: u16) {
    let count = |status| statuses.iter().filter(|other| **other == status).count();
    assert_eq!((count(winner), count(loser)), (1, 63), "{statuses:?}");
}

/// The default device may never go, so a deletion whose proof is accepted is refused with 400:
/// the device stays, and only the proof decides who wins.
fn unmovable(policy: &mut Policy) {
    policy.devices.delete_default = DeleteDefault::Never;
    policy.totp.failures_max = 1_000;
    policy.elevation.single_use_scopes = [TokenScope::CredentialUnlink].into_iter().collect();
}

#[test]
fn one_of_many_spends_a_token() {
    let mut client = Client::authenticated(legacy(unmovable));
    let path = format!("users/mfa/{}", client.device());
    let token = client.mfa_token(true);
    let statuses = race(|_| client.delete(&path, &[(MFA_TOKEN, &token)]).status);
    one_wins(&statuses, 400, 401);

    let mut client = Client::authenticated(policy(unmovable));
    let path = format!("users/mfa/{}", client.device());
    let token = client.elevate(&["credential:unlink"]);
    let statuses = race(|_| client.delete(&path, &[(ELEVATED, &token)]).status);
    one_wins(&statuses, 400, 403);

    // And where it may go, it goes once.
    let mut client = Client::authenticated(policy(|_| {}));
    let path = format!("users/mfa/{}", client.device());
    let token = client.elevate(&["credential:unlink"]);
    let statuses = race(|_| client.delete(&path, &[(ELEVATED, &token)]).status);
    one_wins(&statuses, 204, 404);
}

#[test]
fn one_of_many_spends_a_code() {
    let client = Client::authenticated(policy(unmovable));
    let totp = json!({ "code": client.code() });
    one_wins(&race(|_| client.post("users/mfa/auth/totp", &totp).status), 200, 422);
    let code = client.world.user(ALICE).unwrap().recovery_codes[0].clone();
    let recovery = json!({ "code": code });
    one_wins(&race(|_| client.post("users/mfa/auth/recovery", &recovery).status), 200, 422);
    let (id, code) = client.mail(ALICE);
    let mailed = json!({ "verificationUUID": id, "verificationToken": code });
    one_wins(&race(|_| client.post("emailVerifications/signin", &mailed).status), 200, 422);
}

#[test]
fn many_wrong_codes_at_once_are_all_counted() {
    let client = Client::challenged(Policy::default());
    let wrong = json!({ "code": client.wrong_code() });
    let statuses = race(|_| client.post("users/mfa/auth/totp", &wrong).status);
    let count = |status| statuses.iter().filter(|other| **other == status).count();
    assert_eq!((count(422), count(429)), (5, 59));
}

#[test]
fn a_world_that_many_touch_first_is_one_world() {
    let mock = still_mock(Policy::default());
    let path = format!("/api/v0/sdk/{WORLD}/nonce");
    let nonces = std::sync::Mutex::new(std::collections::BTreeSet::new());
    race(|_| {
        let reply = crate::client::send(&mock, "GET", &path, &[], "");
        assert!(nonces.lock().unwrap().insert(reply.body["nonce"].to_string()));
        reply.status
    });
    assert_eq!((nonces.lock().unwrap().len(), mock.environment_ids().len()), (64, 1));
    // The same bound holds when many make worlds at once.
    let mock = still_mock_with(Options { environments_max: 10, ..Options::default() });
    let statuses = race(|number| {
        let world = format!("00000000-0000-4000-8000-0000000000{number:02x}");
        crate::client::send(&mock, "GET", &settings(&world), &[], "").status
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 10);
    assert_eq!(mock.environment_ids().len(), 10);
    let journal = mock.existing_environment(&mock.environment_ids()[0]).unwrap().journal();
    assert_eq!(journal.iter().map(|noted| json!(noted.status)).collect::<Value>(), json!([200]));
}
