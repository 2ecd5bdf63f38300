//! The service beside others of its kind, as processes on loopback: `peers NODE FOLDER`.
//!
//! `cargo xtask bench --peers` installs the rivals into the folder, calls this, and makes a page
//! of the figures. What counts is the processor's time of the server's process, for that stands
//! still when the machine is shared; the load comes from here and is not in it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a measurement that cannot be set up stops")]

#[path = "peers/call.rs"]
mod call;
#[path = "peers/ours.rs"]
mod ours;
#[path = "peers/rivals.rs"]
mod rivals;
#[path = "peers/signature.rs"]
mod signature;

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

use benches::figure;
use benches::program::Program;
use call::Call;

/// Starts whose median counts.
const STARTS: usize = 5;
/// Rounds whose median counts, each with every call of every server in it.
const ROUNDS: usize = 3;
/// After its first answer a server may still tidy up; then its memory is looked at.
const REST: Duration = Duration::from_secs(1);

/// A kind of server: how it is started, and what it is asked.
struct Kind {
    /// Its name in the figures.
    name: &'static str,
    /// What starts it on a port of loopback.
    command: Box<dyn Fn(u16) -> Command>,
    /// The path that tells that it is there.
    first: &'static str,
    /// The calls that are measured, in an order that all kinds share.
    calls: fn(SocketAddr) -> Vec<Call>,
}

/// A server of that kind, and what was measured of its starts.
struct Peer {
    kind: Kind,
    starts: Vec<f64>,
    idle: Vec<f64>,
    running: Option<Program>,
    calls: Vec<Call>,
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--test").collect();
    let [node, folder] = words.as_slice() else { panic!("usage: peers NODE FOLDER [--test]") };
    // Servers are started in another folder; a bare `node` stays what the system finds.
    let whole = |path: &String| fs::canonicalize(path).unwrap_or_else(|_| PathBuf::from(path));
    let (node, folder) = (whole(node), whole(folder));
    let kinds = [ours::kind(), rivals::oauth2(&node, &folder), rivals::workos(&node, &folder)];
    let mut peers: Vec<Peer> = kinds.into_iter().map(Peer::of).collect();
    for _ in 0..if benches::is_trial() { 1 } else { STARTS } {
        peers.retain_mut(|peer| is_well(peer, Peer::start_once));
    }
    peers.retain_mut(|peer| is_well(peer, Peer::start_for_good));
    for _ in 0..if benches::is_trial() { 1 } else { ROUNDS } {
        for number in 0..call::NAMES.len() {
            peers.retain_mut(|peer| is_well(peer, |peer| peer.measure(number)));
        }
    }
    for peer in &peers {
        peer.tell();
    }
}

/// Whether a server did what was asked; if not, that is told, and the others go on.
fn is_well(peer: &mut Peer, work: impl FnOnce(&mut Peer)) -> bool {
    let name = peer.kind.name;
    let Err(words) = catch_unwind(AssertUnwindSafe(|| work(peer))) else { return true };
    let said = words.downcast_ref::<String>().map(String::as_str);
    let said = said.or_else(|| words.downcast_ref::<&str>().copied()).unwrap_or("it failed");
    figure::note(&format!("peers/{name}/left_out"), said).unwrap();
    false
}

impl Peer {
    fn of(kind: Kind) -> Self {
        Self { kind, starts: Vec::new(), idle: Vec::new(), running: None, calls: Vec::new() }
    }

    fn start(&self) -> Program {
        // Free now, and soon taken; whoever takes it in between makes this start fail, and says so.
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let mut command = (self.kind.command)(address.port());
        let request = call::get(self.kind.first, None);
        Program::start_at(&mut command, address, &request).unwrap_or_else(|why| panic!("{why}"))
    }

    fn start_once(&mut self) {
        let program = self.start();
        self.starts.push(program.first_answer.as_secs_f64() * 1e3);
        thread::sleep(REST);
        let bytes =
            program.resident_bytes().unwrap_or_else(|| panic!("it was gone after a second"));
        self.idle.push(f64::from(u32::try_from(bytes / 1_024).unwrap()) / 1_024.0);
    }

    /// Prepares and warms up: a Node.js that was not asked before is not what people meet.
    fn start_for_good(&mut self) {
        let program = self.start();
        let mut calls = (self.kind.calls)(program.address());
        for call in &mut calls {
            call.warm_up(&program);
        }
        (self.running, self.calls) = (Some(program), calls);
    }

    fn measure(&mut self, number: usize) {
        let (Some(program), Some(call)) = (&self.running, self.calls.get_mut(number)) else {
            return;
        };
        call.measure(program);
    }

    fn tell(&self) {
        let name = self.kind.name;
        let median = |values: &Vec<f64>| figure::quantile(values.clone(), 0.5);
        figure::tell(&format!("peers/{name}/start"), median(&self.starts), "ms").unwrap();
        figure::tell(&format!("peers/{name}/idle"), median(&self.idle), "MB").unwrap();
        for (call, what) in self.calls.iter().zip(call::NAMES) {
            call.tell(&format!("peers/{name}/{what}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use benches::program::cpu_seconds_in;

    #[test]
    fn the_processors_time_is_read_behind_a_name_with_parentheses() {
        let stat = "7 (a) (b c) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 9 9 20 0 12 0 1 2 3";
        assert_eq!(cpu_seconds_in(stat), Some(3.0));
        assert_eq!(cpu_seconds_in("7 (a) S 1 7"), None);
    }
}
