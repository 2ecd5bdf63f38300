//! The command line.

mod bless;
mod compare;
mod doctor;
mod drift;
mod evidence;
mod explain;
mod list;
mod look;
mod new_driver;
mod prove;
mod replay;
mod report;
mod reports;
mod run;
mod select;
mod service;
mod sets;
mod smoke;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::exit::Exit;
use crate::requirement::{Level, Requirements};
use crate::{protocol_page, schema};

use look::ColourWhen;
use reports::ReportArgs;
use service::ServiceArgs;

const EXAMPLES: &str = "\
Examples:
  mfa-conformance                                    the suite against the reference SDK, in this process
  mfa-conformance --driver 'exec:node driver.mjs'    an SDK in a process of its own
  mfa-conformance --select 'totp/**' --trace         one family, with every step
  mfa-conformance --driver inproc:mutant/sdk/swallow-401   a saboteur that must be caught
  mfa-conformance list --requirements                what is demanded, and where it comes from
  mfa-conformance explain start/first-totp-device    one case in words
  mfa-conformance run --record run.ndjson            keep every event, for any report later
  mfa-conformance report run.ndjson --html run.html  a page for people, from what was recorded
  mfa-conformance new-driver js my-driver            a driver to fill in, for an SDK of your own
  mfa-conformance smoke --driver 'exec:node driver.mjs'    what is wrong with it, and what to do next
  mfa-conformance prove                              what is broken on purpose, and that it is caught
  mfa-conformance compare before.ndjson run.ndjson   what differs; exit 8 for a regression
  mfa-conformance --service http://127.0.0.1:4400/api/v0   a running mfa-mock in place of an SDK
  mfa-conformance drift mock.json other.json         on what two services differ; exit 8 if they do

Exit codes (the first that applies, in this order):
  7 the suite is broken · 2 usage · 3 driver or service not reached · 9 driver dishonest
  4 nothing selected or not all run · 6 crash or hang · 1 nonconformance · 8 regression or drift
  5 expectations · 0 fine";

/// Judges an MFA SDK through its driver.
#[derive(Debug, Parser)]
#[command(name = "mfa-conformance", version, after_help = EXAMPLES)]
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Plays cases against a driver (the default)
    #[command(after_help = EXAMPLES)]
    Run(Box<RunArgs>),
    /// Lists cases, or the requirements they prove; all of them, or those that a run would play
    List(Box<list::ListArgs>),
    /// Lists the frozen sets of requirements, or prints what a new one would hold
    Sets(sets::SetsArgs),
    /// Tells a case, a requirement or a guide in words
    Explain {
        /// Id of a case or of a requirement, or name of a guide
        name: String,
    },
    /// Makes any report anew from a recorded run, as the run itself would have written it
    Report(Box<report::ReportCommand>),
    /// Holds two recorded runs against each other; exit 8 when something that held no longer does
    Compare(compare::CompareArgs),
    /// Holds the reports of two services against each other; exit 8 when they differ
    Drift(drift::DriftArgs),
    /// Judges recorded evidence anew, without a driver
    Replay(Box<replay::ReplayArgs>),
    /// Brings an expectation file up to date with a recorded run of the whole suite
    Bless(bless::BlessArgs),
    /// Makes first contact with a driver: nine checks, each with what is wrong and what to do next
    Smoke(smoke::SmokeArgs),
    /// Writes a template of a driver: the protocol is there, the SDK's calls are to be filled in
    NewDriver(new_driver::NewDriverArgs),
    /// Shows that the suite can fail: meets everything that is broken on purpose
    Prove(prove::ProveArgs),
    /// Looks at what this machine has and lacks: a port, programs, a driver's packages
    Doctor(doctor::DoctorArgs),
    /// Prints the JSON Schema of the JSON report or of a recording's lines, or the driver protocol
    Schema {
        /// What to describe
        what: Described,
    },
}

/// What has a published schema.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Described {
    /// The document that --json writes
    Report,
    /// One line of what --record writes
    Recording,
    /// What runner and driver say to each other (Markdown)
    DriverProtocol,
}

use select::SelectArgs;

