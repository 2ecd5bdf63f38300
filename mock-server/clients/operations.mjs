// The tables of calls: for each operation a scene in which it is granted. A new operation of the
// service needs a line in the table of its subject; the test names those that have none.
import { account } from './operations/account.mjs';
import { administrators } from './operations/administrators.mjs';
import { businessAccounts } from './operations/business-accounts.mjs';
import { deviceRegistration } from './operations/device-registration.mjs';
import { embeddedWallets } from './operations/embedded-wallets.mjs';
import { externalAuth } from './operations/external-auth.mjs';
import { messages } from './operations/messages.mjs';
import { mfa } from './operations/mfa.mjs';
import { passkeys } from './operations/passkeys.mjs';
import { social } from './operations/social.mjs';
import { start } from './operations/start.mjs';
import { wallets } from './operations/wallets.mjs';
import { webhooks } from './operations/webhooks.mjs';

/** By who may call: end users through their SDK, administrators from a server. */
export const OPERATIONS = {
  users: {
    ...start, ...account, ...mfa, ...passkeys, ...messages, ...externalAuth, ...wallets, ...social,
    ...deviceRegistration, ...embeddedWallets, ...businessAccounts,
  },
  administrators: { ...administrators, ...webhooks },
};

/** Served although no client names them, so that nothing can be generated to call them. */
export const WITHOUT_CLIENT = ['revokeEnvironmentSessions'];
