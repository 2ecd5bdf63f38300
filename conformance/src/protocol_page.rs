//! The reference of the driver protocol, made from the tables that runner and drivers share.

use driver_protocol::{
    DEADLINE_MS_DEFAULT, Field, LINE_BYTES_MAX, MDP, OPS, Op, PREFIX, SdkError, Standing,
};
use serde_json::json;

use crate::case::Guide;

/// The page as Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut page = format!(
        "# The driver protocol MDP/{MDP}\n\n\
         <!-- Written by `mfa-conformance schema driver-protocol`; a test holds it in step with the code. -->\n\n\
         How the suite and a driver talk. [Writing a driver](writing-a-driver.md) shows it step by step.\n\n\
         ## Lines\n\n\
         The driver reads requests from stdin and writes answers to stdout: one JSON object a line, UTF-8, at most \
         {LINE_BYTES_MAX} bytes without the line feed. Flush after each line. A line may begin with `{PREFIX}`; \
         lines that neither do so nor begin with `{{` are kept as log, like all of stderr, and so are all lines without \
         it once a line had it. A line of the protocol that is no message ends the driver. Requests come one at a time \
         and are answered in order. The runner refuses fields that it does not know; a driver ignores them.\n\n\
         ## A request\n\n\
         | field | form | meaning |\n|---|---|---|\n\
         | `mdp` | integer | {MDP} |\n\
         | `id` | integer | number of the request; the answer carries the same integer |\n\
         | `op` | string | one of the ops below; any other one is answered `unsupported` |\n\
         | `inst` | string, may be absent | the client that it is for, as `client.new` named it |\n\
         | `args` | object | the arguments of the op |\n\
         | `deadline_ms` | integer | how long the runner waits; {DEADLINE_MS_DEFAULT} if absent |\n\
         | `case`, `step` | string, integer, may be absent | where in the run, for logs |\n\n"
    );
    page.push_str(&answers());
    page.push_str(&handshake());
    page.push_str(&ops());
    page
}

fn answers() -> String {
    let error: SdkError = SdkError {
        origin: driver_protocol::ErrorOrigin::Server,
        class: Some("WrongCodeError".to_owned()),
        code: Some("wrong_code".to_owned()),
        http: Some(422),
        message: "that code is wrong".to_owned(),
        retryable: false,
    };
    let error = serde_json::to_string(&error).unwrap_or_default();
    let credential = json!({ "cb": 1, "op": "webauthn.get", "args": { "challenge": "…" } });
    format!(
        "## An answer\n\n\
         `id`, and exactly one of these. They are never mixed up: an error of the SDK is no fault of the driver, and an op \
         that is missing is no error.\n\n\
         | key | when | holds |\n|---|---|---|\n\
         | `ok` | the SDK's call returned | an object with exactly the results of the op, the SDK's own values |\n\
         | `err` | the SDK reported an error | see below |\n\
         | `unsupported` | the SDK has no such call, or the op is unknown | `why` (string), `issue` (address or null) |\n\
         | `fault` | the driver itself went wrong; never a pass | `message` (string), `trace` (string or null) |\n\n\
         ```json\n{{\"id\":7,\"err\":{error}}}\n```\n\n\
         `origin` says where the cause lies: `server` (the service answered with a refusal or a failure), `client` (the SDK \
         refused before or after the exchange), `network` (no answer arrived), `user` (the person cancelled), `timeout` (the \
         SDK gave up waiting). `class` is the name of the error's type, `code` the machine-readable code that the SDK gives \
         its caller, `http` the status, each null when the SDK does not tell it. `retryable` may be absent.\n\n\
         ## Unasked\n\n\
         At any time: `{{\"log\":\"debug|info|warn|error\",\"msg\":\"…\"}}` and, for what the SDK announces, \
         `{{\"ev\":\"auth.changed\",\"inst\":\"c1\",\"data\":{{}}}}`.\n\n\
         While a request is open, a driver that said `\"passkey\":\"harness\"` may ask for the runner's authenticator, with the \
         options in the JSON form of WebAuthn, by `webauthn.create` or `webauthn.get`:\n\n\
         ```json\n{credential}\n```\n\n\
         The next line is `{{\"cb\":1,\"ok\":credential}}`, or `{{\"cb\":1,\"err\":{{\"name\":\"NotAllowedError\",\"message\":\"…\"}}}}` \
         with the exception that a browser would have thrown.\n\n"
    )
}

fn handshake() -> String {
    let guides: Vec<String> =
        Guide::ALL.iter().map(|guide| format!("`{}`", guide.name())).collect();
    format!(
        "## The handshake\n\n\
         `hello` is the first request. In its answer, `caps` has an entry for each op that is not mandatory: `true`, \
         `{{\"no\":\"why the SDK cannot\"}}` or `{{\"partial\":\"what is missing\"}}`; `false` is refused, because a reason is owed. \
         An op that is left out is undeclared: cases that need it do not apply, and the report says so. Unknown names are \
         refused. `guides` are of {}. `restart` says how far `client.restart` reaches: `none`, `case` (a new SDK object while \
         the driver runs) or `run` (what an earlier process of the driver stored is found again, too); it decides nothing, \
         the capability does.\n\n",
        guides.join(", ")
    )
}

fn ops() -> String {
    let mut text = format!("## The {} ops\n\n", OPS.len());
    text.push_str(
        "An argument with `?` may be absent; null counts as absent. A result is always there, and nothing beside it: where \
         `ok` is `{}`, what the SDK returned stays in the driver.\n\n",
    );
    for standing in [Standing::Mandatory, Standing::Capability] {
        text.push_str(match standing {
            Standing::Mandatory => "### Mandatory\n\n",
            Standing::Capability => "### Declared in `caps`\n\n",
        });
        for op in OPS.iter().filter(|op| op.standing == standing) {
            text.push_str(&described(op));
        }
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn described(op: &Op) -> String {
    let mut text = format!("#### {}\n\n{}.\n\n", op.name, capitalised(op.meaning));
    if op.args.is_empty() && op.returns.is_empty() {
        text.push_str("No arguments, and `ok` is `{}`.\n\n");
        return text;
    }
    text.push_str("| | field | form | meaning |\n|---|---|---|---|\n");
    for (side, fields) in [("in", op.args), ("out", op.returns)] {
        if fields.is_empty() {
            text.push_str(&format!("| {side} | – | | |\n"));
        }
        for Field { name, form, is_optional, meaning } in fields {
            let mark = if *is_optional { "?" } else { "" };
            text.push_str(&format!("| {side} | `{name}`{mark} | {} | {meaning} |\n", form.word()));
        }
    }
    text.push('\n');
    text
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
