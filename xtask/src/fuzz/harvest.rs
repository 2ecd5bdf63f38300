//! Taking what the fuzzer found into the corpora of the repository, as little as says most.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use super::{FuzzError, fuzzer, inside, root, work_of};
use crate::workspace;

/// Files that a corpus holds at most; a test of `fuzz/inputs` insists on it.
const FILES_MAX: usize = 60;
/// Bytes that they have together at most; likewise.
const BYTES_MAX: u64 = 64 << 10;
/// Letters of the names that the fuzzer gives: a SHA-1.
const NAME_LETTERS: usize = 40;

/// Puts the smallest inputs that reach new code into a corpus, until it is full.
///
/// What somebody wrote, and named, stays; what an earlier harvest left gives way.
pub(super) fn keep(name: &str) -> Result<String, FuzzError> {
    let corpus = root().join("corpus").join(name);
    let wrap = |path: &Path| {
        let path = path.to_owned();
        move |problem| FuzzError::File { path, problem }
    };
    let merged = workspace::fuzzed().join(format!("{name}.merged"));
    let _ = fs::remove_dir_all(&merged);
    fs::create_dir_all(&merged).map_err(wrap(&merged))?;
    let mut merge = fuzzer(name, &[merged.clone(), work_of(name)?]);
    merge.arg("-set_cover_merge=1");
    let status = merge.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !status.map_err(FuzzError::NotStarted)?.success() {
        return Ok("the corpus stays as it is: it could not be merged".to_owned());
    }
    for file in inside(&corpus)?.iter().filter(|file| is_found(file)) {
        fs::remove_file(file).map_err(wrap(file))?;
    }
    let written = inside(&corpus)?;
    let contents: BTreeSet<Vec<u8>> = written.iter().filter_map(|it| fs::read(it).ok()).collect();
    let mut found: Vec<Vec<u8>> =
        inside(&merged)?.iter().filter_map(|file| fs::read(file).ok()).collect();
    found.retain(|bytes| !contents.contains(bytes));
    found.sort_by_key(|bytes| (bytes.len(), bytes.clone()));
    let taken = room(&contents, found);
    for bytes in &taken {
        let path = corpus.join(found_name(bytes));
        fs::write(&path, bytes).map_err(wrap(&path))?;
    }
    Ok(format!("the corpus keeps {} inputs by hand and {} found", written.len(), taken.len()))
}

/// As many of these, in their order, as there is room for.
fn room(written: &BTreeSet<Vec<u8>>, found: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let length = |bytes: &Vec<u8>| bytes.len() as u64;
    let mut bytes: u64 = written.iter().map(length).sum();
    let room = FILES_MAX.saturating_sub(written.len());
    let fits = |input: &Vec<u8>| {
        bytes += length(input);
        bytes <= BYTES_MAX
    };
    found.into_iter().take(room).take_while(fits).collect()
}

/// Whether the fuzzer has named a file, and nobody else.
fn is_found(file: &Path) -> bool {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
    name.is_some_and(|name| {
        name.len() == NAME_LETTERS && name.bytes().all(|letter| letter.is_ascii_hexdigit())
    })
}

/// A name of the same form for an input.
fn found_name(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    let digest = sha2::Sha256::digest(bytes);
    digest.iter().take(NAME_LETTERS / 2).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corpus_takes_no_more_than_it_has_room_for() {
        let written = BTreeSet::from([vec![0; 10], vec![1; 60 << 10]]);
        let found = |length| vec![vec![2; length]; 100];
        assert_eq!(room(&written, found(1)).len(), 58);
        assert_eq!(room(&written, found(1_024)).len(), 3);
        assert_eq!(room(&written, Vec::new()).len(), 0);
    }

    #[test]
    fn what_somebody_named_is_not_what_was_found() {
        assert!(is_found(Path::new("a").join(found_name(b"x")).as_path()));
        assert!(!is_found(Path::new("second-factor")));
    }
}
