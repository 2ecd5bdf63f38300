//! The configuration file: what it sets, what wins over it, and how its mistakes are pointed at.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::binary::{Running, program, run};
use crate::client::{ALICE, SECRET, WORLD};
use crate::holds::Folder;

const OTHER: &str = "00000000-0000-4000-8000-00000000bbbb";

fn validated(folder: &Folder, text: &str) -> (Option<i32>, String, String) {
    let file = folder.write("mock.toml", text);
    let (code, out, errors) = run(&["validate", &file]);
    (code, out, errors.replace(&file, "FILE"))
}

fn full() -> String {
    format!(
        r#"
preset = "legacy"
environment = "{OTHER}"
strictEnvironments = true
seed = 7
holdClock = 2030-01-01T00:00:00Z
journalEntries = 2
controlOrigins = ["http://localhost:3000"]
quiet = true

[journal]
file = "worlds.journal"
sync = "always"

[settings]
mfa.enrollment = "signup"
totp = {{ windowSteps = 3 }}

[[environments]]
id = "{WORLD}"
settings.totp.secretBytes = 32

[[environments.users]]
email = "{ALICE}"
totpSecret = "{SECRET}"
recoveryCodes = ["ABCDEFGHIJ"]

[[environments.users]]
email = "bob@example.com"
totp = "pending"
"#
    )
}

#[test]
fn a_file_says_what_flags_say_and_who_lives_there() {
    let folder = Folder::new();
    let file = folder.write("mock.toml", &full());
    let (code, out, errors) = run(&["validate", &file]);
    let well = format!("{file}: well (environments: 1, users: 2)\n");
    assert_eq!((code, out, errors.as_str()), (Some(0), well, ""));
    assert!(!folder.0.join("worlds.journal").exists(), "validating starts nothing");

    let running = Running::quiet(&["--config", &file]);
    let settings =
        |world: &str| running.get(&format!("/_mock/v1/environments/{world}/settings")).ok(200);
    let (world, other) = (settings(WORLD), settings(OTHER));
    for settings in [&world, &other] {
        assert_eq!(settings["minApiVersion"], json!("2026_01_01"));
        assert_eq!(settings["mfa"]["enrollment"], json!("signup"));
        assert_eq!(settings["totp"]["windowSteps"], json!(3));
    }
    assert_eq!(
        (&world["totp"]["secretBytes"], &other["totp"]["secretBytes"]),
        (&json!(32), &json!(20))
    );
    let users = running.get(&format!("/_mock/v1/environments/{WORLD}/users")).ok(200);
    let users = users["users"].as_array().unwrap();
    let of = |email: &str| users.iter().find(|user| user["emails"] == json!([email])).unwrap();
    assert_eq!(of(ALICE)["devices"][0]["secret"], json!(SECRET));
    assert_eq!(of(ALICE)["recoveryCodes"], json!(["ABCDEFGHIJ"]));
    assert_eq!(of("bob@example.com")["devices"][0]["verified"], json!(false));
    let clock = running.get(&format!("/_mock/v1/environments/{OTHER}/clock")).ok(200);
    assert_eq!(clock["now"], json!("2030-01-01T00:00:00Z"));
    let unknown = "00000000-0000-4000-8000-00000000cccc";
    assert_eq!(running.sdk(unknown, "settings").status, Some(404), "it is strict");
    assert!(folder.0.join("worlds.journal").exists(), "beside the configuration file");

    // The first day comes once: who was removed stays away.
    let path = format!("/_mock/v1/environments/{WORLD}/users/{ALICE}");
    let removed = crate::socket::exchange(running.address, "DELETE", &path, &[], b"");
    assert_eq!(removed.status, Some(204));
    drop(running);
    let running = Running::quiet(&["--config", &file]);
    let users = running.get(&format!("/_mock/v1/environments/{WORLD}/users")).ok(200);
    assert_eq!(users["users"].as_array().unwrap().len(), 1);
}

