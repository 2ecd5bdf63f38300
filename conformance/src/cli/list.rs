//! `list` and `explain`: the suite as data, without a run.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::Ended;
use crate::broken_service::BROKEN_SERVICES;
use crate::case::Case;
use crate::driver::LIES;
use crate::exit::Exit;
use crate::prove::kept::Kept;
use crate::requirement::{Backing, Requirements};
use crate::suggestion;
use crate::suite;

pub(super) fn cases(requirements: &Requirements) -> Ended {
    let mut text = String::new();
    for case in suite::cases() {
        let proves: Vec<String> = case
            .proves
            .iter()
            .map(|id| format!("{id} {}", requirements.level(id).word()))
            .collect();
        text.push_str(&format!("{}\n    {}\n    {}\n", case.id, case.title, proves.join(", ")));
    }
    text.push_str(&format!("{} cases\n", suite::cases().len()));
    print(&text)
}

pub(super) fn requirements(requirements: &Requirements) -> Ended {
    let mut proved: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for case in suite::cases() {
        for id in case.proves {
            proved.entry(id).or_default().push(case.id);
        }
    }
    let mut text = String::new();
    for row in requirements.iter() {
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
    let all = requirements.iter().count();
    text.push_str(&format!("{all} requirements, {} of them with a case\n", proved.len()));
    print(&text)
}

pub(super) fn broken_services() -> Ended {
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

pub(super) fn lies() -> Ended {
    let mut text = String::new();
    for lie in LIES {
        text.push_str(&format!("{}\n    {}\n    {}\n", lie.name, lie.lie, lie.caught));
    }
    text.push_str(&format!("{} lies, for --driver lying:NAME:CONNECT\n", LIES.len()));
    print(&text)
}

pub(super) fn explain(id: &str, requirements: &Requirements) -> Ended {
    let all = suite::cases();
    let Some(case) = all.iter().find(|case| case.id == id) else {
        let hint = suggestion::hint(id, all.iter().map(|case| case.id));
        return Err((Exit::Usage, format!("unknown case \"{id}\"{hint}")));
    };
    print(&words(case, requirements))
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

pub(super) fn print_json(value: &serde_json::Value) -> Ended {
    print(&format!("{value:#}\n"))
}

pub(super) fn print(text: &str) -> Ended {
    let mut out = io::stdout().lock();
    // A reader such as `head` may close the pipe early; that is no error of ours.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    Ok(Exit::Conformant)
}
