//! Built programs, started as people start them.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::load::Connection;

/// A program of this workspace that runs, ended when dropped.
pub struct Program {
    child: Child,
    address: SocketAddr,
    /// From the start of the process to the end of its first answer.
    pub first_answer: Duration,
}

/// The path of a program beside the benchmark that asks; none if it was not built.
///
/// Cargo builds the programs of other packages for no benchmark: `cargo build --release` does, and
/// `cargo xtask bench` calls it.
pub fn built(name: &str) -> Option<PathBuf> {
    let benchmark = std::env::current_exe().ok()?;
    let folder = benchmark.parent()?.parent()?;
    let path = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    path.is_file().then_some(path)
}

impl Program {
    /// Starts a program whose first line is a URL, and asks it this request.
    ///
    /// # Panics
    /// If it does not start, says something else, or does not answer with 200.
    #[expect(clippy::disallowed_methods, reason = "the time of a start is what is measured")]
    pub fn start(path: &PathBuf, arguments: &[&str], request: &[u8]) -> Self {
        let begun = Instant::now();
        let mut child = Command::new(path)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let authority = line.trim().strip_prefix("http://").unwrap();
        let address = authority.split('/').next().unwrap().parse().unwrap();
        assert_eq!(Connection::open(address).exchange(request), 200);
        Self { child, address, first_answer: begun.elapsed() }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its memory that is resident, in bytes; none where the system does not tell (not Linux).
    pub fn resident_bytes(&self) -> Option<u64> {
        resident_bytes(&self.child.id().to_string())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Memory of a process that is resident, in bytes: `self` or a number. Linux only.
pub fn resident_bytes(process: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1_024)
}
