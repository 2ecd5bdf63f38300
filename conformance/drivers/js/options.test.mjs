// What the suite cannot see, because a driver has to reach the service first: which option says where it is.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as sdk from '@dynamic-labs-sdk/client';
import { newKeepsake, openServices } from './services.mjs';

const LOCAL = 'http://127.0.0.1:9/api/v0';

/** The addresses that a client with these options asks while it starts; none of them is really asked. */
async function asked(options, coreConfig) {
  const addresses = [];
  const { storageAdapter, keychain, close } = openServices(newKeepsake());
  const fetch = async (request) => {
    addresses.push(String(request?.url ?? request));
    throw new TypeError('nothing leaves this test');
  };
  const client = sdk.createDynamicClient({
    environmentId: '11111111-1111-4111-8111-111111111111',
    autoInitialize: false,
    instrumentation: { enabled: false },
    coreConfig: { fetch, storageAdapter, keychain, ...coreConfig },
    ...options,
  });
  await assert.rejects(sdk.initializeClient(client));
  close();
  assert.ok(addresses.length > 0);
  return addresses;
}

test('the base URL is read from coreConfig', async () => {
  for (const address of await asked({}, { apiBaseUrl: LOCAL })) assert.ok(address.startsWith(`${LOCAL}/sdk/`), address);
});

// https://www.dynamic.xyz/docs/javascript/authentication-methods/cookie-authentication.md shows it there;
// https://www.dynamic.xyz/docs/javascript/migrating-from-react/cookies.md shows it in coreConfig. When this test
// fails the SDK has learnt to read both, and the note in the README can go.
test('a base URL at the top of the options is ignored, and the vendor is asked instead', async () => {
  for (const address of await asked({ apiBaseUrl: LOCAL }, {})) assert.ok(!address.startsWith(LOCAL), address);
});
