//! Playing one case: from a fresh tenant to a judged record.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use driver_protocol::HelloAnswer;

use super::{Plan, milliseconds, panic_text, tenant_time};
use crate::authenticator::SoftwareAuthenticator;
use crate::case::Case;
use crate::driver::{Greeting, Mistake, Session};
use crate::event::{CaseRecord, ProofRecord};
use crate::honesty;
use crate::leak;
use crate::needs;
use crate::pseudonym::Pseudonyms;
use crate::service::{Service, Target, Tenant};
use crate::stage::{Exchange, Finding, Halt, Ledger, Line, LineKind, Patience, Stage, shorten};
use crate::stopwatch::Stopwatch;
use crate::verdict::{Proof, Verdict, conclude};

/// Longest part of a finding in a report, in characters.
const FINDING_CHARS_MAX: usize = 240;

/// Longest line of a trace or log in a report, in characters.
const LINE_CHARS_MAX: usize = 480;

/// Plays cases of one plan against one driver.
pub struct Player<'a> {
    pub(super) plan: &'a Plan,
    pub(super) service: &'a Service,
    pub(super) greeting: Greeting,
    pub(super) hello: HelloAnswer,
    /// Why the service no longer answers, once it does not.
    pub(super) lost: OnceLock<String>,
}

/// How a play ended, as far as its proofs depend on it.
struct Ending {
    to_the_end: bool,
    clients: usize,
}

/// What a play left behind, before it is judged.
#[derive(Default)]
struct Played {
    ledger: Ledger,
    exchanges: Vec<Exchange>,
    everything: Vec<Exchange>,
    log: Vec<String>,
    clients: usize,
}

