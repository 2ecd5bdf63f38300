//! What the runner concludes beside the cases: times, panics, suspects, giving up.

use serde_json::json;

use super::*;
use crate::needs::tests::hello;
use crate::stage::Stage;
use crate::world::World;

/// The rows of [`plan`]: one for each side, and one that both owe.
const ROWS: &str = "
    [[requirement]]
    id = 'MFA-TOTP-001'
    title = 'a row'
    text = 'An SDK does this.'
    level = 'MUST'
    basis = 'documented'
    side = 'sdk'

    [[requirement]]
    id = 'MFA-TOTP-002'
    title = 'a row'
    text = 'A service does this.'
    level = 'SHOULD'
    basis = 'documented'
    side = 'server'

    [[requirement]]
    id = 'MFA-TOTP-003'
    title = 'a row'
    text = 'Both do this.'
    level = 'MAY'
    basis = 'documented'
    side = 'both'
";

pub(crate) static CASE: Case = Case {
    id: "small/case",
    title: "a small case",
    proves: &["MFA-TOTP-001", "MFA-TOTP-002"],
    counter: None,
    guides: &[],
    needs: &[],
    world: World::PLAIN,
    play: |stage: &mut Stage| stage.act("state.get", json!({})).ok().map(drop),
};

pub(crate) fn plan(is_service_judged: bool) -> Plan {
    let service = ServiceRecord {
        target: "inproc:mock".to_owned(),
        name: None,
        has_control: true,
        is_judged: is_service_judged,
        left_out: 0,
    };
    Plan {
        connect: Connect::parse("inproc:reference").unwrap(),
        cases: vec![&CASE],
        complete: false,
        target: Target::Here,
        service: Some(service),
        broken_service: None,
        expectations: Vec::new(),
        requirements: Requirements::from_files(&[("rows.toml", ROWS)]).unwrap(),
        set: None,
        seed: 7,
        shuffle: false,
        jobs: 1,
        op_within: Duration::from_secs(20),
        case_within: Duration::from_secs(60),
        scored: Level::Must,
        baseline: None,
    }
}

pub(super) fn player<'a>(plan: &'a Plan, service: &'a Service) -> Player<'a> {
    let greeting =
        Greeting { run: "seed-7".to_owned(), seed: plan.seed, within: Duration::from_secs(20) };
    Player { plan, service, greeting, hello: hello(), lost: OnceLock::new() }
}

/// The record of a play that ended like this.
fn record(played: Verdict, because: &str) -> CaseRecord {
    let (plan, service) = (plan(false), Service::start(7).unwrap());
    let because = Some(because.to_owned());
    let played_because = because.clone();
    let before = player(&plan, &service).not_run(&CASE);
    CaseRecord { verdict: played, played, because, played_because, ..before }
}

#[test]
fn a_tenants_clock_stands_five_seconds_into_a_step() {
    for now_ms in [1_790_000_000_000, 1_790_000_029_999] {
        let second = tenant_time(now_ms).as_second();
        assert_eq!(second % STEP_SECONDS, INTO_STEP_SECONDS);
        assert!((second - now_ms / 1_000).abs() <= STEP_SECONDS);
    }
    assert_eq!(tenant_time(0).as_second(), INTO_STEP_SECONDS);
    assert_eq!(tenant_time(59_999).as_second(), 30 + INTO_STEP_SECONDS);
    assert_eq!(tenant_time(-1).as_second(), -30 + INTO_STEP_SECONDS);
    assert_eq!(tenant_time(i64::MAX), Timestamp::UNIX_EPOCH, "a clock that no calendar has");
}

#[test]
fn durations_are_told_in_milliseconds() {
    assert_eq!(milliseconds(Duration::from_micros(2_999)), 2);
    assert_eq!(milliseconds(Duration::MAX), u64::MAX);
}

#[test]
fn a_panic_says_what_it_said() {
    assert_eq!(panic_text(&"plain"), "plain");
    assert_eq!(panic_text(&"made".to_owned()), "made");
    assert_eq!(panic_text(&7), "a panic without words");
}

#[test]
fn what_may_be_the_fault_of_company_is_tried_again() {
    for (played, attached, jobs, wanted) in [
        (Verdict::Crash, true, 2, true),
        (Verdict::Hang, true, 2, true),
        (Verdict::Driver, false, 2, true),
        (Verdict::Driver, true, 2, false),
        (Verdict::Fail, true, 2, false),
        (Verdict::Pass, true, 8, false),
        (Verdict::Crash, true, 1, false),
        (Verdict::Hang, true, 1, false),
        (Verdict::Driver, false, 1, false),
    ] {
        assert_eq!(is_suspect(played, attached, jobs), wanted, "{played:?} {attached} {jobs}");
    }
}

