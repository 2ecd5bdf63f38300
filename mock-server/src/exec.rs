//! `mfa-mock exec -- COMMAND`: a service for as long as a command runs.

use std::process::{Command, ExitCode, ExitStatus};

use crate::Server;

use crate::banner::complain;
use crate::digest::digest;
use crate::flags::{Exec, Report};
use crate::https::Speech;
use crate::start::Start;

/// Serves, runs the command, and says what was refused if it failed.
///
/// # Errors
/// The service cannot be started; the command was not run then.
pub(crate) fn exec(asked: &Exec) -> Result<ExitCode, String> {
    let start = Start::read(&asked.flags, 0)?;
    let speech = Speech::of(start.https.as_ref())?;
    let mock = start.mock()?;
    let address = start.address;
    let cannot = |error: std::io::Error| format!("cannot listen on {address}: {error}");
    // Connections wait from here on, so whoever connects to it is answered.
    let (guard, door) = (start.guard.clone(), speech.door.clone());
    let server = Server::spawn_behind(mock.clone(), address, guard, door).map_err(cannot)?;
    let url = server.origin();
    let Some((program, arguments)) = asked.command.split_first() else {
        return Err("there is no command to run".to_owned());
    };
    let mut command = Command::new(program);
    command.args(arguments);
    command.env("MFA_MOCK_URL", &url).env("MFA_MOCK_BASE_URL", server.base_url());
    command.env("MFA_MOCK_CONTROL_URL", format!("{url}/_mock/v1"));
    command.env("MFA_MOCK_ENVIRONMENT_ID", &start.environment);
    if let Some(token) = &start.token {
        command.env("MFA_MOCK_CONTROL_TOKEN", token);
    }
    speech.tell(&mut command);
    if !start.quiet {
        complain(&format!("{} for as long as {} runs", server.base_url(), program.display()));
    }
    let status = match passing::run(&mut command) {
        Ok(status) => status,
        Err(error) => {
            complain(&format!("cannot run {}: {error}", program.display()));
            // As shells have it: 127 for what is not there, 126 for what cannot be run.
            let is_absent = error.kind() == std::io::ErrorKind::NotFound;
            return Ok(ExitCode::from(if is_absent { 127 } else { 126 }));
        }
    };
    let is_wanted = match asked.report {
        Report::Failure => !status.success(),
        Report::Always => true,
        Report::Never => false,
    };
    if is_wanted {
        speech.hear_out();
        complain(format!("{}{}", digest(&mock), speech.troubles()).trim_end());
    }
    drop(server);
    Ok(ExitCode::from(code(status)))
}

/// The exit code as a shell would tell it.
fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    // Elsewhere codes may be larger; a failure stays a failure.
    status.code().map_or(1, |code| u8::try_from(code).unwrap_or(1))
}

#[cfg(unix)]
mod passing {
    //! Running a command and passing on the signals that were meant for it.

    use std::io::IsTerminal as _;
    use std::process::{Command, ExitStatus};
    use std::sync::{Arc, Mutex, PoisonError};

    use rustix::process::{Pid, Signal, kill_process};
    use tokio::signal::unix::{SignalKind, signal};

    /// The command, as long as it runs.
    type Running = Arc<Mutex<Option<Pid>>>;

    pub(super) fn run(command: &mut Command) -> std::io::Result<ExitStatus> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let running = Running::default();
        // Before the command is there, so that none is missed.
        runtime.block_on(async {
            listen(SignalKind::terminate(), Signal::TERM, &running)?;
            listen(SignalKind::hangup(), Signal::HUP, &running)?;
            listen(SignalKind::quit(), Signal::QUIT, &running)?;
            listen(SignalKind::user_defined1(), Signal::USR1, &running)?;
            listen(SignalKind::user_defined2(), Signal::USR2, &running)?;
            listen(SignalKind::interrupt(), Signal::INT, &running)
        })?;
        let mut child = {
            // A signal that comes while the command starts waits until it can be passed on.
            let mut running = running.lock().unwrap_or_else(PoisonError::into_inner);
            let child = command.spawn()?;
            *running = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
            child
        };
        let status = child.wait();
        *running.lock().unwrap_or_else(PoisonError::into_inner) = None;
        status
    }

    fn listen(kind: SignalKind, passed: Signal, running: &Running) -> std::io::Result<()> {
        let mut signals = signal(kind)?;
        let running = Arc::clone(running);
        // A terminal sends these to every process in its foreground, the command included.
        let is_sent_to_all = [Signal::INT, Signal::QUIT].contains(&passed);
        let is_passed = !(is_sent_to_all && std::io::stdin().is_terminal());
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                let running = running.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(pid) = *running
                    && is_passed
                {
                    // It may have ended just now; then there is nobody to tell.
                    let _ = kill_process(pid, passed);
                }
            }
        });
        Ok(())
    }
}

#[cfg(not(unix))]
mod passing {
    //! Running a command where signals are the console's business.

    use std::process::{Command, ExitStatus};

    pub(super) fn run(command: &mut Command) -> std::io::Result<ExitStatus> {
        command.status()
    }
}
