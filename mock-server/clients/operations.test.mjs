// Every operation that the service serves, called with the vendor's own generated clients: what it
// answers must have every field that the client's models require, and lose nothing in the client.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { contractOf } from './contract.mjs';
import { startMock, withoutMock } from './mock.mjs';
import { OPERATIONS, WITHOUT_CLIENT } from './operations.mjs';
import { Scene } from './scene.mjs';

const contracts = {
  users: await contractOf('@dynamic-labs/sdk-api-core'),
  administrators: await contractOf('@dynamic-labs/sdk-api'),
};
const mock = withoutMock ? undefined : await startMock();
const served = (await mock?.operations()) ?? [];

test('every operation that is called here is one of its client', () => {
  for (const [who, table] of Object.entries(OPERATIONS)) {
    assert.deepEqual(Object.keys(table).filter((operation) => !contracts[who].operations.has(operation)), [], who);
  }
});

test('what is said to have no client has none', () => {
  const named = Object.values(contracts).flatMap(({ operations }) => [...operations.keys()]);
  assert.deepEqual(WITHOUT_CLIENT.filter((operation) => named.includes(operation)), []);
});

test('every operation that is served has a call', { skip: withoutMock }, () => {
  assert.ok(served.length >= 30, `only ${served.length} operations are served`);
  const called = Object.values(OPERATIONS).flatMap(Object.keys).concat(WITHOUT_CLIENT);
  assert.deepEqual(served.filter((operation) => !called.includes(operation)), []);
});

for (const [who, table] of Object.entries(OPERATIONS)) {
  describe(`the generated client of ${who} understands`, { skip: withoutMock }, () => {
    for (const [operation, play] of Object.entries(table)) {
      const skip = served.includes(operation) ? false : 'the service does not serve it';
      test(operation, { skip }, async () => {
        const scene = new Scene(await mock.world(), contracts);
        await play(scene);
        assert.deepEqual(scene.flaws, []);
        assert.ok(scene.granted.includes(operation), `${operation} was never granted`);
        assert.deepEqual(scene.complaints, []);
      });
    }
  });
}
