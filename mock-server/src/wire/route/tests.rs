//! What the table of routes finds, and what it says of everything else.

use super::*;

const ENVIRONMENT: &str = "00000000-0000-4000-8000-000000000000";

fn find(method: &Method, path: &str) -> Result<Option<Operation>, Rejection> {
    recognise(method, path).map(|target| target.operation)
}

fn path(rest: &str) -> String {
    format!("{BASE}/sdk/{ENVIRONMENT}/{rest}")
}

#[test]
fn every_route_is_reached_by_its_own_template() {
    for route in ROUTES {
        let path = route.path().replace("{environmentId}", ENVIRONMENT);
        assert_eq!(find(&route.method, &path), Ok(Some(route.operation)), "{path}");
        assert_eq!(find(&Method::OPTIONS, &path), Ok(None), "{path}");
        let refused = find(&Method::TRACE, &path);
        assert!(matches!(refused, Err(Rejection::MethodNotAllowed { .. })), "{path}");
        assert_eq!(operation_named(route.operation.name()), Some(route.operation));
    }
}

#[test]
fn every_operation_of_the_api_is_known_by_name() {
    // 378 of the client, less the 178 preflights.
    assert_eq!(KNOWN.len(), 200);
    for (name, method, template) in KNOWN {
        let method = method.parse().unwrap();
        match find(&method, &path(template)) {
            Ok(Some(operation)) => assert_eq!(operation.name(), *name),
            refused => assert_eq!(refused, Err(Rejection::NotMocked { operation: name })),
        }
    }
    for route in ROUTES {
        let row = (route.operation.name(), route.method.as_str(), route.below());
        let known = if route.is_for_administrators() { admin::ADMIN } else { KNOWN };
        assert!(known.contains(&row), "{row:?} is no operation of the API");
    }
}

#[test]
fn what_is_not_served_is_named() {
    for (path, is_aimed_at_it) in [
        ("/", false),
        ("/favicon.ico", false),
        ("*", false),
        ("/sdk/x/settings", true),
        ("/api/v1/sdk/x/nonsense", true),
        ("/environments/x/users", true),
        ("/eventTypes", true),
        ("/users", false),
    ] {
        let refused = Err(Rejection::OutsideTheApi { is_aimed_at_it });
        assert_eq!(find(&Method::GET, path), refused, "{path}");
    }
    let doubled = format!("{BASE}//sdk/x/settings");
    assert_eq!(find(&Method::GET, &doubled), Err(Rejection::DoubleSlash));
    let unknown = |rest: &str| match find(&Method::GET, &path(rest)) {
        Err(Rejection::UnknownPath { meant }) => meant,
        other => panic!("{other:?}"),
    };
    assert_eq!(unknown("nonsense-of-another-kind"), None);
    assert_eq!(unknown("users/mfa/method/"), Some("users/mfa/methods"));
    assert_eq!(unknown("user/mfa"), Some("users/mfa"));
    for environment in ["test-env", "0D1C2B3A-0000-4000-8000-00000000000F", ""] {
        let path = format!("{BASE}/sdk/{environment}/settings");
        let found = environment.to_owned();
        let refused = Err(Rejection::MalformedEnvironment { found });
        assert_eq!(find(&Method::GET, &path), refused, "{path}");
    }
    let refused = find(&Method::DELETE, &path("users/mfa/methods"));
    let allowed = "GET, OPTIONS".to_owned();
    assert_eq!(refused, Err(Rejection::MethodNotAllowed { allowed }));
}
