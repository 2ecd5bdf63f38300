//! Set-up and checks that need more than cargo: `cargo xtask setup`, `test`, `prove`, `bench`,
//! `fuzz`, `soak`.
//!
//! Formatting, lints and documentation are absent: cargo does them by itself, and `.ci/run` calls
//! them before this.
#![expect(clippy::print_stdout, reason = "a command for people speaks on its standard output")]

mod bench;
mod fuzz;
mod instructions;
mod kept;
mod plan;
mod sdk;
mod step;
mod stopwatch;
mod tally;
mod tool;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Set-up and checks of this workspace that need more than cargo.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install the npm packages of what is tested in Node.js; does nothing when that is done.
    Setup,
    /// Write the reports that the repository keeps anew, from runs of now.
    Reports,
    /// Play every case against every mutant, and keep what was seen and the matrix of it.
    Prove(plan::Prove),
    /// Measure everything, and print one table of what was measured against the goals.
    Bench(bench::Options),
    /// Count the instructions of the hot paths (valgrind), and hold them against those that are kept.
    Instructions {
        /// Keep what is counted now in benches/instructions.json.
        #[arg(long)]
        keep: bool,
    },
    /// Run every fuzz target for a while; needs a nightly toolchain and cargo-fuzz.
    Fuzz(fuzz::Fuzz),
    /// Run a test at a size that takes long.
    Soak {
        /// Which one.
        #[command(subcommand)]
        which: Soak,
    },
    /// Set up, build, and run every check in order.
    Test {
        /// Leave out everything that needs Node.js; the run says so, and proves less.
        #[arg(long)]
        skip_sdk: bool,
    },
}

/// The tests that have a size.
#[derive(Subcommand)]
enum Soak {
    /// Kill the program under load, and look for everything that it answered.
    Crash {
        /// How often.
        #[arg(long, default_value_t = 200)]
        kills: u32,
    },
}

fn main() -> ExitCode {
    let steps = match Cli::parse().command {
        Command::Bench(options) => return bench::run(&options),
        Command::Instructions { keep } => plan::instructions(keep),
        Command::Fuzz(asked) => return fuzz::run(&asked),
        Command::Soak { which: Soak::Crash { kills } } => plan::soak_crash(kills),
        Command::Setup => plan::setup(),
        Command::Reports => plan::reports(),
        Command::Prove(options) => plan::prove(&options),
        Command::Test { skip_sdk } => plan::test(skip_sdk),
    };
    step::run_all(&steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn the_sdk_is_left_out_only_when_asked_for() {
        let skip = |words: &[&str]| match Cli::try_parse_from(words).unwrap().command {
            Command::Test { skip_sdk } => skip_sdk,
            _ => panic!("not a test"),
        };
        assert!(!skip(&["xtask", "test"]));
        assert!(skip(&["xtask", "test", "--skip-sdk"]));
    }
}
