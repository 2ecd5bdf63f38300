//! A service that is stopped and started again is the same service.

use mock_server::engine::{Caller, Command, Request, TokenScope};
use mock_server::{
    Clock, Effect, Fault, JournalFile, JournalSync, Mock, Options, SeededTotp, UserSeed,
};
use serde_json::json;

use super::{Scratch, live, options, start, worlds};
use crate::admin::Backend;
use crate::client::{ALICE, Client, WORLD, policy};

const OTHER: &str = "00000000-0000-4000-8000-00000000bbbb";

/// Every kind of change, some of them refused, in two worlds and in one that is forgotten.
fn eventful(mock: &Mock) -> Client {
    let mut client = Client::of(mock, WORLD);
    live(&mut client);
    // Numbers that a careless reader of JSON would round to their neighbours.
    let metadata = json!({ "a": 0.1, "b": 1.2345678901234567, "c": 7.038531e-26, "d": u64::MAX });
    client
        .put("users", &json!({ "metadata": metadata, "firstName": "Al\u{2028}ice \"\\\n" }))
        .ok(200);
    client.world.set_policy(policy(|policy| policy.totp.window_steps = 0)).unwrap();
    let bob = UserSeed {
        email: "bob@example.com".into(),
        totp: SeededTotp::Enrolled,
        ..Default::default()
    };
    client.world.create_user(bob.clone()).unwrap();
    client.world.create_user(bob).unwrap_err();
    client.world.revoke_sessions("bob@example.com").unwrap();
    let nth = |nth| Fault { nth, ..Fault::on("getNonce", Effect::status(503)) };
    let gone = client.world.inject_fault(nth(1)).unwrap();
    client.world.inject_fault(nth(2)).unwrap();
    assert!(client.world.remove_fault(gone).unwrap());
    client.get("nonce").ok(200);
    client.get("users").ok(200);
    assert_eq!(client.get("nonce").status, 503);
    client.advance(61);
    let mut other = Client::of(mock, OTHER);
    live(&mut other);
    let snapshot = other.world.snapshot();
    other.world.reset().unwrap();
    other.world.inject_fault(nth(9)).unwrap();
    other.world.clear_faults().unwrap();
    other.world.remove_user(ALICE).unwrap_err();
    other.sign_in("carol@example.com");
    other.world.remove_user("carol@example.com").unwrap();
    other.world.restore(snapshot).unwrap();
    other.get("nonces?count=5").ok(200);
    other.world.follow_system_clock().unwrap();
    other.sign_in("dora@example.com");
    let third = Client::of(mock, &mock.fresh_environment().unwrap().id());
    third.mail(ALICE);
    assert!(mock.forget(&third.world.id()).unwrap());
    // Whoever still holds it may change it; nobody writes that down.
    let ghost = || UserSeed { email: "ghost@example.com".into(), ..Default::default() };
    third.world.create_user(ghost()).unwrap();
    third.world.reset().unwrap();
    third.world.create_user(ghost()).unwrap();
    client
}

#[test]
fn a_restart_changes_nothing() {
    for sync in [JournalSync::Always, JournalSync::Batch, JournalSync::Never] {
        let scratch = Scratch::new();
        let file = JournalFile { sync, ..JournalFile::at(&scratch.0) };
        let options = || Options { journal_file: Some(file.clone()), ..options(&scratch) };
        let mock = Mock::new(options()).unwrap();
        assert_eq!(mock.journal_report().unwrap().records, 0);
        let mut client = eventful(&mock);
        let before = worlds(&mock);
        drop((mock, std::mem::replace(&mut client.mock, Mock::new(Options::default()).unwrap())));
        let bearer = client.bearer.clone();
        drop(client);

        let mock = Mock::new(options()).unwrap();
        assert_eq!(worlds(&mock), before, "{sync:?}");
        let report = mock.journal_report().unwrap();
        assert!(report.records > 35 && report.environments == 2, "{report:?}");
        assert_eq!((&report.torn, &report.compacted), (&None, &None));
        // The session goes on, and so do the dice: both services draw the same from here.
        let mut client = Client { bearer, ..Client::of(&mock, WORLD) };
        client.get("users").ok(200);
        client.pass_totp(json!({}));
        assert!(client.world.journal().len() == 2, "the journal of exchanges is a new one");
    }
}

#[test]
fn a_restart_is_no_different_from_going_on() {
    let (stopped, through) = (Scratch::new(), Scratch::new());
    let seen = |scratch: &Scratch, is_stopped: bool| {
        let mut client = Client::of(&start(scratch), WORLD);
        live(&mut client);
        if is_stopped {
            let bearer = client.bearer.take();
            drop(client);
            client = Client { bearer, ..Client::of(&start(scratch), WORLD) };
        }
        let nonces = client.get("nonces?count=3").ok(200);
        let user = client.sign_in("bob@example.com")["user"].clone();
        (nonces, user, client.world.snapshot())
    };
    let (one, two) = (seen(&stopped, true), seen(&through, false));
    assert_eq!(one, two);
    // Times and seed are fixed, so even the files are the same.
    assert_eq!(stopped.bytes(), through.bytes());
    // A service without a file says the same, too.
    let mut client = Client::new(policy(|_| {}));
    live(&mut client);
    assert_eq!(client.get("nonces?count=3").ok(200), one.0);
}

