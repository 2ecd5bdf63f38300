//! What happens in a run, in order; all that reporters ever see.
//!
//! Written one a line, the events are a recording: every report can be made anew from it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::case::Guide;
use crate::exit::{self, Exit, Reason};
use crate::honesty::Probe;
use crate::likeness::Likeness;
use crate::requirement::{Backing, Basis, Level, Side};
use crate::score::Totals;
use crate::stage::{Finding, Line};
use crate::verdict::{Proof, Verdict};

/// One thing that happened in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The run is set up; the driver is attached, or could not be.
    RunBegan(Box<RunBegan>),
    /// The driver's honesty was looked into.
    Probed(Vec<Probe>),
    /// A case is judged.
    CaseEnded(Box<CaseRecord>),
    /// The run is over, whatever happened.
    RunEnded(Summary),
}

/// How a run is set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunBegan {
    /// Version of the suite.
    pub suite: String,
    /// The connect string.
    pub connect: String,
    /// Name and version of the driver, when it could be attached.
    pub driver: Option<String>,
    /// Name and version of the SDK, as the driver says.
    pub sdk: Option<String>,
    /// Version of the SDK, as the driver says.
    pub sdk_version: Option<String>,
    /// Platform that the SDK runs on, as the driver says.
    pub platform: Option<String>,
    /// Language that the SDK is used from, as the driver says.
    pub language: Option<String>,
    /// Seed of the run; with it the order can be repeated.
    pub seed: u64,
    /// Cases that were selected.
    pub planned: usize,
    /// Whether that is the whole suite.
    pub complete: bool,
    /// The service that is broken on purpose, when it is.
    pub broken_service: Option<String>,
    /// The service that was chosen; absent: the mock in this process, for judging an SDK.
    pub service: Option<ServiceRecord>,
    /// Whether old evidence was judged anew, without a driver.
    pub judged_anew: bool,
    /// Whether what differs from run to run was left out, for a report that is kept.
    #[serde(default)]
    pub is_frozen: bool,
    /// Workers; 0 where they were left out.
    pub jobs: usize,
    /// Ops about which the driver says nothing.
    pub undeclared: Vec<String>,
    /// The least binding level that counts for the exit.
    pub scored: Level,
    /// The frozen set of requirements by which levels count, when one was named.
    pub set: Option<String>,
    /// Every guide, and whether the vendor publishes it for this platform.
    pub guides: Vec<GuidePage>,
    /// Every requirement of the suite, whether or not a selected case decides it.
    pub requirements: Vec<RequirementRecord>,
}

/// The service that a run plays against, when it was chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceRecord {
    /// Its base URL, or `inproc:mock` for the mock in this process.
    pub target: String,
    /// What it says of itself, such as `mfa-mock 0.1.0`, when it could be reached.
    pub name: Option<String>,
    /// Whether its world can be moved; else cases that need that do not apply.
    pub has_control: bool,
    /// Whether the service is judged; else the SDK is, against this service.
    pub is_judged: bool,
    /// Cases that were left out because they show something about SDKs only.
    pub left_out: usize,
}

/// Whether a guide is published for the platform of a driver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GuidePage {
    /// The guide.
    pub guide: Guide,
    /// Whether the vendor's documentation has it for that platform.
    pub published: bool,
}

/// A requirement as the suite has it at the time of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequirementRecord {
    /// `MFA-<AREA>-<NNN>`.
    pub id: String,
    /// A few words.
    pub title: String,
    /// The requirement in words.
    pub text: String,
    /// How binding it is.
    pub level: Level,
    /// How the suite knows it.
    pub basis: Basis,
    /// Who has to hold it up.
    pub side: Side,
    /// The page that says so.
    pub source: Option<String>,
    /// The guides whose reader needs it.
    pub guides: Vec<Guide>,
    /// How many cases of the suite decide it.
    pub cases: usize,
    /// What the suite has to show for it.
    pub backing: Backing,
}

