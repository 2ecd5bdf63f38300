//! `drift`: the reports of two services held against each other.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::list::{print, print_json};
use super::{Ended, evidence};
use crate::drift::{Drift, Kind};
use crate::exit::Exit;
use crate::requirement::Requirements;

const ABOUT: &str = "\
Both files are reports of services: what `run --service URL` wrote with --json or --record, or a
report that is kept under version control. For each requirement, MAY included, the two are asked
what they say; where they differ, the cases and their reasons are shown, without what changes from
run to run, and the settings of the mock that DIFFERENCES.md has for the rule behind it. What did
not apply to one of the two is no difference, and is counted.

Exit codes: 8 when they differ, 2 for a file that cannot be used, else 0.";

#[derive(Debug, Args)]
#[command(after_help = ABOUT)]
pub(super) struct DriftArgs {
    /// The report of one service
    a: PathBuf,
    /// The report of the other
    b: PathBuf,
    /// Print JSON
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print Markdown
    #[arg(long)]
    markdown: bool,
}

pub(super) fn drift(args: &DriftArgs, requirements: &Requirements) -> Ended {
    let (a, b) = (evidence::run(&args.a)?, evidence::run(&args.b)?);
    let (name_a, name_b) = (args.a.display().to_string(), args.b.display().to_string());
    let drift = Drift::between((&name_a, &a), (&name_b, &b), requirements)
        .map_err(|problem| (Exit::Usage, problem))?;
    let exit = if drift.is_none() { Exit::Conformant } else { Exit::Regression };
    if args.json {
        let number = |kind| drift.of_kind(kind).count();
        let mut document = json!({
            "schema": 1,
            "exit_code": exit.code(),
            "alike": number(Kind::Alike),
            "differ": number(Kind::Differs),
            "other_reason": number(Kind::OtherReason),
            "open": number(Kind::Open),
        });
        let whole = serde_json::to_value(&drift)
            .map_err(|error| (Exit::Harness, format!("the drift cannot be written: {error}")))?;
        if let (Value::Object(fields), Value::Object(whole)) = (&mut document, whole) {
            fields.extend(whole);
        }
        print_json(&document)?;
    } else if args.markdown {
        print(&drift.markdown())?;
    } else {
        print(&drift.text())?;
    }
    Ok(exit)
}
