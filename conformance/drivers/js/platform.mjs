// Node as the platform of the SDK: what a browser would give it is injected through its `coreConfig`.
import { lentPasskey } from './passkey.mjs';
import { newKeepsake, openServices } from './services.mjs';

/** What hello says of this platform, and what an instance on it gets; `#platform` in package.json chooses. */
export const platform = {
  driver: 'js-node',
  sdk: 'Dynamic JavaScript SDK',
  name: 'node',
  newKeepsake,
  stored: ({ items }) => [...items.values()],
  open(kept) {
    const { close, ...services } = openServices(kept);
    return { core: { ...services, passkey: lentPasskey }, within: (call) => call(), close };
  },
};
