// To be given to Node by --import: lets the SDK's imports of native modules find the stubs beside this file.
import { register } from 'node:module';

register('./resolve.mjs', import.meta.url);
