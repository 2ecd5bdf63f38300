//! A run: workers with a driver each, one fresh tenant and fresh clients per case, events in order.

mod announce;
mod play;
mod queue;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;

use crate::broken_service::{Breaking, BrokenService};
use crate::case::Case;
use crate::compare::Comparison;
use crate::driver::{Connect, Greeting, HELLO_WITHIN, Session};
use crate::event::{CaseRecord, Event, ServiceRecord, Summary};
use crate::exit::{self, Exit, Reason};
use crate::expectation::{Expectation, Known};
use crate::finished::FinishedRun;
use crate::honesty::{self, Probe};
use crate::likeness;
use crate::requirement::{Level, Requirements};
use crate::score::{self, Totals};
use crate::service::{Service, Target};
use crate::stage::{Patience, STEP_SECONDS};
use crate::stopwatch::{self, Stopwatch};
use crate::verdict::Verdict;

pub(crate) use announce::rows;
pub use play::Player;
use queue::Queue;

/// Drivers in a row that cannot be attached before the rest of the run is given up.
const ATTACH_FAILURES_MAX: usize = 3;

/// Seconds into a time step at which a case's clock stands: far from both of its edges.
const INTO_STEP_SECONDS: i64 = 5;

/// Everything that decides how a run goes.
#[derive(Debug)]
pub struct Plan {
    /// The driver.
    pub connect: Connect,
    /// The selected cases, in the order of the suite.
    pub cases: Vec<&'static Case>,
    /// Whether that is the whole suite.
    pub complete: bool,
    /// The service that the cases are played against.
    pub target: Target,
    /// What reports say of that service; absent where nobody chose one.
    pub service: Option<ServiceRecord>,
    /// Plays against a service that is broken on purpose, to see the suite fail.
    pub broken_service: Option<&'static BrokenService>,
    /// Known deviations.
    pub expectations: Vec<Expectation>,
    /// The rows that cases prove.
    pub requirements: Requirements,
    /// The frozen set by which levels count, when one was named.
    pub set: Option<String>,
    /// Seed of identifiers and order.
    pub seed: u64,
    /// Whether cases are played in an order drawn from the seed.
    pub shuffle: bool,
    /// Workers.
    pub jobs: usize,
    /// Time for one op.
    pub op_within: Duration,
    /// Time for one case.
    pub case_within: Duration,
    /// The least binding level that counts for the exit.
    pub scored: Level,
    /// An earlier run; what held there and no longer does speaks for an exit of its own.
    pub baseline: Option<FinishedRun>,
}

impl Plan {
    /// Whether the service is judged and not the SDK.
    #[must_use]
    pub fn judges_service(&self) -> bool {
        self.service.as_ref().is_some_and(|service| service.is_judged)
    }
}

/// Plays a plan and tells what happens; the last event is always [`Event::RunEnded`].
pub fn run(plan: &Plan, tell: &mut dyn FnMut(&Event)) -> Summary {
    let watch = Stopwatch::start();
    let mut told = Told {
        tell,
        records: Vec::new(),
        reasons: Vec::new(),
        sdk_on_wire: None,
        activations: None,
    };
    // A panic of our own must not cost the reports of what was played before it.
    let played = catch_unwind(AssertUnwindSafe(|| play_all(plan, &mut told)));
    if let Err(panic) = played {
        let text = format!("the runner panicked: {}", panic_text(&*panic));
        told.reasons.push(Reason::new(Exit::Harness, text));
    }
    let totals = Totals::count(plan.cases.len(), &told.records);
    let mut reasons = std::mem::take(&mut told.reasons);
    reasons.extend(score::reasons(&totals, &told.records, plan.scored));
    if let Some(baseline) = &plan.baseline {
        reasons.extend(Comparison::of(&baseline.cases, &told.records).reasons());
    }
    let summary = Summary {
        exit: exit::settle(&reasons),
        reasons,
        totals,
        sdk_on_wire: told.sdk_on_wire.take(),
        activations: told.activations,
        likely: likeness::of(&told.records, plan.broken_service.is_some()),
        duration_ms: milliseconds(watch.elapsed()),
    };
    (told.tell)(&Event::RunEnded(summary.clone()));
    summary
}

