//! The goals, as data: what is divided by what, and where the bound lies.

/// One goal.
pub(crate) struct Goal {
    /// The benchmark program.
    pub(crate) group: &'static str,
    /// What is measured, in a few words.
    pub(crate) what: &'static str,
    /// What was measured.
    pub(crate) value: Source,
    /// How many times the work beside it is in it; signatures, for instance.
    pub(crate) per: f64,
    /// What it is divided by; none: the number itself is bounded.
    pub(crate) beside: Option<Source>,
    /// Which side of the bound is good.
    pub(crate) bound: Bound,
    /// The bound.
    pub(crate) goal: f64,
}

/// Where a number comes from.
pub(crate) enum Source {
    /// Criterion's median of `group/function`.
    Median(&'static str),
    /// A figure that the program printed.
    Figure(&'static str),
}

/// Which side of the bound is good.
#[derive(Clone, Copy)]
pub(crate) enum Bound {
    /// Costs: ours over the other's.
    AtMost,
    /// Speeds: the other's time over ours.
    AtLeast,
}

const fn cost(
    group: &'static str,
    what: &'static str,
    value: &'static str,
    beside: &'static str,
    goal: f64,
) -> Goal {
    let (value, beside) = (Source::Median(value), Some(Source::Median(beside)));
    Goal { group, what, value, per: 1.0, beside, bound: Bound::AtMost, goal }
}

const fn minting(what: &'static str, value: &'static str, signatures: &'static str) -> Goal {
    let (value, beside) = (Source::Figure(value), Some(Source::Figure(signatures)));
    Goal { group: "answer", what, value, per: 1.0, beside, bound: Bound::AtMost, goal: 1.05 }
}

const fn figure(group: &'static str, what: &'static str, value: &'static str, goal: f64) -> Goal {
    let value = Source::Figure(value);
    Goal { group, what, value, per: 1.0, beside: None, bound: Bound::AtMost, goal }
}

const fn speed(
    what: &'static str,
    value: &'static str,
    per: f64,
    beside: &'static str,
    goal: f64,
) -> Goal {
    let (value, beside) = (Source::Figure(value), Some(Source::Figure(beside)));
    Goal { group: "loopback", what, value, per, beside, bound: Bound::AtLeast, goal }
}

/// Every goal, in the order of the table.
pub(crate) const GOALS: &[Goal] = &[
    cost(
        "totp_verify",
        "hit at the current step, of six SHA-1 compressions",
        "totp_verify/engine/sha1/current",
        "totp_verify/six_compressions/sha1",
        0.70,
    ),
    cost(
        "totp_verify",
        "miss, of six SHA-1 compressions",
        "totp_verify/engine/sha1/miss",
        "totp_verify/six_compressions/sha1",
        1.90,
    ),
    cost(
        "token_check",
        "cold, of a bare verification",
        "token_check/cold",
        "token_check/aws_lc_rs_verify_parsed_key",
        1.25,
    ),
    cost(
        "token_check",
        "seen before, one token live",
        "token_check/seen/1_live",
        "token_check/aws_lc_rs_verify_parsed_key",
        0.02,
    ),
    cost(
        "token_check",
        "seen before, 10^3 tokens live",
        "token_check/seen/1000_live",
        "token_check/aws_lc_rs_verify_parsed_key",
        0.04,
    ),
    cost(
        "token_check",
        "seen before, 10^5 tokens live",
        "token_check/seen/100000_live",
        "token_check/aws_lc_rs_verify_parsed_key",
        0.15,
    ),
    minting("refresh, of its two signatures", "answer/refresh", "answer/refresh_signatures"),
    minting("sign-in, of its two signatures", "answer/sign_in", "answer/sign_in_signatures"),
    minting(
        "TOTP with scopes, of its three signatures",
        "answer/totp_with_scopes",
        "answer/totp_with_scopes_signatures",
    ),
    figure("answer", "the dearest operation that signs nothing", "answer/dearest_plain", 10.0),
    figure(
        "answer",
        "the dearest that signs, beyond its signatures",
        "answer/dearest_signing",
        10.0,
    ),
    speed(
        "GET devices, 1 connection, speed of bare axum",
        "loopback/devices_1",
        1.0,
        "loopback/axum_1",
        0.65,
    ),
    speed(
        "GET devices, 8 connections, speed of bare axum",
        "loopback/devices_8",
        1.0,
        "loopback/axum_8",
        0.65,
    ),
    speed(
        "GET devices, 64 connections, speed of bare axum",
        "loopback/devices_64",
        1.0,
        "loopback/axum_64",
        0.65,
    ),
    speed(
        "TOTP with two tokens, signatures of what two cores can make",
        "loopback/totp_two_tokens",
        2.0,
        "loopback/signature",
        0.85,
    ),
    speed(
        "TOTP with three tokens, signatures of what two cores can make",
        "loopback/totp_three_tokens",
        3.0,
        "loopback/signature",
        0.85,
    ),
    Goal {
        group: "loopback",
        what: "slowest read of a hundred beside sign-ins, over that of an idle service",
        value: Source::Figure("loopback/read_p99_beside_signatures"),
        per: 1.0,
        beside: Some(Source::Figure("loopback/read_p99_alone")),
        bound: Bound::AtMost,
        goal: 5.0,
    },
    figure("start", "start of the process to its first answer", "start/mfa_mock", 15.0),
    figure("start", "resident memory, idle", "start/mfa_mock_idle", 8.0),
    figure(
        "start",
        "resident memory after a million requests",
        "start/mfa_mock_after_requests",
        32.0,
    ),
    figure("suite", "whole run, driver in process", "suite/in_process", 5.0),
    figure("suite", "whole run with the real SDK", "suite/real_sdk", 30.0),
    cost(
        "scale",
        "TOTP among 10^6 users",
        "scale/totp_right_code/1000000",
        "scale/totp_right_code/1",
        1.2,
    ),
    cost(
        "scale",
        "devices among 10^6 users",
        "scale/list_devices/1000000",
        "scale/list_devices/1",
        1.2,
    ),
    cost("scale", "sign-in among 10^6 users", "scale/sign_in/1000000", "scale/sign_in/1", 1.2),
    figure("scale", "memory of a user", "scale/bytes_of_a_user", 600.0),
];