#[cfg(unix)]
#[test]
fn a_world_that_a_journal_left_otherwise_than_the_file_has_it_is_named() {
    let folder = Folder::new();
    let written = |email: &str, steps: u8| {
        let text = format!(
            "[journal]\nfile = \"worlds.journal\"\n[[environments]]\nid = \"{WORLD}\"\n\
             [environments.settings.totp]\nwindowSteps = {steps}\n\
             [[environments.users]]\nemail = \"{email}\"\n"
        );
        folder.write("mock.toml", &text)
    };
    let started = |email: &str, steps: u8| {
        let file = written(email, steps);
        let (code, _, errors) = run(&["exec", "--quiet", "--config", &file, "--", "true"]);
        assert_eq!(code, Some(0), "{errors}");
        errors
    };
    let warning = format!(
        "mfa-mock: warning: {WORLD} is as the journal file left it, not as the configuration file \
         has it: [[environments]] counts on a world's first day only; to begin anew, reset it \
         through the control API and restart, or name another journal file\n"
    );
    assert_eq!(started(ALICE, 3), "", "the first day");
    assert_eq!(started(ALICE, 3), "", "nothing was edited");
    assert_eq!(started("bob@example.com", 3), warning);
    assert_eq!(started(ALICE, 4), warning);
    assert_eq!(started(ALICE, 3), "", "nothing was changed by any of this");
}

#[test]
fn the_example_of_the_readme_is_well() {
    let readme = include_str!("../../../README.md");
    let example = readme.split("```toml\n").find(|block| block.starts_with("preset"));
    let example = example.and_then(|block| block.split("```").next()).unwrap();
    let (code, out, errors) = validated(&Folder::new(), example);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert!(out.ends_with("well (environments: 1, users: 1)\n"), "{out}");
}

#[test]
fn flags_win_over_variables_over_the_file_over_defaults() {
    let folder = Folder::new();
    let text = "preset = \"legacy\"\nstrictEnvironments = true\nholdClock = \"2030-01-01T00:00:00Z\"\n\
                [settings]\nminApiVersion = \"2026_01_01\"\n";
    let file = folder.write("mock.toml", text);
    let started = |flags: &[&str], variables: &[(&str, &str)]| {
        let mut all = vec!["--quiet", "--port", "0", "--environment", WORLD];
        all.extend(flags);
        Running::started(program(&all).envs(variables.iter().copied()))
    };
    let seen = |running: Running| {
        let settings = running.sdk(WORLD, "settings").ok(200);
        let clock = running.get(&format!("/_mock/v1/environments/{WORLD}/clock")).ok(200);
        let is_strict = running.sdk(OTHER, "settings").status == Some(404);
        let version = crate::client::text(&settings["sdk"]["minApiVersion"]);
        let year = crate::client::text(&clock["now"])[..4].to_owned();
        (version, year, is_strict)
    };
    let told =
        |version: &str, year: &str, is_strict| (version.to_owned(), year.to_owned(), is_strict);
    let variables = [
        ("MFA_MOCK_CONFIG", file.as_str()),
        ("MFA_MOCK_PRESET", "enforced"),
        ("MFA_MOCK_HOLD_CLOCK", "2031-01-01T00:00:00Z"),
        ("MFA_MOCK_STRICT_ENVIRONMENTS", "false"),
    ];
    assert_eq!(seen(started(&["--config", &file], &[])), told("2026_01_01", "2030", true));
    assert_eq!(seen(started(&[], &variables[..1])), told("2026_01_01", "2030", true));
    assert_eq!(seen(started(&[], &variables)), told("2026_04_01", "2031", false));
    let flags = ["--preset=legacy", "--hold-clock=2032-01-01T00:00:00Z", "--strict-environments"];
    assert_eq!(seen(started(&flags, &variables)), told("2026_01_01", "2032", true));
    assert!(!seen(started(&["--strict-environments=false"], &[])).2);
}

