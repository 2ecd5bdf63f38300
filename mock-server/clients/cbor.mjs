// As much of CBOR (RFC 8949) as an authenticator writes: integers, bytes, texts and maps.

const UNSIGNED = 0, NEGATIVE = 1, BYTES = 2, TEXT = 3, MAP = 5;

/** The deterministic encoding of a value; maps keep the order of their entries. */
export function cbor(value) {
  if (Number.isInteger(value)) return value < 0 ? head(NEGATIVE, -1 - value) : head(UNSIGNED, value);
  if (typeof value === 'string') return Buffer.concat([head(TEXT, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(BYTES, value.length), value]);
  if (value instanceof Map) {
    return Buffer.concat([head(MAP, value.size), ...[...value].flat().map(cbor)]);
  }
  throw new TypeError(`no CBOR for ${value}`);
}

/** The first bytes of an item: its kind, and a number in the fewest bytes that hold it. */
function head(kind, number) {
  const major = kind << 5;
  if (number < 24) return Buffer.of(major | number);
  if (number < 0x100) return Buffer.of(major | 24, number);
  const long = Buffer.of(major | 25, 0, 0);
  long.writeUInt16BE(number, 1); // refuses what needs more: no key or certificate here is as long
  return long;
}
