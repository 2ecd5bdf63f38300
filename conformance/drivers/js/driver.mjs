// Puts the real @dynamic-labs-sdk/client behind the driver protocol MDP/1. There is no retry and no
// opinion here: results and errors are the SDK's, renamed. See stdio.mjs for the protocol's lines.
import { checked, fault, Fault, serve } from './stdio.mjs';
import { described } from './errors.mjs';
import { codes, device, mfaToken, passkey, proof, state } from './words.mjs';
import { createRequire } from 'node:module';
import { platform } from '#platform';
import * as sdk from '@dynamic-labs-sdk/client';

const manifest = createRequire(import.meta.url);
const SDK = '@dynamic-labs-sdk/client';
const instances = new Map();
let instancesMade = 0;

/** Gives an instance a new, initialised SDK object over the storage and keychain it keeps. */
async function start(instance) {
  instance.services?.close();
  instance.services = platform.open(instance.kept);
  await instance.services.within(async () => {
    instance.client = sdk.createDynamicClient({
      environmentId: instance.args.environment_id,
      metadata: { universalLink: instance.args.origin },
      coreConfig: { apiBaseUrl: instance.args.base_url, ...instance.services.core },
      autoInitialize: false,
      instrumentation: { enabled: false },
    });
    await sdk.initializeClient(instance.client);
  });
}

async function open(_, args) {
  const instance = { id: `c${++instancesMade}`, args, kept: platform.newKeepsake() };
  await start(instance);
  instances.set(instance.id, instance);
  return instance.id;
}

const hello = () => ({
  mdp: 1,
  driver: { name: platform.driver, version: manifest('./package.json').version },
  sdk: { name: platform.sdk, version: manifest(`${SDK}/package.json`).version, package: SDK,
    platform: platform.name, language: 'javascript' },
  guides: ['totp', 'passkey', 'account-based', 'action-based', 'step-up', 'session-mfa', 'device-management', 'recovery-codes'],
  caps: { ...Object.fromEntries(Object.keys(OPS).filter((op) => !MANDATORY.includes(op)).map((op) => [op, true])),
    ...Object.fromEntries(Object.entries(NOT_IN_SDK).map(([op, why]) => [op, { no: why }])) },
  clock: { now_ms: Date.now(), injectable: false }, limits: { instances: 8, inflight: 1 },
  errors: 'typed', passkey: 'harness', storage: 'memory', restart: 'case',
});

const sendCode = async (c, a, instance) => (instance.otp = await sdk.sendEmailOTP({ email: a.email }, c));
const verifyCode = (c, a, { otp }) => sdk.verifyOTP({ otpVerification: otp ?? fault('auth.email_start comes first'),
  verificationToken: a.code, requestedScopes: a.scopes, allowNewMFALinking: a.allow_new_mfa_linking }, c);