#[derive(Debug, Args)]
struct RunArgs {
    /// Where the SDK is: exec:COMMAND, inproc:reference, inproc:mutant/sdk/NAME or inproc:mutant/driver/NAME;
    /// lying:NAME:CONNECT wraps a lie around any of them (`list --lies`) [default: inproc:reference]
    #[arg(long, value_name = "CONNECT")]
    driver: Option<String>,
    #[command(flatten)]
    service: ServiceArgs,
    #[command(flatten)]
    select: SelectArgs,
    /// Workers, each with a driver of its own; two more than there are cores if absent, as some cases only wait; six more if neither driver nor service is another process
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Seed of identifiers and order; drawn and printed if absent
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Play cases in the order of the suite
    #[arg(long)]
    no_shuffle: bool,
    /// Seconds that the SDK has for one op
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    deadline: u64,
    /// Record every event in this file as it happens, one JSON object a line
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    #[command(flatten)]
    reports: ReportArgs,
    /// Hold the run against this earlier one (recording or JSON report); exit 8 for a regression
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Known deviations of this SDK (TOML; docs/expectations.md explains it)
    #[arg(long, value_name = "FILE")]
    expectations: Option<PathBuf>,
    /// Play against a service that is broken on purpose (`list --broken-services`)
    #[arg(long, value_name = "NAME")]
    broken_service: Option<String>,
    /// Show every step of every case
    #[arg(long)]
    trace: bool,
    /// Colour the output on a terminal, always or never; NO_COLOR is respected
    #[arg(long, visible_alias = "colour", value_name = "WHEN", default_value = "auto")]
    color: ColourWhen,
    /// Count by the rows and levels of a frozen set (`sets`); rows that came later count for nothing
    #[arg(long, value_name = "SET")]
    set: Option<String>,
    /// The least binding level whose failures count for the exit code
    #[arg(long, value_name = "LEVEL", default_value = "must", ignore_case = true)]
    strict: Level,
}

/// Runs the command line; the exit code is documented at [`Exit`].
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let asked = matches!(error.exit_code(), 0);
            // Nothing is left to do when even the usage cannot be printed.
            let _ = error.print();
            return if asked { ExitCode::SUCCESS } else { ended(Exit::Usage) };
        }
    };
    let exit = match Requirements::load() {
        Err(error) => Err((Exit::Harness, error.to_string())),
        Ok(requirements) => match cli.command {
            None => run::run(&cli.run, requirements),
            Some(Command::Run(args)) => run::run(&args, requirements),
            Some(Command::List(args)) => list::list(&args, &requirements),
            Some(Command::Sets(args)) => sets::sets(&args, &requirements),
            Some(Command::Explain { name }) => explain::explain(&name, &requirements),
            Some(Command::Report(args)) => report::report(&args),
            Some(Command::Compare(args)) => compare::compare(&args),
            Some(Command::Drift(args)) => drift::drift(&args, &requirements),
            Some(Command::Replay(args)) => replay::replay(&args, requirements),
            Some(Command::Bless(args)) => bless::bless(&args, &requirements),
            Some(Command::Doctor(args)) => doctor::doctor(&args),
            Some(Command::Prove(args)) => prove::prove(&args, &requirements),
            Some(Command::NewDriver(args)) => new_driver::new_driver(&args),
            Some(Command::Smoke(args)) => smoke::smoke(&args),
            Some(Command::Schema { what: Described::Report }) => {
                list::print_json(&schema::report())
            }
            Some(Command::Schema { what: Described::DriverProtocol }) => {
                list::print(&protocol_page::markdown())
            }
            Some(Command::Schema { what: Described::Recording }) => {
                list::print_json(&schema::recording())
            }
        },
    };
    match exit {
        Ok(exit) => ended(exit),
        Err((exit, problem)) => {
            let _ = writeln!(io::stderr(), "mfa-conformance: {problem}");
            ended(exit)
        }
    }
}

fn ended(exit: Exit) -> ExitCode {
    ExitCode::from(exit.code())
}

/// What a command ends with: an exit, or an exit with a problem to print.
type Ended = Result<Exit, (Exit, String)>;

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_arguments_run_the_reference_sdk() {
        let cli = Cli::try_parse_from(["mfa-conformance"]).unwrap();
        assert!(cli.command.is_none());
        assert_eq!(cli.run.driver, None);
        assert_eq!(cli.run.strict, Level::Must);
    }

    #[test]
    fn options_work_with_and_without_the_subcommand() {
        for args in [&["m", "--strict", "should"][..], &["m", "run", "--strict", "SHOULD"]] {
            let cli = Cli::try_parse_from(args).unwrap();
            let run = match cli.command {
                Some(Command::Run(run)) => *run,
                _ => cli.run,
            };
            assert_eq!(run.strict, Level::Should);
        }
    }
}
