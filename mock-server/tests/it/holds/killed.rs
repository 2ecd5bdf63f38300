//! The program, killed in the middle of its work: what it answered is there when it comes back.

use std::time::Duration;

use mock_server::{Mock, Options};

use super::Scratch;
use crate::binary::Running;
use crate::client::WORLD;
use load::{CONNECTIONS, Fact, holds, load};

mod load;

/// Kills in a run of the tests; `MFA_MOCK_KILLS` makes it another number (`cargo xtask soak crash`).
const KILLS: u32 = 20;

pub(super) fn running(scratch: &Scratch, more: &[&str]) -> Running {
    let mut arguments = vec!["--journal", scratch.text()];
    arguments.extend(more);
    Running::quiet(&arguments)
}

#[test]
fn whatever_was_answered_survives_a_kill() {
    let kills = std::env::var("MFA_MOCK_KILLS").ok().and_then(|kills| kills.parse().ok());
    let kills: u32 = kills.unwrap_or(KILLS);
    // A file of its own for so many kills, or the later ones would only wait for a large world.
    let files = (0..kills).step_by(KILLS as usize);
    let told: Vec<Fact> =
        files.flat_map(|first| survives(first..kills.min(first + KILLS))).collect();
    let count = |is_one: fn(&Fact) -> bool| told.iter().filter(|fact| is_one(fact)).count();
    let counts = [
        ("users made", count(|fact| matches!(fact, Fact::Made { .. }))),
        ("mails sent", count(|fact| matches!(fact, Fact::Mailed { .. }))),
        ("mailed codes spent", count(|fact| matches!(fact, Fact::Verified { .. }))),
        ("recovery codes spent", count(|fact| matches!(fact, Fact::Recovered { .. }))),
        ("sessions ended", count(|fact| matches!(fact, Fact::Revoked { .. }))),
        ("seconds passed", count(|fact| matches!(fact, Fact::Advanced))),
    ];
    println!("{kills} kills under {CONNECTIONS} connections, and nothing was lost of: {counts:?}");
    // How many depends on the machine; a kind of which none was told was not tried at all.
    assert!(counts.iter().all(|(_, count)| *count > 0), "it was hardly loaded: {counts:?}");
}

/// Kills one program after another over one file; yields what was answered all in all.
fn survives(rounds: std::ops::Range<u32>) -> Vec<Fact> {
    let scratch = Scratch::new();
    let (mut all, mut unanswered) = (Vec::new(), 0);
    for round in rounds {
        // Different every time, and the same in every run.
        let life = Duration::from_millis(u64::from(round.wrapping_mul(2_654_435_761) >> 24) + 3);
        let sync = ["batch", "always", "never"][round as usize % 3];
        let told = load(running(&scratch, &["--journal-sync", sync]), round, life);
        all.extend(told.iter().cloned());
        unanswered += CONNECTIONS;
        // A copy, since whoever looks whether a code is spent tries it, and that is a change.
        let copy = Scratch::new();
        copy.write(&scratch.bytes());
        let found = look(&copy, &all, unanswered);
        told.iter().for_each(|fact| holds(&found, fact));
        // Compacted in every fifth round, so that a file of either kind is killed.
        let compact: &[&str] = if round % 5 == 4 { &["--journal-compact-above", "1"] } else { &[] };
        let snapshot = format!("/_mock/v1/environments/{WORLD}/snapshot");
        let seen = |more: &[&str]| running(&scratch, more).get(&snapshot).ok(200);
        assert_eq!(seen(compact), seen(&[]), "round {round}: it depends on who reads the file");
    }
    all
}

/// Reads a file in this process: every user who was made is there, and every second that passed.
///
/// As many more of each may have happened as there were questions whose answer did not arrive.
fn look(file: &Scratch, all: &[Fact], unanswered: usize) -> Mock {
    let journal_file = Some(mock_server::JournalFile::at(&file.0));
    let mock = Mock::new(Options { journal_file, ..Options::default() }).unwrap();
    // One that was killed before anybody was answered may not have made it.
    let world = mock.environment(WORLD).unwrap();
    for fact in all.iter().filter(|fact| matches!(fact, Fact::Made { .. })) {
        holds(&mock, fact);
    }
    let users = all.iter().filter(|fact| matches!(fact, Fact::Made { .. })).count();
    assert!((users..=users + unanswered).contains(&world.users().len()));
    let seconds = all.iter().filter(|fact| matches!(fact, Fact::Advanced)).count();
    let clock = serde_json::to_value(world.clock()).unwrap();
    let shifted = clock["bySeconds"].as_u64().unwrap_or(0);
    assert!((seconds as u64..=(seconds + unanswered) as u64).contains(&shifted), "{shifted}");
    mock
}

#[test]
fn a_kill_leaves_the_file_to_the_next_process() {
    let scratch = Scratch::new();
    let mut first = running(&scratch, &["--seed", "7"]);
    first.sdk(WORLD, "nonce").ok(200);
    let (code, _, errors) = crate::binary::run(&["--port", "0", "--journal", scratch.text()]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("is in use by another process"), "{errors}");
    first.child.kill().unwrap();
    first.child.wait().unwrap();
    // A torn end is told on the way, and nothing else is lost.
    let mut bytes = scratch.bytes();
    let whole = bytes.len();
    bytes.extend_from_slice(br#"{"seq":4,"environment":"0000"#);
    scratch.write(&bytes);
    let mut second = running(&scratch, &[]);
    second.sdk(WORLD, "nonce").ok(200);
    second.child.kill().unwrap();
    let mut errors = String::new();
    std::io::Read::read_to_string(&mut second.child.stderr.take().unwrap(), &mut errors).unwrap();
    let warning = format!(
        "mfa-mock: warning: the journal file ended in the middle: dropped the last 28 bytes, from \
         byte {whole} (line 5) on: the unfinished record 4, which was never answered\n"
    );
    assert_eq!(errors, warning);
    let (code, _, errors) =
        crate::binary::run(&["--port", "0", "--journal", scratch.text(), "--preset", "legacy"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("was begun with the setting `minApiVersion`"), "{errors}");
}
