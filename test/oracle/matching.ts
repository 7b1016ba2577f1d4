/** Whether an answer is one of those that are right. Rows that are alike in the order may stand in any order. */
import type { Expected } from './answer.ts';
import type { Json } from './schema.ts';

export function matches(expected: Expected, actual: Json | undefined): boolean {
  switch (expected.kind) {
    case 'value':
      return same(expected.value, actual);
    case 'about':
      return (
        typeof actual === 'number' &&
        Math.abs(actual - expected.value) <= 1e-4 * Math.max(1, Math.abs(actual))
      );
    case 'object': {
      if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) return false;
      const { fields } = expected;
      const given = actual as Readonly<Record<string, Json>>;
      return (
        Object.keys(given).length === fields.size &&
        [...fields].every(([name, one]) => Object.hasOwn(given, name) && matches(one, given[name]))
      );
    }
    case 'list':
      return Array.isArray(actual) && listMatches(expected, actual as readonly Json[]);
    default:
      return expected satisfies never;
  }
}

function listMatches(
  { ties, offset, length }: Extract<Expected, { kind: 'list' }>,
  actual: readonly Json[],
): boolean {
  if (actual.length !== length) return false;
  let begin = 0;
  for (const alike of ties) {
    const from = Math.max(begin, offset);
    const to = Math.min(begin + alike.length, offset + length);
    if (from < to && !assignable(actual.slice(from - offset, to - offset), alike)) return false;
    begin += alike.length;
  }
  return true;
}

/** Whether each of these is another one of those: a matching in a bipartite graph, by augmenting paths. */
function assignable(actual: readonly Json[], expected: readonly Expected[]): boolean {
  const takenBy = new Map<number, number>();
  const place = (one: number, tried: Set<number>): boolean =>
    expected.some((candidate, at) => {
      if (tried.has(at) || !matches(candidate, actual[one])) return false;
      tried.add(at);
      const holder = takenBy.get(at);
      if (holder !== undefined && !place(holder, tried)) return false;
      takenBy.set(at, one);
      return true;
    });
  return actual.every((_, one) => place(one, new Set()));
}

function same(a: Json, b: Json | undefined): boolean {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return a === b;
  const [one, other] = [Object.entries(a), b as Readonly<Record<string, Json>>];
  return (
    Array.isArray(a) === Array.isArray(b) &&
    one.length === Object.keys(other).length &&
    one.every(([key, value]) => Object.hasOwn(other, key) && same(value, other[key]))
  );
}

/** For messages: what was expected, in the form of what comes. */
export function shown(expected: Expected): unknown {
  switch (expected.kind) {
    case 'value':
      return expected.value;
    case 'about':
      return expected.value;
    case 'object':
      return Object.fromEntries([...expected.fields].map(([name, one]) => [name, shown(one)]));
    case 'list': {
      const all = expected.ties.map((alike) =>
        alike.length === 1 ? shown(alike[0]!) : { anyOrder: alike.map(shown) },
      );
      return { offset: expected.offset, length: expected.length, rows: all };
    }
    default:
      return expected satisfies never;
  }
}
