//! Connect strings: `exec:node driver.mjs`, `inproc:reference`, `inproc:mutant/sdk/<name>`,
//! `inproc:mutant/driver/<name>`.

use super::inproc::{self, InProcess};
use super::lying::{self, Lying};
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
    /// The reference SDK inside this process, behind a driver that lies.
    Lying {
        /// The lie.
        lie: String,
    },
}

/// A connect string that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// No known transport is named.
    #[error(
        "`{0}` is no connect string; write exec:COMMAND, inproc:reference, inproc:mutant/sdk/NAME or inproc:mutant/driver/NAME"
    )]
    Unknown(String),
    /// `exec:` without a command.
    #[error("exec: needs a command, as in exec:node driver.mjs")]
    NoCommand,
    /// There is no such saboteur, or no such lie.
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
            ("inproc", rest) => Self::mutant(rest, text),
            _ => Err(ConnectError::Unknown(text.to_owned())),
        }
    }

    fn mutant(rest: &str, text: &str) -> Result<Self, ConnectError> {
        let unknown = |name: &str, all: Vec<&'static str>| ConnectError::UnknownMutant {
            name: name.to_owned(),
            hint: suggestion::hint(name, all),
        };
        // A mutant that was held out is another broken SDK; the matrix names it by its own family.
        let of_sdk = rest.strip_prefix("mutant/sdk/");
        let of_sdk = of_sdk.or_else(|| rest.strip_prefix("mutant/held-out/"));
        match (of_sdk, rest.strip_prefix("mutant/driver/")) {
            (Some(name), _) if inproc::mutants().contains(&name) => {
                Ok(Self::InProcess { mutant: Some(name.to_owned()) })
            }
            (Some(name), _) => Err(unknown(name, inproc::mutants())),
            (None, Some(name)) if lying::named(name).is_some() => {
                Ok(Self::Lying { lie: name.to_owned() })
            }
            (None, Some(name)) => {
                Err(unknown(name, lying::LIES.iter().map(|lie| lie.name).collect()))
            }
            (None, None) => Err(ConnectError::Unknown(text.to_owned())),
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
            Self::Lying { lie } => {
                let honest = Box::new(InProcess::named(None)?);
                match lying::named(lie) {
                    Some(lie) => Box::new(Lying::around(honest, lie)),
                    None => honest,
                }
            }
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
            Self::Lying { lie } => write!(f, "inproc:mutant/driver/{lie}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connect_strings_read_back() {
        for text in [
            "exec:node driver.mjs --fast",
            "inproc:reference",
            "inproc:mutant/sdk/swallow-401",
            "inproc:mutant/driver/swallow-errors",
        ] {
            assert_eq!(Connect::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_cannot_be_understood_is_named() {
        assert_eq!(Connect::parse("exec: "), Err(ConnectError::NoCommand));
        for text in ["node driver.mjs", "ws:0.0.0.0:0", "inproc:other", ""] {
            assert_eq!(Connect::parse(text), Err(ConnectError::Unknown(text.to_owned())));
        }
        let held_out = Connect::parse("inproc:mutant/held-out/bearer-null");
        assert_eq!(held_out, Connect::parse("inproc:mutant/sdk/bearer-null"));
        let error = Connect::parse("inproc:mutant/sdk/no-such-thing").unwrap_err();
        assert!(error.to_string().contains("unknown mutant \"no-such-thing\""), "{error}");
        let error = Connect::parse("inproc:mutant/driver/swallow-error").unwrap_err();
        assert!(error.to_string().contains("did you mean \"swallow-errors\"?"), "{error}");
    }
}
