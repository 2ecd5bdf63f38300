//! Steps of a social sign-in that lead nowhere.

use serde_json::{Value, json};

use super::{Client, INVALID, STATE, answer, begin, consent, policy};

const OFF: (u16, Option<&str>, &str) =
    (422, Some("provider_not_available"), "Provider not available");

#[test]
fn a_provider_that_is_off_is_off_everywhere() {
    let client = Client::signed_in(policy(|_| {}));
    let before = client.state();
    let state = json!({ "state": STATE, "code": "x" });
    for provider in ["twitter", "facebook", "sms", "telegram", "nonsense"] {
        let at = |rest: &str| format!("providers/{provider}/{rest}");
        for path in ["initAuth", "oauthResult", "signIn", "verify"] {
            client.post(&at(path), &state).refused(OFF.0, OFF.1, OFF.2);
        }
        for path in ["login", "loginUrl", "authorizeHtml", "redirect"] {
            let path = at(&format!("{path}?state=x&code=y"));
            client.get(&path).refused(OFF.0, OFF.1, OFF.2);
        }
    }
    client.stays(&before);
}

#[test]
fn an_app_is_called_back_only_where_that_is_allowed() {
    let begin = |client: &Client, url: &str| {
        let state = url.len().to_string();
        let body = json!({ "state": state, "redirectUrl": url });
        client.post("providers/google/initAuth", &body)
    };
    let refused = |client: &Client, url: &str| {
        let before = client.state();
        begin(client, url).refused(403, None, "Redirect URL not allowed");
        client.stays(&before);
    };
    let any = Client::new(policy(|_| {}));
    for url in ["javascript:alert(1)", "data:text/html,x", "//evil.example", "nonsense"] {
        refused(&any, url);
    }
    refused(&any, "http://good.example@evil.example/");
    begin(&any, "https://app.example.com/").ok(204);
    begin(&any, "myapp://callback").ok(204);
    for url in ["com.example.app:/cb", "com.example.app:cb", "http://localhost:3000/#/login"] {
        begin(&any, url).ok(204);
    }

    let origins = policy(|policy| policy.cors_origins = vec!["https://app.example.com".into()]);
    let client = Client::new(origins);
    refused(&client, "https://app.example.com.evil.example/");
    refused(&client, "http://app.example.com/");
    begin(&client, "https://app.example.com/any/path").ok(204);

    let listed =
        policy(|policy| policy.social.redirect_urls = vec!["https://app.example.com/cb".into()]);
    let client = Client::new(listed);
    refused(&client, "https://app.example.com/cb/");
    refused(&client, "https://app.example.com/cb?x=1");
    begin(&client, "https://app.example.com/cb").ok(204);
}

#[test]
fn answers_belong_to_their_sign_in_provider_and_world() {
    let client = Client::new(policy(|_| {}));
    let body = answer(&client, "google", "a");
    let before = client.state();
    let refused = |client: &Client, path: &str, body: &Value| {
        client.post(path, body).refused(INVALID.0, INVALID.1, INVALID.2);
    };
    let with = |key: &str, value: &str| {
        let mut body = body.clone();
        body[key] = json!(value);
        body
    };
    refused(&client, "providers/google/signIn", &with("state", "another"));
    refused(&client, "providers/google/signIn", &with("code", "another"));
    refused(&client, "providers/github/signIn", &body);
    let elsewhere = Client::of(&client.mock, "00000000-0000-4000-8000-00000000bbbb");
    refused(&elsewhere, "providers/google/signIn", &body);
    begin(&elsewhere, "google", STATE).ok(204);
    consent(&elsewhere, "google", "login_hint=a");
    refused(&elsewhere, "providers/google/signIn", &body);
    // A state under way cannot be begun again, by nobody.
    for provider in ["google", "github"] {
        begin(&client, provider, STATE).refused(INVALID.0, INVALID.1, INVALID.2);
    }
    client.stays(&before);
    client.post("providers/google/signIn", &body).ok(200);
}

