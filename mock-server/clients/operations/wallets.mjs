// External wallets: sign-in, proof, linking, unlinking, taking over, merging.
import { EvmWallet } from '../evm-wallet.mjs';
import { ORIGIN, Refusal } from '../scene.mjs';

/** What a wallet signs for one call: the message holds a nonce of the service. */
async function proofOf(wallet, person, more = {}) {
  const { nonce } = await person.call('getNonce');
  return { verifyRequest: { ...wallet.proof({ nonce, origin: ORIGIN, environmentId: person.world.id }), ...more } };
}

async function signInWithWallet(scene, wallet = new EvmWallet()) {
  const person = scene.visitor();
  await person.call('walletsSignin', await proofOf(wallet, person));
  return person;
}

async function withLinkedWallet(scene, wallet = new EvmWallet()) {
  const person = await scene.newcomer();
  await person.call('verifyLink', await proofOf(wallet, person), await person.elevated('credential:link'));
  return { person, walletCredential: person.user.verifiedCredentials.find(({ format }) => format === 'blockchain') };
}

/** Tries to link the wallet of another user, in a world that answers with an offer. */
async function offered(scene, takenWallet) {
  await scene.world.patchSettings({ linking: { takenWallet } });
  const wallet = new EvmWallet();
  // The other user must have something left when the wallet goes.
  await withLinkedWallet(scene, wallet);
  const person = await scene.newcomer();
  const proof = await person.elevated('credential:link');
  const refusal = await person.call('verifyLink', await proofOf(wallet, person), proof).catch((error) => error);
  if (!(refusal instanceof Refusal)) throw new Error('another user’s wallet was linked', { cause: refusal });
  return { person, wallet, proof };
}

export const wallets = {
  verify: async (scene) => {
    const person = scene.visitor();
    await person.call('verify', await proofOf(new EvmWallet(), person));
  },
  walletsSignin: async (scene) => (await signInWithWallet(scene)).call('getAuthenticatedUser'),
  walletsVerify: async (scene) => {
    const wallet = new EvmWallet();
    const person = await signInWithWallet(scene, wallet);
    await person.call('stepUpCheck', { stepUpCheckRequest: { scope: 'credential:link' } });
    await person.call('walletsVerify', await proofOf(wallet, person, { requestedScopes: ['credential:link'] }));
  },
  verifyLink: withLinkedWallet,
  verifyUnlink: async (scene) => {
    const { person, walletCredential } = await withLinkedWallet(scene);
    const proof = await person.elevated('credential:unlink');
    await person.call('verifyUnlink', { verifyUnlinkRequest: { walletId: walletCredential.id } }, proof);
  },
  verifyTransfer: async (scene) => {
    const { person, wallet, proof } = await offered(scene, 'transfer');
    await person.call('verifyTransfer', await proofOf(wallet, person), proof);
  },
  verifyMergeUsers: async (scene) => {
    const { person, proof } = await offered(scene, 'merge');
    await person.call('verifyMergeUsers', { mergeUserConflictResolutions: { mergeUserResolutions: [] } }, proof);
  },
  mergeUsers: async (scene) => {
    const { person, proof } = await offered(scene, 'merge');
    await person.call('mergeUsers', {}, proof);
  },
  selectUserWallet: async (scene) => {
    const { person, walletCredential } = await withLinkedWallet(scene);
    await person.call('selectUserWallet', { userWalletSelectionRequest: { walletId: walletCredential.id } });
  },
};
