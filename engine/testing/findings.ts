/** Failures of tests as findings in files: for annotations and for plans. Pure. */
import type { Diagnostic } from '../../schema/diagnostic.ts';
import { printable } from '../../schema/format.ts';
import type { Run } from './result.ts';

/** One for each failure, in the place of the key that does not hold. */
export function findingsOf({ results }: Pick<Run, 'results'>): readonly Diagnostic[] {
  return results.flatMap(({ name, failures, request }) =>
    failures.map(({ key, message, differences, source }): Diagnostic => {
      const told = [
        `${name}: ${message}`,
        ...differences.map(
          ({ path, expected, received }) =>
            `${key}${path === '' ? '' : ` ${path}`}: expected ${expected ?? 'nothing'}, received ${received ?? 'nothing'}`,
        ),
        ...(request === undefined ? [] : [request]),
      ];
      return {
        code: 'TEST_FAILED',
        severity: 'error',
        message: told.map(printable).join('\n'),
        ...(source === undefined ? {} : { source }),
      };
    }),
  );
}
