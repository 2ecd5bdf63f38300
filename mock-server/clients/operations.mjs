// The table of calls: for each operation a scene in which it is granted. A new operation of the
// service needs a line in the table of its subject; the test names those that have none.
import { account } from './operations/account.mjs';
import { mfa } from './operations/mfa.mjs';
import { start } from './operations/start.mjs';

export const OPERATIONS = { ...start, ...account, ...mfa };
