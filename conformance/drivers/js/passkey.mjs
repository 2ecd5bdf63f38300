// What a browser's `navigator.credentials` would be: the runner's authenticator, asked over MDP/1.
import { lend } from './stdio.mjs';

/** The runner's authenticator in the place of a browser's. */
export const lentPasskey = {
  isSupported: () => true,
  register: ({ optionsJSON }) => lend('webauthn.create', optionsJSON),
  authenticate: ({ optionsJSON }) => lend('webauthn.get', optionsJSON),
};