#[test]
fn no_step_can_be_left_out() {
    let client = Client::new(policy(|_| {}));
    let page = format!("providers/google/authorizeHtml?state={STATE}");
    let get = |path: &str| client.get(path).refused(INVALID.0, INVALID.1, INVALID.2);
    let sign_in = |code: &str| {
        let body = json!({ "state": STATE, "code": code });
        let reply = client.post("providers/google/signIn", &body);
        reply.refused(INVALID.0, INVALID.1, INVALID.2);
    };
    // Not begun.
    get(&page);
    get(&format!("{page}&prompt=none&login_hint=a"));
    sign_in("x");
    begin(&client, "google", STATE).ok(204);
    // Begun, not decided.
    sign_in("x");
    get(&format!("providers/google/redirect?state={STATE}&code=x"));
    get(&format!("providers/google/redirect?state={STATE}&error=access_denied"));
    // Decided, not back.
    let decided = client.get(&format!("{page}&prompt=none&login_hint=a"));
    let back = super::location(&decided);
    let code = super::parameter(&back, "code");
    let before = client.state();
    sign_in(&code);
    get(&format!("providers/google/redirect?state={STATE}&code=another"));
    get(&format!("providers/google/redirect?state={STATE}&error=access_denied"));
    client.stays(&before);
    super::location(&client.get(&format!("providers/google/{back}")));
    let body = json!({ "state": STATE, "code": code });
    client.post("providers/google/signIn", &body).ok(200);
}

#[test]
fn misshapen_steps_are_refused_by_name() {
    let client = Client::new(policy(|_| {}));
    let long = "x".repeat(513);
    let before = client.state();
    let error = "state: not 1 to 512 printable characters";
    for state in ["", "a\nb", "é", &long] {
        let body = json!({ "state": state, "code": "x" });
        for path in ["initAuth", "oauthResult", "signIn"] {
            let reply = client.post(&format!("providers/google/{path}"), &body);
            reply.refused(400, None, error);
        }
    }
    let body = json!({ "state": STATE });
    client.post("providers/google/signIn", &body).refused(400, None, "code: missing");
    let get = |query: &str, error: &str| {
        client.get(&format!("providers/google/{query}")).refused(400, None, error);
    };
    get("authorizeHtml", error);
    get("redirect?code=x", error);
    let neither = "neither a code nor an error, or both";
    get("redirect?state=a", neither);
    get("redirect?state=a&code=b&error=c", neither);
    get("redirect?state=a&state=b&code=c", "state: given twice");
    get("redirect?state=%ff&code=c", "state: not UTF-8");
    get(
        "authorizeHtml?state=a&redirect_uri=http%3A%2F%2Fevil.example",
        "redirect_uri: not the one of the settings",
    );
    let hint = "login_hint: prompt=none needs a name or an address of 1 to 255 characters";
    get("authorizeHtml?state=a&prompt=none", hint);
    get("authorizeHtml?state=a&prompt=none&login_hint=++", hint);
    get(&format!("authorizeHtml?state=a&prompt=none&login_hint={}", "x".repeat(256)), hint);
    let form = |body: &'static [u8]| client.send("POST", "providers/apple/redirect", &[], body);
    form(b"").refused(400, None, error);
    form(b"state=a").refused(400, None, neither);
    form(b"\xff\xfe").refused(400, None, "the form is not UTF-8");
    client.stays(&before);
}

#[test]
fn the_journal_masks_what_opens_a_session() {
    let client = Client::new(policy(|_| {}));
    let body = answer(&client, "google", "a");
    let mut with_verifier = body.clone();
    with_verifier["codeVerifier"] = json!("top-secret-verifier");
    client.post("providers/google/signIn", &with_verifier);
    let masked = serde_json::to_string(&client.world.journal_after(0, false)).unwrap();
    for secret in [body["code"].as_str().unwrap(), "top-secret-verifier"] {
        assert!(!masked.contains(secret), "{secret}");
    }
    let open = serde_json::to_string(&client.world.journal_after(0, true)).unwrap();
    assert!(open.contains("top-secret-verifier"));
}
