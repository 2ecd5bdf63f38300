//! The page `benches/PEERS.md`: ratios first, then what they are made of.

use super::super::measured::Measured;
use super::super::table::short;
use super::Installed;

/// What stands around the tables; the places for them are named in double braces.
const FRAME: &str = include_str!("page.md");
/// The servers: the name in the figures, and the one in the tables. Ours is the first.
const SERVERS: [(&str, &str); 3] = [
    ("mfa_mock", "`mfa-mock`"),
    ("oauth2_mock_server", "`oauth2-mock-server`"),
    ("workos", "WorkOS emulator"),
];
/// The npm packages of the rivals, in the order of [`SERVERS`].
pub(super) const PACKAGES: [&str; 2] = ["oauth2-mock-server", "workos"];
/// The calls: the name in the figures, and the one in the tables.
const CALLS: [(&str, &str); 3] =
    [("token", "tokens issued"), ("read", "read with a bearer"), ("keys", "public keys (JWKS)")];

/// A row of ratios: what it says, the figure, and the one that it is divided by.
type Ratio = (&'static str, &'static str, Option<&'static str>);

const RATIOS: [Ratio; 6] = [
    ("tokens issued: CPU of a request", "token/cpu", None),
    ("tokens issued: CPU of a signature", "token/cpu", Some("token/signatures")),
    ("read with a bearer: CPU of a request", "read/cpu", None),
    ("public keys (JWKS): CPU of a request", "keys/cpu", None),
    ("from the start to the first answer", "start", None),
    ("memory, idle", "idle", None),
];

/// The whole page.
pub(super) fn of(measured: &Measured, machine: &str, rivals: &[Installed; 2]) -> String {
    let parts = [
        ("{{machine}}", machine.to_owned()),
        ("{{ratios}}", ratios(measured)),
        ("{{left_out}}", left_out(measured)),
        ("{{there}}", there(measured)),
        ("{{starts}}", starts(measured)),
        ("{{versions}}", versions(rivals)),
    ];
    let filled = |page: String, (place, text): (&str, String)| page.replace(place, &text);
    parts.into_iter().fold(FRAME.to_owned(), filled)
}

fn value(measured: &Measured, server: &str, what: &str) -> Option<f64> {
    measured.figure(&format!("peers/{server}/{what}")).map(|figure| figure.value)
}

fn head(first: &str) -> String {
    let names = SERVERS.map(|(_, name)| name).join(" | ");
    format!("| {first} | {names} |\n|---|--:|--:|--:|")
}

fn ratios(measured: &Measured) -> String {
    let mut table = head("ours = 1.00");
    for (label, what, per) in RATIOS {
        let cost = |server| {
            let value = value(measured, server, what)?;
            per.map_or(Some(value), |per| self::value(measured, server, per).map(|per| value / per))
        };
        let [(ours, _), ..] = SERVERS;
        let cells = SERVERS.map(|(server, _)| match (cost(server), cost(ours)) {
            (Some(theirs), Some(ours)) if theirs.is_finite() && ours > 0.0 => short(theirs / ours),
            _ => "–".to_owned(),
        });
        table += &format!("\n| {label} | {} |", cells.join(" | "));
    }
    table
}

fn left_out(measured: &Measured) -> String {
    let mut lines = String::new();
    for (server, name) in SERVERS {
        if let Some(why) = measured.note(&format!("peers/{server}/left_out")) {
            lines += &format!("\nNot measured: {name}, for {why}.\n");
        }
    }
    lines
}

/// What was measured of each call: an illustration from that machine.
fn there(measured: &Measured) -> String {
    let mut table = "| call | server | CPU of a request | requests a second | requests of a round \
         | signatures | answer |\n|---|---|--:|--:|--:|---|--:|"
        .to_owned();
    for (call, label) in CALLS {
        for (server, name) in SERVERS {
            table += &format!("\n| {label} | {name} | {} |", cells(measured, server, call));
        }
    }
    table
}

fn cells(measured: &Measured, server: &str, call: &str) -> String {
    let of = |what: &str| value(measured, server, &format!("{call}/{what}"));
    let whole = |what: &str| of(what).map_or_else(|| "–".to_owned(), |value| format!("{value:.0}"));
    let cpu = match (of("cpu"), of("cpu_least"), of("cpu_most")) {
        (Some(cpu), Some(least), Some(most)) => {
            format!("{} µs ({}–{})", short(cpu), short(least), short(most))
        }
        _ => "–".to_owned(),
    };
    let signed = measured.figure(&format!("peers/{server}/{call}/signatures"));
    let signed = signed.map_or_else(
        || "–".to_owned(),
        |signed| match signed.value {
            0.0 => "none".to_owned(),
            count => format!("{count:.0} × {}", signed.unit),
        },
    );
    let bytes = format!("{} B", whole("bytes"));
    [cpu, whole("rate"), whole("requests"), signed, bytes].join(" | ")
}

fn starts(measured: &Measured) -> String {
    let mut table = head("there");
    for (label, what, unit) in
        [("from the start to the first answer", "start", "ms"), ("memory, idle", "idle", "MB")]
    {
        let cells = SERVERS.map(|(server, _)| {
            let value = value(measured, server, what);
            value.map_or_else(|| "–".to_owned(), |value| format!("{} {unit}", short(value)))
        });
        table += &format!("\n| {label} | {} |", cells.join(" | "));
    }
    table
}

fn versions(rivals: &[Installed; 2]) -> String {
    let mut table = "| package | version | asks for Node.js |\n|---|---|---|".to_owned();
    for (package, Installed { version, node }) in PACKAGES.iter().zip(rivals) {
        // A bar would end the cell.
        let node = node.replace('|', "\\|");
        table += &format!("\n| `{package}` | {version} | {node} |");
    }
    table
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;

    use super::*;
    use crate::workspace::root;

    fn page(lines: &[&str]) -> String {
        let mut measured = Measured::default();
        let script = lines.iter().map(|line| format!("echo '{line}'\n")).collect::<String>();
        measured.take_in(Command::new("sh").args(["-c", &script])).unwrap();
        let rival = || Installed { version: "1.2.3".into(), node: "^22 || ^24".into() };
        of(&measured, "Measured on a desk.", &[rival(), rival()])
    }

    const OURS: [&str; 9] = [
        "figure peers/mfa_mock/start 4.000 ms",
        "figure peers/mfa_mock/token/cpu 800.000 us",
        "figure peers/mfa_mock/token/cpu_least 790.000 us",
        "figure peers/mfa_mock/token/cpu_most 1000.000 us",
        "figure peers/mfa_mock/token/rate 1234.500 /s",
        "figure peers/mfa_mock/token/requests 4000.000 requests",
        "figure peers/mfa_mock/token/bytes 3700.000 B",
        "figure peers/mfa_mock/token/signatures 2.000 RS256-2048",
        "figure peers/mfa_mock/read/signatures 0.000 none",
    ];

    #[test]
    fn a_request_and_a_signature_are_compared_each_for_itself() {
        let theirs = [
            "figure peers/workos/start 200.000 ms",
            "figure peers/workos/token/cpu 1000.000 us",
            "figure peers/workos/token/signatures 1.000 RS256-2048",
        ];
        let page = page(&[&OURS[..], &theirs].concat());
        for line in [
            "Measured on a desk.",
            "| tokens issued: CPU of a request | 1.00 | – | 1.25 |",
            "| tokens issued: CPU of a signature | 1.00 | – | 2.50 |",
            "| from the start to the first answer | 1.00 | – | 50.0 |",
            "| tokens issued | `mfa-mock` | 800 µs (790–1000) | 1234 | 4000 | 2 × RS256-2048 | 3700 B |",
            "| read with a bearer | `mfa-mock` | – | – | – | none | – B |",
            "| `workos` | 1.2.3 | ^22 \\|\\| ^24 |",
        ] {
            assert!(page.lines().any(|it| it == line), "{line}\nis not in\n{page}");
        }
        assert!(!page.contains("{{") && !page.contains("Not measured"), "{page}");
    }

    #[test]
    fn a_rival_that_did_not_start_is_told_and_the_others_stay() {
        let note = "note peers/oauth2_mock_server/left_out it ended with 1 before it answered";
        let page = page(&[&OURS[..], &[note]].concat());
        let told = "Not measured: `oauth2-mock-server`, for it ended with 1 before it answered.";
        assert!(page.lines().any(|line| line == told), "{page}");
        assert!(page.contains("| tokens issued: CPU of a request | 1.00 | – | – |"), "{page}");
    }

    #[test]
    fn the_page_that_is_kept_has_the_words_that_would_be_written_now() {
        let kept = fs::read_to_string(root().join("benches").join("PEERS.md")).unwrap();
        let mut rest = kept.as_str();
        for words in FRAME.split("{{").map(|part| part.split_once("}}").map_or(part, |it| it.1)) {
            let (_, after) = rest
                .split_once(words)
                .unwrap_or_else(|| panic!("benches/PEERS.md does not say, or not here:\n{words}"));
            rest = after;
        }
        assert!(rest.is_empty(), "{rest}");
    }
}
