//! The command line of `mfa-mock`: what it does, and the flags of a service.

mod https;

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;

use crate::JournalSync;
use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};

pub(crate) use https::{HttpsFlags, TrustFlags};

/// A local stand-in for the sign-in and MFA API that Dynamic's SDKs speak.
///
/// Unofficial, and not affiliated with Dynamic. Point an SDK at the printed base URL; any UUID is
/// an environment of its own from its first request.
#[derive(Debug, Parser)]
#[command(
    name = "mfa-mock",
    version,
    after_help = EXAMPLES,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) task: Option<Task>,

    #[command(flatten)]
    pub(crate) flags: Flags,
}

/// What else the program does than to serve.
#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Run a command beside a service of its own, and say what was refused if it fails
    Exec(Exec),
    /// Ask a running service whether it is well; exits with 0 or 1
    Healthcheck(Healthcheck),
    /// Look for the usual mistakes between an SDK and a running service
    Doctor(Doctor),
    /// Check a configuration file, and point at what is wrong in it
    Validate(Validate),
    /// Print the JSON Schema of the configuration file
    Schema,
}

/// How a service is started. What stands in a configuration file is absent here.
#[derive(Debug, Default, Args)]
pub(crate) struct Flags {
    /// Address to listen on [default: 127.0.0.1]; any but loopback demands --control-token
    #[arg(long, value_name = "ADDRESS", env = "MFA_MOCK_HOST", hide_env = true)]
    pub(crate) host: Option<IpAddr>,

    /// Port to listen on, 0 for any free one [default: 4400; of exec: 0]
    #[arg(long, value_name = "PORT", env = "MFA_MOCK_PORT", hide_env = true)]
    pub(crate) port: Option<u16>,

    /// Settings that every environment starts with [default: enforced]
    #[arg(long, value_name = "PRESET", value_enum, env = "MFA_MOCK_PRESET", hide_env = true)]
    pub(crate) preset: Option<Preset>,

    /// Environment id to print [default: 00000000-0000-4000-8000-000000000000]; any other UUID
    /// works as well
    #[arg(long, value_name = "UUID", env = "MFA_MOCK_ENVIRONMENT", hide_env = true)]
    pub(crate) environment: Option<String>,

    /// Only environments made through the control API (and those named at the start) exist
    #[arg(
        long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
        default_missing_value = "true", hide_possible_values = true,
        env = "MFA_MOCK_STRICT_ENVIRONMENTS", hide_env = true
    )]
    pub(crate) strict_environments: Option<bool>,

    /// Fix ids, secrets, codes and nonces: the same requests get the same answers
    #[arg(long, value_name = "NUMBER", env = "MFA_MOCK_SEED", hide_env = true)]
    pub(crate) seed: Option<u64>,

    /// Hold every clock at this time until the control API moves it
    #[arg(long, value_name = "TIME", env = "MFA_MOCK_HOLD_CLOCK", hide_env = true)]
    pub(crate) hold_clock: Option<String>,

    /// Exchanges that each environment's journal keeps in memory [default: 1000]
    #[arg(long, value_name = "NUMBER", env = "MFA_MOCK_JOURNAL_ENTRIES", hide_env = true)]
    pub(crate) journal_entries: Option<usize>,

    /// Token that every control call must show as `Authorization: Bearer …`
    #[arg(long, value_name = "TOKEN", env = "MFA_MOCK_CONTROL_TOKEN", hide_env = true)]
    pub(crate) control_token: Option<String>,

    /// Let web pages of this origin use the control API, such as http://localhost:3000
    #[arg(
        long,
        value_name = "ORIGIN",
        value_delimiter = ',',
        env = "MFA_MOCK_CONTROL_ORIGIN",
        hide_env = true
    )]
    pub(crate) control_origin: Vec<String>,

    /// Keep every change in this file, and go on from it at the next start (a killed process
    /// loses nothing that it answered); its owner's alone, since it holds secrets
    #[arg(long, value_name = "FILE", env = "MFA_MOCK_JOURNAL", hide_env = true)]
    pub(crate) journal: Option<PathBuf>,

    /// When a change is on the disk, in case the power fails: `always` before it is answered,
    /// `batch` within a tenth of a second, `never` when the system likes [default: batch]
    #[arg(
        long,
        value_name = "WHEN",
        value_enum,
        hide_possible_values = true,
        env = "MFA_MOCK_JOURNAL_SYNC",
        hide_env = true
    )]
    pub(crate) journal_sync: Option<When>,

    /// A longer journal file is replaced at the start by a short one [default: 67108864]
    #[arg(long, value_name = "BYTES", env = "MFA_MOCK_JOURNAL_COMPACT_ABOVE", hide_env = true)]
    pub(crate) journal_compact_above: Option<u64>,

    #[command(flatten)]
    pub(crate) https: HttpsFlags,

    /// Read settings, users and what the flags can say from a TOML file
    #[arg(long, value_name = "FILE", env = "MFA_MOCK_CONFIG", hide_env = true)]
    pub(crate) config: Option<PathBuf>,

    /// Print the base URL and nothing else
    #[arg(
        long, short, value_name = "BOOL", num_args = 0..=1, require_equals = true,
        default_missing_value = "true", hide_possible_values = true,
        env = "MFA_MOCK_QUIET", hide_env = true
    )]
    pub(crate) quiet: Option<bool>,
}

