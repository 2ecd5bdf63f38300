//! The report for people: one line per case, and everything about what went wrong.

use std::io::{self, Write};

use super::Reporter;
use super::conclusion;
use crate::event::{CaseRecord, Event, RunBegan, Summary};
use crate::honesty::Probe;
use crate::requirement::Level;
use crate::stage::{Line, LineKind};
use crate::verdict::{Proof, Verdict};

/// Lines of a driver's log that are shown below a red case.
const LOG_LINES_SHOWN: usize = 8;

/// Writes a run as text while it goes on.
pub struct Terminal<W> {
    out: W,
    trace: bool,
    connect: String,
    seed: u64,
    scored: Level,
    red: Vec<CaseRecord>,
}

impl<W: Write> Terminal<W> {
    /// A report into `out`; with `trace`, every case shows its steps.
    pub fn new(out: W, trace: bool) -> Self {
        Self { out, trace, connect: String::new(), seed: 0, scored: Level::Must, red: Vec::new() }
    }

    fn began(&mut self, run: &RunBegan) -> io::Result<()> {
        self.connect.clone_from(&run.connect);
        self.seed = run.seed;
        self.scored = run.scored;
        let driver = run.driver.as_deref().unwrap_or("not attached");
        let sdk = run.sdk.as_deref().unwrap_or("unknown");
        writeln!(self.out, "driver  {} ({driver})", run.connect)?;
        writeln!(self.out, "sdk     {sdk}")?;
        writeln!(self.out, "seed    {} · {} workers", run.seed, run.jobs)?;
        if !run.undeclared.is_empty() {
            writeln!(self.out, "silent  about {}", run.undeclared.join(", "))?;
        }
        writeln!(self.out)
    }

    fn probed(&mut self, probes: &[Probe]) -> io::Result<()> {
        for probe in probes {
            let mark = if probe.problem.is_none() { '✓' } else { '✗' };
            writeln!(self.out, "{mark} honesty/{}  {}", probe.id, probe.title)?;
            if let Some(problem) = &probe.problem {
                writeln!(self.out, "    {problem}")?;
            }
        }
        writeln!(self.out)
    }

    fn case(&mut self, record: &CaseRecord) -> io::Result<()> {
        let word = match record.verdict {
            Verdict::Pass => String::new(),
            Verdict::Fail if record.worst_level() > Some(self.scored) => {
                "  FAIL, not scored".into()
            }
            verdict => format!("  {}", verdict.word()),
        };
        let (mark, case) = (mark(record.verdict), &record.case);
        writeln!(self.out, "{mark} {case}{word}  {} ms", record.duration_ms)?;
        if record.verdict == Verdict::Na {
            writeln!(self.out, "    {}", record.because.as_deref().unwrap_or_default())?;
        }
        if let Some(known) = &record.known {
            let issue = known.issue.as_deref().unwrap_or("no issue");
            writeln!(self.out, "    known at {}: {} ({issue})", known.at, known.cause)?;
        }
        for problem in &record.dishonest {
            writeln!(self.out, "    not from the SDK? {problem}")?;
        }
        if self.trace {
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
            self.failure(record)?;
        }
        if !summary.reasons.is_empty() {
            writeln!(self.out, "\nexit {}: {}", summary.exit.code(), summary.exit.meaning())?;
            for reason in &summary.reasons {
                writeln!(self.out, "  {}  {}", reason.exit.code(), reason.text)?;
            }
        }
        let wire = summary.sdk_on_wire.as_deref().unwrap_or("nothing");
        writeln!(self.out, "\nsdk on the wire {wire} · {} ms", summary.duration_ms)?;
        writeln!(self.out, "{}", summary.totals.line())?;
        self.out.flush()
    }

    fn failure(&mut self, record: &CaseRecord) -> io::Result<()> {
        let failed = record.failures().next();
        let step = failed.and_then(|finding| finding.step);
        let at = step.map_or_else(String::new, |step| format!("  step {step}"));
        let word = record.verdict.word();
        writeln!(self.out, "\n{} {}{at}  {word}", mark(record.verdict), record.case)?;
        writeln!(self.out, "  {}", record.title)?;
        let guides: Vec<&str> = record.guides.iter().map(|guide| guide.name()).collect();
        for proof in record.proofs.iter().filter(|proof| proof.proof != Proof::Held) {
            let shown = if proof.proof == Proof::Failed { "" } else { "  undecided" };
            let (id, level) = (&proof.requirement, proof.level.word());
            writeln!(self.out, "  {id} {level} ({}){shown}", guides.join(", "))?;
            if let Some(text) = &proof.text {
                writeln!(self.out, "    {text}")?;
            }
            if let Some(source) = &proof.source {
                writeln!(self.out, "    {source}")?;
            }
        }
        if let Some(because) = &record.because
            && failed.is_none()
        {
            writeln!(self.out, "  because   {because}")?;
        }
        for finding in record.failures() {
            writeln!(self.out, "  looked at {}", finding.what)?;
            writeln!(self.out, "  expected  {}", finding.expected)?;
            writeln!(self.out, "  got       {}", finding.got)?;
        }
        for line in record.trace.iter().filter(|line| line.step == step && line.step.is_some()) {
            if line.kind == LineKind::Wire {
                writeln!(self.out, "  wire      {}", line.text)?;
            }
        }
        if let Some(so) = conclusion::of(record) {
            writeln!(self.out, "  so        {so}")?;
        }
        self.tail_of_log(&record.log)?;
        let (case, connect, seed) = (&record.case, &self.connect, self.seed);
        writeln!(
            self.out,
            "  again     mfa-conformance run --case {case} --trace --seed {seed} --driver '{connect}'"
        )
    }

    fn tail_of_log(&mut self, log: &[String]) -> io::Result<()> {
        let skipped = log.len().saturating_sub(LOG_LINES_SHOWN);
        for line in log.iter().skip(skipped) {
            writeln!(self.out, "  log       {line}")?;
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
            writeln!(self.out, "    {step} {arrow} {}", line.text)?;
        }
        Ok(())
    }
}

impl<W: Write> Reporter for Terminal<W> {
    fn on(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunBegan(run) => self.began(run),
            Event::Probed(probes) => self.probed(probes),
            Event::CaseEnded(record) => self.case(record),
            Event::RunEnded(summary) => self.ended(summary),
        }
    }
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
