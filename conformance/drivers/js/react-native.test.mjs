// Everything of smoke.test.mjs once more, with the SDK's React Native build; then what only its stubs can get wrong.
import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { test } from 'node:test';
import { newPhone, openApp } from './react-native/app.mjs';
import storage from './react-native/stubs/async-storage.mjs';
import { hardware } from './react-native/stubs/hardware.mjs';
import { getGenericPassword, resetGenericPassword, setGenericPassword } from './react-native/stubs/react-native-keychain.mjs';

process.env.MFA_DRIVER_PLATFORM = 'react-native';
await import('./smoke.test.mjs');

test('each app finds what its own phone keeps, also after a restart and from a timer', async () => {
  const phones = [newPhone(), newPhone()];
  for (const [index, phone] of phones.entries()) {
    await openApp(phone).within(async () => {
      await setTimeout(1);
      await storage.setItem('item', `item ${index}`);
      assert.deepEqual(await setGenericPassword('session', `secret ${index}`, { service: 'session' }), { service: 'session', storage: 'memory' });
      await hardware.generateKeyPair('session');
    });
  }
  const shown = await Promise.all(phones.map((phone) => openApp(phone).within(async () => [
    await storage.getItem('item'), (await getGenericPassword({ service: 'session' })).password,
    (await hardware.getPublicKey('session')).publicKey,
  ])));
  assert.deepEqual(shown.map(([item, secret]) => [item, secret]), [['item 0', 'secret 0'], ['item 1', 'secret 1']]);
  assert.notEqual(shown[0][2], shown[1][2]);
});

test('what is removed is gone, and what was never there is the nothing that the real modules say', async () => {
  await openApp(newPhone()).within(async () => {
    await storage.setItem('item', 'here');
    await storage.removeItem('item');
    await setGenericPassword('session', 'secret', { service: 'session' });
    assert.equal(await resetGenericPassword({ service: 'session' }), true);
    await hardware.generateKeyPair('session');
    await hardware.deleteKey('session');
    assert.equal(await storage.getItem('item'), null);
    assert.equal(await getGenericPassword({ service: 'session' }), false);
    assert.equal(await hardware.getPublicKey('session'), null);
    assert.equal(await hardware.hasKey('session'), false);
    await assert.rejects(hardware.sign('session', 'AAAA'), /no key "session"/);
  });
});

test('the hardware signs in DER with the key whose public half it shows', async () => {
  await openApp(newPhone()).within(async () => {
    const { publicKey } = await hardware.generateKeyPair('session');
    const point = Buffer.from(publicKey, 'base64url');
    assert.deepEqual([point.length, point[0]], [65, 4]);
    const { signature } = await hardware.sign('session', Buffer.from('a message').toString('base64url'));
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'));
    const key = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
    const der = Buffer.from(signature, 'base64url');
    assert.ok(verify('sha256', Buffer.from('a message'), { key, dsaEncoding: 'der' }, der));
    assert.ok(!verify('sha256', Buffer.from('another'), { key, dsaEncoding: 'der' }, der));
  });
});

test('a closed app hangs instead of touching what its successor keeps, and outside of apps nothing is kept', async () => {
  const phone = newPhone();
  const app = openApp(phone);
  app.close();
  const calls = app.within(() => [storage.setItem('session', 'ghost'), setGenericPassword('session', 'ghost', { service: 'session' }),
    hardware.generateKeyPair('session'), app.whileOpen(() => 'answered')()]);
  const settled = await Promise.race([...calls.map((call) => call.then(() => 'settled')), setTimeout(20, 'hung')]);
  assert.equal(settled, 'hung');
  assert.deepEqual([phone.items.size, phone.secrets.size, phone.keys.size], [0, 0, 0]);
  await assert.rejects(storage.getItem('item'), /outside of every app/);
});
