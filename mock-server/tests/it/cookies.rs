//! Sessions in cookies: given, taken, cleared, and kept from foreign pages (rule J16).

use mock_server::policy::{AuthStorage, Policy};
use serde_json::{Value, json};

use crate::client::{ALICE, Client, Reply, claims, policy};

const SESSION: &str = "DYNAMIC_JWT_TOKEN";
const DEVICE: &str = "DYNAMIC_DEVICE_TOKEN";
const PAGE: &str = "https://app.example.com";

fn in_cookies(change: impl FnOnce(&mut Policy)) -> Policy {
    policy(|policy| {
        policy.auth.storage = [AuthStorage::Cookie].into();
        change(policy);
    })
}

/// Every `Set-Cookie` of an answer, each as name, value and attributes.
fn given(reply: &Reply) -> Vec<(String, String, Vec<String>)> {
    let read = |text: &str| {
        let mut parts = text.split("; ").map(str::to_owned);
        let first = parts.next().unwrap();
        let (name, value) = first.split_once('=').unwrap();
        (name.to_owned(), value.to_owned(), parts.collect())
    };
    let cookies = reply.headers.get_all("set-cookie").iter();
    cookies.map(|value| read(value.to_str().unwrap())).collect()
}

fn sign_in(client: &Client, headers: &[(&str, &str)]) -> Reply {
    let (id, code) = client.mail(ALICE);
    let body = json!({ "verificationUUID": id, "verificationToken": code }).to_string();
    client.send("POST", "emailVerifications/signin", headers, body)
}

/// The `Cookie` header of a browser that keeps the session of that answer.
fn kept(reply: &Reply) -> String {
    let cookies = given(reply).into_iter().map(|(name, value, _)| format!("{name}={value}"));
    cookies.collect::<Vec<_>>().join("; ")
}

#[test]
fn without_cookie_mode_there_are_no_cookies() {
    let mut alice = Client::signed_in(Policy::default());
    let reply = alice.verify_email(ALICE, json!({}));
    assert_eq!(given(&reply), []);
    let cookie = format!("{SESSION}={}", alice.bearer.take().unwrap());
    let refused = alice.send("GET", "users", &[("cookie", &cookie)], "");
    refused.refused(401, None, "No jwt provided!");
}

#[test]
fn a_sign_in_gives_a_cookie_and_no_token() {
    let client = Client::new(in_cookies(|_| {}));
    let storage = &client.get("settings").ok(200)["security"]["auth"]["storage"];
    assert_eq!(storage, &json!(["cookie"]));
    let reply = sign_in(&client, &[]);
    let [(name, token, attributes)] = given(&reply).try_into().unwrap();
    assert_eq!(name, SESSION);
    let expected = [
        "Path=/",
        "Max-Age=7200",
        "Expires=Tue, 01 Jan 2030 14:00:00 GMT",
        "HttpOnly",
        "SameSite=Lax",
    ];
    assert_eq!(attributes, expected);
    assert_eq!(claims(&token)["scope"], json!("user:basic"));
    let body = reply.ok(200);
    assert_eq!(crate::client::keys(&body), ["expiresAt", "user"]);
    assert_eq!(body["expiresAt"], claims(&token)["exp"]);
}

#[test]
fn tokens_can_stay_in_the_body_and_cookies_ask_for_tls() {
    let client = Client::new(in_cookies(|policy| {
        policy.auth.storage.insert(AuthStorage::Localstorage);
        policy.auth.tokens_in_body = true;
        policy.auth.secure_cookies = true;
    }));
    let storage = &client.get("settings").ok(200)["security"]["auth"]["storage"];
    assert_eq!(storage, &json!(["localstorage", "cookie"]));
    let reply = sign_in(&client, &[]);
    let [(_, token, attributes)] = given(&reply).try_into().unwrap();
    assert_eq!(attributes.last().unwrap(), "Secure");
    let body = reply.ok(200);
    assert_eq!(body["minifiedJwt"], json!(token));
    assert!(body["jwt"].is_string());
    let mut policy = client.world.policy();
    policy.auth.storage.clear();
    assert_eq!(client.refused_setting(policy).field, "auth.storage");
}

