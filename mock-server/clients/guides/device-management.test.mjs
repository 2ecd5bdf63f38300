// The guide "device management": list the devices, choose the default one, delete, start anew.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startMock, withoutMock } from '../mock.mjs';
import { openApp, sdk } from '../sdk.mjs';

describe('device management', { skip: withoutMock }, async () => {
  if (withoutMock) return;
  const world = await (await startMock()).world();
  const email = 'judy@example.com';
  await world.createUser({ email, totp: 'enrolled' });
  const app = await openApp(world);
  const { client } = app;
  const only = async () => (await sdk.getMfaDevices(client))[0];

  test('the list shows the device, verified and the default one', async () => {
    await app.signIn(email);
    await app.enterTotp();
    const [device, ...others] = await sdk.getMfaDevices(client);
    assert.deepEqual(others, []);
    assert.deepEqual([device.type, device.verified, device._default], ['totp', true, true]);
    assert.ok(device.createdAt instanceof Date && device.verifiedAt instanceof Date);
    assert.deepEqual((await sdk.getMfaMethods(client)).devices, [device]);
  });

  test('the default device can be chosen', async () => {
    await sdk.setDefaultMfaDevice({ deviceId: (await only()).id }, client);
    const { status, requestBody } = await world.lastExchange('updateUserMfaDevice');
    assert.deepEqual([status, requestBody], [204, null]);
    assert.equal((await only())._default, true);
  });

  test('a device that is not there cannot', async () => {
    const deviceId = '00000000-0000-4000-8000-000000000000';
    await assert.rejects(sdk.setDefaultMfaDevice({ deviceId }, client), { name: 'APIError', status: 404 });
  });

  test('without any proof the SDK does not even ask for a deletion', async () => {
    await assert.rejects(sdk.deleteMfaDevice({ deviceId: (await only()).id }, client), { code: 'value_must_be_defined_error' });
    assert.deepEqual(await world.journal('deleteMfaDevice'), []);
  });

  test('a recovery code that gives an MFA token deletes a device whose phone is lost', async () => {
    const { recoveryCodes: [code] } = await sdk.getMfaRecoveryCodes(client);
    const { id: deviceId } = await only();
    await sdk.authenticateMfaRecoveryCode({ code, createMfaTokenOptions: { singleUse: true } }, client);
    await sdk.deleteMfaDevice({ deviceId, mfaAuthToken: sdk.consumeMfaToken(client) }, client);
    assert.deepEqual(await sdk.getMfaDevices(client), []);
  });

  test('then a new device takes its place', async () => {
    await app.verifyMail({ requestedScopes: ['credential:link'] });
    const first = await sdk.registerTotpMfaDevice(client);
    const second = await sdk.registerTotpMfaDevice(client);
    assert.notEqual(first.secret, second.secret);
    assert.deepEqual((await sdk.getMfaDevices(client)).map(({ id }) => id), [second.id], 'an unverified one is replaced');
    await app.enterTotp({ deviceId: second.id });
    assert.deepEqual([(await only()).id, (await only()).verified], [second.id, true]);
  });

  test('an elevated token deletes it, with no MFA token beside it', async () => {
    await app.enterTotp({ requestedScopes: ['credential:unlink'] });
    await sdk.deleteMfaDevice({ deviceId: (await only()).id }, client);
    assert.deepEqual(await sdk.getMfaDevices(client), []);
    const { requestHeaders } = await world.lastExchange('deleteMfaDevice');
    assert.equal(requestHeaders['x-mfa-auth-token'], '');
  });
});
