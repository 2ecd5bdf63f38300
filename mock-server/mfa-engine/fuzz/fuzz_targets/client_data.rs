//! Any bytes as client data: read or refused, and every origin judged.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mfa_engine::passkey::ClientData;
use mfa_engine::policy::Passkey;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = core::str::from_utf8(bytes) {
        let local = Passkey::default();
        let is_local = text.strip_prefix("http://localhost").or_else(|| text.strip_prefix("https://localhost"));
        let is_port = |rest: &str| {
            rest.is_empty()
                || rest.strip_prefix(':').is_some_and(|port| {
                    !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
                })
        };
        assert_eq!(local.allows_origin(text), is_local.is_some_and(is_port), "{text:?}");
    }
    if ClientData::parse(bytes).is_some() {
        assert!(ClientData::parse(&[bytes, b"x"].concat()).is_none(), "nothing may follow");
    }
});
