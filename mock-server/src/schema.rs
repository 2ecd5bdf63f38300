//! `mfa-mock schema`: the JSON Schema of the configuration file, found out by asking its reader.
//!
//! The reader says of every wrong value what it expected instead. So each place is tried with a
//! value of each kind, and the schema can say nothing that the reader does not do; a setting that
//! is added is in it without anybody writing it down.

use std::process::ExitCode;

use crate::UserSeed;
use crate::policy::Policy;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::banner;
use crate::config::Config;

/// A text that is no value of any enumeration, and no name of any field.
const NONSENSE: &str = "\u{1}";

/// Prints the schema.
///
/// # Errors
/// None; the type is that of the other tasks.
#[expect(clippy::unnecessary_wraps, reason = "every task says whether it succeeded")]
pub(crate) fn print() -> Result<ExitCode, String> {
    banner::say(&format!("{:#}\n", schema()));
    Ok(ExitCode::SUCCESS)
}

fn schema() -> Value {
    let mut root = describe(&reads::<Config>);
    let settings = describe(&|value| {
        let policy: Policy = read(value)?;
        policy.check().map_err(|error| error.problem)
    });
    let user = describe(&reads::<UserSeed>);
    for place in ["/properties/settings", "/properties/environments/items/properties/settings"] {
        if let Some(place) = root.pointer_mut(place) {
            *place = json!({ "$ref": "#/$defs/settings" });
        }
    }
    if let Some(users) = root.pointer_mut("/properties/environments/items/properties/users") {
        *users = json!({ "type": "array", "items": { "$ref": "#/$defs/user" } });
    }
    if let Some(fields) = root.as_object_mut() {
        let draft = "https://json-schema.org/draft/2020-12/schema";
        fields.insert("$schema".to_owned(), json!(draft));
        fields.insert("title".to_owned(), json!("Configuration file of mfa-mock (TOML)"));
        fields.insert("$defs".to_owned(), json!({ "settings": settings, "user": user }));
    }
    root
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

fn reads<T: DeserializeOwned>(value: Value) -> Result<(), String> {
    read::<T>(value).map(drop)
}

/// What a reader says of a value.
type Reader<'reader> = &'reader dyn Fn(Value) -> Result<(), String>;

/// The schema of whatever a reader takes. Texts come first, since a reader of words takes a table
/// of one word as well.
fn describe(reader: Reader<'_>) -> Value {
    let takes = |value: Value| match reader(value) {
        Err(problem) => !problem.starts_with("invalid type"),
        Ok(()) => true,
    };
    if takes(json!(NONSENSE)) {
        let said = reader(json!(NONSENSE)).err().unwrap_or_default();
        return match said.starts_with("unknown variant") {
            true => json!({ "enum": listed(&said) }),
            false => json!({ "type": "string" }),
        };
    }
    if takes(json!({})) {
        return object(reader);
    }
    if takes(json!(true)) {
        return json!({ "type": "boolean" });
    }
    if takes(json!(1)) {
        return integer(reader);
    }
    if takes(json!([])) {
        return json!({ "type": "array", "items": describe(&|value| reader(json!([value]))) });
    }
    json!({})
}

fn object(reader: Reader<'_>) -> Value {
    let Err(said) = reader(json!({ NONSENSE: 0 })) else { return json!({ "type": "object" }) };
    let field = |name: &String| {
        let inside = describe(&|value| reader(json!({ name.as_str(): value })));
        (name.clone(), inside)
    };
    let properties: Map<String, Value> = listed(&said).iter().map(field).collect();
    let mut schema =
        json!({ "type": "object", "properties": properties, "additionalProperties": false });
    // A reader names one missing field at a time, and no table of ours wants two.
    let missing = reader(json!({})).err().filter(|said| said.starts_with("missing field"));
    if let (Some(said), Some(fields)) = (missing, schema.as_object_mut()) {
        fields.insert("required".to_owned(), json!(quoted(&said)));
    }
    schema
}

fn integer(reader: Reader<'_>) -> Value {
    let said = |value: u64| reader(json!(value)).err().unwrap_or_default();
    let is_too_large = |value: u64| said(value).starts_with("invalid value");
    // A setting that knows its range tells it for any number outside.
    let widths = [u64::from(u8::MAX), u64::from(u16::MAX), u64::from(u32::MAX)];
    let width = widths.into_iter().find(|width| is_too_large(width + 1));
    let told = [0, width.unwrap_or(u64::from(u32::MAX))].into_iter().find_map(|value| {
        let said = said(value);
        let (low, high) = said.split_once(" is not in ")?.1.split_once("..=")?;
        Some((low.parse::<u64>().ok()?, high.parse::<u64>().ok()?))
    });
    match (told, width) {
        (Some((low, high)), _) => json!({ "type": "integer", "minimum": low, "maximum": high }),
        (None, Some(width)) => json!({ "type": "integer", "minimum": 0, "maximum": width }),
        (None, None) => json!({ "type": "integer", "minimum": 0 }),
    }
}

/// What a reader expected instead.
fn listed(said: &str) -> Vec<String> {
    said.split_once("expected").map(|(_, expected)| quoted(expected)).unwrap_or_default()
}

fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}
