/** The rows of the section "MySQL and MariaDB" of docs/differences.md, and what is to be answered instead. */
import type { TestEngine } from '../../database.ts';
import type { Answer } from '../answer.ts';
import type { Case } from '../case.ts';

export interface Expectation {
  readonly expected: Answer;
  /** `free`: what the write left behind differs as well. */
  readonly stored?: 'free' | undefined;
  readonly rows: readonly string[];
}

export function expectedOf(_engine: TestEngine, _asked: Case, theirs: Answer, _ours: Answer): Expectation {
  return { expected: theirs, rows: [] };
}