impl Player<'_> {
    /// Plays one case on the tenant of that label; also tells whether a driver could be attached.
    ///
    /// A driver that played the case without a mistake is kept for the next one, because starting
    /// an SDK takes longer than a case; one that broke is never used again.
    #[must_use]
    pub fn play(
        &self,
        case: &'static Case,
        label: &str,
        kept: &mut Option<Session>,
    ) -> (CaseRecord, bool) {
        let watch = Stopwatch::start();
        let not_applicable = match needs::unmet(case.needs, &self.hello) {
            Ok(None) => None,
            Ok(Some(why)) => Some(Halt::NotApplicable(why)),
            Err(problem) => Some(Halt::Harness(problem)),
        };
        if let Some(halt) = not_applicable {
            return (self.judge(case, Played::default(), Err(halt), watch), true);
        }
        match self.perform(case, label, kept) {
            Ok((played, ended)) => (self.judge(case, played, ended, watch), true),
            Err(mistake) => {
                let ended = Err(Halt::Mistake(mistake));
                (self.judge(case, Played::default(), ended, watch), false)
            }
        }
    }

    /// The record of a case that was never played.
    #[must_use]
    pub fn not_run(&self, case: &'static Case) -> CaseRecord {
        let mut record = self.judge(case, Played::default(), Ok(()), Stopwatch::start());
        record.verdict = Verdict::Notrun;
        record.played = Verdict::Notrun;
        record.because = Some("the run was given up before this case".to_owned());
        record.played_because.clone_from(&record.because);
        for proof in &mut record.proofs {
            proof.proof = Proof::Undecided;
        }
        record
    }

    fn perform(
        &self,
        case: &'static Case,
        label: &str,
        kept: &mut Option<Session>,
    ) -> Result<(Played, Result<(), Halt>), Mistake> {
        let mut session = match kept.take() {
            Some(session) => session,
            None => self.plan.connect.attach(&self.greeting)?,
        };
        // What the driver still said after its last case is not about this one.
        session.take_log();
        // Each case has an authenticator of its own, without passkeys.
        *session.authenticator() = SoftwareAuthenticator::for_case(case.id);
        let tenant = match self.service.tenant(label, tenant_time(session.now_ms())) {
            Ok(tenant) => tenant,
            Err(unable) => {
                session.part();
                return Ok((Played::default(), Err(self.unless_lost(Halt::from(unable)))));
            }
        };
        let id = tenant.id();
        let furnished = tenant.furnish(&case.world);
        let patience = Patience::new(self.plan.op_within, self.plan.case_within);
        let mut stage = Stage::new(case, session, Arc::clone(&tenant), patience);
        let ended = match furnished {
            Err(unable) => Err(Halt::from(unable)),
            // A case that panics is our mistake; the others must still be played and reported.
            Ok(()) => {
                catch_unwind(AssertUnwindSafe(|| (case.play)(&mut stage))).unwrap_or_else(|panic| {
                    Err(Halt::Harness(format!("the case panicked: {}", panic_text(&*panic))))
                })
            }
        };
        let mut left = stage.leave();
        self.settle(&mut left.ledger, &ended, tenant.as_ref());
        // What the service cannot do is no fault of the driver's, which can play the next case.
        let is_sound = matches!(left.ledger.fatal, None | Some(Halt::Lacking(_)))
            && !matches!(ended, Err(Halt::Mistake(_)));
        let closed = is_sound && left.session.close(left.instances, case.id).is_ok();
        let log = left.session.take_log();
        match closed {
            true => *kept = Some(left.session),
            false => left.session.part(),
        }
        self.service.forget(&id);
        let played = Played {
            ledger: left.ledger,
            exchanges: left.exchanges,
            everything: left.everything,
            log,
            clients: left.opened,
        };
        Ok((played, ended))
    }

    /// What outranks everything that was seen: the service is gone, or cannot do what was needed.
    fn settle(&self, ledger: &mut Ledger, ended: &Result<(), Halt>, tenant: &dyn Tenant) {
        let trouble = tenant.trouble();
        if let Err(halt @ Halt::Lacking(_)) = ended {
            ledger.fatal.get_or_insert_with(|| halt.clone());
        }
        let is_well = ended.is_ok()
            && trouble.is_none()
            && ledger.fatal.is_none()
            && ledger.findings.iter().all(|found| found.holds);
        if is_well || matches!(ledger.fatal, Some(Halt::Lacking(_))) {
            return;
        }
        if let Some(why) = tenant.excuse() {
            ledger.fatal = Some(Halt::Lacking(why));
            return;
        }
        // Whatever it looks like, it may be that nobody answers any more.
        match (self.unless_lost(Halt::Failed), trouble) {
            (lost @ Halt::Blocked(_), _) => ledger.fatal = Some(lost),
            (_, Some(problem)) => {
                ledger.fatal.get_or_insert(Halt::Harness(problem));
            }
            (_, None) => {}
        }
    }

    /// The halt, or that the service no longer answers.
    fn unless_lost(&self, halt: Halt) -> Halt {
        match self.service.ping() {
            Ok(()) => halt,
            Err(problem) => {
                let _ = self.lost.set(problem.clone());
                Halt::Blocked(format!("the service no longer answers: {problem}"))
            }
        }
    }

    fn judge(
        &self,
        case: &'static Case,
        played: Played,
        ended: Result<(), Halt>,
        watch: Stopwatch,
    ) -> CaseRecord {
        let Played { mut ledger, exchanges, everything, log, clients } = played;
        let names = secrets(&exchanges, &ledger.trace);
        ledger.findings.extend(leak::findings(&names, &log, &ledger.trace));
        // The suite's own requests to a service elsewhere have secrets that nobody needs to read.
        let names = match self.plan.target {
            Target::Here => names,
            _ => secrets(&everything, &ledger.trace),
        };
        let ended = ended.and_then(|()| nothing_unchecked(case, &ledger));
        let (findings, ended) = match self.plan.judges_service() {
            true => self.about_the_service(&ledger, ended),
            false => (ledger.findings.clone(), ended),
        };
        let verdict = conclude(ledger.fatal.as_ref(), &findings, &ended);
        let because = because(verdict, ledger.fatal.as_ref(), &findings, &ended);
        // What a service cannot do, or one that is gone, leaves nothing that was shown.
        let is_void = matches!(ledger.fatal, Some(Halt::Lacking(_) | Halt::Blocked(_)));
        let shown: &[Finding] = if is_void { &[] } else { &findings };
        let proofs =
            self.proofs(case, shown, verdict, &Ending { to_the_end: ended.is_ok(), clients });
        let record = CaseRecord {
            case: case.id.to_owned(),
            title: case.title.to_owned(),
            guides: case.guides.to_vec(),
            verdict,
            played: verdict,
            because,
            played_because: None,
            proofs,
            findings,
            trace: ledger.trace,
            log,
            dishonest: honesty::fingerprint(&exchanges, clients),
            known: None,
            duration_ms: milliseconds(watch.elapsed()),
        };
        mask(record, names)
    }

    fn proofs(
        &self,
        case: &Case,
        findings: &[Finding],
        verdict: Verdict,
        play: &Ending,
    ) -> Vec<ProofRecord> {
        let rows = &self.plan.requirements;
        // A case that looked at things and never made a client has shown nothing about any.
        let without_sdk = play.clients == 0 && !findings.is_empty();
        let of = |id: &&'static str| {
            let failed = findings.iter().any(|found| !found.holds && found.is_about(id));
            let proof = match verdict {
                _ if failed => Proof::Failed,
                Verdict::Pass => Proof::Held,
                Verdict::Fail if play.to_the_end => Proof::Held,
                _ => Proof::Undecided,
            };
            let row = self.plan.requirements.find(id);
            ProofRecord {
                requirement: (*id).to_owned(),
                level: self.plan.requirements.level(id),
                proof,
                beside: !self.plan.judges_service() && (without_sdk || !rows.is_owed_by_sdks(id)),
                source: row.and_then(|row| row.source.clone()),
                text: row.map(|row| row.text.clone()),
            }
        };
        let is_judged =
            |id: &&&'static str| !self.plan.judges_service() || rows.is_owed_by_services(id);
        let leaks = findings
            .iter()
            .any(|it| it.requirement.as_deref() == Some(leak::REQUIREMENT) && !it.holds);
        let beside =
            (leaks && !case.proves.contains(&leak::REQUIREMENT)).then_some(&leak::REQUIREMENT);
        case.proves.iter().chain(beside).filter(is_judged).map(of).collect()
    }

    /// The findings without those that speak about the client alone.
    ///
    /// A case that ended at one of these has shown nothing about what it did not reach.
    fn about_the_service(
        &self,
        ledger: &Ledger,
        ended: Result<(), Halt>,
    ) -> (Vec<Finding>, Result<(), Halt>) {
        let rows = &self.plan.requirements;
        let of_a_client = |found: &&Finding| {
            found.requirement.as_deref().is_some_and(|id| !rows.is_owed_by_services(id))
        };
        let (clients, services): (Vec<&Finding>, Vec<&Finding>) =
            ledger.findings.iter().partition(of_a_client);
        let stopped_at_client = clients.iter().find(|found| !found.holds);
        let failed = services.iter().any(|found| !found.holds);
        let ended = match (ended, stopped_at_client) {
            (Err(Halt::Failed), Some(found)) if !failed => Err(Halt::Blocked(format!(
                "the client did not get as far as what the service owes: {}",
                found.signature()
            ))),
            (ended, _) => ended,
        };
        (services.into_iter().cloned().collect(), ended)
    }
}

