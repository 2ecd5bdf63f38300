//! A disk that is full and a file that may not be written: clear words, and no answer is lost.
//!
//! A file that may not grow is a disk that is full: a write fails in the middle of a line. Whether
//! the system fails once a line was written is tried in `src/logbook/tests.rs`.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::killed::running;
use super::{Scratch, start, worlds};
use crate::binary::Running;
use crate::client::{Client, WORLD, text};

/// The program with files of so many blocks of 512 bytes at most.
fn confined(blocks: u32, scratch: &Scratch, more: &[&str]) -> Command {
    // Without the signal, a write that leads over the limit fails like one on a full disk.
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_mfa-mock"), "--quiet", "--port", "0"]);
    command.args(["--journal", scratch.text()]).args(more);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What a start says that comes to nothing.
fn refusal(mut command: Command) -> String {
    let ended = command.output().unwrap();
    assert_eq!((ended.status.code(), ended.stdout.len()), (Some(2), 0));
    String::from_utf8(ended.stderr).unwrap()
}

#[test]
fn a_full_disk_is_a_503_and_changes_nothing() {
    let scratch = Scratch::new();
    let full = Running::started(&mut confined(16, &scratch, &["--seed", "7"]));
    let control = format!("/_mock/v1/environments/{WORLD}");
    let post = |path: &str, body: Value| {
        let body = body.to_string();
        crate::socket::exchange(full.address, "POST", path, &[], body.as_bytes())
    };
    let create = |number: u32| {
        let email = format!("{}{number}@example.com", "x".repeat(50));
        post(&format!("{control}/users"), json!({ "email": email }))
    };
    let made = (0..1_000).take_while(|number| create(*number).status == Some(201)).count();
    assert!((5..500).contains(&made), "{made}");
    let snapshot = || full.get(&format!("{control}/snapshot")).ok(200);
    let (before, bytes) = (snapshot(), scratch.bytes());
    assert_eq!(bytes.last(), Some(&b'\n'), "the unfinished line was taken back");
    let refused = create(2_000);
    let error = refused.ok(503)["error"].to_string();
    assert!(error.contains("the journal file") && error.contains("nothing was changed"), "{error}");
    let long = format!("{}@example.com", "y".repeat(60));
    let verification =
        post(&format!("/api/v0/sdk/{WORLD}/emailVerifications/create"), json!({ "email": long }));
    assert_eq!(verification.ok(503)["code"], json!("journal_unavailable"));
    // Every kind of wish is refused alike, and looking still works.
    let policy = full.get(&format!("{control}/settings")).ok(200);
    let put = |path: &str, body: &Value| {
        let body = body.to_string();
        crate::socket::exchange(
            full.address,
            "PUT",
            &format!("{control}{path}"),
            &[],
            body.as_bytes(),
        )
    };
    assert_eq!(put("/settings", &policy).status, Some(503));
    assert_eq!(put("/snapshot", &before).status, Some(503));
    full.sdk(WORLD, "healthcheck").ok(200);
    assert_eq!(snapshot(), before);
    assert_eq!(scratch.bytes(), bytes);
    drop(full);
    // With room again, everything that was granted is there, and nothing else.
    let again = running(&scratch, &[]);
    assert_eq!(again.get(&format!("{control}/snapshot")).ok(200), before);
    assert_eq!(before["environment"]["users"].as_object().unwrap().len(), made);
}

#[test]
fn many_who_fill_the_disk_at_once_lose_no_answer() {
    let scratch = Scratch::new();
    let full = Running::started(&mut confined(80, &scratch, &["--journal-sync", "always"]));
    let address = full.address;
    let path = format!("/_mock/v1/environments/{WORLD}/users");
    let create = |email: String| {
        let body = json!({ "email": email }).to_string();
        crate::socket::exchange(address, "POST", &path, &[], body.as_bytes())
    };
    let made: Vec<String> = std::thread::scope(|scope| {
        let fill = |writer: usize| {
            let mut made = Vec::new();
            loop {
                let answer = create(format!("{writer}.{}@example.com", made.len()));
                if answer.status != Some(201) {
                    let error = text(&answer.ok(503)["error"]);
                    assert!(error.contains("nothing was changed"), "{error}");
                    break made;
                }
                made.push(text(&answer.json()["id"]));
            }
        };
        let writers: Vec<_> = (0..16).map(|writer| scope.spawn(move || fill(writer))).collect();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    assert!(made.len() > 32, "{}", made.len());
    drop(full);
    let again = running(&scratch, &[]);
    let users = again.get(&path).ok(200);
    let mut there: Vec<String> =
        users["users"].as_array().unwrap().iter().map(|user| text(&user["id"])).collect();
    let mut made = made;
    there.sort();
    made.sort();
    assert_eq!(there, made, "whoever was granted is there, and nobody else");
}

#[test]
fn a_disk_that_is_full_from_the_start_is_named_and_leaves_nothing_behind() {
    let scratch = Scratch::new();
    let said = refusal(confined(1, &scratch, &[]));
    let begin = format!("mfa-mock: the journal file {} cannot be written: ", scratch.text());
    assert!(said.starts_with(&begin), "{said}");
    assert_eq!(scratch.bytes(), b"");
    // With room again it is a new file.
    running(&scratch, &[]).sdk(WORLD, "nonce").ok(200);
}

#[test]
fn a_long_file_stays_as_it_is_where_a_short_one_finds_no_room() {
    let scratch = Scratch::new();
    let mock = start(&scratch);
    let client = Client::of(&mock, WORLD);
    client.mail("alice@example.com");
    (0..300).for_each(|_| client.world.revoke_every_session().map(drop).unwrap());
    let before = worlds(&mock);
    drop((mock, client));
    let long = scratch.bytes();
    assert!(long.len() > 40_000, "{}", long.len());
    let held = ["--seed", "7", "--hold-clock", crate::client::NOON, "--environment", WORLD];
    let flags = [&held[..], &["--journal-compact-above", "1"]].concat();
    let mut full = Running::started(&mut confined(8, &scratch, &flags));
    let snapshot = full.get(&format!("/_mock/v1/environments/{WORLD}/snapshot")).ok(200);
    assert_eq!(snapshot, before[0].1);
    full.sdk(WORLD, "healthcheck").ok(200);
    assert_eq!(full.sdk(WORLD, "nonce").ok(503)["code"], json!("journal_unavailable"));
    full.child.kill().unwrap();
    let mut errors = String::new();
    std::io::Read::read_to_string(&mut full.child.stderr.take().unwrap(), &mut errors).unwrap();
    let warning = "mfa-mock: warning: the journal file is long and stays so: ";
    assert!(errors.starts_with(warning), "{errors}");
    assert_eq!(scratch.bytes(), long);
    assert!(!scratch.0.with_extension("journal.compacting").exists());
}

/// The program for somebody who may not do everything; whoever runs the tests may.
fn by_nobody(scratch: &Scratch) -> (Command, super::Folder) {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::os::unix::process::CommandExt as _;
    let folder = super::Folder::new();
    // The folder of builds may be closed to others.
    let program = folder.0.join("mfa-mock");
    std::fs::copy(env!("CARGO_BIN_EXE_mfa-mock"), &program).unwrap();
    for path in [&folder.0, &program] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut command = Command::new(&program);
    command.args(["--quiet", "--port", "0", "--journal", scratch.text()]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if program.metadata().unwrap().uid() == 0 {
        command.uid(65_534).gid(65_534);
    }
    (command, folder)
}

#[test]
fn a_file_that_may_only_be_read_is_named_and_left_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::new();
    Client::of(&start(&scratch), WORLD).mail("alice@example.com");
    let bytes = scratch.bytes();
    std::fs::set_permissions(&scratch.0, std::fs::Permissions::from_mode(0o444)).unwrap();
    let (command, _folder) = by_nobody(&scratch);
    let said = refusal(command);
    let begin = format!("mfa-mock: the journal file {} cannot be opened: ", scratch.text());
    assert!(said.starts_with(&begin) && said.contains("ermission denied"), "{said}");
    assert_eq!(scratch.bytes(), bytes);
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_that_is_always_full_is_no_journal() {
    let said = refusal(crate::binary::program(&["--port", "0", "--journal", "/dev/full"]));
    assert!(said.starts_with("mfa-mock: /dev/full is no journal file of mfa-mock"), "{said}");
}
