use super::*;
use crate::event::{CaseRecord, ProofRecord};
use crate::exit::Exit;
use crate::requirement::{Level, Requirements};
use crate::stage::Finding;
use crate::verdict::Proof;
use crate::world::World;

const fn case(id: &'static str) -> crate::case::Case {
    crate::case::Case {
        id,
        title: "",
        proves: &["MFA-TOTP-013"],
        counter: None,
        guides: &[],
        needs: &[],
        world: World::PLAIN,
        play: |_| Ok(()),
    }
}

pub(super) const CASES: &[&crate::case::Case] =
    &[&case("totp/second-device"), &case("totp/wrong-code")];

const ROWS: &str = "
    [[requirement]]
    id = 'MFA-TOTP-013'
    title = 't'
    text = 'x.'
    level = 'MUST'
    basis = 'documented'
    side = 'sdk'
";

const TODAY: Date = jiff::civil::date(2026, 11, 22);

pub(super) fn requirements() -> Requirements {
    Requirements::from_files(&[("rows.toml", ROWS)]).unwrap()
}

fn entry(check: &str, extra: &str) -> String {
    format!(
        "[[expectation]]\ncheck = '{check}'\noutcome = 'fail'\nbecause = ['err.http=400']\ncause = 'known'\nuntil = '2027-03-01'\n{extra}"
    )
}

fn read(text: &str) -> Result<Vec<Expectation>, ExpectationError> {
    parse("js.toml", text, CASES, &requirements())
}

fn known(text: &str) -> Known {
    Known::new(read(text).unwrap(), Some(Version::new(1, 22, 0)))
}

pub(super) fn record(case: &str, played: Verdict, got: &str) -> CaseRecord {
    let finding = Finding {
        what: "totp.register".into(),
        expected: "err.http=401".into(),
        got: got.into(),
        holds: played != Verdict::Fail,
        ..Finding::default()
    };
    CaseRecord {
        case: case.into(),
        title: String::new(),
        guides: Vec::new(),
        verdict: played,
        played,
        because: (!played.is_quiet()).then(|| got.to_owned()),
        played_because: (!played.is_quiet()).then(|| got.to_owned()),
        proofs: vec![ProofRecord {
            requirement: "MFA-TOTP-013".into(),
            level: Level::Must,
            proof: if played == Verdict::Pass { Proof::Held } else { Proof::Failed },
            beside: false,
            source: None,
            text: None,
        }],
        findings: vec![finding],
        trace: Vec::new(),
        log: Vec::new(),
        dishonest: Vec::new(),
        known: None,
        duration_ms: 0,
    }
}

fn judged(text: &str, mut record: CaseRecord) -> CaseRecord {
    known(text).apply(&mut record);
    record
}

#[test]
fn the_described_failure_is_excused() {
    for check in ["totp/second-device", "totp/*", "MFA-TOTP-013"] {
        let failed = record("totp/second-device", Verdict::Fail, "err.http=400");
        let judged = judged(&entry(check, ""), failed);
        assert_eq!(judged.verdict, Verdict::Xfail, "{check}");
        assert_eq!(judged.known.unwrap().at, "js.toml:2");
    }
}

#[test]
fn another_failure_has_changed() {
    let failed = record("totp/second-device", Verdict::Fail, "ok {}");
    let judged = judged(&entry("totp/second-device", ""), failed);
    assert_eq!(judged.verdict, Verdict::Changed);
    assert!(judged.because.unwrap().contains("got ok {}"));
}

#[test]
fn a_second_failure_beside_the_known_one_has_changed() {
    let mut failed = record("totp/second-device", Verdict::Fail, "err.http=400");
    failed.findings.push(Finding { what: "wire".into(), got: "2×".into(), ..Finding::default() });
    assert_eq!(judged(&entry("totp/second-device", ""), failed).verdict, Verdict::Changed);
}

