//! What is in a deed that was written down as JSON.

use serde_json::Value;

/// The caller and the request of a deed of somebody who is signed in.
pub(super) fn asked(deed: &mut Value) -> Option<&mut Value> {
    deed.get_mut("Asked")?.get_mut("as")
}

/// The caller of a deed; nobody if nobody is signed in.
pub(super) fn caller(deed: &Value) -> &Value {
    &deed["Asked"]["as"][0]
}

/// Whether somebody who is signed in asks that.
pub(super) fn is_asked(deed: &Value, request: &str) -> bool {
    is_named(&deed["Asked"]["as"][1], request)
}

/// Whether an administrator asks that.
pub(super) fn is_admin(deed: &Value, request: &str) -> bool {
    is_named(&deed["Asked"]["admin"][1], request)
}

fn is_named(request: &Value, name: &str) -> bool {
    request == name || request.get(name).is_some()
}

/// The genuine elevated token that comes along, wherever it stands.
pub(super) fn elevation(deed: &mut Value) -> Option<&mut Value> {
    match deed {
        Value::Object(map) => {
            if map.contains_key("genuine") {
                return map.get_mut("genuine");
            }
            map.values_mut().find_map(elevation)
        }
        Value::Array(list) => list.iter_mut().find_map(elevation),
        _ => None,
    }
}
