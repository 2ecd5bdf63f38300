// Second factors but for passkeys, and the check for a step-up.
const totpDevice = async (person) => (await person.call('getUserMfaDevices')).devices[0];

export const mfa = {
  getUserMfaDevices: async (scene) => (await scene.enrolled()).call('getUserMfaDevices'),
  getUserMfaMethods: async (scene) => (await scene.enrolled()).call('getUserMfaMethods', { verifiedOnly: false }),
  getMfaDevice: async (scene) => {
    const person = await scene.enrolled();
    await person.call('getMfaDevice', { mfaDeviceId: (await totpDevice(person)).id });
  },
  updateUserMfaDevice: async (scene) => {
    const person = await scene.enrolled();
    const { id: mfaDeviceId } = await totpDevice(person);
    await person.call('updateUserMfaDevice', { mfaDeviceId });
    await person.call('updateUserMfaDevice', { mfaDeviceId, mFAUpdateDeviceRequest: { _default: true } });
  },
  deleteMfaDevice: async (scene) => {
    const person = await scene.enrolled();
    const { mfaToken } = await person.passTotp({ createMfaToken: { singleUse: true } });
    await person.call('deleteMfaDevice', { mfaDeviceId: (await totpDevice(person)).id, xMfaAuthToken: mfaToken });
  },
  getRecoveryCodes: async (scene) => (await scene.enrolled()).call('getRecoveryCodes'),
  createNewRecoveryCodes: async (scene) => (await scene.enrolled()).call('createNewRecoveryCodes'),
  registerTotpMfaDevice: async (scene) => {
    const person = await scene.newcomer();
    await person.call('registerTotpMfaDevice', {}, await person.elevated('credential:link'));
    // The device is not verified yet, which shows in other fields than those of a verified one.
    await person.call('getUserMfaDevices');
    await person.passTotp();
  },
  registerTotpMfaDeviceVerify: async (scene) => {
    const person = await scene.newcomer();
    await person.call('registerTotpMfaDevice', {}, await person.elevated('credential:link'));
    const code = await scene.world.freshTotpCode(person.email);
    await person.call('registerTotpMfaDeviceVerify', { mFARegisterTotpDevicePostRequest: { type: 'totp', code } });
  },
  authMfaTotpDevice: async (scene) => {
    const person = await scene.enrolled();
    await person.passTotp({ createMfaToken: { singleUse: false }, requestedScopes: ['wallet:sign'] });
  },
  authMfaRecovery: async (scene) => {
    const person = await scene.enrolled();
    const { recoveryCodes: [code] } = await person.call('getRecoveryCodes');
    await person.call('authMfaRecovery', {
      mFAAuthRecoveryDevicePostRequest: { code, createMfaToken: { singleUse: true }, requestedScopes: ['credential:unlink'] },
    });
  },
  stepUpCheck: async (scene) => {
    const [newcomer, enrolled] = [await scene.newcomer(), await scene.enrolled()];
    for (const scope of ['credential:link', 'wallet:export', 'wallet:sign']) {
      await newcomer.call('stepUpCheck', { stepUpCheckRequest: { scope } });
      await enrolled.call('stepUpCheck', { stepUpCheckRequest: { scope } });
    }
  },
};
