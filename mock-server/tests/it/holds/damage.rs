//! A file that was cut or bent: the same worlds, a warning about the end, or no start at all.

use mock_server::{JournalError, Mock};
use serde_json::{Value, json};

use super::{Scratch, options, refused, start, worlds};
use crate::client::{ALICE, Client, WORLD};

/// A small file: a beginning, a mail, a clock, a mail.
fn small() -> (Scratch, Vec<u8>) {
    let scratch = Scratch::new();
    let client = Client::of(&start(&scratch), WORLD);
    client.mail(ALICE);
    client.advance(1);
    client.mail("bob@example.com");
    drop(client);
    let bytes = scratch.bytes();
    (scratch, bytes)
}

type Worlds = Vec<(String, Value)>;

/// The worlds of a start, and what was said about an unfinished end.
fn outcome(scratch: &Scratch) -> Result<(Worlds, Option<String>), JournalError> {
    match Mock::new(options(scratch)) {
        Ok(mock) => Ok((worlds(&mock), mock.journal_report().unwrap().torn.clone())),
        Err(mock_server::MockError::Journal(error)) => Err(error),
        Err(error) => panic!("{error}"),
    }
}

/// Where each line begins, and where the last one ends.
fn edges(bytes: &[u8]) -> Vec<usize> {
    let breaks = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    std::iter::once(0).chain(breaks.map(|(index, _)| index + 1)).collect()
}

#[test]
fn a_file_that_is_cut_anywhere_loses_its_unfinished_line_and_says_so() {
    let (scratch, bytes) = small();
    let edges = edges(&bytes);
    let lines = edges.len() - 1;
    assert_eq!(lines, 5);
    let states: Vec<Worlds> = edges[2..]
        .iter()
        .map(|edge| {
            scratch.write(&bytes[..*edge]);
            let (worlds, torn) = outcome(&scratch).unwrap();
            assert_eq!(torn, None);
            worlds
        })
        .collect();
    for cut in edges[lines - 2]..bytes.len() {
        scratch.write(&bytes[..cut]);
        let whole = edges.iter().filter(|edge| **edge <= cut).count() - 1;
        let begin = edges[whole];
        let (worlds, torn) = outcome(&scratch).unwrap();
        if edges.contains(&(cut + 1)) {
            // All but the line break is there: it was written, and may have been answered.
            assert_eq!((worlds, torn), (states[whole - 1].clone(), None), "{cut}");
            assert_eq!(scratch.bytes(), bytes[..=cut]);
            continue;
        }
        assert_eq!(worlds, states[whole - 2], "{cut}");
        assert_eq!(scratch.bytes(), bytes[..begin], "{cut}");
        let Some(torn) = torn else {
            assert_eq!(cut, begin);
            continue;
        };
        let said = format!(
            "dropped the last {} bytes, from byte {begin} (line {}) on: the unfinished ",
            cut - begin,
            whole + 1
        );
        assert!(torn.starts_with(&said) && torn.ends_with("which was never answered"), "{torn}");
        // What was dropped is gone for good: the file goes on where it was whole.
        Client::of(&start(&scratch), WORLD).mail("carol@example.com");
        assert_eq!(outcome(&scratch).unwrap().1, None);
    }
    // Within the first line there is nothing yet that could be lost, and no journal either.
    for cut in 1..edges[1] - 1 {
        scratch.write(&bytes[..cut]);
        assert_eq!(refused(options(&scratch)), JournalError::NoJournal { path: scratch.0.clone() });
    }
}

#[test]
fn no_bit_can_flip_unnoticed() {
    let (scratch, bytes) = small();
    let edges = edges(&bytes);
    let (first, whole) = (edges[1], outcome(&scratch).unwrap().0);
    // The last line is looked at twice as hard below; the first is long, so one bit of each byte.
    let places = (0..bytes.len()).flat_map(|at| {
        let bits = if at < first { vec![at % 8] } else { (0..8).collect() };
        bits.into_iter().map(move |bit| (at, bit))
    });
    let mut refusals = 0;
    for (at, bit) in places {
        let mut bent = bytes.clone();
        bent[at] ^= 1 << bit;
        scratch.write(&bent);
        let begin = edges.iter().rev().find(|edge| **edge <= at).copied().unwrap() as u64;
        match outcome(&scratch) {
            Ok((worlds, torn)) => panic!("{at}.{bit}: {torn:?}, {}", worlds == whole),
            Err(JournalError::Damaged { offset, line, .. }) => {
                refusals += 1;
                assert_eq!(offset, begin, "{at}.{bit}");
                let number = edges.iter().filter(|edge| **edge as u64 <= begin).count() as u64;
                assert_eq!(line, number, "{at}.{bit}");
            }
            // In the first line it may no longer look like a journal, or like this version's.
            Err(JournalError::NoJournal { .. }) => assert!(at < first, "{at}.{bit}"),
            Err(error) => panic!("{at}.{bit}: {error:?}"),
        }
        assert_eq!(scratch.bytes(), bent, "a refused file is left as it is");
    }
    assert!(refusals > 4_000, "{refusals}");
}

