// Codes that come as a text, and e-mail as a second factor.

/** A number that is no test account, so that its code is another each time. */
const PHONE = { phoneCountryCode: '1', phoneNumber: '9171113333', isoCountryCode: 'US' };
const E164 = `+${PHONE.phoneCountryCode}${PHONE.phoneNumber}`;

async function textedCode(person) {
  const { verificationUUID } = await person.call('createSmsVerification', { smsVerificationCreateRequest: PHONE });
  return { verificationUUID, verificationToken: await person.world.codeSentTo(E164) };
}

/** Somebody who has linked the number. */
async function withPhone(scene) {
  const person = await scene.newcomer();
  const proof = await person.elevated('credential:link');
  await person.call('verifySmsVerification', { smsVerificationVerifyRequest: await textedCode(person) }, proof);
  return person;
}

const signInWithSms = async (visitor) =>
  visitor.call('signInWithSmsVerification', { smsVerificationVerifyRequest: await textedCode(visitor) });

export const messages = {
  createSmsVerification: (scene) => textedCode(scene.visitor()),
  retrySmsVerification: async (scene) => {
    const visitor = scene.visitor();
    const { verificationUUID } = await textedCode(visitor);
    await visitor.call('retrySmsVerification', { smsVerificationRetryRequest: { verificationUUID, ...PHONE } });
  },
  signInWithSmsVerification: async (scene) => {
    const visitor = scene.visitor();
    await signInWithSms(visitor);
    await visitor.call('getAuthenticatedUser');
  },
  verifySmsVerification: async (scene) => {
    const person = await withPhone(scene);
    // The number is known now, so the same call proves it once more.
    const smsVerificationVerifyRequest = { ...(await textedCode(person)), requestedScopes: ['wallet:export'] };
    await person.call('verifySmsVerification', { smsVerificationVerifyRequest });
  },
  authenticateMfaEmail: async (scene) => {
    const { mfa } = await scene.world.settings();
    const methods = [...mfa.methods.filter(({ type }) => type !== 'email'), { type: 'email', enabled: true, allowBackupCodes: false }];
    await scene.world.patchSettings({ mfa: { methods } });
    // A second factor differs from the first: here a text, then a mail.
    const { email } = await withPhone(scene);
    const person = scene.visitor(email);
    await signInWithSms(person);
    const { verificationUUID } = await person.call('createEmailVerification', { emailVerificationCreateRequest: { email } });
    const verificationToken = await scene.world.codeSentTo(email);
    await person.call('authenticateMfaEmail', {
      emailVerificationMfaRequest: { verificationUUID, verificationToken, createMfaToken: { singleUse: true } },
    });
  },
};
