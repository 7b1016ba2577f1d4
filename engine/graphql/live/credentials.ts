/** Who opens a socket says so in `connection_init`, as Hasura's clients do, or in the headers of the upgrade. Pure. */
import type { IncomingHttpHeaders } from 'node:http';
import { Problem } from '../../problem/problem.ts';

const names = ['authorization', 'apikey', 'x-novastack-role', 'x-hasura-role'] as const;

/**
 * @param payload `{ headers: { Authorization: … } }`, or the names at its top; in any case of letters
 * @param upgrade counts for each name that the payload does not have
 * @throws {Problem} NS400 a name with two values, or with one that is no text: a token that is there is never overlooked
 */
export function credentialsOf(
  payload: Readonly<Record<string, unknown>> | undefined,
  upgrade: IncomingHttpHeaders,
): IncomingHttpHeaders {
  const credentials: Record<string, string> = {};
  for (const [name, value] of givenIn(payload ?? {})) {
    const known = names.find((one) => one === name.toLowerCase());
    // Clients that are not signed in send null.
    if (known === undefined || value === null) continue;
    if (typeof value !== 'string' || (credentials[known] ?? value) !== value)
      throw new Problem('NS400', {
        message: `The payload of connection_init must have one "${known}", as text.`,
        hint: 'Send { "headers": { "Authorization": "Bearer <token>" } }.',
      });
    credentials[known] = value;
  }
  for (const name of names) {
    const value = upgrade[name];
    if (typeof value === 'string') credentials[name] ??= value;
  }
  return credentials;
}

/** Both places at once: who looks at the one only does not see a token in the other. */
function givenIn(payload: Readonly<Record<string, unknown>>): [name: string, value: unknown][] {
  const { headers } = payload;
  if (headers === undefined || headers === null) return Object.entries(payload);
  if (isObject(headers)) return [...Object.entries(payload), ...Object.entries(headers)];
  throw new Problem('NS400', {
    message: 'The "headers" in the payload of connection_init must be an object.',
    hint: 'Send { "headers": { "Authorization": "Bearer <token>" } }.',
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
