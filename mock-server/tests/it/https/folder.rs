//! The CA on the disk: made once, the owner's alone, and never replaced by itself.

use mock_server::tls::TlsError;

use super::*;
use crate::holds::Folder;

const DAY: i64 = 86_400;

fn later(days: i64) -> Timestamp {
    Timestamp::from_second(now().as_second() + days * DAY).unwrap()
}

fn files(folder: &Folder) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<_> = std::fs::read_dir(&folder.0)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect();
    found.sort();
    found
}

fn problem(folder: &Folder) -> String {
    let before = files(folder);
    let error = Authority::in_folder(&folder.0, &[], now()).unwrap_err();
    assert_eq!(files(folder), before, "nothing is replaced");
    let shown = error.to_string();
    for (name, bytes) in before.iter().filter(|(name, _)| name == "ca-key.pem") {
        let text = String::from_utf8_lossy(bytes);
        for line in text.lines().filter(|line| line.len() > 20 && !line.starts_with("---")) {
            assert!(!shown.contains(line), "{name} is a secret: {shown}");
        }
    }
    shown
}

#[test]
fn a_ca_is_made_once_and_used_again() {
    let folder = Folder::new();
    let inside = Folder(folder.0.join("a/b"));
    assert!(Authority::kept_in(&inside.0, now()).unwrap().is_none());
    assert!(!inside.0.exists(), "looking makes nothing");
    let made = Authority::in_folder(&inside.0, &[], now()).unwrap();
    assert!(made.was_made && made.warnings.is_empty());
    assert_eq!(made.certificate, inside.0.join("ca.pem"));
    let before = files(&inside);
    let kept_names: Vec<&str> = before.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(kept_names, [".lock", "ca-key.pem", "ca.pem"]);
    let kept = Authority::in_folder(&inside.0, &[], now()).unwrap();
    assert!(!kept.was_made && kept.warnings.is_empty());
    assert_eq!(files(&inside), before);
    // Whoever trusted it yesterday accepts what it vouches for today.
    let pem = made.authority.certificate_pem();
    assert_eq!(kept.authority.certificate_pem(), pem);
    assert_eq!(std::fs::read_to_string(&made.certificate).unwrap(), pem);
    let server = serve(&kept.authority.vouch(&[], now()).unwrap());
    Caller::trusting(&pem).reaches(&server, "localhost").unwrap();
    let read = Authority::kept_in(&inside.0, now()).unwrap().unwrap();
    assert_eq!(read.authority.certificate_pem(), pem);
}

#[cfg(unix)]
#[test]
fn the_key_is_its_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    let inside = folder.0.join("ca");
    Authority::in_folder(&inside, &[], now()).unwrap();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&inside), mode(&inside.join("ca-key.pem"))), (0o700, 0o600));
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(inside.join("ca-key.pem"), open).unwrap();
    let kept = Authority::in_folder(&inside, &[], now()).unwrap();
    let key = inside.join("ca-key.pem").display().to_string();
    assert_eq!(kept.warnings, [format!("others can read {key}: chmod 600 {key}")]);
}

#[test]
fn who_starts_at_once_agrees_on_one() {
    let folder = Folder::new();
    let made: Vec<(String, bool)> = std::thread::scope(|scope| {
        let start = || {
            let kept = Authority::in_folder(&folder.0, &[], now()).unwrap();
            (kept.authority.certificate_pem(), kept.was_made)
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(made.iter().all(|(pem, _)| *pem == made[0].0));
    assert_eq!(made.iter().filter(|(_, was_made)| *was_made).count(), 1);
}

#[test]
fn what_is_damaged_is_named_and_left_as_it_is() {
    let folder = Folder::new();
    let other = Folder::new();
    for folder in [&folder, &other] {
        Authority::in_folder(&folder.0, &[], now()).unwrap();
    }
    let path = |name: &str| folder.0.join(name);
    let (good, key) = (files(&folder)[2].1.clone(), files(&folder)[1].1.clone());
    let mend = "put the right file back, or remove ca.pem and ca-key.pem in its folder";
    let said = |name: &str, bytes: Option<&[u8]>| {
        match bytes {
            Some(bytes) => std::fs::write(path(name), bytes).unwrap(),
            None => std::fs::remove_file(path(name)).unwrap(),
        }
        let problem = problem(&folder);
        assert!(problem.contains(mend), "{problem}");
        std::fs::write(path("ca.pem"), &good).unwrap();
        std::fs::write(path("ca-key.pem"), &key).unwrap();
        problem.replace(folder.0.to_str().unwrap(), "DIR")
    };
    let strange = std::fs::read(other.0.join("ca-key.pem")).unwrap();
    let cut = &good[..good.len() / 2];
    let twice = [&good[..], &good[..]].concat();
    for (name, bytes, problem) in [
        ("ca.pem", None, "DIR/ca-key.pem is there without ca.pem"),
        ("ca-key.pem", None, "DIR/ca.pem is there without ca-key.pem"),
        ("ca.pem", Some(&b""[..]), "DIR/ca.pem holds no certificate"),
        ("ca.pem", Some(cut), "DIR/ca.pem holds a certificate that ends in the middle"),
        ("ca.pem", Some(&twice), "DIR/ca.pem holds more than one certificate"),
        ("ca-key.pem", Some(b"secret"), "DIR/ca-key.pem holds no private key in PEM"),
        ("ca-key.pem", Some(&strange), "DIR/ca.pem is not the CA that ca-key.pem beside it is"),
    ] {
        let said = said(name, bytes);
        assert!(said.starts_with(problem), "{said}");
    }
    let garbled = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert!(said("ca.pem", Some(garbled)).starts_with("DIR/ca.pem is not the CA"));
    assert!(!Authority::in_folder(&folder.0, &[], now()).unwrap().was_made, "all is well again");
}

#[test]
fn a_ca_that_ends_says_so_before() {
    let folder = Folder::new();
    let made = |days| {
        for name in ["ca.pem", "ca-key.pem"] {
            let _ = std::fs::remove_file(folder.0.join(name));
        }
        Authority::in_folder(&folder.0, &[], later(days)).unwrap();
    };
    made(-3_660);
    assert!(problem(&folder).contains("ca.pem has expired; "));
    made(30);
    assert!(problem(&folder).contains("ca.pem is not valid yet; "));
    made(-3_630);
    let kept = Authority::in_folder(&folder.0, &[], now()).unwrap();
    assert!(kept.warnings[0].contains("ends within 30 days"), "{:?}", kept.warnings);
}

#[test]
fn a_folder_that_cannot_be_used_is_named() {
    let folder = Folder::new();
    let file = folder.write("file", "");
    let inside = std::path::Path::new(&file).join("ca");
    let error = Authority::in_folder(&inside, &[], now()).unwrap_err();
    assert!(matches!(&error, TlsError::File { .. }), "{error:?}");
    assert!(error.to_string().contains(&file), "{error}");
    std::fs::create_dir_all(folder.0.join("ca/ca.pem")).unwrap();
    std::fs::create_dir_all(folder.0.join("ca/ca-key.pem")).unwrap();
    let error = Authority::in_folder(&folder.0.join("ca"), &[], now()).unwrap_err();
    assert!(error.to_string().starts_with("cannot read "), "{error}");
}