#[test]
fn another_kind_of_end_is_not_excused() {
    let crashed = record("totp/second-device", Verdict::Crash, "err.http=400");
    assert_eq!(judged(&entry("totp/second-device", ""), crashed).verdict, Verdict::Changed);
    let broken = record("totp/second-device", Verdict::Driver, "err.http=400");
    assert_eq!(judged(&entry("totp/second-device", ""), broken).verdict, Verdict::Driver);
}

#[test]
fn what_passes_after_all_is_stale() {
    let passed = record("totp/second-device", Verdict::Pass, "");
    assert_eq!(judged(&entry("totp/second-device", ""), passed).verdict, Verdict::Stale);
    // By requirement, the entry is stale when every case that decides the row passes.
    let mut known = known(&entry("MFA-TOTP-013", ""));
    let mut passed = record("totp/second-device", Verdict::Pass, "");
    known.apply(&mut passed);
    let reasons = known.hygiene(&[passed], true, TODAY);
    assert_eq!(reasons[0].text, "STALE js.toml:2: MFA-TOTP-013");
}

#[test]
fn an_entry_that_nothing_met_is_unused_after_a_complete_run() {
    let known = known(&entry("totp/second-device", ""));
    let reasons = known.hygiene(&[], true, TODAY);
    assert_eq!(reasons[0].exit, Exit::Expectation);
    assert_eq!(reasons[0].text, "UNUSED js.toml:2: totp/second-device");
    assert!(known.hygiene(&[], false, TODAY).is_empty(), "a part of the suite cannot tell");
}

#[test]
fn an_expired_entry_is_told_even_after_a_partial_run() {
    let text = entry("totp/second-device", "").replace("2027-03-01", "2026-11-21");
    let reasons = known(&text).hygiene(&[], false, TODAY);
    assert_eq!(
        reasons[0].text,
        "EXPIRED js.toml:2: totp/second-device was excused until 2026-11-21"
    );
    let last_day = entry("totp/second-device", "").replace("2027-03-01", "2026-11-22");
    assert!(known(&last_day).hygiene(&[], false, TODAY).is_empty());
}

#[test]
fn another_version_is_not_excused() {
    let text = entry("totp/second-device", "sdk = '>=1.23, <1.24'\n");
    let failed = record("totp/second-device", Verdict::Fail, "err.http=400");
    assert_eq!(judged(&text, failed).verdict, Verdict::Fail);
    assert!(known(&text).hygiene(&[], true, TODAY).is_empty(), "nor is the entry unused");
}

fn problem(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

#[test]
fn an_unknown_check_is_an_error_with_its_line_and_a_hint() {
    let text = format!("# a comment\n\n{}", entry("totp/secnd-device", ""));
    let problem = problem(&text);
    assert!(problem.starts_with("js.toml:4: \"totp/secnd-device\" is no case"), "{problem}");
    assert!(problem.ends_with("(did you mean \"totp/second-device\"?)"), "{problem}");
}

#[test]
fn impossible_entries_are_errors() {
    for (text, part) in [
        (entry("totp/*", "").replace("['err.http=400']", "[]"), "`because` needs"),
        (entry("totp/*", "").replace("'known'", "' '"), "`cause` is empty"),
        (entry("totp/*", "sdk = 'about 1'\n"), "`sdk` is no version range"),
        (entry("totp/*", "").replace("2027-03-01", "soon"), "`until` is no date"),
        (entry("totp/*", "flaky = true\n"), "flaky"),
        (entry("totp/*", "").replace("'fail'", "'skip'"), "skip"),
    ] {
        let problem = problem(&text);
        assert!(problem.contains(part), "{problem}");
    }
}

#[test]
fn a_glob_that_excuses_too_much_is_an_error() {
    let one = case("totp/one");
    let many = vec![&one; GLOB_CHECKS_MAX + 1];
    let error = parse("js.toml", &entry("totp/*", ""), &many, &requirements()).unwrap_err();
    assert_eq!(error.to_string(), "js.toml:2: \"totp/*\" excuses 21 cases; one glob may excuse 20");
}
