//! The order of the house, as far as no compiler keeps it.
//!
//! Every check is first shown a sample that it must refuse, so that none can pass by seeing nothing.

use std::fs;
use std::path::{Path, PathBuf};

const LINES_MAX: usize = 400;

/// Names that say where a thing was put and not what it is.
const EMPTY_NAMES: [&str; 13] = [
    "util", "utils", "common", "helper", "helpers", "type", "types", "models", "manager",
    "managers", "misc", "mod", "stuff",
];

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// Every folder and file below a folder, but not what was built, installed or hidden.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with('.') || ["target", "node_modules"].contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            found.extend(below(&path));
        }
        found.push(path);
    }
    found.sort();
    found
}

fn rust_sources(folder: &str) -> Vec<(PathBuf, String)> {
    let paths = below(&root().join(folder)).into_iter();
    let sources = paths.filter(|path| path.extension().is_some_and(|kind| kind == "rs"));
    sources.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// The lines that are no comments; what a comment names is not used.
fn code(source: &str) -> impl Iterator<Item = &str> {
    source.lines().filter(|line| !line.trim_start().starts_with("//"))
}

/// Whether the code names a word, as a whole word.
fn names(source: &str, word: &str) -> bool {
    let is_part_of_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    code(source).any(|line| line.split(|letter| !is_part_of_word(letter)).any(|it| it == word))
}

/// Whether the code reaches into one of the crate's modules.
fn reaches(source: &str, module: &str) -> bool {
    let text: String = code(source).collect::<Vec<_>>().join(" ");
    let listed = |list: &str| {
        let inside = list.split('}').next().unwrap_or_default();
        inside.split(',').any(|item| item.trim().split("::").next() == Some(module))
    };
    ["crate::", "super::"].iter().any(|start| {
        text.split(start).skip(1).any(|rest| match rest.strip_prefix('{') {
            Some(list) => listed(list),
            None => {
                rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next()
                    == Some(module)
            }
        })
    })
}

/// Whether a manifest asks for a package, in any of its tables of dependencies.
fn depends_on(manifest: &str, package: &str) -> bool {
    let mut in_dependencies = false;
    manifest.lines().map(str::trim).any(|line| {
        if let Some(table) = line.strip_prefix('[') {
            in_dependencies = table.contains("dependencies");
            return in_dependencies
                && table.trim_end_matches(']').ends_with(&format!(".{package}"));
        }
        let key = line.split(['.', '=', ' ']).next().unwrap_or_default();
        let renamed = line.contains(&format!("package = \"{package}\""));
        in_dependencies && (key == package || renamed)
    })
}

#[test]
fn no_rust_source_is_longer_than_400_lines() {
    let sources = rust_sources("");
    assert!(sources.len() > 100, "the walk must have seen the repository");
    let long: Vec<_> = sources
        .iter()
        .map(|(path, source)| (path, source.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .collect();
    assert!(long.is_empty(), "too long: {long:#?}");
}

fn is_empty_name(path: &Path) -> bool {
    let stem = path.file_stem().unwrap().to_string_lossy().to_lowercase();
    EMPTY_NAMES.contains(&stem.as_str())
}

#[test]
fn no_folder_or_file_has_an_empty_name() {
    for name in ["src/utils", "src/helpers.rs", "common", "src/user/mod.rs", "a/Types.ts"] {
        assert!(is_empty_name(Path::new(name)), "{name}");
    }
    let empty: Vec<_> = below(&root()).into_iter().filter(|path| is_empty_name(path)).collect();
    assert!(empty.is_empty(), "these names say nothing: {empty:#?}");
}

#[test]
fn the_engine_asks_for_no_network_and_no_runtime() {
    let sample = "[dependencies]\ntokio.workspace = true\n[dev-dependencies]\nhttp = \"1\"\n\
                  [dependencies.axum]\nfeatures = []\n[features]\nhyper = []\n";
    assert!(["tokio", "http", "axum"].iter().all(|package| depends_on(sample, package)));
    assert!(!depends_on(sample, "hyper"));
    let manifest = read("mock-server/mfa-engine/Cargo.toml");
    assert!(depends_on(&manifest, "jiff"), "the reader must understand the manifest");
    for package in ["http", "tokio", "axum", "hyper", "ureq", "reqwest", "wiremock", "getrandom"] {
        assert!(!depends_on(&manifest, package), "the engine asks for {package}");
    }
}

#[test]
fn service_and_reference_driver_share_no_code() {
    let driver = read("conformance/reference-driver/Cargo.toml");
    let service = read("mock-server/Cargo.toml");
    let engine = read("mock-server/mfa-engine/Cargo.toml");
    assert!(depends_on(&driver, "driver-protocol") && depends_on(&service, "mfa-engine"));
    for package in ["mock-server", "mfa-engine", "fixtures", "jsonwebtoken", "totp-rs"] {
        assert!(!depends_on(&driver, package), "the reference driver asks for {package}");
    }
    for (name, manifest) in [("the service", service), ("the engine", engine)] {
        for package in ["reference-driver", "driver-protocol", "conformance"] {
            assert!(!depends_on(&manifest, package), "{name} asks for {package}");
        }
    }
}

#[test]
fn the_wire_knows_neither_carrier_nor_control() {
    for sample in
        ["use crate::serve::Server;", "use crate::{clock, control};", "super::super::serve::run()"]
    {
        assert!(reaches(sample, "serve") || reaches(sample, "control"), "{sample}");
    }
    for sample in ["// see crate::serve", "use crate::server::Server;", "let serve = 1;"] {
        assert!(!reaches(sample, "serve"), "{sample}");
    }
    let mut sources = rust_sources("mock-server/src/wire");
    assert!(sources.len() > 5, "the walk must have seen the wire");
    sources.push((PathBuf::from("wire.rs"), read("mock-server/src/wire.rs")));
    assert!(sources.iter().any(|(_, source)| reaches(source, "mock")), "the reader must see `use`");
    for (path, source) in &sources {
        for module in ["serve", "control", "wiremock", "main", "flags", "banner"] {
            assert!(!reaches(source, module), "{} reaches into {module}", path.display());
        }
    }
}

#[test]
fn the_engine_iterates_in_one_order_only() {
    assert!(names("let map = HashMap::new();", "HashMap"));
    assert!(!names("// not a HashMap", "HashMap") && !names("MyHashMap", "HashMap"));
    let sources = rust_sources("mock-server/mfa-engine/src");
    assert!(sources.iter().any(|(_, source)| names(source, "BTreeMap")));
    for (path, source) in &sources {
        for word in ["HashMap", "HashSet", "RandomState"] {
            assert!(!names(source, word), "{} names {word}", path.display());
        }
    }
}

#[test]
fn lints_are_expected_with_a_reason_and_never_allowed() {
    // Put together here, or this very file would be the first offender.
    let allow = ["#[", "allow("].concat();
    let allow_file = ["#![", "allow("].concat();
    for (path, source) in rust_sources("") {
        let offends = code(&source).any(|line| line.contains(&allow) || line.contains(&allow_file));
        assert!(!offends, "{} allows a lint; expect it, with a reason", path.display());
    }
}
