// Stands in for `DynamicClientKeychain`, the SDK's own native module: P-256 keys that never leave the phone.
// As from a secure element, public keys are uncompressed points and signatures are DER, in base64url.
import { createPublicKey, generateKeyPair, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { native } from '../app.mjs';

const bytes = (base64url) => Buffer.from(base64url, 'base64url');

/** The public half of a key: 04, x, y (SEC 1, section 2.3.3). */
function told(key) {
  const { x, y } = createPublicKey(key).export({ format: 'jwk' });
  return { publicKey: Buffer.concat([Buffer.of(4), bytes(x), bytes(y)]).toString('base64url') };
}

export const hardware = {
  isAvailable: native(() => true),
  generateKeyPair: native(async ({ keys }, name) => {
    const { privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
    keys.set(name, privateKey);
    return told(privateKey);
  }),
  getPublicKey: native(({ keys }, name) => (keys.has(name) ? told(keys.get(name)) : null)),
  hasKey: native(({ keys }, name) => keys.has(name)),
  deleteKey: native(({ keys }, name) => void keys.delete(name)),
  sign: native(({ keys }, name, payload) => {
    if (!keys.has(name)) throw new Error(`the hardware holds no key "${name}"`);
    return { signature: sign('sha256', bytes(payload), keys.get(name)).toString('base64url') };
  }),
};
