// Stands in for `@react-native-async-storage/async-storage`: items by key, in memory.
import { native } from '../app.mjs';

export default {
  getItem: native(({ items }, key) => items.get(key) ?? null),
  setItem: native(({ items }, key, value) => void items.set(key, value)),
  removeItem: native(({ items }, key) => void items.delete(key)),
};
