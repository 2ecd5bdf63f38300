//! Which steps a command consists of, in the order in which they fail fastest.

use std::path::Path;

use crate::instructions;
use crate::kept::Kept;
use crate::sdk;
use crate::step::{Count, Step};
use crate::tool;
use crate::workspace::{self, binary, cargo};

/// The command line of the driver of the real SDK, as the suite takes it.
const SDK_DRIVER: &str = "exec:node conformance/drivers/js/driver.mjs";
/// The seed of every run whose report is kept.
const KEPT_SEED: &str = "7";
/// The same driver with the SDK's React Native build; nothing is known to deviate there.
const NATIVE_DRIVER: &str = "exec:node --conditions=react-native \
    --import ./conformance/drivers/js/react-native/register.mjs conformance/drivers/js/driver.mjs";
/// What is known to deviate in the real SDK.
const SDK_EXPECTATIONS: &str = "conformance/expectations/js.toml";

/// The steps of `cargo xtask setup`.
pub(crate) fn setup() -> Vec<Step> {
    javascript_packages()
}

/// The steps of `cargo xtask reports`.
///
/// A report is made by the step that `cargo xtask test` has for it, too, and then kept.
pub(crate) fn reports() -> Vec<Step> {
    vec![
        Step::command(
            "build the workspace",
            cargo().args(["build", "--workspace"]),
            Count::Nothing,
        )
        .needed(),
        suite_of_the_mock().needed(),
        Step::kept("report of the mock", Kept::anew("mock")),
        Step::task("packages of the JavaScript driver", sdk::install_driver).needed(),
        suite_of_the_sdk().needed(),
        Step::kept("report of the real JavaScript SDK", Kept::anew("javascript")),
    ]
}

/// The steps of `cargo xtask test`.
pub(crate) fn test(skip_sdk: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    if !skip_sdk {
        steps.extend(javascript_packages());
    }
    steps.push(
        Step::command(
            "build the workspace",
            cargo().args(["build", "--workspace", "--all-targets"]),
            Count::Nothing,
        )
        .needed(),
    );
    steps.push(Step::command(
        "the program by itself",
        // In a build of the workspace every crate has the features that any of them asks for.
        cargo().args(["check", "--package", "mock-server", "--bin", "mfa-mock"]),
        Count::Nothing,
    ));
    steps.push(Step::command(
        "the fuzzer's own workspace is locked",
        // Nothing else here reads that lock file, so a changed dependency would leave it behind.
        cargo().args(["fetch", "--quiet", "--locked", "--manifest-path", "fuzz/Cargo.toml"]),
        Count::Nothing,
    ));
    steps.push(rust_tests());
    steps.push(Step::command(
        "examples in the documentation",
        // `interleavings` is the service's sources under another name, so their examples would be
        // those of the service once more, and `--doc` asks for them whatever its manifest says.
        cargo().args(["test", "--workspace", "--exclude", "interleavings", "--doc"]),
        Count::Libtest,
    ));
    if !skip_sdk {
        steps.push(node_tests(
            "tests of the JavaScript driver, and the script of the README",
            &sdk::driver_folder(),
        ));
        steps.push(node_tests("clients of others against the service", &sdk::clients_folder()));
    }
    steps.push(suite("suite with the reference driver", "reference", &["inproc:reference"]));
    steps.push(suite_of_the_mock());
    steps.push(Step::kept("the report of the mock is the one that is kept", Kept::held("mock")));
    steps.push(Step::command(
        "proof that the suite can fail",
        binary("mfa-conformance").arg("prove"),
        Count::Mutants,
    ));
    if skip_sdk {
        steps.push(Step::skipped(
            "everything with the real SDK",
            "--skip-sdk was given, so nothing here was held against a real SDK",
        ));
    } else {
        steps.push(suite_of_the_sdk());
        steps.push(Step::kept(
            "the report of the real JavaScript SDK is the one that is kept",
            Kept::held("javascript"),
        ));
        steps.push(suite(
            "suite with the React Native build of the real SDK, native modules stubbed",
            "js-react-native-stubbed",
            &[NATIVE_DRIVER, "--expectations", SDK_EXPECTATIONS],
        ));
    }
    steps.push(Step::command(
        "benchmarks, each once",
        // Each once, to see that they run; the optimised build would take longer than all the rest.
        cargo().args(["bench", "--package", "benches", "--profile", "dev", "--", "--test"]),
        Count::Criterion,
    ));
    steps.extend(instructions(false));
    steps
}

/// What `cargo xtask prove` plays.
#[derive(Debug, clap::Args)]
pub(crate) struct Prove {
    /// Only what is new: cases that no mutant has met, and mutants that have met no case.
    #[arg(long)]
    missing: bool,
    /// With --missing, this case too, because it has changed (may be given more than once).
    #[arg(long = "case", value_name = "ID", requires = "missing")]
    cases: Vec<String>,
}

/// The steps of `cargo xtask prove`.
///
/// The evidence is compiled in, so that a build after it knows what was seen.
pub(crate) fn prove(options: &Prove) -> Vec<Step> {
    let conformance = workspace::root().join("conformance");
    let mut command = cargo();
    command.args(["run", "--release", "--package", "conformance", "--", "prove"]);
    command.arg(if options.missing { "--missing" } else { "--whole" });
    for case in &options.cases {
        command.args(["--case", case]);
    }
    command.arg("--keep").arg(conformance.join("evidence/kills.ndjson"));
    command.arg("--markdown").arg(conformance.join("docs/kill-matrix.md"));
    let title = match options.missing {
        true => "what is new against every mutant",
        false => "every case against every mutant",
    };
    vec![Step::command(title, &mut command, Count::Mutants)]
}

