//! `prove`: everything that is broken on purpose, met and judged.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use globset::Glob;

use super::Ended;
use super::list::print;
use super::run::cores;
use crate::case::Case;
use crate::exit::{Exit, Reason};
use crate::prove::hunt::{Ground, Reach};
use crate::prove::kept::Kept;
use crate::prove::mutant::{Mutant, mutants};
use crate::prove::{self, Hunted, Told, page, score, words};
use crate::requirement::Requirements;
use crate::suggestion;
use crate::suite;

const ABOUT: &str = "\
A mutant is an SDK, a service or a driver with one thing wrong. It is caught when the requirement
that it breaks is among those that fail, it was seen to do the wrong thing, and the honest SDK and
service were green before. A crash catches only whose sin it is.

By default each mutant meets the cases that decide the requirement which it breaks. --whole plays
every case against every mutant, half an hour: only then can be said what else fails, and which
cases catch nobody. --keep writes down what was seen; later hunts are held against it, and the
reports of `run` name the mutant that a failure resembles. --missing does the same after a few cases
or mutants were added, in minutes: it believes what was kept of the others. Name a case that has
changed with --case, and play --whole now and then.

Gates: 98 % of the broken SDKs and of the broken services, all lying drivers, and every MUST proven
by a mutant that breaks it. They are judged when nothing was selected.

Exit codes: 7 below a gate, for a mutant that lives, or when nothing that was seen counts; 5 when
what is kept is out of date; 2 usage; else 0.";

/// Mutants met at a time for each core; a session that runs out takes a second of the clock.
const MUTANTS_PER_CORE: usize = 3;

#[derive(Debug, Args)]
#[command(after_help = ABOUT, group = ArgGroup::new("all").args(["whole", "missing"]))]
pub(super) struct ProveArgs {
    /// Meet only mutants that match this glob, such as 'sdk/*' (may be given more than once)
    #[arg(long = "mutant", value_name = "GLOB")]
    globs: Vec<String>,
    /// Play every case against every mutant, not only those that must catch it
    #[arg(long)]
    whole: bool,
    /// Play against every mutant what must catch it, and the cases that nothing is kept of
    #[arg(long, conflicts_with = "whole")]
    missing: bool,
    /// With --missing, play this case against every mutant, too (may be given more than once)
    #[arg(long = "case", value_name = "ID", requires = "missing")]
    cases: Vec<String>,
    /// Write what was seen of each mutant into this file (with --whole or --missing, nothing selected)
    #[arg(long, value_name = "FILE", requires = "all", conflicts_with = "globs")]
    keep: Option<PathBuf>,
    /// Write the matrix of requirements and mutants as a Markdown page (as --keep)
    #[arg(long, value_name = "FILE", requires = "all", conflicts_with = "globs")]
    markdown: Option<PathBuf>,
    /// Mutants met at a time; three for each core if absent, because some cases wait for a timer
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Seed of identifiers and order
    #[arg(long, value_name = "N", default_value_t = 7)]
    seed: u64,
}

pub(super) fn prove(args: &ProveArgs, requirements: &Requirements) -> Ended {
    let selected = select(&args.globs).map_err(|problem| (Exit::Usage, problem))?;
    let cases = suite::cases();
    let kept = known(&args.cases, &cases).map_err(|problem| (Exit::Usage, problem))?;
    let reach = match (args.whole, args.missing) {
        (true, _) => Reach::Whole,
        (false, true) => Reach::Missing(&kept),
        (false, false) => Reach::Deciding,
    };
    let covers_all = !matches!(reach, Reach::Deciding);
    let ground = Ground { requirements, cases: &cases, reach, seed: args.seed };
    let jobs = args.jobs.unwrap_or_else(|| cores() * MUTANTS_PER_CORE);
    let mut progress = Progress::new(selected.len());
    let hunted = prove::hunt(&ground, &selected, jobs, &mut |told| progress.on(&told));
    progress.end();
    let hunted = hunted.map_err(|void| (Exit::Harness, format!("VOID: {void}")))?;

    print(&format!(
        "{}\n",
        words::matrix(requirements, &hunted, covers_all, args.globs.is_empty())
    ))?;
    if covers_all && args.globs.is_empty() {
        print(&format!("{}\n", words::idle(&score::idle(&cases, &hunted))))?;
    }
    print(&words::survivors(&hunted))?;
    print(&words::scores(&hunted))?;
    let mut reasons = match args.globs.is_empty() {
        true => score::reasons(requirements, &hunted),
        false => score::reasons_of_some(&hunted),
    };
    if args.keep.is_some() || args.markdown.is_some() {
        write(args, requirements, &cases, &hunted)?;
    }
    if args.keep.is_none() {
        reasons.extend(moved(&hunted));
        reasons.extend(unmet(&cases).filter(|_| args.globs.is_empty()));
    }
    let exit = score::exit(&reasons);
    for Reason { exit, text, .. } in &reasons {
        print(&format!("  {}  {text}\n", exit.code()))?;
    }
    match args.globs.is_empty() {
        true => print(&format!("{}\n", last_line(requirements, &hunted)))?,
        false => print(&format!("mutants {}\n", caught(&hunted)))?,
    };
    Ok(exit)
}

