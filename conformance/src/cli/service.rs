//! The options that choose a service, and what they come to.

use std::path::PathBuf;

use clap::Args;

use crate::event::ServiceRecord;
use crate::service::{Address, ControlToken, Controlled, Mailbox, Preset, Target, Uncontrolled};

/// Under which the options stand in the help.
const HEADING: &str = "Measuring a service";

/// The mock in this process, as `--service` names it.
const HERE: &str = "inproc:mock";

#[derive(Debug, Default, Args)]
pub(super) struct ServiceArgs {
    /// Measure a service in place of an SDK: its base URL, or inproc:mock. With --driver, play the
    /// SDK against it
    #[arg(long, help_heading = HEADING, value_name = "URL")]
    service: Option<String>,
    /// Where the mock's control API is, if not at the host of --service
    #[arg(long, help_heading = HEADING, value_name = "URL", requires = "service")]
    control: Option<String>,
    /// The token that the control API asks for
    #[arg(
        long, help_heading = HEADING, value_name = "TOKEN",
        // Demands nothing else: a variable that is set for the mock must not stop other runs.
        env = "MFA_MOCK_CONTROL_TOKEN", hide_env_values = true
    )]
    control_token: Option<String>,
    /// The service has no control API of the mock: what needs one does not apply
    #[arg(
        long, help_heading = HEADING, requires = "service", requires = "environment",
        conflicts_with = "control"
    )]
    no_control: bool,
    /// The environment to play in
    #[arg(long, help_heading = HEADING, value_name = "UUID", requires = "no_control")]
    environment: Option<String>,
    /// How that environment is set up [default: plain]
    #[arg(
        long, help_heading = HEADING, value_name = "WORLD", value_enum, requires = "no_control"
    )]
    world: Option<Preset>,
    /// Ask the service at most so often in a minute, where it limits calls
    #[arg(
        long, help_heading = HEADING, value_name = "N", requires = "no_control",
        value_parser = clap::value_parser!(u32).range(1..=60_000)
    )]
    per_minute: Option<u32>,
    /// Addresses of test accounts, with the letter n in braces where each case puts a new number
    #[arg(
        long, help_heading = HEADING, value_name = "TEMPLATE",
        requires = "no_control", requires = "code"
    )]
    email: Option<String>,
    /// The code that every test account is sent
    #[arg(long, help_heading = HEADING, value_name = "CODE", requires = "email")]
    code: Option<String>,
    /// A PEM file with the CA to believe over https, in place of those of the system
    #[arg(long, help_heading = HEADING, value_name = "FILE", requires = "service")]
    ca: Option<PathBuf>,
    /// The host is not this machine, and it is a sandbox in which users may be made and deleted
    #[arg(long, help_heading = HEADING, requires = "service")]
    yes_this_is_a_sandbox: bool,
}

impl ServiceArgs {
    /// The service to play against, and what reports say of it; `is_judged` when no SDK is.
    ///
    /// # Errors
    /// A URL, an id or an address is none, or the host asks for consent, in words.
    pub(super) fn target(
        &self,
        is_judged: bool,
    ) -> Result<(Target, Option<ServiceRecord>), String> {
        let Some(text) = &self.service else { return Ok((Target::Here, None)) };
        let record = |target: String, has_control: bool| {
            Some(ServiceRecord { target, name: None, has_control, is_judged, left_out: 0 })
        };
        if text == HERE {
            if self.no_control || self.control.is_some() {
                return Err(format!("--service {HERE} needs no --control and no --no-control"));
            }
            return Ok((Target::Here, record(HERE.to_owned(), true)));
        }
        let address = Address::parse(text).map_err(|problem| format!("--service: {problem}"))?;
        let control = match &self.control {
            Some(text) => {
                Address::parse(text).map_err(|problem| format!("--control: {problem}"))?
            }
            None => address.root(),
        };
        for host in [&address, &control] {
            if !host.is_loopback() && !self.yes_this_is_a_sandbox {
                return Err(format!(
                    "{} is not this machine, and the suite makes users there, types wrong codes and \
                     deletes devices; if it is a sandbox made for that, add --yes-this-is-a-sandbox",
                    host.origin()
                ));
            }
        }
        let ca = self.ca.clone();
        let base = address.base();
        if !self.no_control {
            let token = self.control_token.clone().filter(|token| !token.is_empty());
            let token = token.map(ControlToken::new);
            let target = Target::Controlled(Controlled { address, control, token, ca });
            return Ok((target, record(base, true)));
        }
        let environment = self.environment.clone().unwrap_or_default();
        if !is_uuid(&environment) {
            return Err(format!(
                "--environment {environment}: an environment's id is a UUID, such as \
                 00000000-0000-4000-8000-000000000000"
            ));
        }
        let mailbox = match (&self.email, &self.code) {
            (Some(template), Some(code)) => Some(Mailbox::new(template, code)?),
            _ => None,
        };
        let wanted = Uncontrolled {
            address,
            environment,
            mailbox,
            settings: self.world.unwrap_or_default(),
            per_minute: self.per_minute,
            ca,
        };
        Ok((Target::Uncontrolled(wanted), record(base, false)))
    }
}

/// 36 hex digits and dashes, as the SDKs' path patterns demand.
fn is_uuid(text: &str) -> bool {
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && text.chars().all(|it| it == '-' || it.is_ascii_hexdigit())
}
