//! Lines of a journal file, sealed and checked by another hand than the service's.
//!
//! A line is JSON that ends in `,"sum":"…"}`: the first eight bytes of the SHA-256 of the sum
//! before it and of all that stands before the sum.

use std::sync::OnceLock;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use super::start;
use crate::scratch::Scratch;

type Sum = [u8; 8];

/// Bytes of `,"sum":"0123456789abcdef"}`.
const TAIL: usize = 26;

/// How much of a file is as it was written.
pub(super) struct Whole {
    /// Lines from the beginning on.
    pub(super) lines: u64,
    /// Where the last of them ends, with its break.
    pub(super) end: usize,
    /// Whether that break is missing.
    pub(super) is_open: bool,
}

/// The first line of a file as the service writes it.
pub(super) fn header() -> &'static [u8] {
    static HEADER: OnceLock<Vec<u8>> = OnceLock::new();
    HEADER.get_or_init(|| {
        let scratch = Scratch::new("journal");
        drop(start(&scratch.0, u64::MAX).unwrap());
        std::fs::read(&scratch.0).unwrap()
    })
}

/// Looks for the first line that is not as it was written.
pub(super) fn whole(file: &[u8]) -> Whole {
    let (mut lines, mut end, mut sum) = (0, 0, [0; 8]);
    for line in file.split_inclusive(|byte| *byte == b'\n') {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let Some(next) = checked(sum, text) else { break };
        (lines, end, sum) = (lines + 1, end + line.len(), next);
    }
    Whole { lines, end, is_open: end > 0 && file[end - 1] != b'\n' }
}

/// A file of these records, and where each of them begins.
pub(super) fn seal(records: &[&[u8]]) -> (Vec<u8>, Vec<u64>) {
    let mut file = header().to_vec();
    let first = &file[..file.len() - 1];
    let mut sum = checked([0; 8], first).expect("the service's own first line");
    let mut edges = Vec::new();
    for (index, record) in records.iter().enumerate() {
        edges.push(file.len() as u64);
        let inside = record.strip_prefix(b"{").unwrap_or(record);
        let inside = inside.strip_suffix(b"}").unwrap_or(inside);
        let body = [format!("{{\"seq\":{},", index + 1).as_bytes(), inside].concat();
        sum = sum_of(sum, &body);
        file.extend_from_slice(&body);
        file.extend_from_slice(format!(",\"sum\":\"{}\"}}\n", HEXLOWER.encode(&sum)).as_bytes());
    }
    (file, edges)
}

/// The sum of a line without its break, if it is the one that it should have.
fn checked(before: Sum, line: &[u8]) -> Option<Sum> {
    let (body, tail) = line.split_at(line.len().checked_sub(TAIL)?);
    let sum = sum_of(before, body);
    (tail == format!(",\"sum\":\"{}\"}}", HEXLOWER.encode(&sum)).as_bytes()).then_some(sum)
}

fn sum_of(before: Sum, body: &[u8]) -> Sum {
    let digest = Sha256::new().chain_update(before).chain_update(body).finalize();
    digest[..8].try_into().expect("eight of 32 bytes")
}
