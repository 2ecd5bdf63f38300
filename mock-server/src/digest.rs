//! What a service refused, in few lines: for whoever sees a test fail and wants to know why.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::{Exchange, Mock};

/// What was refused in all environments and outside of them, the most frequent first.
pub(crate) fn digest(mock: &Mock) -> String {
    let (mut counts, mut exchanges, mut lost) = (BTreeMap::<String, usize>::new(), 0, 0);
    let ids = mock.environment_ids();
    let mut count = |kept: Vec<Exchange>, newest: u64| {
        let newest = usize::try_from(newest).unwrap_or(usize::MAX);
        lost += newest.saturating_sub(kept.len());
        exchanges += newest;
        for exchange in kept.iter().filter(|exchange| exchange.status >= 400) {
            *counts.entry(line(exchange)).or_default() += 1;
        }
    };
    for world in ids.iter().filter_map(|id| mock.existing_environment(id)) {
        count(world.journal(), world.journal_newest());
    }
    count(mock.astray(0, false), mock.astray_newest());
    let mut lines: Vec<(String, usize)> = counts.into_iter().collect();
    lines.sort_by(|(one, often), (other, seldom)| seldom.cmp(often).then(one.cmp(other)));
    let mut text = String::new();
    let worlds = ids.len();
    let _ = match (exchanges, lines.len()) {
        (0, _) => writeln!(
            text,
            "nothing was asked of any environment: does the command use MFA_MOCK_BASE_URL?"
        ),
        (_, 0) => {
            writeln!(text, "nothing was refused ({exchanges} exchanges, environments: {worlds})")
        }
        _ => writeln!(text, "what was refused ({exchanges} exchanges, environments: {worlds}):"),
    };
    for (line, count) in lines {
        let _ = writeln!(text, "{count:5} × {line}");
    }
    if lost > 0 {
        let _ =
            writeln!(text, "{lost} older exchanges are not in it (--journal-entries keeps more)");
    }
    text
}

/// One refusal without what differs from one to the next.
fn line(exchange: &Exchange) -> String {
    let what = match exchange.operation {
        Some(operation) => operation.to_owned(),
        None => format!("{} {}", exchange.method, path(&exchange.path)),
    };
    let code = exchange
        .response_body
        .get("code")
        .and_then(|code| code.as_str())
        .map(|code| format!(" {code}"));
    let why = match (&exchange.refusal, &exchange.fault) {
        (Some(refusal), _) => format!("{} ({})", refusal.reason, refusal.rule),
        (None, Some(fault)) => format!("an injected fault: {fault}"),
        (None, None) => "no reason was noted".to_owned(),
    };
    format!("{what} {}{}: {why}", exchange.status, code.unwrap_or_default())
}

/// A path without its query and without the ids in it.
fn path(path: &str) -> String {
    let path = path.split('?').next().unwrap_or("");
    let is_id = |segment: &str| segment.len() == 36 && segment.contains('-');
    let shown = path.split('/').map(|segment| if is_id(segment) { "…" } else { segment });
    shown.collect::<Vec<_>>().join("/")
}
