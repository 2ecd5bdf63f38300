// Drives driver.mjs over stdio against a small stub of the service, which answers just enough for
// the real SDK to go on. What the service ought to do is not tested here, only that a call of the
// protocol becomes the SDK's call and that its answer or error comes back unedited.
//
// `react-native.test.mjs` runs all of it again with the SDK's other build.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { ECDH } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { newKeepsake, openServices } from './services.mjs';

/** How Node is told which build of the SDK to take, and what then tells the builds apart. */
const PLATFORMS = {
  node: { flags: [], driver: 'js-node', onWire: 'web' },
  'react-native': {
    flags: ['--conditions=react-native', '--import', './react-native/register.mjs'],
    driver: 'js-react-native-stubbed', onWire: 'react-native',
  },
};
const PLATFORM = process.env.MFA_DRIVER_PLATFORM ?? 'node';
const { flags: FLAGS, driver: DRIVER, onWire: ON_WIRE } = PLATFORMS[PLATFORM];
const ENVIRONMENTS = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
const HERE = new URL('.', import.meta.url);
const ORIGIN = 'http://localhost:3000';
const inSeconds = (life) => Math.floor(Date.now() / 1000) + life;
const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const elevated = (scopes, singleUse) =>
  `${base64url({ alg: 'none' })}.${base64url({ scope: scopes.join(' '), exp: inSeconds(300), singleUse })}.c2ln`;

// ---- the stub ----
const seen = []; // every request, in order
let acknowledged = 'pending';
const user = () => ({ id: 'u1', email: 'a@b.test', scope: 'user:basic', verifiedCredentials: [], mfaBackupCodeAcknowledgement: acknowledged });
const verified = (more) => [200, { user: user(), minifiedJwt: `opaque-${seen.length}`, expiresAt: inSeconds(3600), ...more }];
const DEVICE = { id: 'd1', type: 'totp', verified: true, default: true, verifiedAt: '2026-01-02T03:04:05.000Z' };
const RECOVERY = { count: 2, recoveryCodes: ['aaaa', 'bbbb'] };
let nonces = 0;

const ROUTES = {
  'GET settings': () => [200, { chains: [], kyc: [], sdk: {}, security: { mfa: { required: true, actions: [{ action: 'wallet.waas.export', required: true }] } } }],
  'GET nonces': () => [200, { nonces: Array.from({ length: 5 }, () => `nonce-${++nonces}`) }],
  'POST emailVerifications/create': () => [200, { verificationUUID: 'v1' }],
  'POST emailVerifications/signin': () => verified(),
  'POST emailVerifications/verify': ({ requestedScopes }) => verified({ elevatedAccessToken: elevated(requestedScopes, false) }),
  'POST refresh': () => verified(),
  'POST revoke': () => [204],
  'GET users': () => [200, user()],
  'PUT users': (body) => { acknowledged = body.mfaBackupCodeAcknowledgement ?? acknowledged; return verified(); },
  'DELETE users': () => [403, 'the body is not JSON'],
  'GET users/mfa': () => [200, { devices: [DEVICE] }],
  'GET users/mfa/methods': () => [200, { devices: [DEVICE], passkeys: [], userHasVerifiedMfaMethods: true }],
  'GET users/mfa/register/totp': () => [200, { id: 'd1', type: 'totp', secret: 'JBSWY3DPEHPK3PXP', uri: 'otpauth://totp/x?secret=JBSWY3DPEHPK3PXP' }],
  'POST users/mfa/auth/totp': ({ code, requestedScopes, createMfaToken }) => {
    if (code === '000000') return [422, { error: 'invalid code', code: 'mfa_invalid_code' }];
    if (code === '111111') return [401, {}];
    if (code === '222222') return [200, { user: { id: 'u1' }, minifiedJwt: 'lost', expiresAt: inSeconds(60) }];
    if (code === '333333') return [429, { error: 'slow down', code: 'stub_code' }];
    return verified({ ...(requestedScopes && { elevatedAccessToken: elevated(requestedScopes, true) }), ...(createMfaToken && { mfaToken: 'mfa-1' }) });
  },
  'PUT users/mfa/d1': () => [204],
  'DELETE users/mfa/d1': () => [204],
  'GET users/mfa/recovery': () => [200, RECOVERY],
  'POST users/mfa/recovery': () => [200, RECOVERY],
  'POST users/mfa/auth/recovery': () => verified(),
  'GET users/passkeys/register': () => [200, { challenge: 'AAAA', rp: { name: 's' }, user: {}, pubKeyCredParams: [], excludeCredentials: [] }],
  'POST users/passkeys/register': () => verified(),
  'GET users/passkeys/authenticate': () => [200, { challenge: 'BBBB', allowCredentials: [{ id: 'p1' }] }],
  'POST users/mfa/auth/passkey': () => verified(),
  'GET users/passkeys': () => [200, { passkeys: [{ id: 'k1', alias: 'key' }] }],
  'DELETE users/passkeys': () => [204],
  'POST stepUp/check': () => [200, { isRequired: true, credentials: [{ id: 'd1', format: 'totp', type: 'totp' }], defaultCredentialId: 'd1' }],
};

