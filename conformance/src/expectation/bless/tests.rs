//! What is kept, what is changed, what goes, and what is refused.

use super::*;
use crate::event::Event;
use crate::expectation::tests::{CASES, record, requirements};
use crate::recording::Recording;
use crate::report::tests::events;

/// A whole run of the two small cases.
fn run(records: &[CaseRecord; 2]) -> FinishedRun {
    let mut told = Vec::new();
    for event in events() {
        match event {
            Event::RunBegan(mut began) => {
                began.planned = 2;
                told.push(Event::RunBegan(began));
                told.extend(records.clone().map(|record| Event::CaseEnded(Box::new(record))));
            }
            Event::RunEnded(mut summary) => {
                summary.totals = crate::score::Totals::count(2, records);
                summary.sdk_on_wire = Some("1.22.0".into());
                told.push(Event::RunEnded(summary));
            }
            Event::Probed(_) | Event::CaseEnded(_) => {}
        }
    }
    Recording { events: told, is_cut: false }.finished()
}

fn failing(got: &str) -> FinishedRun {
    run(&[
        record("totp/second-device", Verdict::Fail, got),
        record("totp/wrong-code", Verdict::Pass, ""),
    ])
}

fn blessed(text: &str, run: &FinishedRun, grant: Option<&Grant>) -> Result<Blessed, BlessError> {
    bless(("js.toml", text), run, grant, CASES, &requirements())
}

fn grant() -> Grant {
    Grant { cause: "the cache".into(), until: "2027-03-01".into(), issue: None }
}

const HEAD: &str = "# Known deviations of the SDK.\n# Ask Ada.\n\n";
const SECOND: &str = "# about the second device\n[[expectation]]\ncheck = \"totp/second-device\" # the old one\noutcome = \"fail\"\nbecause = [\"err.http=400\"] # as of 1.20\ncause = \"known\"\nuntil = \"2027-03-01\"\n";
const WRONG: &str = "\n# about codes\n[[expectation]]\ncheck = \"totp/wrong-code\"\noutcome = \"fail\"\nbecause = [\"err.http=500\"]\ncause = \"known\"\nuntil = \"2027-03-01\"\n# the end\n";

#[test]
fn what_holds_stays_to_the_letter() {
    let text = format!("{HEAD}{SECOND}");
    let blessed = blessed(&text, &failing("err.http=400"), None).unwrap();
    assert_eq!(blessed, Blessed { text, changes: Vec::new(), left: Vec::new() });
}

#[test]
fn another_failure_gets_its_real_signature_and_keeps_the_comments() {
    let text = format!("{HEAD}{SECOND}");
    let blessed = blessed(&text, &failing("err.origin=server err.http=500 \"Oh\""), None).unwrap();
    let wanted = text.replace(
        "[\"err.http=400\"]",
        "[\"totp.register: expected err.http=401, got err.origin=server err.http=500\"]",
    );
    assert_eq!(blessed.text, wanted);
    assert_eq!(blessed.changes, ["changed js.toml:6: totp/second-device"]);
    assert_eq!(blessed.left, Vec::<String>::new());
}

#[test]
fn what_nothing_met_goes_with_its_own_comment_only() {
    let text = format!("{HEAD}{SECOND}{WRONG}");
    let first = blessed(&text, &failing("err.http=400"), None).unwrap();
    assert_eq!(first.text, format!("{HEAD}{SECOND}# the end\n"));
    assert_eq!(first.changes, ["removed js.toml:14: totp/wrong-code"]);
    let fine = run(&[
        record("totp/second-device", Verdict::Pass, ""),
        record("totp/wrong-code", Verdict::Pass, ""),
    ]);
    let none = blessed(&text, &fine, None).unwrap();
    assert!(none.text.starts_with("# Known deviations of the SDK.\n# Ask Ada.\n"), "{}", none.text);
    assert!(none.text.ends_with("# the end\n") && !none.text.contains("[["), "{}", none.text);
}

#[test]
fn an_entry_for_another_version_is_left_alone() {
    let text = format!("{SECOND}sdk = \"<1.0\"\n");
    let fine = failing("err.http=400");
    let blessed = blessed(&text, &fine, None).unwrap();
    assert_eq!(blessed.text, text);
    assert_eq!(blessed.left.len(), 1, "and excuses nothing here");
}

#[test]
fn a_new_failure_needs_a_cause() {
    let run = failing("ok {\"secret\":\"‹totp_secret#1›\"}");
    let without = blessed(HEAD, &run, None).unwrap();
    assert_eq!((without.text.as_str(), without.changes.len(), without.left.len()), (HEAD, 0, 1));
    let with = blessed(HEAD, &run, Some(&grant())).unwrap();
    assert_eq!(
        with.text,
        format!(
            "{HEAD}\n[[expectation]]\ncheck = \"totp/second-device\"\noutcome = \"fail\"\n\
             because = [\"totp.register: expected err.http=401, got ok\"]\n\
             cause = \"the cache\"\nuntil = \"2027-03-01\"\n"
        )
    );
    assert_eq!(with.left, Vec::<String>::new());
    let again = blessed(&with.text, &run, Some(&grant())).unwrap();
    assert_eq!((again.text, again.changes.len()), (with.text, 0), "blessing twice changes nothing");
    let bad = Grant { until: "soon".into(), ..grant() };
    assert!(blessed(HEAD, &run, Some(&bad)).unwrap_err().to_string().contains("`until`"));
}

#[test]
fn a_broken_driver_cannot_be_excused() {
    let run = run(&[
        record("totp/second-device", Verdict::Driver, "a fault"),
        record("totp/wrong-code", Verdict::Pass, ""),
    ]);
    let blessed = blessed("", &run, Some(&grant())).unwrap();
    assert_eq!((blessed.text.as_str(), blessed.left.len()), ("", 1));
}

#[test]
fn a_part_of_the_suite_is_refused() {
    let refused = |run: &FinishedRun| blessed("", run, None).unwrap_err().to_string();
    let mut part = failing("err.http=400");
    if let Some(began) = &mut part.began {
        began.complete = false;
    }
    assert!(refused(&part).starts_with("refused: only a part of the suite was selected"));
    let mut broken = failing("err.http=400");
    if let Some(began) = &mut broken.began {
        began.broken_service = Some("no-mfa".into());
    }
    assert!(refused(&broken).contains("broken on purpose (no-mfa)"));
    let mut short = failing("err.http=400");
    short.cases.pop();
    assert!(
        refused(&short).starts_with("refused: 1 of 2 cases were played"),
        "{}",
        refused(&short)
    );
    let mut other = failing("err.http=400");
    other.cases[1].case = "totp/gone".into();
    assert!(refused(&other).contains("was not played") || refused(&other).contains("is no case"));
}
