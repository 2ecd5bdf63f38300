//! More clients at once than the system lets a process have.

use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::binary::Running;
use crate::client::WORLD;

/// The time that a process has spent, in hundredths of a second (proc(5), fields 14 and 15).
fn spent(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    let field = |number: usize| fields.split(' ').nth(number - 3).unwrap().parse::<u64>().unwrap();
    field(14) + field(15)
}

#[test]
fn a_crowd_is_waited_for_and_not_asked_about_all_the_time() {
    let mut command = Command::new("sh");
    let script =
        format!("ulimit -n 32 && exec '{}' --quiet --port 0", env!("CARGO_BIN_EXE_mfa-mock"));
    command.args(["-c", &script]).stdout(Stdio::piped()).stderr(Stdio::null());
    let running = Running::started(&mut command);
    let crowd: Vec<TcpStream> =
        (0..64).map(|_| TcpStream::connect(running.address).unwrap()).collect();
    // Until it has no descriptor left, and a while longer.
    std::thread::sleep(Duration::from_millis(300));
    let before = spent(running.child.id());
    std::thread::sleep(Duration::from_secs(1));
    let during = spent(running.child.id()) - before;
    assert!(during < 30, "{during} hundredths of a second in one second of waiting");
    drop(crowd);
    running.sdk(WORLD, "healthcheck").ok(200);
}
