// React Native as the platform of the SDK, on Node: the SDK brings its own storage, keychain and passkeys,
// and finds our stubs of the native modules beneath them. Only fetch is injected, so that it can be cut off.
import { newPhone, openApp } from './app.mjs';

/** What hello says of this platform, and what an instance on it gets; `#platform` in package.json chooses. */
export const platform = {
  driver: 'js-react-native-stubbed',
  sdk: 'Dynamic JavaScript SDK (React Native build, native modules stubbed)',
  name: 'react-native',
  newKeepsake: newPhone,
  stored: ({ items, secrets }) => [...items.values(), ...secrets.values()].map((item) => JSON.stringify(item)),
  open(kept) {
    const { within, whileOpen, close } = openApp(kept);
    return { core: { fetch: whileOpen((...request) => globalThis.fetch(...request)) }, within, close };
  },
};
