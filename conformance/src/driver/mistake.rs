//! The exact mistake of a driver, in words that its author can act on.

use driver_protocol::FramingError;

use crate::verdict::Verdict;

/// What a driver did wrong; after it the driver is ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    /// The process could not be started at all.
    #[error("the driver does not start: `{command}`: {problem}")]
    Unstartable {
        /// What was run.
        command: String,
        /// What the system says.
        problem: String,
    },
    /// The process ended before it answered the handshake.
    #[error("the driver exits at once ({status}), before it answered hello{}", tail(said))]
    ExitedAtOnce {
        /// How it ended.
        status: String,
        /// Its last words on stderr.
        said: String,
    },
    /// The handshake was not answered in time.
    #[error(
        "the driver did not answer hello within {waited_ms} ms; does it flush stdout after each line?"
    )]
    NoHello {
        /// How long the runner waited.
        waited_ms: u64,
    },
    /// The handshake was answered by something else than `ok`.
    #[error("the driver refused hello: {answer}")]
    HelloRefused {
        /// What it answered.
        answer: String,
    },
    /// The handshake's answer is not of the protocol.
    #[error("the driver's hello is malformed: {}", problems.join("; "))]
    HelloMalformed {
        /// Everything that is wrong with it.
        problems: Vec<String>,
    },
    /// A line of stdout claims to be a message and is none.
    #[error("the driver breaks the protocol: {error}; the line was `{line}`")]
    Framing {
        /// What is wrong.
        error: FramingError,
        /// The beginning of the line.
        line: String,
    },
    /// A reply answers a request that is not open.
    #[error(
        "the driver answered request {came}, but only request {asked} was open: an answer to nobody"
    )]
    WrongId {
        /// The request that was open.
        asked: u64,
        /// The id that came.
        came: u64,
    },
    /// The process ended while a request was open.
    #[error("the driver died during {op} ({status}){}", tail(said))]
    Crash {
        /// The op that was open.
        op: String,
        /// How it ended.
        status: String,
        /// Its last words on stderr.
        said: String,
    },
    /// No answer came in time.
    #[error("no answer to {op} within {waited_ms} ms")]
    Hang {
        /// The op that was open.
        op: String,
        /// How long the runner waited.
        waited_ms: u64,
    },
}

impl Mistake {
    /// The verdict on the case in which it happened.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Crash { .. } => Verdict::Crash,
            Self::Hang { .. } => Verdict::Hang,
            _ => Verdict::Driver,
        }
    }

    /// The same mistake as seen before the handshake was through.
    pub(super) fn before_hello(self) -> Self {
        match self {
            Self::Hang { waited_ms, .. } => Self::NoHello { waited_ms },
            Self::Crash { status, said, .. } => Self::ExitedAtOnce { status, said },
            other => other,
        }
    }
}

fn tail(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!("; its last words: {said}") }
}
