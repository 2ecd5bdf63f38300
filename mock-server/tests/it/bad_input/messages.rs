//! Wrong shapes of texts, external JWTs and mailed factors.

use super::{Bad, Call, MFA, VERIFY};

pub(super) const CALLS: [Call; 7] = [
    Call { method: "POST", path: "smsVerifications/create", status: 400, code: None, bad: NUMBER },
    Call {
        method: "POST",
        path: "smsVerifications/retry",
        status: 400,
        code: None,
        bad: &[
            (
                r#"{"phoneCountryCode":"1","phoneNumber":"9171113333","isoCountryCode":"US"}"#,
                "missing field `verificationUUID`",
            ),
            (
                r#"{"verificationUUID":"x","phoneCountryCode":"1","phoneNumber":"9171113333","isoCountryCode":"US"}"#,
                "verificationUUID: not a lower-case UUID",
            ),
            (
                r#"{"verificationUUID":"00000000-0000-4000-8000-00000000aaaa","phoneCountryCode":"1"}"#,
                "missing field `phoneNumber`",
            ),
        ],
    },
    Call { method: "POST", path: "smsVerifications/signin", status: 400, code: None, bad: VERIFY },
    Call { method: "POST", path: "smsVerifications/verify", status: 400, code: None, bad: VERIFY },
    Call { method: "POST", path: "externalAuth/signin", status: 400, code: None, bad: JWT },
    Call { method: "POST", path: "externalAuth/verify", status: 422, code: None, bad: JWT },
    Call {
        method: "POST",
        path: "users/mfa/auth/email",
        status: 422,
        code: MFA,
        bad: &[
            (r#"{"verificationToken":"123456"}"#, "missing field `verificationUUID`"),
            (
                r#"{"verificationUUID":"x","verificationToken":"123456"}"#,
                "verificationUUID: not a lower-case UUID",
            ),
            (
                r#"{"verificationUUID":"00000000-0000-4000-8000-00000000aaaa","verificationToken":"12345"}"#,
                "verificationToken: not six digits",
            ),
            (
                r#"{"verificationUUID":"x","verificationToken":"1","createMfaToken":{}}"#,
                "createMfaToken: missing field `singleUse`",
            ),
            (
                r#"{"verificationUUID":"x","verificationToken":"1","requestedScopes":[1]}"#,
                "requestedScopes[0]: invalid type: integer `1`, expected a string",
            ),
        ],
    },
];

const NUMBER: &[Bad] = &[
    ("{}", "missing field `phoneCountryCode`"),
    (r#"{"phoneCountryCode":"1","isoCountryCode":"US"}"#, "missing field `phoneNumber`"),
    (r#"{"phoneCountryCode":"1","phoneNumber":"9171113333"}"#, "missing field `isoCountryCode`"),
    (
        r#"{"phoneCountryCode":1,"phoneNumber":"9171113333","isoCountryCode":"US"}"#,
        "phoneCountryCode: invalid type: integer `1`, expected a string",
    ),
    (
        r#"{"phoneCountryCode":"1","phoneNumber":9171113333,"isoCountryCode":"US"}"#,
        "phoneNumber: invalid type: integer `9171113333`, expected a string",
    ),
    (
        r#"{"phoneCountryCode":"1","phoneNumber":"9171113333","isoCountryCode":null}"#,
        "isoCountryCode: invalid type: null, expected a string",
    ),
];

const JWT: &[Bad] = &[
    (r#"{"jwt":5}"#, "jwt: invalid type: integer `5`, expected a string"),
    (r#"{"jwt":{}}"#, "jwt: invalid type: map, expected a string"),
    (
        r#"{"jwt":"a.b.c","sessionPublicKey":1}"#,
        "sessionPublicKey: invalid type: integer `1`, expected a string",
    ),
];
