// A passkey provider in software, as the SDK's `coreConfig.passkey` takes one, and with the browser's
// part of the work: ES256 keys that can be discovered, user presence and verification always given,
// no attestation (WebAuthn Level 3, sections 5.1, 6.1 and 6.5).
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { cbor } from './cbor.mjs';

const ES256 = -7;
const FLAGS = { userPresent: 0x01, userVerified: 0x04, backupEligible: 0x08, backedUp: 0x10, attestedData: 0x40 };
const CREDENTIAL_ID_BYTES = 32;
const AAGUID = Buffer.alloc(16); // an authenticator that does not say what it is
const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
const base64url = (bytes) => Buffer.from(bytes).toString('base64url');

/** One device with its passkeys, used in a page of one origin. */
export class SoftwareAuthenticator {
  /** The passkeys by id: `{ rpId, userHandle, privateKey, counter }`. */
  passkeys = new Map();
  /** What was asked, in order: `['register' or 'authenticate', options]`. */
  asked = [];

  constructor(origin) {
    this.origin = origin;
  }

  isSupported = () => true;

  /** Makes a passkey (section 5.1.3); the options and the result are those of the JSON forms. */
  register = async ({ optionsJSON: options }) => {
    this.asked.push(['register', options]);
    const rpId = this.#relyingParty(options.rp.id);
    if (!options.pubKeyCredParams.some(({ alg, type }) => alg === ES256 && type === 'public-key')) {
      throw refusal('NotSupportedError', 'the service takes no ES256 key');
    }
    if ((options.excludeCredentials ?? []).some(({ id }) => this.passkeys.get(id)?.rpId === rpId)) {
      throw refusal('InvalidStateError', 'this authenticator has a passkey of the account already');
    }
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const rawId = randomBytes(CREDENTIAL_ID_BYTES);
    const id = base64url(rawId);
    this.passkeys.set(id, { rpId, userHandle: options.user.id, privateKey, counter: 0 });
    const authData = Buffer.concat([
      this.#authenticatorData(id, FLAGS.attestedData), AAGUID, length16(rawId), rawId, coseKey(publicKey),
    ]);
    return this.#result(id, {
      attestationObject: base64url(cbor(new Map([['fmt', 'none'], ['attStmt', new Map()], ['authData', authData]]))),
      clientDataJSON: base64url(this.#clientData('webauthn.create', options.challenge)),
      transports: ['internal'],
      publicKey: base64url(publicKey.export({ type: 'spki', format: 'der' })),
      publicKeyAlgorithm: ES256,
      authenticatorData: base64url(authData),
    });
  };

  /** Signs a challenge with a passkey (section 5.1.4): a named one, or any of the relying party. */
  authenticate = async ({ optionsJSON: options }) => {
    this.asked.push(['authenticate', options]);
    const rpId = this.#relyingParty(options.rpId);
    const allowed = options.allowCredentials ?? [];
    const fits = ([id, passkey]) =>
      passkey.rpId === rpId && (allowed.length === 0 || allowed.some((credential) => credential.id === id));
    const [id, passkey] = [...this.passkeys].find(fits) ?? [];
    if (id === undefined) throw refusal('NotAllowedError', 'no passkey of this authenticator fits');
    passkey.counter += 1;
    const authenticatorData = this.#authenticatorData(id, 0);
    const clientData = this.#clientData('webauthn.get', options.challenge);
    return this.#result(id, {
      clientDataJSON: base64url(clientData),
      authenticatorData: base64url(authenticatorData),
      // DER, as WebAuthn has it, not the two bare numbers of a JWT.
      signature: base64url(sign('sha256', Buffer.concat([authenticatorData, sha256(clientData)]), passkey.privateKey)),
      userHandle: passkey.userHandle,
    });
  };

  /** The relying party's id, which must be the page's host or a domain above it (section 5.1.3, step 8). */
  #relyingParty(wanted) {
    const { hostname } = new URL(this.origin);
    const rpId = wanted ?? hostname;
    if (hostname === rpId || hostname.endsWith(`.${rpId}`)) return rpId;
    throw refusal('SecurityError', `${rpId} is no relying party for ${this.origin}`);
  }

  #clientData(type, challenge) {
    return Buffer.from(JSON.stringify({ type, challenge, origin: this.origin, crossOrigin: false }));
  }

  #authenticatorData(id, moreFlags) {
    const { rpId, counter } = this.passkeys.get(id);
    const rest = Buffer.alloc(5);
    rest.writeUInt8(FLAGS.userPresent | FLAGS.userVerified | FLAGS.backupEligible | FLAGS.backedUp | moreFlags);
    rest.writeUInt32BE(counter, 1);
    return Buffer.concat([sha256(rpId), rest]);
  }

  #result(id, response) {
    return { id, rawId: id, type: 'public-key', authenticatorAttachment: 'platform', clientExtensionResults: {}, response };
  }
}

const refusal = (name, message) => new DOMException(message, name);

function length16(bytes) {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return length;
}

/** A public key as COSE writes it (RFC 9053, section 7.1): EC2, ES256, P-256, x, y. */
function coseKey(publicKey) {
  const { x, y } = publicKey.export({ format: 'jwk' });
  const coordinate = (text) => Buffer.from(text, 'base64url');
  return cbor(new Map([[1, 2], [3, ES256], [-1, 1], [-2, coordinate(x)], [-3, coordinate(y)]]));
}
