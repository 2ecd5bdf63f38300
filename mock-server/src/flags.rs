//! The flags of `mfa-mock`, and what they mean together.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use clap::{Parser, ValueEnum};
use mock_server::control::Guard;
use mock_server::policy::Policy;
use mock_server::{Clock, Options, Secret};

/// A local stand-in for the sign-in and MFA API that Dynamic's SDKs speak.
///
/// Unofficial, and not affiliated with Dynamic. Point an SDK at the printed base URL; any UUID is
/// an environment of its own from its first request.
#[derive(Debug, Parser)]
#[command(name = "mfa-mock", version, after_help = EXAMPLES)]
pub(crate) struct Flags {
    /// Address to listen on. Anything but loopback demands --control-token
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,

    /// Port to listen on; 0 takes any free one
    #[arg(long, value_name = "PORT", default_value_t = 4400)]
    port: u16,

    /// Settings that every environment starts with
    #[arg(long, value_name = "PRESET", value_enum, default_value_t = Preset::Enforced)]
    pub(crate) preset: Preset,

    /// The environment id to print; any other UUID works as well
    #[arg(long, value_name = "UUID", default_value = "00000000-0000-4000-8000-000000000000")]
    environment: String,

    /// Only environments made through the control API (and the printed one) exist
    #[arg(long)]
    pub(crate) strict_environments: bool,

    /// Fix ids, secrets, codes and nonces: the same requests get the same answers
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,

    /// Hold every clock at this time until the control API moves it
    #[arg(long, value_name = "TIME")]
    hold_clock: Option<String>,

    /// Exchanges that each environment's journal keeps
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000)]
    journal_entries: usize,

    /// Token that every control call must show as `Authorization: Bearer …`
    #[arg(long, value_name = "TOKEN", env = "MFA_MOCK_CONTROL_TOKEN", hide_env_values = true)]
    control_token: Option<String>,

    /// Let web pages of this origin use the control API, such as http://localhost:3000
    #[arg(long, value_name = "ORIGIN")]
    control_origin: Vec<String>,

    /// Print the base URL and nothing else
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

const EXAMPLES: &str = "\
Examples:
  mfa-mock                                  listen on 127.0.0.1:4400
  mfa-mock --preset legacy                  the world of the older guides: no elevated tokens
  mfa-mock --seed 7 --hold-clock 2030-01-01T00:00:00Z
                                            the same answers every time
  mfa-mock --port 0 --quiet                 any free port; prints the base URL, for scripts

Control API: http://127.0.0.1:4400/_mock/v1/ (codes, mails, clock, faults, journal)";

/// Settings that every environment starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Preset {
    /// What a new real environment has: sensitive calls need an elevated access token
    Enforced,
    /// The world of the older guides: no call asks for an elevated access token
    Legacy,
}

/// What the flags come to.
pub(crate) struct Start {
    pub(crate) options: Options,
    pub(crate) address: SocketAddr,
    pub(crate) guard: Guard,
    pub(crate) environment: String,
}

impl Flags {
    /// Reads the flags together.
    ///
    /// # Errors
    /// What is wrong, and what to do about it.
    pub(crate) fn read(&self) -> Result<Start, String> {
        let clock = match &self.hold_clock {
            None => Clock::System,
            Some(text) => {
                let held = text.parse().map(Clock::held_at).map_err(|_| ());
                held.and_then(|clock| clock.checked().map_err(|_| ())).map_err(|()| {
                    format!("--hold-clock: {text:?} is not a time such as 2030-01-01T00:00:00Z")
                })?
            }
        };
        let token = self.control_token.as_deref().map(str::trim).filter(|token| !token.is_empty());
        if !self.host.is_loopback() && token.is_none() {
            return Err(format!(
                "--host {} lets other machines in, so the control API needs a lock: \
                 add --control-token TOKEN (or set MFA_MOCK_CONTROL_TOKEN)",
                self.host
            ));
        }
        let guard = Guard::loopback().with_origins(self.control_origin.clone());
        Ok(Start {
            options: Options {
                seed: self.seed,
                policy: match self.preset {
                    Preset::Enforced => Policy::default(),
                    Preset::Legacy => Policy::legacy(),
                },
                clock,
                strict_environments: self.strict_environments,
                journal_entries_max: self.journal_entries,
                ..Options::default()
            },
            address: SocketAddr::new(self.host, self.port),
            guard: match token {
                Some(token) => guard.with_token(Secret::new(token)),
                None => guard,
            },
            environment: self.environment.clone(),
        })
    }
}
