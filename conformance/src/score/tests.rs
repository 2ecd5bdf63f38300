use super::*;
use crate::event::ProofRecord;

fn record(case: &str, verdict: Verdict, proofs: &[(&str, Level, Proof)]) -> CaseRecord {
    CaseRecord {
        case: case.into(),
        title: String::new(),
        guides: Vec::new(),
        verdict,
        played: verdict,
        played_because: None,
        because: Some("why".into()),
        proofs: proofs
            .iter()
            .map(|(requirement, level, proof)| ProofRecord {
                requirement: (*requirement).into(),
                level: *level,
                proof: *proof,
                beside: false,
                source: None,
                text: None,
            })
            .collect(),
        findings: Vec::new(),
        trace: Vec::new(),
        log: Vec::new(),
        dishonest: Vec::new(),
        known: None,
        duration_ms: 0,
    }
}

#[test]
fn a_requirement_holds_only_if_every_case_says_so() {
    let records = [
        record("a", Verdict::Pass, &[("R1", Level::Must, Proof::Held)]),
        record("b", Verdict::Fail, &[("R1", Level::Must, Proof::Failed)]),
        record("c", Verdict::Pass, &[("R2", Level::Must, Proof::Held)]),
        record("d", Verdict::Xfail, &[("R3", Level::Should, Proof::Failed)]),
        record("e", Verdict::Na, &[("R4", Level::Must, Proof::Undecided)]),
    ];
    let totals = Totals::count(6, &records);
    assert_eq!(
        totals.line(),
        "plan 6 · ran 4 · MUST 1/2 · SHOULD 0/1 · MAY 0/0 · service 0/0 · xfail 1 · na 1 · not-run 1"
    );
}

fn exit_of(verdict: Verdict, level: Level, scored: Level) -> Option<Exit> {
    let records = [record("a", verdict, &[("R1", level, Proof::Failed)])];
    let reasons = reasons(&Totals::count(1, &records), &records, scored);
    reasons.first().map(|reason| reason.exit)
}

#[test]
fn the_table_of_exits() {
    for (verdict, exit) in [
        (Verdict::Pass, None),
        (Verdict::Xfail, None),
        (Verdict::Fail, Some(Exit::Nonconformance)),
        (Verdict::Blocked, Some(Exit::Nonconformance)),
        (Verdict::Stale, Some(Exit::Expectation)),
        (Verdict::Changed, Some(Exit::Expectation)),
        (Verdict::Overclaim, Some(Exit::Dishonest)),
        (Verdict::Crash, Some(Exit::Crash)),
        (Verdict::Hang, Some(Exit::Crash)),
        (Verdict::Flaky, Some(Exit::Crash)),
        (Verdict::Driver, Some(Exit::Driver)),
        (Verdict::Harness, Some(Exit::Harness)),
        (Verdict::Na, Some(Exit::Vacuous)),
        (Verdict::Notrun, Some(Exit::Vacuous)),
    ] {
        assert_eq!(exit_of(verdict, Level::Must, Level::Must), exit, "{verdict:?}");
    }
}

#[test]
fn only_scored_levels_count_as_nonconformance() {
    assert_eq!(exit_of(Verdict::Fail, Level::Should, Level::Must), None);
    assert_eq!(exit_of(Verdict::Fail, Level::Should, Level::Should), Some(Exit::Nonconformance));
    assert_eq!(exit_of(Verdict::Fail, Level::May, Level::Should), None);
    // A crash counts whatever the level is: nobody accepts it.
    assert_eq!(exit_of(Verdict::Crash, Level::May, Level::Must), Some(Exit::Crash));
}

#[test]
fn an_empty_selection_is_vacuous() {
    let reasons = reasons(&Totals::default(), &[], Level::Must);
    assert_eq!(reasons, [Reason::new(Exit::Vacuous, "no case is selected")]);
}

#[test]
fn dishonesty_in_a_passing_case_is_told() {
    let mut passed = record("a", Verdict::Pass, &[("R1", Level::Must, Proof::Held)]);
    passed.dishonest.push("no x-dyn-version".into());
    let records = [passed];
    let reasons = reasons(&Totals::count(1, &records), &records, Level::Must);
    assert_eq!(reasons, [Reason::new(Exit::Dishonest, "a: no x-dyn-version").about("a")]);
}

#[test]
fn what_the_service_shows_is_not_the_sdks() {
    let beside = |record: CaseRecord| {
        let proofs = record.proofs.into_iter().map(|proof| ProofRecord { beside: true, ..proof });
        CaseRecord { proofs: proofs.collect(), ..record }
    };
    let of_service = beside(record("a", Verdict::Pass, &[("R1", Level::Must, Proof::Held)]));
    let of_sdk = |verdict| record("b", verdict, &[("R2", Level::Must, Proof::Held)]);
    let both = [of_service.clone(), of_sdk(Verdict::Pass)];
    let totals = Totals::count(2, &both);
    assert_eq!((totals.must.held, totals.must.of), (1, 1));
    assert_eq!((totals.service.held, totals.service.of), (1, 1));
    assert!(reasons(&totals, &both, Level::Must).is_empty());

    let silent = [of_service.clone(), of_sdk(Verdict::Na)];
    let said = reasons(&Totals::count(2, &silent), &silent, Level::Must);
    assert_eq!(said.first().map(|reason| reason.exit), Some(Exit::Vacuous), "{said:?}");
    // Whoever selects nothing but the service's cases has asked for no more.
    let alone = [of_service];
    assert!(reasons(&Totals::count(1, &alone), &alone, Level::Must).is_empty());
}
