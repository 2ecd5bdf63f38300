// The app in which an SDK object runs, as its native modules see it.
//
// On a phone a native module belongs to one app with one storage. Here one process holds several instances,
// so a call finds its app in the asynchronous context in which the SDK was entered; the SDK's timers and
// background work keep that context.
import { AsyncLocalStorage } from 'node:async_hooks';

const apps = new AsyncLocalStorage();

/** What outlives one run of an app: AsyncStorage, the entries of the keychain, and the keys of the hardware. */
export const newPhone = () => ({ items: new Map(), secrets: new Map(), keys: new Map() });

/** Starts the app over what the phone keeps; after `close` every native call of it hangs for ever. */
export function openApp(phone) {
  const app = { phone, open: true };
  return {
    within: (call) => apps.run(app, call),
    whileOpen: (call) => async (...args) => (app.open ? call(...args) : new Promise(() => {})),
    close: () => { app.open = false; },
  };
}

/** A method of a native module: `call` gets what the phone of the calling app keeps, and the arguments. */
export const native = (call) => async (...args) => {
  const app = apps.getStore();
  if (!app) throw new Error('a native module was called outside of every app');
  return app.open ? call(app.phone, ...args) : new Promise(() => {});
};