/// All that is known about one judged case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseRecord {
    /// The case's id.
    pub case: String,
    /// What an SDK that passes does.
    pub title: String,
    /// Guides that describe it.
    pub guides: Vec<Guide>,
    /// The verdict after known deviations were applied.
    pub verdict: Verdict,
    /// The verdict as it was played.
    pub played: Verdict,
    /// Why it is not a pass, on one line.
    pub because: Option<String>,
    /// The same before known deviations were applied.
    pub played_because: Option<String>,
    /// What was shown about each requirement.
    pub proofs: Vec<ProofRecord>,
    /// Every expectation and what became of it.
    pub findings: Vec<Finding>,
    /// Steps, exchanges and remarks, in order.
    pub trace: Vec<Line>,
    /// What the driver wrote to stderr and beside the protocol.
    pub log: Vec<String>,
    /// What in this case speaks against the driver's honesty.
    pub dishonest: Vec<String>,
    /// The known deviation that was applied.
    pub known: Option<KnownDeviation>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// What a case has shown about one requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProofRecord {
    /// The requirement's id.
    pub requirement: String,
    /// How binding it is.
    pub level: Level,
    /// What was shown.
    pub proof: Proof,
    /// Whether it is about the service although an SDK is judged, and so says nothing of the SDK.
    pub beside: bool,
    /// The requirement in words, and where it comes from.
    pub source: Option<String>,
    /// The requirement in words.
    pub text: Option<String>,
}

/// The line of an expectation file that was applied to a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KnownDeviation {
    /// File and line, as `expectations/js.toml:12`.
    pub at: String,
    /// Why the deviation exists.
    pub cause: String,
    /// Where it is tracked.
    pub issue: Option<String>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// The exit that won.
    pub exit: Exit,
    /// Everything that speaks for an exit other than 0.
    pub reasons: Vec<Reason>,
    /// The numbers of the last line.
    pub totals: Totals,
    /// Version of the SDK as its requests say.
    pub sdk_on_wire: Option<String>,
    /// How often a service that is broken on purpose did what it should not.
    pub activations: Option<u64>,
    /// What red cases resemble: hints at a cause, which count for nothing.
    pub likely: Vec<Likeness>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

impl Summary {
    /// What a case's failure resembles.
    #[must_use]
    pub fn likeness(&self, case: &str) -> Option<&Likeness> {
        self.likely.iter().find(|likeness| likeness.case == case)
    }

    /// The end of a run that never began.
    #[must_use]
    pub fn empty(reasons: Vec<Reason>) -> Self {
        Self {
            exit: exit::settle(&reasons),
            reasons,
            totals: Totals::default(),
            sdk_on_wire: None,
            activations: None,
            likely: Vec::new(),
            duration_ms: 0,
        }
    }
}

impl RunBegan {
    /// Whether the run judges a service and not an SDK.
    #[must_use]
    pub fn judges_service(&self) -> bool {
        self.service.as_ref().is_some_and(|service| service.is_judged)
    }
}

impl CaseRecord {
    /// Findings that did not hold.
    pub fn failures(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| !finding.holds)
    }

    /// Whether the verdict can speak for an exit other than 0.
    ///
    /// What a case shows about the SDK counts down to the level that is scored; a broken driver, a
    /// crash or a stale excuse always counts.
    #[must_use]
    pub fn counts(&self, scored: Level) -> bool {
        match self.verdict {
            Verdict::Pass | Verdict::Xfail | Verdict::Na | Verdict::Notrun => false,
            Verdict::Fail | Verdict::Blocked => {
                self.worst_level().is_none_or(|level| level <= scored)
            }
            _ => true,
        }
    }

    /// The most binding level among requirements that failed or stayed undecided.
    #[must_use]
    pub fn worst_level(&self) -> Option<Level> {
        self.proofs.iter().filter(|proof| proof.proof != Proof::Held).map(|proof| proof.level).min()
    }
}
