//! The table of sins, by name.

use super::{Act, Sabotage};

/// One row is the deed, its name, the requirement that it breaks, and the sin as a sentence.
macro_rules! sins {
    ($deeds:ident of $sins:ident: $($deed:ident = $name:literal breaks $breaks:literal: $sin:literal $($dies:ident)?;)*) => {
        /// The place in the SDK where a sin is committed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $deeds {
            $($deed),*
        }

        /// Its sins, by name.
        pub const $sins: &[Sabotage] = &[$(Sabotage {
            name: $name,
            sin: $sin,
            breaks: $breaks,
            dies: sins!(@ $($dies)?),
            deed: Act::$deeds($deeds::$deed),
        }),*];
    };
    (@) => { false };
    (@ dies) => { true };
}

pub(super) use sins;

sins! {
    Deed of SABOTAGES:

    AcknowledgeLocally = "acknowledge-locally" breaks "MFA-REC-013":
        "Acknowledges the recovery codes in its own memory only.";
    AllMethods = "all-methods" breaks "MFA-DEV-030":
        "Takes unverified devices for methods.";
    AlwaysAskForMfaToken = "always-ask-for-mfa-token" breaks "MFA-TOK-001":
        "Asks for an MFA token that nobody wanted.";
    AskForMethodsAlways = "ask-for-methods-always" breaks "MFA-ACT-060":
        "Asks for the user's methods also where the settings alone decide.";
    AskTheUnenrolled = "ask-the-unenrolled" breaks "MFA-ACT-005":
        "Asks also a user for MFA who has no method, where it is optional.";
    AskWithoutCredentials = "ask-without-credentials" breaks "MFA-PK-005":
        "Asks the authenticator although the user has no passkey.";
    AttachMfaTokenEverywhere = "attach-mfa-token-everywhere" breaks "MFA-TOK-003":
        "Sends a held MFA token as a header of every call.";
    BearerGivesWay = "bearer-gives-way" breaks "MFA-STEP-008":
        "Leaves the bearer token out where it sends an elevated one.";
    CacheDeviceList = "cache-device-list" breaks "MFA-DEV-001":
        "Answers the second device list from memory.";
    CachePasskeyList = "cache-passkey-list" breaks "MFA-PK-033":
        "Answers the second list of passkeys from memory.";
    CacheRecoveryCodes = "cache-recovery-codes" breaks "MFA-REC-004":
        "Answers the second list of recovery codes from memory.";
    CacheStepUpChecks = "cache-step-up-checks" breaks "MFA-STEP-017":
        "Answers the second check of a scope from memory.";
    CancelAsServerError = "cancel-as-server-error" breaks "MFA-PK-008":
        "Reports a cancelled passkey as a failure of the service.";
    CheckAlwaysRequired = "check-always-required" breaks "MFA-STEP-017":
        "Says that a step-up is required without asking.";
    CheckSpendsToken = "check-spends-token" breaks "MFA-STEP-018":
        "Uses up a single-use token by a step-up check.";
    CodeAsNumber = "code-as-number" breaks "MFA-TOTP-030":
        "Reads a TOTP code as a number and so loses its leading zeros.";
    CrashWithoutErrorText = "crash-without-error-text" breaks "MFA-NET-003":
        "Dies of a refusal whose body has no text for the error." dies;
    CreatedForVerified = "created-for-verified" breaks "MFA-DEV-002":
        "Shows when a device was created as the time of its verification.";
    CutRecoveryCode = "cut-recovery-code" breaks "MFA-REC-002":
        "Sends only the first eight letters of a recovery code.";
    CutSecret = "cut-secret" breaks "MFA-TOTP-001":
        "Hands out the TOTP secret without its last letter.";
    DefaultUpsideDown = "default-upside-down" breaks "MFA-DEV-003":
        "Shows every device as default but the one that is.";
    DeletePasskeyWithoutMfaToken = "delete-passkey-without-mfa-token" breaks "MFA-PK-007":
        "Deletes a passkey without the MFA token that it holds.";
    DeleteUserWithoutElevation = "delete-user-without-elevation" breaks "MFA-STEP-067":
        "Deletes the user without the elevated token that it holds.";
    DeleteUserWithoutMfaToken = "delete-user-without-mfa-token" breaks "MFA-TOK-060":
        "Deletes the user without the MFA token that it holds.";
    DoubleRegisterOnRetry = "double-register-on-retry" breaks "MFA-NET-002":
        "Sends a failed POST or registration a second time by itself.";
    DropAllowList = "drop-allow-list" breaks "MFA-PK-032":
        "Does not tell the authenticator which passkeys are allowed.";
    DropApiVersion = "drop-api-version" breaks "MFA-NET-031":
        "Does not say which version of the API it speaks.";
    DropDefaultCredential = "drop-default-credential" breaks "MFA-STEP-017":
        "Does not say which credential of a step-up check is the default.";
    DropDeviceId = "drop-device-id" breaks "MFA-TOTP-012":
        "Authenticates without the device that the application named.";
    DropLastRecoveryCode = "drop-last-recovery-code" breaks "MFA-REC-001":
        "Shows all recovery codes but the last.";
    DropMfaTokenHeader = "drop-mfa-token-header" breaks "MFA-TOK-002":
        "Leaves the given MFA token out of a device deletion.";
    DropPasskeyTokenWish = "drop-passkey-token-wish" breaks "MFA-PK-013":
        "Does not pass on the wish for an MFA token with a passkey.";
    DropRawId = "drop-raw-id" breaks "MFA-PK-031":
        "Leaves the raw id out of the credential that it posts.";
    DropSessionKey = "drop-session-key" breaks "MFA-SEC-004":
        "Does not announce the public key of the session.";
    EndlessElevation = "endless-elevation" breaks "MFA-STEP-061":
        "Takes an elevated token without an end for one that never ends.";
    EveryNamedAction = "every-named-action" breaks "MFA-ACT-002":
        "Takes every action in the settings for a protected one.";
    EveryTokenSingleUse = "every-token-single-use" breaks "MFA-STEP-010":
        "Forgets also a time-bound token once it was used.";
    EverybodyOwes = "everybody-owes" breaks "MFA-SES-002":
        "Says that MFA is owed by users whom nothing asks for it.";
    FailWithoutMfaToken = "fail-without-mfa-token" breaks "MFA-TOK-061":
        "Reports an authentication as failed that brought no MFA token.";
    FetchSettingsOnRestart = "fetch-settings-on-restart" breaks "MFA-NET-062":
        "Fetches the settings again although its storage holds them with a live session.";
    FetchSettingsTwice = "fetch-settings-twice" breaks "MFA-NET-060":
        "Asks for the settings twice when it starts.";
    FetchUserForPredicates = "fetch-user-for-predicates" breaks "MFA-NET-001":
        "Fetches the user to tell what it knows already.";
    FetchUserForState = "fetch-user-for-state" breaks "MFA-NET-001":
        "Fetches the user to show its own state.";
    FirstDeviceForAny = "first-device-for-any" breaks "MFA-DEV-004":
        "Answers with the first of the list, whatever id is asked for.";
    FirstScopeOnly = "first-scope-only" breaks "MFA-STEP-005":
        "Holds a token for the first of its scopes only.";
    FirstVerificationWins = "first-verification-wins" breaks "MFA-SES-008":
        "Verifies every e-mail code against the first mail that it asked for.";
    ForgetActions = "forget-actions" breaks "MFA-ACT-001":
        "Says of every action that it needs no MFA.";
    ForgetMfaTokenOnRefusal = "forget-mfa-token-on-refusal" breaks "MFA-ERR-060":
        "Drops the MFA token when any call is refused.";
    ForgetSessionOnRefusedCode = "forget-session-on-refused-code" breaks "MFA-SES-008":
        "Signs the user out whose new proof of the address was refused.";
    ForgetSessionOnRestart = "forget-session-on-restart" breaks "MFA-SES-006":
        "Starts signed out although its storage holds a session.";
    FullTokenAsBearer = "full-token-as-bearer" breaks "MFA-JWT-003":
        "Sends the token that is for the client's eyes as its bearer.";
    GenericErrorForInvalidCode = "generic-error-for-invalid-code" breaks "MFA-TOTP-016":
        "Reports a wrong code as any other failure.";
    GroupDigits = "group-digits" breaks "MFA-TOTP-STD-01":
        "Sends a code in two groups, as authenticator apps show it.";
    HeldMfaTokenBesideElevated = "held-mfa-token-beside-elevated" breaks "MFA-STEP-030":
        "Adds the held MFA token to a deletion that an elevated token pays for.";
    HideMfaToken = "hide-mfa-token" breaks "MFA-TOK-001":
        "Does not hand over the MFA token of the answer.";
    HideUnverified = "hide-unverified" breaks "MFA-DEV-001":
        "Leaves unverified devices out of the list.";
    HoldWhatWasAsked = "hold-what-was-asked" breaks "MFA-STEP-060":
        "Takes every scope that it asked for as granted.";
    IgnoreCookieSession = "ignore-cookie-session" breaks "MFA-SES-060":
        "Does not ask whether a cookie holds a session.";
    IgnorePendingCodes = "ignore-pending-codes" breaks "MFA-REC-012":
        "Says that no acknowledgement is owed while it is.";
    IgnoreRequestedScopes = "ignore-requested-scopes" breaks "MFA-STEP-005":
        "Does not tell the service which scopes the application asked for.";
    IgnoreRequiresAdditionalAuth = "ignore-requires-additional-auth" breaks "MFA-JWT-008":
        "Says that no MFA is missing while the session still owes it.";
    IgnoreSessionEnd = "ignore-session-end" breaks "MFA-SES-007":
        "Presents the user as signed in after the time of the session.";
    IgnoreUnreadableElevation = "ignore-unreadable-elevation" breaks "MFA-STEP-062":
        "Takes an answer for good whose elevated token it could not read.";
    InsistOnElevation = "insist-on-elevation" breaks "MFA-DEV-010":
        "Deletes no device without an elevated token, whatever MFA token is given.";
    InsistOnMfaToken = "insist-on-mfa-token" breaks "MFA-DEV-011":
        "Deletes no device without an MFA token, whatever elevated token is held.";
    InvalidCodeOnlyUnder422 = "invalid-code-only-under-422" breaks "MFA-ERR-002":
        "Recognises a wrong code under the status 422 only.";
    KeepBearerAfterLogout = "keep-bearer-after-logout" breaks "MFA-SEC-005":
        "Goes on sending the bearer token of the session that it ended.";
    KeepElevatedAfterLogout = "keep-elevated-after-logout" breaks "MFA-SES-004":
        "Keeps elevated tokens over a logout.";
    KeepExpiredToken = "keep-expired-token" breaks "MFA-STEP-011":
        "Hands out an elevated token after its time.";
    KeepOldExpiry = "keep-old-expiry" breaks "MFA-SES-030":
        "Ends the session at the time of the first token, refreshed or not.";
    KeepOlderToken = "keep-older-token" breaks "MFA-STEP-031":
        "Keeps the older of two tokens for the same scopes.";
    KeepProofsOfAnother = "keep-proofs-of-another" breaks "MFA-STEP-066":
        "Keeps the proofs of the user before when somebody else signs in.";
    KeepSessionAfterDeletion = "keep-session-after-deletion" breaks "MFA-SES-031":
        "Stays signed in as the user who was just deleted.";
    KeepSessionAfterLogout = "keep-session-after-logout" breaks "MFA-SES-004":
        "Keeps user and tokens after a logout.";
    KeepUnrevokedSession = "keep-unrevoked-session" breaks "MFA-SES-063":
        "Stays signed in when the service could not be told of a logout.";
    KindByStatus = "kind-by-status" breaks "MFA-ERR-002":
        "Takes every 422 for a wrong code.";
    LeakSecretToLog = "leak-secret-to-log" breaks "MFA-SEC-001":
        "Writes the TOTP secret into its log.";
    LeaveWithoutReason = "leave-without-reason" breaks "MFA-SES-062":
        "Ends sessions without saying why.";
    ListingAcknowledges = "listing-acknowledges" breaks "MFA-REC-031":
        "Takes the codes for acknowledged as soon as they were shown.";
    LogoutWithoutRevoke = "logout-without-revoke" breaks "MFA-SES-004":
        "Logs out without telling the service.";
    LongestLifeWins = "longest-life-wins" breaks "MFA-SES-064":
        "Keeps the later end of a session when a refresh brings an earlier one.";
    LoseBearerToSilence = "lose-bearer-to-silence" breaks "MFA-SES-067":
        "Drops the session token when an answer brings no other.";
    LoseElevatedOnRestart = "lose-elevated-on-restart" breaks "MFA-SES-006":
        "Does not store elevated tokens.";
    LoseUnknownCodes = "lose-unknown-codes" breaks "MFA-TOTP-018":
        "Drops the code of every refusal that it has no class for.";
    LowerCaseRecovery = "lower-case-recovery" breaks "MFA-REC-030":
        "Sends a recovery code in lower case.";
    LowerCaseSecretInUri = "lower-case-secret-in-uri" breaks "MFA-TOTP-002":
        "Writes the secret into the otpauth address in lower case.";
    MadeUpNonces = "made-up-nonces" breaks "MFA-SEC-003":
        "Signs nonces that it made up.";
    MakeUpDeviceId = "make-up-device-id" breaks "MFA-TOTP-012":
        "Names a device of its own where the application named none.";
    MethodsAreDevices = "methods-are-devices" breaks "MFA-PK-009":
        "Says that a user whose only method is a passkey has none.";
    MfaTokenAlwaysSingleUse = "mfa-token-always-single-use" breaks "MFA-TOK-001":
        "Asks for a single use although the application wanted many.";
    MfaTokenInWrongHeader = "mfa-token-in-wrong-header" breaks "MFA-TOK-002":
        "Sends the MFA token in a header of another name.";
    MissingByDevices = "missing-by-devices" breaks "MFA-JWT-008":
        "Concludes from the user's devices whether the session owes MFA.";
    MissingMeansNo = "missing-means-no" breaks "MFA-STEP-064":
        "Takes a step-up check that does not say whether for a no.";
    MuteWithoutError = "mute-without-error" breaks "MFA-ERR-061":
        "Does not hand on the words of a refusal that has no text `error`.";
    NestedErrorsOnly = "nested-errors-only" breaks "MFA-ERR-003":
        "Looks for the code of a refusal in an object, where only one kind has it.";
    NetworkAsServerError = "network-as-server-error" breaks "MFA-NET-030":
        "Reports a call without an answer as one that the service refused.";
    NeverRefillNonces = "never-refill-nonces" breaks "MFA-SEC-003":
        "Fails signed calls for ever once its first nonces are used up.";
    NewDeviceKeyAfterLogout = "new-device-key-after-logout" breaks "MFA-SEC-004":
        "Becomes another device with each logout.";
    NoncesBeforeSettings = "nonces-before-settings" breaks "MFA-NET-061":
        "Asks for nonces before it knows the settings.";
    NumberAsCode = "number-as-code" breaks "MFA-ERR-003":
        "Takes a number in the place of the code for a kind of MFA error.";
    OneAttemptAtStart = "one-attempt-at-start" breaks "MFA-NET-033":
        "Gives up its start when the settings fail once.";
    OneSpellingForClientData = "one-spelling-for-client-data" breaks "MFA-PK-030":
        "Spells the client data of a registration as in an assertion.";
    OneTokenAtATime = "one-token-at-a-time" breaks "MFA-STEP-063":
        "Forgets every elevated token as soon as it gets another.";
    OnlyTheEnrolledOwe = "only-the-enrolled-owe" breaks "MFA-SES-003":
        "Says that a user without a device owes no MFA, also where it is required.";
    OptionsWithElevation = "options-with-elevation" breaks "MFA-PK-010":
        "Sends the elevated token also when it only asks for options.";
    OwnUserVerification = "own-user-verification" breaks "MFA-PK-032":
        "Asks the authenticator for no user verification, whatever the service wants.";
    PadCredentialId = "pad-credential-id" breaks "MFA-PK-001":
        "Posts the id of a new passkey with the padding that base64url leaves out.";
    PasskeyAnswerNotApplied = "passkey-answer-not-applied" breaks "MFA-PK-003":
        "Keeps the session as it was although the passkey was accepted.";
    PasskeySignInNotApplied = "passkey-sign-in-not-applied" breaks "MFA-PK-014":
        "Stays signed out although a passkey signed in.";
    PasskeyWithoutScopes = "passkey-without-scopes" breaks "MFA-PK-006":
        "Does not pass on the scopes that were asked for with a passkey.";
    PeekSpendsToken = "peek-spends-token" breaks "MFA-STEP-009":
        "Uses up a single-use token by looking at it.";
    PretendAfterHalfAnswer = "pretend-after-half-answer" breaks "MFA-NET-003":
        "Takes an answer that it could not read for a success.";
    PretendToAcknowledge = "pretend-to-acknowledge" breaks "MFA-REC-013":
        "Does not send the acknowledgement of the recovery codes.";
    PretendToChoose = "pretend-to-choose" breaks "MFA-DEV-003":
        "Says that the default was changed and asks nobody to.";
    PretendToDelete = "pretend-to-delete" breaks "MFA-DEV-013":
        "Says that a device was deleted although there was no proof to send.";
    RateLimitOnlyUnder429 = "rate-limit-only-under-429" breaks "MFA-ERR-002":
        "Recognises the rate limit under the status 429 only.";
    ReauthenticateBySigningIn = "reauthenticate-by-signing-in" breaks "MFA-STEP-003":
        "Signs in anew where a signed-in user proves the address.";
    RecoveryAsksForAToken = "recovery-asks-for-a-token" breaks "MFA-REC-030":
        "Asks for an MFA token with every recovery code.";
    RecoveryWithoutScopes = "recovery-without-scopes" breaks "MFA-REC-006":
        "Does not pass on the scopes that were asked for with a recovery code.";
    RefreshAfter401 = "refresh-after-401" breaks "MFA-NET-002":
        "Refreshes the session after a 401 and sends the call again.";
    RefreshForgetsMfaToken = "refresh-forgets-mfa-token" breaks "MFA-TOK-030":
        "Drops the MFA token when an answer brings no other.";
    RefusalAsClientError = "refusal-as-client-error" breaks "MFA-STEP-021":
        "Reports a 403 of the service as an error of its own.";
    RegisterPasskeyWithoutToken = "register-passkey-without-token" breaks "MFA-PK-010":
        "Registers a passkey without the elevated token that it holds.";
    RegisterTotpWithoutToken = "register-totp-without-token" breaks "MFA-STEP-001":
        "Registers a device without the elevated token that it holds.";
    RegistrationNotApplied = "registration-not-applied" breaks "MFA-PK-002":
        "Keeps the session as it was although a passkey was registered.";
    RememberMfa = "remember-mfa" breaks "MFA-SES-001":
        "Says of every later session that its MFA is done.";
    RepeatSlowCalls = "repeat-slow-calls" breaks "MFA-NET-063":
        "Sends a call again whose answer was late.";
    RequestScopesAtSignIn = "request-scopes-at-sign-in" breaks "MFA-SES-061":
        "Asks for scopes while signing in, where there is nothing to elevate.";
    RetryAfter429 = "retry-after-429" breaks "MFA-NET-002":
        "Sends a call again that was answered with 429.";
    RetryPostAfter5xx = "retry-post-after-5xx" breaks "MFA-NET-002":
        "Sends a POST again that was answered with 5xx.";
    ReuseChallenge = "reuse-challenge" breaks "MFA-PK-004":
        "Hands the authenticator the challenge of the ceremony before.";
    ReuseNonce = "reuse-nonce" breaks "MFA-SEC-003":
        "Signs several requests with the same nonce.";
    ReuseSingleUseToken = "reuse-single-use-token" breaks "MFA-STEP-009":
        "Keeps a single-use elevated token after it was used.";
    ReverseCredentials = "reverse-credentials" breaks "MFA-STEP-017":
        "Lists the credentials of a step-up check the other way round.";
    ReviveEndedSession = "revive-ended-session" breaks "MFA-SES-065":
        "Ends a session in the middle of a call and lets the late answer bring it back.";
    RotateReadsOnly = "rotate-reads-only" breaks "MFA-REC-005":
        "Reads the recovery codes where it should make new ones.";
    RotateShowsOldCodes = "rotate-shows-old-codes" breaks "MFA-REC-005":
        "Makes new recovery codes and shows the old ones.";
    SameErrorForRateLimit = "same-error-for-rate-limit" breaks "MFA-TOTP-017":
        "Reports too many attempts as one more wrong code.";
    SameSessionKeyAfterLogout = "same-session-key-after-logout" breaks "MFA-SEC-004":
        "Uses the session's key pair for the next session, too.";
    ScopeAsOneWord = "scope-as-one-word" breaks "MFA-JWT-004":
        "Reads all scopes of a session as one.";
    ScopeByPrefix = "scope-by-prefix" breaks "MFA-STEP-005":
        "Takes a token for every scope that one of its own begins with.";
    ScopeBySubstring = "scope-by-substring" breaks "MFA-JWT-060":
        "Takes a scope for owed MFA whose name only contains that of the other.";
    ScopeOrderMatters = "scope-order-matters" breaks "MFA-STEP-031":
        "Keeps both of two tokens for the same scopes and uses the older.";
    SendAnyElevatedToken = "send-any-elevated-token" breaks "MFA-STEP-012":
        "Sends the token of another scope where the right one is missing.";
    SendMfaTokenInBody = "send-mfa-token-in-body" breaks "MFA-TOK-003":
        "Puts a held MFA token into the body of every call that has one.";
    ShareSettings = "share-settings" breaks "MFA-NET-032":
        "Gives every client the settings that the first one fetched.";
    SignFactorCalls = "sign-factor-calls" breaks "MFA-SEC-060":
        "Spends a nonce also on the calls of second factors.";
    SignInNobody = "sign-in-nobody" breaks "MFA-SES-066":
        "Takes the token of an answer that names no user.";
    SignInWithoutNonce = "sign-in-without-nonce" breaks "MFA-SEC-030":
        "Sends signed calls unsigned when it could get no nonce.";
    SignOutOn401 = "sign-out-on-401" breaks "MFA-ERR-004":
        "Forgets the session when any call is answered with 401.";
    SignOutOn403 = "sign-out-on-403" breaks "MFA-STEP-021":
        "Forgets the session when any call is answered with 403.";
    SignOutOnRefusedDeletion = "sign-out-on-refused-deletion" breaks "MFA-SES-031":
        "Forgets the session although the user's deletion was refused.";
    SpendHeldMfaToken = "spend-held-mfa-token" breaks "MFA-DEV-060":
        "Spends the held MFA token on a deletion that was given none.";
    SpendOneScopeOnly = "spend-one-scope-only" breaks "MFA-STEP-015":
        "Keeps a used single-use token for its other scopes.";
    SpendTokenOnCancel = "spend-token-on-cancel" breaks "MFA-PK-008":
        "Uses up an elevated token although the person cancelled the passkey.";
    StaleBearerAfterUpgrade = "stale-bearer-after-upgrade" breaks "MFA-JWT-009":
        "Keeps sending the earlier bearer token after an authentication.";
    StaleUserAfterFetch = "stale-user-after-fetch" breaks "MFA-REC-031":
        "Answers from the earlier user although it fetched the user anew.";
    StaleUserOnError = "stale-user-on-error" breaks "MFA-SES-007":
        "Shows the user of before when fetching it failed.";
    StartNeedsNonces = "start-needs-nonces" breaks "MFA-SEC-030":
        "Does not start when it can get no nonces.";
    StartWithoutSettings = "start-without-settings" breaks "MFA-NET-003":
        "Starts as if all were well although it got no settings.";
    StepupCheckFailsOpen = "stepup-check-fails-open" breaks "MFA-STEP-019":
        "Says that no step-up is needed when the check failed.";
    StoreTheOldBearer = "store-the-old-bearer" breaks "MFA-SEC-062":
        "Leaves the bearer token of a session that is over in its storage.";
    StoreTheSecret = "store-the-secret" breaks "MFA-SEC-061":
        "Stores the secret of a TOTP device beside its session.";
    Swallow401 = "swallow-401" breaks "MFA-TOTP-013":
        "Reports a registration as done although the service refused it with 401.";
    Swallow403 = "swallow-403" breaks "MFA-STEP-021":
        "Reports a registration or deletion as done although it was refused with 403.";
    Swallow5xx = "swallow-5xx" breaks "MFA-NET-003":
        "Reports an authentication as done that the service failed to answer.";
    SwallowLostAnswers = "swallow-lost-answers" breaks "MFA-NET-003":
        "Takes a call without a result for done although no answer came.";
    SwallowRefusedRecoveryCode = "swallow-refused-recovery-code" breaks "MFA-REC-003":
        "Reports a recovery code as accepted that was refused.";
    SwallowRefusedSignIn = "swallow-refused-sign-in" breaks "MFA-SES-008":
        "Reports a sign-in as done that was refused.";
    TakeMfaTokenAgain = "take-mfa-token-again" breaks "MFA-ACT-006":
        "Hands out the same MFA token as often as it is asked.";
    TakeTokenWithoutUser = "take-token-without-user" breaks "MFA-SES-068":
        "Takes the token of an answer whose user is missing.";
    UnsignedDeviceNonce = "unsigned-device-nonce" breaks "MFA-SEC-002":
        "Sends garbage where the signature over the nonce belongs.";
    UnverifiedMethodsOnly = "unverified-methods-only" breaks "MFA-DEV-030":
        "Leaves verified devices out of the methods.";
    UpdateSpendsMfaToken = "update-spends-mfa-token" breaks "MFA-TOK-031":
        "Forgets the MFA token after an update of the user.";
    UpdateWithoutElevation = "update-without-elevation" breaks "MFA-STEP-065":
        "Updates the user without the elevated token that it holds.";
    UpdateWithoutMfaToken = "update-without-mfa-token" breaks "MFA-TOK-031":
        "Updates the user without the MFA token that it holds.";
    UriWithEightDigits = "uri-with-eight-digits" breaks "MFA-TOTP-003":
        "Asks the authenticator app for eight digits.";
    UriWithoutIssuer = "uri-without-issuer" breaks "MFA-TOTP-001":
        "Builds the otpauth address anew and forgets the issuer.";
    UserObjectDecides = "user-object-decides" breaks "MFA-JWT-061":
        "Tells owed MFA from the user, where the session token says otherwise.";
    WrongElevatedHeader = "wrong-elevated-header" breaks "MFA-STEP-008":
        "Sends the elevated token in a header of another name.";
}
