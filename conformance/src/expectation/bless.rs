//! Bringing an expectation file up to date with what a whole run has shown.
//!
//! Entries that hold stay as they were written, comments included. An entry whose failure has
//! changed gets the real signatures, one that is met by nothing goes. A new failure gets an entry
//! only with a cause and an end, because an excuse without them is a blindfold.

use std::collections::BTreeSet;

use semver::Version;
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, value};

use super::apply::{Failure, failures};
use super::{Expectation, ExpectationError, Outcome, parse};
use crate::case::Case;
use crate::event::CaseRecord;
use crate::finished::FinishedRun;
use crate::requirement::Requirements;
use crate::signature;
use crate::verdict::Verdict;

/// The name of the entries in the file.
const ENTRIES: &str = "expectation";

/// With what new failures are excused.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Why the SDK deviates, in words.
    pub cause: String,
    /// Last day of the excuse, as 2027-03-01.
    pub until: String,
    /// Where the deviation is tracked.
    pub issue: Option<String>,
}

/// What became of an expectation file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blessed {
    /// The new text of the file.
    pub text: String,
    /// What was changed, one line each.
    pub changes: Vec<String>,
    /// Red cases that the file still does not excuse, one line each.
    pub left: Vec<String>,
}

/// Why a file cannot be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum BlessError {
    /// The recording does not show the whole suite of this version.
    #[error("refused: {0}; only a run of the whole suite shows which entries are needed")]
    Partial(String),
    /// The file cannot be used as written.
    #[error(transparent)]
    Expectation(#[from] ExpectationError),
    /// The file is TOML that this command does not edit.
    #[error("{file}: {problem}")]
    Shape {
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// Rewrites the text of an expectation file after a run.
///
/// # Errors
/// The run is not a whole one of this suite, or the file, or what would become of it, is wrong.
pub fn bless(
    (file, text): (&str, &str),
    run: &FinishedRun,
    grant: Option<&Grant>,
    cases: &[&'static Case],
    requirements: &Requirements,
) -> Result<Blessed, BlessError> {
    run.is_whole().map_err(BlessError::Partial)?;
    same_suite(run, cases).map_err(BlessError::Partial)?;
    let entries = parse(file, text, cases, requirements)?;
    let shape = |problem: String| BlessError::Shape { file: file.to_owned(), problem };
    let mut document: DocumentMut =
        text.parse().map_err(|problem: toml_edit::TomlError| shape(problem.to_string()))?;
    if !entries.is_empty() && document.get(ENTRIES).is_none_or(|it| !it.is_array_of_tables()) {
        return Err(shape("entries are only edited when each is an [[expectation]]".to_owned()));
    }
    let version = run.sdk_version();
    let mut changes = Vec::new();
    let mut gone = Vec::new();
    if let Some(tables) = document.get_mut(ENTRIES).and_then(Item::as_array_of_tables_mut) {
        for (index, entry) in entries.iter().enumerate() {
            let Some(table) = tables.get_mut(index) else { continue };
            match fate(entry, version.as_ref(), &run.cases) {
                Fate::Stays => {}
                Fate::Goes => gone.push(index),
                Fate::Becomes(outcome, because) => {
                    set(table, "outcome", value(outcome.word()));
                    set(table, "because", value(Array::from_iter(because)));
                    changes.push(format!("changed {}: {}", entry.at, entry.check));
                }
            }
        }
    }
    for index in gone.into_iter().rev() {
        remove(&mut document, index);
        changes.extend(entries.get(index).map(|it| format!("removed {}: {}", it.at, it.check)));
    }
    let so_far = parse(file, &document.to_string(), cases, requirements)?;
    let unexcused = unexcused(&so_far, version.as_ref(), &run.cases);
    if let Some(grant) = grant {
        for record in &unexcused {
            if let Some(outcome) = Outcome::of(record.played) {
                add(&mut document, record, outcome, grant);
                changes.push(format!("added {}", record.case));
            }
        }
    }
    let text = document.to_string();
    let now = parse(file, &text, cases, requirements)?;
    let left = self::unexcused(&now, version.as_ref(), &run.cases);
    let told = |record: &&CaseRecord| {
        let because = record.played_because.as_deref().unwrap_or_default();
        format!("{} {}: {because}", record.played.word(), record.case)
    };
    Ok(Blessed { text, changes, left: left.iter().map(told).collect() })
}

/// A run of another version of the suite would remove entries whose cases it does not know.
fn same_suite(run: &FinishedRun, cases: &[&'static Case]) -> Result<(), String> {
    let played: BTreeSet<&str> = run.cases.iter().map(|record| record.case.as_str()).collect();
    let known: BTreeSet<&str> = cases.iter().map(|case| case.id).collect();
    match played.symmetric_difference(&known).next() {
        Some(case) if known.contains(case) => Err(format!("{case} was not played")),
        Some(case) => Err(format!("{case} is no case of this version of the suite")),
        None => Ok(()),
    }
}

/// What becomes of an entry.
enum Fate {
    Stays,
    Goes,
    Becomes(Outcome, Vec<String>),
}

fn fate(entry: &Expectation, version: Option<&Version>, records: &[CaseRecord]) -> Fate {
    if !entry.covers(version) {
        return Fate::Stays;
    }
    let mut met: Vec<(Outcome, Failure)> = Vec::new();
    for record in records {
        if let Some(outcome) = Outcome::of(record.played) {
            let named = failures(record).into_iter().filter(|it| it.is_named_by(entry, record));
            met.extend(named.map(|failure| (outcome, failure)));
        }
    }
    let Some(outcome) = met.first().map(|(outcome, _)| *outcome) else { return Fate::Goes };
    if met.iter().all(|(is, it)| *is == entry.outcome && entry.explains(&it.signature)) {
        return Fate::Stays;
    }
    let because: BTreeSet<String> = met
        .iter()
        .filter(|(is, _)| *is == outcome)
        .map(|(_, failure)| signature::stable(&failure.signature))
        .collect();
    Fate::Becomes(outcome, because.into_iter().collect())
}

fn unexcused<'a>(
    entries: &[Expectation],
    version: Option<&Version>,
    records: &'a [CaseRecord],
) -> Vec<&'a CaseRecord> {
    let is_excused = |record: &CaseRecord, failure: &Failure| {
        entries.iter().any(|entry| {
            entry.covers(version)
                && failure.is_named_by(entry, record)
                && entry.outcome.is(record.played)
                && entry.explains(&failure.signature)
        })
    };
    records
        .iter()
        .filter(|record| record.played.ran() && record.played != Verdict::Pass)
        .filter(|record| {
            !record.played.is_excusable()
                || !failures(record).iter().all(|failure| is_excused(record, failure))
        })
        .collect()
}

/// Gives a field another value and leaves the comment behind it.
fn set(table: &mut Table, name: &str, mut item: Item) {
    if let (Some(old), Some(new)) = (table.get(name).and_then(Item::as_value), item.as_value_mut())
    {
        *new.decor_mut() = old.decor().clone();
    }
    if let Some(place) = table.get_mut(name) {
        *place = item;
    }
}

/// Takes an entry away with the comment that stands right above it, and with no other.
fn remove(document: &mut DocumentMut, index: usize) {
    let Some(tables) = document.get_mut(ENTRIES).and_then(Item::as_array_of_tables_mut) else {
        return;
    };
    let Some(table) = tables.get(index) else { return };
    let above = table.decor().prefix().and_then(|raw| raw.as_str()).unwrap_or_default();
    let others = above.rfind("\n\n").map_or("", |end| above.get(..=end).unwrap_or_default());
    let others = others.to_owned();
    tables.remove(index);
    if let Some(next) = tables.get_mut(index) {
        let own = next.decor().prefix().and_then(|raw| raw.as_str()).unwrap_or_default();
        let prefix = format!("{others}{own}");
        next.decor_mut().set_prefix(prefix);
    } else {
        let own = document.trailing().as_str().unwrap_or_default().to_owned();
        document.set_trailing(format!("{others}{own}"));
    }
}

fn add(document: &mut DocumentMut, record: &CaseRecord, outcome: Outcome, grant: &Grant) {
    let because: BTreeSet<String> =
        failures(record).iter().map(|failure| signature::stable(&failure.signature)).collect();
    let mut table = Table::new();
    table.insert("check", value(&record.case));
    table.insert("outcome", value(outcome.word()));
    table.insert("because", value(Array::from_iter(because)));
    table.insert("cause", value(&grant.cause));
    if let Some(issue) = &grant.issue {
        table.insert("issue", value(issue));
    }
    table.insert("until", value(&grant.until));
    // What stood at the end of the file stays above what is added behind it.
    let above = document.trailing().as_str().unwrap_or_default().to_owned();
    let gap = if above.is_empty() && document.is_empty() { "" } else { "\n" };
    table.decor_mut().set_prefix(format!("{above}{gap}"));
    document.set_trailing("");
    let entries = document.entry(ENTRIES).or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    match entries.as_array_of_tables_mut() {
        Some(tables) => tables.push(table),
        None => *entries = Item::ArrayOfTables(ArrayOfTables::from_iter([table])),
    }
}

#[cfg(test)]
mod tests;
