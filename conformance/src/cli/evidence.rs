//! Reading what an earlier run left behind: a recording, or a JSON report.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::event::Event;
use crate::exit::Exit;
use crate::finished::FinishedRun;
use crate::recording::{self, Recording};
use crate::report::json::{Document, SCHEMA};

/// The events of an earlier run, with an end even if it was killed.
pub(super) fn events(file: &Path) -> Result<Vec<Event>, (Exit, String)> {
    load(file).map_err(|problem| (Exit::Usage, problem))
}

/// An earlier run as a whole.
pub(super) fn run(file: &Path) -> Result<FinishedRun, (Exit, String)> {
    Ok(Recording { events: events(file)?, is_cut: false }.finished())
}

fn load(file: &Path) -> Result<Vec<Event>, String> {
    let name = file.display().to_string();
    let text = fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
    if is_document(&text) {
        return document(&name, &text).map(into_events);
    }
    recording::read(&name, &text).map(Recording::ended).map_err(|error| error.to_string())
}

/// A JSON report is an object, on one line or on many; a recording's first line says what it is.
fn is_document(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    let says = |value: Value| value.get("recording").is_some();
    text.trim_start().starts_with('{') && !serde_json::from_str(first).is_ok_and(says)
}

fn document(name: &str, text: &str) -> Result<FinishedRun, String> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let document: Document<'static> =
        serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let (path, inner) = (error.path().to_string(), error.inner());
            format!("{name}:{}: this is no JSON report of a run: {path}: {inner}", inner.line())
        })?;
    if document.schema != SCHEMA {
        let found = document.schema;
        return Err(format!("{name}: the report has schema {found}; this version reads {SCHEMA}"));
    }
    Ok(document.into_run())
}

fn into_events(run: FinishedRun) -> Vec<Event> {
    let mut events: Vec<Event> =
        run.began.into_iter().map(|began| Event::RunBegan(Box::new(began))).collect();
    if !run.probes.is_empty() {
        events.push(Event::Probed(run.probes));
    }
    events.extend(run.cases.into_iter().map(|record| Event::CaseEnded(Box::new(record))));
    events.push(Event::RunEnded(run.summary));
    events
}
