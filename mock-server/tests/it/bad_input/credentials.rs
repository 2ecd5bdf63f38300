//! Bodies about wallets, linking and social accounts that are wrong.

use super::{Bad, Call};

pub(super) const CALLS: &[Call] = &[
    Call { method: "POST", path: "verify", status: 400, code: None, bad: WALLET },
    Call { method: "POST", path: "wallets/signin", status: 400, code: None, bad: WALLET },
    Call { method: "POST", path: "wallets/verify", status: 400, code: None, bad: WALLET },
    Call { method: "POST", path: "verify/link", status: 400, code: None, bad: WALLET },
    Call { method: "POST", path: "verify/transfer", status: 400, code: None, bad: WALLET },
    Call {
        method: "POST",
        path: "verify/unlink",
        status: 400,
        code: None,
        bad: &[(r#"{"walletId":1}"#, "walletId: invalid type: integer `1`, expected a string")],
    },
    Call {
        method: "POST",
        path: "verify/merge",
        status: 400,
        code: None,
        bad: &[(
            r#"{"mergeUserResolutions":[{"userId":"x","type":"standard"}]}"#,
            "mergeUserResolutions[0]: missing field `fieldKey`",
        )],
    },
    Call {
        method: "POST",
        path: "providers/google/signIn",
        status: 400,
        code: None,
        bad: &[
            ("{}", "missing field `state`"),
            (r#"{"state":1}"#, "state: invalid type: integer `1`, expected a string"),
        ],
    },
    Call {
        method: "POST",
        path: "providers/google/initAuth",
        status: 400,
        code: None,
        bad: &[("{}", "missing field `state`")],
    },
];

const WALLET: &[Bad] = &[
    ("{}", "missing field `signedMessage`"),
    (r#"{"signedMessage":"x"}"#, "missing field `messageToSign`"),
    (
        r#"{"signedMessage":"x","messageToSign":"x","publicWalletAddress":"","chain":"EVM","walletName":"x","walletProvider":"qrCode"}"#,
        "publicWalletAddress: not 1 to 255 characters",
    ),
    (
        r#"{"signedMessage":"x","messageToSign":"x","publicWalletAddress":"x","chain":"EVM","walletName":"","walletProvider":"qrCode"}"#,
        "walletName: not 1 to 255 characters",
    ),
    (r#"{"signedMessage":1}"#, "signedMessage: invalid type: integer `1`, expected a string"),
];
