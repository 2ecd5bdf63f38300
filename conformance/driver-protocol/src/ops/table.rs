//! The table of the ops.

use super::{Field, Form, Op, Standing};

/// Every op of MDP/1, in the order in which people should read them.
pub const OPS: &[Op] = &[
    mandatory("hello", "say who is there and what the SDK can do", HELLO, GREETING),
    mandatory("bye", "answer and end the process with status 0", &[], &[]),
    mandatory("client.new", "make an SDK client and initialise it", CLIENT, INSTANCE),
    mandatory("client.close", "let go of a client", &[], &[]),
    mandatory("state.get", "tell the SDK's own session state without a request", &[], STATE),
    capability("auth.email_start", "send a code to an e-mail address", EMAIL, VERIFICATION),
    capability(
        "auth.email_verify",
        "sign in, or re-authenticate, with the code from the mail",
        EMAIL_CODE,
        &[],
    ),
    capability("auth.refresh", "renew the session token", &[], &[]),
    capability("auth.logout", "end the session", &[], &[]),
    capability("client.restart", "make a new SDK object over the same storage and keys", &[], &[]),
    capability(
        "state.stored",
        "show all that the SDK has stored for itself, as it is stored; no request",
        &[],
        STORED,
    ),
    capability("user.get", "fetch the user anew", &[], USER),
    capability("user.update", "change fields of the user", USER_FIELDS, &[]),
    capability("user.delete", "delete the user", &[], &[]),
    capability(
        "totp.register",
        "begin a TOTP device: id, secret and otpauth address",
        &[],
        TOTP_DEVICE,
    ),
    capability("totp.confirm", "confirm a new TOTP device by its own call", &[CODE], DEVICE),
    capability("totp.auth", "authenticate with a TOTP code", TOTP_PROOF, HELD_TOKEN),
    capability("passkey.register", "make a passkey and register it", &[], &[]),
    capability(
        "passkey.auth",
        "authenticate with a passkey as second factor",
        &[SCOPES, TOKEN_WISH],
        HELD_TOKEN,
    ),
    capability("passkey.sign_in", "sign in with a passkey alone", &[], &[]),
    capability("passkey.list", "list the passkeys", &[], &[PASSKEYS]),
    capability("passkey.delete", "delete a passkey", &[ID], &[]),
    capability("device.list", "list the MFA devices", &[], &[DEVICES]),
    capability("device.get", "fetch one MFA device", &[ID], DEVICE),
    capability("device.set_default", "make a device the default", &[ID], &[]),
    capability("device.delete", "delete a device", DELETION, &[]),
    capability("mfa.methods", "list verified devices and passkeys", &[], METHODS),
    capability("mfa.missing", "tell whether the session still lacks MFA", &[], MISSING),
    capability("mfa.required_for_action", "tell whether an action needs MFA", ACTION, &[REQUIRED]),
    capability("mfa_token.take", "take the held MFA token out of the SDK", &[], HELD_TOKEN),
    capability(
        "stepup.check",
        "tell whether a scope needs step-up, and with which credentials",
        &[SCOPE],
        STEP_UP,
    ),
    capability("stepup.peek", "show the held elevated token of a scope", &[SCOPE], ELEVATED),
    capability("stepup.take", "use the held elevated token of a scope", &[SCOPE], ELEVATED),
    capability("recovery.list", "fetch the recovery codes", &[], CODES),
    capability("recovery.rotate", "replace the recovery codes", &[], CODES),
    capability(
        "recovery.auth",
        "authenticate with a recovery code",
        &[CODE, SCOPES, TOKEN_WISH],
        HELD_TOKEN,
    ),
    capability("recovery.ack", "tell the service that the codes were kept", &[], &[]),
    capability("recovery.pending", "tell whether that acknowledgement is owed", &[], PENDING),
];

const fn mandatory(
    name: &'static str,
    meaning: &'static str,
    args: &'static [Field],
    returns: &'static [Field],
) -> Op {
    Op { name, standing: Standing::Mandatory, meaning, args, returns }
}

const fn capability(
    name: &'static str,
    meaning: &'static str,
    args: &'static [Field],
    returns: &'static [Field],
) -> Op {
    Op { name, standing: Standing::Capability, meaning, args, returns }
}

const CODE: Field = Field::of("code", Form::Text, "the code, as a person would type it");
const ID: Field = Field::of("id", Form::Text, "id of the device or passkey");
const SCOPE: Field = Field::of("scope", Form::Text, "the scope, such as `credential:link`");
const SCOPES: Field =
    Field::may("scopes", Form::Texts, "scopes of the elevated token to ask for; absent: none");
const TOKEN_WISH: Field = Field::may(
    "mfa_token",
    Form::Object,
    "`{\"single_use\": boolean}`, the MFA token to ask for; absent: none",
);
const DEVICES: Field = Field::of(
    "devices",
    Form::Objects,
    "each `{id, type, verified, default, verified_at}`, as the SDK says",
);
const PASSKEYS: Field = Field::of("passkeys", Form::Objects, "each with at least its `id`");
const REQUIRED: Field = Field::of("required", Form::Flag, "the SDK's answer");

