//! The report for machines: one JSON document.

use std::borrow::Cow;
use std::io;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event::{CaseRecord, RunBegan, Summary};
use crate::finished::FinishedRun;
use crate::honesty::Probe;
use crate::matrix::{self, Cell, Standing};

/// Grows when a field changes its meaning or goes away; new fields do not count.
pub const SCHEMA: u32 = 1;

/// The JSON report of one run.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Document<'a> {
    /// Version of this form.
    pub schema: u32,
    /// What the process ended with.
    pub exit_code: u8,
    /// How the run ended.
    pub summary: Cow<'a, Summary>,
    /// How the run was set up; null when it never began.
    pub run: Option<Cow<'a, RunBegan>>,
    /// The questions about the driver's honesty.
    pub honesty: Cow<'a, [Probe]>,
    /// One cell of the guide matrix for each guide.
    pub guides: Vec<Cell>,
    /// How each requirement of the suite stands after this run.
    pub requirements: Vec<Standing>,
    /// The judged cases, by id.
    pub cases: Cow<'a, [CaseRecord]>,
}

/// The whole report.
///
/// # Errors
/// None is known; the type is that of the serialiser.
pub fn render(run: &FinishedRun) -> io::Result<Vec<u8>> {
    let document = Document {
        schema: SCHEMA,
        exit_code: run.summary.exit.code(),
        summary: Cow::Borrowed(&run.summary),
        run: run.began.as_ref().map(Cow::Borrowed),
        honesty: Cow::Borrowed(&run.probes),
        guides: matrix::cells(run),
        requirements: matrix::standings(run),
        cases: Cow::Borrowed(&run.cases),
    };
    let mut text = serde_json::to_vec_pretty(&document)?;
    text.push(b'\n');
    Ok(text)
}

impl Document<'_> {
    /// The run that the report is about; what was derived from it is left out.
    #[must_use]
    pub fn into_run(self) -> FinishedRun {
        FinishedRun {
            began: self.run.map(Cow::into_owned),
            probes: self.honesty.into_owned(),
            cases: self.cases.into_owned(),
            summary: self.summary.into_owned(),
        }
    }
}
