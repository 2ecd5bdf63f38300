// The guide "action-based MFA": no MFA at sign-in, but before the actions that the project protects.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { consumeMfaTokenIfRequiredForAction } from '@dynamic-labs-sdk/client/core';
import { startMock, withoutMock } from '../mock.mjs';
import { openApp, sdk } from '../sdk.mjs';

const EXPORT = { mfaAction: 'wallet.waas.export' };

describe('action-based MFA', { skip: withoutMock }, async () => {
  if (withoutMock) return;
  const world = await (await startMock()).world({
    // The guide is older than elevated tokens, and lives on where none are asked for.
    minApiVersion: '2026_01_01',
    mfa: { enabled: false, actions: [{ action: EXPORT.mfaAction, required: true }] },
  });
  const app = await openApp(world);
  const { client } = app;
  let device;

  test('the settings name the protected action', () => {
    const { mfa } = client.projectSettings.security;
    assert.deepEqual(mfa.actions.map(({ action, required }) => [action, required]), [[EXPORT.mfaAction, true]]);
  });

  test('a user without a method is not asked', async () => {
    await app.signIn('ivan@example.com');
    assert.equal(sdk.isUserMissingMfaAuth(client), false);
    assert.equal(await sdk.isMfaRequiredForAction(EXPORT, client), false);
    assert.match((await world.lastExchange('getUserMfaMethods')).path, /verifiedOnly=true$/);
  });

  test('a device is enrolled with no elevated token', async () => {
    device = await sdk.registerTotpMfaDevice(client);
    await app.enterTotp();
    await sdk.acknowledgeRecoveryCodes(client);
    assert.equal(app.hidden.elevatedAccessTokens.length, 0);
  });

  test('from now on the action is protected, and no other', async () => {
    assert.equal(await sdk.isMfaRequiredForAction(EXPORT, client), true);
    assert.equal(await sdk.isMfaRequiredForAction({ mfaAction: 'wallet.waas.sign' }, client), false);
    await assert.rejects(
      async () => consumeMfaTokenIfRequiredForAction(EXPORT, client),
      { code: 'value_must_be_defined_error' },
    );
  });

  test('a code gives a token, which the action takes once', async () => {
    await app.enterTotp({ deviceId: device.id, createMfaTokenOptions: { singleUse: true } });
    assert.equal(app.events.at(-1)[1].mfaToken, client.mfaToken);
    assert.equal(typeof (await consumeMfaTokenIfRequiredForAction(EXPORT, client)), 'string');
    assert.equal(client.mfaToken, null);
  });

  test('an action that the service itself protects takes such a token, and only a good one', async () => {
    await assert.rejects(sdk.deleteMfaDevice({ deviceId: device.id, mfaAuthToken: 'invented' }, client), { name: 'APIError' });
    await app.enterTotp({ createMfaTokenOptions: { singleUse: true } });
    const mfaAuthToken = sdk.consumeMfaToken(client);
    await sdk.deleteMfaDevice({ deviceId: device.id, mfaAuthToken }, client);
    assert.deepEqual(await sdk.getMfaDevices(client), []);
    assert.equal((await world.lastExchange('deleteMfaDevice')).requestHeaders['x-mfa-auth-token'], mfaAuthToken);
    assert.equal(await sdk.isMfaRequiredForAction(EXPORT, client), false);
  });

  test('a new session owes no MFA', async () => {
    await sdk.registerTotpMfaDevice(client);
    await app.enterTotp();
    await sdk.logout(client);
    await app.signIn('ivan@example.com');
    assert.equal(sdk.isUserMissingMfaAuth(client), false);
    assert.equal(await sdk.isMfaRequiredForAction(EXPORT, client), true);
  });
});
