// What a browser would give the SDK and Node does not: storage and a keychain, here in memory.
//
// Nothing is written to disk, and there is no navigation and no cross-tab service: the SDK works
// without them as long as no operation asks for one. Its passkeys come from the runner: passkey.mjs.

const { subtle } = globalThis.crypto;
const P256 = { name: 'ECDSA', namedCurve: 'P-256' };
const hex = (bytes) => Buffer.from(bytes).toString('hex');

/** What outlives one SDK object of an instance: its stored items and its keys. */
export const newKeepsake = () => ({ items: new Map(), keys: new Map() });

/**
 * Opens the services of one SDK object over what its instance keeps.
 *
 * After `close` every call hangs for ever, because an SDK object has no end of its own: its expiry
 * timer would go on to revoke the session and to overwrite the storage of its successor.
 */
export function openServices(kept) {
  let open = true;
  const whileOpen = (call) => async (...args) => (open ? call(...args) : new Promise(() => {}));
  return {
    fetch: whileOpen((...request) => globalThis.fetch(...request)),
    storageAdapter: storageOver(kept.items, whileOpen),
    keychain: keychainOver(kept.keys, whileOpen),
    close: () => { open = false; },
  };
}

/** The SDK's storage adapter over a map; both storage tiers share it. */
const storageOver = (items, whileOpen) => ({
  getItem: whileOpen((key) => items.get(key) ?? null),
  setItem: whileOpen((key, value) => void items.set(key, value)),
  removeItem: whileOpen((key) => void items.delete(key)),
});

/** The SDK's keychain over a map: P-256 keys by name, public keys as compressed points in hex. */
function keychainOver(keys, whileOpen) {
  // Storing is a second `whileOpen` step: a key that was being made when the SDK object was closed
  // must not replace the one its successor has made since.
  const keep = whileOpen(async (name, privateKey, publicKey) => {
    const publicHex = compressed(new Uint8Array(await subtle.exportKey('raw', publicKey)));
    keys.set(name, { privateKey, publicHex });
    return publicHex;
  });
  return {
    generateKey: whileOpen(async (name) => {
      const pair = await subtle.generateKey(P256, false, ['sign', 'verify']);
      return keep(name, pair.privateKey, pair.publicKey);
    }),
    importKey: whileOpen(async (name, { kty, crv, x, y, d }) => {
      const privateKey = await subtle.importKey('jwk', { kty, crv, x, y, d }, P256, false, ['sign']);
      const publicKey = await subtle.importKey('jwk', { kty, crv, x, y }, P256, true, ['verify']);
      return keep(name, privateKey, publicKey);
    }),
    getPublicKey: whileOpen((name) => keys.get(name)?.publicHex ?? null),
    hasKey: whileOpen((name) => keys.has(name)),
    removeKey: whileOpen((name) => void keys.delete(name)),
    sign: whileOpen(async (name, message) => {
      if (!keys.has(name)) throw new Error(`the keychain holds no key "${name}"`);
      const data = new TextEncoder().encode(message);
      return hex(await subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, keys.get(name).privateKey, data));
    }),
  };
}

/** Shortens an uncompressed point (04, x, y) to its parity and x (SEC 1, section 2.3.3). */
function compressed(point) {
  const parity = point[64] & 1 ? '03' : '02';
  return parity + hex(point.subarray(1, 33));
}
