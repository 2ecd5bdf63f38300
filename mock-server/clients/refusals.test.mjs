// Refusals, held against the error models of the vendor's generated client.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { complaintsAbout } from './answer.mjs';
import { contractOf } from './contract.mjs';
import { startMock, withoutMock } from './mock.mjs';
import { Refusal, Scene } from './scene.mjs';

const contract = await contractOf('@dynamic-labs/sdk-api-core');
const mock = withoutMock ? undefined : await startMock();
const NOBODY = '00000000-0000-4000-8000-000000000000';

/** Refusal: its status, its model, and what provokes it. */
const REFUSALS = {
  'a call without a token': [401, 'Unauthorized', (scene) => scene.visitor().call('getUserMfaDevices')],
  'a sensitive call without proof': [403, 'Forbidden', async (scene) => {
    const person = await scene.enrolled();
    const [{ id }] = (await person.call('getUserMfaDevices')).devices;
    await person.call('deleteMfaDevice', { mfaDeviceId: id, xMfaAuthToken: '' });
  }],
  'a device that is not there': [404, 'NotFound', async (scene) => {
    await (await scene.enrolled()).call('getMfaDevice', { mfaDeviceId: NOBODY });
  }],
  'a wrong TOTP code': [422, 'UnprocessableEntity', async (scene) => {
    const person = await scene.enrolled();
    const code = await scene.world.freshTotpCode(person.email);
    await person.call('authMfaTotpDevice', { mFAAuthTotpDevicePostRequest: { code: code === '000000' ? '000001' : '000000' } });
  }],
  'a wrong recovery code': [422, 'UnprocessableEntity', async (scene) => {
    await (await scene.enrolled()).call('authMfaRecovery', { mFAAuthRecoveryDevicePostRequest: { code: 'NOSUCHCODE' } });
  }],
  'a wrong mailed code': [422, 'UnprocessableEntity', async (scene) => {
    const visitor = scene.visitor();
    const { verificationUUID } = await visitor.call('createEmailVerification', { emailVerificationCreateRequest: { email: visitor.email } });
    const verificationToken = (await scene.world.codeSentTo(visitor.email)) === '000000' ? '000001' : '000000';
    await visitor.call('signInWithEmailVerification', { emailVerificationVerifyRequest: { verificationUUID, verificationToken } });
  }],
  'a scope that does not exist': [422, 'UnprocessableEntity', async (scene) => {
    await (await scene.newcomer()).reauthenticate({ requestedScopes: ['wallet:juggle'] });
  }],
  'too many wrong codes': [429, 'TooManyRequests', async (scene) => {
    const person = await scene.enrolled();
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await assert.rejects(person.call('authMfaRecovery', { mFAAuthRecoveryDevicePostRequest: { code: 'NOSUCHCODE' } }), Refusal);
    }
    await person.passTotp();
  }],
};

describe('a refusal has the shape of its model', { skip: withoutMock }, () => {
  for (const [name, [status, model, play]] of Object.entries(REFUSALS)) {
    test(`${name}: ${status} ${model}`, async () => {
      const scene = new Scene(await mock.world(), { users: contract });
      const refusal = await play(scene).then(() => assert.fail('it was granted'), (error) => error);
      assert.ok(refusal instanceof Refusal, `${refusal.stack}`);
      assert.equal(refusal.status, status, refusal.message);
      // Without a text `error` the SDKs cannot read a refusal at all; they read `code` in each,
      // also where the models have none.
      assert.equal(typeof refusal.body.error, 'string');
      assert.ok(['string', 'undefined'].includes(typeof refusal.body.code));
      const complaints = complaintsAbout(refusal.body, { name: model, nullable: false }, contract);
      assert.deepEqual(complaints.filter((complaint) => !complaint.startsWith('$.code: lost')), []);
    });
  }
});
