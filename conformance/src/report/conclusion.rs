//! The two witnesses of a failed step in one sentence: who said what, and who disagrees.

use crate::event::CaseRecord;
use crate::stage::{Line, LineKind};

/// Ops that an SDK may answer from what it holds; that nothing reached the service says nothing.
const SILENT: &[&str] = &[
    "client.close",
    "client.restart",
    "mfa.missing",
    "mfa.required_for_action",
    "mfa_token.take",
    "recovery.pending",
    "state.get",
    "state.stored",
    "stepup.check",
    "stepup.peek",
    "stepup.take",
];

/// What the driver's answer and the last exchange of the first failed step say together.
///
/// None when the failure is about no step, or when the step had no answer.
pub(super) fn of(record: &CaseRecord) -> Option<&'static str> {
    let step = record.failures().next()?.step?;
    let lines = || record.trace.iter().filter(move |line| line.step == Some(step));
    let answer = lines().rfind(|line| line.kind == LineKind::Answer)?;
    let succeeded = match answer.text.as_str() {
        text if text.starts_with("ok ") => true,
        text if text.starts_with("err.") => false,
        _ => return None,
    };
    let granted = lines().rfind(|line| line.kind == LineKind::Wire).map(granted);
    Some(match (succeeded, granted) {
        (true, Some(false)) => "the service refused, the SDK (or its driver) returned success",
        (false, Some(true)) => "the service granted it, the SDK (or its driver) reported an error",
        (true, None) if asked(record, step).is_some_and(|op| SILENT.contains(&op)) => return None,
        (true, None) => "nothing reached the service, the SDK (or its driver) returned success",
        (false, None) => "nothing reached the service, the SDK refused by itself",
        (true, Some(true)) => "the call went well; what was sent or said is not what is due",
        (false, Some(false)) => {
            "the service refused and the SDK said so; how it said so is not what is due"
        }
    })
}

/// The op of a step.
fn asked(record: &CaseRecord, step: u64) -> Option<&str> {
    let is_its = |line: &&Line| line.step == Some(step) && line.kind == LineKind::Ask;
    record.trace.iter().find(is_its)?.text.split_whitespace().next()
}

/// Whether the status in a wire line is one of success.
fn granted(line: &Line) -> bool {
    let status = line.text.split("→ ").nth(1).and_then(|rest| rest.split_whitespace().next());
    status.is_some_and(|status| status.starts_with('2'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::records;

    #[test]
    fn an_op_that_need_not_send_is_not_said_to_have_sent_nothing() {
        let mut record = records().into_iter().find(|it| it.failures().next().is_some()).unwrap();
        let step = record.failures().next().unwrap().step;
        let line = |kind, text: &str| Line { kind, step, text: text.to_owned() };
        let mut of_op = |op: &str| {
            record.trace = vec![line(LineKind::Ask, op), line(LineKind::Answer, "ok {}")];
            of(&record)
        };
        let silent = "nothing reached the service, the SDK (or its driver) returned success";
        assert_eq!(of_op("device.list {}"), Some(silent));
        assert_eq!(of_op("state.get {}"), None);
    }

    #[test]
    fn every_op_that_need_not_send_exists() {
        for name in SILENT {
            assert!(driver_protocol::op(name).is_some(), "{name}");
        }
    }
}
