// The native modules that the SDK's React Native build imports, and the stub that stands in for each.
const STUBS = {
  'react-native': './stubs/react-native.mjs',
  'react-native-keychain': './stubs/react-native-keychain.mjs',
  'react-native-passkey': './stubs/react-native-passkey.mjs',
  '@react-native-async-storage/async-storage': './stubs/async-storage.mjs',
};

/** Node's hook: a stub for the modules above, and Node's own way for every other. */
export const resolve = (specifier, context, next) => (Object.hasOwn(STUBS, specifier)
  ? { url: new URL(STUBS[specifier], import.meta.url).href, shortCircuit: true }
  : next(specifier, context));
