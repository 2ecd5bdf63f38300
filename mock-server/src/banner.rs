//! What `mfa-mock` prints: the base URL, an environment, a snippet, and which world is on.

use std::io::Write as _;

use mock_server::{Mock, Standalone};

use crate::flags::{Flags, Preset};

/// Says how to use the service.
pub(crate) fn greet(standalone: &Standalone, environment: &str, flags: &Flags, mock: &Mock) {
    let base_url = standalone.base_url();
    let text = match flags.quiet {
        true => format!("{base_url}\n"),
        false => banner(standalone, environment, flags, mock),
    };
    // A closed pipe is no reason to stop serving.
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    if !standalone.address().ip().is_loopback() {
        complain(
            "warning: other machines can reach this service; its key and codes are no secrets",
        );
    }
}

fn banner(standalone: &Standalone, environment: &str, flags: &Flags, mock: &Mock) -> String {
    let base_url = standalone.base_url();
    let control = format!("http://{}/_mock/v1", standalone.address());
    let world = match flags.preset {
        Preset::Enforced => {
            "enforced: sensitive calls need an elevated access token, as in a new real environment\n  \
             change it: --preset legacy, or PATCH …/settings {\"minApiVersion\":\"2026_01_01\"}"
        }
        Preset::Legacy => {
            "legacy: no call asks for an elevated access token, as in the older guides\n  \
             change it: --preset enforced, or PATCH …/settings {\"minApiVersion\":\"2026_04_01\"}"
        }
    };
    let others = match flags.strict_environments {
        true => "others are made through the control API",
        false => "any other UUID is a world of its own",
    };
    let static_code = mock.static_email_code();
    let seed = flags
        .seed
        .map(|seed| format!("\nseed          {seed} (answers repeat)"))
        .unwrap_or_default();
    format!(
        "mfa-mock {} (unofficial; not affiliated with Dynamic)

base URL      {base_url}
environment   {environment} ({others})
world         {world}
control       {control}/  (codes, mails, clock, faults, journal){seed}

JavaScript SDK (note: coreConfig.apiBaseUrl; a top-level apiBaseUrl is silently ignored):

  const client = createDynamicClient({{
    environmentId: '{environment}', autoInitialize: false,
    coreConfig: {{ apiBaseUrl: '{base_url}' }} }});

mailed codes  curl '{control}/environments/{environment}/inbox'
              (an address that ends in +dynamic_test always gets {static_code})
TOTP code     curl '{control}/environments/{environment}/users/alice@example.com/totp'

Ctrl-C stops it.
",
        env!("CARGO_PKG_VERSION"),
    )
}

/// Says what is wrong, on the other stream.
pub(crate) fn complain(problem: &str) {
    let _ = writeln!(std::io::stderr(), "mfa-mock: {problem}");
}
