// People who use a world through the vendor's generated client, and a record of what it answered.
import { complaintsAbout } from './answer.mjs';
import { isModel } from './contract.mjs';
import { newDeviceKey } from './device.mjs';

/** The site whose pages the people use; browsers name it in each request. */
export const ORIGIN = 'http://localhost:3000';
const ELEVATED = 'x-dyn-elevated-access-token';

/** One world, and everything that was called in it. */
export class Scene {
  /** The operations that were granted, in order. */
  granted = [];
  /** What was wrong with the answers: `operation: path: complaint`. */
  complaints = [];
  /** What was wrong with the requests, which is the fault of whoever wrote the scene. */
  flaws = [];
  #people = 0;

  /** `contracts` are those of the clients of end users and, where there is need, administrators. */
  constructor(world, contracts) {
    this.world = world;
    this.contracts = contracts;
  }

  /** Somebody who is not signed in, on a device of their own. */
  visitor(email = `person-${++this.#people}@example.com`) {
    return new Person(this, email, this.contracts.users);
  }

  /** A server of the app's owner, with a token that may do everything. */
  async administrator() {
    const administrator = new Person(this, undefined, this.contracts.administrators);
    administrator.token = await this.world.apiToken();
    return administrator;
  }

  /** Somebody who signed in with a mailed code, and was never here before. */
  async newcomer() {
    return this.visitor().signInByMail();
  }

  /** Somebody with a TOTP device, recovery codes, and a session that has passed the second factor. */
  async enrolled() {
    const person = this.visitor();
    await this.world.createUser({ email: person.email, totp: 'enrolled' });
    await person.signInByMail();
    await person.passTotp();
    return person;
  }
}

/** A user of the client: an address, a session as an SDK keeps it, and a device key. */
class Person {
  token = undefined;
  user = undefined;
  #signNonce = undefined;

  constructor(scene, email, contract) {
    this.scene = scene;
    this.world = scene.world;
    this.email = email;
    this.contract = contract;
  }

  /**
   * Makes one call of the generated client and returns what the client makes of the answer.
   *
   * The answer is held against the client's models, and a new token replaces the old one, as in
   * an SDK. A refusal is an error with the service's words.
   */
  async call(operation, parameters = {}, headers = {}) {
    const { client, operations } = this.contract;
    const declared = operations.get(operation);
    if (declared === undefined) throw new Error(`the client has no operation ${operation}`);
    const unknown = Object.keys(parameters).filter((name) => !declared.parameters.has(name));
    if (unknown.length > 0) throw new Error(`${operation} takes no ${unknown}: it takes ${[...declared.parameters.keys()]}`);
    let answered;
    const configuration = new client.Configuration({
      basePath: this.world.baseUrl,
      headers: { origin: ORIGIN, ...(this.token && { authorization: `Bearer ${this.token}` }), ...headers },
      fetchApi: async (url, init) => {
        this.#judgeRequest(operation, declared.parameters, init.body);
        const proof = client.isDeviceNonceSignatureRequiredForUrl?.(url) ? await this.#deviceHeaders() : {};
        const response = await fetch(url, { ...init, headers: { ...init.headers, ...proof }, redirect: 'manual' });
        answered = { status: response.status, text: await response.clone().text(), kind: response.headers.get('content-type') };
        return response;
      },
    });
    const api = new client[declared.api](configuration);
    let response;
    try {
      response = await api[`${operation}Raw`]({ environmentId: this.world.id, ...parameters });
    } catch (error) {
      if (!(error instanceof Response)) throw error;
      if (error.status < 300 || error.status > 399) throw new Refusal(operation, answered);
      response = error; // the way to another page, which no generated client goes
    }
    this.scene.granted.push(operation);
    if (response instanceof Response) return { location: response.headers.get('location') };
    const value = this.#judge(operation, declared.answer, answered) ?? (await response.value());
    if (value?.minifiedJwt) this.token = value.minifiedJwt;
    if (value?.user) this.user = value.user;
    return value;
  }

  /** Holds our own body against its model, so that no scene proves something by nonsense. */
  #judgeRequest(operation, parameters, body) {
    const { contract, scene: { flaws } } = this;
    const models = [...parameters.values()].map(({ type }) => type).filter((type) => isModel(type) && contract.model(type.name).fields);
    if (models.length !== 1 || typeof body !== 'string') return;
    flaws.push(...complaintsAbout(JSON.parse(body), models[0], contract).map((flaw) => `${operation}: our ${flaw}`));
  }

  /** Holds an answer against its type; returns the value where the client's own reader cannot. */
  #judge(operation, type, { text, kind }) {
    const complain = (body) => this.scene.complaints.push(
      ...complaintsAbout(body, type, this.contract).map((complaint) => `${operation}: ${complaint}`),
    );
    if (kind?.startsWith('text/event-stream')) {
      // The models describe the data of the events; the generated client cannot read a stream.
      const events = [...text.matchAll(/^data: ?(.*)$/gm)].map(([, data]) => JSON.parse(data));
      events.forEach(complain);
      return events[0];
    }
    if (isModel(type) || type.items) complain(JSON.parse(text));
    return undefined;
  }

  /** Headers that prove the person's device, as an SDK adds them to the calls that need them. */
  async #deviceHeaders() {
    const { nonces: [nonce] } = await this.call('getNonces', { count: 1 });
    this.#signNonce ??= newDeviceKey();
    return this.#signNonce(nonce);
  }

  /** Signs in with a code that was mailed. */
  async signInByMail() {
    const verification = await this.#mailedCode();
    await this.call('signInWithEmailVerification', { emailVerificationVerifyRequest: verification });
    return this;
  }

  async #mailedCode() {
    const { verificationUUID } = await this.call('createEmailVerification', {
      emailVerificationCreateRequest: { email: this.email },
    });
    return { verificationUUID, verificationToken: await this.world.codeSentTo(this.email) };
  }

  /** Passes the second factor with a fresh TOTP code; returns the answer. */
  async passTotp(more = {}) {
    return this.call('authMfaTotpDevice', {
      mFAAuthTotpDevicePostRequest: { code: await this.world.freshTotpCode(this.email), ...more },
    });
  }

  /** Proves the mailbox once more; returns the answer. */
  async reauthenticate(more = {}) {
    return this.call('verifyEmailVerification', {
      emailVerificationVerifyRequest: { ...(await this.#mailedCode()), ...more },
    });
  }

  /** Headers with an elevated access token for a scope, by whatever factor the person has. */
  async elevated(...requestedScopes) {
    const { devices } = await this.call('getUserMfaMethods');
    const hasTotp = devices.some(({ type, verified }) => type === 'totp' && verified);
    const answer = hasTotp ? await this.passTotp({ requestedScopes }) : await this.reauthenticate({ requestedScopes });
    if (!answer.elevatedAccessToken) throw new Error(`no elevated access token for ${requestedScopes}`);
    return { [ELEVATED]: answer.elevatedAccessToken };
  }
}

/** The service said no. */
export class Refusal extends Error {
  constructor(operation, { status, text }) {
    super(`${operation} was refused: ${status} ${text}`);
    this.status = status;
    this.body = text === '' ? undefined : JSON.parse(text);
  }
}
