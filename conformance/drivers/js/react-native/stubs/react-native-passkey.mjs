// Stands in for `react-native-passkey`: the phone's authenticator is the one that the runner lends.
import { lend } from '../../stdio.mjs';
import { native } from '../app.mjs';

export const Passkey = {
  isSupported: () => true,
  create: native((_, request) => lend('webauthn.create', request)),
  get: native((_, request) => lend('webauthn.get', request)),
};