/// The tenant's time for a driver's time: floored to a time step, and five seconds into it.
#[must_use]
pub fn tenant_time(driver_now_ms: i64) -> Timestamp {
    let seconds = driver_now_ms.div_euclid(1_000);
    let floored = seconds - seconds.rem_euclid(STEP_SECONDS) + INTO_STEP_SECONDS;
    Timestamp::from_second(floored).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// What a panic said.
#[must_use]
pub fn panic_text(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without words".to_owned())
}

struct Told<'a> {
    tell: &'a mut dyn FnMut(&Event),
    records: Vec<CaseRecord>,
    reasons: Vec<Reason>,
    sdk_on_wire: Option<String>,
    activations: Option<u64>,
}

impl Told<'_> {
    fn case(&mut self, mut record: CaseRecord, known: &mut Known) {
        known.apply(&mut record);
        let event = Event::CaseEnded(Box::new(record));
        (self.tell)(&event);
        if let Event::CaseEnded(record) = event {
            self.records.push(*record);
        }
    }
}

fn play_all(plan: &Plan, told: &mut Told<'_>) {
    let greeting = Greeting {
        run: format!("seed-{}", plan.seed),
        seed: plan.seed,
        within: HELLO_WITHIN.max(plan.op_within),
    };
    let mut began = announce::began(plan);
    let session = match plan.connect.attach(&greeting) {
        Ok(session) => session,
        Err(mistake) => {
            (told.tell)(&Event::RunBegan(Box::new(began)));
            told.reasons.push(Reason::new(Exit::Driver, mistake.to_string()));
            return;
        }
    };
    let hello = session.hello().clone();
    announce::attached(&mut began, &hello);
    let breaking = plan.broken_service.map(BrokenService::arm);
    let service = reach(plan, breaking.clone());
    if let (Some(record), Ok(service)) = (&mut began.service, &service) {
        record.name = Some(service.name());
    }
    (told.tell)(&Event::RunBegan(Box::new(began)));
    let service = match service {
        Ok(service) => service,
        Err(reason) => {
            told.reasons.push(reason);
            return;
        }
    };
    // The client that measures a service is our own: nobody has to ask whether it is honest.
    let version = match plan.judges_service() {
        true => {
            session.part();
            None
        }
        false => ask(session, &service, plan, told),
    };
    let version = version.or(Some(hello.sdk.version.clone()));
    let version = version.and_then(|text| semver::Version::parse(&text).ok());

    let mut known = Known::new(plan.expectations.clone(), version);
    let player = Player { plan, service: &service, greeting, hello, lost: OnceLock::new() };
    play_cases(&player, told, &mut known);
    if let Some(problem) = player.lost.get() {
        let text = format!("the service no longer answers: {problem}");
        told.reasons.push(Reason::new(Exit::Driver, text));
    }
    told.activations = breaking.map(|breaking| breaking.activations());
    let hygiene = known.hygiene(&told.records, plan.complete, stopwatch::today());
    told.reasons.extend(hygiene);
}

/// The service that the plan names, started or reached.
fn reach(plan: &Plan, breaking: Option<Arc<Breaking>>) -> Result<Service, Reason> {
    match &plan.target {
        Target::Here => Service::start_with(plan.seed, breaking).map_err(|problem| {
            Reason::new(Exit::Harness, format!("the service does not start: {problem}"))
        }),
        target => Service::attach(target, plan.seed)
            .map_err(|problem| Reason::new(Exit::Driver, format!("the service: {problem}"))),
    }
}

