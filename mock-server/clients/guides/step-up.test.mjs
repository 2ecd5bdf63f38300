// The guide "step-up authentication": ask whether it is needed, prove it, use the token.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startMock, withoutMock } from '../mock.mjs';
import { openApp, sdk } from '../sdk.mjs';

const MINUTES = 60;

describe('step-up', { skip: withoutMock }, async () => {
  if (withoutMock) return;
  const world = await (await startMock()).world();
  await world.createUser({ email: 'grace@example.com', totp: 'enrolled' });
  const app = await openApp(world);
  const { client } = app;
  const check = (scope) => sdk.checkStepUpAuth({ scope }, client);
  const held = (scope) => sdk.getElevatedAccessToken({ scope, consume: false }, client);

  test('a user without MFA is told to prove the sign-in credential', async () => {
    await app.signIn('heidi@example.com');
    const { isRequired, credentials, defaultCredentialId } = await check('credential:link');
    const [{ id, format }] = client.user.verifiedCredentials;
    assert.equal(isRequired, true);
    assert.deepEqual(credentials.map((known) => [known.id, known.format]), [[id, format]]);
    assert.equal(defaultCredentialId, id);
  });

  test('a mailed code gives a token that serves more than once, for ten minutes', async () => {
    await app.verifyMail({ requestedScopes: ['credential:link'] });
    const [token] = app.hidden.elevatedAccessTokens;
    assert.deepEqual([token.scopes, token.singleUse], [['credential:link'], false]);
    const life = (token.expiresAt.getTime() - (await world.now())) / 1000;
    assert.ok(life > 9 * MINUTES && life <= 10 * MINUTES, `${life} seconds`);
    assert.equal(held('credential:unlink'), undefined);
  });

  test('while it is held, the SDK asks nobody', async () => {
    const before = (await world.journal('stepUpCheck')).length;
    assert.deepEqual(await check('credential:link'), { isRequired: false, credentials: [] });
    assert.equal((await world.journal('stepUpCheck')).length, before);
    await sdk.registerTotpMfaDevice(client);
    await sdk.registerTotpMfaDevice(client);
  });

  test('a user with MFA is told to use the device', async () => {
    await sdk.logout(client);
    assert.equal(held('credential:link'), undefined, 'a logout forgets the tokens');
    await app.signIn('grace@example.com');
    await app.enterTotp();
    const { isRequired, credentials, defaultCredentialId } = await check('wallet:export');
    const [device] = await sdk.getMfaDevices(client);
    assert.equal(isRequired, true);
    assert.deepEqual(credentials.map(({ id, type }) => [id, type]), [[device.id, 'totp']]);
    assert.equal(defaultCredentialId, device.id);
  });

  test('a mailed code is not enough for that user', async () => {
    await assert.rejects(app.verifyMail({ requestedScopes: ['wallet:export'] }), { name: 'APIError', status: 403 });
    assert.deepEqual(app.hidden.elevatedAccessTokens, []);
  });

  test('a TOTP code gives a token for a wallet once, for five minutes', async () => {
    await app.enterTotp({ requestedScopes: ['wallet:export'] });
    const [token] = app.hidden.elevatedAccessTokens;
    assert.deepEqual([token.scopes, token.singleUse], [['wallet:export'], true]);
    const life = (token.expiresAt.getTime() - (await world.now())) / 1000;
    assert.ok(life > 4 * MINUTES && life <= 5 * MINUTES, `${life} seconds`);
    assert.equal(typeof sdk.getElevatedAccessToken({ scope: 'wallet:export' }, client), 'string');
    assert.equal(held('wallet:export'), undefined);
  });

  test('a token that the service no longer takes costs the SDK its copy', async () => {
    await app.enterTotp({ requestedScopes: ['credential:unlink', 'wallet:sign'] });
    assert.equal(app.hidden.elevatedAccessTokens[0].singleUse, true, 'a mixed request is single-use');
    await world.advance(6 * MINUTES);
    const [{ id: deviceId }] = await sdk.getMfaDevices(client);
    await assert.rejects(sdk.deleteMfaDevice({ deviceId }, client), { status: 403 });
    assert.equal(held('credential:unlink'), undefined);
    const { requestHeaders } = await world.lastExchange('deleteMfaDevice');
    assert.equal(requestHeaders['x-dyn-elevated-access-token'].split('.').length, 3);
  });

  test('where the older version is in force, no step-up is needed', async () => {
    await world.patchSettings({ minApiVersion: '2026_01_01' });
    assert.equal((await check('credential:link')).isRequired, false);
  });
});
