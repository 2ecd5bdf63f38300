//! The page that stands in for a provider, as a browser would see it.

use serde_json::json;

use super::{APP, Client, INVALID, STATE, begin, challenge, location, parameter, policy, text};

fn open(client: &Client, provider: &str, more: &str) -> String {
    let reply = client.get(&format!("providers/{provider}/authorizeHtml?state={STATE}{more}"));
    assert_eq!(reply.status, 200, "{}", reply.body);
    let header = |name: &str| reply.headers[name].to_str().unwrap();
    let csp = header("content-security-policy");
    assert!(
        csp.starts_with("default-src 'none'; form-action 'self' http://localhost:3000;"),
        "{csp}"
    );
    assert!(csp.contains("frame-ancestors 'none'"));
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("referrer-policy"), "no-referrer");
    assert_eq!(header("x-content-type-options"), "nosniff");
    let page = text(&reply.body);
    assert!(page.contains("local mock") && !page.contains("<script"));
    page
}

/// The targets of the page's links, as a browser reads them.
fn links(page: &str) -> Vec<String> {
    let targets = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    targets.map(|target| target.replace("&amp;", "&")).collect()
}

#[test]
fn the_page_offers_who_is_known_and_lets_others_in() {
    let mut client = Client::new(policy(|_| {}));
    client.sign_in("alice@example.com");
    begin(&client, "google", STATE).ok(204);
    let pkce = format!("&code_challenge={}&code_challenge_method=S256", challenge("v"));
    let before = client.state();
    let page = open(&client, "google", &pkce);
    // Looking changes nothing.
    client.stays(&before);
    let links = links(&page);
    assert_eq!(links.len(), 2);
    assert_eq!(parameter(&links[0], "login_hint"), "alice%40example.com");
    assert_eq!(parameter(&links[0], "code_challenge"), challenge("v"));
    for part in ["name=\"login_hint\"", "name=\"state\"", "name=\"prompt\" value=\"none\""] {
        assert!(page.contains(part), "{part}");
    }
    let back = location(&client.get(&format!("providers/google/{}", links[0])));
    let to_app = location(&client.get(&format!("providers/google/{back}")));
    assert_eq!(parameter(&to_app, "dynamicOauthState"), STATE);
    // The page has been decided; neither looking nor deciding again works.
    for link in [&links[0], &links[1]] {
        let reply = client.get(&format!("providers/google/{link}"));
        reply.refused(INVALID.0, INVALID.1, INVALID.2);
    }
}

#[test]
fn whoever_refuses_comes_back_without_a_code() {
    let client = Client::new(policy(|_| {}));
    begin(&client, "google", STATE).ok(204);
    let page = open(&client, "google", "");
    let refuse = links(&page).pop().unwrap();
    let back = location(&client.get(&format!("providers/google/{refuse}")));
    assert_eq!(back, format!("redirect?state={STATE}&error=access_denied"));
    let to_app = location(&client.get(&format!("providers/google/{back}")));
    assert_eq!(to_app, format!("{APP}&dynamicOauthState={STATE}&error=access_denied"));
    let result = client.post("providers/google/oauthResult", &json!({ "state": STATE })).ok(200);
    assert_eq!(result, json!({ "status": "completed", "error": "access_denied" }));
    let body = json!({ "state": STATE, "code": "x" });
    let reply = client.post("providers/google/signIn", &body);
    reply.refused(INVALID.0, INVALID.1, INVALID.2);
}

#[test]
fn apple_answers_with_a_form() {
    let client = Client::new(policy(|_| {}));
    begin(&client, "apple", STATE).ok(204);
    let page = open(&client, "apple", "&prompt=none&login_hint=a").replace("local mock", "");
    let value = |name: &str| {
        let rest = page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    assert!(page.contains("method=\"post\"") && page.contains("action=\"redirect\""));
    let form = format!("state={}&code={}&id_token=x", value("state"), value("code"));
    let reply = client.send("POST", "providers/apple/redirect", &[], form);
    let to_app = location(&reply);
    let body = json!({ "state": STATE, "code": parameter(&to_app, "dynamicOauthCode") });
    client.post("providers/apple/signIn", &body).ok(200);
    // There is no other way back from Apple.
    let reply = client.get(&format!("providers/apple/redirect?state={STATE}&code=x"));
    reply.refused(405, None, "Method Not Allowed");
}

#[test]
fn names_of_people_stay_text() {
    let client = Client::new(policy(|_| {}));
    let name = "<img src=x onerror=alert(1)>\"'&";
    let account = mock_server::SocialSeed { username: Some(name.into()), ..Default::default() };
    let seed = mock_server::UserSeed { social_accounts: vec![account], ..Default::default() };
    client.world.create_user(seed).unwrap();
    begin(&client, "google", STATE).ok(204);
    let page = open(&client, "google", "");
    assert!(!page.contains("<img"), "{page}");
    assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;"));
    // The link still means that person.
    location(&client.get(&format!("providers/google/{}", links(&page)[0])));
}

#[test]
fn the_way_to_the_page_is_told_or_taken() {
    let client = Client::new(policy(|_| {}));
    let headers = [("host", "127.0.0.1:3333")];
    let page = format!("http://127.0.0.1:3333{}", client.path("providers/google/authorizeHtml"));
    let told = client.send("GET", "providers/google/loginUrl", &headers, "").ok(200);
    assert_eq!(told, json!({ "url": page }));
    let query = "state=abc&unknown=1&login_hint=a%40b";
    let path = format!("providers/google/loginUrl?{query}");
    let told = client.send("GET", &path, &headers, "").ok(200);
    assert_eq!(told, json!({ "url": format!("{page}?state=abc&login_hint=a%40b") }));
    let taken = client.send("GET", "providers/google/login?state=abc", &headers, "");
    assert_eq!(location(&taken), format!("{page}?state=abc"));
}
