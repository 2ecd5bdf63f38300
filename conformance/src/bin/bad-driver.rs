//! A driver that misbehaves in the one way it is asked for. The tests of the runner drive it.
//!
//! `bad-driver MODE`: in every mode but those of the handshake it greets like an honest driver,
//! fetches the settings in `client.new` as an SDK would, and misbehaves at `state.get`.

use std::fs;
use std::io::{self, BufRead, Read, Write};
use std::net::TcpStream;
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

use driver_protocol::{Request, framing};
use serde_json::{Value, json};

/// Longer than any deadline of a test; the runner kills the process long before.
const FOR_EVER: Duration = Duration::from_secs(600);

fn main() -> ExitCode {
    let mut mode = std::env::args().nth(1).unwrap_or_default();
    // `hang-once FILE` and `greet-once FILE` leave the file behind for their next start.
    let mark = std::env::args().nth(2).unwrap_or_default();
    let again = fs::exists(&mark).unwrap_or(false);
    mode = match (mode.as_str(), again) {
        ("greet-once", true) => "exit".to_owned(),
        ("hang-once", true) => "good".to_owned(),
        _ => mode,
    };
    if mode == "greet-once" && fs::write(&mark, "").is_err() {
        return ExitCode::from(4);
    }
    if mode == "exit" {
        let _ = writeln!(io::stderr(), "no SDK here");
        return ExitCode::from(3);
    }
    for line in io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        let Ok(request) = framing::parse_request(line.as_bytes()) else { continue };
        match request.op.as_str() {
            "hello" => greet(&mode, &request),
            "bye" => {
                answer(&json!({ "id": request.id, "ok": {} }));
                match mode.as_str() {
                    "lingers" => thread::sleep(FOR_EVER),
                    "ends-badly" => return ExitCode::from(7),
                    _ => break,
                }
            }
            "client.new" => {
                fetch_settings(&mode, &request.args);
                let made = if mode == "nameless" { json!({}) } else { json!({ "inst": "c1" }) };
                answer(&json!({ "id": request.id, "ok": made }));
            }
            // An SDK that takes every code for the right one, and asks nobody.
            "auth.email_start" if mode == "believes" => {
                let started = json!({ "email": "ada@example.com", "verification_id": "v1" });
                answer(&json!({ "id": request.id, "ok": started }));
            }
            "state.get" if mode == "hang-once" => {
                let _ = fs::write(&mark, "");
                thread::sleep(FOR_EVER);
            }
            "state.get" => misbehave(&mode, request.id),
            _ if mode == "invents" => {
                let made_up =
                    json!({ "device_id": "d1", "secret": "JBSWY3DPEHPK3PXP", "devices": [] });
                answer(&json!({ "id": request.id, "ok": made_up }));
            }
            _ => answer(&json!({ "id": request.id, "unsupported": { "why": "no such op" } })),
        }
    }
    ExitCode::SUCCESS
}

fn greet(mode: &str, request: &Request) {
    let clock = request.args.get("now_ms").cloned().unwrap_or(Value::Null);
    let caps = match mode {
        "hello-unknown-cap" => json!({ "totp.registr": true }),
        "overclaim" => json!({ "mfa.missing": true }),
        "believes" => json!({ "auth.email_start": true, "auth.email_verify": true }),
        "no-mail" => json!({ "auth.email_start": { "no": "passkeys only" } }),
        "invents" => json!({ "device.list": true, "totp.register": true }),
        _ => json!({}),
    };
    let guides = if mode == "hello-unknown-guide" { json!(["recovery-code"]) } else { json!([]) };
    let mut hello = json!({
        "mdp": 1,
        "driver": { "name": "bad-driver", "version": "0.0.0" },
        "sdk": { "name": "none", "version": "1.2.3", "package": "none", "platform": "test", "language": "rust" },
        "guides": guides,
        "caps": caps,
        "clock": { "now_ms": clock, "injectable": false },
        "limits": { "instances": 1, "inflight": 1 },
        "errors": "typed", "passkey": "none", "storage": "memory", "restart": "none"
    });
    match mode {
        "hello-words" => say(b"hello world"),
        "hello-braces" => say(b"{not json}"),
        _ => {}
    }
    if matches!(mode, "no-hello" | "hello-words" | "hello-braces") {
        thread::sleep(FOR_EVER);
    }
    if mode == "hello-malformed"
        && let Some(fields) = hello.as_object_mut()
    {
        fields.remove("sdk");
    }
    answer(&json!({ "id": request.id, "ok": hello }));
}

