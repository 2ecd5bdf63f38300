//! `sets`: the frozen sets of requirements.

use clap::Args;
use jiff::civil::Date;

use super::Ended;
use super::list::print;
use crate::exit::Exit;
use crate::requirement::set::{self, Set};
use crate::requirement::{Level, Requirements};
use crate::stopwatch;

const ABOUT: &str = "\
A set holds the requirements of one version of the API, with the levels that they had on the day
when it was frozen. `run --set SET` counts by it, so that a suite that has grown turns nobody red
who was green before: rows that came later are played and shown, and count for nothing.";

#[derive(Debug, Args)]
#[command(after_help = ABOUT)]
pub(super) struct SetsArgs {
    /// Print the set that would be frozen today for this version of the API, such as 2026-04-01
    #[arg(long, value_name = "VERSION", value_parser = day)]
    freeze: Option<Date>,
}

fn day(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "write the day of the version, such as 2026-04-01".to_owned())
}

pub(super) fn sets(args: &SetsArgs, requirements: &Requirements) -> Ended {
    match args.freeze {
        Some(api) => freeze(api, requirements),
        None => list(requirements),
    }
}

fn freeze(api: Date, requirements: &Requirements) -> Ended {
    let set = Set::freeze(api, stopwatch::today(), requirements);
    print(&set.write().map_err(|error| (Exit::Harness, error.to_string()))?)
}

fn list(requirements: &Requirements) -> Ended {
    let mut text = String::new();
    for name in set::names() {
        let set = set::named(name).map_err(|error| (Exit::Harness, error.to_string()))?;
        let of = |level| set.rows.values().filter(|row| row.level == level).count();
        let later = requirements
            .iter()
            .filter(|row| row.is_demanded_by(set.api) && row.excluded.is_none())
            .filter(|row| !set.rows.contains_key(&row.id))
            .count();
        text.push_str(&format!(
            "{name}  frozen {}  MUST {} · SHOULD {} · MAY {} · came later {later}\n",
            set.frozen,
            of(Level::Must),
            of(Level::Should),
            of(Level::May),
        ));
    }
    print(&text)
}