/// A case that claims a requirement must have looked at it.
fn nothing_unchecked(case: &Case, ledger: &Ledger) -> Result<(), Halt> {
    let unchecked = |id: &&&str| !ledger.findings.iter().any(|finding| finding.is_about(id));
    match case.proves.iter().find(unchecked) {
        Some(id) => {
            Err(Halt::Harness(format!("the case claims {id}, but checks nothing under it")))
        }
        None => Ok(()),
    }
}

fn because(
    verdict: Verdict,
    fatal: Option<&Halt>,
    findings: &[Finding],
    ended: &Result<(), Halt>,
) -> Option<String> {
    if verdict == Verdict::Pass {
        return None;
    }
    let failed = findings.iter().find(|finding| !finding.holds);
    match (fatal, failed, ended) {
        (Some(halt), _, _) => Some(halt.to_string()),
        (None, Some(finding), _) => Some(finding.signature()),
        (None, None, Err(halt)) => Some(halt.to_string()),
        (None, None, Ok(())) => None,
    }
}

/// Every secret of the case that the witnesses have spoken of.
fn secrets(exchanges: &[Exchange], trace: &[Line]) -> Pseudonyms {
    let mut names = Pseudonyms::default();
    names.learn_exchanges(exchanges);
    for Line { kind, text, .. } in trace {
        if matches!(kind, LineKind::Ask | LineKind::Answer)
            && let Some(start) = text.find('{')
            && let Ok(value) = serde_json::from_str(text.get(start..).unwrap_or_default())
        {
            names.learn_value(&value);
        }
    }
    names
}

/// Puts pseudonyms in the place of every secret of the case.
fn mask(mut record: CaseRecord, mut names: Pseudonyms) -> CaseRecord {
    let mut shown = |text: &str, most: usize| shorten(&names.mask(text), most);
    for finding in &mut record.findings {
        finding.what = shown(&finding.what, FINDING_CHARS_MAX);
        finding.expected = shown(&finding.expected, FINDING_CHARS_MAX);
        finding.got = shown(&finding.got, FINDING_CHARS_MAX);
    }
    for line in &mut record.trace {
        line.text = shown(&line.text, LINE_CHARS_MAX);
    }
    for line in &mut record.log {
        *line = shown(line, LINE_CHARS_MAX);
    }
    record.because = record.because.map(|text| shown(&text, LINE_CHARS_MAX));
    record.played_because.clone_from(&record.because);
    record
}

#[cfg(test)]
mod tests;
