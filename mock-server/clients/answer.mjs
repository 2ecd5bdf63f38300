// Holds a JSON value against a model of the vendor's client: every complaint names a path.
import { isModel } from './contract.mjs';

/** ISO 8601 in UTC, as `Date.toISOString` writes it: what the client itself would send. */
const ISO_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/**
 * What is wrong with a body: what the model demands and the body lacks, and what the client loses
 * or changes when it reads the body and writes it again.
 */
export function complaintsAbout(body, type, contract) {
  const complaints = [...mismatches(body, type, contract, '$')];
  let again;
  try {
    again = contract.roundTrip(body, type);
  } catch (error) {
    return [...complaints, `$: the client cannot read it: ${error.message}`];
  }
  return [...complaints, ...losses(body, again, '$')];
}

function* mismatches(value, type, contract, path) {
  if (value === null || value === undefined) {
    if (!type.nullable) yield `${path}: null, where the client's type allows none`;
  } else if (type.items) {
    if (!Array.isArray(value)) return yield `${path}: no array`;
    for (const [index, item] of value.entries()) yield* mismatches(item, type.items, contract, `${path}[${index}]`);
  } else if (type.entries) {
    if (typeof value !== 'object') return yield `${path}: no object`;
    for (const [key, item] of Object.entries(value)) yield* mismatches(item, type.entries, contract, `${path}.${key}`);
  } else if (isModel(type)) {
    yield* mismatchesWithModel(value, contract.model(type.name), contract, path, type.name);
  } else if (type.name === 'Date') {
    if (!ISO_DATE.test(value)) yield `${path}: ${JSON.stringify(value)} is no ISO date with milliseconds`;
  } else if (type.name === 'object') {
    if (typeof value !== 'object') yield `${path}: ${JSON.stringify(value)} is no object`;
  } else if (type.name !== 'any' && typeof value !== type.name) {
    yield `${path}: ${JSON.stringify(value)} is no ${type.name}`;
  }
}

function* mismatchesWithModel(value, model, contract, path, name) {
  if (model.values) {
    if (!model.values.includes(String(value))) yield `${path}: ${JSON.stringify(value)} is no ${name}`;
    return;
  }
  if (typeof value !== 'object' || Array.isArray(value)) return yield `${path}: no object (${name})`;
  for (const field of model.fields) {
    const at = `${path}.${field.wire}`;
    if (Object.hasOwn(value, field.wire)) {
      yield* mismatches(value[field.wire], field.type, contract, at);
    } else if (field.required) {
      yield `${at}: missing, and ${name} requires it`;
    }
  }
}

/** Where `after` lacks or changes something of `before`; null and absent say the same. */
function* losses(before, after, path) {
  if (before === null || before === undefined) return;
  if (after === null || after === undefined) return yield `${path}: lost (${JSON.stringify(before)})`;
  if (typeof before !== 'object' || typeof after !== 'object') {
    if (before !== after) yield `${path}: ${JSON.stringify(before)} became ${JSON.stringify(after)}`;
  } else if (Array.isArray(before) && before.length !== after.length) {
    yield `${path}: ${before.length} items became ${after.length}`;
  } else {
    for (const [key, value] of Object.entries(before)) {
      yield* losses(value, after[key], Array.isArray(before) ? `${path}[${key}]` : `${path}.${key}`);
    }
  }
}
