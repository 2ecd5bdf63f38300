// MDP/1 over stdio: requests come in line by line, are handled one at a time, and are answered in order.
//
// Knows lines, ids and arguments, but neither an op nor the SDK. Import it before anything that may print.
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';

/** A mistake of the driver or of its caller, as opposed to an error of the SDK. */
export class Fault extends Error {}
export const fault = (message) => { throw new Fault(message); };

// Only protocol lines may reach stdout, so all that others print there goes to stderr.
const print = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);
// The SDK leaves rejections of its background work unhandled; a browser survives them, and so do we.
process.on('unhandledRejection', (reason) => console.error('unhandled rejection:', reason));
// The SDK has no timeouts, so a call that hangs would keep an orphan alive when the runner is gone.
const ORPHAN_LIFE_MS = 30_000;
process.stdin.once('end', () => setTimeout(() => process.exit(0), ORPHAN_LIFE_MS));

const send = (message) => print(`${JSON.stringify(message)}\n`);

/** Answers each request with `{id, ...await outcome(request)}` until `bye` or the end of stdin, then exits. */
export async function serve(outcome) {
  for await (const line of requests()) {
    const request = parsed(line);
    if (!request) continue;
    try {
      send({ id: request.id, ...(await outcome(request)) });
    } catch (error) {
      send({ id: request.id, fault: { message: String(error?.message ?? error), trace: error?.stack ?? null } });
    }
    if (request.op === 'bye') break;
    // One turn of the event loop, so that storage writes the SDK has begun are done before the next request.
    await setImmediate();
  }
  // The callback runs once everything before it is written; the SDK's timers would keep Node alive.
  print('', () => process.exit(0));
}

const lent = new Map(); // callbacks without an answer, by number
let callbacks = 0;

/** Asks the runner for its authenticator, while a request is open; throws what a browser would have thrown. */
export const lend = (op, args) => new Promise((resolve, reject) => {
  lent.set(++callbacks, { resolve, reject });
  send({ cb: callbacks, op, args });
});

/** The lines of stdin that are no answers to callbacks; those are handed on at once, in the middle of a request. */
async function* requests() {
  const waiting = [];
  let wake = () => {};
  let ended = false;
  createInterface({ input: process.stdin })
    .on('line', (line) => { if (!answered(line)) { waiting.push(line); wake(); } })
    .on('close', () => { ended = true; wake(); });
  while (true) {
    while (waiting.length > 0) yield waiting.shift();
    if (ended) return;
    await new Promise((resolve) => { wake = resolve; });
  }
}

function answered(line) {
  if (!line.includes('"cb"')) return false;
  let answer;
  try { answer = JSON.parse(line); } catch { return false; }
  const waiting = lent.get(answer?.cb);
  if (!waiting) return false;
  lent.delete(answer.cb);
  if (answer.ok) waiting.resolve(answer.ok);
  else waiting.reject(new DOMException(answer.err?.message, answer.err?.name));
  return true;
}

/** Parses a line to a request; anything else is logged to the runner and skipped. */
function parsed(line) {
  try {
    const request = JSON.parse(line.replace(/^@mdp /, ''));
    if (Number.isInteger(request?.id) && typeof request.op === 'string') return request;
    send({ log: 'warn', msg: `not a request, an integer id or an op is missing: ${line.slice(0, 200)}` });
  } catch (error) {
    send({ log: 'warn', msg: `not a JSON line, ${error.message}` });
  }
  return undefined;
}

/**
 * Checks arguments against a list such as `'code scopes?'`, where `?` marks what may be absent and `*` allows more.
 *
 * A null counts as absent, because the SDK would send it on. A name that is not listed is a fault:
 * ignoring it would judge the SDK by a call that was never made.
 */
export function checked(op, list, args) {
  const given = Object.fromEntries(Object.entries(args ?? {}).filter(([, value]) => value !== null));
  const names = list.split(' ').filter(Boolean);
  for (const name of names) if (!/[?*]$/.test(name) && !Object.hasOwn(given, name)) fault(`${op} needs the argument "${name}"`);
  for (const name of names.includes('*') ? [] : Object.keys(given)) {
    if (!names.includes(name) && !names.includes(`${name}?`)) fault(`${op} takes no argument "${name}"`);
  }
  return given;
}
