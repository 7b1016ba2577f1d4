/** What a write's transaction tells the database of its caller: names and JSON as PostgREST sets them. */
import type { CallContext } from './executor.ts';

export function claimsOf({ principal, http, timezone }: CallContext): ReadonlyMap<string, string> {
  const claims = { ...principal.claims, role: principal.role };
  const settings = new Map<string, string>([
    ['request.jwt.claims', JSON.stringify(claims)],
    ['request.jwt.claim.sub', principal.subject ?? ''],
    ['request.jwt.claim.role', principal.role],
  ]);
  if (timezone !== undefined) settings.set('TimeZone', timezone);
  if (http !== undefined) {
    settings.set('request.method', http.method);
    settings.set('request.path', http.path);
    settings.set('request.headers', JSON.stringify(http.headers));
  }
  return settings;
}
