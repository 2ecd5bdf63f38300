//! What flags, environment variables, configuration file and defaults come to together.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use crate::control::Guard;
use crate::policy::Policy;
use crate::{Clock, JournalFile, Mock, Options, Secret};

use crate::banner::complain;
use crate::config::{Config, Document, Planned};
use crate::flags::{Flags, Preset};
use crate::https::Plan;

const ENVIRONMENT: &str = "00000000-0000-4000-8000-000000000000";

/// How a service starts.
pub(crate) struct Start {
    pub(crate) options: Options,
    pub(crate) address: SocketAddr,
    pub(crate) guard: Guard,
    pub(crate) token: Option<String>,
    pub(crate) environment: String,
    pub(crate) preset: Preset,
    pub(crate) quiet: bool,
    pub(crate) https: Option<Plan>,
    worlds: Vec<Planned>,
}

impl Start {
    /// Puts everything together; what nobody says is the default.
    ///
    /// # Errors
    /// What is wrong, and what to do about it.
    pub(crate) fn read(flags: &Flags, port: u16) -> Result<Self, String> {
        let (config, document) = match &flags.config {
            None => (Config::default(), None),
            Some(path) => Config::read(path).map(|(config, document)| (config, Some(document)))?,
        };
        let host = flags.host.or(config.host).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let token = flags.control_token.as_ref().or(config.control_token.as_ref());
        let token = token.map(|token| token.trim().to_owned()).filter(|token| !token.is_empty());
        if !host.is_loopback() && token.is_none() {
            return Err(format!(
                "--host {host} lets other machines in, so the control API needs a lock: \
                 add --control-token TOKEN (or set MFA_MOCK_CONTROL_TOKEN)"
            ));
        }
        let origins = match flags.control_origin.is_empty() {
            true => config.control_origins.clone(),
            false => flags.control_origin.clone(),
        };
        let guard = Guard::loopback().with_origins(origins);
        let is_journal_named = flags.journal.is_some() || config.journal.is_some();
        if !is_journal_named
            && (flags.journal_sync.is_some() || flags.journal_compact_above.is_some())
        {
            return Err("--journal-sync and --journal-compact-above are about a journal file: \
                        name it with --journal FILE"
                .to_owned());
        }
        let https = Plan::read(&flags.https, &config, document.as_ref(), host)?;
        let preset = flags.preset.or(config.preset).unwrap_or_default();
        let options = options(flags, &config, document.as_ref(), preset)?;
        let worlds = match &document {
            None => Vec::new(),
            Some(document) => {
                config.worlds(document, &options).map_err(|problem| problem.to_string())?
            }
        };
        Ok(Self {
            address: SocketAddr::new(host, flags.port.or(config.port).unwrap_or(port)),
            guard: match &token {
                Some(token) => guard.with_token(Secret::new(token.as_str())),
                None => guard,
            },
            token,
            environment: flags
                .environment
                .clone()
                .or(config.environment)
                .unwrap_or_else(|| ENVIRONMENT.to_owned()),
            preset,
            quiet: flags.quiet.or(config.quiet).unwrap_or(false),
            https,
            options,
            worlds,
        })
    }

    /// Makes the service with everything that is there from the first day.
    ///
    /// # Errors
    /// What is wrong, and what to do about it.
    pub(crate) fn mock(&self) -> Result<Mock, String> {
        let mock = Mock::new(self.options.clone()).map_err(|error| error.to_string())?;
        tell_of_journal(&mock);
        let mut passed_over = Vec::new();
        for planned in &self.worlds {
            let world = mock.environment(&planned.id).map_err(|error| error.to_string())?;
            // One that a journal file knows has gone on from its first day; but it may have been
            // stopped on that very day, before anybody lived in it.
            let is_untouched = world.snapshot().get("commands").is_some_and(|count| count == 0);
            if is_untouched {
                world.restore(planned.snapshot.clone()).map_err(|error| error.to_string())?;
            } else if !planned.is_there(&world) {
                passed_over.push(planned.id.as_str());
            }
        }
        if !passed_over.is_empty() {
            complain(&format!(
                "warning: {} is as the journal file left it, not as the configuration file has it: \
                 [[environments]] counts on a world's first day only; to begin anew, reset it \
                 through the control API and restart, or name another journal file",
                passed_over.join(", ")
            ));
        }
        // Made now, so that what the banner prints exists where environments are strict.
        mock.environment(&self.environment).map_err(|error| format!("--environment: {error}"))?;
        Ok(mock)
    }
}

fn options(
    flags: &Flags,
    config: &Config,
    document: Option<&Document>,
    preset: Preset,
) -> Result<Options, String> {
    let base = match preset {
        Preset::Enforced => Policy::default(),
        Preset::Legacy => Policy::legacy(),
    };
    let policy = match document {
        None => base,
        Some(document) => config
            .policy(document, &base, flags.preset.is_some())
            .map_err(|problem| problem.to_string())?,
    };
    let defaults = Options::default();
    Ok(Options {
        seed: flags.seed.or(config.seed),
        policy,
        clock: clock(flags, config, document)?,
        strict_environments: flags
            .strict_environments
            .or(config.strict_environments)
            .unwrap_or(defaults.strict_environments),
        journal_entries_max: flags
            .journal_entries
            .or(config.journal_entries)
            .unwrap_or(defaults.journal_entries_max),
        journal_file: journal(flags, config, document),
        ..defaults
    })
}

fn clock(flags: &Flags, config: &Config, document: Option<&Document>) -> Result<Clock, String> {
    let read = |text: &str| {
        let held = text.parse().map(Clock::held_at).ok();
        held.and_then(|clock| clock.checked().ok())
            .ok_or_else(|| format!("{text:?} is not a time such as 2030-01-01T00:00:00Z"))
    };
    match (&flags.hold_clock, &config.hold_clock, document) {
        (Some(text), _, _) => read(text).map_err(|problem| format!("--hold-clock: {problem}")),
        (None, Some(text), Some(document)) => {
            read(text).map_err(|problem| document.problem_at("holdClock", &problem).to_string())
        }
        _ => Ok(Clock::System),
    }
}

fn journal(flags: &Flags, config: &Config, document: Option<&Document>) -> Option<JournalFile> {
    let folder = document.map_or(Path::new(""), Document::folder);
    let of_file = config.journal.as_ref();
    let path: Option<PathBuf> =
        flags.journal.clone().or_else(|| of_file.map(|journal| folder.join(&journal.file)));
    let mut file = JournalFile::at(path?);
    if let Some(sync) = flags.journal_sync.or_else(|| of_file.and_then(|journal| journal.sync)) {
        file.sync = sync.into();
    }
    let compact = of_file.and_then(|journal| journal.compact_above);
    if let Some(bytes) = flags.journal_compact_above.or(compact) {
        file.compact_above_bytes = bytes;
    }
    Some(file)
}

/// Says what became of the journal file, where that is not what one would expect.
fn tell_of_journal(mock: &Mock) {
    let Some(report) = mock.journal_report() else { return };
    if let Some(torn) = &report.torn {
        complain(&format!("warning: the journal file ended in the middle: {torn}"));
    }
    if let Some(problem) = &report.compaction_failed {
        complain(&format!("warning: the journal file is long and stays so: {problem}"));
    }
}
