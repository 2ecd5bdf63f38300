//! One line on a terminal that says how far a run is.

use std::io::{self, Write};

use super::Reporter;
use crate::event::Event;
use crate::stopwatch::Stopwatch;

/// Takes the cursor to the start of the line and empties it.
const EMPTY_LINE: &str = "\r\u{1b}[2K";

/// How far a run is: cases done of those planned, red ones so far, and the time.
#[derive(Debug)]
pub struct Live {
    done: usize,
    planned: usize,
    red: usize,
    watch: Stopwatch,
    is_drawn: bool,
}

impl Live {
    /// A line that shows nothing yet.
    #[must_use]
    pub fn start() -> Self {
        Self { done: 0, planned: 0, red: 0, watch: Stopwatch::start(), is_drawn: false }
    }

    pub(super) fn on(&mut self, event: &Event) {
        match event {
            Event::RunBegan(began) => self.planned = began.planned,
            Event::CaseEnded(record) => {
                self.done += 1;
                self.red += usize::from(!record.verdict.is_quiet());
            }
            Event::Probed(_) | Event::RunEnded(_) => {}
        }
    }

    pub(super) fn draw(&mut self, out: &mut impl Write) -> io::Result<()> {
        self.is_drawn = true;
        write!(out, "{EMPTY_LINE}{}", self.text())?;
        out.flush()
    }

    /// Takes the line away, so that others can be written.
    pub(super) fn clear(&mut self, out: &mut impl Write) -> io::Result<()> {
        if std::mem::take(&mut self.is_drawn) { write!(out, "{EMPTY_LINE}") } else { Ok(()) }
    }

    fn text(&self) -> String {
        let seconds = self.watch.elapsed().as_secs_f32();
        format!("{}/{} · {} red · {seconds:.1} s", self.done, self.planned, self.red)
    }
}

/// The line alone, for a terminal that gets nothing else.
pub struct Progress<W> {
    out: W,
    live: Live,
}

impl<W: Write> Progress<W> {
    /// A line on `out`.
    pub fn new(out: W) -> Self {
        Self { out, live: Live::start() }
    }
}

impl<W: Write> Reporter for Progress<W> {
    fn on(&mut self, event: &Event) -> io::Result<()> {
        self.live.on(event);
        match event {
            Event::RunEnded(_) => {
                self.live.clear(&mut self.out)?;
                self.out.flush()
            }
            _ => self.live.draw(&mut self.out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::events;

    #[test]
    fn the_line_counts_and_leaves_nothing_behind() {
        let mut out = Vec::new();
        let mut progress = Progress::new(&mut out);
        for event in events() {
            progress.on(&event).unwrap();
        }
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("\r\u{1b}[2K6/7 · 3 red · "), "{text:?}");
        assert!(text.ends_with("\r\u{1b}[2K"), "{text:?}");
        assert!(!text.contains('\n'), "one line stays one line");
    }
}
