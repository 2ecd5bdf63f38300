// What a generated client of the vendor promises: its operations and its models, read at run time
// out of the declarations of the installed package, so that a newer package is a newer promise.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

const OPERATION = /^ {4}(\w+)Raw\((?:requestParameters: (\w+), )?initOverrides.*Promise<(?:\w+\.)?ApiResponse<(.*)>>;$/gm;

/** Reads the declarations of a client that OpenAPI Generator made (`typescript-fetch`). */
export async function contractOf(packageName) {
  const folder = join(dirname(require.resolve(`${packageName}/package.json`)), 'src');
  const client = await import(packageName);
  const operations = new Map();
  for (const file of readdirSync(join(folder, 'apis')).filter((name) => /Api\.d\.ts$/.test(name))) {
    const api = file.replace('.d.ts', '');
    const text = declarations(folder, 'apis', file);
    const requests = new Map(interfacesIn(text));
    for (const [, operation, request, answer] of text.matchAll(OPERATION)) {
      const parameters = new Map((requests.get(request) ?? []).map(({ property, ...rest }) => [property, rest]));
      operations.set(operation, { api, answer: typeOf(answer), parameters });
    }
  }
  return new Contract(client, folder, operations);
}

class Contract {
  #models = new Map();

  constructor(client, folder, operations) {
    this.client = client;
    this.folder = folder;
    this.operations = operations;
  }

  /** A model by its name: `{ values }` of an enum, `{ fields }` of an interface. */
  model(name) {
    if (!this.#models.has(name)) this.#read(name);
    const model = this.#models.get(name);
    if (model === undefined) throw new Error(`the client declares no model ${name}`);
    return model;
  }

  #read(file) {
    const text = declarations(this.folder, 'models', `${file}.d.ts`);
    for (const [, name, body] of text.matchAll(/^export (?:declare )?enum (\w+) \{\n(.*?)^\}/gms)) {
      this.#models.set(name, { values: [...body.matchAll(/= ["']?(.*?)["']?,?$/gm)].map(([, value]) => value) });
    }
    for (const [name, properties] of interfacesIn(text)) {
      const wire = this.#wireNames(file, name);
      const fields = properties.map((field) => {
        if (!wire.has(field.property)) throw new Error(`${name}.${field.property}: the client never writes it`);
        return { ...field, wire: wire.get(field.property) };
      });
      this.#models.set(name, { fields });
    }
  }

  /** The names on the wire, by property: what the client's own writer makes of each. */
  #wireNames(file, name) {
    const text = readFileSync(join(this.folder, 'models', `${file}.js`), 'utf8');
    const [, writer = ''] = text.match(new RegExp(`^function ${name}ToJSON\\(.*?\\n(.*?)^\\}`, 'ms')) ?? [];
    return new Map([...writer.matchAll(/^ +'([^']+)':.*?value\.(\w+)/gm)].map(([, wire, property]) => [property, wire]));
  }

  /** What the client reads out of a JSON value of a type and writes back. */
  roundTrip(json, type) {
    if (type.items) return json.map((item) => this.roundTrip(item, type.items));
    if (!isModel(type)) return json;
    const { [`${type.name}FromJSON`]: read, [`${type.name}ToJSON`]: write } = this.client;
    return JSON.parse(JSON.stringify(write(read(structuredClone(json)))));
  }
}

const PLAIN = new Set(['string', 'number', 'boolean', 'Date', 'object', 'any', 'void', 'Blob']);

/** Whether a type is a model of the client. */
export const isModel = (type) => type.name !== undefined && !PLAIN.has(type.name);

/** The interfaces of a declaration file: `[name, [{ property, required, type }]]`. */
function* interfacesIn(text) {
  for (const [, name, body] of text.matchAll(/^export interface (\w+) \{\n(.*?)^\}/gms)) {
    const lines = body.split('\n').filter((line) => /^ {4}[^ /*]/.test(line));
    yield [name, lines.map((line) => {
      const [, property, optional, type] = line.match(/^ {4}(\w+)(\?)?: (.*);$/) ?? [];
      if (property === undefined) throw new Error(`${name}: a line that this reader does not know: ${line}`);
      return { property, required: optional === undefined, type: typeOf(type) };
    })];
  }
}

/** The text of a declaration file, with `{ [key: string]: X; }` on one line and named. */
const declarations = (...path) =>
  readFileSync(join(...path), 'utf8').replace(/\{\n +\[key: string\]: (.*);\n +\}/g, 'Map<$1>');

/** `Array<X> | null` and the like, taken apart: `{ name }`, `{ items }` or `{ entries }`. */
function typeOf(text) {
  const nullable = text.endsWith(' | null');
  const plain = text.replace(/ \| null$/, '');
  const [, items] = plain.match(/^(?:Array|Set)<(.*)>$/) ?? [];
  if (items !== undefined) return { items: typeOf(items), nullable };
  const [, entries] = plain.match(/^Map<(.*)>$/) ?? [];
  if (entries !== undefined) return { entries: typeOf(entries), nullable };
  if (!/^\w+$/.test(plain)) throw new Error(`a type that this reader does not know: ${text}`);
  return { name: plain, nullable };
}