#[test]
fn the_cookie_is_the_session_from_init_to_logout() {
    let client = Client::new(in_cookies(|_| {}));
    // What the SDK does at its start, before anybody has signed in.
    client.send("POST", "refresh", &[], "").refused(401, None, "No jwt provided!");
    let cookie = kept(&sign_in(&client, &[]));
    client.advance(60);
    let with = |method: &str, path: &str, cookie: &str| {
        client.send(method, path, &[("cookie", cookie)], "")
    };
    with("GET", "users", &cookie).ok(200);
    let refreshed = with("POST", "refresh", &format!("theme=dark; {cookie}; b=c"));
    let [(_, token, attributes)] = given(&refreshed).try_into().unwrap();
    assert!(attributes.contains(&"Expires=Tue, 01 Jan 2030 14:01:00 GMT".to_owned()));
    assert_eq!(claims(&token)["exp"], refreshed.ok(200)["expiresAt"]);
    let logged_out = with("POST", "revoke", &cookie);
    let [(name, value, attributes)] = given(&logged_out).try_into().unwrap();
    assert_eq!((name.as_str(), value.as_str(), logged_out.status), (SESSION, "", 204));
    assert!(attributes.contains(&"Max-Age=0".to_owned()));
    assert!(attributes.contains(&"Expires=Thu, 01 Jan 1970 00:00:00 GMT".to_owned()));
    assert!(attributes.contains(&"Path=/".to_owned()), "another path would clear nothing");
    with("POST", "refresh", &cookie).unauthorized();

    let cookie = kept(&sign_in(&client, &[]));
    let deleted = with("DELETE", "users", &cookie);
    assert_eq!((deleted.status, given(&deleted)[0].1.as_str()), (204, ""));
}

#[test]
fn a_cookie_is_judged_like_a_bearer() {
    let client = Client::new(in_cookies(|_| {}));
    let cookie = kept(&sign_in(&client, &[]));
    let elsewhere = Client::of(&client.mock, "00000000-0000-4000-8000-00000000bbbb");
    let read =
        |client: &Client, cookie: &str| client.send("GET", "users", &[("cookie", cookie)], "");
    read(&elsewhere, &cookie).unauthorized();
    for bad in [format!("{SESSION}=nonsense"), format!("{cookie}x"), format!("{SESSION}=a.b.c")] {
        read(&client, &bad).unauthorized();
    }
    for none in [format!("{SESSION}="), SESSION.to_owned(), "a=b".to_owned(), ";;=".to_owned()] {
        read(&client, &none).refused(401, None, "No jwt provided!");
    }
    client.advance(7_199);
    read(&client, &cookie).ok(200);
    client.advance(1);
    read(&client, &cookie).unauthorized();
}

#[test]
fn a_bearer_stands_above_a_cookie() {
    let alice = Client::new(in_cookies(|policy| policy.auth.tokens_in_body = true));
    let cookie = kept(&sign_in(&alice, &[]));
    let mut bob = alice.clone();
    bob.sign_in("bob@example.com");
    let cookie = [("cookie", cookie.as_str())];
    assert_eq!(bob.send("GET", "users", &cookie, "").ok(200)["email"], json!("bob@example.com"));
    assert_eq!(alice.send("GET", "users", &cookie, "").ok(200)["email"], json!(ALICE));
    // A bearer that is wrong is not made good by a cookie that is right.
    bob.bearer = Some("nonsense".to_owned());
    bob.send("GET", "users", &cookie, "").unauthorized();
    let basic = [cookie[0], ("authorization", "Basic YTpi")];
    alice.send("GET", "users", &basic, "").refused(401, None, "No jwt provided!");
}

