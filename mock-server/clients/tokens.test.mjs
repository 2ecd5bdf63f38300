// The tokens of the service in the hands of the libraries with which servers check them.
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { complaintsAbout } from './answer.mjs';
import { contractOf } from './contract.mjs';
import { startMock, withoutMock } from './mock.mjs';
import { Scene } from './scene.mjs';
import { pem, verifiersOf } from './verifiers.mjs';

/** Longer than any token lives by default. */
const THREE_HOURS = 3 * 3600;
const contract = await contractOf('@dynamic-labs/sdk-api-core');
const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

const foreignKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

/** The tokens that a signed-in user with MFA gets. */
async function tokensOf(scene) {
  const person = await scene.enrolled();
  const answer = await person.passTotp({ requestedScopes: ['credential:link', 'credential:unlink'] });
  return { answer, 'session token': answer.minifiedJwt, 'long session token': answer.jwt, 'elevated token': answer.elevatedAccessToken };
}

/** A good token, spoilt in one way each. */
function spoilt(token) {
  const [header, payload, signature] = token.split('.');
  const changed = encoded({ ...decodeJwt(token), sub: 'somebody-else' });
  const foreign = sign('sha256', Buffer.from(`${header}.${payload}`), foreignKey).toString('base64url');
  const confused = `${encoded({ ...decodeProtectedHeader(token), alg: 'HS256' })}.${payload}`;
  return {
    'with another subject': `${header}.${changed}.${signature}`,
    'signed with a foreign key of the same name': `${header}.${payload}.${foreign}`,
    'without a signature': `${encoded({ alg: 'none', typ: 'JWT' })}.${payload}.`,
    'signed with the public key as a secret': `${confused}.${createHmac('sha256', pem).update(confused).digest('base64url')}`,
  };
}

describe('tokens', { skip: withoutMock }, async () => {
  if (withoutMock) return;
  const mock = await startMock();
  const scene = new Scene(await mock.world(), { users: contract });
  await scene.world.setClock({ mode: 'shifted', bySeconds: -THREE_HOURS });
  const expired = await tokensOf(scene);
  await scene.world.setClock({ mode: 'system' });
  const fresh = await tokensOf(scene);
  const elsewhere = await tokensOf(new Scene(await mock.world(), { users: contract }));
  const { all, close } = await verifiersOf(scene.world);
  after(close);

  for (const kind of ['session token', 'long session token', 'elevated token']) {
    for (const [name, verify] of Object.entries(all)) {
      test(`${name} accepts the ${kind}`, async () => {
        const claims = await verify(fresh[kind]);
        assert.equal(claims.sub, fresh.answer.user.id);
        assert.equal(claims.sid, fresh.answer.user.sessionId);
        assert.equal(claims.environment_id, scene.world.id);
      });
      test(`${name} refuses the ${kind} when it has expired`, async () => {
        // Of the same environment and with the same key: nothing but time makes it bad.
        await assert.rejects(verify(expired[kind]), name.startsWith('passport') ? /401/ : /exp/);
      });
      test(`${name} refuses the ${kind} when it is spoilt`, async () => {
        for (const [how, token] of Object.entries(spoilt(fresh[kind]))) {
          await assert.rejects(verify(token), undefined, how);
        }
      });
    }
  }

  test('the issuer tells the environments apart, which share their key', async () => {
    await assert.rejects(all['jose with .well-known/jwks'](elsewhere['session token']), /"iss"/);
  });

  test('the claims are those of the models', () => {
    const about = (token, model) => complaintsAbout(decodeJwt(token), { name: model, nullable: false }, contract);
    assert.deepEqual(about(fresh['session token'], 'MinifiedDynamicJwt'), []);
    assert.deepEqual(about(fresh['long session token'], 'DynamicJwt'), []);
  });

  test('the header names the key, and the claims name it again', () => {
    for (const kind of ['session token', 'long session token', 'elevated token']) {
      const { kid, alg, typ } = decodeProtectedHeader(fresh[kind]);
      assert.deepEqual({ kid: decodeJwt(fresh[kind]).kid, alg, typ }, { kid, alg: 'RS256', typ: 'JWT' });
    }
  });

  test('a server that protects itself by scope lets nobody in who still owes MFA', async () => {
    const { world } = scene;
    const person = scene.visitor();
    await world.createUser({ email: person.email, totp: 'enrolled' });
    await person.signInByMail();
    const scopes = async () => (await all['passport-dynamic with PEM'](person.token)).scope.split(' ');
    assert.ok((await scopes()).includes('requiresAdditionalAuth'));
    await person.passTotp();
    assert.deepEqual(await scopes(), ['user:basic']);
  });
});
