/**
 * Who calls, as variables of the session: `@novastack_claims`, a JSON object, and `@novastack_request`. What a routine may
 * say of its answer is forgotten with them. All are gone when the transaction has ended.
 */
import { Problem } from '../../problem/problem.ts';
import type { Parameter, Statement } from '../dialect.ts';

const statement: Statement = {
  text: 'SET @novastack_claims = ?, @novastack_request = ?, @novastack_status = NULL, @novastack_headers = NULL',
  name: 'novastack_claims',
};

/** A variable outlives its transaction, so that the pool assigns this before somebody else's statement. */
export const endClaims =
  '@novastack_claims = NULL, @novastack_request = NULL, @novastack_status = NULL, @novastack_headers = NULL';

/** What a routine has said of its answer. Asked when it has run: of one statement's values none is surely the last. */
export const said: Statement = {
  text: 'SELECT CONCAT(@novastack_status), CONCAT(@novastack_headers)',
  name: 'novastack_said',
};

const requestSettings = 'request.';

export function claims(settings: ReadonlyMap<string, string>): {
  readonly statement: Statement;
  readonly parameters: readonly Parameter[];
} {
  requireUtc(settings.get('TimeZone'));
  return { statement, parameters: [settings.get('request.jwt.claims') ?? null, requestOf(settings)] };
}

/** Times are told in the zone that every session is pinned to. */
function requireUtc(zone: string | undefined): void {
  if (zone === undefined || /^(?:etc\/)?(?:utc|gmt|zulu)$/i.test(zone)) return;
  throw new Problem('0A000', {
    message: 'This database tells times in UTC alone.',
    hint: 'Leave "timezone" out of Prefer.',
  });
}

/** `{"method":"POST","path":"/rest/v1/rpc/f","headers":{…}}`; null where none is known. */
function requestOf(settings: ReadonlyMap<string, string>): string | null {
  const method = settings.get(`${requestSettings}method`);
  if (method === undefined) return null;
  const headers = JSON.parse(settings.get(`${requestSettings}headers`) ?? '{}') as unknown;
  return JSON.stringify({ method, path: settings.get(`${requestSettings}path`) ?? '', headers });
}

export function isClaims(other: Statement): boolean {
  return other.text === statement.text;
}
