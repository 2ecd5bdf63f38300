//! From the start of the process to its first answer, and the memory that it holds.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot set up its work must stop")]

use std::io::Write as _;
use std::path::PathBuf;

use benches::program::{Program, built};
use benches::{figure, load};

/// Starts whose median counts.
const STARTS: usize = 20;
/// Requests after which memory is looked at again.
const REQUESTS: u64 = 1_000_000;
/// Connections over which they come.
const CONNECTIONS: usize = 8;

const HEALTH: &[u8] =
    b"GET /api/v0/sdk/00000000-0000-4000-8000-000000000000/healthcheck HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 0\r\n\r\n";
/// Changes state, is journaled, and needs no session.
const NONCES: &[u8] =
    b"GET /api/v0/sdk/00000000-0000-4000-8000-000000000000/nonces?count=5 HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 0\r\n\r\n";

fn main() {
    let (Some(mock), Some(axum)) = (built("mfa-mock"), built("bare-axum")) else {
        let mut out = std::io::stderr().lock();
        let cure = "build them first: cargo build --release -p mock-server -p benches --bins";
        writeln!(out, "start: left out, for mfa-mock and bare-axum are not built; {cure}").unwrap();
        return;
    };
    let arguments = ["--quiet", "--port", "0"];
    let starts = if benches::is_trial() { 1 } else { STARTS };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..starts {
        ours.push(started(&mock, &arguments));
        theirs.push(started(&axum, &[]));
    }
    figure::tell("start/mfa_mock", figure::quantile(ours, 0.5), "ms").unwrap();
    figure::tell("start/bare_axum", figure::quantile(theirs, 0.5), "ms").unwrap();
    tell_memory(&mock, &arguments, "mfa_mock", NONCES);
    tell_memory(&axum, &[], "bare_axum", NONCES);
}

fn started(path: &PathBuf, arguments: &[&str]) -> f64 {
    Program::start(path, arguments, HEALTH).first_answer.as_secs_f64() * 1e3
}

/// Tells what a program holds when idle, and after many requests.
fn tell_memory(path: &PathBuf, arguments: &[&str], name: &str, request: &[u8]) {
    let program = Program::start(path, arguments, HEALTH);
    let megabytes = |bytes: u64| f64::from(u32::try_from(bytes / 1_024).unwrap()) / 1_024.0;
    let Some(idle) = program.resident_bytes() else { return };
    figure::tell(&format!("start/{name}_idle"), megabytes(idle), "MB").unwrap();
    let requests = if benches::is_trial() { 100 } else { REQUESTS };
    load::together(program.address(), &[request; CONNECTIONS], 200, requests);
    let Some(full) = program.resident_bytes() else { return };
    figure::tell(&format!("start/{name}_after_requests"), megabytes(full), "MB").unwrap();
}
