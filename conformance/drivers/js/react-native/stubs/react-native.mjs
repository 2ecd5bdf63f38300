// Stands in for `react-native`: an app that is always in front, on no known system, beside no other app.
import { hardware } from './hardware.mjs';

// React Native has a window and no channel between tabs; Node has it the other way round.
globalThis.window ??= globalThis;
delete globalThis.BroadcastChannel;

const MODULES = { DynamicClientKeychain: hardware };

export const AppState = { currentState: 'active', addEventListener: () => ({ remove: () => {} }) };
export const Linking = { openURL: async (url) => { throw new Error(`no app is there to open ${url}`); } };
export const Platform = { OS: 'native' };
export const TurboModuleRegistry = {
  get: (name) => MODULES[name] ?? null,
  getEnforcing: (name) => MODULES[name] ?? (() => { throw new Error(`the native module ${name} has no stub`); })(),
};
