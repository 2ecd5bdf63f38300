//! The exact mistake of a driver, in words that its author can act on.

use driver_protocol::FramingError;

use super::Strays;
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
        "the driver did not answer hello within {waited_ms} ms{printed}{}",
        if printed.count == 0 { "; does it flush stdout after each line?" } else { "" }
    )]
    NoHello {
        /// How long the runner waited.
        waited_ms: u64,
        /// What came instead on stdout.
        printed: Strays,
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
    #[error("no answer to {op} within {waited_ms} ms{printed}")]
    Hang {
        /// The op that was open.
        op: String,
        /// How long the runner waited.
        waited_ms: u64,
        /// What came instead on stdout.
        printed: Strays,
    },
    /// The process goes on after it said goodbye.
    #[error("the driver answered bye and still runs after {waited_ms} ms")]
    Lingers {
        /// How long the runner waited.
        waited_ms: u64,
    },
    /// The process ended after its goodbye, but not well.
    #[error("the driver answered bye and ended with {status}{}", tail(said))]
    EndedBadly {
        /// How it ended.
        status: String,
        /// Its last words on stderr.
        said: String,
    },
}

impl Mistake {
    /// What its author should do next.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Unstartable { .. } => "run the command by hand in this folder until it starts",
            // What a shell says of a program that it does not find.
            Self::ExitedAtOnce { status, .. } if status.ends_with(": 127") => {
                "the shell does not find the program: correct the path, which counts from this folder"
            }
            Self::ExitedAtOnce { status, .. } if status.ends_with(": 0") => {
                "read stdin line by line, answer each line, and end only after bye or at its end"
            }
            Self::ExitedAtOnce { .. } => {
                "run the command by hand in this folder; it must start, and then wait for lines on stdin"
            }
            Self::NoHello { printed, .. } | Self::Hang { printed, .. } if printed.count > 0 => {
                "print only protocol lines on stdout, each a JSON object and nothing before it; logs belong on stderr"
            }
            Self::NoHello { .. } => {
                "print one line of JSON for each line read, end it with a line feed, flush stdout"
            }
            Self::HelloRefused { .. } => {
                "answer hello with {\"id\":…,\"ok\":{…}}, also without an SDK"
            }
            Self::HelloMalformed { .. } => {
                "correct the ok of hello; `mfa-conformance schema driver-protocol` lists its fields"
            }
            Self::Framing { error, .. } => framing_remedy(error),
            Self::WrongId { .. } => {
                "answer each request once, with its own id, and only when its call is done"
            }
            Self::Crash { .. } => {
                "catch whatever the SDK throws and answer err; an exception of the driver's own is a fault"
            }
            Self::Hang { .. } => {
                "answer every request, also one whose op you do not know; await the SDK's call before"
            }
            Self::Lingers { .. } => {
                "end the process by yourself after the answer to bye; an SDK's timers may keep it alive"
            }
            Self::EndedBadly { .. } => "end with status 0 after the answer to bye",
        }
    }

    /// Is it about the id of a reply?
    #[must_use]
    pub fn is_about_id(&self) -> bool {
        matches!(
            self,
            Self::WrongId { .. }
                | Self::Framing {
                    error: FramingError::IdAsString { .. }
                        | FramingError::IdNotInteger { .. }
                        | FramingError::IdMissing,
                    ..
                }
        )
    }

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
            Self::Hang { waited_ms, printed, .. } => Self::NoHello { waited_ms, printed },
            Self::Crash { status, said, .. } => Self::ExitedAtOnce { status, said },
            other => other,
        }
    }
}

fn framing_remedy(error: &FramingError) -> &'static str {
    match error {
        FramingError::IdAsString { .. }
        | FramingError::IdNotInteger { .. }
        | FramingError::IdMissing => "copy the id of the request as the number that it is",
        FramingError::NotJson { .. }
        | FramingError::NotAnObject { .. }
        | FramingError::NotAMessage => {
            "print only protocol lines on stdout, logs on stderr; or begin protocol lines with `@mdp `"
        }
        FramingError::NoOutcome { .. } | FramingError::SeveralOutcomes { .. } => {
            "give each reply its id and exactly one of ok, err, unsupported, fault"
        }
        FramingError::LineTooLong { .. } => {
            "answer with what the SDK returned, and nothing around it"
        }
        FramingError::InvalidUtf8 { .. } => "write UTF-8 on stdout",
        FramingError::UnknownField { .. } | FramingError::WrongShape { .. } => {
            "give this part exactly the fields that `mfa-conformance schema driver-protocol` lists"
        }
    }
}

fn tail(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!("; its last words: {said}") }
}
