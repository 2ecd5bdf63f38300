//! The page as a browser, a keyboard and an eye need it, as far as text can show that.

use std::collections::BTreeSet;

use super::*;
use crate::event::Event;
use crate::recording::Recording;
use crate::report::tests::events;
use crate::stage::Line;
use crate::verdict::{Proof, Verdict};

/// Elements that have no end tag.
const VOID: [&str; 4] = ["meta", "br", "link", "img"];

fn page() -> String {
    render(&Recording { events: events(), is_cut: false }.finished())
}

/// Every tag of a page: name, and whether it ends an element.
fn tags(page: &str) -> Vec<(String, bool)> {
    let inside = page.split('<').skip(1).map(|rest| rest.split('>').next().unwrap());
    inside
        .filter(|tag| !tag.starts_with('!'))
        .map(|tag| {
            let name = tag.trim_start_matches('/').split([' ', '\n']).next().unwrap();
            (name.to_owned(), tag.starts_with('/'))
        })
        .collect()
}

fn values(page: &str, attribute: &str) -> Vec<String> {
    let before = format!(" {attribute}=\"");
    page.split(&before).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

#[test]
fn every_element_ends_where_it_should() {
    let mut open = Vec::new();
    for (name, ends) in tags(&page()) {
        if VOID.contains(&name.as_str()) {
            continue;
        }
        if ends {
            assert_eq!(open.pop(), Some(name));
        } else {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn every_anchor_exists_once() {
    let page = page();
    let ids = values(&page, "id");
    let unique: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "{ids:?}");
    let inner: Vec<String> = values(&page, "href")
        .iter()
        .filter_map(|href| href.strip_prefix('#').map(str::to_owned))
        .chain(values(&page, "aria-labelledby"))
        .collect();
    assert!(inner.len() > SECTIONS.len());
    for anchor in inner {
        assert!(unique.contains(&anchor), "{anchor}");
    }
}

#[test]
fn nothing_is_loaded_and_nothing_runs() {
    let page = page();
    for name in ["script", "link", "img", "iframe", "object", "form"] {
        assert!(!tags(&page).iter().any(|(tag, _)| tag == name), "{name}");
    }
    for forbidden in ["url(", "@import", " src=", " onclick", " style="] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn a_keyboard_finds_landmarks_and_headings_in_order() {
    let tags = tags(&page());
    for landmark in ["header", "nav", "main", "footer"] {
        let count = tags.iter().filter(|(tag, ends)| tag == landmark && !ends).count();
        assert_eq!(count, 1, "{landmark}");
    }
    let levels: Vec<u8> = tags
        .iter()
        .filter(|(tag, ends)| !ends && ["h1", "h2", "h3"].contains(&tag.as_str()))
        .map(|(tag, _)| tag.as_bytes()[1] - b'0')
        .collect();
    assert_eq!(levels.first(), Some(&1));
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
    assert!(page().contains("<a class=\"skip\" href=\"#main\">"));
    assert!(STYLE.contains(":focus-visible"));
}

#[test]
fn what_counts_stands_before_what_does_not() {
    let page = page();
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text} is not on the page"));
    let red = at("<h2 id=\"red\">");
    assert!(red < at("<h2 id=\"run\">"));
    // The index comes before the articles, and a SHOULD after the MUSTs.
    let linked = |case: &str| at(&format!("<a href=\"#case-{case}\">"));
    let told = |case: &str| at(&format!("<h3 id=\"case-{case}\">"));
    let (must, should) = ("totp-second-device-refused", "totp-advice");
    assert!(red < linked(must) && linked(must) < linked(should));
    assert!(linked(should) < told(must) && told(must) < told(should));
}

#[test]
fn what_holds_is_folded_and_what_does_not_is_seen() {
    let page = page();
    let start = page.find("<h2 id=\"requirements\">").unwrap();
    let section = &page[start..page[start..].find("</section>").unwrap() + start];
    let (seen, folded) = section.split_once("<details>\n<summary>").unwrap();
    assert!(seen.contains("✗ failed") && !seen.contains("– untested"), "{seen}");
    assert!(folded.contains("– untested") && !folded.contains("✗ failed"), "{folded}");
    // A table that may scroll is a region with a name of its own, for those who jump between them.
    let names: Vec<&str> = page.split("aria-label=\"").skip(1).collect();
    let names: Vec<&str> = names.iter().map(|rest| rest.split('"').next().unwrap()).collect();
    let unique: BTreeSet<&&str> = names.iter().collect();
    assert!(unique.len() == names.len() && names.len() > 4, "{names:?}");
}

#[test]
fn where_all_holds_the_list_is_folded() {
    let mut green = events();
    for event in &mut green {
        if let Event::CaseEnded(record) = event {
            record.verdict = Verdict::Pass;
            record.proofs.iter_mut().for_each(|proof| proof.proof = Proof::Held);
        }
    }
    let page = render(&Recording { events: green, is_cut: false }.finished());
    let (_, folded) = page.split_once("<summary>Requirements that hold (").unwrap();
    assert!(page.contains("<p>None is known to be broken.</p>"));
    assert!(folded.contains("✓ held") && !page.contains("✗ failed"));
}

#[test]
fn the_step_that_failed_is_marked_in_the_trace() {
    let mut longer = events();
    for event in &mut longer {
        if let Event::CaseEnded(record) = event
            && let Some(line) = record.trace.first().cloned()
        {
            record.trace.insert(0, Line { step: Some(1), text: "before it".into(), ..line });
        }
    }
    let page = render(&Recording { events: longer, is_cut: false }.finished());
    let lines: Vec<&str> = page.lines().filter(|line| line.contains("class=\"kind\"")).collect();
    let (here, others): (Vec<&str>, Vec<&str>) =
        lines.iter().partition(|line| line.starts_with("<li class=\"here\">"));
    assert!(!here.is_empty() && here.iter().all(|line| line.contains("\"step\">2<")), "{here:?}");
    assert!(
        !others.is_empty() && others.iter().all(|line| line.contains("before it")),
        "{others:?}"
    );
}

#[test]
fn no_text_of_a_run_becomes_markup() {
    const EVIL: &str = "\"'><script>alert(1)</script><b onclick=x>\u{1b}[2J\n";
    let mut evil = events();
    for event in &mut evil {
        match event {
            Event::RunBegan(began) => {
                began.connect = EVIL.into();
                began.sdk = Some(EVIL.into());
                began.platform = Some(EVIL.into());
                began.broken_service = Some(EVIL.into());
                for row in &mut began.requirements {
                    (row.id, row.title, row.text) = (EVIL.into(), EVIL.into(), EVIL.into());
                    row.source = Some(format!("https://{EVIL}"));
                }
            }
            Event::Probed(probes) => {
                for probe in probes {
                    (probe.id, probe.problem) = (EVIL.into(), Some(EVIL.into()));
                }
            }
            Event::CaseEnded(record) => {
                (record.case, record.title) = (EVIL.into(), EVIL.into());
                record.because = Some(EVIL.into());
                record.log = vec![EVIL.into()];
                record.dishonest = vec![EVIL.into()];
                for finding in &mut record.findings {
                    finding.what = EVIL.into();
                    (finding.expected, finding.got) = (EVIL.into(), EVIL.into());
                }
                for line in &mut record.trace {
                    line.text = EVIL.into();
                }
                for proof in &mut record.proofs {
                    (proof.requirement, proof.text) = (EVIL.into(), Some(EVIL.into()));
                    proof.source = Some("javascript:alert(1)".into());
                }
                if let Some(known) = &mut record.known {
                    (known.at, known.cause) = (EVIL.into(), EVIL.into());
                    known.issue = Some(format!("http://{EVIL}"));
                }
            }
            Event::RunEnded(summary) => {
                summary.sdk_on_wire = Some(EVIL.into());
                for reason in &mut summary.reasons {
                    reason.text = EVIL.into();
                }
            }
        }
    }
    let page = render(&Recording { events: evil, is_cut: false }.finished());
    assert!(page.contains("&lt;script&gt;"));
    assert!(!tags(&page).iter().any(|(tag, _)| tag == "script" || tag == "b"));
    assert!(!page.contains("href=\"javascript:"));
    assert!(!page.contains('\u{1b}'));
}

/// Relative luminance of `#rrggbb`, as WCAG 2 defines it.
fn luminance(colour: &str) -> f64 {
    let part = |at: usize| {
        let part = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

#[test]
fn every_text_can_be_read_in_light_and_dark() {
    let themes: Vec<&str> = STYLE.split(":root {").skip(1).collect();
    assert_eq!(themes.len(), 2);
    for theme in themes {
        let theme = theme.split('}').next().unwrap();
        let of = |name: &str| {
            let start = theme.find(&format!("--{name}: #")).unwrap() + name.len() + 4;
            luminance(&theme[start..start + 7])
        };
        for ground in ["page", "panel"] {
            for ink in ["text", "quiet", "link", "good", "bad", "mind"] {
                let (one, other) = (of(ink) + 0.05, of(ground) + 0.05);
                let contrast = one.max(other) / one.min(other);
                assert!(contrast >= 4.5, "{ink} on {ground}: {contrast:.2}");
            }
        }
    }
}
