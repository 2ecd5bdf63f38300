// Embedded wallets: the calls that the gates guard. No key exists behind them; what only a
// computation would need is made up here.

const KEYGENS = ['9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin', '4Nd1mYwJ6n5xv3yP3J6d8xkz7XqHnYbqQ3rB1uT6cWpZ'];
const SCHEME = 'TWO_OF_TWO';

/** Somebody with an embedded wallet; MFA-guarded calls get the headers of `proof`. */
export async function withEmbeddedWallet(scene) {
  const person = await scene.newcomer();
  const { walletId } = await person.call('createWaasAccount', {
    createWaasAccountRequest: { chain: 'EVM', clientKeygenIds: KEYGENS, thresholdSignatureScheme: SCHEME },
  });
  return { person, walletId, proof: (...scopes) => person.elevated(...scopes) };
}

const backUp = ({ person, walletId }) => person.call('backupKeySharesToLocations', {
  walletId,
  backupKeySharesToLocationsRequest: { locations: [{ location: 'dynamic', keygenId: KEYGENS[0], externalKeyShareId: 'share-1' }] },
});

const reshare = async ({ person, walletId, proof }, more = {}) => person.call('reshare', {
  walletId,
  reshareRequest: { clientKeygenIds: KEYGENS, oldThresholdSignatureScheme: SCHEME, newThresholdSignatureScheme: 'TWO_OF_THREE', ...more },
}, await proof('wallet:delegate'));

/** Gives the project a share of its own; returns the id of its set. */
async function delegate(owned) {
  await reshare(owned, { delegateToProjectEnvironment: true });
  const { verifiedCredentials } = await owned.person.call('getAuthenticatedUser');
  const { walletProperties } = verifiedCredentials.find(({ id }) => id === owned.walletId) ?? {};
  const delegated = walletProperties?.otherShareSets?.find(({ shareSetType }) => shareSetType === 'delegated');
  if (delegated === undefined) throw new Error('no delegated share set is shown');
  return delegated.shareSetId;
}

export const embeddedWallets = {
  createWaasAccount: async (scene) => (await withEmbeddedWallet(scene)).person.call('getAuthenticatedUser'),
  importPrivateKey: async (scene) => (await scene.newcomer()).call('importPrivateKey', {
    importWaasPrivateKeyRequest: { chain: 'SVM', clientKeygenIds: KEYGENS, thresholdSignatureScheme: SCHEME },
  }),
  createRooms: async (scene) => {
    const { person, walletId } = await withEmbeddedWallet(scene);
    await person.call('createRooms', { walletId, createRoomsRequest: { roomType: 'threshold', roomCount: 2 } });
  },
  createRoomsWithoutWalletId: async (scene) => (await scene.newcomer()).call('createRoomsWithoutWalletId', {
    createRoomsWithoutWalletIdRequest: { roomType: 'full', thresholdSignatureScheme: SCHEME },
  }),
  getWaasWalletWithVerifiedCredentials: async (scene) => {
    const { person, walletId } = await withEmbeddedWallet(scene);
    const { verifiedCredentials } = await person.call('getAuthenticatedUser');
    const { address } = verifiedCredentials.find(({ id }) => id === walletId);
    await person.call('getWaasWalletWithVerifiedCredentials', { walletAddress: address });
  },
  signMessage: async (scene) => {
    const { person, walletId, proof } = await withEmbeddedWallet(scene);
    await person.call('signMessage', { walletId, signMessageWithWaasRequest: { message: 'hello' } }, await proof('wallet:sign'));
  },
  exportPrivateKey: async (scene) => {
    const { person, walletId, proof } = await withEmbeddedWallet(scene);
    const request = { walletId, exportWaasWalletPrivateKeyRequest: { exportId: KEYGENS[0] } };
    await person.call('exportPrivateKey', request, await proof('wallet:export'));
  },
  refreshKeyShares: async (scene) => {
    const { person, walletId, proof } = await withEmbeddedWallet(scene);
    await person.call('refreshKeyShares', { walletId }, await proof('wallet:delegate'));
  },
  reshare: async (scene) => reshare(await withEmbeddedWallet(scene)),
  backupKeySharesToLocations: async (scene) => backUp(await withEmbeddedWallet(scene)),
  recoverKeyShares: async (scene) => {
    const owned = await withEmbeddedWallet(scene);
    const { locationsWithKeyShares: [{ keyShareId }] } = await backUp(owned);
    const request = { walletId: owned.walletId, recoverMultipleClientKeySharesRequest: { keyShareIds: [keyShareId] } };
    await owned.person.call('recoverKeyShares', request, await owned.proof('wallet:restore'));
  },
  deliverDelegatedShare: async (scene) => {
    const owned = await withEmbeddedWallet(scene);
    await delegate(owned);
    const encryptedDelegatedShare = { alg: 'HYBRID-RSA-AES-256', iv: 'AA', ct: 'AA', tag: 'AA', ek: 'AA' };
    const request = { walletId: owned.walletId, delegatedShareDeliveryRequest: { encryptedDelegatedShare } };
    await owned.person.call('deliverDelegatedShare', request, await owned.proof('wallet:delegate'));
  },
  revokeDelegatedShareSet: async (scene) => {
    const owned = await withEmbeddedWallet(scene);
    const shareSetId = await delegate(owned);
    const request = { walletId: owned.walletId, shareSetId };
    await owned.person.call('revokeDelegatedShareSet', request, await owned.proof('wallet:delegate'));
  },
  updateWaasWalletSettings: async (scene) => {
    const { person, walletId } = await withEmbeddedWallet(scene);
    await person.call('updateWaasWalletSettings', { walletId, updateWaasWalletSettingsRequest: { hasDeniedDelegatedAccess: true } });
  },
  deleteEmbeddedWallets: async (scene) => {
    const { person, proof } = await withEmbeddedWallet(scene);
    await person.call('deleteEmbeddedWallets', {}, await proof('wallet:delete'));
  },
  softDeleteEmbeddedWallet: async (scene) => {
    const { person, walletId, proof } = await withEmbeddedWallet(scene);
    await person.call('softDeleteEmbeddedWallet', { walletId }, await proof('wallet:delete'));
  },
  restoreEmbeddedWallet: async (scene) => {
    const { person, walletId, proof } = await withEmbeddedWallet(scene);
    await person.call('softDeleteEmbeddedWallet', { walletId }, await proof('wallet:delete'));
    await person.call('restoreEmbeddedWallet', { walletId }, await proof('wallet:restore'));
  },
  embeddedWalletExport: async (scene) => {
    const { person, walletId, proof } = await withEmbeddedWallet(scene);
    const activityId = '11111111-1111-4111-8111-111111111111';
    await person.call('embeddedWalletExport', { walletId, activityId }, await proof('wallet:export'));
  },
};
