//! The list of lies, by name.

use super::{Catch, Lie};
use crate::verdict::Verdict;

/// The place where a lie is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::driver) enum Deed {
    AnswerOfAnotherCase,
    BrokenLine,
    BypassSdk,
    Chatty,
    Crash,
    DuplicateReply,
    EndlessLine,
    ErrorAsFault,
    ErrorAsUnsupported,
    FabricateOk,
    Hang,
    IdAsString,
    KnowsEverything,
    LateReply,
    MadeUpSecret,
    NoUtf8,
    OneErrorForAll,
    Overclaim,
    ReplyToThePreviousRequest,
    RetryByItself,
    SwallowErrors,
    TwoOutcomes,
    Underclaim,
}

const fn lie(name: &'static str, caught: Catch, deed: Deed, lie: &'static str) -> Lie {
    Lie { name, lie, caught, deed }
}

/// Every lie there is, by name.
pub const LIES: &[Lie] = &[
    lie(
        "answer-of-another-case",
        Catch::Probe("dead-service"),
        Deed::AnswerOfAnotherCase,
        "Answers each op with its first good answer for ever.",
    ),
    lie(
        "broken-line",
        Catch::Verdict(Verdict::Driver),
        Deed::BrokenLine,
        "Breaks off in the middle of a reply.",
    ),
    lie(
        "bypass-sdk",
        Catch::Fingerprint,
        Deed::BypassSdk,
        "Asks the service itself for what the SDK was asked for.",
    ),
    lie(
        "chatty",
        Catch::Tolerated,
        Deed::Chatty,
        "Writes lines of its build tool between its replies.",
    ),
    lie("crash", Catch::Verdict(Verdict::Crash), Deed::Crash, "Ends in the middle of an op."),
    lie(
        "duplicate-reply",
        Catch::Verdict(Verdict::Driver),
        Deed::DuplicateReply,
        "Answers one request twice.",
    ),
    lie(
        "endless-line",
        Catch::Verdict(Verdict::Driver),
        Deed::EndlessLine,
        "Answers with a line of more than a mebibyte.",
    ),
    lie(
        "error-as-fault",
        Catch::Verdict(Verdict::Driver),
        Deed::ErrorAsFault,
        "Takes every error of the SDK for a fault of its own.",
    ),
    lie(
        "error-as-unsupported",
        Catch::Verdict(Verdict::Overclaim),
        Deed::ErrorAsUnsupported,
        "Says of every error of the SDK that the op is not supported.",
    ),
    lie(
        "fabricate-ok",
        Catch::Probe("dead-service"),
        Deed::FabricateOk,
        "Makes every answer up and leaves the SDK alone.",
    ),
    lie("hang", Catch::Verdict(Verdict::Hang), Deed::Hang, "Never answers."),
    lie(
        "id-as-string",
        Catch::Verdict(Verdict::Driver),
        Deed::IdAsString,
        "Answers with the id as a text.",
    ),
    lie(
        "knows-everything",
        Catch::Probe("canary"),
        Deed::KnowsEverything,
        "Reports an error for an op that it does not know.",
    ),
    lie(
        "late-reply",
        Catch::Verdict(Verdict::Hang),
        Deed::LateReply,
        "Answers only when nobody waits any more.",
    ),
    lie(
        "made-up-secret",
        Catch::Probe("nonce"),
        Deed::MadeUpSecret,
        "Shows another TOTP secret than the SDK handed out.",
    ),
    lie(
        "no-utf8",
        Catch::Verdict(Verdict::Driver),
        Deed::NoUtf8,
        "Answers with bytes that are no text.",
    ),
    lie(
        "one-error-for-all",
        Catch::Requirement("MFA-TOTP-016"),
        Deed::OneErrorForAll,
        "Drops class and code of every error of the SDK.",
    ),
    lie(
        "overclaim",
        Catch::Verdict(Verdict::Overclaim),
        Deed::Overclaim,
        "Declares an op and then says that there is no such thing.",
    ),
    lie(
        "reply-to-the-previous-request",
        Catch::Verdict(Verdict::Driver),
        Deed::ReplyToThePreviousRequest,
        "Answers the request before the one that is open.",
    ),
    lie(
        "retry-by-itself",
        Catch::Requirement("MFA-NET-002"),
        Deed::RetryByItself,
        "Lets the SDK try again when it failed.",
    ),
    lie(
        "swallow-errors",
        Catch::Probe("dead-service"),
        Deed::SwallowErrors,
        "Reports every error of the SDK as a success.",
    ),
    lie(
        "two-outcomes",
        Catch::Verdict(Verdict::Driver),
        Deed::TwoOutcomes,
        "Says in one reply that the op worked and that it is not supported.",
    ),
    lie(
        "underclaim",
        Catch::Probe("underclaim"),
        Deed::Underclaim,
        "Does not declare an op that works, so that nobody judges it.",
    ),
];
