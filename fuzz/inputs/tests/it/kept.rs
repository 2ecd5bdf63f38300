//! What the repository keeps: inputs for every target and a target for all inputs, few and small.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fuzz_inputs::TARGETS;

/// Files that a target keeps in its corpus at most.
const FILES_MAX: usize = 60;
/// Bytes that all of them have together at most.
const BYTES_MAX: u64 = 64 << 10;

/// A folder of the fuzzer's own workspace.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(name)
}

/// What lies in a folder, in the order of the names; nothing if there is none.
pub(crate) fn inside(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| entry.unwrap().path()).collect(),
        Err(_) => Vec::new(),
    };
    found.sort();
    found
}

fn names(folder: &Path) -> BTreeSet<String> {
    let name = |path: &PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
    inside(folder).iter().map(name).collect()
}

#[test]
fn every_target_has_a_corpus_and_every_corpus_a_target() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|it| it.name.to_owned()).collect();
    assert!(targets.len() > 10 && targets.len() == TARGETS.len());
    assert_eq!(names(&folder("corpus")), targets);
    assert_eq!(names(&folder("fuzz_targets")), targets);
    assert!(names(&folder("regressions")).is_subset(&targets), "regressions of no target");
    for target in TARGETS {
        assert!(!inside(&folder("corpus").join(target.name)).is_empty(), "{}", target.name);
    }
}

#[test]
fn every_binary_is_its_target_and_nothing_else() {
    let manifest = fs::read_to_string(folder("Cargo.toml")).unwrap();
    assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len());
    for target in TARGETS {
        let name = target.name;
        let path = format!("name = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"\n");
        assert!(manifest.contains(&path), "fuzz/Cargo.toml lacks {name}");
        let source = fs::read_to_string(folder("fuzz_targets").join(format!("{name}.rs"))).unwrap();
        let call = format!("fuzz_target!(|bytes: &[u8]| fuzz_inputs::{name}(bytes));");
        assert!(source.contains(&call), "{name}");
    }
}

#[test]
fn a_corpus_is_small() {
    for target in TARGETS {
        let files = inside(&folder("corpus").join(target.name));
        let bytes: u64 = files.iter().map(|file| file.metadata().unwrap().len()).sum();
        assert!(files.len() <= FILES_MAX, "{}: {} files", target.name, files.len());
        assert!(bytes <= BYTES_MAX, "{}: {bytes} bytes", target.name);
    }
}

#[test]
fn every_operation_that_takes_a_body_has_one_in_the_corpus() {
    let read = |file: &PathBuf| String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned();
    let corpus: String =
        inside(&folder("corpus/request_body")).iter().map(|file| read(file) + "\n").collect();
    let asked: BTreeSet<&str> =
        corpus.lines().map(|line| line.split(' ').next().unwrap_or_default()).collect();
    let missing: Vec<_> = fuzz_inputs::operations()
        .filter(|(method, name)| *method != "GET" && !asked.contains(name))
        .collect();
    assert!(missing.is_empty(), "no line in fuzz/corpus/request_body for {missing:?}");
}