const stub = createServer(async (request, response) => {
  const chunks = await request.toArray();
  const text = Buffer.concat(chunks).toString();
  const [, environment, route] = request.url.match(/^\/api\/v0\/sdk\/([^/]+)\/([^?]*)/) ?? [];
  const exchange = { environment, route: `${request.method} ${route}`, headers: request.headers, body: text === '' ? undefined : JSON.parse(text) };
  seen.push(exchange);
  const [status, body] = ROUTES[exchange.route]?.(exchange.body ?? {}) ?? [404, { error: `no route ${exchange.route}`, code: 'stub' }];
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
});
/** Checks a raw P-256 signature in hex against a compressed public key in hex. */
async function signed(text, key, signature) {
  const point = ECDH.convertKey(key, 'prime256v1', 'hex', undefined, 'uncompressed');
  const publicKey = await crypto.subtle.importKey('raw', point, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
  return crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, publicKey, Buffer.from(signature, 'hex'), new TextEncoder().encode(text));
}
const requests = (route) => seen.filter((exchange) => exchange.route === route);
const last = (route) => requests(route).at(-1);

// ---- the driver, as the runner sees it ----
let driver, lines, baseUrl;
let id = 0;
const next = async () => JSON.parse((await lines.next()).value);
let lent = () => ({ err: { name: 'NotAllowedError', message: 'nobody is there' } }); // answers callbacks
async function ask(op, args = {}, inst = undefined) {
  driver.stdin.write(`${JSON.stringify({ mdp: 1, id: ++id, op, inst, args, deadline_ms: 10_000 })}\n`);
  let message = await next();
  while ('cb' in message) {
    driver.stdin.write(`${JSON.stringify({ cb: message.cb, ...lent(message) })}\n`);
    message = await next();
  }
  const { id: echoed, ...outcome } = message;
  assert.equal(echoed, id);
  return outcome;
}
const c1 = (op, args) => ask(op, args, 'c1');

before(async () => {
  await new Promise((listening) => stub.listen(0, '127.0.0.1', listening));
  baseUrl = `http://127.0.0.1:${stub.address().port}/api/v0`;
  driver = spawn(process.execPath, [...FLAGS, 'driver.mjs'], { cwd: HERE, stdio: ['pipe', 'pipe', 'ignore'] });
  lines = createInterface({ input: driver.stdout })[Symbol.asyncIterator]();
});
after(() => { driver.kill(); stub.closeAllConnections(); stub.close(); });

test('hello declares every op of the driver', async () => {
  const { ok } = await ask('hello', { mdp: [1], suite: { name: 'smoke', version: '0.0.0' }, run: 'r', seed: 7, now_ms: 0, ops: [] });
  const locked = JSON.parse(readFileSync(new URL('package-lock.json', HERE)));
  assert.deepEqual([ok.driver.name, ok.sdk.platform], [DRIVER, PLATFORM]);
  assert.equal(ok.sdk.version, locked.packages['node_modules/@dynamic-labs-sdk/client'].version);
  assert.equal(ok.caps['totp.auth'], true);
  assert.match(ok.caps['totp.confirm'].no, /register\/totp/);
  assert.equal(Object.keys(ok.caps).length, 33);
  assert.ok(!('state.get' in ok.caps), 'mandatory ops are no capabilities');
});

