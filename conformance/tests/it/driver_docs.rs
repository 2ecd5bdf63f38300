//! The pages for authors of drivers: typed in as they stand, they do what they say.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use conformance::case::Case;
use conformance::protocol_page;
use conformance::stage::{Halt, Stage};
use conformance::template::Template;
use conformance::verdict::Verdict;
use driver_protocol::{OPS, Standing, framing, op};
use serde_json::json;

use crate::command_line::{conformance, text};
use crate::scenes::{case, plan, run};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// A folder that no earlier run of the tests has touched.
pub(crate) fn fresh_folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    // It is only there after an earlier run of the tests.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Is the program here? In CI a missing one is an error, elsewhere it is said aloud.
pub(crate) fn is_here(program: &str) -> bool {
    let here = Command::new(program).arg("--version").output().is_ok();
    assert!(here || std::env::var_os("CI").is_none(), "{program} is not installed");
    if !here {
        eprintln!("SKIPPED: {program} is not installed, so nothing was tried with it");
    }
    here
}

#[test]
fn the_protocol_reference_is_what_the_code_says() {
    let printed = text(&conformance(&["schema", "driver-protocol"]).stdout);
    assert_eq!(printed, protocol_page::markdown());
    let hint = "run `mfa-conformance schema driver-protocol > conformance/docs/driver-protocol.md`";
    assert_eq!(read("docs/driver-protocol.md"), printed, "{hint}");
    for op in OPS {
        assert!(printed.contains(&format!("#### {}\n", op.name)), "{}", op.name);
    }
}

#[test]
fn the_table_of_arguments_is_the_one_that_the_javascript_driver_checks() {
    let driver = read("drivers/js/driver.mjs");
    let mut compared = 0;
    for op in OPS.iter().filter(|op| op.name != "hello") {
        let Some(row) = driver.split(&format!("\n  '{}': ['", op.name)).nth(1) else { continue };
        let listed: BTreeSet<&str> = row.split('\'').next().unwrap().split_whitespace().collect();
        let ours = op
            .args
            .iter()
            .map(|it| format!("{}{}", it.name, if it.is_optional { "?" } else { "" }));
        let ours: Vec<String> = ours.collect();
        assert_eq!(listed, ours.iter().map(String::as_str).collect(), "{}", op.name);
        compared += 1;
    }
    assert!(compared > 30, "only {compared} ops were compared");
}

#[test]
fn every_template_has_a_place_for_every_op_with_its_arguments() {
    for template in [Template::Js, Template::Python, Template::Rust] {
        let all: String = template.files().iter().map(|(_, content)| *content).collect();
        for op in OPS.iter().filter(|op| op.standing == Standing::Capability) {
            let row = all.lines().find(|line| {
                line.contains(&format!("{}\"", op.name)) || line.contains(&format!("{}'", op.name))
            });
            let row = row.unwrap_or_else(|| panic!("{template:?} has no place for {}", op.name));
            for field in op.args.iter().chain(op.returns) {
                assert!(
                    row.contains(field.name),
                    "{template:?}: {} lacks {}: {row}",
                    op.name,
                    field.name
                );
            }
        }
        for (name, content) in template.files() {
            assert!(content.lines().count() <= 120, "{template:?}: {name} is too long");
        }
    }
}

#[test]
fn the_generic_conversation_is_the_protocol() {
    let [_, (_, conversation)] = Template::Generic.files() else { panic!("two files") };
    let mut open = None;
    let mut kinds = BTreeSet::new();
    for line in conversation.lines() {
        if line.contains("\"mdp\":1,\"id\"") {
            open = Some(framing::parse_request(line.as_bytes()).unwrap());
        } else if line.starts_with("{\"cb\":1,\"err\"") {
            framing::parse_lent(line.as_bytes()).unwrap();
        } else {
            let heard = framing::parse_line(line.as_bytes()).unwrap();
            let driver_protocol::Incoming::Reply(reply) = heard else { continue };
            let request = open.take().unwrap();
            assert_eq!(reply.id, request.id);
            kinds.insert(reply.outcome.key());
            if let driver_protocol::Outcome::Ok(ok) = &reply.outcome {
                assert_eq!(op(&request.op).unwrap().misfits(ok), Vec::<String>::new(), "{line}");
            }
        }
    }
    assert_eq!(kinds, BTreeSet::from(["ok", "err", "unsupported"]));
}

