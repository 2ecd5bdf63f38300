//! An answer whose body a fault has changed on its way out.

use bytes::Bytes;
use http::Response;
use serde_json::{Map, Value};

/// The answer with this patch on its body (JSON merge patch, RFC 7396).
///
/// Status and headers stay, and so does a body that is no JSON: there is nothing in it to change.
pub(crate) fn merged(response: Response<Bytes>, patch: &Value) -> Response<Bytes> {
    let Ok(mut body) = serde_json::from_slice::<Value>(response.body()) else { return response };
    merge(&mut body, patch);
    with_body(response, &body)
}

/// The answer with another body; one that has none, such as a 204, stays without.
pub(crate) fn replaced(response: Response<Bytes>, body: &Value) -> Response<Bytes> {
    match response.body().is_empty() {
        true => response,
        false => with_body(response, body),
    }
}

fn with_body(response: Response<Bytes>, body: &Value) -> Response<Bytes> {
    let (head, _) = response.into_parts();
    Response::from_parts(head, Bytes::from(body.to_string()))
}

/// RFC 7396 section 2. As deep as the patch, whose depth was checked.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        target.clone_from(patch);
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(fields) = target else { return };
    for (name, change) in changes {
        match change {
            Value::Null => drop(fields.remove(name)),
            _ => merge(fields.entry(name).or_insert(Value::Null), change),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The table of RFC 7396, appendix A.
    #[test]
    fn the_examples_of_the_standard_hold() {
        for (original, patch, result) in [
            (json!({ "a": "b" }), json!({ "a": "c" }), json!({ "a": "c" })),
            (json!({ "a": "b" }), json!({ "b": "c" }), json!({ "a": "b", "b": "c" })),
            (json!({ "a": "b" }), json!({ "a": null }), json!({})),
            (json!({ "a": "b", "b": "c" }), json!({ "a": null }), json!({ "b": "c" })),
            (json!({ "a": ["b"] }), json!({ "a": "c" }), json!({ "a": "c" })),
            (json!({ "a": "c" }), json!({ "a": ["b"] }), json!({ "a": ["b"] })),
            (
                json!({ "a": { "b": "c" } }),
                json!({ "a": { "b": "d", "c": null } }),
                json!({ "a": { "b": "d" } }),
            ),
            (json!({ "a": [{ "b": "c" }] }), json!({ "a": [1] }), json!({ "a": [1] })),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({ "a": "b" }), json!(["c"]), json!(["c"])),
            (json!({ "a": "foo" }), json!(null), json!(null)),
            (json!({ "a": "foo" }), json!("bar"), json!("bar")),
            (json!({ "e": null }), json!({ "a": 1 }), json!({ "e": null, "a": 1 })),
            (json!([1, 2]), json!({ "a": "b", "c": null }), json!({ "a": "b" })),
            (json!({}), json!({ "a": { "bb": { "ccc": null } } }), json!({ "a": { "bb": {} } })),
        ] {
            let mut target = original.clone();
            merge(&mut target, &patch);
            assert_eq!(target, result, "{original} {patch}");
        }
    }

    #[test]
    fn what_is_no_json_stays_as_it_is() {
        for body in ["", "<html>"] {
            let page = merged(Response::new(Bytes::from(body)), &json!({ "a": 1 }));
            assert_eq!(page.body(), body);
        }
        assert_eq!(replaced(Response::new(Bytes::new()), &json!([])).body(), "");
        assert_eq!(replaced(Response::new(Bytes::from("<html>")), &json!([])).body(), "[]");
    }
}
