// Business accounts: members, wallets and their signers.
import { withEmbeddedWallet } from './embedded-wallets.mjs';

const KEYGENS = ['9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin'];
const SCHEMES = { oldThresholdSignatureScheme: 'TWO_OF_TWO', newThresholdSignatureScheme: 'TWO_OF_THREE' };

/** Somebody with a wallet and an account without one. */
async function withAccount(scene) {
  const owned = await withEmbeddedWallet(scene);
  const { id: businessAccountId } = await owned.person.call('sdkCreateBusinessAccount', {
    createBusinessAccountSdkRequest: { name: 'Acme', externalRef: 'acme-1', metadata: { plan: 'gold' } },
  });
  return { ...owned, businessAccountId };
}

/** The same, and the wallet belongs to the account. */
async function withAccountWallet(scene) {
  const held = await withAccount(scene);
  const { walletId, businessAccountId } = held;
  const request = { linkBusinessAccountWalletSdkRequest: { walletId, businessAccountId } };
  await held.person.call('sdkLinkBusinessAccountWallet', request, await held.proof('business_account:link_wallet'));
  return held;
}

/** The same, and another user is a member. */
async function withMember(scene) {
  const held = await withAccountWallet(scene);
  const { user: { id: userId } } = await scene.newcomer();
  const request = { businessAccountId: held.businessAccountId, addBusinessAccountMemberSdkRequest: { role: 'viewer', userId } };
  await held.person.call('sdkAddBusinessAccountMember', request, await held.proof('business_account:member:add'));
  return { ...held, userId };
}

async function withSigner(scene) {
  const held = await withMember(scene);
  const { person, businessAccountId, walletId, userId } = held;
  const addBusinessAccountSignerSdkRequest = { signerType: 'endUser', userId, clientKeygenIds: KEYGENS, ...SCHEMES };
  const { id: signerId } = await person.call(
    'sdkAddBusinessAccountSigner', { businessAccountId, walletId, addBusinessAccountSignerSdkRequest },
    await held.proof('business_account:signer:add'),
  );
  return { ...held, signerId };
}

export const businessAccounts = {
  sdkListBusinessAccounts: async (scene) => (await withMember(scene)).person.call('sdkListBusinessAccounts'),
  sdkCreateBusinessAccount: async (scene) => {
    const { person } = await withAccount(scene);
    await person.call('sdkCreateBusinessAccount');
  },
  sdkGetBusinessAccountById: async (scene) => {
    const { person, businessAccountId } = await withSigner(scene);
    await person.call('sdkGetBusinessAccountById', { businessAccountId });
  },
  sdkUpdateBusinessAccount: async (scene) => {
    const { person, businessAccountId } = await withAccount(scene);
    await person.call('sdkUpdateBusinessAccount', { businessAccountId, updateBusinessAccountSdkRequest: { name: 'Acme & Sons' } });
  },
  sdkLinkBusinessAccountWallet: withAccountWallet,
  sdkAddBusinessAccountMember: withMember,
  sdkUpdateBusinessAccountMemberRole: async (scene) => {
    const { person, businessAccountId, userId, proof } = await withMember(scene);
    const request = { businessAccountId, userId, updateBusinessAccountMemberRoleSdkRequest: { role: 'admin' } };
    await person.call('sdkUpdateBusinessAccountMemberRole', request, await proof('business_account:member:role:update'));
  },
  sdkRemoveBusinessAccountMember: async (scene) => {
    const { person, businessAccountId, userId, proof } = await withMember(scene);
    await person.call('sdkRemoveBusinessAccountMember', { businessAccountId, userId }, await proof('business_account:member:remove'));
  },
  sdkTransferBusinessAccountOwnership: async (scene) => {
    const { person, businessAccountId, userId, proof } = await withMember(scene);
    const request = { businessAccountId, transferBusinessAccountOwnershipSdkRequest: { newOwnerUserId: userId } };
    await person.call('sdkTransferBusinessAccountOwnership', request, await proof('business_account:transfer_ownership'));
  },
  sdkAddBusinessAccountSigner: withSigner,
  sdkRemoveBusinessAccountSigner: async (scene) => {
    const { person, businessAccountId, walletId, signerId, proof } = await withSigner(scene);
    await person.call('sdkRemoveBusinessAccountSigner', { businessAccountId, walletId, signerId }, await proof('business_account:signer:remove'));
  },
  sdkRemoveBusinessAccountWallet: async (scene) => {
    const { person, businessAccountId, walletId, proof } = await withAccountWallet(scene);
    await person.call('sdkRemoveBusinessAccountWallet', { businessAccountId, walletId }, await proof('business_account:wallet:remove'));
  },
};
