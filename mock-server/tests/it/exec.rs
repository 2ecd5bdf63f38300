//! `exec`, `healthcheck` and `doctor`: the program beside other programs.

use std::net::TcpListener;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::binary::{Running, program, run};
use crate::client::WORLD;

/// Runs `exec` with a shell script as its command.
fn exec(flags: &[&str], script: &str) -> (Option<i32>, String, String) {
    let mut all = vec!["exec", "--quiet"];
    all.extend(flags);
    all.extend(["--", "sh", "-c", script]);
    run(&all)
}

/// Asks the service beside this process for something, with this very program as the client.
fn program_path() -> &'static str {
    env!("CARGO_BIN_EXE_mfa-mock")
}

#[cfg(unix)]
#[test]
fn a_command_finds_the_service_and_its_code_comes_back() {
    let script = "echo $MFA_MOCK_URL; echo $MFA_MOCK_BASE_URL; echo $MFA_MOCK_CONTROL_URL; \
                  echo $MFA_MOCK_ENVIRONMENT_ID; echo \"token=$MFA_MOCK_CONTROL_TOKEN\"; exit 7";
    let (code, out, _) = exec(&["--report", "never"], script);
    assert_eq!(code, Some(7));
    let lines: Vec<&str> = out.lines().collect();
    let [url, base, control, environment, token] = lines[..] else { panic!("{out}") };
    assert!(url.starts_with("http://127.0.0.1:") && !url.ends_with(":4400"), "{url}");
    assert_eq!((base, control), (&*format!("{url}/api/v0"), &*format!("{url}/_mock/v1")));
    assert_eq!((environment, token), ("00000000-0000-4000-8000-000000000000", "token="));
    let (_, out, _) = exec(
        &["--environment", WORLD, "--control-token", "s3cret"],
        "echo $MFA_MOCK_ENVIRONMENT_ID $MFA_MOCK_CONTROL_TOKEN",
    );
    assert_eq!(out, format!("{WORLD} s3cret\n"));
    // It is ready before the command starts, and gone when it has ended.
    let script = format!("{} healthcheck && echo $MFA_MOCK_URL", program_path());
    let (code, out, errors) = exec(&[], &script);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    let (code, _, errors) = run(&["healthcheck", "--url", out.trim()]);
    assert_eq!(code, Some(1));
    assert!(errors.contains("no answer"), "{errors}");
}

#[test]
fn a_command_that_is_none_has_the_shell_s_codes() {
    let (code, out, errors) = run(&["exec", "--quiet", "--", "/nonexistent/command"]);
    assert_eq!((code, out.as_str()), (Some(127), ""));
    assert!(errors.starts_with("mfa-mock: cannot run /nonexistent/command: "), "{errors}");
    let (code, _, errors) = run(&["exec", "--quiet", "--", env!("CARGO_MANIFEST_DIR")]);
    assert_eq!(code, Some(126), "{errors}");
    let (code, _, errors) = run(&["exec", "--quiet"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("<COMMAND>"), "{errors}");
    let (code, _, _) = run(&["--seed", "7", "exec", "--", "true"]);
    assert_eq!(code, Some(2), "flags of exec stand behind it");
}

#[cfg(unix)]
#[test]
fn what_was_refused_is_said_when_the_command_fails() {
    // Asks without a token, twice, and for a path that is none.
    let ask = |path: &str| {
        let path = match path.strip_prefix('!') {
            Some(path) => path.replace("WORLD", WORLD),
            None => format!("/api/v0/sdk/{WORLD}/{path}"),
        };
        format!(
            "exec 3<>/dev/tcp/127.0.0.1/${{MFA_MOCK_URL##*:}}; \
             printf 'GET {path} HTTP/1.1\\r\\nhost: localhost\\r\\n\
             connection: close\\r\\n\\r\\n' >&3; cat <&3 >/dev/null; "
        )
    };
    let asks =
        ["settings", "users", "users", "user", "!/sdk/WORLD/settings", "!/api/v0/sdk/x/users"];
    let asks = asks.map(ask).concat();
    let bash = |report: &[&str], end: &str| {
        let mut all = vec!["exec", "--quiet"];
        all.extend(report);
        let script = format!("{asks}{end}");
        all.extend(["--", "bash", "-c", &script]);
        run(&all)
    };
    let (code, _, errors) = bash(&[], "exit 3");
    assert_eq!(code, Some(3));
    let expected = "mfa-mock: what was refused (6 exchanges, environments: 2):\n    \
        2 × getAuthenticatedUser 401: no bearer token came along (J1)\n    \
        1 × GET /api/v0/sdk/x/users 404 not_found: `x` is no environment id: 36 characters of lower-case hex and dashes (W1)\n    \
        1 × GET /api/v0/sdk/…/user 404 not_found: no operation has this path; did you mean `users`? (W1)\n    \
        1 × GET /sdk/…/settings 404 not_found: the path is outside /api/v0; does apiBaseUrl end in /api/v0? (W1)\n";
    assert_eq!(errors, expected);
    assert_eq!(bash(&[], "exit 0").2, "");
    assert_eq!(bash(&["--report", "always"], "exit 0").2, expected);
    assert_eq!(bash(&["--report", "never"], "exit 3").2, "");
    // Whoever asked nothing but the wrong address is told which.
    let lost = format!("{}exit 3", ask("!/sdk/WORLD/settings"));
    let (_, _, errors) = run(&["exec", "--quiet", "--", "bash", "-c", &lost]);
    assert!(errors.starts_with("mfa-mock: what was refused (1 exchanges"), "{errors}");
    assert!(errors.contains("does apiBaseUrl end in /api/v0?"), "{errors}");
    let (_, _, errors) = exec(&[], "exit 1");
    assert!(errors.contains("nothing was asked of any environment"), "{errors}");
}

#[cfg(unix)]
#[test]
fn signals_are_passed_on() {
    for (signal, code) in [("TERM", 41), ("INT", 42), ("HUP", 43), ("USR1", 44)] {
        let script =
            format!("trap 'exit {code}' {signal}; echo ready; while :; do sleep 0.01; done");
        let mut child =
            program(&["exec", "--quiet", "--report", "never", "--", "sh", "-c", &script])
                .spawn()
                .unwrap();
        let mut line = [0; 6];
        std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut line).unwrap();
        let id = child.id().to_string();
        assert!(
            Command::new("kill").arg(format!("-{signal}")).arg(&id).status().unwrap().success()
        );
        assert_eq!(child.wait().unwrap().code(), Some(code), "{signal}");
    }
    // One that dies of it is told as a shell tells it.
    let (code, _, _) = exec(&["--report", "never"], "kill -KILL $$");
    assert_eq!(code, Some(128 + 9));
}

