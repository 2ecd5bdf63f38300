//! `explain`: a case, a requirement or a guide in words, without a run.

use super::Ended;
use super::list::print;
use crate::case::{Case, Guide};
use crate::exit::Exit;
use crate::prove::kept::Kept;
use crate::requirement::{Requirement, Requirements};
use crate::suggestion;
use crate::suite;

pub(super) fn explain(name: &str, requirements: &Requirements) -> Ended {
    let all = suite::cases();
    if let Some(case) = all.iter().find(|case| case.id == name) {
        return print(&words(case, requirements));
    }
    if let Some(row) = requirements.find(name) {
        return print(&requirement(row, &all));
    }
    if let Some(named) = Guide::named(name) {
        return print(&guide(named, &all, requirements));
    }
    let known = all.iter().map(|case| case.id).chain(requirements.ids());
    let hint = suggestion::hint(name, known.chain(Guide::ALL.map(Guide::name)));
    let problem = format!("\"{name}\" is no case, no requirement and no guide{hint}");
    Err((Exit::Usage, problem))
}

fn requirement(row: &Requirement, all: &[&Case]) -> String {
    let mut text = format!("{} {}: {}\n    {}\n", row.id, row.level.word(), row.title, row.text);
    if let Some(source) = &row.source {
        text.push_str(&format!("    {source}\n"));
    }
    if let Some(why) = &row.excluded {
        text.push_str(&format!("    excluded: {why}\n"));
    }
    let decides = |case: &&&Case| case.proves.contains(&row.id.as_str());
    let cases: Vec<&str> = all.iter().filter(decides).map(|case| case.id).collect();
    let mutants: Vec<&str> =
        Kept::ours().proving(&row.id).map(|trail| trail.mutant.as_str()).collect();
    for (what, names) in [("decided by", cases), ("shown to fail under", mutants)] {
        text.push_str(&format!("\n  {what}\n"));
        for name in &names {
            text.push_str(&format!("    {name}\n"));
        }
        if names.is_empty() {
            text.push_str("    nothing\n");
        }
    }
    text
}

fn guide(guide: Guide, all: &[&Case], requirements: &Requirements) -> String {
    let cases: Vec<&&Case> = all.iter().filter(|case| case.guides.contains(&guide)).collect();
    let decided = |id: &str| cases.iter().any(|case| case.proves.contains(&id));
    let rows: Vec<&Requirement> = requirements.iter().filter(|row| decided(&row.id)).collect();
    let name = guide.name();
    let mut text = format!("{name}: {} requirements, {} cases\n\n", rows.len(), cases.len());
    for row in rows {
        text.push_str(&format!("  {} {}  {}\n", row.id, row.level.word(), row.title));
    }
    text.push('\n');
    for case in cases {
        text.push_str(&format!("  {}\n    {}\n", case.id, case.title));
    }
    text.push_str(&format!("\nplay them: mfa-conformance run --guide {name} --driver …\n"));
    text
}

fn words(case: &Case, requirements: &Requirements) -> String {
    let mut text = format!("{}\n  {}\n", case.id, case.title);
    for id in case.proves {
        match requirements.find(id) {
            Some(row) => {
                text.push_str(&format!("\n  proves {id} {}: {}\n", row.level.word(), row.title));
                text.push_str(&format!("    {}\n", row.text));
                if let Some(source) = &row.source {
                    text.push_str(&format!("    {source}\n"));
                }
            }
            None => text.push_str(&format!("\n  proves {id}, which has no row\n")),
        }
    }
    let guides: Vec<&str> = case.guides.iter().map(|guide| guide.name()).collect();
    text.push_str(&format!(
        "\n  guides   {}\n  needs    {}\n",
        guides.join(", "),
        case.needs.join(", ")
    ));
    text.push_str(&format!("  counter  {}\n", case.counter.unwrap_or("none")));
    for (path, value) in case.world.settings {
        text.push_str(&format!("  setting  {path} = {value}\n"));
    }
    for person in case.world.people {
        let totp = if person.totp.is_some() { ", with a TOTP device" } else { "" };
        let codes = person.recovery.len();
        text.push_str(&format!("  person   {}{totp}, {codes} recovery codes\n", person.email));
    }
    text
}
