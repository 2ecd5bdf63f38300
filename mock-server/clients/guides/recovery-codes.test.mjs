// The guide "recovery codes": read them, keep them, use one, replace them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startMock, withoutMock } from '../mock.mjs';
import { openApp, sdk } from '../sdk.mjs';

describe('recovery codes', { skip: withoutMock }, async () => {
  if (withoutMock) return;
  const world = await (await startMock()).world();
  const email = 'erin@example.com';
  await world.createUser({ email, totp: 'enrolled' });
  const app = await openApp(world);
  const { client } = app;
  const use = (code, more = {}) => sdk.authenticateMfaRecoveryCode({ code, ...more }, client);
  let codes;

  test('there are ten, and reading them again gives the same', async () => {
    await app.signIn(email);
    await app.enterTotp();
    const read = await sdk.getMfaRecoveryCodes(client);
    codes = read.recoveryCodes;
    assert.deepEqual([read.count, codes.length, new Set(codes).size], [10, 10, 10]);
    assert.deepEqual((await sdk.getMfaRecoveryCodes(client)).recoveryCodes, codes);
  });

  test('one takes the place of the authenticator app, once', async () => {
    await sdk.logout(client);
    await app.signIn(email);
    assert.equal(sdk.isUserMissingMfaAuth(client), true);
    await use(codes[0]);
    assert.deepEqual(app.scopes, ['user:basic']);
    await assert.rejects(use(codes[0]), sdk.MfaInvalidOtpError);
    const { count, recoveryCodes } = await sdk.getMfaRecoveryCodes(client);
    assert.deepEqual([count, recoveryCodes], [9, codes.slice(1)]);
  });

  test('one proves a step-up', async () => {
    await use(codes[1], { requestedScopes: ['credential:unlink'] });
    assert.notEqual(sdk.getElevatedAccessToken({ scope: 'credential:unlink', consume: false }, client), undefined);
    const { requestBody } = await world.lastExchange('authMfaRecovery');
    assert.deepEqual(requestBody, { code: codes[1], requestedScopes: ['credential:unlink'] });
  });

  test('one gives the MFA token of older guides', async () => {
    await use(codes[2], { createMfaTokenOptions: { singleUse: true } });
    assert.equal(typeof sdk.consumeMfaToken(client), 'string');
  });

  test('a new set makes the old one worthless', async () => {
    const { count, recoveryCodes } = await sdk.createNewMfaRecoveryCodes(client);
    assert.equal(count, 10);
    assert.equal(recoveryCodes.some((code) => codes.includes(code)), false);
    await assert.rejects(use(codes[3]), sdk.MfaInvalidOtpError);
    await use(recoveryCodes[9]);
  });

  test('who enrols has to say that the codes are kept', async () => {
    await sdk.logout(client);
    await app.signIn('frank@example.com');
    await app.verifyMail({ requestedScopes: ['credential:link'] });
    await sdk.registerTotpMfaDevice(client);
    await app.enterTotp();
    assert.equal(sdk.isPendingRecoveryCodesAcknowledgment(client), true);
    assert.equal((await sdk.getMfaRecoveryCodes(client)).count, 10);
    assert.equal(sdk.isPendingRecoveryCodesAcknowledgment(client), true, 'reading is not acknowledging');
    await sdk.acknowledgeRecoveryCodes(client);
    assert.equal(sdk.isPendingRecoveryCodesAcknowledgment(client), false);
    assert.deepEqual((await world.lastExchange('updateSelf')).requestBody, { mfaBackupCodeAcknowledgement: 'complete' });
    assert.deepEqual(app.scopes, ['user:basic']);
  });
});
