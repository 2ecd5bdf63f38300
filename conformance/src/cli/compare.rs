//! `compare`: two earlier runs held against each other.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::list::{print, print_json};
use super::{Ended, evidence};
use crate::compare::{Change, Comparison, Kind};
use crate::event::CaseRecord;
use crate::exit::Exit;
use crate::suggestion;

const ABOUT: &str = "\
Both files may be recordings (--record) or JSON reports (--json).

Cases and requirements are compared as they were played, before any expectation file. A regression
is a MUST or SHOULD that held before and does not now, or a case that passed before and that the
driver no longer claims or reaches. What an expectation file of the second run excuses is listed,
but is no regression; nor is a case that only one of the files knows, because a part of the suite
may have been selected. Reasons are compared without identifiers, times and ports.

Exit codes: 8 for a regression, 2 for a file that cannot be read, else 0.";

#[derive(Debug, Args)]
#[command(after_help = ABOUT)]
pub(super) struct CompareArgs {
    /// The earlier run
    before: PathBuf,
    /// The later run
    after: PathBuf,
    /// What is called NEW in the later run was called OLD in the earlier (a case or a requirement;
    /// may be given more than once)
    #[arg(long = "alias", value_name = "OLD=NEW")]
    aliases: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn compare(args: &CompareArgs) -> Ended {
    let mut before = evidence::run(&args.before)?;
    for alias in &args.aliases {
        rename(&mut before.cases, alias).map_err(|problem| (Exit::Usage, problem))?;
    }
    let after = evidence::run(&args.after)?;
    let compared = Comparison::of(&before.cases, &after.cases);
    let regressions = compared.regressions().count();
    let exit = if regressions > 0 { Exit::Regression } else { Exit::Conformant };
    if args.json {
        print_json(&json!({
            "schema": 1,
            "exit_code": exit.code(),
            "regressions": regressions,
            "requirements": compared.requirements,
            "cases": compared.cases,
        }))?;
    } else {
        print(&words(&compared))?;
    }
    Ok(exit)
}

/// Gives a case or a requirement of the earlier run the name that it has now.
fn rename(records: &mut [CaseRecord], alias: &str) -> Result<(), String> {
    let (old, new) = alias
        .split_once('=')
        .filter(|(old, new)| !old.is_empty() && !new.is_empty())
        .ok_or_else(|| format!("--alias {alias}: write OLD=NEW"))?;
    let requirements = |record: &CaseRecord| -> Vec<String> {
        record.proofs.iter().map(|proof| proof.requirement.clone()).collect()
    };
    let known: BTreeSet<String> = records
        .iter()
        .flat_map(|record| requirements(record).into_iter().chain([record.case.clone()]))
        .collect();
    if !known.contains(old) {
        let hint = suggestion::hint(old, known.iter().map(String::as_str));
        return Err(format!("--alias {alias}: the earlier run has no \"{old}\"{hint}"));
    }
    if known.contains(new) {
        return Err(format!("--alias {alias}: the earlier run has a \"{new}\" of its own"));
    }
    for record in records {
        if record.case == old {
            new.clone_into(&mut record.case);
        }
        for proof in record.proofs.iter_mut().filter(|proof| proof.requirement == old) {
            new.clone_into(&mut proof.requirement);
        }
    }
    Ok(())
}

fn words(compared: &Comparison) -> String {
    let mut text = String::new();
    for kind in Kind::ALL {
        for (what, list) in [("requirement", &compared.requirements), ("case", &compared.cases)] {
            let of_kind: Vec<&Change> = list.iter().filter(|change| change.kind == kind).collect();
            if of_kind.is_empty() {
                continue;
            }
            let plural = if of_kind.len() == 1 { "" } else { "s" };
            text.push_str(&format!("{} {what}{plural} {}\n", of_kind.len(), kind.words()));
            for change in of_kind {
                let mark = if change.counts { '✗' } else { ' ' };
                let before = change.before.as_deref().unwrap_or("absent");
                let after = change.after.as_deref().unwrap_or("absent");
                text.push_str(&format!("  {mark} {}  {before} → {after}\n", change.id));
                if let Some(because) = &change.because {
                    text.push_str(&format!("      {because}\n"));
                }
            }
        }
    }
    let regressions = compared.regressions().count();
    let changes = compared.requirements.len() + compared.cases.len();
    let of = |many: usize, what| format!("{many} {what}{}", if many == 1 { "" } else { "s" });
    let (changes, regressions) = (of(changes, "change"), of(regressions, "regression"));
    text.push_str(&format!("{changes} · {regressions}\n"));
    text
}
