/** Runs tests on as many benches as are allowed, and tells their results in the order in which they are written. */
import type { Project, TestCase } from '../../schema/project.ts';
import { describeRequest } from './ask.ts';
import type { Bench } from './bench.ts';
import { coverageOf } from './coverage.ts';
import type { Cell, Run, TestResult } from './result.ts';
import { cellsOfRights, judgeRights } from './rights.ts';
import type { Ground } from './rights-ground.ts';

export interface RunOptions {
  readonly project: Project;
  readonly tests: readonly TestCase[];
  readonly ground: Ground;
  /** Tests that run at a time. */
  readonly jobs: number;
  /** No test begins after one that failed. */
  readonly bail: boolean;
  readonly onResult: (result: TestResult) => void;
  /** No test begins after it. */
  readonly signal?: AbortSignal;
}

interface Done {
  readonly result: TestResult;
  readonly cells: readonly Cell[];
}

/** @throws {Problem} a database cannot be reached any more */
export async function runTests(options: RunOptions): Promise<Run> {
  const from = performance.now();
  const done = await Work.of(options);
  const cells = done.flatMap((one) => one.cells);
  return {
    results: done.map(({ result }) => result),
    coverage: coverageOf(options.project, cells),
    ms: performance.now() - from,
  };
}

class Work {
  readonly #options: RunOptions;
  readonly #done: (Done | undefined)[];
  #next = 0;
  #told = 0;
  #stopped = false;

  static async of(options: RunOptions): Promise<readonly Done[]> {
    const work = new Work(options);
    const wanted = Math.min(
      options.jobs,
      options.tests.filter(({ request }) => request !== undefined).length,
    );
    const benches = Array.from({ length: Math.max(1, wanted) }, () => work.#bench());
    for (const outcome of await Promise.allSettled(benches))
      if (outcome.status === 'rejected') throw outcome.reason;
    work.#tell();
    return work.#done.map((one) => one!);
  }

  private constructor(options: RunOptions) {
    this.#options = options;
    this.#done = options.tests.map(() => undefined);
  }

  /** One bench, opened when the first request wants it. */
  async #bench(): Promise<void> {
    let bench: Bench | undefined;
    const opened = async () => {
      bench ??= await this.#options.ground.openBench();
      return bench;
    };
    try {
      for (let index = this.#take(); index !== undefined; index = this.#take())
        await this.#try(index, opened);
    } catch (error) {
      this.#stopped = true;
      throw error;
    } finally {
      await bench?.close();
    }
  }

  #take(): number | undefined {
    const { tests, signal } = this.#options;
    if (this.#stopped || signal?.aborted === true || this.#next >= tests.length) return undefined;
    return this.#next++;
  }

  async #try(index: number, opened: () => Promise<Bench>): Promise<void> {
    const { tests, project, ground, bail } = this.#options;
    const test = tests[index]!;
    const tried = test.request === undefined ? undefined : await (await opened()).run(test);
    const failures = [...(tried?.failures ?? []), ...judgeRights(test, project, ground.api)];
    this.#done[index] = {
      result: {
        ...introduce(test, project),
        state: failures.length === 0 ? 'passed' : 'failed',
        ms: tried?.ms ?? 0,
        failures,
        answer: tried?.answer,
      },
      cells: [...(tried?.cells ?? []), ...cellsOfRights(test, project)],
    };
    if (bail && failures.length > 0) this.#stopped = true;
    this.#tell();
  }

  /** All results up to the first that is not there; at the end, of what was not begun too. */
  #tell(): void {
    const { tests, project, onResult, signal } = this.#options;
    const isOver = this.#stopped || signal?.aborted === true || this.#next >= tests.length;
    for (; this.#told < tests.length; this.#told += 1) {
      const index = this.#told;
      if (this.#done[index] === undefined) {
        if (!isOver || index < this.#next) return;
        this.#done[index] = skipped(tests[index]!, project);
      }
      onResult(this.#done[index].result);
    }
  }
}

function introduce(test: TestCase, project: Project) {
  return {
    name: test.name,
    source: project.locate([...test.path, 'name']),
    request: test.request === undefined ? undefined : describeRequest(test),
  };
}

function skipped(test: TestCase, project: Project): Done {
  const result: TestResult = {
    ...introduce(test, project),
    state: 'skipped',
    ms: 0,
    failures: [],
    answer: undefined,
  };
  return { result, cells: [] };
}