#[test]
fn looks_are_not_written_and_change_nothing() {
    let scratch = Scratch::new();
    let mut client = Client::of(&start(&scratch), WORLD);
    live(&mut client);
    let backend = Backend::of(client.clone());
    let account = client.post("businessAccounts", &json!({})).ok(201);
    let account = account["id"].as_str().unwrap();
    let (before, file) = (client.world.snapshot(), scratch.bytes());
    let device = client.device();
    for path in [
        "session",
        "users",
        "users/mfa",
        "users/mfa/methods",
        &format!("users/mfa/{device}"),
        "users/passkeys",
        "businessAccounts",
        &format!("businessAccounts/{account}"),
    ] {
        assert!(client.get(path).status < 300, "{path}");
    }
    assert_eq!(client.get("waas/byWalletAddress/0x00").status, 404);
    for path in ["users", "keys", "tokens", "test/account", "events", "webhooks"] {
        assert!(backend.get(&format!("{{env}}/{path}")).status < 300, "{path}");
    }
    assert!(backend.get("eventTypes").status < 300);
    client.post("stepUp/check", &json!({ "scope": "credential:link" })).ok(200);
    client.get("users/mfa/00000000-0000-4000-8000-000000000000");
    client.bearer = Some(crate::client::forge(&json!({})));
    client.get("users").unauthorized();
    assert_eq!(client.world.snapshot(), before, "not even the number of the next dice");
    assert_eq!(scratch.bytes(), file);
    // What is not known to be a look is written.
    let nobody = Caller {
        user: "00000000-0000-4000-8000-000000000001".parse().unwrap(),
        session: "00000000-0000-4000-8000-000000000002".parse().unwrap(),
        environment: WORLD.parse().unwrap(),
        key: mock_server::engine::KeyNumber::FIRST,
        expires_at: client.world.now(),
    };
    let asks = |request| Command::As(nobody.clone(), request).changes_nothing();
    assert!(asks(Request::CheckStepUp { scope: TokenScope::CredentialLink }));
    assert!(!asks(Request::Revoke) && !asks(Request::ReadRecoveryCodes));
    assert!(!Command::IssueNonces { count: 1 }.changes_nothing());
}

#[test]
fn a_seed_that_nobody_gave_is_the_file_s() {
    let scratch = Scratch::new();
    let unseeded = || Options { seed: None, clock: Clock::System, ..options(&scratch) };
    let mock = Mock::new(unseeded()).unwrap();
    let mut client = Client::of(&mock, WORLD);
    client.sign_in(ALICE);
    let before = worlds(&mock);
    drop((mock, client));
    let mock = Mock::new(unseeded()).unwrap();
    assert_eq!(worlds(&mock), before);
    drop(mock);
    assert_eq!(worlds(&Mock::new(unseeded()).unwrap()), before);
}

#[test]
fn a_long_file_is_replaced_by_a_short_one() {
    let scratch = Scratch::new();
    let short = || JournalFile { compact_above_bytes: 20_000, ..JournalFile::at(&scratch.0) };
    let options = || Options { journal_file: Some(short()), ..options(&scratch) };
    let mock = Mock::new(options()).unwrap();
    let mut client = eventful(&mock);
    // Ten nonces live; a thousand were asked for.
    client.world.set_policy(policy(|policy| policy.limits.nonces_max = 10)).unwrap();
    client.world.clear_faults().unwrap();
    (0..200).for_each(|_| drop(client.get("nonces?count=5").ok(200)));
    let before = worlds(&mock);
    let bearer = client.bearer.take();
    drop((mock, client));
    let long = scratch.bytes().len() as u64;

    let mock = Mock::new(options()).unwrap();
    assert_eq!(worlds(&mock), before);
    let report = mock.journal_report().unwrap();
    let short = scratch.bytes().len() as u64;
    assert_eq!(report.compacted, Some((long, short)), "{report:?}");
    assert!(short <= long / 2, "{long} {short}");
    let mut client = Client { bearer, ..Client::of(&mock, WORLD) };
    client.pass_totp(json!({}));
    let before = worlds(&mock);
    drop((mock, client));
    // The new file is one like any other.
    let mock = Mock::new(options()).unwrap();
    assert_eq!(worlds(&mock), before);
    // What cannot become much shorter is left alone.
    assert_eq!(mock.journal_report().unwrap().compacted, None);
    assert!(!scratch.0.with_extension("journal.compacting").exists());
}
