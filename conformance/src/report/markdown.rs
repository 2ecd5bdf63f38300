//! A job summary in Markdown: what a reviewer needs without opening anything.

use super::again::again;
use super::plain::plain;
use super::{conclusion, resemblance};
use crate::event::{CaseRecord, RunBegan};
use crate::finished::FinishedRun;
use crate::matrix;
use crate::stage::LineKind;
use crate::verdict::{Proof, Verdict};

/// Red cases that are told in full; GitHub takes at most 1 MiB of summary from a step.
const TOLD_MAX: usize = 50;

/// Known deviations and reasons that are listed.
const LISTED_MAX: usize = 100;

/// The whole report.
pub(super) fn render(run: &FinishedRun) -> String {
    let summary = &run.summary;
    let mut text = format!(
        "# MFA conformance: exit {}, {}\n\n`{}`\n\n",
        summary.exit.code(),
        summary.exit.meaning(),
        summary.totals.line()
    );
    if let Some(began) = &run.began {
        text.push_str(&setting(run, began));
    }
    text.push_str(&numbers(run));
    text.push_str(&guides(run));
    text.push_str(&red_cases(run));
    text.push_str(&list(
        "Known deviations",
        run.cases.iter().filter_map(|record| {
            let known = record.known.as_ref()?;
            let issue = known.issue.as_deref().map(|issue| format!(" ({})", words(issue)));
            let departs = record.proofs.iter().filter(|proof| proof.proof == Proof::Failed);
            let departs = departs.map(|proof| {
                let source = proof.source.as_deref().map(|source| format!(" {}", words(source)));
                format!(
                    "; {} {}{}",
                    proof.level.word(),
                    proof.requirement,
                    source.unwrap_or_default()
                )
            });
            Some(format!(
                "{} {} at {}: {}{}{}",
                record.verdict.word(),
                code(&record.case),
                code(&known.at),
                words(&known.cause),
                issue.unwrap_or_default(),
                departs.collect::<String>()
            ))
        }),
    ));
    if run.began.as_ref().is_some_and(|began| began.is_frozen) {
        text.push_str(&deviations(run));
        text.push_str(&requirements(run));
        text.push_str(&not_applicable(run));
    }
    let reasons = summary.reasons.iter();
    text.push_str(&list(
        "What speaks for another exit than 0",
        reasons.map(|reason| format!("exit {}: {}", reason.exit.code(), words(&reason.text))),
    ));
    text
}

fn setting(run: &FinishedRun, began: &RunBegan) -> String {
    let mut text = "| | |\n|---|---|\n".to_owned();
    if !began.judges_service() {
        text.push_str(&format!(
            "| driver | {} ({}) |\n| sdk | {} |\n| sdk on the wire | {} |\n",
            code(&began.connect),
            words(began.driver.as_deref().unwrap_or("not attached")),
            words(began.sdk.as_deref().unwrap_or("unknown")),
            words(run.summary.sdk_on_wire.as_deref().unwrap_or("nothing")),
        ));
    }
    if let Some(service) = &began.service {
        let name = service.name.as_deref().unwrap_or("not reached");
        text.push_str(&format!("| service | {} ({}) |\n", code(&service.target), words(name)));
    }
    text.push_str(&format!("| seed | {} |\n", began.seed));
    if !began.complete {
        text.push_str("| selection | a part of the suite |\n");
    }
    if let Some(name) = &began.broken_service {
        text.push_str(&format!("| service | broken on purpose: {} |\n", code(name)));
    }
    if began.judged_anew {
        text.push_str("| evidence | recorded earlier, judged anew |\n");
    }
    text.push('\n');
    text
}

fn numbers(run: &FinishedRun) -> String {
    let totals = &run.summary.totals;
    let mut text = "| level | held | decided |\n|---|---:|---:|\n".to_owned();
    for (level, tally) in [("MUST", totals.must), ("SHOULD", totals.should), ("MAY", totals.may)] {
        text.push_str(&format!("| {level} | {} | {} |\n", tally.held, tally.of));
    }
    text.push('\n');
    text
}

fn guides(run: &FinishedRun) -> String {
    let cells = matrix::cells(run);
    if cells.is_empty() {
        return String::new();
    }
    let mut text =
        "## Guides\n\n| guide | result | MUST | SHOULD | walks |\n|---|---|---:|---:|---:|\n"
            .to_owned();
    for cell in cells {
        text.push_str(&format!(
            "| {} | {} | {}/{} | {}/{} | {}/{} |\n",
            cell.guide.name(),
            cell.result.word(),
            cell.must.held,
            cell.must.of,
            cell.should.held,
            cell.should.of,
            cell.walks.held,
            cell.walks.of
        ));
    }
    text.push('\n');
    text
}

/// Every requirement and how it stands, for whoever reads the kept report and nothing else.
fn requirements(run: &FinishedRun) -> String {
    let rows = run.began.iter().flat_map(|began| &began.requirements);
    let mut text =
        "## Requirements\n\n| requirement | level | status | what is owed | cases |\n|---|---|---|---|---:|\n"
            .to_owned();
    for (row, standing) in rows.zip(matrix::standings(run)) {
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} |\n",
            words(&row.id),
            row.level.word(),
            standing.status.word(),
            words(&row.title),
            standing.decided_by.len()
        ));
    }
    text.push('\n');
    text
}

