//! How much memory a wiremock server takes that has answered thousands of requests.
//!
//! The test runs itself in a process of its own, because all other tests share this one.

use std::process::Command;

use mock_server::policy::Policy;
use serde_json::json;
use tokio::runtime::Runtime;
use wiremock::MockServer;

use crate::client::{WORLD, still_mock};

/// Set in the child: which server it is to load.
const ROLE: &str = "MFA_MOCK_TEST_MEMORY_ROLE";
/// wiremock keeps every body it was sent, and more beside it.
const BODY_BYTES: usize = 16 << 10;

/// Kilobytes of this process that are in memory.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Sends so many requests with long bodies on one connection.
fn load(base_url: &str, requests: usize) {
    let agent = ureq::Agent::new_with_defaults();
    let body = json!({ "text": "x".repeat(BODY_BYTES) }).to_string();
    for _ in 0..requests {
        let url = format!("{base_url}/sdk/{WORLD}/sdkSettings");
        let answer = agent.post(url).content_type("application/json").send(&body).unwrap();
        assert_eq!(answer.status(), 204);
    }
}

/// Growth in kilobytes while a server of that role answers so many requests.
fn growth(role: &str, requests: usize) -> usize {
    let runtime = Runtime::new().unwrap();
    let mock = still_mock(Policy::default());
    let measure = |base_url: &str| {
        // The first sweep comes after a thousand requests; until then both servers grow alike.
        load(base_url, 1_000);
        let before = resident();
        load(base_url, requests);
        resident().saturating_sub(before)
    };
    match role {
        "bounded" => {
            let server = runtime.block_on(mock.wiremock(Vec::new));
            measure(&server.base_url())
        }
        _ => {
            let server = runtime.block_on(MockServer::start());
            runtime.block_on(mock.mount(&server));
            measure(&format!("{}/api/v0", server.uri()))
        }
    }
}

/// Runs the test below in a child that plays this role; yields its growth in kilobytes.
fn child(role: &str) -> usize {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "transports::memory::five_thousand_requests_leave_no_trace"])
        .args(["--nocapture", "--test-threads", "1"])
        .env(ROLE, role)
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let (_, growth) = printed.split_once("growth: ").unwrap_or_else(|| panic!("{printed}"));
    growth.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn five_thousand_requests_leave_no_trace() {
    if let Ok(role) = std::env::var(ROLE) {
        let requests = if role == "bounded" { 5_000 } else { 1_200 };
        println!("growth: {} kB", growth(&role, requests));
        return;
    }
    let [bounded, kept] = ["bounded", "mounted"].map(child);
    println!("5,000 requests swept: {bounded} kB; 1,200 requests kept: {kept} kB");
    // At most a thousand bodies of 16 kilobytes are kept, and the journal's four megabytes.
    assert!(bounded < 40_000, "{bounded} kB");
    // The measure works: a quarter of the requests, unswept, takes more than all of them swept.
    assert!(kept > 40_000, "{kept} kB");
}
