//! What became of the checks, in words.

use std::collections::BTreeMap;

use super::fill_in;
use crate::driver::Mistake;
use crate::exit::Exit;
use crate::report::quoted;

/// One of the checks of a first contact, in the order in which they are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// The process starts.
    Start,
    /// The handshake is answered, well-formed, with known names only.
    Hello,
    /// A reply carries the integer of its request.
    Id,
    /// An unknown op is unsupported.
    Unknown,
    /// A client reaches the service with the SDK's marks.
    Client,
    /// A refusal of the service is an error of the SDK.
    Error,
    /// Somebody signs in by e-mail.
    SignIn,
    /// The SDK's own state agrees with the service.
    State,
    /// The process ends when told to.
    Bye,
}

impl Check {
    /// Every check, in order.
    pub const ALL: [Self; 9] = [
        Self::Start,
        Self::Hello,
        Self::Id,
        Self::Unknown,
        Self::Client,
        Self::Error,
        Self::SignIn,
        Self::State,
        Self::Bye,
    ];

    /// What a sound driver does, as one line.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Start => "the driver starts",
            Self::Hello => "hello is answered, with names that the protocol knows",
            Self::Id => "the id of a request comes back as the same integer",
            Self::Unknown => "an op that nobody knows is unsupported",
            Self::Client => "client.new reaches the service, with the SDK's own marks",
            Self::Error => "a refusal of the service comes back as err",
            Self::SignIn => "somebody signs in by e-mail, end to end",
            Self::State => "state.get agrees with the service",
            Self::Bye => "bye ends the process",
        }
    }
}

/// What became of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It holds.
    Holds,
    /// It does not.
    Fails {
        /// What is wrong.
        problem: String,
        /// What to do next.
        remedy: String,
    },
    /// It could not be asked, for this reason.
    Open(String),
}

/// Why most checks cannot be asked; it needs no saying each time.
const WAITS: &str = "it waits for the checks before it";

pub(super) fn fails(problem: String, remedy: impl Into<String>) -> Found {
    Found::Fails { problem, remedy: remedy.into() }
}

/// How many capabilities a line names before it only counts them.
const NAMED_MAX: usize = 4;

/// How many capabilities the driver does not speak of, and the first of them.
fn undeclared(names: &[&str]) -> String {
    let first: Vec<&str> = names.iter().take(NAMED_MAX).copied().collect();
    let more = if names.len() > NAMED_MAX { ", …" } else { "" };
    let what = if names.len() == 1 { "capability is" } else { "capabilities are" };
    format!("{} {what} undeclared: {}{more}", names.len(), first.join(", "))
}

/// All checks of one first contact.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    found: BTreeMap<Check, Found>,
    /// The driver, as it was named; for the commands that the text suggests.
    pub driver: String,
    /// Capabilities about which the driver says nothing yet.
    pub undeclared: Vec<&'static str>,
}

impl Sheet {
    /// What became of a check.
    #[must_use]
    pub fn of(&self, check: Check) -> Found {
        self.found.get(&check).cloned().unwrap_or_else(|| Found::Open(WAITS.to_owned()))
    }

    /// 0 when nothing failed, else that of a broken driver.
    #[must_use]
    pub fn exit(&self) -> Exit {
        let failed = self.found.values().any(|found| matches!(found, Found::Fails { .. }));
        if failed { Exit::Driver } else { Exit::Conformant }
    }

    pub(super) fn put(&mut self, check: Check, found: Found) {
        self.found.insert(check, found);
    }

    /// Files the mistake because of which there is no session.
    pub(super) fn not_attached(&mut self, mistake: &Mistake) {
        let check = match mistake {
            Mistake::Unstartable { .. } | Mistake::ExitedAtOnce { .. } => Check::Start,
            _ if mistake.is_about_id() => Check::Id,
            _ => Check::Hello,
        };
        if check != Check::Start {
            self.put(Check::Start, Found::Holds);
        }
        self.put(check, fails(mistake.to_string(), mistake.remedy()));
    }

    /// Files the mistake that ended a session during a check.
    pub(super) fn broke(&mut self, check: Check, mistake: &Mistake) {
        let check = if mistake.is_about_id() { Check::Id } else { check };
        if check > Check::Id {
            self.found.entry(Check::Id).or_insert(Found::Holds);
        }
        self.put(check, fails(mistake.to_string(), mistake.remedy()));
    }

    /// A text in which a command names this driver.
    fn pasteable(&self, text: &str) -> String {
        match self.driver.as_str() {
            "" => text.to_owned(),
            driver => text.replace("--driver …", &format!("--driver {}", quoted(driver))),
        }
    }

    /// The sheet as people read it.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut next = None;
        let mut holding = 0;
        for check in Check::ALL {
            match self.of(check) {
                Found::Holds => {
                    holding += 1;
                    text.push_str(&format!("✓ {}\n", check.title()));
                }
                Found::Open(why) if why == WAITS => {
                    text.push_str(&format!("· {}\n", check.title()));
                }
                Found::Open(why) => {
                    text.push_str(&format!("· {}\n    not asked: {why}\n", check.title()));
                }
                Found::Fails { problem, remedy } => {
                    let remedy = self.pasteable(&remedy);
                    text.push_str(&format!(
                        "✗ {}\n    wrong  {problem}\n    next   {remedy}\n",
                        check.title()
                    ));
                    next.get_or_insert(remedy);
                }
            }
        }
        text.push_str(&format!("\n{holding} of {} hold\n", Check::ALL.len()));
        match (next, self.undeclared.first()) {
            (Some(remedy), _) => text.push_str(&format!("next: {remedy}\n")),
            (None, Some(op)) => text.push_str(&format!(
                "next: {}\n      or declare {{\"no\":\"reason\"}}; {}\n",
                fill_in(op),
                undeclared(&self.undeclared)
            )),
            (None, None) => {
                text.push_str(&self.pasteable("next: mfa-conformance run --driver …\n"));
            }
        }
        text
    }
}
