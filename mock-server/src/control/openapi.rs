//! The control API as an OpenAPI 3.1 document, made from the table of its routes.

use serde_json::{Map, Value, json};

use super::BASE;
use super::route::{ROUTES, Route};

/// The document.
pub(super) fn document() -> Value {
    let mut paths = Map::new();
    for route in ROUTES {
        let path = format!("{BASE}{}", route.template);
        let item = paths.entry(path).or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            item.insert(route.method.as_str().to_lowercase(), operation(route));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "mfa-mock control API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What a tester may do to the environments of a local mfa-mock. \
                Times are ISO 8601. A user is named by id or e-mail address.",
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": {
                "Refusal": {
                    "type": "object",
                    "required": ["error"],
                    "properties": {
                        "error": { "type": "string", "description": "what is wrong" },
                        "hint": { "type": "string", "description": "what to do next" },
                    },
                },
            },
            "securitySchemes": {
                "controlToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "only where the service was started with --control-token",
                },
            },
        },
        "security": [{}, { "controlToken": [] }],
    })
}

fn operation(route: &Route) -> Value {
    let in_path = ["environmentId", "id"]
        .into_iter()
        .filter(|name| route.template.contains(&format!("{{{name}}}")))
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }));
    let in_query = route.query.iter().map(|(name, meaning)| {
        json!({ "name": name, "in": "query", "description": meaning, "schema": { "type": "string" } })
    });
    let mut operation = json!({
        "operationId": format!("{:?}", route.verb),
        "summary": route.summary,
        "parameters": in_path.chain(in_query).collect::<Vec<_>>(),
        "responses": {
            route.success.to_string(): { "description": route.summary },
            "default": {
                "description": "refused",
                "content": { "application/json": {
                    "schema": { "$ref": "#/components/schemas/Refusal" },
                } },
            },
        },
    });
    let example = route.body.and_then(|body| serde_json::from_str::<Value>(body).ok());
    if let (Some(example), Some(fields)) = (example, operation.as_object_mut()) {
        let body = json!({
            "required": true,
            "content": { "application/json": { "schema": { "type": "object" }, "example": example } },
        });
        fields.insert("requestBody".to_owned(), body);
    }
    operation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_in_the_document_and_every_example_is_json() {
        let document = document();
        for route in ROUTES {
            let path = format!("{BASE}{}", route.template);
            let operation = &document["paths"][&path][route.method.as_str().to_lowercase()];
            assert_eq!(operation["summary"], route.summary, "{path}");
            assert_eq!(operation["requestBody"].is_object(), route.body.is_some(), "{path}");
        }
    }
}