test('a line that is no request is logged, and the next one is answered', async () => {
  for (const line of ['not json', '{"id":"7","op":"hello"}']) {
    driver.stdin.write(`${line}\n`);
    assert.equal((await next()).log, 'warn');
  }
  assert.match((await ask('totp.teleport')).unsupported.why, /totp\.teleport/);
  assert.match((await c1('device.get', { id: 'd1' })).unsupported.why, /only lists/);
});

test('what the caller gets wrong is a fault, not an answer of the SDK', async () => {
  assert.match((await c1('state.get')).fault.message, /no instance "c1"/);
  assert.match((await ask('client.new', {})).fault.message, /"environment_id"/);
});

test('client.new fetches settings and nonces and is signed out', async () => {
  for (const [index, environment_id] of ENVIRONMENTS.entries()) {
    assert.deepEqual(await ask('client.new', { environment_id, base_url: baseUrl, origin: ORIGIN }), { ok: { inst: `c${index + 1}` } });
  }
  assert.deepEqual(seen.filter(({ environment }) => environment === ENVIRONMENTS[0]).map(({ route }) => route), ['GET settings', 'GET nonces']);
  const { ok } = await c1('state.get');
  const nothing = { user_id: null, scopes: [], token: null, token_exp: null, mfa_token: null };
  assert.deepEqual(ok, { authenticated: false, mfa_pending: false, recovery_ack_pending: false, ...nothing });
  const missing = await c1('mfa.missing');
  assert.equal(missing.err.origin, 'client');
  assert.equal(missing.err.http, null);
});

test('sign-in by e-mail sends the origin and a signed nonce', async () => {
  assert.match((await c1('auth.email_verify', { code: '1' })).fault.message, /email_start/);
  assert.deepEqual(await c1('auth.email_start', { email: 'a@b.test' }), { ok: { email: 'a@b.test', verification_id: 'v1' } });
  assert.deepEqual(await c1('auth.email_verify', { code: '123456', scopes: null }), { ok: {} });
  const { headers, body } = last('POST emailVerifications/signin');
  assert.deepEqual(body, { verificationUUID: 'v1', verificationToken: '123456' });
  assert.equal(headers.origin, ORIGIN);
  assert.match(headers['x-dynamic-device-publickey'], /^0[23][0-9a-f]{64}$/);
  const [nonce, key, signature] = ['nonce', 'publickey', 'signed-nonce'].map((name) => headers[`x-dynamic-device-${name}`]);
  assert.ok(await signed(nonce, key, signature), 'the device key signs the nonce');
  const { ok } = await c1('state.get');
  assert.deepEqual([ok.authenticated, ok.user_id, ok.scopes, ok.mfa_pending, ok.recovery_ack_pending], [true, 'u1', ['user:basic'], false, true]);
  assert.match(ok.token, /^opaque-/);
  assert.ok(Math.abs(ok.token_exp - inSeconds(3600)) <= 60);
});

test('totp.register and the device calls rename, but do not edit', async () => {
  assert.deepEqual(await c1('totp.register'), { ok: { device_id: 'd1', secret: 'JBSWY3DPEHPK3PXP', uri: 'otpauth://totp/x?secret=JBSWY3DPEHPK3PXP' } });
  const device = { id: 'd1', type: 'totp', verified: true, default: true, verified_at: '2026-01-02T03:04:05.000Z' };
  assert.deepEqual(await c1('device.list'), { ok: { devices: [device] } });
  assert.deepEqual(await c1('mfa.methods'), { ok: { devices: [device], passkeys: [], has_verified: true } });
  assert.deepEqual(await c1('device.set_default', { id: 'd1' }), { ok: {} });
  assert.equal(requests('PUT users/mfa/d1').length, 1);
});

