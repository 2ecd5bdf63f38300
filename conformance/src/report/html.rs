//! The report for people who were not there: one page in one file.
//!
//! It loads nothing and runs nothing, so it can be mailed, archived and opened anywhere; what is
//! folded unfolds without a script. Every text of the run is escaped on its way in.

mod failure;
mod markup;
mod tables;

use markup::Markup;

use crate::event::CaseRecord;
use crate::exit::Exit;
use crate::finished::FinishedRun;

/// Everything about how the page looks.
const STYLE: &str = include_str!("html/style.css");

/// The sections, by anchor and heading; what somebody has to mend comes first.
const SECTIONS: [(&str, &str); 7] = [
    ("red", "What is red"),
    ("run", "The run"),
    ("guides", "Guides"),
    ("requirements", "Requirements"),
    ("known", "Known deviations"),
    ("honesty", "Honesty of the driver"),
    ("cases", "All cases"),
];

/// The whole page.
pub(super) fn render(run: &FinishedRun) -> String {
    let mut page = Markup::default();
    page.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    // Nothing is loaded and nothing runs, even if an escape were forgotten.
    page.raw("<meta http-equiv=\"Content-Security-Policy\" ");
    page.raw("content=\"default-src 'none'; style-src 'unsafe-inline'\">\n");
    page.raw("<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
    page.text(&title(run));
    page.raw("</title>\n<style>\n").raw(STYLE).raw("</style>\n</head>\n<body>\n");
    page.raw("<a class=\"skip\" href=\"#main\">Skip to the report</a>\n<header>\n<h1>");
    page.text(&title(run));
    page.raw("</h1>\n");
    verdict(&mut page, run);
    page.raw("</header>\n");
    contents(&mut page);
    page.raw("<main id=\"main\" tabindex=\"-1\">\n");
    for (anchor, heading) in SECTIONS {
        page.raw("<section aria-labelledby=\"").raw(anchor).raw("\">\n<h2 id=\"");
        page.raw(anchor).raw("\">").raw(heading).raw("</h2>\n");
        match anchor {
            "run" => tables::setting(&mut page, run),
            "red" => red(&mut page, run),
            "guides" => tables::guides(&mut page, run),
            "requirements" => tables::requirements(&mut page, run),
            "known" => tables::known(&mut page, run),
            "honesty" => tables::honesty(&mut page, run),
            _ => tables::cases(&mut page, run),
        }
        page.raw("</section>\n");
    }
    page.raw("</main>\n<footer>\n");
    totals(&mut page, run);
    page.raw("</footer>\n</body>\n</html>\n");
    page.into_text()
}

fn title(run: &FinishedRun) -> String {
    let began = run.began.as_ref();
    if let Some(service) = began.and_then(|began| began.service.as_ref())
        && service.is_judged
    {
        let name = service.name.as_deref().unwrap_or("a service that was not reached");
        return format!("MFA conformance of {name} at {}", service.target);
    }
    let sdk = began.and_then(|began| began.sdk.as_deref());
    format!("MFA conformance of {}", sdk.unwrap_or("an SDK that was not reached"))
}

fn verdict(page: &mut Markup, run: &FinishedRun) {
    let exit = run.summary.exit;
    let (class, mark) = if exit == Exit::Conformant { ("good", "✓") } else { ("bad", "✗") };
    page.raw("<p><strong class=\"").raw(class).raw("\">").raw(mark).raw(" ");
    page.text(&format!("exit {}: {}", exit.code(), exit.meaning()));
    page.raw("</strong></p>\n");
    totals(page, run);
}

/// The last line of the run; a narrow screen breaks it between its parts only.
fn totals(page: &mut Markup, run: &FinishedRun) {
    page.raw("<p><code>");
    for (index, part) in run.summary.totals.line().split(" · ").enumerate() {
        page.raw(if index == 0 { "" } else { " · " });
        page.raw("<span class=\"whole\">").text(part).raw("</span>");
    }
    page.raw("</code></p>\n");
}

fn contents(page: &mut Markup) {
    page.raw("<nav aria-label=\"Sections\">\n<ul>\n");
    for (anchor, heading) in SECTIONS {
        page.raw("<li><a href=\"#").raw(anchor).raw("\">").raw(heading).raw("</a></li>\n");
    }
    page.raw("</ul>\n</nav>\n");
}

fn red(page: &mut Markup, run: &FinishedRun) {
    let mut red: Vec<&CaseRecord> =
        run.cases.iter().filter(|record| !record.verdict.is_quiet()).collect();
    red.sort_by_key(|record| !record.counts(run.scored()));
    let about_all: Vec<_> = run.reasons_beside_cases().collect();
    if red.is_empty() && about_all.is_empty() {
        page.raw("<p class=\"good\">✓ Nothing.</p>\n");
        return;
    }
    if !about_all.is_empty() {
        page.raw("<ul>\n");
        for reason in about_all {
            page.raw("<li>").text(&format!("exit {}: {}", reason.exit.code(), reason.text));
            page.raw("</li>\n");
        }
        page.raw("</ul>\n");
    }
    index(page, &red, run);
    for record in red {
        failure::article(page, record, run);
    }
}

/// Which cases are red, where they are too many to be seen at once.
fn index(page: &mut Markup, red: &[&CaseRecord], run: &FinishedRun) {
    if red.len() < 2 {
        return;
    }
    page.raw("<ol class=\"index\">\n");
    for record in red {
        page.raw("<li>").marked(tables::tone(record.verdict), record.verdict.word()).raw(" ");
        tables::case_name(page, record);
        if !record.counts(run.scored()) {
            page.raw(" <span class=\"quiet\">does not count for the exit code</span>");
        }
        page.raw("</li>\n");
    }
    page.raw("</ol>\n");
}

#[cfg(test)]
mod tests;
