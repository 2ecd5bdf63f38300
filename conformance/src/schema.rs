//! The published JSON Schemas of what a run leaves behind, made from the types that are written.

use schemars::generate::SchemaSettings;
use schemars::transform::transform_subschemas;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

use crate::event::Event;
use crate::recording::{self, Header};
use crate::report::json;

/// Schema of the JSON report.
#[must_use]
pub fn report() -> Value {
    let title = format!("Report of mfa-conformance, schema {}", json::SCHEMA);
    let mut schema = of::<json::Document<'static>>(&title);
    if let Some(version) = schema.pointer_mut("/properties/schema") {
        *version = json!({ "const": json::SCHEMA, "description": "Version of this form." });
    }
    schema
}

/// Schema of one line of a recording: the header is the first, every other one is an event.
#[must_use]
pub fn recording() -> Value {
    let title = format!("A line of a recording of mfa-conformance, schema {}", recording::SCHEMA);
    let mut event = of::<Event>(&title);
    let mut header = of::<Header>("The first line");
    if let Some(fields) = header.pointer_mut("/properties") {
        *fields = json!({
            "recording": { "const": recording::KIND, "description": "Always `mfa-conformance`." },
            "schema": { "const": recording::SCHEMA, "description": "Version of the form of all lines." },
        });
    }
    if let Some(header) = header.as_object_mut() {
        header.remove("$schema");
    }
    if let Some(variants) = event.pointer_mut("/oneOf").and_then(Value::as_array_mut) {
        variants.insert(0, header);
    }
    event
}

fn of<T: JsonSchema>(title: &str) -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize().with_transform(open);
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), json!(title));
    schema.to_value()
}

/// Lets a consumer live with fields that a later version adds; our own reader stays strict.
fn open(schema: &mut Schema) {
    // The tag of an event is its only field, and closes the object that carries it.
    if schema.get("additionalProperties") == Some(&json!(false)) && !is_tag(schema) {
        schema.remove("additionalProperties");
    }
    transform_subschemas(&mut open, schema);
}

fn is_tag(schema: &Schema) -> bool {
    schema.get("properties").and_then(Value::as_object).is_some_and(|fields| fields.len() == 1)
        && schema.get("title").is_none()
        && schema.get("type") == Some(&json!("object"))
        && schema.get("required").and_then(Value::as_array).is_some_and(|names| names.len() == 1)
}
