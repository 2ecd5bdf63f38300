//! The report for people: one line per case, and everything about what went wrong.

use std::fmt;
use std::io::{self, Write};

use super::again::again;
use super::live::Live;
use super::plain::plain;
use super::{Reporter, conclusion, resemblance};
use crate::driver::names_error;
use crate::event::{CaseRecord, Event, RunBegan, Summary};
use crate::honesty::Probe;
use crate::likeness::Likeness;
use crate::requirement::Level;
use crate::stage::{Line, LineKind};
use crate::verdict::{Proof, Verdict};

/// Lines of a driver's log that are shown below a red case.
const LOG_LINES_SHOWN: usize = 8;

/// Capabilities without a word that are named before the others are only counted.
const UNDECLARED_SHOWN: usize = 4;

/// Writes a run as text while it goes on.
pub struct Terminal<W> {
    out: W,
    look: Look,
    began: Option<RunBegan>,
    red: Vec<CaseRecord>,
}

/// How a terminal report looks.
#[derive(Debug, Default)]
pub struct Look {
    /// Every case shows its steps.
    pub trace: bool,
    /// Marks and labels are coloured.
    pub colours: bool,
    /// A last line says how far the run is; cases that need no attention then get no line.
    pub live: Option<Live>,
}

impl<W: Write> Terminal<W> {
    /// A report into `out`.
    pub fn new(out: W, look: Look) -> Self {
        Self { out, look, began: None, red: Vec::new() }
    }

    /// Writes one line; whatever stands in it, it stays one.
    fn say(&mut self, text: fmt::Arguments<'_>) -> io::Result<()> {
        let line = plain(&text.to_string());
        match colour(&line).filter(|_| self.look.colours) {
            Some((code, end)) => {
                let (label, rest) = line.split_at(end);
                writeln!(self.out, "\u{1b}[{code}m{label}\u{1b}[0m{rest}")
            }
            None => writeln!(self.out, "{line}"),
        }
    }

    fn scored(&self) -> Level {
        self.began.as_ref().map_or(Level::Must, |began| began.scored)
    }

    fn began(&mut self, run: &RunBegan) -> io::Result<()> {
        self.began = Some(run.clone());
        let driver = run.driver.as_deref().unwrap_or("not attached");
        let sdk = run.sdk.as_deref().unwrap_or("unknown");
        self.say(format_args!("driver  {} ({driver})", run.connect))?;
        self.say(format_args!("sdk     {sdk}"))?;
        if let Some(service) = &run.service {
            let name = service.name.as_deref().unwrap_or("not reached");
            self.say(format_args!("service {} ({name})", service.target))?;
            if service.is_judged {
                self.say(format_args!(
                    "judged  the service; {} cases that show something about SDKs only are left out",
                    service.left_out
                ))?;
            }
        }
        self.say(format_args!("seed    {} · {} workers", run.seed, run.jobs))?;
        if let Some(set) = &run.set {
            self.say(format_args!("set     {set}; rows that it does not have count for nothing"))?;
        }
        if run.judged_anew {
            self.say(format_args!("anew    from a recording; nothing was played"))?;
        }
        if !run.undeclared.is_empty() {
            let shown = if self.look.trace { usize::MAX } else { UNDECLARED_SHOWN };
            let first: Vec<&str> = run.undeclared.iter().take(shown).map(String::as_str).collect();
            let more = match run.undeclared.len() - first.len() {
                0 => String::new(),
                more => format!(" and {more} more (--trace names all)"),
            };
            self.say(format_args!("silent  about {}{more}", first.join(", ")))?;
        }
        self.say(format_args!(""))
    }

    fn probed(&mut self, probes: &[Probe]) -> io::Result<()> {
        for probe in probes {
            let mark = match (&probe.problem, probe.fails()) {
                (None, _) => '✓',
                (Some(_), true) => '✗',
                (Some(_), false) => '·',
            };
            self.say(format_args!("{mark} honesty/{}  {}", probe.id, probe.title))?;
            if let Some(problem) = &probe.problem {
                self.say(format_args!("    {problem}"))?;
            }
        }
        self.say(format_args!(""))
    }