#[test]
fn a_foreign_page_cannot_ride_on_a_cookie() {
    let client = Client::new(in_cookies(|policy| {
        policy.cors_origins = vec!["https://*.example.com".to_owned()];
    }));
    let cookie = kept(&sign_in(&client, &[("origin", PAGE)]));
    let before = client.state();
    let from = |method: &str, path: &str, origin: &str| {
        let headers = [("cookie", cookie.as_str()), ("origin", origin)];
        client.send(method, path, &headers, "")
    };
    for origin in ["https://evil.example", "null", "http://app.example.com"] {
        for (method, path) in [
            ("POST", "refresh"),
            ("POST", "revoke"),
            ("DELETE", "users"),
            // This GET would register a device.
            ("GET", "users/mfa/register/totp"),
        ] {
            from(method, path, origin).refused(403, None, "Access Forbidden");
        }
        // What needs no session is none of a cookie's business.
        from("GET", "settings", origin).ok(200);
    }
    client.stays(&before);
    let noted = client.world.journal().into_iter().find(|noted| noted.status == 403).unwrap();
    assert_eq!(noted.refusal.unwrap().rule, "J16");
    let allowed = from("POST", "refresh", PAGE);
    assert_eq!(allowed.headers["access-control-allow-origin"], PAGE);
    assert_eq!(allowed.headers["access-control-allow-credentials"], "true");
    allowed.ok(200);
    client.send("POST", "refresh", &[("cookie", &cookie)], "").ok(200);

    // A link on a foreign page comes without an origin, and its browser says whence it comes.
    let linked = |site: &str, more: &[(&str, &str)]| {
        let headers = [&[("cookie", cookie.as_str()), ("sec-fetch-site", site)], more].concat();
        client.send("GET", "users/mfa", &headers, "")
    };
    linked("cross-site", &[]).refused(403, None, "Access Forbidden");
    let navigation = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    linked("cross-site", &navigation).refused(403, None, "Access Forbidden");
    for site in ["same-origin", "same-site", "none"] {
        linked(site, &navigation).ok(200);
    }
    linked("cross-site", &[("origin", PAGE)]).ok(200);
    // What needs no session is open to everybody.
    let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", "cross-site")];
    client.send("GET", "settings", &headers, "").ok(200);
    // Where no origin is set, every page is the site's own, as documented.
    let open = Client::new(in_cookies(|_| {}));
    let cookie = kept(&sign_in(&open, &[]));
    let linked = [("cookie", cookie.as_str()), ("sec-fetch-site", "cross-site")];
    open.send("GET", "users/mfa", &linked, "").ok(200);
    let headers = [("cookie", cookie.as_str()), ("origin", "https://evil.example")];
    let reply = open.send("POST", "refresh", &headers, "");
    // With credentials a browser takes no `*`.
    assert_eq!(reply.headers["access-control-allow-origin"], "https://evil.example");
    reply.ok(200);
}

#[test]
fn the_journal_masks_cookies() {
    let client = Client::new(in_cookies(|_| {}));
    let reply = sign_in(&client, &[]);
    let (_, token, _) = given(&reply).remove(0);
    client.send("GET", "users", &[("cookie", &kept(&reply))], "").ok(200);
    let masked = serde_json::to_string(&client.world.journal_after(0, false)).unwrap();
    assert!(!masked.contains(&token) && masked.contains("\"cookie\""), "{masked}");
    let open = serde_json::to_string(&client.world.journal_after(0, true)).unwrap();
    assert!(open.contains(&token));
}

#[test]
fn a_device_is_known_by_a_cookie() {
    let client = Client::new(in_cookies(|policy| policy.device_registration.required = true));
    // A new user's first device is trusted, and can be known from now on.
    let first = sign_in(&client, &[]);
    let [(_, token, _), (name, device, attributes)] = given(&first).try_into().unwrap();
    assert_eq!((name.as_str(), attributes[1].as_str()), (DEVICE, "Max-Age=34560000"));
    assert!(attributes.contains(&"HttpOnly".to_owned()));
    assert_eq!(claims(&token)["scope"], json!("user:basic"));
    assert!(claims(&token)["deviceRegistrationId"].is_string());
    assert!(!client.world.snapshot().to_string().contains(&device), "a snapshot holds digests");
    let known = format!("{DEVICE}={device}");
    let again = sign_in(&client, &[("cookie", &known)]);
    let [(_, token, _)] = given(&again).try_into().unwrap();
    assert_eq!(claims(&token)["scope"], json!("user:basic"));

    // Another browser is asked, and answers with its own cookie.
    let other = sign_in(&client, &[]);
    let jar = kept(&other);
    assert_eq!(other.ok(200)["user"]["scope"], json!("device:register"));
    let mailed = client.newest_code(ALICE);
    let answer = |jar: &str| {
        let headers = [("cookie", jar), ("x-dynamic-device-registration-token", mailed.as_str())];
        client.send("POST", "deviceRegistration", &headers, "")
    };
    let session_only = jar.split("; ").next().unwrap();
    let before = client.state();
    answer(session_only).unauthorized();
    let stolen = format!("{session_only}; {known}");
    answer(&stolen).refused(400, None, "Invalid device registration token");
    client.stays(&before);
    let registered = answer(&jar);
    assert_eq!(given(&registered).len(), 1, "the browser keeps the device's cookie");
    assert_eq!(registered.ok(200)["user"]["scope"], json!("user:basic"));
    let listed = client.send("GET", "deviceRegistrations", &[("cookie", &jar)], "").ok(200);
    let current: Vec<&Value> = listed["deviceRegistrations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|device| &device["isCurrentDevice"])
        .collect();
    assert_eq!(current, [&json!(false), &json!(true)]);
}
