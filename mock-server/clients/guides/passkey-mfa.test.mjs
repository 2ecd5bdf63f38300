// The guide "passkey MFA": register a passkey, pass with it, remove it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startMock, withoutMock } from '../mock.mjs';
import { openApp, sdk } from '../sdk.mjs';
import { SoftwareAuthenticator } from '../software-authenticator.mjs';

const ORIGIN = 'http://localhost:3000';
const mock = withoutMock ? undefined : await startMock();
const served = (await mock?.operations()) ?? [];
const skip = withoutMock || (served.includes('registerPasskey') ? false : 'the service does not serve registerPasskey');

describe('passkey MFA', { skip }, async () => {
  if (skip) return;
  const world = await mock.world();
  const email = 'kim@example.com';
  const authenticator = new SoftwareAuthenticator(ORIGIN);
  const app = await openApp(world, { passkey: authenticator });
  const { client } = app;
  const held = (scope) => sdk.getElevatedAccessToken({ scope, consume: false }, client);

  test('without an elevated token no passkey is registered', async () => {
    await app.signIn(email);
    await assert.rejects(sdk.registerPasskey({}, client), { name: 'APIError', status: 403 });
    assert.deepEqual(await sdk.getPasskeys(client), []);
    // The authenticator had made one before the service said no; a person would remove it there.
    authenticator.passkeys.clear();
  });

  test('registering one passes MFA at once', async () => {
    await app.verifyMail({ requestedScopes: ['credential:link'] });
    await sdk.registerPasskey({}, client);
    const { requestBody, requestHeaders } = await world.lastExchange('registerPasskey');
    assert.deepEqual(Object.keys(requestBody.response).sort(), ['attestationObject', 'clientDataJson', 'publicKey', 'transports']);
    assert.equal(requestHeaders['x-dyn-elevated-access-token'].split('.').length, 3);
    assert.equal(sdk.isUserMissingMfaAuth(client), false);
    assert.deepEqual(app.scopes, ['user:basic']);
  });

  test('it is listed among the passkeys and the methods, not among the devices', async () => {
    const [passkey, ...others] = await sdk.getPasskeys(client);
    assert.deepEqual(others, []);
    assert.equal(authenticator.passkeys.has(passkey.credentialId), true);
    const methods = await sdk.getMfaMethods(client);
    assert.deepEqual([methods.devices, methods.passkeys.length, methods.userHasVerifiedMfaMethods], [[], 1, true]);
    assert.deepEqual(await sdk.getMfaDevices(client), []);
  });

  test('the service asks the authenticator for what it can do', () => {
    const options = authenticator.asked.find(([deed]) => deed === 'register')[1];
    assert.equal(options.rp.id, 'localhost');
    assert.ok(Buffer.from(options.challenge, 'base64url').length >= 16, 'WebAuthn section 13.4.3');
    assert.ok(Buffer.from(options.user.id, 'base64url').length <= 64, 'WebAuthn section 5.4.3');
  });

  test('a second passkey on the same authenticator is excluded', async () => {
    const [id] = authenticator.passkeys.keys();
    await assert.rejects(sdk.registerPasskey({}, client), { name: 'InvalidStateError' });
    assert.deepEqual(authenticator.asked.at(-1)[1].excludeCredentials.map((known) => known.id), [id]);
  });

  test('a new session owes MFA, and the passkey pays it', async () => {
    await sdk.logout(client);
    await app.signIn(email);
    assert.equal(sdk.isUserMissingMfaAuth(client), true);
    await sdk.authenticatePasskeyMFA({}, client);
    assert.equal(app.events.at(-1)[0], 'mfaCompletionSuccess');
    assert.deepEqual(app.scopes, ['user:basic']);
    const { requestBody } = await world.lastExchange('authenticateMfaPasskeyDevice');
    assert.deepEqual(
      Object.keys(requestBody.response).sort(), ['authenticatorData', 'clientDataJSON', 'signature', 'userHandle'],
    );
  });

  test('it gives an elevated token, and an MFA token as older guides have it', async () => {
    await sdk.authenticatePasskeyMFA({ requestedScopes: ['wallet:export'] }, client);
    assert.equal(typeof held('wallet:export'), 'string');
    await sdk.authenticatePasskeyMFA({ createMfaToken: { singleUse: true } }, client);
    assert.equal(typeof sdk.consumeMfaToken(client), 'string');
  });

  test('an assertion is good for one call', async () => {
    const { path, requestBody } = await world.lastExchange('authenticateMfaPasskeyDevice');
    const replay = await fetch(new URL(path, world.baseUrl), {
      method: 'POST', body: JSON.stringify(requestBody),
      headers: { authorization: `Bearer ${client.token}`, 'content-type': 'application/json', origin: ORIGIN },
    });
    assert.ok([400, 401, 422].includes(replay.status), `${replay.status}`);
    assert.equal(typeof (await replay.json()).error, 'string');
  });

  test('an authenticator that another page holds is refused', async () => {
    const { passkeys } = authenticator;
    const elsewhere = new SoftwareAuthenticator('http://evil.localhost:3000');
    elsewhere.passkeys = passkeys;
    const phished = await openApp(world, { passkey: elsewhere });
    await phished.signIn(email);
    await assert.rejects(sdk.authenticatePasskeyMFA({}, phished.client), { name: 'APIError' });
    assert.equal(sdk.isUserMissingMfaAuth(phished.client), true);
    assert.equal(phished.events.at(-1)[0], 'mfaCompletionFailure');
  });

  test('a cloned authenticator is noticed by its counter', async () => {
    const [passkey] = authenticator.passkeys.values();
    passkey.counter = 0;
    await assert.rejects(sdk.authenticatePasskeyMFA({}, client), { name: 'APIError' });
    passkey.counter = 100;
    await sdk.authenticatePasskeyMFA({}, client);
  });

  test('without an authenticator the SDK says so, and asks the service nothing', async () => {
    const before = (await world.journal('getPasskeyAuthenticationOptions')).length;
    const bare = await openApp(world);
    await bare.signIn('leo@example.com');
    await assert.rejects(sdk.authenticatePasskeyMFA({}, bare.client), sdk.NoWebAuthNSupportError);
    assert.equal((await world.journal('getPasskeyAuthenticationOptions')).length, before);
  });

  test('it is deleted with a step-up of its own', async () => {
    const [{ id: passkeyId }] = await sdk.getPasskeys(client);
    await assert.rejects(sdk.deletePasskey({ passkeyId }, client), { name: 'APIError', status: 403 });
    await sdk.authenticatePasskeyMFA({ requestedScopes: ['credential:unlink'] }, client);
    await sdk.deletePasskey({ passkeyId }, client);
    assert.deepEqual(await sdk.getPasskeys(client), []);
    await assert.rejects(sdk.authenticatePasskeyMFA({}, client), sdk.NoPasskeyCredentialsFoundError);
  });
});

describe('passkey sign-in', { skip: skip || (served.includes('signinWithPasskey') ? false : 'the service does not serve signinWithPasskey') }, async () => {
  if (skip || !served.includes('signinWithPasskey')) return;
  const world = await mock.world();
  const passkey = new SoftwareAuthenticator(ORIGIN);
  const app = await openApp(world, { passkey });

  test('whoever has a passkey needs no mail to sign in', async () => {
    await app.signIn('mia@example.com');
    await app.verifyMail({ requestedScopes: ['credential:link'] });
    await sdk.registerPasskey({}, app.client);
    const { id } = app.client.user;
    await sdk.logout(app.client);
    await sdk.signInWithPasskey({}, app.client);
    assert.equal(app.client.user.id, id);
    assert.equal(sdk.isSignedIn(app.client), true);
  });
});
