//! The strict reader of CBOR beside a general one.

use ciborium::Value as General;
use mock_server::engine::passkey::cbor::{self, Value};

/// Any bytes: refused, or read as a general reader reads them, in the one spelling that there is.
pub(crate) fn item(bytes: &[u8]) {
    let Ok((value, rest)) = cbor::read_first(bytes) else {
        assert!(cbor::read(bytes).is_err(), "no item, and yet exactly one");
        return;
    };
    let (own, whole) = (&bytes[..bytes.len() - rest.len()], cbor::read(bytes));
    assert_eq!(whole.is_ok(), rest.is_empty(), "an item has an end");
    assert_eq!(cbor::read(own).as_ref(), Ok(&value), "what follows changes nothing");
    let read = general(&value);
    let seen: General = ciborium::from_reader(own).expect("a general reader reads it as well");
    assert_eq!(seen, read);
    let mut written = Vec::new();
    ciborium::into_writer(&read, &mut written).unwrap();
    assert_eq!(written, own, "there is one spelling");
}

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
