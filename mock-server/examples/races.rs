//! Plays tiny histories at full speed: something that works once, spent by many at once.
//!
//! ```sh
//! cargo run --release -p mock-server --example races -- 1000000
//! ```
//!
//! Nine heats of ten are run by threads through `Mock::answer`, the tenth by connections to a
//! socket. Two tracks run side by side, so that both signing and asking keep the processor busy.
//! A heat that not exactly one wins ends the run with an error.
#![expect(clippy::disallowed_methods, reason = "how fast a soak goes is told by the real clock")]
#![expect(clippy::print_stdout, reason = "a program for people speaks on its standard output")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    unused_imports,
    reason = "code of the tests, which use more of it"
)]

#[path = "../tests/it/authenticator.rs"]
mod authenticator;
#[path = "../tests/it/client.rs"]
mod client;
#[path = "../tests/it/oracle.rs"]
mod oracle;
#[path = "../tests/it/races"]
mod races {
    pub(crate) mod heat;
    pub(crate) mod track;
}
#[path = "../tests/it/reply.rs"]
mod reply;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use mock_server::Server;

use client::{policy, still_mock};
use races::heat::{Course, Prize, foul};
use races::track::{Connections, Threads, Track};

/// Those who ask for the same prize.
const RACERS: usize = 4;
/// Tracks side by side, each in environments of its own.
const TRACKS: u64 = 2;

fn main() -> ExitCode {
    let asked = std::env::args().nth(1).and_then(|word| word.parse().ok());
    let heats: u64 = asked.unwrap_or(10_000);
    let (run, is_foul) = (AtomicU64::new(0), AtomicBool::new(false));
    let won = Mutex::new(BTreeMap::<String, u64>::new());
    let start = Instant::now();
    std::thread::scope(|scope| {
        for number in 0..TRACKS {
            let (run, is_foul, won) = (&run, &is_foul, &won);
            scope.spawn(move || {
                let mock = still_mock(policy(|_| {}));
                let address = "127.0.0.1:0".parse().unwrap();
                let server = Server::spawn(mock.clone(), address).unwrap();
                let mut threads = Threads::new(&mock, RACERS);
                let mut connections = Connections::new(server.address(), RACERS);
                let mut courses: Vec<(Prize, Course)> = Prize::ALL
                    .iter()
                    .enumerate()
                    .map(|(place, prize)| {
                        let id = format!("00000000-0000-4000-8000-0000000000{number}{place}");
                        (*prize, Course::new(&mock, &id, *prize))
                    })
                    .collect();
                for heat in (number..heats).step_by(usize::try_from(TRACKS).unwrap()) {
                    if is_foul.load(Ordering::Relaxed) {
                        return;
                    }
                    let place = usize::try_from(heat / TRACKS).unwrap() % courses.len();
                    let (prize, course) = &mut courses[place];
                    let entry = course.next();
                    let (by, statuses) = match (heat / TRACKS).is_multiple_of(10) {
                        true => ("connections", connections.run(&entry)),
                        false => ("threads", threads.run(&entry)),
                    };
                    if let Some(foul) = foul(*prize, &statuses) {
                        println!("FOUL, heat {heat}, by {by}: {foul}");
                        is_foul.store(true, Ordering::Relaxed);
                    }
                    *won.lock().unwrap().entry(format!("{prize:?} by {by}")).or_default() += 1;
                    let run = run.fetch_add(1, Ordering::Relaxed) + 1;
                    if run.is_multiple_of((heats / 20).max(1)) {
                        let seconds = start.elapsed().as_secs_f64();
                        println!("{run:>9} heats in {seconds:>7.1} s, {RACERS} racers each");
                    }
                }
            });
        }
    });
    for (who, heats) in won.lock().unwrap().iter() {
        println!("{heats:>9} heats with one winner: {who}");
    }
    match is_foul.load(Ordering::Relaxed) {
        true => ExitCode::FAILURE,
        false => {
            println!("{} heats, one winner each", run.load(Ordering::Relaxed));
            ExitCode::SUCCESS
        }
    }
}