#[test]
fn a_health_check_tells_a_mock_from_anything_else() {
    let running = Running::quiet(&[]);
    let url = format!("http://{}", running.address);
    let (code, out, errors) = run(&["healthcheck", "--url", &url]);
    assert_eq!((code, out.as_str(), errors.as_str()), (Some(0), "", ""));
    // Looking made no environment but the printed one.
    let known = running.get("/_mock/v1/environments").ok(200);
    assert_eq!(known["environments"], json!(["00000000-0000-4000-8000-000000000000"]));
    let locked = Running::quiet(&["--control-token", "s3cret"]);
    let (code, _, _) = run(&["healthcheck", "--url", &format!("http://{}", locked.address)]);
    assert_eq!(code, Some(0), "its guard answers, so it is well");
    let (code, _, errors) = run(&["healthcheck", "--url", "nonsense"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("does not begin with http://"), "{errors}");
    let other = somebody_else(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
    let (code, _, errors) = run(&["healthcheck", "--url", &other]);
    assert_eq!(code, Some(1));
    assert!(errors.contains("something else than mfa-mock answered (200)"), "{errors}");
}

/// A listener that says the same to everybody, for a few connections.
fn somebody_else(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().take(3).flatten() {
            let mut stream = stream;
            let mut request = [0; 4_096];
            let _ = std::io::Read::read(&mut stream, &mut request);
            let _ = std::io::Write::write_all(&mut stream, answer);
        }
    });
    url
}

fn doctor(arguments: &[&str]) -> (Option<i32>, String) {
    let mut all = vec!["doctor"];
    all.extend(arguments);
    let (code, out, errors) = run(&all);
    assert_eq!(errors, "");
    (code, out)
}

#[test]
fn the_doctor_finds_nothing_wrong_where_nothing_is() {
    let running = Running::quiet(&[]);
    running.sdk(WORLD, "settings").ok(200);
    let base = format!("http://localhost:{}/api/v0", running.address.port());
    let all = ["--base-url", &base, "--environment", WORLD, "--origin", "http://localhost:3000"];
    let (code, out) = doctor(&all);
    let expected = format!(
        "ok     base URL: {base}\n\
         ok     environment id: {WORLD}\n\
         ok     service: mfa-mock {} on localhost:{}\n\
         ok     clock: the environment's time is the system's\n\
         ok     CORS: pages of http://localhost:3000 may read the answers\n\
         nothing is wrong\n",
        env!("CARGO_PKG_VERSION"),
        running.address.port()
    );
    assert_eq!((code, out), (Some(0), expected));
    // Nothing but the printed and the named environment is there, so looking made none.
    let absent = "00000000-0000-4000-8000-00000000cccc";
    let (code, out) = doctor(&["--base-url", &base, "--environment", absent]);
    assert_eq!(code, Some(0));
    assert!(out.contains(&format!("note   environment: nobody has asked anything of {absent}")));
    let known = running.get("/_mock/v1/environments").ok(200);
    assert_eq!(known["environments"].as_array().unwrap().len(), 2);
}