    fn case(&mut self, record: &CaseRecord, only_loud: bool) -> io::Result<()> {
        if only_loud
            && !self.look.trace
            && record.verdict == Verdict::Pass
            && record.dishonest.is_empty()
        {
            return Ok(());
        }
        let word = match record.verdict {
            Verdict::Pass => String::new(),
            Verdict::Fail if !record.counts(self.scored()) => "  FAIL, not scored".into(),
            verdict => format!("  {}", verdict.word()),
        };
        let (mark, case) = (mark(record.verdict), &record.case);
        self.say(format_args!("{mark} {case}{word}  {} ms", record.duration_ms))?;
        if record.verdict == Verdict::Na {
            self.say(format_args!("    {}", record.because.as_deref().unwrap_or_default()))?;
        }
        if let Some(known) = &record.known {
            let issue = known.issue.as_deref().unwrap_or("no issue");
            self.say(format_args!("    known at {}: {} ({issue})", known.at, known.cause))?;
            for proof in record.proofs.iter().filter(|proof| proof.proof == Proof::Failed) {
                let source = proof.source.as_deref().unwrap_or("no page");
                self.say(format_args!(
                    "    {} {} {source}",
                    proof.requirement,
                    proof.level.word()
                ))?;
            }
        }
        for problem in &record.dishonest {
            self.say(format_args!("    not from the SDK? {problem}"))?;
        }
        if self.look.trace {
            self.steps(&record.trace)?;
        }
        if !record.verdict.is_quiet() {
            self.red.push(record.clone());
        }
        Ok(())
    }

    fn ended(&mut self, summary: &Summary) -> io::Result<()> {
        let mut red = std::mem::take(&mut self.red);
        red.sort_by(|left, right| left.case.cmp(&right.case));
        for record in &red {
            self.failure(record, summary.likeness(&record.case))?;
        }
        if !summary.reasons.is_empty() {
            self.say(format_args!(""))?;
            self.say(format_args!("exit {}: {}", summary.exit.code(), summary.exit.meaning()))?;
            for reason in &summary.reasons {
                self.say(format_args!("  {}  {}", reason.exit.code(), reason.text))?;
            }
        }
        self.say(format_args!(""))?;
        let duration = summary.duration_ms;
        if self.began.as_ref().is_some_and(RunBegan::judges_service) {
            self.say(format_args!("{duration} ms"))?;
        } else {
            let wire = summary.sdk_on_wire.as_deref().unwrap_or("nothing");
            self.say(format_args!("sdk on the wire {wire} · {duration} ms"))?;
        }
        self.say(format_args!("{}", summary.totals.line()))?;
        self.out.flush()
    }

