//! The reports that are written when a run is over, all from one gathering of its events.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use super::{ReportFile, Reporter, annotations, badge, html, json, junit, markdown, tap};
use crate::event::Event;
use crate::finished::{FinishedRun, Gathering};
use crate::run::panic_text;

/// A form of report that is one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON document, described by `report.schema.json`.
    Json,
    /// JUnit, as CI systems read it.
    Junit,
    /// A page for people, in one file.
    Html,
    /// A job summary.
    Markdown,
    /// TAP, as consumers of versions 13 and 14 read it.
    Tap,
    /// A badge, as shields.io reads it from an endpoint.
    Badge,
    /// Workflow commands that GitHub shows beside the code.
    Annotations,
}

impl Format {
    /// The whole report.
    ///
    /// # Errors
    /// Something cannot be expressed in the form; none is known.
    pub fn render(self, run: &FinishedRun) -> io::Result<Vec<u8>> {
        match self {
            Self::Json => json::render(run),
            Self::Junit => junit::render(run),
            Self::Html => Ok(html::render(run).into_bytes()),
            Self::Markdown => Ok(markdown::render(run).into_bytes()),
            Self::Tap => Ok(tap::render(run).into_bytes()),
            Self::Badge => badge::render(run),
            Self::Annotations => Ok(annotations::render(run).into_bytes()),
        }
    }
}

/// Where a document goes.
#[derive(Debug)]
enum Place {
    File(ReportFile),
    End(PathBuf),
    Stdout,
}

/// Gathers a run and writes every document that was asked for at its end.
#[derive(Debug, Default)]
pub struct Documents {
    gathering: Gathering,
    is_frozen: bool,
    wanted: Vec<(Format, Place)>,
}

impl Documents {
    /// Whether nobody asked for any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    /// Leaves out of every report what differs from run to run.
    pub fn freeze(&mut self) {
        self.is_frozen = true;
    }

    /// Adds a report in a file of its own.
    ///
    /// # Errors
    /// The path cannot be written.
    pub fn file(&mut self, format: Format, path: &Path) -> io::Result<()> {
        let file = ReportFile::prepare(path)?;
        self.wanted.push((format, Place::File(file)));
        Ok(())
    }

    /// Adds a report that is written behind what a file already holds.
    ///
    /// # Errors
    /// The path cannot be written.
    pub fn append(&mut self, format: Format, path: &Path) -> io::Result<()> {
        let opened = OpenOptions::new().append(true).create(true).open(path);
        opened.map_err(|error| {
            io::Error::new(error.kind(), format!("{}: {error}", path.display()))
        })?;
        self.wanted.push((format, Place::End(path.to_owned())));
        Ok(())
    }

    /// Adds a report that is printed.
    pub fn print(&mut self, format: Format) {
        self.wanted.push((format, Place::Stdout));
    }

    /// Writes every document, even when another cannot be written.
    ///
    /// # Errors
    /// The first that could not.
    pub fn write(&self, run: &FinishedRun) -> io::Result<()> {
        let results: Vec<io::Result<()>> = self
            .wanted
            .iter()
            .map(|(format, place)| {
                // A mistake of ours in one report must not cost the others.
                let rendered = catch_unwind(AssertUnwindSafe(|| format.render(run)));
                let rendered = rendered.unwrap_or_else(|panic| {
                    let text = panic_text(&*panic);
                    Err(io::Error::other(format!("the report {format:?} panicked: {text}")))
                })?;
                deliver(place, &rendered)
            })
            .collect();
        results.into_iter().collect()
    }
}

impl Reporter for Documents {
    fn on(&mut self, event: &Event) -> io::Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        match self.gathering.on(event) {
            Some(run) if self.is_frozen => self.write(&run.frozen()),
            Some(run) => self.write(&run),
            None => Ok(()),
        }
    }
}

fn deliver(place: &Place, content: &[u8]) -> io::Result<()> {
    match place {
        Place::File(file) => file.publish(content),
        Place::End(path) => OpenOptions::new().append(true).open(path)?.write_all(content),
        Place::Stdout => {
            let mut out = io::stdout().lock();
            out.write_all(content)?;
            out.flush()
        }
    }
}
