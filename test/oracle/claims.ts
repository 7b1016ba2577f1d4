/** Claims of a token: drawn right, missing, null and of the wrong kind; and read as a column's type. */
import type { Json, Type } from './schema.ts';
import type { Draw } from './tape.ts';

export type Claims = Readonly<Record<string, Json>>;

/** A claim that a predicate asks for is not of its type: the request is refused. */
export class ClaimUnfit extends Error {}

const wrong: readonly Json[] = ['x', 1.5, ['u1'], { a: 1 }, true, null, '2024-13-45'];

export function drawClaims(draw: Draw): Claims {
  const claims: Record<string, Json> = {};
  const put = (into: Record<string, Json>, name: string, right: readonly Json[]) => {
    const kind = draw.int(100);
    if (kind >= 80 && kind < 92) return;
    into[name] = kind >= 95 ? draw.pick(wrong) : draw.pick(right);
  };
  put(claims, 'sub', ['u1', 'u2', 'a', 7]);
  put(claims, 'n', [1, 2, 3, '2', '7']);
  put(claims, 'ids', [[1, 2], [3], ['1', 7], [], [2, null]]);
  put(claims, 'names', [['u1', 'a'], ['u2'], [], ['7', null]]);
  if (draw.chance(80)) {
    const app: Record<string, Json> = {};
    put(app, 'yes', [true, false, 'true']);
    put(app, 'day', ['2024-01-01', '1999-12-31']);
    claims.app = app;
  }
  return claims;
}

/** Undefined when it is missing, which null is too. */
export function claimAt(claims: Claims, path: readonly string[]): Json | undefined {
  let found: Json | undefined = claims;
  for (const step of path) {
    if (typeof found !== 'object' || found === null || Array.isArray(found)) return undefined;
    found = (found as Claims)[step];
  }
  return found ?? undefined;
}

/**
 * As a filter of REST reads a value: by its text, and nothing looser.
 *
 * @throws {ClaimUnfit}
 */
export function readClaim(claims: Claims, path: readonly string[], type: Type): Json | undefined {
  const claim = claimAt(claims, path);
  return claim === undefined ? undefined : readAs(claim, type);
}

/** @throws {ClaimUnfit} also when it is no list */
export function readClaimList(
  claims: Claims,
  path: readonly string[],
  type: Type,
): readonly Json[] | undefined {
  const claim = claimAt(claims, path);
  if (claim === undefined) return undefined;
  if (!Array.isArray(claim)) throw new ClaimUnfit();
  return (claim as readonly Json[]).map((one) => (one === null ? null : readAs(one, type)));
}

function readAs(value: Json, type: Type): Json {
  if (typeof value === 'object') throw new ClaimUnfit();
  const text = String(value);
  const read = forms[type](text);
  if (read === undefined) throw new ClaimUnfit();
  return read;
}

const forms: Readonly<Record<Type, (text: string) => Json | undefined>> = {
  int: (text) => (/^-?\d{1,9}$/.test(text) ? Number(text) : undefined),
  decimal: (text) => (/^-?\d{1,9}(\.\d+)?$/.test(text) ? Number(text) : undefined),
  text: (text) => text,
  bool: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
  date: (text) => (/^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined),
  json: () => undefined,
};