/// Looks into the driver's honesty; yields the SDK's version as its requests say it.
fn ask(session: Session, service: &Service, plan: &Plan, told: &mut Told<'_>) -> Option<String> {
    let probed = honesty::probe(session, service, Patience::new(plan.op_within, plan.case_within));
    told.reasons.extend(probed.probes.iter().filter_map(Probe::reason));
    (told.tell)(&Event::Probed(probed.probes));
    if let Some(session) = probed.session {
        session.part();
    }
    told.sdk_on_wire.clone_from(&probed.version);
    probed.version
}

/// Plays every case on the workers, then each suspect once more, alone.
fn play_cases(player: &Player<'_>, told: &mut Told<'_>, known: &mut Known) {
    let queue = Queue::of(player.plan);
    let unattached = AtomicUsize::new(0);
    let mut suspects = Vec::new();
    thread::scope(|scope| {
        let (say, hear) = mpsc::channel();
        for _ in 0..player.plan.jobs.max(1) {
            let (say, queue, unattached) = (say.clone(), &queue, &unattached);
            scope.spawn(move || {
                let mut kept = None;
                while let Some(case) = next(player, queue, unattached) {
                    let (record, attached) = player.play(case, case.id, &mut kept);
                    let failures =
                        if attached { 0 } else { unattached.load(Ordering::Relaxed) + 1 };
                    unattached.store(failures, Ordering::Relaxed);
                    queue.ended(case);
                    if say.send((case, record, attached)).is_err() {
                        break;
                    }
                }
                if let Some(session) = kept {
                    session.part();
                }
            });
        }
        drop(say);
        for (case, record, attached) in hear {
            match is_suspect(record.played, attached, player.plan.jobs) {
                true => suspects.push((case, record, attached)),
                false => told.case(record, known),
            }
        }
    });
    let mut failures = 0;
    for (case, first, attached) in suspects {
        // A driver that does not start alone either will not start for the next case.
        if failures >= ATTACH_FAILURES_MAX {
            told.case(first, known);
            continue;
        }
        // A late request of the first play must not reach the second one's tenant.
        let mut alone = None;
        let (again, attached_alone) = player.play(case, &format!("{} again", case.id), &mut alone);
        if let Some(session) = alone {
            session.part();
        }
        failures = if attached_alone { 0 } else { failures + 1 };
        let mut record = settle_suspect(first, again);
        if !attached && attached_alone {
            fewer_at_once(&mut record, player.plan.jobs);
        }
        told.case(record, known);
    }
    for case in queue.rest() {
        told.case(player.not_run(case), known);
    }
}

/// Whether a case ended in a way that the company of others may have brought about.
fn is_suspect(played: Verdict, attached: bool, jobs: usize) -> bool {
    let may_be = match played {
        Verdict::Crash | Verdict::Hang => true,
        // Many processes that start at once may all be too slow; one that starts alone is not.
        Verdict::Driver => !attached,
        _ => false,
    };
    may_be && jobs > 1
}

/// Says what helps when drivers start alone, but not beside the others.
fn fewer_at_once(record: &mut CaseRecord, jobs: usize) {
    let hint = format!("; {jobs} drivers start at once, and fewer --jobs would help");
    for because in [&mut record.because, &mut record.played_because] {
        because.get_or_insert_default().push_str(&hint);
    }
}

/// The guilty stays guilty alone; what only happens in company is flaky, and red all the same.
fn settle_suspect(first: CaseRecord, again: CaseRecord) -> CaseRecord {
    if again.played == first.played {
        return again;
    }
    let because = format!(
        "{} in company ({}), {} alone",
        first.played.word(),
        first.because.as_deref().unwrap_or_default(),
        again.played.word()
    );
    let because = Some(because);
    let played_because = because.clone();
    let verdict = Verdict::Flaky;
    CaseRecord { verdict, played: verdict, because, played_because, ..first }
}

fn next(player: &Player<'_>, queue: &Queue, unattached: &AtomicUsize) -> Option<&'static Case> {
    if unattached.load(Ordering::Relaxed) >= ATTACH_FAILURES_MAX || player.lost.get().is_some() {
        return None;
    }
    queue.next()
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
pub(crate) mod tests;
