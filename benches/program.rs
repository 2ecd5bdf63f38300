//! Built programs, started as people start them.

use std::io::{self, BufRead as _, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::load::Connection;

/// A program that has not answered after this time never will.
const START_MAX: Duration = Duration::from_secs(30);
/// The unit of times in `/proc`: programs see `USER_HZ`, which is 100 on each Linux that Rust builds for.
const TICKS_PER_SECOND: f64 = 100.0;

/// A program did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The system could not start it.
    #[error("it could not be started: {0}")]
    NotRun(#[from] io::Error),
    /// It ended before it answered.
    #[error("it ended with {0} before it answered")]
    Ended(ExitStatus),
    /// Nobody listened in time.
    #[error("it did not listen within {} s", START_MAX.as_secs())]
    Silent,
    /// Its first answer was no good one.
    #[error("its first answer had status {0}")]
    Refused(u16),
}

/// A program that runs, ended when dropped.
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
    // Programs lie beside each other, benchmarks one folder deeper.
    let mut folders = benchmark.ancestors().skip(1).take(2);
    folders.find_map(|folder| {
        let path = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        path.is_file().then_some(path)
    })
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

    /// Starts a program of any kind that is told where to listen, and asks it until it answers.
    ///
    /// # Errors
    /// It cannot be started, ends, answers with something else than 200, or takes too long.
    #[expect(clippy::disallowed_methods, reason = "the time of a start is what is measured")]
    pub fn start_at(
        command: &mut Command,
        address: SocketAddr,
        request: &[u8],
    ) -> Result<Self, StartError> {
        let begun = Instant::now();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
        let mut program = Self { child, address, first_answer: Duration::ZERO };
        while TcpStream::connect(address).is_err() {
            if let Some(status) = program.child.try_wait()? {
                return Err(StartError::Ended(status));
            }
            if begun.elapsed() > START_MAX {
                return Err(StartError::Silent);
            }
            thread::sleep(Duration::from_millis(1));
        }
        let status = Connection::open(address).exchange(request);
        if status != 200 {
            return Err(StartError::Refused(status));
        }
        program.first_answer = begun.elapsed();
        Ok(program)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The processor's time of all its threads so far, its own and the system's for it, in seconds.
    ///
    /// None where the system does not tell (not Linux). It moves in steps of a hundredth.
    pub fn cpu_seconds(&self) -> Option<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok()?;
        cpu_seconds_in(&stat)
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

/// Reads `utime` and `stime`, the 14th and 15th field of `/proc/PID/stat` (proc(5)).
pub fn cpu_seconds_in(stat: &str) -> Option<f64> {
    // The name of the program, in parentheses, may hold spaces and parentheses.
    let (_, after_name) = stat.rsplit_once(") ")?;
    let mut fields = after_name.split(' ').skip(11);
    let (user, system): (u32, u32) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((f64::from(user) + f64::from(system)) / TICKS_PER_SECOND)
}

/// Memory of a process that is resident, in bytes: `self` or a number. Linux only.
pub fn resident_bytes(process: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1_024)
}