/// Each known deviation with its requirement, the page it departs from, and what was said and sent.
fn deviations(run: &FinishedRun) -> String {
    let known = run.cases.iter().filter(|record| record.known.is_some());
    let mut text = String::new();
    for record in known {
        text.push_str(&failure(record, run));
        text.push_str("<details><summary>Trace</summary>\n\n");
        for line in &record.trace {
            let step = line.step.map_or_else(String::new, |step| format!("{step} "));
            let way = match line.kind {
                LineKind::Ask => "&gt;",
                LineKind::Wire => "~",
                LineKind::Answer => "&lt;",
                LineKind::Note => "·",
            };
            text.push_str(&format!("- {step}{way} {}\n", code(&line.text)));
        }
        text.push_str("\n</details>\n\n");
    }
    if text.is_empty() { text } else { format!("## The deviations, one by one\n\n{text}") }
}

fn not_applicable(run: &FinishedRun) -> String {
    let cases = run.cases.iter().filter(|record| record.verdict == Verdict::Na);
    list(
        "What does not apply",
        cases.map(|record| {
            let because = record.because.as_deref().unwrap_or_default();
            format!("{}: {}", code(&record.case), words(because))
        }),
    )
}

fn red_cases(run: &FinishedRun) -> String {
    let red: Vec<&CaseRecord> =
        run.cases.iter().filter(|record| !record.verdict.is_quiet()).collect();
    if red.is_empty() {
        return String::new();
    }
    let mut text = "## What is red\n\n".to_owned();
    for record in red.iter().take(TOLD_MAX) {
        text.push_str(&failure(record, run));
    }
    if red.len() > TOLD_MAX {
        text.push_str(&format!("… and {} more red cases.\n\n", red.len() - TOLD_MAX));
    }
    text
}

fn failure(record: &CaseRecord, run: &FinishedRun) -> String {
    let mut text = format!(
        "### {}{} {}\n\n{}\n\n",
        record.verdict.word(),
        if record.counts(run.scored()) { "" } else { " (does not count)" },
        code(&record.case),
        words(&record.title)
    );
    for proof in record.proofs.iter().filter(|proof| proof.proof != Proof::Held) {
        let source = proof.source.as_deref().map(|page| format!(" ({})", words(page)));
        text.push_str(&format!(
            "- **{} {}** {}: {}{}\n",
            words(&proof.requirement),
            proof.level.word(),
            if proof.proof == Proof::Failed { "failed" } else { "undecided" },
            words(proof.text.as_deref().unwrap_or_default()),
            source.unwrap_or_default()
        ));
    }
    for finding in record.failures() {
        // A frozen finding may hold nothing but what was looked at.
        if finding.expected.is_empty() && finding.got.is_empty() {
            text.push_str(&format!("- {}\n", words(&finding.what)));
            continue;
        }
        text.push_str(&format!(
            "- {}: expected {}, got {}\n",
            words(&finding.what),
            code(&finding.expected),
            code(&finding.got)
        ));
    }
    if record.failures().next().is_none()
        && let Some(because) = &record.because
    {
        text.push_str(&format!("- because {}\n", words(because)));
    }
    if let Some(so) = conclusion::of(record) {
        text.push_str(&format!("- so {so}\n"));
    }
    if let Some(like) = run.summary.likeness(&record.case) {
        text.push_str(&format!("- like {}\n", words(&resemblance::of(like))));
    }
    text.push_str(&format!("- again: {}\n\n", code(&again(record, run.began.as_ref()))));
    text
}

fn list(title: &str, items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    if items.is_empty() {
        return String::new();
    }
    let mut text = format!("## {title}\n\n");
    for item in items.iter().take(LISTED_MAX) {
        text.push_str(&format!("- {item}\n"));
    }
    if items.len() > LISTED_MAX {
        text.push_str(&format!("- … and {} more\n", items.len() - LISTED_MAX));
    }
    text.push('\n');
    text
}

/// Prose in which nothing is markup: neither of Markdown, nor of HTML, nor of a table.
pub(crate) fn words(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in plain(text).chars() {
        match letter {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            // An `@` would notify somebody, a `|` would end a cell.
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => {
                shown.push('\\');
                shown.push(letter);
            }
            '@' => shown.push_str("&#64;"),
            _ => shown.push(letter),
        }
    }
    shown
}

/// A text in monospace, which no number of backticks in it can end.
fn code(text: &str) -> String {
    let escaped = plain(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('|', "&#124;")
        .replace('`', "&#96;")
        .replace('*', "&#42;")
        .replace('_', "&#95;")
        .replace('[', "&#91;")
        .replace('~', "&#126;")
        .replace('\\', "&#92;")
        .replace('@', "&#64;");
    format!("<code>{escaped}</code>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_markup() {
        assert_eq!(words("<b>|`x` *y*\n# z"), "&lt;b&gt;\\|\\`x\\` \\*y\\*⏎\\# z");
        assert_eq!(code("a`|</code>*b*"), "<code>a&#96;&#124;&lt;/code&gt;&#42;b&#42;</code>");
    }
}
