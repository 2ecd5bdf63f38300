//! Cases and plans that the other tests share.

use std::time::Duration;

use conformance::case::Case;
use conformance::driver::Connect;
use conformance::event::{CaseRecord, Event, Summary};
use conformance::requirement::{Level, Requirements};
use conformance::run::{self, Plan};
use conformance::service::Target;
use conformance::stage::{Halt, Stage};
use conformance::world::World;
use serde_json::json;

/// The requirement that the small cases pretend to prove.
pub(crate) const ROW: &str = "MFA-TOTP-001";

const ROWS: &str = "
    [[requirement]]
    id = 'MFA-TOTP-001'
    title = 'a row'
    text = 'Something holds.'
    level = 'MUST'
    basis = 'documented'
    side = 'sdk'
";

pub(crate) const fn case(id: &'static str, play: fn(&mut Stage) -> Result<(), Halt>) -> Case {
    Case {
        id,
        title: "a small case",
        proves: &[ROW],
        counter: None,
        guides: &[],
        needs: &[],
        world: World::PLAIN,
        play,
    }
}

/// Asks for the state, which every driver must be able to tell.
pub(crate) fn asks_state(stage: &mut Stage) -> Result<(), Halt> {
    stage.act("state.get", json!({})).ok().map(drop)
}

pub(crate) static STATE: Case = case("small/state", asks_state);

pub(crate) fn plan(connect: &str, cases: Vec<&'static Case>) -> Plan {
    Plan {
        connect: Connect::parse(connect).unwrap(),
        cases,
        complete: false,
        target: Target::Here,
        service: None,
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

pub(crate) struct Ran {
    pub(crate) records: Vec<CaseRecord>,
    pub(crate) summary: Summary,
}

impl Ran {
    pub(crate) fn of(&self, case: &str) -> &CaseRecord {
        self.records.iter().find(|record| record.case == case).unwrap()
    }
}

pub(crate) fn run(plan: &Plan) -> Ran {
    let mut records = Vec::new();
    let summary = run::run(plan, &mut |event| {
        if let Event::CaseEnded(record) = event {
            records.push((**record).clone());
        }
    });
    Ran { records, summary }
}

pub(crate) fn bad(mode: &str) -> String {
    format!("exec:{} {mode}", env!("CARGO_BIN_EXE_bad-driver"))
}