#[test]
fn lines_that_are_missing_moved_doubled_or_foreign_are_noticed() {
    let (scratch, bytes) = small();
    let (other_scratch, _) = small();
    let mut client = Client::of(&start(&other_scratch), WORLD);
    client.sign_in(ALICE);
    drop(client);
    let edges = edges(&bytes);
    let lines: Vec<&[u8]> = edges.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
    let foreign = other_scratch.bytes();
    let foreign_last = foreign.split_inclusive(|byte| *byte == b'\n').next_back().unwrap();
    let tried = |order: &[&[u8]]| {
        scratch.write(&order.concat());
        refused(options(&scratch)).to_string().replace(scratch.text(), "FILE")
    };
    let at = |index: usize| format!("at line {} (byte {}): ", index + 1, edges[index]);
    let missing = tried(&[lines[0], lines[1], lines[3], lines[4]]);
    let sentence =
        "record 2 should stand here, and record 3 does: lines are missing or out of order";
    assert!(missing.contains(&(at(2) + sentence)), "{missing}");
    assert!(missing.contains(&format!("`head -c {}`", edges[2])), "{missing}");
    let swapped = tried(&[lines[0], lines[1], lines[3], lines[2], lines[4]]);
    assert!(swapped.contains(&(at(2) + sentence)), "{swapped}");
    let doubled = tried(&[lines[0], lines[1], lines[1], lines[2], lines[3], lines[4]]);
    assert!(doubled.contains("record 2 should stand here, and record 1 does"), "{doubled}");
    let headless = tried(&lines[1..]);
    assert!(headless.contains("is no journal file of mfa-mock"), "{headless}");
    let spliced = tried(&[lines[0], lines[1], lines[2], lines[3], foreign_last]);
    assert!(spliced.contains(&at(4)), "{spliced}");
    let empty = tried(&[lines[0], b"\n", lines[1]]);
    assert!(empty.contains(&at(1)), "{empty}");
    let blank = tried(&[lines[0], lines[1], lines[2], lines[3], lines[4], b"\n"]);
    assert!(blank.contains("line 6"), "{blank}");
    // What a disk may leave behind the end when the power goes is an unfinished line, too.
    scratch.write(&[&bytes[..], &[0; 512]].concat());
    let (_, torn) = outcome(&scratch).unwrap();
    assert!(torn.unwrap().contains("the unfinished record, which"), "it has no number");
}

#[test]
fn a_record_that_this_build_decides_otherwise_is_refused() {
    use sha2::Digest as _;
    let (scratch, bytes) = small();
    let text = String::from_utf8(bytes).unwrap();
    // The same file, whole, as if another build had decided something else, or thrown more dice.
    let resealed = |change: &dyn Fn(usize, &mut Value)| {
        let mut before = [0; 8];
        let mut out = String::new();
        for (index, line) in text.lines().enumerate() {
            let body = match index {
                0 => line[..line.rfind(",\"sum\"").unwrap()].to_owned(),
                _ => {
                    let mut record: Value = serde_json::from_str(line).unwrap();
                    let seq = record["seq"].clone();
                    change(index, &mut record);
                    let fields = record.as_object_mut().unwrap();
                    fields.remove("sum");
                    fields.remove("seq");
                    let rest = record.to_string();
                    format!("{{\"seq\":{seq},{}", &rest[1..rest.len() - 1])
                }
            };
            let digest = sha2::Sha256::new().chain_update(before).chain_update(&body).finalize();
            before.copy_from_slice(&digest[..8]);
            out += &format!("{body},\"sum\":\"{}\"}}\n", data_encoding::HEXLOWER.encode(&before));
        }
        scratch.write(out.as_bytes());
        outcome(&scratch)
    };
    assert!(resealed(&|_, _| {}).is_ok(), "resealed as it was, it is as good as before");
    let otherwise = |change: &dyn Fn(usize, &mut Value)| match resealed(change) {
        Err(JournalError::OtherRules { line, problem, .. }) => (line, problem),
        other => panic!("{other:?}"),
    };
    let differently = "what was decided before it comes out differently here";
    let was = otherwise(&|index, record| {
        if index == 3 {
            record["was"] = json!(1);
        }
    });
    assert_eq!(was, (4, differently.to_owned()));
    let dice = otherwise(&|index, record| {
        if index == 4 {
            record["n"] = json!(7);
        }
    });
    assert_eq!(dice, (5, differently.to_owned()));
    let unknown = otherwise(&|index, record| {
        if index == 2 {
            record["change"] = json!({ "teleport": 1 });
        }
    });
    assert!(unknown.0 == 3 && unknown.1.contains("unknown variant `teleport`"), "{unknown:?}");
    let never_begun = otherwise(&|index, record| {
        if index == 4 {
            record["environment"] = json!("00000000-0000-4000-8000-00000000cccc");
        }
    });
    assert!(never_begun.1.ends_with("was never begun"), "{never_begun:?}");
    let twice = otherwise(&|index, record| {
        if index == 2 {
            record["change"] = json!("begin");
        }
    });
    assert!(twice.1.ends_with("is begun twice"), "{twice:?}");
}
