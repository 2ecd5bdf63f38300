// One `mfa-mock` for one test file, and the tester's side of it: its control API.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after } from 'node:test';

const binary = process.env.MFA_MOCK_BINARY;
/** The `skip` of a test that needs the service: why it cannot run, or false. */
export const withoutMock = binary ? false : 'MFA_MOCK_BINARY is not set; cargo xtask test sets it';
/** The service takes a fraction of this; a binary that never speaks must not hang the tests. */
const START_MILLISECONDS_MAX = 20_000;
/** A test file takes a second or two; one that hangs is ended, and fails. */
const FILE_MILLISECONDS_MAX = 60_000;

/**
 * Starts the service on a free port; it ends with the test file, however that ends.
 *
 * To be called once per test file, outside of every test.
 */
export async function startMock(...flags) {
  const child = spawn(binary, ['--port', '0', '--quiet', ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closings = [];
  process.once('exit', () => child.kill());
  setTimeout(() => {
    console.error(`this file has not ended after ${FILE_MILLISECONDS_MAX} ms`);
    process.exit(1);
  }, FILE_MILLISECONDS_MAX).unref();
  // A runner that loses patience sends this, and then nothing else of the file runs any more.
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(1));
  after(async () => {
    await Promise.allSettled(closings.map((close) => close()));
    child.kill();
  });
  const patience = AbortSignal.timeout(START_MILLISECONDS_MAX);
  const gone = once(child, 'exit', { signal: patience }).then(([status]) => {
    throw new Error(`mfa-mock ended with ${status} before it said its address`);
  });
  const spoken = once(createInterface({ input: child.stdout }), 'line', { signal: patience });
  const [baseUrl] = await Promise.race([spoken, gone]);
  gone.catch(() => {}); // from here on its end is ours
  return new Mock(baseUrl, closings);
}

/** A running service. */
class Mock {
  #closings;

  constructor(baseUrl, closings) {
    this.baseUrl = baseUrl;
    this.control = baseUrl.replace(/\/api\/v0$/, '/_mock/v1');
    this.#closings = closings;
  }

  /** Has something closed that still needs the service for that. */
  beforeItsEnd(close) {
    this.#closings.push(close);
  }

  /** The operations that it serves, by the names of the API's own client. */
  async operations() {
    const { operations } = await controlled('GET', `${this.control}/`);
    return operations.map((line) => line.split(' = ')[0]);
  }

  /** A world of its own, changed by a patch of its settings. */
  async world(settings = {}) {
    const world = new World(this, randomUUID());
    await world.patchSettings(settings);
    return world;
  }
}

/** One environment of the service, as its tester sees it. */
export class World {
  constructor(mock, id) {
    this.id = id;
    this.mock = mock;
    this.baseUrl = mock.baseUrl;
    this.control = `${mock.control}/environments/${id}`;
  }

  settings = () => controlled('GET', `${this.control}/settings`);
  patchSettings = (patch) => controlled('PATCH', `${this.control}/settings`, patch);
  createUser = (seed) => controlled('POST', `${this.control}/users`, seed);
  user = (who) => controlled('GET', `${this.control}/users/${encodeURIComponent(who)}`);
  setClock = (clock) => controlled('PUT', `${this.control}/clock`, clock);
  advance = (seconds) => controlled('POST', `${this.control}/clock/advance`, { seconds });
  now = async () => Date.parse((await controlled('GET', `${this.control}/clock`)).now);

  /** A token for the administrators' API that may do everything. */
  async apiToken() {
    const made = await controlled('POST', `${this.control}/api-tokens`, { note: 'clients of others' });
    const [token] = JSON.stringify(made).match(/dyn_\w+/) ?? [];
    if (token === undefined) throw new Error('the control API made no API token');
    return token;
  }

  /** The newest code that was sent to an address or a number; an error if there is none. */
  async codeSentTo(recipient) {
    const inbox = await controlled('GET', `${this.control}/inbox?to=${encodeURIComponent(recipient)}`);
    const newest = Object.values(inbox).flat().at(-1);
    if (newest === undefined) throw new Error(`nothing was sent to ${recipient}`);
    return newest.code;
  }

  /** A code that the user's authenticator app has not shown before: time moves one step. */
  async freshTotpCode(who) {
    await this.advance(30);
    return (await controlled('GET', `${this.control}/users/${encodeURIComponent(who)}/totp`)).code;
  }

  /** The exchanges so far, secrets shown, of one operation or of all. */
  async journal(operation) {
    const filter = operation === undefined ? '' : `&operation=${operation}`;
    return (await controlled('GET', `${this.control}/journal?reveal=true${filter}`)).exchanges;
  }

  /** The last exchange of an operation; an error if there was none. */
  async lastExchange(operation) {
    const exchange = (await this.journal(operation)).at(-1);
    if (exchange === undefined) throw new Error(`${operation} was never called`);
    return { ...exchange, requestHeaders: Object.fromEntries(exchange.requestHeaders) };
  }
}

async function controlled(method, url, body) {
  const response = await fetch(url, { method, body: body && JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
