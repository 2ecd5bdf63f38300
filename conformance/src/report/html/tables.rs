//! The tables of the page: the run, its guides, its requirements and its cases.

use super::failure;
use super::markup::{Markup, Tone};
use crate::event::{CaseRecord, RequirementRecord};
use crate::finished::FinishedRun;
use crate::matrix::{self, CellResult, Standing, Status};
use crate::requirement::Level;
use crate::score::Tally;
use crate::verdict::Verdict;

/// How the run was set up.
pub(super) fn setting(page: &mut Markup, run: &FinishedRun) {
    page.raw("<dl>\n");
    if let Some(began) = &run.began {
        entry(
            page,
            "Driver",
            &format!("{} ({})", began.connect, began.driver.as_deref().unwrap_or("not attached")),
        );
        entry(page, "SDK", began.sdk.as_deref().unwrap_or("unknown"));
        let platform = began.platform.as_deref().unwrap_or("unknown");
        let language = began.language.as_deref().unwrap_or("unknown");
        entry(page, "Platform", &format!("{platform}, {language}"));
        let selection = if began.complete { "the whole suite" } else { "a part of the suite" };
        entry(page, "Selection", &format!("{selection}, {} cases", began.planned));
        entry(page, "Counts for the exit", &format!("{} and above", began.scored.word()));
        entry(page, "Seed", &began.seed.to_string());
        entry(page, "Suite", &began.suite);
        if let Some(service) = &began.service {
            let name = service.name.as_deref().unwrap_or("not reached");
            entry(page, "Service", &format!("{} ({name})", service.target));
        }
        if began.judges_service() {
            entry(page, "Judged", "the service; what only an SDK owes is left out");
        }
        if let Some(name) = &began.broken_service {
            entry(page, "Service", &format!("broken on purpose: {name}"));
        }
        if began.judged_anew {
            entry(page, "Evidence", "recorded earlier and judged anew; nothing was played");
        }
        if !began.undeclared.is_empty() {
            entry(page, "The driver is silent about", &began.undeclared.join(", "));
        }
    }
    let wire = run.summary.sdk_on_wire.as_deref().unwrap_or("nothing was sent");
    entry(page, "SDK on the wire", wire);
    entry(page, "Time", &format!("{} ms", run.summary.duration_ms));
    page.raw("</dl>\n");
}

fn entry(page: &mut Markup, label: &'static str, text: &str) {
    page.raw("<dt>").raw(label).raw("</dt><dd>").text(text).raw("</dd>\n");
}

/// The guides, for the platform of the driver.
pub(super) fn guides(page: &mut Markup, run: &FinishedRun) {
    let cells = matrix::cells(run);
    if cells.is_empty() {
        page.raw("<p>The run never began.</p>\n");
        return;
    }
    let began = run.began.as_ref();
    let platform = began.and_then(|began| began.platform.as_deref()).unwrap_or("unknown");
    page.raw("<p>How the SDK fares in each guide of the product on the platform <code>");
    page.text(platform).raw("</code>. Where the vendor publishes no guide for it, the numbers ");
    page.raw("are from testing it anyway.</p>\n");
    head(page, "Guides", &["Guide", "Result", "MUST", "SHOULD", "MAY", "Walks"]);
    for cell in cells {
        let tone = match cell.result {
            CellResult::Success => Tone::Good,
            CellResult::Failure => Tone::Bad,
            CellResult::Partial => Tone::Mind,
            CellResult::NotClaimed | CellResult::NotRun | CellResult::NoGuide => Tone::Quiet,
        };
        page.raw("<tr><th scope=\"row\">").text(cell.guide.name());
        page.raw("</th><td class=\"line\">").marked(tone, cell.result.word()).raw("</td>");
        number(page, "MUST", cell.must);
        number(page, "SHOULD", cell.should);
        number(page, "MAY", cell.may);
        number(page, "Walks", cell.walks);
        page.raw("</tr>\n");
    }
    foot(page);
}

