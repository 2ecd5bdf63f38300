//! A driver in a process of its own: JSON Lines on stdin and stdout.
//!
//! One thread reads stdout, one reads stderr; the caller waits on a channel with a deadline, so
//! nothing here can wait for ever. The process leads a process group, and the whole group is
//! killed: a driver that starts a browser must not leave it behind.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use driver_protocol::{
    Authenticator, Callback, FramingError, Incoming, Lent, Outcome, Request, framing,
};
use serde::Serialize;

use super::last_words::LastWords;
use super::strays::Strays;
use super::{Link, Mistake, settle};
use crate::stage::shorten;
use crate::stopwatch::Stopwatch;

/// Time for a process to end after its stdout has closed.
const EXIT_WITHIN: Duration = Duration::from_secs(2);

/// How often an ending process is looked at.
const EXIT_POLL: Duration = Duration::from_millis(5);

/// Characters of a bad line that a report shows.
pub(super) const EXCERPT_CHARS: usize = 160;

/// A running driver process.
pub(super) struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    heard: Receiver<Heard>,
    kept: Vec<Incoming>,
    last_words: LastWords,
    strays: Strays,
    ended: bool,
}

/// What the reading threads hand over.
enum Heard {
    Line(Incoming),
    Wrong { error: FramingError, line: String },
    Stderr(String),
    StdoutClosed,
}

impl Process {
    /// Starts a command of the shell.
    pub(super) fn spawn(command: &str) -> Result<Self, Mistake> {
        let mut child = shell(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| Mistake::Unstartable {
                command: command.to_owned(),
                problem: error.to_string(),
            })?;
        let (say, heard) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            let say = say.clone();
            thread::spawn(move || read_stdout(stdout, &say));
        }
        if let Some(stderr) = child.stderr.take() {
            thread::spawn(move || read_stderr(stderr, &say));
        }
        let stdin = child.stdin.take();
        let (kept, last_words, strays) = (Vec::new(), LastWords::default(), Strays::default());
        Ok(Self { child, stdin, heard, kept, last_words, strays, ended: false })
    }

    /// Writes one line; `false` when the driver no longer listens.
    fn write(&mut self, message: &impl Serialize, about: &str) -> Result<bool, Mistake> {
        let line = framing::encode(message)
            .map_err(|error| Mistake::Framing { error, line: about.to_owned() })?;
        let Some(stdin) = &mut self.stdin else { return Ok(false) };
        Ok(writeln!(stdin, "{line}").and_then(|()| stdin.flush()).is_ok())
    }

    fn await_reply(
        &mut self,
        request: &Request,
        within: Duration,
        authenticator: &mut dyn Authenticator,
    ) -> Result<Outcome, Mistake> {
        let watch = Stopwatch::start();
        loop {
            match self.heard.recv_timeout(within.saturating_sub(watch.elapsed())) {
                Ok(Heard::Line(Incoming::Reply(reply))) => {
                    self.strays = Strays::default();
                    return settle(request, reply);
                }
                Ok(Heard::Line(Incoming::Callback(Callback { cb, op, args }))) => {
                    let result = authenticator.perform(op, &args);
                    if !self.write(&Lent { cb, result }, "the answer to a callback")? {
                        return Err(self.death(&request.op));
                    }
                }
                Ok(Heard::Line(other)) => self.keep(other),
                Ok(Heard::Stderr(line)) => self.keep_stderr(line),
                Ok(Heard::Wrong { error, line }) => return Err(Mistake::Framing { error, line }),
                Ok(Heard::StdoutClosed) | Err(RecvTimeoutError::Disconnected) => {
                    return Err(self.death(&request.op));
                }
                Err(RecvTimeoutError::Timeout) => {
                    let waited_ms = u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
                    let printed = std::mem::take(&mut self.strays);
                    return Err(Mistake::Hang { op: request.op.clone(), waited_ms, printed });
                }
            }
        }
    }

    fn keep(&mut self, heard: Incoming) {
        if let Incoming::Chatter(line) = &heard {
            self.strays.keep(line);
        }
        self.kept.push(heard);
    }

    fn keep_stderr(&mut self, line: String) {
        self.last_words.keep(line.clone());
        self.kept.push(Incoming::Chatter(line));
    }

    /// The process has closed its stdout: waits for its end and names it.
    fn death(&mut self, op: &str) -> Mistake {
        let status = self.await_exit(EXIT_WITHIN);
        Mistake::Crash {
            op: op.to_owned(),
            status: status.map_or_else(
                || "it closed stdout but still runs".to_owned(),
                |status| status.to_string(),
            ),
            said: self.tail_of_stderr(),
        }
    }

    fn tail_of_stderr(&mut self) -> String {
        self.drain();
        self.last_words.told()
    }

    fn drain(&mut self) {
        while let Ok(heard) = self.heard.recv_timeout(Duration::from_millis(20)) {
            match heard {
                Heard::Stderr(line) => self.keep_stderr(line),
                Heard::Line(line) => self.keep(line),
                Heard::Wrong { .. } | Heard::StdoutClosed => {}
            }
        }
    }

    fn await_exit(&mut self, within: Duration) -> Option<ExitStatus> {
        let watch = Stopwatch::start();
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if watch.elapsed() < within => thread::sleep(EXIT_POLL),
                Ok(None) | Err(_) => return None,
            }
        }
    }

    fn kill_group(&mut self) {
        self.stdin = None;
        if !self.ended {
            kill_group(&mut self.child);
            // Reaps the process; after SIGKILL this cannot take long.
            let _ = self.child.wait();
            self.ended = true;
        }
    }
}