#[test]
fn the_doctor_names_each_mistake_and_its_mending() {
    let running = Running::quiet(&["--hold-clock", "2030-01-01T00:00:00Z"]);
    let port = running.address.port();
    running.sdk(WORLD, "settings").ok(200);
    let settings = json!({ "corsOrigins": ["https://app.example.com"] }).to_string();
    let path = format!("/_mock/v1/environments/{WORLD}/settings");
    let patched =
        crate::socket::exchange(running.address, "PATCH", &path, &[], settings.as_bytes());
    assert_eq!(patched.status, Some(200));
    let upper = WORLD.to_uppercase();
    let base = format!("http://127.0.0.1:{port}/");
    let (code, out) = doctor(&["--base-url", &base, "--environment", &upper]);
    assert_eq!(code, Some(1));
    for said in [
        format!("WRONG  base URL: {base} lacks /api/v0"),
        format!("       → use http://127.0.0.1:{port}/api/v0\n"),
        "note   host: 127.0.0.1 is an address; a passkey".to_owned(),
        format!("the SDK, http://localhost:{port}\n"),
        format!("WRONG  environment id: {upper} has upper-case letters"),
        format!("       → use {WORLD}\n"),
        "2 things are wrong\n".to_owned(),
    ] {
        assert!(out.contains(&said), "{said:?} in {out}");
    }
    let base = format!("http://localhost:{port}/api/v0");
    let (code, out) =
        doctor(&["--base-url", &base, "--environment", WORLD, "--origin", "http://localhost:3000"]);
    assert_eq!(code, Some(1));
    assert!(out.contains("note   clock: the environment's time is "), "{out}");
    assert!(out.contains("WRONG  CORS: pages of http://localhost:3000 may not read"), "{out}");
    assert!(out.contains("1 thing is wrong\n"), "{out}");
}

#[test]
fn the_doctor_tells_who_else_answers_or_that_nobody_does() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let said = |url: String| {
        let (code, out) = doctor(&["--base-url", &url]);
        assert_eq!(code, Some(1), "{out}");
        out
    };
    let nobody = said(format!("http://localhost:{free}/api/v0"));
    assert!(nobody.contains(&format!("start it: mfa-mock --port {free}")), "{nobody}");
    let other = somebody_else(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
    assert!(said(format!("{other}/api/v0")).contains("something else than mfa-mock answers"));
    let mail = somebody_else(b"220 mail.example.com\r\n");
    assert!(said(format!("{mail}/api/v0")).contains("speaks no HTTP"));
    let tls = somebody_else(b"\x15\x03\x01\x00\x02\x02\x46");
    assert!(said(format!("{tls}/api/v0")).contains("speaks TLS"));
    let running = Running::quiet(&["--control-token", "s3cret"]);
    let https = said(format!("https://localhost:{}/api/v0", running.address.port()));
    assert!(https.contains("speaks plain HTTP"), "{https}");
    let base = format!("http://localhost:{}/api/v0", running.address.port());
    let (code, out) = doctor(&["--base-url", &base]);
    assert_eq!(code, Some(0));
    assert!(out.contains("pass --control-token"), "{out}");
    let (_, out) = doctor(&["--base-url", &base, "--control-token", "s3cret"]);
    assert!(out.contains("ok     service: mfa-mock"), "{out}");
}

#[test]
fn the_doctor_reads_the_source_of_an_app() {
    let running = Running::quiet(&[]);
    let base = format!("http://localhost:{}/api/v0", running.address.port());
    let folder = crate::holds::Folder::new();
    folder
        .write("src/client.ts", "export const c = createDynamicClient({\n  apiBaseUrl: mock });\n");
    folder.write("src/node_modules/x.js", "createDynamicClient({ apiBaseUrl: mock });");
    folder.write("src/notes.md", "createDynamicClient({ apiBaseUrl: mock });");
    let source = folder.0.join("src");
    let (code, out) = doctor(&["--base-url", &base, "--sdk-config", source.to_str().unwrap()]);
    assert_eq!(code, Some(1));
    let place = source.join("client.ts");
    let said = format!("WRONG  {}:2: a top-level apiBaseUrl is silently ignored", place.display());
    assert!(out.contains(&said), "{out}");
    assert!(out.contains("→ write coreConfig: { apiBaseUrl: … }\n1 thing is wrong"), "{out}");
    folder.write("src/client.ts", "createDynamicClient({ coreConfig: { apiBaseUrl: mock } });");
    let (code, out) = doctor(&["--base-url", &base, "--sdk-config", source.to_str().unwrap()]);
    assert_eq!(code, Some(0));
    assert!(out.contains("client.ts:1: coreConfig.apiBaseUrl\n"), "{out}");
    let (code, _, errors) = run(&["doctor", "--base-url", &base, "--sdk-config", "/nonexistent"]);
    assert_eq!(code, Some(2));
    assert!(errors.starts_with("mfa-mock: /nonexistent: "), "{errors}");
}

#[cfg(unix)]
#[test]
fn exec_takes_its_flags_from_anywhere() {
    let mut command = program(&["exec", "--quiet", "--", "sh", "-c", "echo $MFA_MOCK_URL"]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    drop(taken);
    let output = command.env("MFA_MOCK_PORT", port.to_string()).stdin(Stdio::null()).output();
    let output = output.unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("http://127.0.0.1:{port}\n"));
}
