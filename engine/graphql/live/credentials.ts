/** Who opens a socket says so in `connection_init`, as Hasura's clients do, or in the headers of the upgrade. Pure. */
import type { IncomingHttpHeaders } from 'node:http';
import { Problem } from '../../problem/problem.ts';

const names = ['authorization', 'apikey', 'x-novastack-role', 'x-hasura-role'] as const;

/**
 * @param payload `{ headers: { Authorization: … } }`, or the names at its top; in any case of letters
 * @param upgrade counts when the payload has none of the names
 * @throws {Problem} NS400 a name twice, or with a value that is no text
 */
export function credentialsOf(
  payload: Readonly<Record<string, unknown>> | undefined,
  upgrade: IncomingHttpHeaders,
): IncomingHttpHeaders {
  const inner = payload?.headers;
  const given = isObject(inner) ? inner : (payload ?? {});
  const credentials: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const known = names.find((one) => one === name.toLowerCase());
    if (known === undefined || value === null) continue;
    if (typeof value !== 'string' || credentials[known] !== undefined)
      throw new Problem('NS400', {
        message: `The payload of connection_init must have "${known}" once, as text.`,
        hint: 'Send { "headers": { "Authorization": "Bearer <token>" } }.',
      });
    credentials[known] = value;
  }
  if (Object.keys(credentials).length > 0) return credentials;
  for (const name of names) {
    const value = upgrade[name];
    if (typeof value === 'string') credentials[name] = value;
  }
  return credentials;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