const HELLO: &[Field] = &[
    Field::of("mdp", Form::Integers, "protocol versions that the runner speaks"),
    Field::of("suite", Form::Object, "`{name, version}` of who asks"),
    Field::of("run", Form::Text, "name of the run, for logs"),
    Field::of("seed", Form::Integer, "seed of the run, for a driver with chance of its own"),
    Field::of("now_ms", Form::Integer, "the runner's time, in milliseconds since 1970"),
    Field::of("ops", Form::Texts, "every op that the runner may send"),
];
const GREETING: &[Field] = &[
    Field::of("mdp", Form::Integer, "the version that the driver chose: 1"),
    Field::of("driver", Form::Object, "`{name, version}` of the driver"),
    Field::of("sdk", Form::Object, "`{name, version, package, platform, language}`, all strings"),
    Field::of("guides", Form::Texts, "guides of the product that the SDK claims to follow"),
    Field::of("caps", Form::Object, "what the SDK can do, by op"),
    Field::of("clock", Form::Object, "`{now_ms, injectable}`: the SDK's time, and can it be set"),
    Field::of("limits", Form::Object, "`{instances, inflight}`, each at least 1"),
    Field::of("errors", Form::Text, "how the SDK tells errors apart: `typed`, `code`, `message`"),
    Field::of("passkey", Form::Text, "who plays authenticator: `harness`, `platform`, `none`"),
    Field::of("storage", Form::Text, "where the SDK keeps its state: `memory`, `disk`"),
    Field::of("restart", Form::Text, "may a client be made anew: `none`, `case`, `run`"),
];
const CLIENT: &[Field] = &[
    Field::of("environment_id", Form::Text, "the environment, 36 characters; unchanged"),
    Field::of("base_url", Form::Text, "where the API is, ending in `/api/v0`; unchanged"),
    Field::of("origin", Form::Text, "the site on whose behalf the SDK acts"),
];
const INSTANCE: &[Field] =
    &[Field::of("inst", Form::Text, "the driver's name for this client; later requests carry it")];
const STATE: &[Field] = &[
    Field::of("authenticated", Form::Flag, "is somebody signed in?"),
    Field::of("user_id", Form::TextOrNull, "who"),
    Field::of("scopes", Form::Texts, "scopes of the session"),
    Field::of("mfa_pending", Form::Flag, "does the session still lack MFA?"),
    Field::of("recovery_ack_pending", Form::Flag, "is the acknowledgement of the codes owed?"),
    Field::of("token", Form::TextOrNull, "the session token that the SDK holds"),
    Field::of("token_exp", Form::IntegerOrNull, "when it expires, in seconds since 1970"),
    Field::of("mfa_token", Form::TextOrNull, "the MFA token that the SDK holds"),
];
const STORED: &[Field] = &[Field::of("items", Form::Texts, "each stored value, as text")];
const EMAIL: &[Field] = &[Field::of("email", Form::Text, "the address")];
const VERIFICATION: &[Field] = &[
    Field::of("email", Form::Text, "the address, as the SDK repeats it"),
    Field::of("verification_id", Form::Text, "what the service calls this verification"),
];
const EMAIL_CODE: &[Field] = &[
    CODE,
    SCOPES,
    Field::may(
        "allow_new_mfa_linking",
        Form::Flag,
        "passed on if present: may a first device be added without a proof?",
    ),
];
const USER: &[Field] = &[Field::of("user", Form::Object, "the user, as the SDK gives it")];
const USER_FIELDS: &[Field] =
    &[Field::of("fields", Form::Object, "fields of the user and their new values")];
const TOTP_DEVICE: &[Field] = &[
    Field::of("device_id", Form::Text, "id of the device"),
    Field::of("secret", Form::Text, "its secret, in base32"),
    Field::of("uri", Form::Text, "its `otpauth:` address"),
];
const DEVICE: &[Field] = &[Field::of(
    "device",
    Form::Object,
    "`{id, type, verified, default, verified_at}`, as the SDK says",
)];
const TOTP_PROOF: &[Field] = &[
    CODE,
    Field::may("device_id", Form::Text, "the device to use; absent: the SDK's choice"),
    SCOPES,
    TOKEN_WISH,
];
const HELD_TOKEN: &[Field] =
    &[Field::of("mfa_token", Form::TextOrNull, "the MFA token that the SDK gave")];
const DELETION: &[Field] =
    &[ID, Field::may("mfa_token", Form::Text, "the MFA token to prove it with; absent: none")];
const METHODS: &[Field] =
    &[DEVICES, PASSKEYS, Field::of("has_verified", Form::Flag, "is there a verified method?")];
const MISSING: &[Field] = &[Field::of("missing", Form::Flag, "the SDK's answer")];
const ACTION: &[Field] =
    &[Field::of("action", Form::Text, "the action, such as `wallet.waas.export`")];
const STEP_UP: &[Field] = &[
    REQUIRED,
    Field::of("credentials", Form::Objects, "what would do, as the SDK lists it"),
    Field::of("default_credential_id", Form::TextOrNull, "the one to offer first"),
];
const ELEVATED: &[Field] = &[Field::of("token", Form::TextOrNull, "the elevated token")];
const CODES: &[Field] = &[
    Field::of("count", Form::Integer, "how many there are"),
    Field::of("codes", Form::Texts, "the codes"),
];
const PENDING: &[Field] = &[Field::of("pending", Form::Flag, "the SDK's answer")];