test('totp.auth with scopes yields an elevated token that can be seen and taken once', async () => {
  assert.deepEqual(await c1('totp.auth', { code: '123456', device_id: 'd1', scopes: ['credential:unlink', 'credential:link'] }), { ok: { mfa_token: null } });
  assert.deepEqual(last('POST users/mfa/auth/totp').body, { id: 'd1', code: '123456', requestedScopes: ['credential:unlink', 'credential:link'] });
  const scope = 'credential:unlink';
  const { ok: { token } } = await c1('stepup.peek', { scope });
  assert.equal(token.split('.').length, 3);
  assert.deepEqual(await c1('stepup.check', { scope }), { ok: { required: false, credentials: [], default_credential_id: null } });
  assert.equal(requests('POST stepUp/check').length, 0, 'a held token answers the check');
  assert.deepEqual(await c1('stepup.take', { scope }), { ok: { token } });
  assert.deepEqual(await c1('stepup.take', { scope }), { ok: { token: null } });
  const credentials = [{ id: 'd1', format: 'totp', type: 'totp' }];
  assert.deepEqual(await c1('stepup.check', { scope }), { ok: { required: true, credentials, default_credential_id: 'd1' } });
});

test('device.delete goes out with a token only', async () => {
  const { err } = await c1('device.delete', { id: 'd1' });
  assert.deepEqual([err.origin, err.class, err.code, err.http], ['client', 'ValueMustBeDefinedError', 'value_must_be_defined_error', null]);
  assert.equal(requests('DELETE users/mfa/d1').length, 0);
  assert.deepEqual(await c1('device.delete', { id: 'd1', mfa_token: 'given' }), { ok: {} });
  assert.equal(last('DELETE users/mfa/d1').headers['x-mfa-auth-token'], 'given');
  await c1('totp.auth', { code: '123456', scopes: ['credential:unlink'] });
  const { ok: { token } } = await c1('stepup.peek', { scope: 'credential:unlink' });
  assert.deepEqual(await c1('device.delete', { id: 'd1' }), { ok: {} });
  assert.equal(last('DELETE users/mfa/d1').headers['x-dyn-elevated-access-token'], token);
});

test('MFA tokens are handed out, kept in the state, and taken once', async () => {
  assert.deepEqual(await c1('totp.auth', { code: '123456', device_id: null, mfa_token: { single_use: true } }), { ok: { mfa_token: 'mfa-1' } });
  assert.deepEqual(last('POST users/mfa/auth/totp').body, { code: '123456', createMfaToken: { singleUse: true } });
  assert.equal((await c1('state.get')).ok.mfa_token, 'mfa-1');
  assert.deepEqual(await c1('mfa_token.take'), { ok: { mfa_token: 'mfa-1' } });
  assert.equal((await c1('mfa_token.take')).err.class, 'ValueMustBeDefinedError');
  assert.deepEqual(await c1('mfa.required_for_action', { action: 'wallet.waas.export' }), { ok: { required: true } });
  assert.deepEqual(await c1('mfa.missing'), { ok: { missing: false } });
});

test('recovery codes are listed, rotated, spent and acknowledged', async () => {
  for (const op of ['recovery.list', 'recovery.rotate']) assert.deepEqual(await c1(op), { ok: { count: 2, codes: ['aaaa', 'bbbb'] } });
  assert.deepEqual(await c1('recovery.auth', { code: 'aaaa' }), { ok: { mfa_token: null } });
  assert.deepEqual(last('POST users/mfa/auth/recovery').body, { code: 'aaaa' });
  assert.deepEqual(await c1('recovery.pending'), { ok: { pending: true } });
  assert.deepEqual(await c1('recovery.ack'), { ok: {} });
  assert.deepEqual(await c1('recovery.pending'), { ok: { pending: false } });
});