fn misbehave(mode: &str, id: u64) {
    match mode {
        "hang" => thread::sleep(FOR_EVER),
        "hang-with-child" => {
            // The child holds stdout open, so only the end of the whole group ends the pipe.
            let child = Command::new("sh").args(["-c", "sleep 600"]).stderr(Stdio::null()).spawn();
            if let Ok(child) = child {
                let _ = writeln!(io::stderr(), "child {}", child.id());
            }
            thread::sleep(FOR_EVER);
        }
        "crash" => {
            let _ = writeln!(io::stderr(), "segmentation fault, more or less");
            std::process::exit(139);
        }
        "id-as-string" => say(format!(r#"{{"id":"{id}","ok":{{}}}}"#).as_bytes()),
        "wrong-id" => answer(&json!({ "id": id + 40, "ok": {} })),
        "twice" => {
            answer(&json!({ "id": id, "ok": {} }));
            answer(&json!({ "id": id, "ok": {} }));
        }
        "garbage" => say(br#"{"id":1,"ok":"#),
        "long-line" => {
            let text = "x".repeat(driver_protocol::LINE_BYTES_MAX);
            answer(&json!({ "id": id, "ok": { "text": text } }));
        }
        "bad-utf8" => say(b"{\"id\":1,\"ok\":{\"text\":\"\xff\xfe\"}}"),
        "fault" => {
            answer(&json!({ "id": id, "fault": { "message": "import failed", "trace": null } }));
        }
        "spoilt" => say(format!(r#"partial: {{"id":{id},"ok":{{}}}}"#).as_bytes()),
        "node-crash" => {
            for line in [
                "SDK: a day like any other",
                "undici:14969",
                "TypeError: terminated",
                "    at load (file:///app/sdk.mjs:3:9)",
            ] {
                let _ = writeln!(io::stderr(), "{line}");
            }
            for frame in 0..9 {
                let _ = writeln!(
                    io::stderr(),
                    "    at process.processTimers (node:internal/timers:{frame})"
                );
            }
            let _ = writeln!(io::stderr(), "\nNode.js v20.20.2");
            std::process::exit(1);
        }
        "chatty" => {
            say(b"> Task :app:compile");
            say(br#"@mdp {"log":"warn","msg":"slow disk"}"#);
            say(b"{not json at all}");
            say(br#"{"id":40,"ok":{}}"#);
            say(format!(r#"@mdp {{"id":{id},"ok":{{"authenticated":false}}}}"#).as_bytes());
        }
        _ => answer(&json!({ "id": id, "ok": { "authenticated": false } })),
    }
}

/// What an SDK does first, with its own marks, so that only the asked-for sin is one.
fn fetch_settings(mode: &str, args: &Value) {
    let text = |name: &str| args.get(name).and_then(Value::as_str).unwrap_or_default();
    let Some(rest) = text("base_url").strip_prefix("http://") else { return };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let Ok(mut stream) = TcpStream::connect(host) else { return };
    let marks = match mode {
        "bypass" => "",
        _ => "x-dyn-version: None/1.2.3\r\nx-dyn-session-id: s1\r\nx-dyn-request-id: r1\r\n",
    };
    let request = format!(
        "GET /{path}/sdk/{}/settings HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{marks}\r\n",
        text("environment_id")
    );
    let mut answer = Vec::new();
    // Whatever the service answers, the request was made; that is all this is for.
    let _ = stream.write_all(request.as_bytes()).and_then(|()| stream.read_to_end(&mut answer));
}

fn answer(message: &Value) {
    say(message.to_string().as_bytes());
}

fn say(line: &[u8]) {
    let mut out = io::stdout().lock();
    // The runner may have hung up already; then nobody minds.
    let _ = out.write_all(line).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush());
}
