//! The report for machines: one JSON document.

use std::io::{self, Write};

use serde::Serialize;

use super::Reporter;
use crate::event::{CaseRecord, Event, RunBegan, Summary};
use crate::honesty::Probe;

/// Grows when a field changes its meaning or goes away; new fields do not count.
pub const SCHEMA: u32 = 1;

/// Collects a run and writes it as one document at its end.
pub struct JsonReport<W> {
    out: W,
    run: Option<RunBegan>,
    probes: Vec<Probe>,
    cases: Vec<CaseRecord>,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    exit_code: u8,
    summary: &'a Summary,
    run: &'a Option<RunBegan>,
    honesty: &'a [Probe],
    cases: &'a [CaseRecord],
}

impl<W: Write> JsonReport<W> {
    /// A report into `out`.
    pub fn new(out: W) -> Self {
        Self { out, run: None, probes: Vec::new(), cases: Vec::new() }
    }

    fn write(&mut self, summary: &Summary) -> io::Result<()> {
        self.cases.sort_by(|left, right| left.case.cmp(&right.case));
        let document = Document {
            schema: SCHEMA,
            exit_code: summary.exit.code(),
            summary,
            run: &self.run,
            honesty: &self.probes,
            cases: &self.cases,
        };
        serde_json::to_writer_pretty(&mut self.out, &document)?;
        writeln!(self.out)?;
        self.out.flush()
    }
}

impl<W: Write> Reporter for JsonReport<W> {
    fn on(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunBegan(run) => self.run = Some(run.clone()),
            Event::Probed(probes) => self.probes.clone_from(probes),
            Event::CaseEnded(record) => self.cases.push((**record).clone()),
            Event::RunEnded(summary) => self.write(summary)?,
        }
        Ok(())
    }
}