#[test]
fn a_mistake_is_pointed_at() {
    let folder = Folder::new();
    let pointed = |text: &str| {
        let (code, out, errors) = validated(&folder, text);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{text}");
        errors
    };
    let exactly = |text: &str, said: &str| assert_eq!(pointed(text), format!("mfa-mock: {said}\n"));
    exactly(
        "seed = 7\n\n[settings.totp]\nwindowStep = 1\n",
        "FILE:4:1: unknown field `windowStep`; did you mean `windowSteps`?\n  \
         4 | windowStep = 1\n    | ^^^^^^^^^^",
    );
    exactly(
        "strict_environments = true",
        "FILE:1:1: unknown field `strict_environments`; did you mean `strictEnvironments`?\n  \
         1 | strict_environments = true\n    | ^^^^^^^^^^^^^^^^^^^",
    );
    exactly(
        "preset = \"legcy\"",
        "FILE:1:10: preset: unknown variant `legcy`; did you mean `legacy`?\n  \
         1 | preset = \"legcy\"\n    |          ^^^^^^^",
    );
    exactly(
        "[settings]\ntotp = { secretBytes = 20, windowSteps = 11 }\n",
        "FILE:2:42: settings.totp.windowSteps: 11 is not in 0..=10\n  \
         2 | totp = { secretBytes = 20, windowSteps = 11 }\n    |                                          ^^",
    );
    exactly(
        &format!("[[environments]]\nid = \"{WORLD}\"\nusers = [\n  {{ email = \"é\" }} ]\n"),
        "FILE:4:3: environments[0].users[0]: email: \"é\" is not an e-mail address\n  \
         4 |   { email = \"é\" } ]\n    |   ^^^^^^^^^^^^^^^",
    );
    for (text, said) in [
        (
            "[settings]\nmfa.enabled = \"yes\"",
            "FILE:2:15: settings.mfa.enabled: invalid type: string",
        ),
        ("port = 70000", "FILE:1:8: port: invalid value: integer `70000`, expected u16"),
        ("port = 44.5", "FILE:1:8: port: invalid type: floating point `44.5`"),
        ("seed = -1", "FILE:1:8: seed: invalid value: integer `-1`"),
        ("host = \"here\"", "FILE:1:8: host: invalid IP address syntax"),
        ("holdClock = \"noon\"", "FILE:1:13: holdClock: \"noon\" is not a time such as"),
        ("seed = 7\nseed = 8", "FILE:2:1: duplicate key"),
        ("seed = ", "FILE:1:8: "),
        ("[[environments]]\nsettings = {}", "FILE:1:1: environments[0]: missing field `id`"),
        ("[[environments]]\nid = \"a\"", "FILE:2:6: environments[0].id: `a` is no environment id"),
        ("[journal]\nsync = \"batch\"", "FILE:1:1: journal: missing field `file`"),
        (
            "host = \"0.0.0.0\"",
            "--host 0.0.0.0 lets other machines in, so the control API needs a lock",
        ),
    ] {
        let errors = pointed(text);
        assert!(errors.starts_with(&format!("mfa-mock: {said}")), "{text}: {errors}");
    }
    let twice = format!("[[environments]]\nid = \"{WORLD}\"\n[[environments]]\nid = \"{WORLD}\"\n");
    assert!(pointed(&twice).contains("FILE:4:6: environments[1].id: `00000000"));
    let user = format!(
        "[[environments]]\nid = \"{WORLD}\"\nusers = [{{ email = \"{ALICE}\", totpSecret = \"1\" }}]"
    );
    assert!(pointed(&user).contains("FILE:3:10: environments[0].users[0]: "));
    // A start says the same.
    let file = folder.write("mock.toml", "sed = 7");
    let (code, _, errors) = run(&["--port", "0", "--config", &file]);
    assert_eq!(code, Some(2));
    assert!(errors.contains(":1:1: unknown field `sed`; did you mean `seed`?"), "{errors}");
    let (code, _, errors) = run(&["validate", "/nonexistent.toml"]);
    assert_eq!(code, Some(2));
    assert!(errors.starts_with("mfa-mock: cannot read /nonexistent.toml: "), "{errors}");
}

