// Passkeys, as second factor and as sign-in.
import { SoftwareAuthenticator } from '../software-authenticator.mjs';
import { ORIGIN } from '../scene.mjs';

/** Makes a passkey for a person on a new authenticator; returns the authenticator. */
async function register(person, more = {}) {
  const authenticator = new SoftwareAuthenticator(ORIGIN);
  const proof = await person.elevated('credential:link');
  const { response: { clientDataJSON, ...response }, ...made } = await authenticator.register({
    optionsJSON: await person.call('getPasskeyRegistrationOptions'),
  });
  // The client's model spells this one key in its own way.
  const passkeyRegisterRequest = { ...made, response: { ...response, clientDataJson: clientDataJSON }, ...more };
  await person.call('registerPasskey', { passkeyRegisterRequest }, proof);
  return authenticator;
}

const withPasskey = async (scene) => {
  const person = await scene.newcomer();
  return { person, authenticator: await register(person) };
};

async function authenticate(person, authenticator, more = {}) {
  const made = await authenticator.authenticate({ optionsJSON: await person.call('getPasskeyAuthenticationOptions') });
  return person.call('authenticateMfaPasskeyDevice', { passkeyAuthRequest: { ...made, ...more } });
}

export const passkeys = {
  getPasskeyRegistrationOptions: withPasskey,
  registerPasskey: async (scene) => {
    await register(await scene.newcomer(), { createMfaToken: { singleUse: true } });
  },
  getUserPasskeys: async (scene) => {
    const { person } = await withPasskey(scene);
    await person.call('getUserPasskeys');
    await person.call('getUserMfaMethods');
  },
  updatePasskey: async (scene) => {
    const { person } = await withPasskey(scene);
    const { passkeys: [{ id }] } = await person.call('getUserPasskeys');
    await person.call('updatePasskey', { updateUserPasskeyRequest: { id, alias: 'My laptop' } });
  },
  getPasskeyAuthenticationOptions: async (scene) => {
    await (await withPasskey(scene)).person.call('getPasskeyAuthenticationOptions');
  },
  authenticateMfaPasskeyDevice: async (scene) => {
    const { person, authenticator } = await withPasskey(scene);
    await authenticate(person, authenticator, { createMfaToken: { singleUse: true }, requestedScopes: ['wallet:export'] });
    await person.call('stepUpCheck', { stepUpCheckRequest: { scope: 'wallet:export' } });
  },
  deletePasskey: async (scene) => {
    const { person, authenticator } = await withPasskey(scene);
    const { passkeys: [{ id: passkeyId }] } = await person.call('getUserPasskeys');
    const { elevatedAccessToken } = await authenticate(person, authenticator, { requestedScopes: ['credential:unlink'] });
    const proof = { 'x-dyn-elevated-access-token': elevatedAccessToken };
    await person.call('deletePasskey', { deleteUserPasskeyRequest: { passkeyId } }, proof);
  },
  getPasskeyAuthenticationSigninOptions: (scene) => scene.visitor().call('getPasskeyAuthenticationSigninOptions'),
  signinWithPasskey: async (scene) => {
    const { authenticator } = await withPasskey(scene);
    const visitor = scene.visitor();
    const made = await authenticator.authenticate({ optionsJSON: await visitor.call('getPasskeyAuthenticationSigninOptions') });
    await visitor.call('signinWithPasskey', { passkeyAuthRequest: made });
  },
  registerPasskeyMfaDevice: async (scene) => {
    const person = await scene.newcomer();
    await person.call('registerPasskeyMfaDevice', {}, await person.elevated('credential:link'));
  },
  registerPasskeyMfaDeviceVerify: async (scene) => {
    const person = await scene.newcomer();
    const proof = await person.elevated('credential:link');
    const { id, registration } = await person.call('registerPasskeyMfaDevice', {}, proof);
    const attestation = await new SoftwareAuthenticator(ORIGIN).register({ optionsJSON: registration });
    await person.call('registerPasskeyMfaDeviceVerify', { mFARegisterPasskeyDevicePostRequest: { id, attestation } }, proof);
  },
};