/// Columns that hold numbers, in whatever table.
const NUMBERS: [&str; 5] = ["MUST", "SHOULD", "MAY", "Walks", "Time"];

/// How many hold of how many; what is not full is printed bold.
fn number(page: &mut Markup, label: &'static str, tally: Tally) {
    let short = tally.held < tally.of;
    page.raw(if short { "<td class=\"number short\" " } else { "<td class=\"number\" " });
    page.raw("data-label=\"").raw(label).raw("\">");
    page.text(&format!("{}/{}", tally.held, tally.of)).raw("</td>");
}

/// Every requirement of the suite and how it stands; what needs nobody's eye is folded away.
pub(super) fn requirements(page: &mut Markup, run: &FinishedRun) {
    let standings = matrix::standings(run);
    let rows = run.began.iter().flat_map(|began| &began.requirements);
    let (held, others): (Vec<_>, Vec<_>) =
        rows.zip(&standings).partition(|(_, standing)| standing.status == Status::Held);
    let (red, silent): (Vec<_>, Vec<_>) = others
        .into_iter()
        .partition(|(_, standing)| matches!(standing.status, Status::Failed | Status::Undecided));
    if standings.is_empty() {
        page.raw("<p>The run never began.</p>\n");
    } else if red.is_empty() {
        page.raw("<p>None is known to be broken.</p>\n");
    } else {
        owed_rows(page, "Requirements that do not hold", &red);
    }
    for (name, rows) in [
        ("Requirements that hold", held),
        ("Requirements about which the run says nothing", silent),
    ] {
        if !rows.is_empty() {
            page.raw("<details>\n<summary>").raw(name).raw(" (");
            page.text(&rows.len().to_string()).raw(")</summary>\n");
            owed_rows(page, name, &rows);
            page.raw("</details>\n");
        }
    }
}

fn owed_rows(page: &mut Markup, name: &'static str, rows: &[(&RequirementRecord, &Standing)]) {
    head(page, name, &["Requirement", "Level", "Status", "What is owed"]);
    for (row, standing) in rows {
        let tone = match standing.status {
            Status::Held => Tone::Good,
            Status::Failed | Status::Undecided if row.level == Level::May => Tone::Mind,
            Status::Failed | Status::Undecided => Tone::Bad,
            Status::NotClaimed | Status::NotRun | Status::Untested => Tone::Quiet,
        };
        page.raw("<tr><th scope=\"row\" class=\"id\">").text(&row.id);
        page.raw("</th><td class=\"line\">").text(row.level.word());
        page.raw("</td><td class=\"line\">").marked(tone, standing.status.word());
        page.raw("</td><td>");
        owed(page, row, &standing.decided_by);
        page.raw("</td></tr>\n");
    }
    foot(page);
}

fn owed(page: &mut Markup, row: &RequirementRecord, decided_by: &[String]) {
    page.raw("<details><summary>").prose(&row.title).raw("</summary><p>").prose(&row.text);
    page.raw("</p>");
    if let Some(source) = &row.source {
        page.raw("<p>").link(source).raw("</p>");
    }
    let basis = format!("{:?}", row.basis).to_lowercase();
    page.raw("<p class=\"quiet\">Basis: ").text(&basis).raw(". ");
    match decided_by {
        [] => page.raw("No case that decides it was played."),
        cases => page.raw("Decided by ").text(&cases.join(", ")).raw("."),
    };
    page.raw("</p></details>");
}