/// The steps of `cargo xtask instructions`.
pub(crate) fn instructions(keep: bool) -> Vec<Step> {
    let mut build = cargo();
    build.args(["build", "--profile", "instructions", "--package", "benches"]);
    build.args(["--bin", "instructions"]);
    let (title, count): (_, fn() -> _) = match keep {
        true => ("instructions of the hot paths, kept", instructions::keep),
        false => ("instructions of the hot paths are those that are kept", instructions::hold),
    };
    let title_of_build = "build the hot paths, optimised";
    vec![
        Step::command(title_of_build, &mut build, Count::Nothing).needed(),
        Step::counted(title, count),
    ]
}

/// The steps of `cargo xtask soak crash`.
pub(crate) fn soak_crash(kills: u32) -> Vec<Step> {
    let mut command = cargo();
    command.args(["test", "--package", "mock-server", "--test", "it", "--"]);
    command.args(["--exact", "holds::killed::whatever_was_answered_survives_a_kill"]);
    command.arg("--nocapture").env("MFA_MOCK_KILLS", kills.to_string());
    vec![Step::command("the program, killed under load", &mut command, Count::Libtest)]
}

/// What npm installs for the folders that hold JavaScript.
fn javascript_packages() -> Vec<Step> {
    vec![
        Step::task("packages of the JavaScript driver", sdk::install_driver).needed(),
        Step::task("packages of the clients of others", sdk::install_clients).needed(),
    ]
}

/// The Node tests of a folder, which find the built service by `MFA_MOCK_BINARY`.
fn node_tests(title: &'static str, folder: &Path) -> Step {
    Step::command(
        title,
        tool::node()
            .args(["--test", "--test-reporter=spec"])
            .env("MFA_MOCK_BINARY", binary("mfa-mock").get_program())
            .current_dir(folder),
        Count::Node,
    )
}

/// The Rust tests, with nextest where it is installed.
fn rust_tests() -> Step {
    if tool::has_nextest() {
        Step::command(
            "tests (nextest)",
            cargo().args(["nextest", "run", "--workspace"]),
            Count::Nextest,
        )
    } else {
        // Without `--lib --bins --tests` cargo would run the documentation's examples here too.
        Step::command(
            "tests (cargo test; nextest is not installed)",
            cargo().args(["test", "--workspace", "--lib", "--bins", "--tests"]),
            Count::Libtest,
        )
    }
}

/// A run of the suite whose reports land in the target directory under `name`.
///
/// The binary that the build step made is called directly: `cargo run -p` selects other features
/// than a build of the workspace and would compile a second set of dependencies.
fn suite(title: &'static str, name: &str, driver: &[&str]) -> Step {
    let reports = workspace::reports();
    let junit = reports.join(format!("{name}.xml"));
    let json = reports.join(format!("{name}.json"));
    let mut command = binary("mfa-conformance");
    command.args(["run", "--driver"]).args(driver);
    command.arg("--junit").arg(&junit).arg("--json").arg(&json);
    Step::command(title, &mut command, Count::Junit(junit))
}

/// A run of the suite against the mock in place of an SDK, whose reports can be kept.
fn suite_of_the_sdk() -> Step {
    let title = "suite with the real JavaScript SDK";
    kept_suite(title, "javascript", &["--driver", SDK_DRIVER, "--expectations", SDK_EXPECTATIONS])
}

fn suite_of_the_mock() -> Step {
    let title = "suite against the mock as a service";
    kept_suite(title, "mock", &["--service", "inproc:mock", "--strict", "may"])
}

/// A run of the suite whose Markdown and JSON are the same from run to run, for [`Kept`].
fn kept_suite(title: &'static str, name: &str, args: &[&str]) -> Step {
    let reports = workspace::reports();
    let file = |ending: &str| reports.join(format!("{name}.{ending}"));
    let junit = file("xml");
    let mut command = binary("mfa-conformance");
    command.arg("run").args(args).args(["--seed", KEPT_SEED, "--frozen", "--junit"]).arg(&junit);
    command.arg("--json").arg(file("json")).arg("--markdown").arg(file("md"));
    Step::command(title, &mut command, Count::Junit(junit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(skip_sdk: bool) -> Vec<&'static str> {
        test(skip_sdk).iter().map(|step| step.title).collect()
    }

    #[test]
    fn the_sdk_is_installed_before_anything_needs_it() {
        let titles = titles(false);
        let packages = ["packages of the JavaScript driver", "packages of the clients of others"];
        assert!(titles.starts_with(&packages), "{titles:?}");
        assert!(titles.contains(&"clients of others against the service"));
        assert!(titles.contains(&"suite with the real JavaScript SDK"));
        assert!(titles.iter().any(|title| title.contains("React Native build of the real SDK")));
        assert!(titles.iter().any(|title| title.starts_with("tests of the JavaScript driver")));
    }

    #[test]
    fn leaving_the_sdk_out_is_a_step_that_says_so() {
        let titles = titles(true);
        assert!(titles.contains(&"everything with the real SDK"));
        let node = ["JavaScript", "React Native", "clients of others"];
        let left = titles.iter().any(|title| node.iter().any(|word| title.contains(word)));
        assert!(!left, "{titles:?}");
    }

    #[test]
    fn the_suite_runs_with_the_reference_driver_and_is_proven_in_any_case() {
        for skip_sdk in [false, true] {
            assert!(titles(skip_sdk).contains(&"suite with the reference driver"));
            assert!(titles(skip_sdk).contains(&"proof that the suite can fail"));
        }
    }
}
