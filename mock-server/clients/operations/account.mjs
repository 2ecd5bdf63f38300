// Sign-in by e-mail, the session, and the user's own record.
export const account = {
  createEmailVerification: (scene) => scene.visitor().signInByMail(),
  retryEmailVerification: async (scene) => {
    const visitor = scene.visitor();
    const { email } = visitor;
    const { verificationUUID } = await visitor.call('createEmailVerification', { emailVerificationCreateRequest: { email } });
    await visitor.call('retryEmailVerification', { emailVerificationRetryRequest: { verificationUUID, email } });
  },
  signInWithEmailVerification: (scene) => scene.newcomer(),
  verifyEmailVerification: async (scene) => {
    const person = await scene.newcomer();
    await person.reauthenticate({ requestedScopes: ['credential:link', 'wallet:export'] });
  },
  refreshAuth: async (scene) => (await scene.newcomer()).call('refreshAuth'),
  revokeSession: async (scene) => (await scene.newcomer()).call('revokeSession'),
  sessionCheck: async (scene) => (await scene.newcomer()).call('sessionCheck'),
  getAuthenticatedUser: async (scene) => (await scene.enrolled()).call('getAuthenticatedUser'),
  updateSelf: async (scene) => {
    const person = await scene.enrolled();
    await person.call('updateSelf', { userFields: {
      alias: 'Al', country: 'DE', firstName: 'Alice', lastName: 'Adler', jobTitle: 'Pilot', policiesConsent: true,
      tShirtSize: 'M', team: 'blue', username: 'alice', metadata: { nested: { list: [1, 'two', null] } },
      mfaBackupCodeAcknowledgement: 'complete',
    } });
    await person.call('getAuthenticatedUser');
    // A new address is not taken before it is proven: the answer says what is to be verified.
    await person.call('updateSelf', { userFields: { email: 'another@example.com' } }, await person.elevated('credential:link'));
  },
  hardDeleteUser: async (scene) => (await scene.newcomer()).call('hardDeleteUser'),
};
