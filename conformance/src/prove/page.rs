//! The published matrix: requirement by mutant, as a Markdown page.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::kept::{Kept, Trail};
use super::mutant::{Family, Mutant, mutants};
use super::words;
use crate::requirement::{Requirement, Requirements};
use crate::suite;
use crate::verdict::Verdict;

/// Mutants named in a cell before the others are only counted.
const NAMED: usize = 6;

/// The page, from what is kept alone, so that it says what any other reader of it would find.
#[must_use]
pub fn markdown(requirements: &Requirements, kept: &Kept) -> String {
    let mut text = String::from(
        "# What the suite was seen to catch\n\n\
         This page is written by `cargo xtask prove`, which plays every case against every SDK,\n\
         service and driver that is broken on purpose. [Reading a report](reading-a-report.md) says\n\
         what counts as caught.\n",
    );
    scores(&mut text, kept);
    areas(&mut text, requirements, kept);
    idle(&mut text, kept);
    sins(&mut text, kept);
    text
}

fn scores(text: &mut String, kept: &Kept) {
    text.push_str("\n## Scores\n\n| family | caught | gate |\n|---|---|---|\n");
    for family in Family::ALL {
        let of_family: Vec<Mutant> =
            mutants().into_iter().filter(|mutant| mutant.family == family).collect();
        let right = of_family.iter().filter(|mutant| is_right(mutant, kept)).count();
        let (plural, of) = (family.plural(), of_family.len());
        let gate = match family.gate() {
            Some(gate) => format!("{gate} %"),
            None => words::first_measured(),
        };
        let _ = writeln!(text, "| {plural} | {right} of {of} | {gate} |");
    }
    text.push_str(
        "\nThe held-out SDKs were written from the texts of the requirements by somebody who had not\n\
         looked at the cases. The number of the day on which they were first met says what the suite\n\
         catches that its authors did not think of. Cases were sharpened for those that had escaped,\n\
         so the present one is no measure of that any longer.\n",
    );
}

/// What is put up with leaves no trail, and a question of the beginning no case.
fn is_right(mutant: &Mutant, kept: &Kept) -> bool {
    let Some(trail) = kept.trail(&mutant.id()) else { return false };
    trail.breaks.is_none() || !trail.caught_by.is_empty()
}

fn areas(text: &mut String, requirements: &Requirements, kept: &Kept) {
    let mut by_area: BTreeMap<&str, Vec<&Requirement>> = BTreeMap::new();
    for row in requirements.iter() {
        by_area.entry(row.id.split('-').nth(1).unwrap_or_default()).or_default().push(row);
    }
    text.push_str(
        "\n## Requirement by mutant\n\n\
         A requirement is proven when a mutant that breaks it was caught by it. The last column\n\
         counts mutants that break another requirement, and make this one fail beside it.\n",
    );
    for (area, rows) in by_area {
        let _ = writeln!(text, "\n### {area}\n");
        text.push_str(
            "| requirement | level | standing | broken by | beside |\n|---|---|---|---|---|\n",
        );
        for row in rows {
            let breaking: Vec<&Trail> = kept
                .trails()
                .filter(|trail| trail.breaks.as_deref() == Some(row.id.as_str()))
                .collect();
            let standing = match (&row.excluded, kept.proving(&row.id).next()) {
                (Some(_), _) => "excluded",
                (None, Some(_)) => "proven",
                (None, None) => "exercised",
            };
            let named = |trail: &&Trail| match trail.caught_by.len() {
                0 => format!("**`{}` lives**", trail.mutant),
                cases => format!("`{}` ({cases})", trail.mutant),
            };
            let names: Vec<String> = breaking.iter().map(named).collect();
            let _ = writeln!(
                text,
                "| {} {} | {} | {standing} | {} | {} |",
                row.id,
                row.title,
                row.level.word(),
                if names.is_empty() { "–".to_owned() } else { names.join(" ") },
                beside(&kept.beside(&row.id).collect::<Vec<_>>())
            );
        }
    }
}

fn beside(trails: &[&Trail]) -> String {
    match trails {
        [] => "–".to_owned(),
        few if few.len() <= NAMED => {
            few.iter().map(|trail| format!("`{}`", trail.mutant)).collect::<Vec<_>>().join(" ")
        }
        many => many.len().to_string(),
    }
}

fn idle(text: &mut String, kept: &Kept) {
    let catching: BTreeSet<&str> =
        kept.trails().flat_map(|trail| &trail.caught_by).map(String::as_str).collect();
    let red: BTreeSet<&str> =
        kept.trails().flat_map(|trail| &trail.red).map(|track| track.case.as_str()).collect();
    let all = suite::cases();
    let never: Vec<&str> = all.iter().map(|case| case.id).filter(|id| !red.contains(id)).collect();
    let beside: Vec<&str> = all
        .iter()
        .map(|case| case.id)
        .filter(|id| red.contains(id) && !catching.contains(id))
        .collect();
    let _ = write!(
        text,
        "\n## Cases that catch nobody\n\nOf {} cases, no mutant makes these red, so nothing shows \
         that they can fail:\n\n",
        all.len()
    );
    list(text, &never);
    text.push_str("\nMutants make these red, but none that breaks what they decide:\n\n");
    list(text, &beside);
}

fn list(text: &mut String, cases: &[&str]) {
    if cases.is_empty() {
        text.push_str("none.\n");
    }
    for case in cases {
        let _ = writeln!(text, "- `{case}`");
    }
}

fn sins(text: &mut String, kept: &Kept) {
    text.push_str("\n## Every mutant\n");
    for family in Family::ALL {
        let mut plural = family.plural().to_owned();
        if let Some(first) = plural.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        let _ = writeln!(text, "\n### {plural}\n");
        text.push_str("| mutant | what it does | must show | red cases |\n|---|---|---|---|\n");
        for mutant in mutants().into_iter().filter(|mutant| mutant.family == family) {
            let red = kept.trail(&mutant.id()).map_or(0, |trail| {
                trail.red.iter().filter(|track| track.verdict != Verdict::Notrun).count()
            });
            let sin = mutant.sin.trim_end_matches('.');
            let must = mutant.must.words();
            let _ = writeln!(text, "| `{}` | {sin} | {must} | {red} |", mutant.name);
        }
    }
}
