// How servers check the tokens of the service, each with a library that others wrote. A verifier is
// a function of a token: the claims, or an error.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { DynamicStrategy } from '@dynamic-labs/passport-dynamic';
import * as jose from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import jwksRsa from 'jwks-rsa';
import passport from 'passport';

/** The public key that the service's fixtures publish, as the vendor's console shows it: PEM. */
export const pem = await readFile(new URL('../../fixtures/keys/signing.pub.pem', import.meta.url), 'utf8');
const algorithms = ['RS256'];

/** The verifiers for one environment; `close` ends what they hold. */
export async function verifiersOf(world) {
  const sdk = `${world.baseUrl}/sdk/${world.id}`;
  const guarded = await serverWithPassport();
  const viaJose = (path) => {
    const keys = jose.createRemoteJWKSet(new URL(`${sdk}/.well-known/${path}`));
    return async (token) => (await jose.jwtVerify(token, keys, { algorithms, issuer: `app.dynamicauth.com/${world.id}` })).payload;
  };
  const jwks = jwksRsa({ jwksUri: `${sdk}/.well-known/jwks`, cache: true, rateLimit: true });
  return {
    close: () => guarded.close(),
    all: {
      'jose with .well-known/jwks': viaJose('jwks'),
      'jose with .well-known/jwks.json': viaJose('jwks.json'),
      'jose with PEM': async (token) => (await jose.jwtVerify(token, await jose.importSPKI(pem, 'RS256'), { algorithms })).payload,
      'jsonwebtoken with jwks-rsa, by kid': async (token) => {
        const { kid } = jsonwebtoken.decode(token, { complete: true }).header;
        return jsonwebtoken.verify(token, (await jwks.getSigningKey(kid)).getPublicKey(), { algorithms });
      },
      // The vendor's own guide for servers asks for the key without naming it.
      'jsonwebtoken with jwks-rsa, without kid': async (token) =>
        jsonwebtoken.verify(token, (await jwks.getSigningKey()).getPublicKey(), { algorithms, ignoreExpiration: false }),
      'jsonwebtoken with PEM': async (token) => jsonwebtoken.verify(token, pem, { algorithms }),
      'passport-dynamic with PEM': guarded.verify,
    },
  };
}

/** A server whose one page passport-dynamic guards; it answers with the claims. */
async function serverWithPassport() {
  const strategies = new passport.Passport();
  strategies.use(new DynamicStrategy({ publicKey: pem }, (payload, done) => done(null, payload)));
  const guard = strategies.authenticate('dynamicStrategy', { session: false });
  const server = createServer((request, response) => guard(request, response, (error) => {
    response.statusCode = error ? 500 : 200;
    response.end(error ? String(error) : JSON.stringify(request.user));
  }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    close: () => server.close(),
    verify: async (token) => {
      const headers = { authorization: `Bearer ${token}`, connection: 'close' };
      const response = await fetch(`http://127.0.0.1:${server.address().port}/`, { headers });
      if (response.status === 200) return response.json();
      throw new Error(`the server answered ${response.status}`);
    },
  };
}
