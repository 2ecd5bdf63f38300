//! Requests that reach no environment: the answer says what was meant, and the service notes them.

use mock_server::Options;
use mock_server::policy::Policy;

use crate::client::{Client, WORLD, still_mock_with};

#[test]
fn a_base_url_or_an_environment_that_is_wrong_is_named() {
    let client = Client::new(Policy::default());
    let lacking = "the path is outside /api/v0; does apiBaseUrl end in /api/v0?";
    let rule = "is no environment id: 36 characters of lower-case hex and dashes";
    let cases = [
        (format!("/sdk/{WORLD}/settings"), lacking.to_owned()),
        ("/api/v1/sdk/short/settings".to_owned(), lacking.to_owned()),
        (format!("/environments/{WORLD}/users"), lacking.to_owned()),
        ("/nonsense".to_owned(), "the path is outside /api/v0".to_owned()),
        ("/api/v0/sdk/short/settings".to_owned(), format!("`short` {rule}")),
        ("/api/v0/sdk/undefined/settings".to_owned(), format!("`undefined` {rule}")),
        (
            format!("/api/v0/sdk/{}/settings", "x".repeat(99)),
            format!("`{}…` {rule}", "x".repeat(40)),
        ),
        (
            "/api/v0/sdk/0000ABCD-0000-4000-8000-00000000AAAA/settings".to_owned(),
            format!(
                "`0000ABCD-0000-4000-8000-00000000AAAA` {rule}; did you mean \
                 `0000abcd-0000-4000-8000-00000000aaaa`?"
            ),
        ),
        ("/api/v0/environments/test/users".to_owned(), format!("`test` {rule}")),
    ];
    for (path, why) in &cases {
        let headers = [("authorization", "Bearer s3cret")];
        let reply = crate::client::send(&client.mock, "GET", path, &headers, "");
        reply.refused(404, Some("not_found"), &format!("Not Found: {why}"));
    }
    // No environment's journal has them; the service's own does, without secrets.
    assert_eq!(client.world.journal_newest(), 0);
    let noted = client.mock.astray(0, false);
    assert_eq!(client.mock.astray_newest(), noted.len() as u64);
    for (exchange, (path, why)) in noted.iter().zip(&cases) {
        assert_eq!((&exchange.path, exchange.status), (path, 404));
        let refusal = exchange.refusal.as_ref().unwrap();
        assert_eq!((&refusal.reason, refusal.rule.as_str()), (why, "W1"));
        assert!(!format!("{exchange:?}").contains("s3cret"));
    }
    assert_eq!(noted.len(), cases.len());
    let revealed = client.mock.astray(noted.len() as u64 - 1, true);
    assert!(revealed.len() == 1 && format!("{revealed:?}").contains("s3cret"));
}

#[test]
fn what_goes_astray_is_kept_up_to_a_bound() {
    let mock = still_mock_with(Options { journal_entries_max: 3, ..Options::default() });
    for number in 0..9 {
        crate::client::send(&mock, "GET", &format!("/{number}"), &[], "").not_found();
    }
    let paths: Vec<String> = mock.astray(0, false).into_iter().map(|kept| kept.path).collect();
    assert_eq!((paths, mock.astray_newest()), (vec!["/6".into(), "/7".into(), "/8".into()], 9));
    // An administrator's token of no environment, and an environment too many, go astray too.
    let unknown = [("authorization", "Bearer dyn_nonsense")];
    let reply = crate::client::send(&mock, "GET", "/api/v0/eventTypes", &unknown, "");
    assert_eq!(reply.status, 401);
    let noted = mock.astray(9, false).pop().unwrap();
    assert_eq!((noted.operation, noted.status), (Some("getEventTypes"), 401));
}
