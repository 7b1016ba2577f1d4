/** Which database a table or a function is in: the one it names, or the only one. */
import type { Draft } from './draft.ts';
import { didYouMean } from './nearest.ts';
import type { Path } from './predicate.ts';

/**
 * @param path of the table or the function
 * @returns undefined, with an error, when there is no such database or more than one to choose from
 */
export function databaseOf(draft: Draft, path: Path): string | undefined {
  const declared = draft.declared('databases');
  const named = draft.value([...path, 'database']);
  if (typeof named === 'string') {
    if (declared.has(named) || !draft.complete) return named;
    draft.error('UNKNOWN_DATABASE', [...path, 'database'], `There is no database "${named}".`, {
      hint: didYouMean(named, declared) ?? `declare it under databases:`,
    });
    return undefined;
  }
  if (named !== undefined) return undefined;
  if (declared.size === 1) return [...declared][0];
  if (!draft.complete) return undefined;
  const what = `The ${path[0] === 'tables' ? 'table' : 'function'} "${path[1]}"`;
  if (declared.size === 0) {
    draft.error('MISSING_KEY', path, `${what} has no database: none is declared.`, {
      hint: 'declare one under databases:',
      part: 'key',
    });
  } else {
    draft.error('MISSING_KEY', path, `${what} does not say which database it is in, and there are several.`, {
      hint: `add database: ${[...declared].join(', or database: ')}`,
      part: 'key',
    });
  }
  return undefined;
}
