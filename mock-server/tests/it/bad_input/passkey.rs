//! Wrong shapes of the bodies about passkeys.

use super::{Bad, Call, MFA};

/// The calls about passkeys that take a body.
pub(super) const CALLS: &[Call] = &[
    Call { method: "POST", path: "users/passkeys/register", status: 400, code: None, bad: CREATED },
    Call { method: "POST", path: "users/passkeys/signin", status: 400, code: None, bad: ASSERTED },
    Call { method: "POST", path: "users/mfa/auth/passkey", status: 422, code: MFA, bad: ASSERTED },
    Call {
        method: "POST",
        path: "users/mfa/register/passkey",
        status: 422,
        code: MFA,
        bad: &[
            (r#"{"id":"x"}"#, "missing field `attestation`"),
            (r#"{"attestation":{}}"#, "attestation: missing field `id`"),
            (
                r#"{"id":"x","attestation":{"id":"AA","rawId":"AA","type":"public-key","clientExtensionResults":{},"response":{"clientDataJSON":"AA","attestationObject":"AA"}}}"#,
                "id: not a lower-case UUID",
            ),
        ],
    },
    Call {
        method: "PUT",
        path: "users/passkeys",
        status: 422,
        code: None,
        bad: &[("{}", "missing field `id`"), (r#"{"id":"x"}"#, "id: not a lower-case UUID")],
    },
    Call {
        method: "DELETE",
        path: "users/passkeys",
        status: 422,
        code: None,
        bad: &[
            ("{}", "missing field `passkeyId`"),
            (r#"{"passkeyId":"x"}"#, "passkeyId: not a lower-case UUID"),
        ],
    },
];

const CREATED: &[Bad] = &[
    ("{}", "missing field `id`"),
    (r#"{"id":"AA"}"#, "missing field `rawId`"),
    (r#"{"id":"AA","rawId":"AA","response":{}}"#, "response: missing field `clientDataJSON`"),
    (
        r#"{"id":"AA","rawId":"AA","response":{"clientDataJson":"AA"}}"#,
        "response: missing field `attestationObject`",
    ),
];

const ASSERTED: &[Bad] = &[
    ("{}", "missing field `id`"),
    (r#"{"id":"AA","rawId":"AA"}"#, "missing field `response`"),
    (
        r#"{"id":"AA","rawId":"AA","response":{"clientDataJSON":"AA"}}"#,
        "response: missing field `authenticatorData`",
    ),
    (r#"{"id":"AA","assertion":{}}"#, "assertion: missing field `id`"),
];
