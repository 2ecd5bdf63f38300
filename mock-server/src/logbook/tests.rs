//! What becomes of a change when the file fails; the file's life is tested through the service.

use mfa_engine::policy::Policy;
use mfa_engine::{Command, UserSeed};

use super::*;
use crate::clock::Clock;
use crate::hosted::Hosted;
use crate::snapshot::Snapshot;
use crate::world::Beginning;

fn logbook(pen: File, disk: File, sync: JournalSync) -> Logbook {
    let pen = Pen { file: pen, seq: 1, sum: line::NOTHING, end: 0, broken: None };
    let committer = Committer::new(disk, 0, sync).unwrap();
    Logbook { path: "there.journal".into(), pen: Mutex::new(pen), committer }
}

fn beginning(logbook: Option<Logbook>) -> Beginning {
    Beginning {
        seed: [7; 32],
        policy: Policy::default(),
        clock: Clock::held_at(Timestamp::UNIX_EPOCH),
        journal_entries_max: 10,
        journal_bytes_max: 10_000,
        hook: None,
        logbook: logbook.map(std::sync::Arc::new),
    }
}

fn world() -> World {
    World::begin("00000000-0000-4000-8000-00000000aaaa".parse().unwrap(), &beginning(None))
}

fn state(hosted: &Hosted) -> serde_json::Value {
    Snapshot::take(&hosted.world()).to_value()
}

#[test]
fn a_change_that_cannot_be_written_does_not_happen() {
    // Open for reading only, so every write fails; and so does taking back what was not written.
    let own = std::env::current_exe().unwrap();
    let broken =
        || logbook(File::open(&own).unwrap(), File::open(&own).unwrap(), JournalSync::Batch);
    let hosted = Hosted::of(world(), beginning(Some(broken())));
    let before = state(&hosted);
    let mail = || Command::StartEmailVerification { email: "alice@example.com".into() };
    let first = hosted.apply(mail()).unwrap_err().to_string();
    assert!(first.starts_with("the journal file there.journal: "), "{first}");
    assert!(first.ends_with("restart"), "the end of the file is unknown now: {first}");
    assert_eq!(hosted.apply(mail()).unwrap_err().to_string(), first);
    let seed = UserSeed { email: "alice@example.com".into(), ..UserSeed::default() };
    hosted.intervene(mfa_engine::Intervention::CreateUser(Box::new(seed))).unwrap_err();
    hosted.set_clock(Clock::System).unwrap_err();
    hosted.advance_clock(jiff::SignedDuration::from_secs(1)).unwrap_err();
    hosted.inject(crate::fault::Fault::on("*", crate::fault::Effect::DropBefore)).unwrap_err();
    hosted.remove_fault(1).unwrap_err();
    hosted.clear_faults().unwrap_err();
    hosted.restore(Snapshot::from_value(before.clone()).unwrap()).unwrap_err();
    hosted.reset().unwrap_err();
    hosted.forget().unwrap_err();
    assert_eq!(state(&hosted), before);
    // No fault is there to count, so nothing is to be written, and the call goes on.
    let operation = crate::wire::operation_named("getNonce").unwrap();
    let call = || hosted.receive(operation, &http::Request::new(bytes::Bytes::new()));
    assert!(call().is_ok());
    // Where calls are counted, each one is a change.
    let mut limits = Policy::default();
    limits.rate_limits.enabled = true;
    let mut limited = world();
    limited.environment.set_policy(limits).unwrap();
    let hosted = Hosted::of(limited, beginning(Some(broken())));
    let before = state(&hosted);
    hosted.receive(operation, &http::Request::new(bytes::Bytes::new())).unwrap_err();
    assert_eq!(state(&hosted), before);
}

#[test]
#[cfg(target_os = "linux")]
fn a_disk_that_fails_once_ends_every_answer() {
    // A null device takes every line and can bring none to a disk.
    let null = || std::fs::OpenOptions::new().write(true).open("/dev/null").unwrap();
    let logbook = logbook(null(), null(), JournalSync::Always);
    assert!(logbook.is_sound().is_ok());
    let mark = logbook.append(&world(), Timestamp::UNIX_EPOCH, &Change::Reset).unwrap();
    let lost = logbook.settle(mark).unwrap_err();
    assert!(lost.to_string().contains("did not reach its disk"), "{lost}");
    assert_eq!(logbook.is_sound(), Err(lost));
}

#[test]
fn many_writers_wait_for_the_disk_together() {
    let path = std::env::temp_dir().join(format!("mfa-mock-commit-{}", std::process::id()));
    let file = File::create(&path).unwrap();
    let committer = Committer::new(file, 0, JournalSync::Always).unwrap();
    let settled = std::thread::scope(|scope| {
        let waiters: Vec<_> = (1..=64)
            .map(|end| {
                let committer = &committer;
                scope.spawn(move || {
                    committer.written(Mark(end));
                    committer.settle(Mark(end))
                })
            })
            .collect();
        waiters.into_iter().map(|waiter| waiter.join().unwrap()).collect::<Vec<_>>()
    });
    std::fs::remove_file(path).unwrap();
    assert_eq!(settled, vec![Ok(()); 64]);
}

#[test]
fn a_shorter_file_that_nobody_could_read_replaces_nothing() {
    let folder = std::env::temp_dir().join(format!("mfa-mock-unreadable-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("there.journal");
    std::fs::write(&path, "long and good").unwrap();
    let beginning = beginning(None);
    let header = header::Header::of(&beginning, "key");
    let compact = |world: World| {
        let mut worlds = replay::Worlds::from([(world.environment.id(), world)]);
        let done = compaction::compact(&path, &header, &beginning, &mut worlds, u64::MAX);
        (done.map(|pen| pen.is_some()), std::fs::read(&path).unwrap())
    };
    // No fault like this is let in; a world that held it all the same must not take the file along.
    let body = (0..200).fold(serde_json::json!(0), |inner, _| serde_json::json!([inner]));
    let effect = serde_json::json!({ "kind": "status", "status": 503, "body": body });
    let fault = serde_json::json!({ "operation": "getNonce", "effect": effect });
    let list = serde_json::json!([{ "id": 1, "fault": fault, "seen": 0, "fired": 0 }]);
    let faults = serde_json::json!({ "next_id": 1, "list": list });
    let unreadable = World { faults: serde_json::from_value(faults).unwrap(), ..world() };
    let (done, kept) = compact(unreadable);
    let problem = done.unwrap_err().to_string();
    assert!(problem.contains("recursion limit exceeded"), "{problem}");
    assert_eq!(kept, b"long and good");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "the attempt is gone");
    let (done, replaced) = compact(world());
    assert!(done.unwrap() && replaced.starts_with(br#"{"seq":0,"journal":"mfa-mock""#));
    std::fs::remove_dir_all(&folder).unwrap();
}