impl Link for Process {
    fn exchange(
        &mut self,
        request: &Request,
        within: Duration,
        authenticator: &mut dyn Authenticator,
    ) -> Result<Outcome, Mistake> {
        let answered = match self.write(request, &request.op) {
            Ok(true) => self.await_reply(request, within, authenticator),
            Ok(false) => Err(self.death(&request.op)),
            Err(mistake) => Err(mistake),
        };
        if answered.is_err() {
            self.kill_group();
        }
        answered
    }

    fn heard(&mut self) -> Vec<Incoming> {
        while let Ok(heard) = self.heard.try_recv() {
            match heard {
                Heard::Line(line) => self.keep(line),
                Heard::Stderr(line) => self.keep_stderr(line),
                Heard::Wrong { error, line } => {
                    self.kept.push(Incoming::Chatter(format!("{error}: {line}")));
                }
                Heard::StdoutClosed => {}
            }
        }
        std::mem::take(&mut self.kept)
    }

    fn end(&mut self) -> Result<(), Mistake> {
        self.stdin = None;
        let status = self.await_exit(EXIT_WITHIN);
        // What the driver started may outlive it; the group goes with it.
        self.kill_group();
        match status {
            Some(status) if status.success() => Ok(()),
            Some(status) => {
                Err(Mistake::EndedBadly { status: status.to_string(), said: self.tail_of_stderr() })
            }
            None => {
                let waited_ms = u64::try_from(EXIT_WITHIN.as_millis()).unwrap_or(u64::MAX);
                Err(Mistake::Lingers { waited_ms })
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill_group();
    }
}

fn read_stdout(stdout: impl Read, say: &Sender<Heard>) {
    let mut reader = BufReader::new(stdout);
    let mut line = Vec::new();
    let mut marks = false;
    while let Ok(true) = framing::read_line(&mut reader, &mut line) {
        let marked = framing::is_marked(&line);
        marks |= marked;
        let heard = match framing::parse_line(&line) {
            // A driver that marks its lines leaves all others to whoever prints.
            _ if marks && !marked => {
                Heard::Line(Incoming::Chatter(String::from_utf8_lossy(&line).trim().to_owned()))
            }
            Ok(incoming) => Heard::Line(incoming),
            Err(error) => Heard::Wrong {
                error,
                line: shorten(&String::from_utf8_lossy(&line), EXCERPT_CHARS),
            },
        };
        if say.send(heard).is_err() {
            return;
        }
    }
    // The receiver may be gone already; then nobody waits for this either.
    let _ = say.send(Heard::StdoutClosed);
}

fn read_stderr(stderr: impl Read, say: &Sender<Heard>) {
    let mut reader = BufReader::new(stderr);
    let mut line = Vec::new();
    loop {
        line.clear();
        match reader.read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        if say.send(Heard::Stderr(text)).is_err() {
            return;
        }
    }
}

#[cfg(unix)]
fn shell(command: &str) -> Command {
    use std::os::unix::process::CommandExt;

    let mut shell = Command::new("sh");
    shell.args(["-c", command]).process_group(0);
    shell
}

#[cfg(not(unix))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd");
    shell.args(["/C", command]);
    shell
}

/// Kills a whole process group through the shell, because std can only kill one process.
#[cfg(unix)]
fn kill_group(child: &mut Child) {
    let order = format!("kill -KILL -{}", child.id());
    let killed = Command::new("sh").args(["-c", &order]).stderr(Stdio::null()).status();
    if !killed.is_ok_and(|status| status.success()) {
        // The group is empty already, or there is no shell any more.
        let _ = child.kill();
    }
}

#[cfg(not(unix))]
fn kill_group(child: &mut Child) {
    // The process may have ended by itself.
    let _ = child.kill();
}