/// The deviations that an expectation file names.
pub(super) fn known(page: &mut Markup, run: &FinishedRun) {
    let known: Vec<_> =
        run.cases.iter().filter_map(|case| Some((case, case.known.as_ref()?))).collect();
    if known.is_empty() {
        page.raw("<p>None was met.</p>\n");
        return;
    }
    head(page, "Known deviations", &["Case", "Verdict", "Known at", "Cause"]);
    for (record, known) in &known {
        page.raw("<tr><th scope=\"row\"><code>").text(&record.case);
        page.raw("</code></th><td class=\"line\">");
        page.marked(tone(record.verdict), record.verdict.word());
        page.raw("</td><td><code>");
        page.text(&known.at).raw("</code></td><td>").text(&known.cause);
        if let Some(issue) = &known.issue {
            page.raw(" ").link(issue);
        }
        page.raw("</td></tr>\n");
    }
    foot(page);
    // Excused or not, a deviation is shown with its requirement, its page and what happened; those
    // that the list does not excuse stand among the red cases already.
    for (record, _) in known.iter().filter(|(record, _)| record.verdict.is_quiet()) {
        failure::article(page, record, run);
    }
}

/// The questions that were asked before the first case.
pub(super) fn honesty(page: &mut Markup, run: &FinishedRun) {
    if run.probes.is_empty() {
        page.raw("<p>Nothing was asked.</p>\n");
        return;
    }
    page.raw("<ul>\n");
    for probe in &run.probes {
        let tone = match (&probe.problem, probe.fails()) {
            (None, _) => Tone::Good,
            (Some(_), true) => Tone::Bad,
            (Some(_), false) => Tone::Mind,
        };
        page.raw("<li>").marked(tone, &probe.id).raw(" ").text(&probe.title);
        if let Some(problem) = &probe.problem {
            page.raw(" <br><code>").text(problem).raw("</code>");
        }
        page.raw("</li>\n");
    }
    page.raw("</ul>\n");
}

/// Every case with its verdict.
pub(super) fn cases(page: &mut Markup, run: &FinishedRun) {
    if run.cases.is_empty() {
        page.raw("<p>None was judged.</p>\n");
        return;
    }
    page.raw("<details>\n<summary>").text(&run.cases.len().to_string()).raw(" cases</summary>\n");
    head(page, "All cases", &["Case", "Verdict", "Time", "What an SDK that passes does"]);
    for record in &run.cases {
        page.raw("<tr><th scope=\"row\">");
        case_name(page, record);
        page.raw("</th><td class=\"line\">");
        page.marked(tone(record.verdict), record.verdict.word());
        page.raw("</td><td class=\"number\">").text(&format!("{} ms", record.duration_ms));
        page.raw("</td><td>").prose(&record.title);
        if record.verdict == Verdict::Na {
            let because = record.because.as_deref().unwrap_or_default();
            page.raw(" <span class=\"quiet\">").text(because).raw("</span>");
        }
        page.raw("</td></tr>\n");
    }
    foot(page);
    page.raw("</details>\n");
}

/// A red case has a place of its own on the page.
pub(super) fn case_name(page: &mut Markup, record: &CaseRecord) {
    if record.verdict.is_quiet() {
        page.raw("<code>").text(&record.case).raw("</code>");
    } else {
        page.raw("<a href=\"#").anchor(&record.case).raw("\"><code>").text(&record.case);
        page.raw("</code></a>");
    }
}

/// What a verdict means to the reader.
pub(super) fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Pass => Tone::Good,
        Verdict::Xfail => Tone::Mind,
        Verdict::Na | Verdict::Notrun => Tone::Quiet,
        _ => Tone::Bad,
    }
}

/// The wide table scrolls inside a region of its own, which the keyboard must reach.
fn head(page: &mut Markup, name: &'static str, columns: &[&'static str]) {
    page.raw("<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"");
    page.raw(name);
    page.raw("\">\n<table class=\"stacks\">\n<thead><tr>");
    for column in columns {
        let number = NUMBERS.contains(column);
        page.raw(if number { "<th scope=\"col\" class=\"number\">" } else { "<th scope=\"col\">" });
        page.raw(column).raw("</th>");
    }
    page.raw("</tr></thead>\n<tbody>\n");
}

fn foot(page: &mut Markup) {
    page.raw("</tbody>\n</table>\n</div>\n");
}
