// The app's own issuer of JWTs: sign-in with one, and step-up by a signed assertion.
import { randomUUID } from 'node:crypto';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';

const ISSUER = 'https://issuer.example.com';
const MINUTE = 60;

/** Tells the world of an issuer with a new key; returns what signs for it. */
async function newIssuer(scene) {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const key = { ...(await exportJWK(publicKey)), kid: 'issuer-1', alg: 'RS256', use: 'sig' };
  await scene.world.patchSettings({ externalAuth: { enabled: true, issuer: ISSUER, jwks: { keys: [key] } } });
  const now = Math.floor((await scene.world.now()) / 1000);
  return (claims) => new SignJWT({ iss: ISSUER, iat: now, exp: now + MINUTE, jti: randomUUID(), ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: key.kid, typ: 'JWT' })
    .sign(privateKey);
}

async function signedIn(scene) {
  const issue = await newIssuer(scene);
  const visitor = scene.visitor();
  const jwt = await issue({ sub: 'customer-7', email: visitor.email });
  await visitor.call('externalAuthSignin', { externalAuthSigninRequest: { jwt } });
  return { visitor, issue };
}

export const externalAuth = {
  externalAuthSignin: async (scene) => (await signedIn(scene)).visitor.call('getAuthenticatedUser'),
  externalAuthVerify: async (scene) => {
    const { visitor, issue } = await signedIn(scene);
    const jwt = await issue({ sub: 'customer-7', scope: 'credential:link wallet:export' });
    await visitor.call('externalAuthVerify', { externalAuthSigninRequest: { jwt } });
  },
};
