//! Bodies for operations that are named, asked for by somebody who may do anything.
//!
//! ```text
//! authMfaTotpDevice {"code":"{code}"}
//! updateSelf {"alias":"x"}
//! ```
//!
//! A name that is none stands for some operation all the same, so that no input is lost on it.

use crate::routes::{ADMIN_ROUTES, ROUTES};
use crate::scene::{Scene, WORLD, on_the_first_day, request};
use crate::spelling::spell;
use crate::story::has_webhook;

/// Lines of one input.
const LINES_MAX: usize = 8;

/// One operation as it is asked for.
struct Route {
    method: &'static str,
    path: String,
    is_of_administrators: bool,
}

/// Every body is read or refused, and every answer is whole.
pub(crate) fn bodies(input: &[u8]) {
    on_the_first_day(|scene| {
        let mut state = scene.first_day.clone();
        for line in input.split(|byte| *byte == b'\n').take(LINES_MAX) {
            let name = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
            let route = route(scene, &line[..name]);
            let body = spell(line.get(name + 1..).unwrap_or_default(), &scene.words);
            let token = match route.is_of_administrators {
                true => scene.word("admin"),
                false => scene.word("bearer"),
            };
            let authorization = format!("Bearer {token}");
            let headers = [
                ("authorization", authorization.as_str()),
                ("content-type", "application/json"),
                ("x-dyn-elevated-access-token", scene.word("elevated")),
                ("x-mfa-auth-token", scene.word("mfa")),
            ];
            scene.ask(&request(route.method, &route.path, &headers, body), &mut state);
            if has_webhook(scene) {
                break;
            }
        }
    });
}

/// The operation of a name, or of what the name adds up to.
fn route(scene: &Scene, name: &[u8]) -> Route {
    let all = || ROUTES.iter().chain(&ADMIN_ROUTES);
    let sum = name.iter().fold(0, |sum: usize, byte| sum.wrapping_mul(31) + usize::from(*byte));
    let by_name = all().position(|(.., known)| known.as_bytes() == name);
    let index = by_name.unwrap_or(sum % all().count());
    let (method, path, _) = all().nth(index).expect("it was counted");
    let is_of_administrators = index >= ROUTES.len();
    let path = path.split('/').map(|part| filled(scene, part)).collect::<Vec<_>>().join("/");
    let path = match is_of_administrators {
        true => format!("/api/v0/{path}"),
        false => scene.path(&path),
    };
    Route { method, path, is_of_administrators }
}

/// What stands in the place of a placeholder: something that is there.
fn filled<'scene>(scene: &'scene Scene, part: &'scene str) -> &'scene str {
    match part {
        "{environmentId}" => WORLD,
        "{providerType}" => "google",
        "{mfaDeviceId}" => scene.word("device"),
        "{userId}" => scene.word("user"),
        "{sessionId}" => scene.word("session"),
        "{walletId}" => scene.word("wallet"),
        "{businessAccountId}" => scene.word("account"),
        _ if part.starts_with('{') => scene.word("nobody"),
        _ => part,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_reached_with_a_path_that_exists() {
        on_the_first_day(|scene| {
            let (mut reached, mut state) = (0, scene.first_day.clone());
            for (.., name) in ROUTES.iter().chain(&ADMIN_ROUTES) {
                let route = route(scene, name.as_bytes());
                assert!(!route.path.contains('{'), "{}", route.path);
                let headers = [("authorization", "Bearer x")];
                let asked = request(route.method, &route.path, &headers, "");
                let status = scene.ask(&asked, &mut state);
                assert!(![404, 405].contains(&status), "{name}: {status}");
                reached += 1;
            }
            assert!(reached > 100);
        });
    }
}
