//! The page as a browser, a keyboard and an eye need it, as far as text can show that.

use std::collections::BTreeSet;

use super::*;
use crate::event::Event;
use crate::recording::Recording;
use crate::report::tests::events;

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
