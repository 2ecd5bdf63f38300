// The guide "account-based MFA": everybody must enrol at sign-up and pass at each sign-in.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startMock, withoutMock } from '../mock.mjs';
import { openApp, sdk } from '../sdk.mjs';

describe('account-based MFA', { skip: withoutMock }, async () => {
  if (withoutMock) return;
  const world = await (await startMock()).world({ mfa: { enrollment: 'signup' } });
  const app = await openApp(world);
  const { client } = app;

  test('the settings tell the app that MFA is required', () => {
    const { mfa } = client.projectSettings.security;
    assert.deepEqual([mfa.enabled, mfa.required, mfa.enrollment], [true, true, 'signup']);
    assert.deepEqual(mfa.methods.filter(({ enabled }) => enabled).map(({ type }) => type).includes('totp'), true);
  });

  test('a new user is signed in, but owes MFA and has no method', async () => {
    await app.signIn('bob@example.com');
    assert.equal(sdk.isSignedIn(client), true);
    assert.equal(sdk.isUserMissingMfaAuth(client), true);
    assert.equal(sdk.checkUserScopes({ user: client.user, scopes: ['user:basic'] }), false);
    const methods = await sdk.getMfaMethods(client);
    assert.deepEqual([methods.devices, methods.passkeys, methods.userHasVerifiedMfaMethods], [[], [], false]);
  });

  test('the first device needs no elevated token, or nobody could ever begin', async () => {
    await sdk.registerTotpMfaDevice(client);
    await app.enterTotp();
    assert.equal(sdk.isUserMissingMfaAuth(client), false);
    assert.equal(sdk.isPendingRecoveryCodesAcknowledgment(client), true);
    await sdk.acknowledgeRecoveryCodes(client);
    assert.deepEqual(app.scopes, ['user:basic']);
  });

  test('at the next sign-in the user is challenged, not enrolled', async () => {
    await sdk.logout(client);
    await app.signIn('bob@example.com');
    assert.equal(sdk.isUserMissingMfaAuth(client), true);
    const { devices: [device], userHasVerifiedMfaMethods } = await sdk.getMfaMethods(client);
    assert.deepEqual([device.type, userHasVerifiedMfaMethods], ['totp', true]);
    await app.enterTotp({ deviceId: device.id });
    assert.deepEqual(app.scopes, ['user:basic']);
    assert.equal(sdk.isPendingRecoveryCodesAcknowledgment(client), false);
  });

  test('the last method may go, and then the user has to enrol anew', async () => {
    const [device] = await sdk.getMfaDevices(client);
    await app.enterTotp({ requestedScopes: ['credential:unlink'] });
    await sdk.deleteMfaDevice({ deviceId: device.id }, client);
    await sdk.refreshAuth(client);
    assert.equal(sdk.isUserMissingMfaAuth(client), true);
  });
});
