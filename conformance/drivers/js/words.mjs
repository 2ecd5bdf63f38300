// The protocol's words for the SDK's values: renames, nothing computed that the SDK does not say itself.
import * as sdk from '@dynamic-labs-sdk/client';

/** The SDK's own view of its session, read without a request. */
export const state = (c) => ({
  authenticated: sdk.isSignedIn(c), user_id: c.user?.id ?? null, scopes: c.user?.scope?.match(/\S+/g) ?? [],
  mfa_pending: c.user !== null && sdk.isUserMissingMfaAuth(c),
  recovery_ack_pending: c.user !== null && sdk.isPendingRecoveryCodesAcknowledgment(c),
  token: c.token, token_exp: c.sessionExpiresAt && Math.floor(c.sessionExpiresAt / 1000), mfa_token: c.mfaToken,
});
/** What a code authenticates, and what its caller wants for it. */
export const proof = (a) => ({ code: a.code, requestedScopes: a.scopes,
  createMfaTokenOptions: a.mfa_token && { singleUse: a.mfa_token.single_use } });
export const device = (d) => ({ id: d.id, type: d.type, verified: d.verified, default: d._default, verified_at: d.verifiedAt });
export const passkey = (p) => ({ id: p.id, alias: p.alias });
export const codes = (v) => ({ count: v.count, codes: v.recoveryCodes });
export const mfaToken = (v) => ({ mfa_token: v.mfaToken ?? null });