#[test]
fn the_schema_in_the_repository_is_fresh() {
    let (code, printed, errors) = run(&["schema"]);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/config.schema.json");
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(path, &printed).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap();
    let mend = "write it anew: cargo run -p mock-server -- schema > mock-server/config.schema.json";
    assert!(kept == printed, "config.schema.json is stale; {mend}");
}

#[test]
fn the_schema_knows_every_setting_and_its_range() {
    let schema: Value = serde_json::from_str(&run(&["schema"]).1).unwrap();
    let settings = &schema["$defs"]["settings"];
    let policy = serde_json::to_value(mock_server::policy::Policy::default()).unwrap();
    let mut known = 0;
    agree("settings", settings, &policy, &mut known);
    assert!(known > 45, "{known}");
    let totp = &settings["properties"]["totp"]["properties"];
    assert_eq!(totp["windowSteps"], json!({ "type": "integer", "minimum": 0, "maximum": 10 }));
    assert_eq!(totp["replay"], json!({ "enum": ["refuse", "allow"] }));
    assert_eq!(totp["issuer"], json!({ "type": "string" }));
    let root = &schema["properties"];
    assert_eq!(root["port"], json!({ "type": "integer", "minimum": 0, "maximum": 65_535 }));
    assert_eq!(root["preset"], json!({ "enum": ["enforced", "legacy"] }));
    assert_eq!(root["environments"]["items"]["required"], json!(["id"]));
    assert_eq!(root["settings"], json!({ "$ref": "#/$defs/settings" }));
    let user: BTreeSet<&str> = schema["$defs"]["user"]["properties"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert!(user.contains("totpSecret") && user.contains("email"), "{user:?}");
}

/// Checks that a schema describes a value: every field known, every type the right one.
fn agree(path: &str, schema: &Value, value: &Value, known: &mut usize) {
    match value {
        // A key set is a form of others (RFC 7517), and may have fields that nobody here reads.
        Value::Object(_) if path == "settings.externalAuth.jwks" => {
            assert_eq!(schema, &json!({ "type": "object" }), "{path}");
        }
        Value::Object(fields) => {
            let properties = schema["properties"].as_object();
            let properties = properties.unwrap_or_else(|| panic!("{path}: {schema}"));
            for (key, field) in fields {
                let inside = format!("{path}.{key}");
                let described =
                    properties.get(key).unwrap_or_else(|| panic!("{inside} is missing"));
                agree(&inside, described, field, known);
            }
            assert_eq!(schema["additionalProperties"], json!(false), "{path}");
            return;
        }
        Value::Array(items) => {
            assert_eq!(schema["type"], json!("array"), "{path}");
            items.iter().for_each(|item| agree(path, &schema["items"], item, known));
        }
        Value::Bool(_) => assert_eq!(schema["type"], json!("boolean"), "{path}"),
        Value::Number(number) => {
            assert_eq!(schema["type"], json!("integer"), "{path}");
            let within = schema["minimum"].as_u64() <= number.as_u64()
                && schema["maximum"].as_u64().is_none_or(|most| number.as_u64() <= Some(most));
            assert!(within, "{path}: {number} {schema}");
        }
        Value::String(text) => {
            let is_listed =
                schema["enum"].as_array().is_some_and(|list| list.contains(&json!(text)));
            assert!(is_listed || schema["type"] == json!("string"), "{path}: {schema}");
        }
        Value::Null => {
            assert!(schema["type"].is_string() || schema["enum"].is_array(), "{path}: {schema}");
        }
    }
    *known += 1;
}
