// The software authenticator, judged by a WebAuthn server that others wrote: what the service
// refuses later is then the service's doing.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as webauthn from '@simplewebauthn/server';
import { SoftwareAuthenticator } from './software-authenticator.mjs';

const ORIGIN = 'https://app.example.com';
const RP = { rpName: 'a test', rpID: 'example.com' };
const authenticator = new SoftwareAuthenticator(ORIGIN);
const expected = { expectedOrigin: ORIGIN, expectedRPID: RP.rpID, requireUserVerification: true };
let credential;

async function register(more = {}) {
  const optionsJSON = await webauthn.generateRegistrationOptions({ ...RP, userName: 'alice', ...more });
  const response = await authenticator.register({ optionsJSON });
  return webauthn.verifyRegistrationResponse({ ...expected, response, expectedChallenge: optionsJSON.challenge });
}

async function authenticate(more = {}) {
  const optionsJSON = await webauthn.generateAuthenticationOptions({ rpID: RP.rpID, ...more });
  const response = await authenticator.authenticate({ optionsJSON });
  return { response, verified: () => webauthn.verifyAuthenticationResponse({ ...expected, response, expectedChallenge: optionsJSON.challenge, credential }) };
}

describe('the software authenticator', () => {
  test('makes a passkey that a server accepts', async () => {
    const { verified, registrationInfo } = await register();
    assert.equal(verified, true);
    assert.deepEqual([registrationInfo.fmt, registrationInfo.userVerified, registrationInfo.credentialBackedUp], ['none', true, true]);
    credential = registrationInfo.credential;
    assert.equal(authenticator.passkeys.has(credential.id), true);
  });

  test('signs a challenge, and counts', async () => {
    for (const newCounter of [1, 2]) {
      const { verified, authenticationInfo } = await (await authenticate({ allowCredentials: [{ id: credential.id }] })).verified();
      assert.deepEqual([verified, authenticationInfo.newCounter, authenticationInfo.userVerified], [true, newCounter, true]);
    }
  });

  test('finds its passkey when the server names none', async () => {
    const { response, verified } = await authenticate();
    assert.equal((await verified()).verified, true);
    assert.equal(response.response.userHandle, authenticator.asked[0][1].user.id);
  });

  test('signs what the page says: another challenge is another signature', async () => {
    const { response } = await authenticate();
    await assert.rejects(
      webauthn.verifyAuthenticationResponse({ ...expected, response, expectedChallenge: 'another', credential }), /challenge/,
    );
  });

  test('makes no second passkey where the first is excluded', async () => {
    await assert.rejects(register({ excludeCredentials: [{ id: credential.id }] }), { name: 'InvalidStateError' });
  });

  test('has no passkey for a relying party that it does not know', async () => {
    await assert.rejects(authenticate({ rpID: 'app.example.com' }), { name: 'NotAllowedError' });
    await assert.rejects(authenticate({ allowCredentials: [{ id: 'AAAA' }] }), { name: 'NotAllowedError' });
  });

  test('obeys no relying party that the page does not belong to', async () => {
    for (const rpID of ['example.org', 'ample.com']) await assert.rejects(authenticate({ rpID }), { name: 'SecurityError' });
  });
});
