// The guide "session MFA": whoever has a method passes it in each new session, and only then.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startMock, withoutMock } from '../mock.mjs';
import { openApp, sdk } from '../sdk.mjs';

describe('session MFA', { skip: withoutMock }, async () => {
  if (withoutMock) return;
  const world = await (await startMock()).world();
  const email = 'carol@example.com';
  await world.createUser({ email, totp: 'enrolled' });
  const app = await openApp(world);
  const { client } = app;

  test('a user without a method is asked for nothing', async () => {
    await app.signIn('dave@example.com');
    assert.equal(sdk.isUserMissingMfaAuth(client), false);
    await sdk.logout(client);
  });

  test('a user with a method owes it', async () => {
    await app.signIn(email);
    assert.equal(sdk.isUserMissingMfaAuth(client), true);
    assert.equal(app.scopes.includes('requiresAdditionalAuth'), true);
  });

  test('the debt survives a refresh', async () => {
    await sdk.refreshAuth(client);
    assert.equal(sdk.isUserMissingMfaAuth(client), true);
  });

  test('until it is paid, the session may do little more than pay', async () => {
    await assert.rejects(sdk.getMfaRecoveryCodes(client), { name: 'APIError', status: 403 });
    await assert.rejects(sdk.deleteUser(client), { name: 'APIError', status: 403 });
    assert.equal(sdk.isSignedIn(client), true);
    assert.equal((await sdk.refreshUser(client)).email, email);
    assert.equal((await sdk.getMfaDevices(client)).length, 1);
  });

  test('a code pays it, in a session that stays the same', async () => {
    const { sessionId } = client.user;
    await app.enterTotp();
    assert.deepEqual([client.user.sessionId, app.scopes], [sessionId, ['user:basic']]);
    assert.equal(sdk.checkUserScopes({ user: client.user, scopes: ['user:basic'] }), true);
    await sdk.refreshAuth(client);
    assert.deepEqual(app.scopes, ['user:basic']);
  });

  test('a code that was used is worth nothing', async () => {
    const { code } = (await world.lastExchange('authMfaTotpDevice')).requestBody;
    await assert.rejects(sdk.authenticateTotpMfaDevice({ code }, client), sdk.MfaInvalidOtpError);
  });

  test('a new session owes it again; where MFA is off, none does', async () => {
    await sdk.logout(client);
    await app.signIn(email);
    assert.equal(sdk.isUserMissingMfaAuth(client), true);
    await sdk.logout(client);
    await world.patchSettings({ mfa: { enabled: false } });
    await app.signIn(email);
    assert.equal(sdk.isUserMissingMfaAuth(client), false);
  });
});
