/** What came of a project's tests, as data: what every form of output is made from. */
import type { Source } from '../../schema/diagnostic.ts';
import type { Verb } from '../../schema/project.ts';

/** A place in an answer where it is not as expected. Values as JSON text; absent: nothing is there. */
export interface Difference {
  /** From the body's root: `[0].author.name`; empty for the root itself. */
  readonly path: string;
  readonly expected: string | undefined;
  readonly received: string | undefined;
}

/** A key of the test: `expect.status`, `denied.books`, `given.books[1]`. */
export interface Failure {
  readonly key: string;
  /** One sentence. */
  readonly message: string;
  readonly source: Source | undefined;
  readonly differences: readonly Difference[];
}

/** What came back. */
export interface Answer {
  readonly status: number;
  /** Names in lower case; several of one name joined by `, `. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface TestResult {
  readonly name: string;
  /** Of its name. */
  readonly source: Source | undefined;
  readonly state: 'passed' | 'failed' | 'skipped';
  readonly ms: number;
  readonly failures: readonly Failure[];
  /** `GET /rest/v1/books as customer {"customer_id":14}`; undefined where it made none. */
  readonly request: string | undefined;
  readonly answer: Answer | undefined;
}

export interface Cell {
  readonly role: string;
  readonly table: string;
  readonly verb: Verb;
}

export interface Coverage {
  readonly roles: readonly string[];
  readonly tables: readonly string[];
  readonly cells: readonly (Cell & { readonly covered: boolean })[];
}

export interface Run {
  readonly results: readonly TestResult[];
  readonly coverage: Coverage;
  readonly ms: number;
}
