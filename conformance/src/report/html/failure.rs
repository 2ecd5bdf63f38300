//! One red case: what was expected, what came, what the service saw, and how to see it again.

use super::markup::Markup;
use crate::event::CaseRecord;
use crate::finished::FinishedRun;
use crate::report::again::again;
use crate::report::{conclusion, resemblance};
use crate::stage::{Line, LineKind};
use crate::verdict::Proof;

pub(super) fn article(page: &mut Markup, record: &CaseRecord, run: &FinishedRun) {
    page.raw("<article aria-labelledby=\"").anchor(&record.case).raw("\">\n<h3 id=\"");
    page.anchor(&record.case).raw("\"><span class=\"bad\">✗ ").text(record.verdict.word());
    page.raw("</span> <code>").text(&record.case).raw("</code></h3>\n");
    if !record.counts(run.scored()) {
        page.raw("<p class=\"quiet\">Does not count for the exit code.</p>\n");
    }
    page.raw("<p>");
    page.prose(&record.title).raw("</p>\n");
    requirements(page, record);
    page.raw("<dl>\n");
    let failed = record.failures().next();
    for finding in record.failures() {
        let step = finding.step.map_or_else(String::new, |step| format!("step {step}, "));
        entry(page, "looked at", &format!("{step}{}", finding.what));
        entry(page, "expected", &finding.expected);
        entry(page, "got", &finding.got);
    }
    if let Some(because) = record.because.as_deref().filter(|_| failed.is_none()) {
        entry(page, "because", because);
    }
    let step = failed.and_then(|finding| finding.step);
    let at_step = |line: &&Line| line.step.is_some() && line.step == step;
    for line in record.trace.iter().filter(at_step).filter(|line| line.kind == LineKind::Wire) {
        entry(page, "wire", &line.text);
    }
    if let Some(so) = conclusion::of(record) {
        entry(page, "so", so);
    }
    if let Some(like) = run.summary.likeness(&record.case) {
        entry(page, "like", &resemblance::of(like));
    }
    for problem in &record.dishonest {
        entry(page, "not from the SDK?", problem);
    }
    if let Some(known) = &record.known {
        let issue = known.issue.as_deref().unwrap_or("no issue");
        entry(page, "known at", &format!("{}: {} ({issue})", known.at, known.cause));
    }
    page.raw("</dl>\n");
    trace(page, &record.trace, step);
    log(page, &record.log);
    page.raw("<p class=\"quiet\">Run it again:</p>\n<pre>");
    page.text(&again(record, run.began.as_ref())).raw("</pre>\n</article>\n");
}

fn requirements(page: &mut Markup, record: &CaseRecord) {
    page.raw("<ul>\n");
    for proof in record.proofs.iter().filter(|proof| proof.proof != Proof::Held) {
        page.raw("<li><strong>").text(&proof.requirement).raw(" ").text(proof.level.word());
        page.raw("</strong>");
        if proof.proof == Proof::Undecided {
            page.raw(" <span class=\"quiet\">(undecided)</span>");
        }
        if let Some(text) = &proof.text {
            page.raw(" ").prose(text);
        }
        if let Some(source) = &proof.source {
            page.raw(" <br>").link(source);
        }
        page.raw("</li>\n");
    }
    page.raw("</ul>\n");
}

fn entry(page: &mut Markup, label: &'static str, text: &str) {
    page.raw("<dt>").raw(label).raw("</dt><dd><code>").text(text).raw("</code></dd>\n");
}

/// Every line of the case; those of the step at which it failed are marked.
fn trace(page: &mut Markup, lines: &[Line], failed: Option<u64>) {
    if lines.is_empty() {
        return;
    }
    page.raw("<details>\n<summary>Trace (").text(&lines.len().to_string());
    page.raw(")</summary>\n<ol class=\"trace\">\n");
    for line in lines {
        let here = failed.is_some() && line.step == failed;
        page.raw(if here { "<li class=\"here\">" } else { "<li>" });
        let step = line.step.map_or_else(String::new, |step| step.to_string());
        let kind = match line.kind {
            LineKind::Ask => "ask",
            LineKind::Answer => "answer",
            LineKind::Wire => "wire",
            LineKind::Note => "note",
        };
        page.raw("<span class=\"step\">").text(&step).raw("</span> <span class=\"kind\">");
        page.raw(kind).raw("</span> <span>").text(&line.text).raw("</span></li>\n");
    }
    page.raw("</ol>\n</details>\n");
}

fn log(page: &mut Markup, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    page.raw("<details>\n<summary>Log of the driver (").text(&lines.len().to_string());
    page.raw(")</summary>\n<ol class=\"log\">\n");
    for line in lines {
        page.raw("<li>").text(line).raw("</li>\n");
    }
    page.raw("</ol>\n</details>\n");
}