#[test]
fn an_unfilled_template_greets_and_smoke_names_the_next_thing_to_fill_in() {
    let built = env!("CARGO_BIN_EXE_template-driver").to_owned();
    for (language, program, command) in
        [("js", "node", None), ("python", "python3", None), ("rust", "sh", Some(built))]
    {
        if !is_here(program) {
            continue;
        }
        let folder = fresh_folder(&format!("template-{language}"));
        let wrote = conformance(&["new-driver", language, folder.to_str().unwrap()]);
        assert_eq!(wrote.status.code(), Some(0), "{}", text(&wrote.stderr));
        let command = command.unwrap_or_else(|| {
            let name = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
            format!("{program} {}", name.display())
        });
        let output = conformance(&["smoke", "--driver", &format!("exec:{command}")]);
        let out = text(&output.stdout);
        assert_eq!(output.status.code(), Some(3), "{language}: {out}");
        assert_eq!(out.matches("✓ ").count(), 5, "{language}: {out}");
        assert!(out.ends_with("5 of 9 hold\nnext: fill in client.new: make an SDK client and initialise it; args {environment_id, base_url, origin} → ok {inst}\n"), "{language}: {out}");
    }
}

#[test]
fn a_template_overwrites_nothing() {
    let folder = fresh_folder("template-twice");
    fs::create_dir(folder.join("src")).unwrap();
    fs::write(folder.join("src/protocol.rs"), "mine").unwrap();
    let again = conformance(&["new-driver", "rust", folder.to_str().unwrap()]);
    assert_eq!(again.status.code(), Some(2));
    assert!(
        text(&again.stderr).contains("protocol.rs is there already"),
        "{}",
        text(&again.stderr)
    );
    assert_eq!(fs::read_to_string(folder.join("src/protocol.rs")).unwrap(), "mine");
    assert!(!folder.join("Cargo.toml").exists(), "all files or none");
    assert_eq!(conformance(&["new-driver", "cobol", "x"]).status.code(), Some(2));
}

