// Stands in for `react-native-keychain`: one entry per service, in memory.
import { native } from '../app.mjs';

export const getGenericPassword = native(({ secrets }, { service }) => secrets.get(service) ?? false);
export const setGenericPassword = native(({ secrets }, username, password, { service }) => {
  secrets.set(service, { service, username, password, storage: 'memory' });
  return { service, storage: 'memory' };
});
export const resetGenericPassword = native(({ secrets }, { service }) => { secrets.delete(service); return true; });