/// The line that a script may trust.
fn last_line(requirements: &Requirements, hunted: &[Hunted]) -> String {
    let musts = requirements
        .iter()
        .filter(|row| row.level == crate::requirement::Level::Must && row.excluded.is_none());
    let musts = musts.count();
    let proven = musts.saturating_sub(score::unproven_musts(requirements, hunted).len());
    format!("mutants {} · MUST proven {proven}/{musts}", caught(hunted))
}

/// How many were caught of those that were met.
fn caught(hunted: &[Hunted]) -> String {
    let right = hunted.iter().filter(|one| one.fate.is_right()).count();
    format!("{right}/{}", hunted.len())
}

/// What is kept and no longer true.
fn moved(hunted: &[Hunted]) -> Vec<Reason> {
    let kept = Kept::ours();
    let moved = hunted.iter().filter_map(|one| Some((one.mutant.id(), one.moved(kept)?)));
    let told = |(id, how): (String, String)| {
        let hint = "look at it, then `cargo xtask prove` keeps what it sees";
        Reason::new(Exit::Expectation, format!("{id}: {how}; {hint}"))
    };
    moved.map(told).collect()
}

/// Whether there are cases that no mutant has met, which nothing shows to be able to fail.
fn unmet(cases: &[&'static Case]) -> Option<Reason> {
    let kept = Kept::ours();
    let mut unmet = cases.iter().map(|case| case.id).filter(|id| !kept.has_met(id));
    let first = unmet.next()?;
    let others = match unmet.count() {
        0 => String::new(),
        others => format!(", nor {others} others"),
    };
    let hint = "`cargo xtask prove --missing` plays what is new against all of them";
    Some(Reason::new(Exit::Expectation, format!("no mutant has met {first}{others}; {hint}")))
}

/// What is kept, without the cases that are to be met anew.
fn known(anew: &[String], cases: &[&'static Case]) -> Result<Kept, String> {
    let ids: Vec<&str> = cases.iter().map(|case| case.id).collect();
    if let Some(unknown) = anew.iter().find(|id| !ids.contains(&id.as_str())) {
        let hint = suggestion::hint(unknown, ids.iter().copied());
        return Err(format!("--case {unknown}: there is no such case{hint}"));
    }
    let anew: Vec<&str> = anew.iter().map(String::as_str).collect();
    Ok(Kept::ours().clone().without(&anew))
}

fn write(
    args: &ProveArgs,
    requirements: &Requirements,
    cases: &[&'static Case],
    hunted: &[Hunted],
) -> Result<(), (Exit, String)> {
    let played = cases.iter().map(|case| case.id);
    let text = Kept::write(played, hunted.iter().map(Hunted::trail))
        .map_err(|error| (Exit::Harness, error.to_string()))?;
    if let Some(file) = &args.keep {
        save(file, &text)?;
    }
    if let Some(file) = &args.markdown {
        let kept = Kept::read(&text).map_err(|error| (Exit::Harness, error.to_string()))?;
        save(file, &page::markdown(requirements, &kept))?;
    }
    Ok(())
}

fn save(file: &Path, text: &str) -> Result<(), (Exit, String)> {
    fs::write(file, text).map_err(|error| (Exit::Usage, format!("{}: {error}", file.display())))
}

/// The mutants that match any of the globs; all, without one.
fn select(globs: &[String]) -> Result<Vec<Mutant>, String> {
    let all = mutants();
    if globs.is_empty() {
        return Ok(all);
    }
    let mut chosen = vec![false; all.len()];
    for text in globs {
        let glob = Glob::new(text).map_err(|error| format!("--mutant {text}: {error}"))?;
        let matcher = glob.compile_matcher();
        let mut any = false;
        for (mutant, chosen) in all.iter().zip(&mut chosen) {
            if matcher.is_match(mutant.id()) {
                *chosen = true;
                any = true;
            }
        }
        if !any {
            let ids: Vec<String> = all.iter().map(Mutant::id).collect();
            let hint = suggestion::hint(text, ids.iter().map(String::as_str));
            return Err(format!("--mutant {text} matches no mutant{hint}"));
        }
    }
    let chosen = all.into_iter().zip(chosen).filter(|(_, chosen)| *chosen);
    Ok(chosen.map(|(mutant, _)| mutant).collect())
}

/// How far the hunt is: one moving line for a person, a line now and then for a log.
struct Progress {
    all: usize,
    met: usize,
    living: usize,
    moves: bool,
}

/// Mutants between two lines of a log.
const STRIDE: usize = 25;

impl Progress {
    fn new(all: usize) -> Self {
        Self { all, met: 0, living: 0, moves: io::stderr().is_terminal() }
    }

    fn on(&mut self, told: &Told<'_>) {
        match told {
            Told::BaselineIsGreen { cases } => {
                self.line(&format!("✓ the honest SDK and service: {cases} cases are green"));
            }
            Told::CanariesAreDead { mutants } => {
                self.line(&format!("✓ the canaries are dead; {mutants} mutants are to be met"));
            }
            Told::Met(one) => {
                self.met += 1;
                if !one.fate.is_right() {
                    self.living += 1;
                    self.line(&format!("✗ {} lives", one.mutant.id()));
                }
                let text = format!("{}/{} met · {} live", self.met, self.all, self.living);
                if self.moves {
                    let _ = write!(io::stderr(), "\r\u{1b}[2K{text}");
                } else if self.met.is_multiple_of(STRIDE) {
                    self.line(&text);
                }
            }
        }
    }

    /// Progress goes where nothing depends on it; losing a line of it costs nothing.
    fn line(&self, text: &str) {
        let clear = if self.moves { "\r\u{1b}[2K" } else { "" };
        let _ = writeln!(io::stderr(), "{clear}{text}");
    }

    fn end(&self) {
        if self.moves {
            let _ = write!(io::stderr(), "\r\u{1b}[2K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(globs: &[&str]) -> Result<Vec<String>, String> {
        let globs: Vec<String> = globs.iter().map(|glob| (*glob).to_owned()).collect();
        select(&globs).map(|chosen| chosen.iter().map(Mutant::id).collect())
    }

    #[test]
    fn a_case_that_is_met_anew_is_one_of_ours() {
        let cases = suite::cases();
        let id = cases.first().unwrap().id;
        assert!(!known(&[id.to_owned()], &cases).unwrap().has_met(id));
        let error = known(&[id.replace('a', "aa")], &cases).unwrap_err();
        assert!(error.contains(&format!("did you mean {id:?}?")), "{error}");
    }

    #[test]
    fn globs_select_and_unknown_ones_are_named() {
        assert_eq!(ids(&[]).unwrap().len(), mutants().len());
        assert_eq!(ids(&["sdk/swallow-401"]).unwrap(), ["sdk/swallow-401"]);
        let some = ids(&["driver/*", "driver/hang"]).unwrap();
        assert!(some.len() > 10 && some.iter().all(|id| id.starts_with("driver/")));
        let error = ids(&["sdk/swalow-401"]).unwrap_err();
        assert!(error.contains("did you mean \"sdk/swallow-401\"?"), "{error}");
        assert!(ids(&["sdk/["]).unwrap_err().starts_with("--mutant sdk/[:"));
    }
}