    fn failure(&mut self, record: &CaseRecord, like: Option<&Likeness>) -> io::Result<()> {
        let failed = record.failures().next();
        let step = failed.and_then(|finding| finding.step);
        let at = step.map_or_else(String::new, |step| format!("  step {step}"));
        let word = record.verdict.word();
        self.say(format_args!(""))?;
        self.say(format_args!("{} {}{at}  {word}", mark(record.verdict), record.case))?;
        self.say(format_args!("  {}", record.title))?;
        let guides: Vec<&str> = record.guides.iter().map(|guide| guide.name()).collect();
        for proof in record.proofs.iter().filter(|proof| proof.proof != Proof::Held) {
            let shown = if proof.proof == Proof::Failed { "" } else { "  undecided" };
            let (id, level) = (&proof.requirement, proof.level.word());
            self.say(format_args!("  {id} {level} ({}){shown}", guides.join(", ")))?;
            if let Some(text) = &proof.text {
                self.say(format_args!("    {text}"))?;
            }
            if let Some(source) = &proof.source {
                self.say(format_args!("    {source}"))?;
            }
        }
        if let Some(because) = &record.because
            && failed.is_none()
        {
            self.say(format_args!("  because   {because}"))?;
        }
        for finding in record.failures() {
            self.say(format_args!("  looked at {}", finding.what))?;
            self.say(format_args!("  expected  {}", finding.expected))?;
            self.say(format_args!("  got       {}", finding.got))?;
        }
        for line in record.trace.iter().filter(|line| line.step == step && line.step.is_some()) {
            if line.kind == LineKind::Wire {
                self.say(format_args!("  wire      {}", line.text))?;
            }
        }
        if let Some(so) = conclusion::of(record) {
            self.say(format_args!("  so        {so}"))?;
        }
        if let Some(like) = like {
            self.say(format_args!("  like      {}", resemblance::of(like)))?;
        }
        self.end_of_log(record)?;
        let again = again(record, self.began.as_ref());
        self.say(format_args!("  again     {again}"))
    }

    /// The last lines of the log; of a crash, those that begin with what names the error.
    fn end_of_log(&mut self, record: &CaseRecord) -> io::Result<()> {
        let tail = record.log.len().saturating_sub(LOG_LINES_SHOWN);
        let named = record.log.iter().rposition(|line| names_error(line));
        let first = match (record.played, named) {
            (Verdict::Crash, Some(named)) => named.min(tail),
            _ => tail,
        };
        for line in record.log.iter().skip(first).take(LOG_LINES_SHOWN) {
            self.say(format_args!("  log       {line}"))?;
        }
        Ok(())
    }

    fn steps(&mut self, trace: &[Line]) -> io::Result<()> {
        for line in trace {
            let step = line.step.map_or_else(|| "  ".to_owned(), |step| format!("{step:>2}"));
            let arrow = match line.kind {
                LineKind::Ask => ">",
                LineKind::Wire => "  ~",
                LineKind::Answer => "<",
                LineKind::Note => "·",
            };
            self.say(format_args!("    {step} {arrow} {}", line.text))?;
        }
        Ok(())
    }
}

impl<W: Write> Reporter for Terminal<W> {
    fn on(&mut self, event: &Event) -> io::Result<()> {
        let mut live = self.look.live.take();
        if let Some(live) = &mut live {
            live.clear(&mut self.out)?;
            live.on(event);
        }
        match event {
            Event::RunBegan(run) => self.began(run)?,
            Event::Probed(probes) => self.probed(probes)?,
            Event::CaseEnded(record) => self.case(record, live.is_some())?,
            Event::RunEnded(summary) => return self.ended(summary),
        }
        if let Some(live) = &mut live {
            live.draw(&mut self.out)?;
        }
        self.look.live = live;
        Ok(())
    }
}

/// The colour of a line's label and where the label ends.
fn colour(line: &str) -> Option<(&'static str, usize)> {
    const GREEN: &str = "32";
    const RED: &str = "31";
    const YELLOW: &str = "33";
    let mark = |mark: char| line.starts_with(mark).then(|| mark.len_utf8());
    let label = |label: &str| line.starts_with(label).then_some(label.len());
    None.or_else(|| mark('✓').map(|end| (GREEN, end)))
        .or_else(|| mark('✗').map(|end| (RED, end)))
        .or_else(|| mark('~').or_else(|| mark('?')).map(|end| (YELLOW, end)))
        .or_else(|| label("  expected").map(|end| (GREEN, end)))
        .or_else(|| label("  got").or_else(|| label("exit ")).map(|end| (RED, end)))
}

fn mark(verdict: Verdict) -> char {
    match verdict {
        Verdict::Pass => '✓',
        Verdict::Xfail => '~',
        Verdict::Na => '–',
        Verdict::Notrun => '?',
        _ => '✗',
    }
}