const EXAMPLES: &str = "\
Every flag has an environment variable: that of --hold-clock is MFA_MOCK_HOLD_CLOCK. What a flag says
wins over its variable, that over the configuration file, that over the default. A control token is
better passed in MFA_MOCK_CONTROL_TOKEN, which no list of processes shows.

Examples:
  mfa-mock                                  listen on 127.0.0.1:4400
  mfa-mock --preset legacy                  the world of the older guides: no elevated tokens
  mfa-mock --seed 7 --hold-clock 2030-01-01T00:00:00Z
                                            the same answers every time
  mfa-mock --port 0 --quiet                 any free port; prints the base URL, for scripts
  mfa-mock --journal mock.journal           users and sessions are still there tomorrow
  mfa-mock --tls                            https; says whom clients must trust, and how
  mfa-mock exec -- npm test                 a service for as long as the tests run
  mfa-mock doctor --base-url http://127.0.0.1:4400/api/v0 --sdk-config src
                                            why does my SDK not talk to it?

Control API: http://127.0.0.1:4400/_mock/v1/ (codes, mails, clock, faults, journal)";

/// Settings that every environment starts with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Preset {
    /// What a new real environment has: sensitive calls need an elevated access token
    #[default]
    Enforced,
    /// The world of the older guides: no call asks for an elevated access token
    Legacy,
}

/// When a change is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum When {
    /// Before it is answered.
    Always,
    /// Within a tenth of a second.
    Batch,
    /// When the operating system likes.
    Never,
}

impl From<When> for JournalSync {
    fn from(when: When) -> Self {
        match when {
            When::Always => Self::Always,
            When::Batch => Self::Batch,
            When::Never => Self::Never,
        }
    }
}

/// Run a command beside a service of its own, and say what was refused if it fails.
///
/// The command finds the service in MFA_MOCK_BASE_URL (what an SDK is given as its apiBaseUrl),
/// MFA_MOCK_URL, MFA_MOCK_CONTROL_URL and MFA_MOCK_ENVIRONMENT_ID, and its control token, if
/// there is one, in MFA_MOCK_CONTROL_TOKEN. With --tls it finds the CA in MFA_MOCK_CA, and Node
/// trusts it (NODE_EXTRA_CA_CERTS). Signals are passed on; the exit code is the command's
/// (128 and the number if a signal ended it, 126 or 127 if it could not be started).
#[derive(Debug, Args)]
pub(crate) struct Exec {
    #[command(flatten)]
    pub(crate) flags: Flags,

    /// When to say what was refused, and why
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Report::Failure)]
    pub(crate) report: Report,

    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

/// When `exec` says what was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Report {
    /// If the command fails
    Failure,
    /// In any case
    Always,
    /// Not at all
    Never,
}

/// Ask a running service whether it is well; exits with 0 or 1.
#[derive(Debug, Args)]
pub(crate) struct Healthcheck {
    /// Where it listens
    #[arg(long, value_name = "URL", env = "MFA_MOCK_URL", default_value = "http://127.0.0.1:4400")]
    pub(crate) url: String,

    #[command(flatten)]
    pub(crate) trust: TrustFlags,
}

/// Look for the usual mistakes between an SDK and a running service.
///
/// Says for each what it found and how to mend it; exits with 1 if something is wrong.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// What the SDK is given as its apiBaseUrl
    #[arg(
        long,
        value_name = "URL",
        env = "MFA_MOCK_BASE_URL",
        default_value = "http://127.0.0.1:4400/api/v0"
    )]
    pub(crate) base_url: String,

    /// What the SDK is given as its environmentId
    #[arg(long, value_name = "ID", env = "MFA_MOCK_ENVIRONMENT_ID")]
    pub(crate) environment: Option<String>,

    /// The web page that the SDK runs in, such as http://localhost:3000
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) origin: Option<String>,

    /// A source file or folder in which the SDK is set up
    #[arg(long, value_name = "PATH")]
    pub(crate) sdk_config: Option<PathBuf>,

    /// The service's control token, if it has one
    #[arg(long, value_name = "TOKEN", env = "MFA_MOCK_CONTROL_TOKEN", hide_env_values = true)]
    pub(crate) control_token: Option<String>,

    #[command(flatten)]
    pub(crate) trust: TrustFlags,
}

/// Check a configuration file, and point at what is wrong in it.
#[derive(Debug, Args)]
pub(crate) struct Validate {
    /// The file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}
