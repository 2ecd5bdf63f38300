//! `list`: the suite as data, without a run.

use std::collections::BTreeMap;
use std::io::{self, Write};

use clap::Args;

use super::Ended;
use super::select::SelectArgs;
use crate::broken_service::BROKEN_SERVICES;
use crate::case::Case;
use crate::driver::LIES;
use crate::exit::Exit;
use crate::prove::kept::Kept;
use crate::requirement::{Backing, Requirements};
use crate::suite;

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// List requirements instead of cases
    #[arg(long = "requirements")]
    rows: bool,
    /// List the services that are broken on purpose
    #[arg(long, conflicts_with = "rows")]
    broken_services: bool,
    /// List the lies that can be wrapped around any driver
    #[arg(long, conflicts_with_all = ["rows", "broken_services"])]
    lies: bool,
    #[command(flatten)]
    select: SelectArgs,
}

pub(super) fn list(args: &ListArgs, requirements: &Requirements) -> Ended {
    if args.broken_services {
        return broken_services();
    }
    if args.lies {
        return lies();
    }
    let all = suite::cases();
    let selection = args.select.selection();
    let picked =
        selection.pick(&all, requirements).map_err(|error| (Exit::Usage, error.to_string()))?;
    if picked.is_empty() {
        return Err((Exit::Usage, selection.why_nothing(&all, requirements)));
    }
    match args.rows {
        true => rows(requirements, &picked, selection.is_everything()),
        false => cases(requirements, &picked),
    }
}

fn cases(requirements: &Requirements, picked: &[&Case]) -> Ended {
    let mut text = String::new();
    for case in picked {
        let proves: Vec<String> = case
            .proves
            .iter()
            .map(|id| format!("{id} {}", requirements.level(id).word()))
            .collect();
        text.push_str(&format!("{}\n    {}\n    {}\n", case.id, case.title, proves.join(", ")));
    }
    text.push_str(&format!("{} cases\n", picked.len()));
    print(&text)
}

fn rows(requirements: &Requirements, picked: &[&Case], whole: bool) -> Ended {
    let mut proved: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for case in picked {
        for id in case.proves {
            proved.entry(id).or_default().push(case.id);
        }
    }
    let mut text = String::new();
    let mut all = 0;
    for row in requirements.iter().filter(|row| whole || proved.contains_key(row.id.as_str())) {
        all += 1;
        let basis = format!("{:?}", row.basis).to_lowercase();
        let cases = proved.get(row.id.as_str());
        let backing = Backing::of(row, cases.map_or(0, Vec::len), Kept::ours()).word();
        let (id, level, title) = (&row.id, row.level.word(), &row.title);
        text.push_str(&format!("{id} {level} ({basis}, {backing})  {title}\n"));
        if let Some(why) = &row.excluded {
            text.push_str(&format!("    excluded: {why}\n"));
        }
        let cases = cases.map(|cases| cases.join(", "));
        text.push_str(&format!("    {}\n", cases.as_deref().unwrap_or("no case")));
    }
    text.push_str(&format!("{all} requirements, {} of them with a case\n", proved.len()));
    print(&text)
}

fn broken_services() -> Ended {
    let mut text = String::new();
    for broken in BROKEN_SERVICES {
        text.push_str(&format!(
            "{}\n    {}\n    must fail {}\n",
            broken.name, broken.sin, broken.breaks
        ));
    }
    text.push_str(&format!("{} broken services\n", BROKEN_SERVICES.len()));
    print(&text)
}

fn lies() -> Ended {
    let mut text = String::new();
    for lie in LIES {
        text.push_str(&format!("{}\n    {}\n    {}\n", lie.name, lie.lie, lie.caught));
    }
    text.push_str(&format!("{} lies, for --driver lying:NAME:CONNECT\n", LIES.len()));
    print(&text)
}

pub(super) fn print_json(value: &serde_json::Value) -> Ended {
    print(&format!("{value:#}\n"))
}

pub(super) fn print(text: &str) -> Ended {
    let mut out = io::stdout().lock();
    // A reader such as `head` may close the pipe early; that is no error of ours.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    Ok(Exit::Conformant)
}
