/** What the language takes and the engine does not serve yet. A row goes when its feature comes. */
import type { Draft } from './draft.ts';
import type { Literal, Path } from './predicate.ts';

/** `*` stands for any name or item. `value`: only when it is written so. */
export const notEnforced: readonly { readonly key: string; readonly value?: Literal }[] = [
  { key: 'databases.*.pool.mode', value: 'transaction' },
  { key: 'databases.*.replicas' },
  { key: 'databases.*.region' },
  { key: 'limits.rate' },
  { key: 'auth.users' },
  { key: 'auth.oidc' },
  { key: 'plans' },
  { key: 'keys' },
  { key: 'versions' },
  { key: 'webhooks' },
  { key: 'storage' },
  { key: 'privacy' },
  { key: 'realtime' },
];

/** One warning for each key that is written and has no effect yet. */
export function warnNotEnforced(draft: Draft, rows: typeof notEnforced = notEnforced): void {
  for (const { key, value } of rows) {
    for (const path of expand(draft, key.split('.'))) {
      const written = draft.value(path);
      if (written === undefined || (value !== undefined && written !== value)) continue;
      const what = value === undefined ? `"${path.at(-1)}"` : `"${path.at(-1)}: ${String(value)}"`;
      draft.warning('NOT_ENFORCED', path, `${what} is checked, but has no effect yet.`, {
        hint: 'do not rely on it',
        part: value === undefined ? 'key' : 'value',
      });
    }
  }
}

/** @param from where the pattern goes on; what stands before it are names, one of which may itself be `*` */
function expand(draft: Draft, pattern: readonly string[], from = 0): readonly Path[] {
  const star = pattern.indexOf('*', from);
  if (star < 0) return [pattern];
  const before = pattern.slice(0, star);
  const after = pattern.slice(star + 1);
  return draft.names(before).flatMap((name) => expand(draft, [...before, name, ...after], star + 1));
}
