//! Every operation that is served, with everything that can be wrong about a request: its JSON,
//! the type of each field, each field left out, its size, its method.
//!
//! Who asks is tried in [`crate::access`] and `admin/door.rs`, with every operation as well.

use std::collections::{BTreeMap, BTreeSet};

use mock_server::bytes::Bytes;
use mock_server::policy::Policy;
use serde_json::{Value, json};

use super::{NO_JSON, NO_OBJECTS};
use crate::access::table::row;
use crate::admin::Backend;
use crate::belongings::Belongings;
use crate::client::{Client, Reply, policy, send, text};
use crate::routes::{ADMIN_ROUTES, ROUTES, filled_for_administrators};
use shape::{BODILESS, SHAPES, UNREAD};

mod shape;

type Route = (&'static str, &'static str, &'static str);

/// Calls that read a body and do without one as well.
const BODY_IS_OPTIONAL: &[&str] = &[
    "updateUserMfaDevice",
    "sdkCreateBusinessAccount",
    "refreshKeyShares",
    "recoverKeyShares",
    "deleteEmbeddedWallets",
];

/// A user with one of everything, and the app's own server.
struct Scene {
    backend: Backend,
    own: Belongings,
}

impl Scene {
    fn new() -> Self {
        let open = policy(|policy| policy.elevation.required_scopes = [].into_iter().collect());
        let client = Client::authenticated(open);
        let friend = text(&client.elsewhere("friend@example.com").get("users").ok(200)["id"]);
        let own = Belongings::of(&client, &friend)
            .with("deviceRegistrationId", "00000000-0000-4000-8000-000000000000");
        // From here on the gates are as by default: a wrong shape is refused before any of them.
        client.world.set_policy(Policy::default()).unwrap();
        Self { backend: Backend::of(client), own }
    }

    fn client(&self) -> &Client {
        &self.backend.client
    }

    /// The whole path of an operation, with ids in the places of the placeholders.
    fn path(&self, (_, path, name): Route) -> String {
        match is_of_administrators(name) {
            true => filled_for_administrators(path, &self.client().world.id()),
            false => self.client().path(&self.own.fill(path)),
        }
    }

    fn ask(&self, route: Route, body: impl Into<Bytes>) -> Reply {
        let token = match is_of_administrators(route.2) {
            true => &self.backend.token,
            false => self.client().bearer.as_ref().unwrap(),
        };
        let authorization = format!("Bearer {token}");
        let headers = [("authorization", &*authorization), ("content-type", "application/json")];
        send(&self.client().mock, route.0, &self.path(route), &headers, body)
    }
}

fn is_of_administrators(operation: &str) -> bool {
    ADMIN_ROUTES.iter().any(|(.., name)| *name == operation)
}

/// Every operation that is served.
fn every() -> impl Iterator<Item = Route> {
    ROUTES.iter().chain(&ADMIN_ROUTES).copied()
}

/// The operations that take a body, each with its shape.
fn shaped() -> impl Iterator<Item = (Route, Value)> {
    SHAPES.iter().map(|(operation, shape)| {
        let route = every().find(|(.., name)| name == operation).expect("it is served");
        (route, serde_json::from_str(shape).expect("JSON"))
    })
}

/// A place in a body: where, and whether the field there may be absent.
struct Place {
    pointer: String,
    /// As an error writes it.
    dotted: String,
    is_optional: bool,
    /// Elements of arrays cannot be left out by a name.
    is_field: bool,
}

/// The shape without its question marks, and every place in it.
fn places(shape: &Value, pointer: &str, dotted: &str, found: &mut Vec<Place>) -> Value {
    match shape {
        Value::Object(fields) => {
            let read = fields.iter().map(|(key, value)| {
                let name = key.trim_end_matches('?');
                let pointer = format!("{pointer}/{name}");
                let dotted = match dotted {
                    "" => name.to_owned(),
                    outer => format!("{outer}.{name}"),
                };
                let value = places(value, &pointer, &dotted, found);
                let is_optional = key.ends_with('?');
                found.push(Place { pointer, dotted, is_optional, is_field: true });
                (name.to_owned(), value)
            });
            Value::Object(read.collect())
        }
        Value::Array(elements) => {
            let read = elements.iter().enumerate().map(|(index, element)| {
                let (pointer, dotted) =
                    (format!("{pointer}/{index}"), format!("{dotted}[{index}]"));
                let value = places(element, &pointer, &dotted, found);
                found.push(Place { pointer, dotted, is_optional: false, is_field: false });
                value
            });
            Value::Array(read.collect())
        }
        plain => plain.clone(),
    }
}

/// Values of every other type than this one.
fn of_other_types(value: &Value, is_optional: bool) -> Vec<Value> {
    let all = [json!(null), json!(true), json!(1), json!("text"), json!([]), json!({})];
    let kind = std::mem::discriminant(value);
    let other = |other: &Value| std::mem::discriminant(other) != kind;
    // Derived readers of objects would take an array of the values.
    let in_a_row = value.as_object().map(|fields| fields.values().cloned().collect());
    let all = all.into_iter().chain(in_a_row.map(Value::Array));
    // An optional field that is null is absent.
    all.filter(|value| other(value) && !(is_optional && value.is_null())).collect()
}

#[track_caller]
fn error(reply: &Reply) -> &str {
    reply.body["error"].as_str().unwrap_or_default()
}

#[test]
fn every_operation_is_in_one_table() {
    let mut tables: BTreeMap<&str, usize> = BTreeMap::new();
    let bodies = SHAPES.iter().map(|(operation, _)| *operation);
    let gets = every().filter(|(method, ..)| *method == "GET").map(|(.., name)| name);
    for operation in
        bodies.chain(BODILESS.iter().copied()).chain(UNREAD.iter().copied()).chain(gets)
    {
        *tables.entry(operation).or_default() += 1;
    }
    let served: BTreeSet<&str> = every().map(|(.., name)| name).collect();
    assert_eq!(tables.keys().copied().collect::<BTreeSet<_>>(), served);
    let twice: Vec<_> = tables.iter().filter(|(_, count)| **count != 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

#[test]
fn what_is_no_json_object_is_refused_as_that() {
    let scene = Scene::new();
    let before = scene.client().state();
    let deep = "[".repeat(50_000);
    for (route, _) in shaped() {
        for body in NO_JSON.into_iter().chain([&*deep]) {
            let reply = scene.ask(route, body.to_owned());
            assert_eq!(reply.status, 400, "{route:?} {}", reply.body);
            assert!(error(&reply).starts_with("the body is not JSON: "), "{route:?}");
        }
        for body in NO_OBJECTS {
            let reply = scene.ask(route, body);
            assert!([400, 422].contains(&reply.status), "{route:?} {}", reply.body);
            assert_eq!(error(&reply), "the body is not a JSON object", "{route:?}");
        }
        if !BODY_IS_OPTIONAL.contains(&route.2) {
            let reply = scene.ask(route, "");
            assert!([400, 422].contains(&reply.status), "{route:?} {}", reply.body);
            assert_eq!(error(&reply), "the body is empty", "{route:?}");
        }
    }
    scene.client().stays(&before);
}

#[test]
fn every_field_of_another_type_is_refused_by_its_name() {
    let scene = Scene::new();
    let before = scene.client().state();
    let (mut tried, mut unnamed) = (0, Vec::new());
    for (route, shape) in shaped() {
        let shape: Value = serde_json::from_str(&scene.own.fill(&shape.to_string())).unwrap();
        let mut found = Vec::new();
        let body = places(&shape, "", "", &mut found);
        for place in &found {
            let right = body.pointer(&place.pointer).unwrap();
            for wrong in of_other_types(right, place.is_optional) {
                let mut bent = body.clone();
                *bent.pointer_mut(&place.pointer).unwrap() = wrong;
                let reply = scene.ask(route, bent.to_string());
                let told = error(&reply);
                let (is_status, names_it) =
                    ([400, 422].contains(&reply.status), told.starts_with(&place.dotted));
                if !(is_status && names_it) {
                    unnamed.push(format!("{route:?} {bent}: {} {told}", reply.status));
                }
                tried += 1;
            }
        }
    }
    assert!(unnamed.is_empty(), "{unnamed:#?}");
    assert!(tried > 1_000, "only {tried} wrong fields");
    scene.client().stays(&before);
}

#[test]
fn every_field_that_is_left_out_is_missed_where_it_is_needed() {
    let scene = Scene::new();
    let snapshot = scene.client().world.snapshot();
    let mut otherwise = Vec::new();
    for (route, shape) in shaped() {
        let shape: Value = serde_json::from_str(&scene.own.fill(&shape.to_string())).unwrap();
        let mut found = Vec::new();
        let body = places(&shape, "", "", &mut found);
        // The shape itself is right, else nothing below would be about what is left out.
        let whole = scene.ask(route, body.to_string());
        assert!(!error(&whole).contains("missing") && !error(&whole).contains("invalid type"));
        for place in found.iter().filter(|place| place.is_field) {
            scene.client().world.restore(snapshot.clone()).unwrap();
            let (outer, name) = place.pointer.rsplit_once('/').unwrap();
            let mut bent = body.clone();
            bent.pointer_mut(outer).unwrap().as_object_mut().unwrap().remove(name);
            let before = scene.client().state();
            let reply = scene.ask(route, bent.to_string());
            let told = error(&reply);
            let is_missed = told.contains(&format!("missing field `{name}`"))
                || told == format!("{}: missing", place.dotted);
            if is_missed == place.is_optional {
                otherwise.push(format!("{route:?} without {}: {told}", place.dotted));
            }
            if is_missed {
                assert!([400, 422].contains(&reply.status), "{route:?} {}", reply.body);
                scene.client().stays(&before);
            }
        }
    }
    assert!(otherwise.is_empty(), "{otherwise:#?}");
}

#[test]
fn where_no_body_is_read_a_stray_one_does_no_harm() {
    let scene = Scene::new();
    let snapshot = scene.client().world.snapshot();
    for route in every().filter(|(method, _, name)| *method == "GET" || BODILESS.contains(name)) {
        let ask = |body: &'static str| {
            scene.client().world.restore(snapshot.clone()).unwrap();
            let reply = scene.ask(route, body);
            (reply.status, reply.body, scene.client().state())
        };
        let without = ask("");
        for stray in ["{}", "[1", "nonsense", "\u{0}"] {
            assert_eq!(ask(stray), without, "{route:?} {stray:?}");
        }
    }
}

#[test]
fn a_body_beyond_64_kib_is_refused_by_every_operation() {
    let scene = Scene::new();
    let before = scene.client().state();
    for route in every() {
        let reply = scene.ask(route, vec![b' '; (64 << 10) + 1]);
        reply.refused(413, None, "Payload Too Large");
    }
    scene.client().stays(&before);
}

#[test]
fn every_path_refuses_the_methods_that_it_has_not() {
    let scene = Scene::new();
    let before = scene.client().state();
    let mut methods: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for route in every() {
        methods.entry(scene.path(route)).or_default().insert(route.0);
    }
    for route in every() {
        let path = scene.path(route);
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "TRACE", "BREW"] {
            if methods[&path].contains(method) {
                continue;
            }
            let reply = scene.ask((method, route.1, route.2), "{}");
            // The published client knows some methods of these paths that are not served.
            if reply.status == 501 {
                assert_eq!(reply.body["code"], "not_mocked", "{method} {path}");
                continue;
            }
            reply.refused(405, None, "Method Not Allowed");
            let allowed = reply.headers["allow"].to_str().unwrap();
            for served in &methods[&path] {
                assert!(allowed.split(", ").any(|one| one == *served), "{method} {path} {allowed}");
            }
        }
    }
    scene.client().stays(&before);
}

#[test]
fn the_tables_of_bodies_name_the_same_operations() {
    // A call with a body in the table of access takes one here as well, and the other way round.
    for (method, _, name) in ROUTES.iter().copied().filter(|(method, ..)| *method != "GET") {
        let has_body = !row(name).2.is_empty();
        let reads_one = !BODILESS.contains(&name);
        let may_do_without = BODY_IS_OPTIONAL.contains(&name);
        assert!(has_body == reads_one || may_do_without, "{method} {name}");
    }
}
