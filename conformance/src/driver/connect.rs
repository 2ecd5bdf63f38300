//! Connect strings: `exec:node driver.mjs`, `inproc:reference`, `inproc:mutant/sdk/<name>`,
//! `lying:<name>:<connect>`, and `inproc:mutant/driver/<name>` for a lie around the reference.

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
    /// Any of the others behind a driver that lies.
    Lying {
        /// The lie.
        lie: String,
        /// The driver whose words are changed on their way.
        around: Box<Connect>,
    },
}

/// A connect string that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// No known transport is named.
    #[error(
        "`{0}` is no connect string; write exec:COMMAND, inproc:reference, inproc:mutant/sdk/NAME, inproc:mutant/driver/NAME or lying:NAME:CONNECT"
    )]
    Unknown(String),
    /// `exec:` without a command.
    #[error("exec: needs a command, as in exec:node driver.mjs")]
    NoCommand,
    /// `lying:` without a lie, or without a driver to lie for.
    #[error(
        "`{0}` names no driver to lie for; write lying:NAME:CONNECT, as in lying:hang:exec:node driver.mjs"
    )]
    NobodyToLieFor(String),
    /// A lie around a lie, of which a verdict could not say which was found out.
    #[error("`{0}` tells two lies; wrap one of them around an honest driver")]
    TwoLies(String),
    /// There is no such lie.
    #[error("unknown lie \"{name}\"{hint}; `mfa-conformance list --lies` has them all")]
    UnknownLie {
        /// What was asked for.
        name: String,
        /// The nearest known name, as text.
        hint: String,
    },
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
            ("inproc", rest) => Self::mutant(rest, text),
            ("lying", rest) => Self::lying(rest, text),
            _ => Err(ConnectError::Unknown(text.to_owned())),
        }
    }

    /// Whether the driver needs no process of its own.
    #[must_use]
    pub fn is_in_process(&self) -> bool {
        match self {
            Self::Exec { .. } => false,
            Self::InProcess { .. } => true,
            Self::Lying { around, .. } => around.is_in_process(),
        }
    }

    fn lying(rest: &str, text: &str) -> Result<Self, ConnectError> {
        let (name, around) = rest.split_once(':').unwrap_or((rest, ""));
        let around = around.trim();
        if name.is_empty() || around.is_empty() {
            return Err(ConnectError::NobodyToLieFor(text.to_owned()));
        }
        // Looked at before it is read, so that a long row of lies is no deep recursion.
        if around.starts_with("lying:") || around.starts_with("inproc:mutant/driver/") {
            return Err(ConnectError::TwoLies(text.to_owned()));
        }
        Self::behind(name, Self::parse(around)?)
    }

    fn mutant(rest: &str, text: &str) -> Result<Self, ConnectError> {
        // A mutant that was held out is another broken SDK; the matrix names it by its own family.
        let of_sdk = rest.strip_prefix("mutant/sdk/");
        let of_sdk = of_sdk.or_else(|| rest.strip_prefix("mutant/held-out/"));
        match (of_sdk, rest.strip_prefix("mutant/driver/")) {
            (Some(name), _) if inproc::mutants().contains(&name) => {
                Ok(Self::InProcess { mutant: Some(name.to_owned()) })
            }
            (Some(name), _) => Err(ConnectError::UnknownMutant {
                name: name.to_owned(),
                hint: suggestion::hint(name, inproc::mutants()),
            }),
            (None, Some(name)) => Self::behind(name, Self::InProcess { mutant: None }),
            (None, None) => Err(ConnectError::Unknown(text.to_owned())),
        }
    }

    /// A known lie around a driver.
    fn behind(name: &str, around: Self) -> Result<Self, ConnectError> {
        match lying::named(name) {
            Some(lie) => Ok(Self::Lying { lie: lie.name.to_owned(), around: Box::new(around) }),
            None => Err(ConnectError::UnknownLie {
                name: name.to_owned(),
                hint: suggestion::hint(name, lying::LIES.iter().map(|lie| lie.name)),
            }),
        }
    }

    /// Starts the driver and shakes hands.
    ///
    /// # Errors
    /// The exact mistake in its start or its answer.
    pub fn attach(&self, greeting: &Greeting) -> Result<Session, Mistake> {
        Session::attach(self.link()?, greeting)
    }

    fn link(&self) -> Result<Box<dyn Link>, Mistake> {
        Ok(match self {
            Self::Exec { command } => Box::new(Process::spawn(command)?),
            Self::InProcess { mutant } => Box::new(InProcess::named(mutant.as_deref())?),
            Self::Lying { lie, around } => {
                let honest = around.link()?;
                match lying::named(lie) {
                    Some(lie) => Box::new(Lying::around(honest, lie)),
                    None => honest,
                }
            }
        })
    }
}

impl std::fmt::Display for Connect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exec { command } => write!(f, "exec:{command}"),
            Self::InProcess { mutant: None } => f.write_str("inproc:reference"),
            Self::InProcess { mutant: Some(name) } => write!(f, "inproc:mutant/sdk/{name}"),
            Self::Lying { lie, around } => match **around {
                Self::InProcess { mutant: None } => write!(f, "inproc:mutant/driver/{lie}"),
                _ => write!(f, "lying:{lie}:{around}"),
            },
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
            "lying:hang:exec:node driver.mjs --at http://localhost:1",
            "lying:hang:inproc:mutant/sdk/swallow-401",
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
        for text in ["inproc:mutant/driver/swallow-error", "lying:swallow-error:exec:node d.mjs"] {
            let error = Connect::parse(text).unwrap_err();
            assert!(error.to_string().contains("did you mean \"swallow-errors\"?"), "{error}");
        }
    }

    #[test]
    fn a_lie_has_a_driver_to_lie_for_and_no_lie_beside_it() {
        let short = Connect::parse("lying:hang:inproc:reference").unwrap();
        assert_eq!(short, Connect::parse("inproc:mutant/driver/hang").unwrap());
        for text in ["lying:", "lying:hang", "lying:hang: ", "lying::inproc:reference"] {
            assert_eq!(Connect::parse(text), Err(ConnectError::NobodyToLieFor(text.to_owned())));
        }
        for inner in ["lying:crash:inproc:reference", "inproc:mutant/driver/crash"] {
            let text = format!("lying:hang:{inner}");
            assert_eq!(Connect::parse(&text), Err(ConnectError::TwoLies(text)));
        }
        assert!(Connect::parse(&"lying:hang:".repeat(100_000)).is_err());
        assert_eq!(Connect::parse("lying:hang:exec:"), Err(ConnectError::NoCommand));
        let inner = ConnectError::Unknown("node driver.mjs".to_owned());
        assert_eq!(Connect::parse("lying:hang:node driver.mjs"), Err(inner));
    }
}
