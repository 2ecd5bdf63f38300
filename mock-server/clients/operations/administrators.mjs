// What servers of the app's owner ask: users, their sessions and second factors, keys and tokens.

/** An administrator, and somebody to be administered. */
async function both(scene) {
  const person = await scene.enrolled();
  return { administrator: await scene.administrator(), userId: person.user.id, sessionId: person.user.sessionId };
}

/** One call that takes a user. */
const aboutUser = (operation, more = {}) => async (scene) => {
  const { administrator, userId } = await both(scene);
  await administrator.call(operation, { userId, ...more });
};

/** One call that takes nothing but the environment. */
const plain = (operation, more = {}) => async (scene) => (await scene.administrator()).call(operation, more);

const CHANGE = { internalUpdatableUserFields: { firstName: 'Alice', metadata: { plan: 'gold' }, mfaBackupCodeAcknowledgement: 'complete' } };

export const administrators = {
  getEnvironmentUsers: async (scene) => {
    const { administrator } = await both(scene);
    await administrator.call('getEnvironmentUsers', { limit: 10, offset: 0, includeSessions: true });
  },
  createUser: plain('createUser', { internalBulkUpdateUserFields: { email: 'made@example.com', firstName: 'Made' } }),
  getUser: aboutUser('getUser'),
  updateUser: aboutUser('updateUser', CHANGE),
  deleteUser: aboutUser('deleteUser'),
  getUserLegacy: aboutUser('getUserLegacy'),
  updateUserLegacy: aboutUser('updateUserLegacy', CHANGE),
  deleteUserLegacy: aboutUser('deleteUserLegacy'),
  resetUserMfa: aboutUser('resetUserMfa'),
  resetAllMfaDevices: aboutUser('resetAllMfaDevices'),
  getSessionById: async (scene) => {
    const { administrator, userId, sessionId } = await both(scene);
    await administrator.call('getSessionById', { userId, sessionId });
  },
  revokeSessionById: async (scene) => {
    const { administrator, sessionId } = await both(scene);
    await administrator.call('revokeSessionById', { sessionId });
  },
  revokeUserSessions: aboutUser('revokeUserSessions'),
  revokeUserSessionsLegacy: aboutUser('revokeUserSessionsLegacy'),
  getKeysForEnvironment: plain('getKeysForEnvironment'),
  getTokens: plain('getTokens'),
  postToken: plain('postToken', { postTokenFields: { note: 'for the backend' } }),
  deleteTokenById: async (scene) => {
    const administrator = await scene.administrator();
    const { token: { id: tokenId } } = await administrator.call('postToken', { postTokenFields: { note: 'soon gone' } });
    await administrator.call('deleteTokenById', { tokenId });
  },
  // An environment has a test account from its beginning.
  getTestAccount: plain('getTestAccount'),
  deleteTestAccount: plain('deleteTestAccount'),
  createTestAccount: async (scene) => {
    const administrator = await scene.administrator();
    await administrator.call('deleteTestAccount');
    await administrator.call('createTestAccount');
  },
};
