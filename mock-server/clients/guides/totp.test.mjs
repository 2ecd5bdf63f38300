// The guide "TOTP" of the JavaScript SDK: enrol an authenticator app, pass with it, remove it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startMock, withoutMock } from '../mock.mjs';
import { openApp, sdk } from '../sdk.mjs';

describe('TOTP', { skip: withoutMock }, async () => {
  if (withoutMock) return;
  const world = await (await startMock()).world();
  const app = await openApp(world);
  const { client } = app;
  let device;

  test('a user signs in with a mailed code', async () => {
    await app.signIn('alice@example.com');
    assert.deepEqual(app.scopes, ['user:basic']);
    assert.equal(sdk.isUserMissingMfaAuth(client), false);
    const { requestHeaders } = await world.lastExchange('signInWithEmailVerification');
    assert.match(requestHeaders['x-dynamic-device-signed-nonce'], /^[0-9a-f]{128}$/);
  });

  test('without an elevated token no device is registered', async () => {
    await assert.rejects(sdk.registerTotpMfaDevice(client), { name: 'APIError', status: 403, code: 'elevated_access_token_required' });
  });

  test('registering gives a secret and a URI for the authenticator app', async () => {
    await app.verifyMail({ requestedScopes: ['credential:link'] });
    device = await sdk.registerTotpMfaDevice(client);
    assert.equal(device.type, 'totp');
    assert.match(device.secret, /^[A-Z2-7]{32}$/);
    const uri = new URL(device.uri);
    assert.deepEqual([uri.protocol, uri.host, uri.searchParams.get('secret')], ['otpauth:', 'totp', device.secret]);
    const { requestHeaders } = await world.lastExchange('registerTotpMfaDevice');
    assert.equal(requestHeaders['x-dyn-elevated-access-token'].split('.').length, 3);
  });

  test('the new device is not verified before its first code', async () => {
    const [listed] = await sdk.getMfaDevices(client);
    assert.deepEqual([listed.id, listed.verified], [device.id, false]);
    assert.equal((await sdk.getMfaMethods(client)).userHasVerifiedMfaMethods, false);
  });

  test('a wrong code is the error that the guide catches', async () => {
    await assert.rejects(sdk.authenticateTotpMfaDevice({ code: '12345x' }, client), sdk.MfaInvalidOtpError);
    assert.equal(app.events.at(-1)[0], 'mfaCompletionFailure');
  });

  test('the first right code verifies it and asks for the recovery codes to be kept', async () => {
    await app.enterTotp({ deviceId: device.id });
    assert.equal(app.events.at(-1)[0], 'mfaCompletionSuccess');
    const [listed] = await sdk.getMfaDevices(client);
    assert.deepEqual([listed.verified, listed._default, listed.verifiedAt instanceof Date], [true, true, true]);
    assert.equal(sdk.isPendingRecoveryCodesAcknowledgment(client), true);
    assert.deepEqual(app.scopes, []);
    await sdk.acknowledgeRecoveryCodes(client);
    assert.deepEqual(app.scopes, ['user:basic']);
  });

  test('a second device is refused while there is one', async () => {
    await app.enterTotp({ requestedScopes: ['credential:link'] });
    await assert.rejects(sdk.registerTotpMfaDevice(client), { name: 'APIError', status: 401 });
  });

  test('it is deleted with a code of its own', async () => {
    await app.enterTotp({ requestedScopes: ['credential:unlink'] });
    await sdk.deleteMfaDevice({ deviceId: device.id }, client);
    assert.deepEqual(await sdk.getMfaDevices(client), []);
    const { status, requestHeaders } = await world.lastExchange('deleteMfaDevice');
    // With an elevated token the SDK sends the other header, but empty.
    assert.deepEqual([status, requestHeaders['x-mfa-auth-token']], [204, '']);
  });
});
