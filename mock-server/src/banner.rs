//! What `mfa-mock` prints: the base URL, an environment, a snippet, and which world is on.

use std::io::Write as _;
use std::path::Path;

use crate::{Mock, Standalone};

use crate::flags::Preset;
use crate::https::Speech;
use crate::start::Start;

/// Says how to use the service.
pub(crate) fn greet(standalone: &Standalone, start: &Start, mock: &Mock, speech: &Speech) {
    let base_url = standalone.base_url();
    let text = match start.quiet {
        true => format!("{base_url}\n"),
        false => banner(standalone, start, mock, speech),
    };
    say(&text);
    if !standalone.address().ip().is_loopback() {
        complain(
            "warning: other machines can reach this service; its key and codes are no secrets",
        );
    }
}

fn banner(standalone: &Standalone, start: &Start, mock: &Mock, speech: &Speech) -> String {
    let (base_url, environment) = (standalone.base_url(), &start.environment);
    let control = format!("{}/_mock/v1", standalone.origin());
    let world = match start.preset {
        Preset::Enforced => {
            "enforced: sensitive calls need an elevated access token, as in a new real environment\n  \
             change it: --preset legacy, or PATCH …/settings {\"minApiVersion\":\"2026_01_01\"}"
        }
        Preset::Legacy => {
            "legacy: no call asks for an elevated access token, as in the older guides\n  \
             change it: --preset enforced, or PATCH …/settings {\"minApiVersion\":\"2026_04_01\"}"
        }
    };
    let others = match start.options.strict_environments {
        true => "others are made through the control API",
        false => "any other UUID is a world of its own",
    };
    let static_code = mock.static_email_code();
    let seed = match start.options.seed {
        Some(seed) => format!("\nseed          {seed} (answers repeat)"),
        None => String::new(),
    };
    let journal = match (&start.options.journal_file, mock.journal_report()) {
        (Some(file), Some(report)) => format!(
            "\njournal       {} ({} changes read; environments: {})",
            file.path.display(),
            report.records,
            report.environments,
        ),
        _ => String::new(),
    };
    let (trust, curl) = match speech.authority() {
        Some((path, was_made)) => {
            (trust(path, was_made), format!("--cacert '{}' ", path.display()))
        }
        None => (String::new(), String::new()),
    };
    format!(
        "mfa-mock {} (unofficial; not affiliated with Dynamic)

base URL      {base_url}
environment   {environment} ({others})
world         {world}
control       {control}/  (codes, mails, clock, faults, journal){seed}{journal}{trust}

JavaScript SDK (note: coreConfig.apiBaseUrl; a top-level apiBaseUrl is silently ignored):

  const client = createDynamicClient({{
    environmentId: '{environment}', autoInitialize: false,
    coreConfig: {{ apiBaseUrl: '{base_url}' }} }});

mailed codes  curl {curl}'{control}/environments/{environment}/inbox'
              (an address that ends in +dynamic_test always gets {static_code})
TOTP code     curl {curl}'{control}/environments/{environment}/users/alice@example.com/totp'

Ctrl-C stops it.
",
        env!("CARGO_PKG_VERSION"),
    )
}

/// Whom clients must trust, and how each kind of them is told.
fn trust(path: &Path, was_made: bool) -> String {
    let (path, made) = (path.display(), if was_made { " (made just now)" } else { "" });
    format!(
        "
https         clients must trust the CA in {path}{made}
  curl            curl --cacert '{path}' …
  Node.js         NODE_EXTRA_CA_CERTS='{path}' node …
  iOS simulator   xcrun simctl keychain booted add-root-cert '{path}'
  Android         copy it to res/raw and name it in the network security config (README, \"https\")"
    )
}

/// Prints a text.
pub(crate) fn say(text: &str) {
    // A closed pipe is no reason to stop.
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Says what is wrong, on the other stream.
pub(crate) fn complain(problem: &str) {
    // In one piece: the command that `exec` runs writes to the same place, and may do so meanwhile.
    let line = format!("mfa-mock: {problem}\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
}
