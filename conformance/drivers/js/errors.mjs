// What the SDK throws, as the `err` of MDP/1.
import { UnauthorizedError } from '@dynamic-labs-sdk/client';

/** Says whose error it is, in the SDK's own words; `retryable` is false, as the SDK never says so. */
export function described(error) {
  const http = [error?.status, error?.cause?.status].find(Number.isInteger) ?? null;
  // For an answer without a string `error` the SDK throws the raw Response, or an UnauthorizedError without a status.
  const refused = http !== null || error instanceof UnauthorizedError;
  // Only fetch gives its TypeErrors a cause; one without is the SDK tripping over an answer.
  const unreachable = error instanceof TypeError && error.cause !== undefined;
  const message = error instanceof Response ? `raw Response ${http} ${error.statusText}` : String(error?.message ?? error);
  return {
    origin: refused ? 'server' : unreachable ? 'network' : 'client', class: error?.constructor?.name ?? typeof error,
    code: typeof error?.code === 'string' ? error.code : null, http, message, retryable: false,
  };
}
