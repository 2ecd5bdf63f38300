//! Which service a run plays against, as the command line says it.

use std::path::PathBuf;

use serde::Serialize;

use super::Address;
use crate::world::World;

/// Which service a run plays against.
#[derive(Clone, Debug, Default)]
pub enum Target {
    /// The mock in this process.
    #[default]
    Here,
    /// A mock that runs elsewhere and is driven over its control API.
    Controlled(Controlled),
    /// Any other service, whose world nobody here can move.
    Uncontrolled(Uncontrolled),
}

/// A mock that runs elsewhere.
#[derive(Clone, Debug)]
pub struct Controlled {
    /// Where SDKs find the API.
    pub address: Address,
    /// Where its control API is.
    pub control: Address,
    /// What the control API asks for.
    pub token: Option<ControlToken>,
    /// A file with the CAs to believe; absent: those of the system.
    pub ca: Option<PathBuf>,
}

/// A service whose world nobody here can move.
#[derive(Clone, Debug)]
pub struct Uncontrolled {
    /// Where SDKs find the API.
    pub address: Address,
    /// The environment that cases are played in.
    pub environment: String,
    /// Whose mail the suite can read, if anybody's.
    pub mailbox: Option<Mailbox>,
    /// How the environment is set up.
    pub settings: Preset,
    /// The most requests in a minute; absent: as many as come.
    pub per_minute: Option<u32>,
    /// A file with the CAs to believe; absent: those of the system.
    pub ca: Option<PathBuf>,
}

/// Test accounts: addresses that all get one known code.
#[derive(Clone, Debug)]
pub struct Mailbox {
    /// An address with `{n}`, in whose place each case puts a number that was never used.
    pub template: String,
    /// The code that every such address gets.
    pub code: String,
}

impl Mailbox {
    /// Reads what the command line says.
    ///
    /// # Errors
    /// The template is no address, or has no place for a number, or the code is none, in words.
    pub fn new(template: &str, code: &str) -> Result<Self, String> {
        let filled = template.replace("{n}", "1");
        let is_address = filled
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
            && !filled.contains(char::is_whitespace);
        if !is_address {
            return Err(format!("--email {template}: this is no address of e-mail"));
        }
        if !template.contains("{n}") {
            return Err(format!(
                "--email {template}: there is no {{n}} in it, and every case needs an address that \
                 nobody has used; write it as me+{{n}}+dynamic_test@example.com"
            ));
        }
        if code.is_empty() || !code.chars().all(|digit| digit.is_ascii_alphanumeric()) {
            return Err(format!("--code {code}: a code is letters and digits only"));
        }
        Ok(Self { template: template.to_owned(), code: code.to_owned() })
    }
}

/// How an environment that cannot be changed is set up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// MFA is optional and step-up is enforced
    #[default]
    Plain,
    /// No call asks for an elevated token
    Legacy,
    /// Every session needs a second factor as soon as the user signs up
    MfaRequired,
}

impl Preset {
    /// The settings of the worlds that this environment can stand for.
    pub(super) fn settings(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Plain => World::PLAIN.settings,
            Self::Legacy => World::LEGACY.settings,
            Self::MfaRequired => World::MFA_REQUIRED.settings,
        }
    }

    /// The word of the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Legacy => "legacy",
            Self::MfaRequired => "mfa-required",
        }
    }
}

/// What a control API asks for; never shown.
#[derive(Clone)]
pub struct ControlToken(pub(super) String);

impl ControlToken {
    /// A token as it was given.
    #[must_use]
    pub fn new(token: String) -> Self {
        Self(token)
    }
}

impl std::fmt::Debug for ControlToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("‹control token›")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailbox_needs_a_place_for_a_number_and_a_code() {
        assert!(Mailbox::new("me+{n}+dynamic_test@example.com", "123456").is_ok());
        for (template, code, says) in [
            ("me@example.com", "123456", "no {n}"),
            ("me{n}", "123456", "no address"),
            ("me {n}@example.com", "123456", "no address"),
            ("me+{n}@example.com", "", "letters and digits"),
            ("me+{n}@example.com", "12 34", "letters and digits"),
        ] {
            let problem = Mailbox::new(template, code).unwrap_err();
            assert!(problem.contains(says), "{template}: {problem}");
        }
    }

    #[test]
    fn a_token_is_shown_nowhere() {
        let token = ControlToken::new("s3cret".to_owned());
        assert!(!format!("{token:?}").contains("s3cret"));
    }
}
