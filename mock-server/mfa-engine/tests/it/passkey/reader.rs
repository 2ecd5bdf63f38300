//! Our strict reader of CBOR beside a general one.

use ciborium::Value as General;
use mfa_engine::passkey::cbor::{self, Flaw, Value};
use proptest::prelude::*;

fn general(value: &Value<'_>) -> General {
    match value {
        Value::Integer(number) => General::Integer((*number).try_into().unwrap()),
        Value::Bytes(bytes) => General::Bytes(bytes.to_vec()),
        Value::Text(text) => General::Text((*text).to_owned()),
        Value::List(items) => General::Array(items.iter().map(general).collect()),
        Value::Map(entries) => {
            let entry = |(key, value): &(Value<'_>, Value<'_>)| (general(key), general(value));
            General::Map(entries.iter().map(entry).collect())
        }
        Value::Bool(truth) => General::Bool(*truth),
        Value::Null => General::Null,
    }
}

fn written(value: &General) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

/// What authenticators may write, and a little more: repeated keys and a fifth level.
fn values() -> impl Strategy<Value = General> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(General::from),
        any::<u64>().prop_map(General::from),
        prop::collection::vec(any::<u8>(), 0..300).prop_map(General::Bytes),
        "[a-zäß]{0,30}".prop_map(General::Text),
        any::<bool>().prop_map(General::Bool),
        Just(General::Null),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(General::Array),
            prop::collection::vec(((0..9_u8).prop_map(General::from), inner), 0..6)
                .prop_map(General::Map),
        ]
    })
}

fn depth(value: &General) -> usize {
    match value {
        General::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        General::Map(entries) => 1 + entries.iter().map(|(_, it)| depth(it)).max().unwrap_or(0),
        _ => 0,
    }
}

fn repeats_a_key(value: &General) -> bool {
    match value {
        General::Array(items) => items.iter().any(repeats_a_key),
        General::Map(entries) => {
            let keys: Vec<_> = entries.iter().map(|(key, _)| key).collect();
            let repeats = (1..keys.len()).any(|at| keys[..at].contains(&keys[at]));
            repeats || entries.iter().any(|(_, it)| repeats_a_key(it))
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn what_a_general_writer_writes_is_read_alike(value in values()) {
        let bytes = written(&value);
        match cbor::read(&bytes) {
            Ok(read) => prop_assert_eq!(general(&read), value),
            Err(Flaw::TooDeep) => prop_assert!(depth(&value) > 4),
            Err(Flaw::RepeatedKey) => prop_assert!(repeats_a_key(&value)),
            Err(flaw) => prop_assert!(false, "{flaw}"),
        }
    }

    #[test]
    fn what_is_read_has_one_spelling(value in values(), at: prop::sample::Index, byte: u8) {
        let mut bytes = written(&value);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        // Whoever reads it takes all of it, sees what a general reader sees, and would write the
        // same bytes again.
        if let Ok(read) = cbor::read(&bytes) {
            let read = general(&read);
            let seen: General = ciborium::from_reader(bytes.as_slice()).unwrap();
            prop_assert_eq!(&seen, &read);
            prop_assert_eq!(written(&read), bytes);
        }
    }
}
