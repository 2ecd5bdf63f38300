//! The smallest correct SDK passes the whole suite; else the suite demands what nobody can do.

use std::time::Duration;

use conformance::exit::Exit;
use conformance::requirement::{Level, Requirements};
use conformance::run::Plan;
use conformance::suite;
use conformance::verdict::Verdict;

use crate::scenes::{plan, run};

#[test]
fn the_reference_sdk_passes_everything() {
    let plan = Plan {
        requirements: Requirements::load().unwrap(),
        complete: true,
        shuffle: true,
        jobs: 2,
        op_within: Duration::from_secs(20),
        scored: Level::May,
        ..plan("inproc:reference", suite::cases())
    };
    let ran = run(&plan);
    for record in &ran.records {
        let because = record.because.as_deref().unwrap_or_default();
        assert_eq!(record.verdict, Verdict::Pass, "{}: {because}", record.case);
        assert_eq!(record.dishonest, Vec::<String>::new(), "{}", record.case);
        let has_waited = record.trace.iter().any(|line| line.text.starts_with("waiting "));
        let is_known = suite::WAITING.contains(&record.case.as_str());
        assert!(!has_waited || is_known, "{} waits and is not in suite::WAITING", record.case);
    }
    assert_eq!(ran.summary.exit, Exit::Conformant, "{:?}", ran.summary.reasons);
    assert_eq!(ran.records.len(), suite::cases().len());
}

#[test]
fn the_same_seed_gives_the_same_order() {
    // The order does not depend on what the cases do, so a few that take no time will do.
    let order = |seed| {
        let cases = suite::cases().into_iter().take(12).collect();
        let plan = Plan { seed, shuffle: true, ..plan("inproc:reference", cases) };
        run(&plan).records.into_iter().map(|record| record.case).collect::<Vec<_>>()
    };
    assert_eq!(order(7), order(7));
    let orders: std::collections::BTreeSet<_> = (1..=6).map(order).collect();
    assert!(orders.len() > 1, "the seed decides the order");
}
