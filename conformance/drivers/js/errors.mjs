// What the SDK throws, as the `err` of MDP/1.
import { UnauthorizedError } from '@dynamic-labs-sdk/client';

/** Says whose error it is, in the SDK's own words; `retryable` is false, as the SDK never says so. */
export function described(error) {
  const http = [error?.status, error?.cause?.status].find(Number.isInteger) ?? null;
  // For an answer without a string `error` the SDK throws the raw Response, or an UnauthorizedError without a status.
  const refused = http !== null || error instanceof UnauthorizedError;
  // What a browser throws when a person cancels, or an authenticator cannot.
  const declined = error instanceof DOMException;
  // Only fetch gives its TypeErrors a cause; one without is the SDK tripping over an answer.
  const unreachable = error instanceof TypeError && error.cause !== undefined;
  const message = error instanceof Response ? `raw Response ${http} ${error.statusText}` : String(error?.message ?? error);
  return {
    origin: refused ? 'server' : declined ? 'user' : unreachable ? 'network' : 'client',
    class: declined ? error.name : error?.constructor?.name ?? typeof error,
    code: typeof error?.code === 'string' ? error.code : null, http, message, retryable: false,
  };
}