test('errors keep the class, code and status the SDK gives them', async () => {
  const err = async (op, args) => (await c1(op, args)).err;
  assert.deepEqual(await err('totp.auth', { code: '000000' }),
    { origin: 'server', class: 'MfaInvalidOtpError', code: 'mfa_invalid_otp_error', http: 422, message: 'Invalid OTP', retryable: false });
  const unreadable = await err('totp.auth', { code: '111111' });
  assert.deepEqual([unreadable.origin, unreadable.class, unreadable.http], ['server', 'UnauthorizedError', null]);
  const own = await err('totp.auth', { code: '333333' });
  assert.deepEqual([own.origin, own.class, own.code, own.http, own.message], ['server', 'APIError', 'stub_code', 429, 'slow down']);
  const { ok: { token } } = await c1('state.get');
  const tripped = await err('totp.auth', { code: '222222' });
  assert.deepEqual([tripped.origin, tripped.class, tripped.http], ['client', 'TypeError', null], 'an answer without verifiedCredentials');
  assert.equal((await c1('state.get')).ok.token, token, 'nothing of that answer is applied');
});

test('an answer that is no error object arrives as the raw Response', async () => {
  const { err } = await c1('user.delete');
  assert.deepEqual([err.origin, err.class, err.code, err.http, err.message], ['server', 'Response', null, 403, 'raw Response 403 Forbidden']);
});

test('sign-out, re-authentication, refresh and the user calls reach the service', async () => {
  assert.deepEqual(await c1('auth.logout'), { ok: {} });
  assert.equal(last('POST revoke').headers['x-dyn-logout-reason'], 'user-intent');
  assert.equal((await c1('state.get')).ok.token, null);
  await c1('auth.email_start', { email: 'a@b.test' });
  await c1('auth.email_verify', { code: '123456', allow_new_mfa_linking: true });
  assert.equal(last('POST emailVerifications/signin').body.allowNewMFALinking, true);
  await c1('auth.email_start', { email: 'a@b.test' });
  assert.deepEqual(await c1('auth.email_verify', { code: '123456', scopes: ['wallet:export'] }), { ok: {} });
  assert.deepEqual(last('POST emailVerifications/verify').body.requestedScopes, ['wallet:export']);
  assert.deepEqual(await c1('auth.refresh'), { ok: {} });
  assert.equal((await c1('user.get')).ok.user.id, 'u1');
  assert.deepEqual(await c1('user.update', { fields: { firstName: 'A' } }), { ok: {} });
  assert.deepEqual(last('PUT users').body, { firstName: 'A' });
});

test('a restarted client has the session, the elevated token and the device key of the old one', async () => {
  const { ok: before } = await c1('state.get');
  const settings = requests('GET settings').length;
  assert.deepEqual(await c1('client.restart'), { ok: {} });
  assert.deepEqual((await c1('state.get')).ok, before);
  assert.notEqual((await c1('stepup.peek', { scope: 'wallet:export' })).ok.token, null);
  assert.equal(requests('GET settings').length, settings, 'settings come from storage');
  const key = last('POST refresh').headers['x-dynamic-device-publickey'];
  await c1('auth.refresh');
  assert.equal(last('POST refresh').headers['x-dynamic-device-publickey'], key);
});

test('instances do not see each other', async () => {
  assert.equal((await ask('state.get', {}, 'c2')).ok.authenticated, false);
  assert.deepEqual(seen.filter(({ environment }) => environment === ENVIRONMENTS[1]).map(({ route }) => route), ['GET settings', 'GET nonces']);
  assert.deepEqual(await ask('client.close', {}, 'c2'), { ok: {} });
  assert.match((await ask('state.get', {}, 'c2')).fault.message, /no instance "c2"/);
});