const MANDATORY = ['hello', 'bye', 'client.new', 'client.close', 'state.get'];
const WITHOUT_INSTANCE = ['hello', 'bye', 'client.new'];
const NOT_IN_SDK = {
  'totp.confirm': 'the SDK never calls POST users/mfa/register/totp; the first totp.auth verifies a new device',
  'device.get': 'the SDK never calls GET users/mfa/{id}; it only lists devices',
};
/** op: [its arguments, the SDK's call with client `c` and arguments `a`, the renames of the call's value `v`]. */
const OPS = {
  'hello': ['mdp *', (_, a) => a.mdp.includes(1) || fault('this driver speaks only mdp 1'), hello],
  'bye': ['', () => {}],
  'client.new': ['environment_id base_url origin', open, (v) => ({ inst: v })],
  'client.restart': ['', (_, __, instance) => start(instance)],
  'client.close': ['', (_, __, { id, services }) => { services.close(); instances.delete(id); }],
  'state.get': ['', (c) => c, state],
  'state.stored': ['', (_, __, { kept }) => platform.stored(kept), (v) => ({ items: v })],
  'auth.email_start': ['email', sendCode, (v) => ({ email: v.email, verification_id: v.verificationUUID })],
  'auth.email_verify': ['code scopes? allow_new_mfa_linking?', verifyCode],
  'auth.refresh': ['', (c) => sdk.refreshAuth(c)],
  'auth.logout': ['', (c) => sdk.logout(c)],
  'user.get': ['', (c) => sdk.refreshUser(c), (v) => ({ user: v })],
  'user.update': ['fields', (c, a) => sdk.updateUser({ userFields: a.fields }, c)],
  'user.delete': ['', (c) => sdk.deleteUser(c)],
  'totp.register': ['', (c) => sdk.registerTotpMfaDevice(c), (v) => ({ device_id: v.id, secret: v.secret, uri: v.uri })],
  'totp.auth': ['code device_id? scopes? mfa_token?',
    (c, a) => sdk.authenticateTotpMfaDevice({ ...proof(a), deviceId: a.device_id }, c), mfaToken],
  'passkey.register': ['', (c) => sdk.registerPasskey({}, c)],
  'passkey.auth': ['scopes? mfa_token?', (c, a) => sdk.authenticatePasskeyMFA({ requestedScopes: a.scopes,
    createMfaToken: a.mfa_token && { singleUse: a.mfa_token.single_use } }, c), mfaToken],
  'passkey.sign_in': ['', (c) => sdk.signInWithPasskey({}, c)],
  'passkey.list': ['', (c) => sdk.getPasskeys(c), (v) => ({ passkeys: v.map(passkey) })],
  'passkey.delete': ['id', (c, a) => sdk.deletePasskey({ passkeyId: a.id }, c)],
  'device.list': ['', (c) => sdk.getMfaDevices(c), (v) => ({ devices: v.map(device) })],
  'device.set_default': ['id', (c, a) => sdk.setDefaultMfaDevice({ deviceId: a.id }, c)],
  'device.delete': ['id mfa_token?', (c, a) => sdk.deleteMfaDevice({ deviceId: a.id, mfaAuthToken: a.mfa_token }, c)],
  'mfa.methods': ['', (c) => sdk.getMfaMethods(c),
    (v) => ({ devices: v.devices.map(device), passkeys: v.passkeys, has_verified: v.userHasVerifiedMfaMethods })],
  'mfa.missing': ['', (c) => sdk.isUserMissingMfaAuth(c), (v) => ({ missing: v })],
  'mfa.required_for_action': ['action', (c, a) => sdk.isMfaRequiredForAction({ mfaAction: a.action }, c), (v) => ({ required: v })],
  'mfa_token.take': ['', (c) => sdk.consumeMfaToken(c), (v) => ({ mfa_token: v })],
  'stepup.check': ['scope', (c, a) => sdk.checkStepUpAuth({ scope: a.scope }, c),
    (v) => ({ required: v.isRequired, credentials: v.credentials, default_credential_id: v.defaultCredentialId ?? null })],
  'stepup.peek': ['scope', (c, a) => sdk.getElevatedAccessToken({ scope: a.scope, consume: false }, c), (v) => ({ token: v ?? null })],
  'stepup.take': ['scope', (c, a) => sdk.getElevatedAccessToken({ scope: a.scope }, c), (v) => ({ token: v ?? null })],
  'recovery.list': ['', (c) => sdk.getMfaRecoveryCodes(c), codes],
  'recovery.rotate': ['', (c) => sdk.createNewMfaRecoveryCodes(c), codes],
  'recovery.auth': ['code scopes? mfa_token?',
    (c, a) => sdk.authenticateMfaRecoveryCode(proof(a), c), mfaToken],
  'recovery.ack': ['', (c) => sdk.acknowledgeRecoveryCodes(c)],
  'recovery.pending': ['', (c) => sdk.isPendingRecoveryCodesAcknowledgment(c), (v) => ({ pending: v })],
};

await serve(async ({ op, inst, args }) => {
  if (!Object.hasOwn(OPS, op)) return { unsupported: { why: NOT_IN_SDK[op] ?? `this driver knows no op "${op}"`, issue: null } };
  const [list, call, renamed = () => ({})] = OPS[op];
  const given = checked(op, list, args);
  const instance = WITHOUT_INSTANCE.includes(op) ? undefined : instances.get(inst) ?? fault(`there is no instance "${inst}"`);
  let value;
  try {
    const perform = () => call(instance?.client, given, instance);
    value = await (instance ? instance.services.within(perform) : perform());
  } catch (error) {
    if (error instanceof Fault) throw error;
    return { err: described(error) };
  }
  return { ok: renamed(value) };
});
