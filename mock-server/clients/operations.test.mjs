// Every operation that the service serves, called with the vendor's own generated client: what it
// answers must have every field that the client's models require, and lose nothing in the client.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { contractOf } from './contract.mjs';
import { startMock, withoutMock } from './mock.mjs';
import { OPERATIONS } from './operations.mjs';
import { Scene } from './scene.mjs';

const contract = await contractOf('@dynamic-labs/sdk-api-core');
const mock = withoutMock ? undefined : await startMock();
const served = (await mock?.operations()) ?? [];

test('every operation that is called here is one of the client', () => {
  assert.deepEqual(Object.keys(OPERATIONS).filter((operation) => !contract.operations.has(operation)), []);
});

test('every operation that is served has a call', { skip: withoutMock }, () => {
  assert.ok(served.length >= 30, `only ${served.length} operations are served`);
  assert.deepEqual(served.filter((operation) => !Object.hasOwn(OPERATIONS, operation)), []);
});

describe('the generated client understands', { skip: withoutMock }, () => {
  for (const [operation, play] of Object.entries(OPERATIONS)) {
    const skip = served.includes(operation) ? false : 'the service does not serve it';
    test(operation, { skip }, async () => {
      const scene = new Scene(await mock.world(), contract, served);
      await play(scene);
      assert.deepEqual(scene.flaws, []);
      assert.ok(scene.granted.includes(operation), `${operation} was never granted`);
      assert.deepEqual(scene.complaints, []);
    });
  }
});