#[test]
fn a_run_names_every_row_and_a_judged_service_those_that_it_owes() {
    let of = |is_service_judged| {
        let plan = plan(is_service_judged);
        let rows = rows(&plan.requirements, &[&CASE], is_service_judged);
        rows.into_iter().map(|row| (row.id, row.cases)).collect::<Vec<_>>()
    };
    let row = |id: &str, cases| (id.to_owned(), cases);
    let (first, second, third) =
        (row("MFA-TOTP-001", 1), row("MFA-TOTP-002", 1), row("MFA-TOTP-003", 0));
    assert_eq!(of(false), [first, second.clone(), third.clone()]);
    assert_eq!(of(true), [second, third]);
}

#[test]
fn a_run_says_how_it_is_set_up() {
    let mut began = announce::began(&Plan { jobs: 0, ..plan(false) });
    assert_eq!((began.planned, began.jobs, began.requirements.len()), (1, 1, 3));
    announce::attached(&mut began, &hello());
    assert_eq!(began.driver.as_deref(), Some("d 0.0.0"));
    assert_eq!(
        (began.sdk.as_deref(), began.sdk_version.as_deref()),
        (Some("s 1.2.3"), Some("1.2.3"))
    );
    assert_eq!((began.platform.as_deref(), began.language.as_deref()), (Some("x"), Some("y")));
    assert!(began.undeclared.contains(&"device.list".to_owned()), "{:?}", began.undeclared);
    assert!(!began.undeclared.contains(&"totp.register".to_owned()), "{:?}", began.undeclared);
}

#[test]
fn the_guilty_stays_guilty_alone() {
    let settled =
        settle_suspect(record(Verdict::Hang, "in company"), record(Verdict::Hang, "alone"));
    assert_eq!((settled.verdict, settled.played), (Verdict::Hang, Verdict::Hang));
    assert_eq!(settled.because.as_deref(), Some("alone"));
}

#[test]
fn what_only_happens_in_company_is_flaky() {
    let settled = settle_suspect(record(Verdict::Crash, "it died"), record(Verdict::Pass, ""));
    assert_eq!((settled.verdict, settled.played), (Verdict::Flaky, Verdict::Flaky));
    let because = Some("CRASH in company (it died), PASS alone".to_owned());
    assert_eq!((&settled.because, &settled.played_because), (&because, &because));
}

#[test]
fn a_driver_that_starts_only_alone_is_told_what_helps() {
    let mut late = record(Verdict::Driver, "too slow");
    fewer_at_once(&mut late, 8);
    let hint = Some("too slow; 8 drivers start at once, and fewer --jobs would help".to_owned());
    assert_eq!((&late.because, &late.played_because), (&hint, &hint));
    let mut silent = CaseRecord { because: None, played_because: None, ..late };
    fewer_at_once(&mut silent, 2);
    let hint = Some("; 2 drivers start at once, and fewer --jobs would help".to_owned());
    assert_eq!(silent.because, hint);
}

#[test]
fn the_rest_is_given_up_when_drivers_or_the_service_are_gone() {
    let (plan, service) = (plan(false), Service::start(7).unwrap());
    let queue = || Queue::of(&plan);
    let here = player(&plan, &service);
    for (failures, goes_on) in [(0, true), (ATTACH_FAILURES_MAX - 1, true), (3, false), (4, false)]
    {
        let case = next(&here, &queue(), &AtomicUsize::new(failures));
        assert_eq!(case.is_some(), goes_on, "{failures}");
    }
    here.lost.set("nobody answers".to_owned()).unwrap();
    assert!(next(&here, &queue(), &AtomicUsize::new(0)).is_none());
    assert_eq!(next(&player(&plan, &service), &queue(), &AtomicUsize::new(0)).unwrap().id, CASE.id);
}

#[test]
fn a_service_is_judged_only_where_that_was_asked() {
    assert!(plan(true).judges_service());
    assert!(!plan(false).judges_service());
    assert!(!Plan { service: None, ..plan(true) }.judges_service());
}

#[test]
fn what_was_not_played_has_decided_nothing() {
    let (plan, service) = (plan(false), Service::start(7).unwrap());
    let record = player(&plan, &service).not_run(&CASE);
    assert_eq!((record.verdict, record.played), (Verdict::Notrun, Verdict::Notrun));
    assert_eq!(record.because.as_deref(), Some("the run was given up before this case"));
    assert_eq!(record.because, record.played_because);
    let proofs: Vec<_> = record.proofs.iter().map(|proof| proof.proof).collect();
    assert_eq!(proofs, [crate::verdict::Proof::Undecided; 2]);
}