test('passkeys use the authenticator of the runner', async () => {
  const asked = [];
  const credential = (response) => ({ id: 'p1', rawId: 'p1', type: 'public-key', authenticatorAttachment: 'platform', clientExtensionResults: {}, response });
  lent = ({ op, args }) => { asked.push([op, args.challenge]); return { ok: credential({ clientDataJSON: 'e30', attestationObject: 'oA', authenticatorData: 'AA', signature: 'AA', transports: [] }) }; };
  assert.deepEqual(await c1('passkey.register'), { ok: {} });
  assert.equal(last('POST users/passkeys/register').body.response.clientDataJson, 'e30');
  assert.deepEqual(await c1('passkey.auth', { scopes: ['wallet:sign'] }), { ok: { mfa_token: null } });
  assert.deepEqual(last('POST users/mfa/auth/passkey').body.requestedScopes, ['wallet:sign']);
  assert.deepEqual(asked, [['webauthn.create', 'AAAA'], ['webauthn.get', 'BBBB']]);
  assert.deepEqual((await c1('passkey.list')).ok.passkeys, [{ id: 'k1', alias: 'key' }]);
  assert.deepEqual(await c1('passkey.delete', { id: 'k1' }), { ok: {} });
  assert.deepEqual(last('DELETE users/passkeys').body, { passkeyId: 'k1' });

  lent = () => ({ err: { name: 'NotAllowedError', message: 'the person left' } });
  const before = requests('POST users/mfa/auth/passkey').length;
  const { err } = await c1('passkey.auth');
  assert.deepEqual([err.origin, err.class, err.message], ['user', 'NotAllowedError', 'the person left']);
  assert.equal(requests('POST users/mfa/auth/passkey').length, before);
});

test('every request names the platform that the SDK was built for', () => {
  const named = new Set(seen.map(({ headers }) => headers['x-dynamic-platform']));
  assert.deepEqual([...named], [ON_WIRE]);
});

test('a service that is gone is a network error, and the driver lives on', async () => {
  stub.closeAllConnections();
  await new Promise((closed) => stub.close(closed));
  const { err } = await c1('device.list');
  assert.deepEqual([err.origin, err.class, err.http], ['network', 'TypeError', null]);
});

test('closed services hang instead of touching what their successor keeps', async () => {
  const kept = newKeepsake();
  const { close, fetch, storageAdapter, keychain } = openServices(kept);
  await storageAdapter.setItem('session', 'old');
  const late = keychain.generateKey('session');
  close();
  const calls = [late, storageAdapter.setItem('session', 'ghost'), storageAdapter.removeItem('session'), fetch(baseUrl)];
  const longEnough = openServices(newKeepsake()).keychain.generateKey('another').then(() => setImmediate('hung'));
  const settled = await Promise.race([...calls.map((call) => call.then(() => 'settled')), longEnough]);
  assert.equal(settled, 'hung');
  assert.deepEqual([[...kept.items], kept.keys.size], [[['session', 'old']], 0]);
});

test('bye is answered, and the driver exits with 0', { timeout: 10_000 }, async () => {
  const exited = new Promise((exit) => driver.once('exit', exit));
  assert.deepEqual(await ask('bye'), { ok: {} });
  assert.equal(await exited, 0);
});

test('the end of stdin exits with 0 after the last answer, and stdout holds answers only', async () => {
  const noise = 'process.stdin.once("end", () => { console.log("noise"); Promise.reject(new Error("background")); })';
  const child = spawn(process.execPath, [...FLAGS, '--import', `data:text/javascript,${encodeURIComponent(noise)}`, 'driver.mjs'], { cwd: HERE });
  child.stdin.end('@mdp {"id":1,"op":"hello","args":{"mdp":[1]}}\n{"id":2,"op":"hello","args":{"mdp":[2]}}');
  const exited = new Promise((exit) => child.once('exit', exit));
  const [stdout, stderr] = await Promise.all([child.stdout, child.stderr].map(async (pipe) => Buffer.concat(await pipe.toArray()).toString()));
  const answers = stdout.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(answers.map((answer) => [answer.id, Object.keys(answer)[1]]), [[1, 'ok'], [2, 'fault']]);
  assert.match(stderr, /noise/);
  assert.match(stderr, /unhandled rejection: Error: background/);
  assert.equal(await exited, 0);
});

test('no file of the package names a host to install from', () => {
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
    assert.doesNotMatch(readFileSync(new URL(file, HERE), 'utf8'), /:\/\/|"resolved"/, file);
  }
});
