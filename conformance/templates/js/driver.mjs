// A driver of mfa-conformance: puts an SDK behind the protocol MDP/1, one JSON object a line.
//
// Replace each `todo` by the SDK's one call, in any order. `c` is the SDK's client, `a` the arguments, and what
// comes back is what the SDK returned, renamed. Do not retry, wait or repair: the suite would then judge this
// driver and not the SDK. What the SDK cannot do is `no('why')`. After each step:
//
//   mfa-conformance smoke --driver 'exec:node driver.mjs'
import { createInterface } from 'node:readline';
// import * as sdk from 'your-sdk';

const todo = { todo: true };
const no = (why) => ({ why });

const OPS = {
  // { environment_id, base_url, origin } → the SDK's client, initialised: its own object, kept below as `c`
  'client.new': todo,
  'client.close': () => {}, // c → nothing; let go of the client
  // { authenticated, user_id, scopes, mfa_pending, recovery_ack_pending, token, token_exp, mfa_token }; null if unknown
  'state.get': todo,
  'auth.email_start': todo, // { email } → { email, verification_id }
  'auth.email_verify': todo, // { code, scopes?, allow_new_mfa_linking? } → {}
  'auth.refresh': todo, // {} → {}
  'auth.logout': todo, // {} → {}
  'client.restart': todo, // {} → {}; a new SDK object over the same storage and keys
  'state.stored': todo, // {} → { items }: each value that the SDK has stored, as text
  'user.get': todo, // {} → { user }
  'user.update': todo, // { fields } → {}
  'user.delete': todo, // {} → {}
  'totp.register': todo, // {} → { device_id, secret, uri }
  'totp.confirm': todo, // { code } → { device }
  'totp.auth': todo, // { code, device_id?, scopes?, mfa_token?: { single_use } } → { mfa_token }
  'passkey.register': todo, // {} → {}; the SDK's authenticator is `lend`, see below
  'passkey.auth': todo, // { scopes?, mfa_token? } → { mfa_token }
  'passkey.sign_in': todo, // {} → {}
  'passkey.list': todo, // {} → { passkeys }
  'passkey.delete': todo, // { id } → {}
  'device.list': todo, // {} → { devices: [{ id, type, verified, default, verified_at }] }
  'device.get': todo, // { id } → { device }
  'device.set_default': todo, // { id } → {}
  'device.delete': todo, // { id, mfa_token? } → {}
  'mfa.methods': todo, // {} → { devices, passkeys, has_verified }
  'mfa.missing': todo, // {} → { missing }
  'mfa.required_for_action': todo, // { action } → { required }
  'mfa_token.take': todo, // {} → { mfa_token }
  'stepup.check': todo, // { scope } → { required, credentials, default_credential_id }
  'stepup.peek': todo, // { scope } → { token }
  'stepup.take': todo, // { scope } → { token }
  'recovery.list': todo, // {} → { count, codes }
  'recovery.rotate': todo, // {} → { count, codes }
  'recovery.auth': todo, // { code, scopes?, mfa_token? } → { mfa_token }
  'recovery.ack': todo, // {} → {}
  'recovery.pending': todo, // {} → { pending }
};

/** Who is there. Version of the SDK as it is installed; `passkey` becomes 'harness' once `lend` is the authenticator. */
const hello = () => ({
  mdp: 1,
  driver: { name: 'my-driver', version: '0.0.0' },
  sdk: { name: 'My SDK', version: '0.0.0', package: 'my-sdk', platform: 'node', language: 'javascript' },
  guides: [], // of: totp, passkey, account-based, action-based, step-up, session-mfa, device-management, recovery-codes
  caps: Object.fromEntries(Object.entries(OPS).filter(([op, call]) => !MANDATORY.includes(op) && !call.todo)
    .map(([op, call]) => [op, call.why === undefined ? true : { no: call.why }])),
  clock: { now_ms: Date.now(), injectable: false }, limits: { instances: 8, inflight: 1 },
  errors: 'typed', passkey: 'none', storage: 'memory', restart: 'none',
});

/** What the SDK threw, in its own words; many an SDK has what the service or the browser said as the `cause` of its own. */
const described = (error) => {
  const chain = [error, error?.cause, error?.cause?.cause];
  const named = (...names) => chain.some((it) => names.includes(it?.name));
  const http = chain.map((it) => it?.status).find(Number.isInteger) ?? null;
  const origin = http !== null ? 'server' : named('NotAllowedError', 'AbortError') ? 'user' : named('TimeoutError') ? 'timeout'
    : chain.some((it) => it instanceof TypeError && it.cause) ? 'network' : 'client';
  return { origin, class: error instanceof DOMException ? error.name : error?.constructor?.name ?? null, http,
    code: typeof error?.code === 'string' ? error.code : null, message: String(error?.message ?? error), retryable: false };
};

// ---- the protocol; nothing below needs a change ----

const MANDATORY = ['client.new', 'client.close', 'state.get'];
const print = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr); // an SDK that prints must not break the lines
// A rejection in the background that nobody awaits ends Node.js; a browser logs it and goes on, and so does this driver.
process.on('unhandledRejection', (reason) => console.error('unhandled rejection:', reason?.stack ?? reason));
// A slip in the calls above, thrown in this very file: no error of the SDK, but a fault of this driver.
const isOwn = (error) => [TypeError, ReferenceError].includes(error?.constructor)
  && error.stack?.split('\n').find((line) => line.startsWith('    at '))?.includes(import.meta.url);
const send = (message) => print(`${JSON.stringify(message)}\n`);
const clients = new Map();
const lent = new Map();
let [made, asked, last] = [0, 0, Promise.resolve()];

/** The runner's authenticator: `lend('webauthn.create' or 'webauthn.get', optionsJSON)` → the credential's JSON. */
export const lend = (op, args) => new Promise((resolve, reject) => {
  lent.set(++asked, { resolve, reject });
  send({ cb: asked, op, args });
});

async function outcome({ op, inst, args = {} }) {
  if (op === 'hello' || op === 'bye') return { ok: op === 'hello' ? hello() : {} };
  const call = Object.hasOwn(OPS, op) ? OPS[op] : no(`this driver knows no op ${op}`);
  if (typeof call !== 'function') return { unsupported: { why: call.why ?? 'not filled in yet', issue: null } };
  if (op !== 'client.new' && !clients.has(inst)) return { fault: { message: `there is no client ${inst}`, trace: null } };
  try {
    const result = await (op === 'client.new' ? call(args) : call(clients.get(inst), args));
    if (op === 'client.new') { clients.set(`c${++made}`, result); return { ok: { inst: `c${made}` } }; }
    if (op === 'client.close') clients.delete(inst);
    return { ok: result ?? {} };
  } catch (error) { return isOwn(error) ? { fault: { message: String(error), trace: error.stack } } : { err: described(error) }; }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  const waiting = lent.get(message.cb);
  if (waiting) return message.ok ? waiting.resolve(message.ok) : waiting.reject(new DOMException(message.err?.message, message.err?.name));
  last = last.then(async () => {
    send({ id: message.id, ...await outcome(message) });
    if (message.op === 'bye') print('', () => process.exit(0));
  });
});
