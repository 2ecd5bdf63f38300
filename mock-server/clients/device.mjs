// The key of a device, and the headers that prove it: a nonce of the service, signed (P-256).
import { ECDH, generateKeyPairSync, sign } from 'node:crypto';

/** Makes a device key; the function returned signs one nonce and returns the three headers. */
export function newDeviceKey() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = publicKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  const compressed = ECDH.convertKey(point, 'prime256v1', undefined, 'hex', 'compressed');
  return (nonce) => ({
    'x-dynamic-device-nonce': nonce,
    'x-dynamic-device-publickey': compressed,
    'x-dynamic-device-signed-nonce': sign('sha256', Buffer.from(nonce), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('hex'),
  });
}
