//! `doctor` names what a machine lacks for a driver.

use std::fs;

use crate::command_line::{conformance, file, text};

#[test]
fn a_machine_without_a_driver_is_looked_at() {
    let output = conformance(&["doctor"]);
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{out}");
    assert!(out.contains("driver protocol MDP/1\n"), "{out}");
    assert!(out.contains("✓ a port is free: the service starts at http://127.0.0.1:"), "{out}");
    assert_eq!(out.lines().count(), 6, "{out}");
}

#[test]
fn what_a_driver_lacks_is_named_with_what_to_do() {
    let folder = file("doctor");
    fs::create_dir_all(folder.join("node_modules/there")).unwrap();
    fs::write(folder.join("driver.mjs"), "").unwrap();
    fs::write(
        folder.join("package.json"),
        r#"{"dependencies":{"@your/sdk":"1.2.3","there":"4.0.0"}}"#,
    )
    .unwrap();
    fs::write(folder.join("node_modules/there/package.json"), r#"{"version":"4.0.1"}"#).unwrap();
    let driver = format!("exec:no-such-program {}/driver.mjs no/such.py", folder.display());
    let output = conformance(&["doctor", "--driver", &driver]);
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{out}");
    let folder = fs::canonicalize(folder).unwrap();
    for line in [
        "✗ the driver's command begins with no-such-program, which cannot be run",
        "driver.mjs is there\n",
        "✗ @your/sdk 1.2.3 is not installed\n",
        &format!("    next   cd {} && npm ci\n", folder.display()),
        "✓ there 4.0.1 is installed\n",
        "✗ there is no no/such.py\n",
    ] {
        assert!(out.contains(line), "{line}: {out}");
    }
    assert_eq!(conformance(&["doctor", "--driver", "node"]).status.code(), Some(2));
}