/// Every op that answers ok in a first session, with arguments that do.
const ASKED: &[(&str, &str)] = &[
    ("state.get", "{}"),
    ("user.get", "{}"),
    ("user.update", r#"{"fields":{"alias":"Ada"}}"#),
    ("device.list", "{}"),
    ("mfa.methods", "{}"),
    ("mfa.missing", "{}"),
    ("mfa.required_for_action", r#"{"action":"wallet.waas.export"}"#),
    ("stepup.check", r#"{"scope":"credential:unlink"}"#),
    ("stepup.peek", r#"{"scope":"credential:unlink"}"#),
    ("stepup.take", r#"{"scope":"credential:unlink"}"#),
    ("passkey.list", "{}"),
    ("recovery.pending", "{}"),
    ("recovery.ack", "{}"),
    ("recovery.list", "{}"),
    ("recovery.rotate", "{}"),
    ("auth.refresh", "{}"),
    ("client.restart", "{}"),
    ("auth.logout", "{}"),
];

fn answers_by_the_table(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in("alice@example.com")?;
    stage.reauthenticate("alice@example.com", &["credential:link"])?;
    let device = stage.enrol()?;
    stage.pass_mfa(&device.secret)?;
    for (name, args) in ASKED {
        let step = stage.act(name, serde_json::from_str(args).unwrap());
        let misfits = op(name).unwrap().misfits(&step.ok()?);
        stage.expect_equal(name, json!(misfits), json!([]))?;
    }
    Ok(())
}

#[test]
fn real_answers_have_the_fields_that_the_table_says() {
    static CASE: Case = case("docs/answers", answers_by_the_table);
    let js = Path::new(env!("CARGO_MANIFEST_DIR")).join("drivers/js");
    let mut drivers = vec!["inproc:reference".to_owned()];
    if js.join("node_modules").exists() && is_here("node") {
        drivers.push(format!("exec:node {}", js.join("driver.mjs").display()));
    } else {
        eprintln!("SKIPPED: the JavaScript SDK is not installed, so only the reference was asked");
    }
    for driver in drivers {
        let ran = run(&plan(&driver, vec![&CASE]));
        let record = ran.of(CASE.id);
        assert_eq!(record.verdict, Verdict::Pass, "{driver}: {:?}", record.because);
    }
}

#[test]
fn the_page_about_cases_names_what_is_there() {
    let page = read("docs/writing-a-case.md");
    let row = read("src/case.rs");
    let row = row.split("pub struct Case {").nth(1).unwrap().split("\n}").next().unwrap();
    let fields: Vec<&str> = row
        .lines()
        .filter_map(|line| line.trim().strip_prefix("pub ")?.split(':').next())
        .collect();
    assert_eq!(fields.len(), 8, "{fields:?}");
    for field in fields {
        assert!(page.contains(&format!("| `{field}` |")), "{field}");
    }
    for (call, file) in [
        ("act", "stage"),
        ("ok", "stage/step"),
        ("expect_server_error", "stage/step"),
        ("wire", "stage/step"),
    ] {
        assert!(page.contains(&format!(".{call}(")), "{call}");
        assert!(read(&format!("src/{file}.rs")).contains(&format!("pub fn {call}(")), "{call}");
    }
    let (_, commands) = blocks(&page).into_iter().find(|(language, _)| *language == "sh").unwrap();
    let codes = [Some(0), Some(0), Some(1)];
    assert_eq!(commands.lines().count(), codes.len());
    for (command, code) in commands.lines().zip(codes) {
        let args: Vec<&str> = command.split(' ').skip(1).collect();
        let output = conformance(&args);
        assert_eq!(output.status.code(), code, "{command}: {}", text(&output.stdout));
    }
}

/// The lines of a block, without the language of its fence.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    page.split("\n```").skip(1).step_by(2).map(|block| block.split_once('\n').unwrap()).collect()
}

/// Replaces the lines of a diff: each run of `-` by the `+` that follow it.
fn patch(file: &mut String, diff: &str) {
    let (mut old, mut new) = (String::new(), String::new());
    // The line behind the last one makes the last change, too.
    for line in diff.lines().chain([" "]) {
        let begins_another = !line.starts_with('+') && !new.is_empty();
        if begins_another {
            assert_eq!(file.matches(&old).count(), 1, "cannot be replaced: {old}");
            *file = file.replace(&old, &new);
            old.clear();
            new.clear();
        }
        match line.split_at(1) {
            ("-", text) => old.push_str(&format!("{text}\n")),
            ("+", text) => new.push_str(&format!("{text}\n")),
            _ => {}
        }
    }
}

/// The first line of an example that is not printed, where it stands, as a whole line.
///
/// `…` in a line, or alone on one, stands for what is left out; nothing else is.
fn unsaid<'a>(example: &'a str, printed: &str) -> Option<&'a str> {
    let mut lines = printed.lines().peekable();
    let mut skips = false;
    for line in example.lines() {
        if line == "…" {
            skips = true;
            continue;
        }
        let is_it = |printed: &&str| is_like(line, printed);
        let found = if skips { lines.find(|it| is_it(it)) } else { lines.next().filter(is_it) };
        if found.is_none() {
            return Some(line);
        }
        skips = false;
    }
    // What follows the last line is left out, too.
    (!skips && lines.peek().is_some()).then_some("…")
}

/// Whether a line is the printed one, in which each `…` may stand for anything.
fn is_like(line: &str, printed: &str) -> bool {
    let (start, rest) = line.split_once('…').map_or((line, None), |(a, b)| (a, Some(b)));
    let Some(mut printed) = printed.strip_prefix(start) else { return false };
    let Some(rest) = rest else { return printed.is_empty() };
    let (middle, end) = rest.rsplit_once('…').unwrap_or(("", rest));
    for piece in middle.split('…') {
        match printed.split_once(piece) {
            Some((_, after)) => printed = after,
            None => return false,
        }
    }
    printed.ends_with(end)
}

#[test]
fn an_example_says_what_it_leaves_out() {
    let printed = "one\ntwo and more\nthree\n";
    for example in [
        "one\ntwo and more\nthree",
        "…\ntwo and …\n…",
        "…\nt…and…re\n…",
        "one\n…\nthree",
        "one\ntwo …\nthree",
    ] {
        assert_eq!(unsaid(example, printed), None, "{example}");
    }
    for (example, line) in
        [("two", "two"), ("one\nthree", "three"), ("…\nthree\none", "one"), ("one", "…")]
    {
        assert_eq!(unsaid(example, printed), Some(line), "{example}");
    }
}

#[cfg(unix)]
#[test]
fn the_tutorial_does_what_it_says_step_by_step() {
    if !is_here("node") {
        return;
    }
    let page = read("docs/writing-a-driver.md");
    let folder = fresh_folder("tutorial");
    let here = Path::new(env!("CARGO_BIN_EXE_mfa-conformance")).parent().unwrap();
    let path = format!("{}:{}", here.display(), std::env::var("PATH").unwrap());
    let (mut commands, mut printed) = (0, String::new());
    for (language, body) in blocks(&page) {
        match language {
            "js" => {
                let name = body.strip_prefix("// ").unwrap().split(':').next().unwrap();
                fs::write(folder.join(name), format!("{body}\n")).unwrap();
            }
            "diff" => {
                let driver = folder.join("driver.mjs");
                let mut file = fs::read_to_string(&driver).unwrap();
                patch(&mut file, body);
                fs::write(driver, file).unwrap();
            }
            "console" => {}
            "sh" => {
                commands += 1;
                let output = Command::new("sh")
                    .args(["-c", body])
                    .current_dir(&folder)
                    .env("PATH", &path)
                    .output()
                    .unwrap();
                printed = format!("{}{}", text(&output.stdout), text(&output.stderr));
            }
            "text" => {
                assert_eq!(
                    unsaid(body, &printed),
                    None,
                    "{body}\nis not what is printed:\n{printed}"
                );
            }
            other => panic!("a block of {other:?}"),
        }
    }
    assert!(commands >= 8, "{commands}");
    assert!(printed.contains("MUST"), "the last command is a run: {printed}");
}
