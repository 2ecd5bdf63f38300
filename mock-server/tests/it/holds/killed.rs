//! The program, killed in the middle of its work: what it answered is there when it comes back.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};

use super::Scratch;
use crate::binary::Running;
use crate::client::WORLD;

/// Kills in a run of the tests; `MFA_MOCK_KILLS=200` makes a longer one.
const KILLS: u32 = 20;

/// What was answered until the program fell silent.
#[derive(Default)]
struct Answered {
    users: Vec<String>,
    verifications: Vec<(String, String)>,
    seconds: i64,
}

fn running(scratch: &Scratch, more: &[&str]) -> Running {
    let mut arguments = vec!["--journal", scratch.text()];
    arguments.extend(more);
    Running::quiet(&arguments)
}

/// Asks until nobody answers any more.
fn ask(
    address: SocketAddr,
    path: &str,
    mut next: impl FnMut(u32) -> Value,
    mut answered: impl FnMut(Value),
) {
    let agent = ureq::Agent::new_with_defaults();
    for number in 0.. {
        let request = agent.post(format!("http://{address}{path}"));
        let Ok(mut response) = request.send_json(next(number)) else { return };
        assert!(response.status().is_success(), "{}", response.status());
        let Ok(body) = response.body_mut().read_json::<Value>() else { return };
        answered(body);
    }
}

/// Loads the program from three sides until it is killed after that long.
fn load(mut running: Running, round: u32, life: Duration) -> Answered {
    let address = running.address;
    let control = format!("/_mock/v1/environments/{WORLD}");
    let (mut users, mut verifications, mut seconds) = (Vec::new(), Vec::new(), 0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let seed = |number| json!({ "email": format!("u{round}.{number}@example.com") });
            let path = format!("{control}/users");
            ask(address, &path, seed, |user| users.push(crate::client::text(&user["id"])));
        });
        scope.spawn(|| {
            let email = |number| format!("v{round}.{number}@example.com");
            let path = format!("/api/v0/sdk/{WORLD}/emailVerifications/create");
            ask(
                address,
                &path,
                |number| json!({ "email": email(number) }),
                |opened| {
                    let id = crate::client::text(&opened["verificationUUID"]);
                    verifications.push((id, crate::client::text(&opened["email"])));
                },
            );
        });
        scope.spawn(|| {
            let path = format!("{control}/clock/advance");
            ask(address, &path, |_| json!({ "seconds": 1 }), |_| seconds += 1);
        });
        std::thread::sleep(life);
        running.child.kill().unwrap();
        running.child.wait().unwrap();
    });
    Answered { users, verifications, seconds }
}

#[test]
fn whatever_was_answered_survives_a_kill() {
    let kills = std::env::var("MFA_MOCK_KILLS").ok().and_then(|kills| kills.parse().ok());
    let kills: u32 = kills.unwrap_or(KILLS);
    // A file of its own for so many kills, or the later ones would only wait for a large world.
    (0..kills).step_by(KILLS as usize).for_each(|first| {
        survives(first..kills.min(first + KILLS));
    });
}

fn survives(rounds: std::ops::Range<u32>) {
    let scratch = Scratch::new();
    let (mut users, mut seconds, mut verified) = (BTreeSet::new(), 0, 0);
    let first = rounds.start;
    for round in rounds {
        // Different every time, and the same in every run.
        let life = Duration::from_millis(u64::from(round.wrapping_mul(2_654_435_761) >> 25) + 3);
        let sync = ["batch", "always", "never"][round as usize % 3];
        let answered = load(running(&scratch, &["--journal-sync", sync]), round, life);
        users.extend(answered.users);
        seconds += answered.seconds;
        // Compacted in every fifth round, so that a file of either kind is killed.
        let compact: &[&str] = if round % 5 == 4 { &["--journal-compact-above", "1"] } else { &[] };
        let again = running(&scratch, compact);
        let world = again.get(&format!("/_mock/v1/environments/{WORLD}/users")).ok(200);
        let there: BTreeSet<String> = world["users"]
            .as_array()
            .unwrap()
            .iter()
            .map(|user| crate::client::text(&user["id"]))
            .collect();
        let lost: Vec<_> = users.difference(&there).collect();
        assert!(lost.is_empty(), "round {round}: {lost:?}");
        // One more of each may have happened whose answer did not arrive.
        assert!(there.len() - users.len() <= 1, "round {round} of {first}");
        users = there;
        let clock = again.get(&format!("/_mock/v1/environments/{WORLD}/clock")).ok(200);
        let shifted = clock["clock"]["bySeconds"].as_i64().unwrap_or(0);
        assert!((seconds..=seconds + 1).contains(&shifted), "round {round}: {seconds} {shifted}");
        seconds = shifted;
        for (id, email) in answered.verifications.iter().rev().take(20) {
            let body = json!({ "verificationUUID": id, "email": email }).to_string();
            let path = format!("/api/v0/sdk/{WORLD}/emailVerifications/retry");
            let known = crate::socket::exchange(again.address, "POST", &path, &[], body.as_bytes());
            assert_eq!(known.status, Some(201), "round {round}: {id}");
            verified += 1;
        }
        // And it is the same world whoever reads the file.
        let snapshot = format!("/_mock/v1/environments/{WORLD}/snapshot");
        let before = again.get(&snapshot).ok(200);
        drop(again);
        assert_eq!(running(&scratch, &[]).get(&snapshot).ok(200), before, "round {round}");
    }
    let loads = (users.len(), seconds, verified);
    assert!(loads.0 > 20 && loads.1 > 20 && loads.2 > 20, "it was hardly loaded: {loads:?}");
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

/// A file that may not grow is a disk that is full: the write fails in the middle.
#[cfg(unix)]
#[test]
fn a_full_disk_is_a_503_and_changes_nothing() {
    let scratch = Scratch::new();
    let script = "trap '' XFSZ; ulimit -f 16; exec \"$0\" \"$@\"";
    let mut command = std::process::Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_mfa-mock")]);
    command.args(["--quiet", "--port", "0", "--seed", "7", "--journal", scratch.text()]);
    command.stdout(std::process::Stdio::piped());
    let full = Running::started(&mut command);
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
