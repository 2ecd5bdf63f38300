//! What a hunt comes to, as text for a terminal.

use std::fmt::Write as _;

use reference_driver::{FIRST_MEASURED, FirstMeasured};

use super::Hunted;
use super::fate::Fate;
use super::mutant::Family;
use super::score::{FamilyScore, Idle};
use crate::requirement::Requirements;

/// The matrix: one line a requirement, with the mutants that break it and those beside.
///
/// Of a selection only the requirements are shown that the chosen mutants break.
#[must_use]
pub fn matrix(requirements: &Requirements, hunted: &[Hunted], whole: bool, all: bool) -> String {
    let mut text = String::new();
    let met = |id: &str| hunted.iter().any(|one| one.mutant.must.requirement() == Some(id));
    for row in requirements.iter().filter(|row| all || met(&row.id)) {
        let breaking: Vec<&Hunted> = hunted
            .iter()
            .filter(|one| one.mutant.must.requirement() == Some(row.id.as_str()))
            .collect();
        let caught = breaking.iter().any(|one| matches!(one.fate, Fate::Caught(_)));
        let standing = match (&row.excluded, caught) {
            (Some(_), _) => "excluded",
            (None, true) => "proven",
            (None, false) => "UNPROVEN",
        };
        let names: Vec<String> = breaking
            .iter()
            .map(|one| {
                let mark = if one.fate.is_right() { '✓' } else { '✗' };
                format!("{mark} {}", one.mutant.id())
            })
            .collect();
        let beside = hunted
            .iter()
            .filter(|one| one.mutant.must.requirement() != Some(row.id.as_str()))
            .filter(|one| one.sightings.iter().any(|it| it.failed.contains(&row.id)))
            .count();
        let beside = match beside {
            0 => String::new(),
            many => format!("  (and under {many} others)"),
        };
        let names = if names.is_empty() { "nobody breaks it".to_owned() } else { names.join("  ") };
        let _ = writeln!(
            text,
            "{:<13} {:<6} {standing:<9} {names}{}",
            row.id,
            row.level.word(),
            if whole { beside.as_str() } else { "" }
        );
    }
    text
}

/// Those that were not caught, each with the reason.
#[must_use]
pub fn survivors(hunted: &[Hunted]) -> String {
    let mut text = String::new();
    for one in hunted.iter().filter(|one| !one.fate.is_right()) {
        let why = match &one.fate {
            Fate::Escaped(why) => why.as_str(),
            _ => "NOT APPLIED: it was never seen to sin",
        };
        let (id, sin, must) = (one.mutant.id(), one.mutant.sin, one.mutant.must.words());
        let _ = writeln!(text, "✗ {id}  {sin}\n    must show {must}\n    {why}");
    }
    text
}

/// The scores against their gates.
#[must_use]
pub fn scores(hunted: &[Hunted]) -> String {
    let mut text = String::new();
    for score in Family::ALL.map(|family| FamilyScore::of(family, hunted)) {
        if score.of == 0 {
            continue;
        }
        let mark = if score.passes() { '✓' } else { '✗' };
        let FamilyScore { family, right, of } = score;
        let (plural, percent) = (family.plural(), score.percent());
        let held_to = match family.gate() {
            Some(gate) => format!("gate {gate} %"),
            None => first_measured(),
        };
        let _ = writeln!(text, "{mark} {plural:<16} {right}/{of}  {percent} %  ({held_to})");
    }
    text
}

/// What the suite caught of the held-out SDKs before it knew them.
#[must_use]
pub fn first_measured() -> String {
    let FirstMeasured { on, caught, of } = FIRST_MEASURED;
    format!("no gate; {caught} of {of} when first met, {on}")
}

/// The cases that catch nobody.
#[must_use]
pub fn idle(idle: &Idle<'_>) -> String {
    let mut text = String::new();
    let Idle { never_red, only_beside } = idle;
    let _ = writeln!(text, "{} cases are made red by no mutant", never_red.len());
    for case in never_red {
        let _ = writeln!(text, "    {case}");
    }
    let _ = writeln!(
        text,
        "{} cases are made red by mutants, but none of these breaks what they decide",
        only_beside.len()
    );
    for case in only_beside {
        let _ = writeln!(text, "    {case}");
    }
    text
}
