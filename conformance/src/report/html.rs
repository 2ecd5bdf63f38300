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

/// The sections, by anchor and heading, in order.
const SECTIONS: [(&str, &str); 7] = [
    ("run", "The run"),
    ("red", "What is red"),
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
    page.raw("</main>\n<footer>\n<p class=\"quiet\"><code>");
    page.text(&run.summary.totals.line());
    page.raw("</code></p>\n</footer>\n</body>\n</html>\n");
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
    page.raw("</strong></p>\n<p><code>").text(&run.summary.totals.line()).raw("</code></p>\n");
}

fn contents(page: &mut Markup) {
    page.raw("<nav aria-label=\"Sections\">\n<ul>\n");
    for (anchor, heading) in SECTIONS {
        page.raw("<li><a href=\"#").raw(anchor).raw("\">").raw(heading).raw("</a></li>\n");
    }
    page.raw("</ul>\n</nav>\n");
}

fn red(page: &mut Markup, run: &FinishedRun) {
    let red: Vec<&CaseRecord> =
        run.cases.iter().filter(|record| !record.verdict.is_quiet()).collect();
    let about_all: Vec<_> = run.reasons_beside_cases().collect();
    if red.is_empty() && about_all.is_empty() {
        page.raw("<p class=\"good\">Nothing.</p>\n");
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
    for record in red {
        failure::article(page, record, run);
    }
}

#[cfg(test)]
mod tests;
