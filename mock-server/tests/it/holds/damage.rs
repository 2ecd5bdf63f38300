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
    // Within the first line nothing was answered yet, so the file is begun anew; what is too short
    // to tell whose it is stays as it is.
    let mark = br#"{"seq":0,"journal":"mfa-mock","#.len();
    for cut in (1..edges[1] - 1).filter(|cut| *cut < 2 * mark || cut % 16 == 0) {
        scratch.write(&bytes[..cut]);
        if cut < mark {
            let error = refused(options(&scratch));
            assert_eq!(error, JournalError::NoJournal { path: scratch.0.clone() });
            assert_eq!(scratch.bytes(), bytes[..cut]);
            continue;
        }
        let (worlds, torn) = outcome(&scratch).unwrap();
        assert_eq!((worlds, scratch.bytes()), (Vec::new(), bytes[..edges[1]].to_vec()), "{cut}");
        let said = format!("dropped the last {cut} bytes, from byte 0 (line 1) on: ");
        assert!(torn.unwrap().starts_with(&said), "{cut}");
    }
}

/// Bends one bit: the start names the line in which it stands, and leaves the file alone.
fn is_noticed(scratch: &Scratch, bytes: &[u8], edges: &[usize], (at, bit): (usize, u8)) {
    let mut bent = bytes.to_vec();
    bent[at] ^= 1 << bit;
    scratch.write(&bent);
    let line = edges.iter().filter(|edge| **edge <= at).count();
    match outcome(scratch) {
        Err(JournalError::Damaged { offset, line: named, .. }) => {
            assert_eq!((offset, named), (edges[line - 1] as u64, line as u64), "{at}.{bit}");
        }
        Err(error) => panic!("{at}.{bit}: {error:?}"),
        Ok((_, torn)) => panic!("{at}.{bit} went unnoticed: {torn:?}"),
    }
    assert_eq!(scratch.bytes(), bent, "a refused file is left as it is");
}

#[test]
fn no_bit_of_a_small_file_can_flip_unnoticed() {
    let (_, bytes) = small();
    let edges = edges(&bytes);
    assert!(bytes.len() > 2_000, "{}", bytes.len());
    // Thousands of starts, so each thread has a file of its own and some of the bits.
    std::thread::scope(|scope| {
        for bits in [0..2, 2..4, 4..6, 6..8] {
            let (bytes, edges) = (&bytes, &edges);
            scope.spawn(move || {
                let scratch = Scratch::new();
                for at in 0..bytes.len() {
                    bits.clone().for_each(|bit| is_noticed(&scratch, bytes, edges, (at, bit)));
                }
            });
        }
    });
}

#[test]
fn no_bit_of_a_large_file_flips_unnoticed_wherever_chance_has_it() {
    let scratch = Scratch::new();
    let mock = start(&scratch);
    let mut client = Client::of(&mock, WORLD);
    super::live(&mut client);
    (0..500).for_each(|_| drop(client.get("nonces?count=2").ok(200)));
    drop((mock, client));
    let bytes = scratch.bytes();
    let edges = edges(&bytes);
    assert!(edges.len() > 500 && bytes.len() > 100_000, "{} {}", edges.len(), bytes.len());
    // The same places in every run, and spread over the whole file.
    let mut chance = 7_u64;
    for _ in 0..200 {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let at = usize::try_from(chance >> 33).unwrap() % bytes.len();
        is_noticed(&scratch, &bytes, &edges, (at, (chance >> 30) as u8 & 7));
    }
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
    assert!(headless.contains("line 1 (byte 0): the sum does not fit the line"), "{headless}");
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
