// The vendor's own JavaScript SDK in Node: what a browser would give it, in memory.
import { ECDH } from 'node:crypto';
import * as sdk from '@dynamic-labs-sdk/client';
import { getCore } from '@dynamic-labs-sdk/client/core';

export { sdk };
const { subtle } = globalThis.crypto;
const P256 = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' };
const ORIGIN = 'http://localhost:3000';

/** An SDK that talks to a world, initialised and signed out. It ends before the world's service does. */
export async function openApp(world, { passkey } = {}) {
  const app = new App(world, passkey);
  world.mock.beforeItsEnd(() => app.close());
  await sdk.initializeClient(app.client);
  return app;
}

/** One app with one SDK in it, and the person who holds the phone with the authenticator. */
class App {
  #open = true;
  email = undefined;
  /** The SDK's own events about MFA, in order: `[name, what it says]`. */
  events = [];

  constructor(world, passkey) {
    this.world = world;
    this.client = sdk.createDynamicClient({
      environmentId: world.id,
      metadata: { universalLink: ORIGIN },
      autoInitialize: false,
      instrumentation: { enabled: false },
      coreConfig: {
        apiBaseUrl: world.baseUrl,
        // The SDK asks for the settings again after a logout, even when nobody waits for them.
        fetch: (...request) => (this.#open ? fetch(...request) : new Promise(() => {})),
        storageAdapter: storage(),
        keychain: keychain(),
        ...(passkey && { passkey }),
      },
    });
    for (const event of ['mfaCompletionSuccess', 'mfaCompletionFailure', 'logout']) {
      sdk.onEvent({ event, listener: (said) => this.events.push([event, said]) }, this.client);
    }
  }

  /** The state that the SDK hides from apps: its elevated tokens, among other things. */
  get hidden() {
    return getCore(this.client).state.get();
  }

  /** The scopes of the session, as the SDK sees them. */
  get scopes() {
    return this.client.user?.scope?.match(/\S+/g) ?? [];
  }

  /** Signs in with a mailed code. */
  async signIn(email, more = {}) {
    this.email = email;
    await this.verifyMail(more);
  }

  /** Proves the mailbox: signs in, or once more when signed in. */
  async verifyMail(more = {}) {
    const otpVerification = await sdk.sendEmailOTP({ email: this.email }, this.client);
    const verificationToken = await this.world.codeSentTo(this.email);
    return sdk.verifyOTP({ otpVerification, verificationToken, ...more }, this.client);
  }

  /** Enters what the authenticator app shows, half a minute after the last time. */
  async enterTotp(more = {}) {
    const code = await this.world.freshTotpCode(this.email);
    return sdk.authenticateTotpMfaDevice({ code, ...more }, this.client);
  }

  /** Leaves: without a session the SDK has no timer left that would keep Node alive. */
  async close() {
    await sdk.logout(this.client);
    this.#open = false;
  }
}

function storage() {
  const items = new Map();
  return {
    getItem: async (key) => items.get(key) ?? null,
    setItem: async (key, value) => void items.set(key, value),
    removeItem: async (key) => void items.delete(key),
  };
}

/** P-256 keys by name; public keys are compressed points in hex. */
function keychain() {
  const keys = new Map();
  const getPublicKey = async (name) => {
    if (!keys.has(name)) return null;
    const point = Buffer.from(await subtle.exportKey('raw', keys.get(name).publicKey));
    return ECDH.convertKey(point, 'prime256v1', undefined, 'hex', 'compressed');
  };
  return {
    getPublicKey,
    hasKey: async (name) => keys.has(name),
    removeKey: async (name) => void keys.delete(name),
    generateKey: async (name) => {
      keys.set(name, await subtle.generateKey(P256, true, ['sign', 'verify']));
      return getPublicKey(name);
    },
    sign: async (name, text) =>
      Buffer.from(await subtle.sign(SIGNATURE, keys.get(name).privateKey, Buffer.from(text))).toString('hex'),
  };
}
