//! Connect strings: `exec:node driver.mjs`, `inproc:reference`, `inproc:mutant/sdk/<name>`.

use super::inproc::{self, InProcess};
use super::process::Process;
use super::{Greeting, Link, Mistake, Session};
use crate::suggestion;

/// Where a driver is and how to reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connect {
    /// A command of the shell that speaks MDP/1 on stdin and stdout.
    Exec {
        /// The command.
        command: String,
    },
    /// The reference SDK, or one of its saboteurs, inside this process.
    InProcess {
        /// The saboteur; absent for the honest one.
        mutant: Option<String>,
    },
}

/// A connect string that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// No known transport is named.
    #[error(
        "`{0}` is no connect string; write exec:COMMAND, inproc:reference or inproc:mutant/sdk/NAME"
    )]
    Unknown(String),
    /// `exec:` without a command.
    #[error("exec: needs a command, as in exec:node driver.mjs")]
    NoCommand,
    /// There is no such saboteur.
    #[error("unknown mutant \"{name}\"{hint}")]
    UnknownMutant {
        /// What was asked for.
        name: String,
        /// The nearest known name, as text.
        hint: String,
    },
}

impl Connect {
    /// Reads a connect string.
    ///
    /// # Errors
    /// The text names no transport, no command, or a saboteur that does not exist.
    pub fn parse(text: &str) -> Result<Self, ConnectError> {
        let (transport, rest) = text.split_once(':').unwrap_or((text, ""));
        match (transport, rest.trim()) {
            ("exec", "") => Err(ConnectError::NoCommand),
            ("exec", command) => Ok(Self::Exec { command: command.to_owned() }),
            ("inproc", "reference") => Ok(Self::InProcess { mutant: None }),
            ("inproc", rest) => match rest.strip_prefix("mutant/sdk/") {
                Some(name) if inproc::mutants().contains(&name) => {
                    Ok(Self::InProcess { mutant: Some(name.to_owned()) })
                }
                Some(name) => Err(ConnectError::UnknownMutant {
                    name: name.to_owned(),
                    hint: suggestion::hint(name, inproc::mutants()),
                }),
                None => Err(ConnectError::Unknown(text.to_owned())),
            },
            _ => Err(ConnectError::Unknown(text.to_owned())),
        }
    }

    /// Starts the driver and shakes hands.
    ///
    /// # Errors
    /// The exact mistake in its start or its answer.
    pub fn attach(&self, greeting: &Greeting) -> Result<Session, Mistake> {
        let link: Box<dyn Link> = match self {
            Self::Exec { command } => Box::new(Process::spawn(command)?),
            Self::InProcess { mutant } => Box::new(InProcess::named(mutant.as_deref())?),
        };
        Session::attach(link, greeting)
    }
}

impl std::fmt::Display for Connect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exec { command } => write!(f, "exec:{command}"),
            Self::InProcess { mutant: None } => f.write_str("inproc:reference"),
            Self::InProcess { mutant: Some(name) } => write!(f, "inproc:mutant/sdk/{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connect_strings_read_back() {
        for text in ["exec:node driver.mjs --fast", "inproc:reference"] {
            assert_eq!(Connect::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_cannot_be_understood_is_named() {
        assert_eq!(Connect::parse("exec: "), Err(ConnectError::NoCommand));
        for text in ["node driver.mjs", "ws:0.0.0.0:0", "inproc:other", ""] {
            assert_eq!(Connect::parse(text), Err(ConnectError::Unknown(text.to_owned())));
        }
        let error = Connect::parse("inproc:mutant/sdk/no-such-thing").unwrap_err();
        assert!(error.to_string().contains("unknown mutant \"no-such-thing\""), "{error}");
    }
}
