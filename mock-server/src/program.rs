//! `mfa-mock`: flags, a service, a port, and a banner that says how to use it.
//!
//! A module of the library, and not of the binary, so that what reads flags, variables and files
//! can be tried with any bytes and without a process for each.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use crate::flags::{CommandLine, Flags, Task};
use crate::https::Speech;
use crate::start::Start;
use crate::{Options, Standalone};
use crate::{banner, doctor, exec, healthcheck, schema, validate};

/// Where the service listens unless it is told otherwise.
pub(crate) const PORT: u16 = 4400;

/// Does what the command line of this process says, to its end.
pub fn main() -> ExitCode {
    let line = CommandLine::parse();
    let result = match &line.task {
        None => serve(&line.flags).map(|()| ExitCode::SUCCESS),
        Some(Task::Exec(asked)) => exec::exec(asked),
        Some(Task::Healthcheck(asked)) => healthcheck::ask(asked),
        Some(Task::Doctor(asked)) => doctor::examine(asked),
        Some(Task::Validate(asked)) => validate::validate(asked),
        Some(Task::Schema) => schema::print(),
    };
    result.unwrap_or_else(|problem| {
        banner::complain(&problem);
        ExitCode::from(2)
    })
}

fn serve(flags: &Flags) -> Result<(), String> {
    let start = Start::read(flags, PORT)?;
    let speech = Speech::of(start.https.as_ref())?;
    let mock = start.mock()?;
    let address = start.address;
    let hint = "is another service on that port? `--port 0` takes any free one";
    let standalone = Standalone::bind(mock.clone(), address, start.guard.clone())
        .map_err(|error| format!("cannot listen on {address}: {error}; {hint}"))?;
    let standalone = standalone.behind(speech.door.clone());
    banner::greet(&standalone, &start, &mock, &speech);
    standalone.run_until_interrupted().map_err(|error| error.to_string())
}

/// What a command line and the configuration file that it names come to.
#[derive(Clone)]
pub struct Planned {
    /// How the service would start.
    pub options: Options,
    /// Where it would listen.
    pub address: SocketAddr,
    /// The environment that it would print.
    pub environment: String,
    /// Whether the control API would ask for a token.
    pub is_locked: bool,
}

/// Reads a command line as a start would, without one; none if it asks for something else.
///
/// The words are those behind the program's name. The variables of this process count as well.
///
/// # Errors
/// What is wrong and where, in words for people.
pub fn plan(words: impl IntoIterator<Item = String>) -> Result<Option<Planned>, String> {
    let words = std::iter::once("mfa-mock".to_owned()).chain(words);
    let line =
        CommandLine::try_parse_from(words).map_err(|problem| problem.render().to_string())?;
    if line.task.is_some() {
        return Ok(None);
    }
    let Start { options, address, environment, token, .. } = Start::read(&line.flags, PORT)?;
    Ok(Some(Planned { options, address, environment, is_locked: token.is_some() }))
}

/// The flag that an environment variable stands for, such as `--seed` for `MFA_MOCK_SEED`.
pub fn flag_of(variable: &str) -> Option<String> {
    let command = CommandLine::command();
    let mut flags = command.get_arguments();
    let flag = flags.find(|flag| flag.get_env().is_some_and(|name| name == variable))?;
    flag.get_long().map(|name| format!("--{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(words: &[&str]) -> Result<Option<Planned>, String> {
        plan(words.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn a_command_line_is_read_without_a_start() {
        let start = planned(&["--port=1", "--seed=7", "--control-token=t"]).unwrap().unwrap();
        assert_eq!((start.address.port(), start.options.seed), (1, Some(7)));
        assert!(start.is_locked && !start.address.ip().is_unspecified());
        assert!(planned(&["schema"]).unwrap().is_none(), "another task than to serve");
        let refused = |words| planned(words).err().unwrap();
        assert!(refused(&["--nonsense"]).starts_with("error: unexpected argument"));
        assert!(refused(&["--host=0.0.0.0"]).contains("needs a lock"));
    }

    #[test]
    fn a_variable_names_its_flag() {
        assert_eq!(flag_of("MFA_MOCK_TLS_NAME").as_deref(), Some("--tls-name"));
        assert_eq!(flag_of("MFA_MOCK_NONSENSE"), None);
    }
}
