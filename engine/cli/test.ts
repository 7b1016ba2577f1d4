/** `novastack test`: runs a project's own tests on its own migrations and seeds, and says what they exercise. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import type { Diagnostic } from '../../schema/diagnostic.ts';
import type { Step } from '../migrate/journal.ts';
import { percentOf } from '../testing/coverage.ts';
import { findingsOf } from '../testing/findings.ts';
import type { Grounds } from '../testing/ground.ts';
import type { Coverage, Run } from '../testing/result.ts';
import { runJson } from '../testing/run-json.ts';
import type { Command, Input } from './command.ts';
import { badInput } from './failure.ts';
import { headings } from './headings.ts';
import { interruptible } from './interrupt.ts';
import { projectFolder } from './project-folder.ts';
import { counted, printFindings } from './report.ts';
import type { Terminal } from './terminal.ts';
import { junitText } from './test-junit.ts';
import type { Heard, Round, Wishes } from './test-session.ts';
import {
  coverageSum,
  coverageText,
  failureText,
  missingLines,
  type Paint,
  resultLine,
  summaryText,
} from './test-text.ts';
import { watchRounds } from './test-watch.ts';

export const test: Command = {
  ...headings.test,
  about: `Runs what the project says under "tests:", each by itself: what a test writes, and
its "given" rows, are gone before the next one begins. The tables come from the
project's migrations and seeds, in an embedded database that is gone at the end; with
--url in databases of their own that are made beside the one of the URL and dropped
again. That one is never written. "denied" and "allowed" need no database at all.

Exit code 1 when a test fails, or coverage is below --coverage-min.`,
  words: { least: 0, most: 1 },
  options: {
    filter: { kind: 'value', value: 'text', short: 'f', help: 'only tests with this in their name' },
    bail: { kind: 'flag', help: 'begin no test after one that failed' },
    watch: { kind: 'flag', short: 'w', help: 'run again when a file of the project is saved' },
    url: {
      kind: 'value',
      value: 'url',
      many: true,
      help: 'a server to run on; with several databases name=url, for each',
    },
    jobs: {
      kind: 'value',
      value: 'n',
      short: 'j',
      help: 'tests at a time, each on databases of its own (default 1; on servers up to 4)',
    },
    coverage: { kind: 'flag', help: 'show which verbs of which roles on which tables are exercised' },
    'coverage-min': { kind: 'value', value: 'percent', help: 'exit code 1 when fewer are' },
    'pass-with-no-tests': { kind: 'flag', help: 'exit code 0 where there is no test' },
    format: {
      kind: 'value',
      value: 'form',
      choices: ['text', 'json', 'github', 'junit'],
      help: 'form of the results (default text)',
    },
  },
  examples: [
    'novastack test',
    'novastack test examples/bookshop --coverage --coverage-min 100',
    'novastack test --watch --filter review',
    'novastack test --url mysql://root@127.0.0.1:3306/mysql',
    'novastack test --format junit > junit.xml',
  ],
  run,
};

type Format = 'text' | 'json' | 'github' | 'junit';

/** What was asked for besides which tests. */
interface Asked {
  readonly wishes: Wishes;
  readonly format: Format;
  readonly coverage: boolean;
  readonly coverageMin: number | undefined;
}

async function run(input: Input, terminal: Terminal): Promise<number> {
  const asked = await askedOf(input);
  let opened: Grounds | undefined;
  // Loaded when they are wanted: what needs no database answers sooner without the server.
  const grounds = async () => {
    const { Grounds } = await import('../testing/ground.ts');
    opened ??= new Grounds();
    return opened;
  };
  const watches = input.flag('watch');
  const interrupt = interruptible();
  try {
    if (watches) {
      await watchRounds(asked.wishes.dir, terminal, interrupt.signal, () =>
        round(asked, grounds, terminal, interrupt.signal),
      );
      return 0;
    }
    const code = await round(asked, grounds, terminal, interrupt.signal);
    return interrupt.signal.aborted ? 130 : code;
  } finally {
    await opened?.close();
    interrupt.done();
  }
}

async function askedOf(input: Input): Promise<Asked> {
  const coverageMin = percent(input.value('coverage-min'));
  return {
    wishes: {
      dir: await projectFolder(input.words[0]),
      urls: input.values('url'),
      filter: input.value('filter'),
      jobs: jobs(input.value('jobs')),
      bail: input.flag('bail'),
      passWithNoTests: input.flag('pass-with-no-tests'),
    },
    format: (input.value('format') ?? 'text') as Format,
    coverage: input.flag('coverage') || coverageMin !== undefined,
    coverageMin,
  };
}

function percent(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,3}(\.\d+)?$/.test(text) && Number(text) <= 100) return Number(text);
  throw badInput(`Option --coverage-min does not understand "${text}".`, 'write a number from 0 to 100');
}

function jobs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw badInput(`Option --jobs does not understand "${text}".`, 'write a number from 1 to 99');
}

/** @returns the exit code */
async function round(
  asked: Asked,
  grounds: () => Promise<Grounds>,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const { runRound } = await import('./test-session.ts');
  const startedAt = Date.now();
  const ended = await runRound(asked.wishes, grounds, heardBy(asked, terminal), signal);
  if (ended.kind === 'broken') {
    printBroken(ended.diagnostics, asked, terminal);
    return 1;
  }
  const low = tooLow(ended.run.coverage, asked.coverageMin);
  print(ended, low, { ...asked, startedAt }, terminal);
  return low !== undefined || ended.run.results.some(({ state }) => state === 'failed') ? 1 : 0;
}

function heardBy({ format }: Asked, terminal: Terminal): Heard {
  const paint: Paint = (style, text) => terminal.paint('out', style, text);
  const isText = format === 'text';
  return {
    onStart: (project, tests) => {
      if (isText) terminal.out(`${paint('bold', project.name)}: ${counted(tests.length, 'test')}\n`);
    },
    onStep: (database, step) => {
      if (terminal.live) tellStep(database, step, terminal);
    },
    onResult: (result) => {
      if (isText) terminal.out(resultLine(result, paint));
    },
  };
}

/** To whoever waits in front of a terminal; a log has no use for it. */
function tellStep(database: string, step: Step, terminal: Terminal): void {
  if (step.kind === 'running') terminal.err(terminal.paint('err', 'dim', `  ${database}: ${step.file}`));
}

function printBroken(
  diagnostics: readonly Diagnostic[],
  { format, wishes }: Asked,
  terminal: Terminal,
): void {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (format === 'junit') printFindings(errors, 'text', wishes.dir, { ...terminal, out: terminal.err });
  else printFindings(errors, format, wishes.dir, terminal);
  if (format !== 'json') terminal.err(`No test was run: the project has ${counted(errors.length, 'error')}.`);
}

/** The finding that coverage is below what was asked for. */
function tooLow(coverage: Coverage, least: number | undefined): Diagnostic | undefined {
  if (least === undefined || percentOf(coverage) >= least) return undefined;
  return {
    code: 'COVERAGE_LOW',
    severity: 'error',
    message: [
      `The tests exercise ${coverageSum(coverage)}; ${least} % are asked for. Missing:`,
      ...missingLines(coverage),
    ].join('\n'),
    hint: 'write a request, or "denied:" and "allowed:", for each',
  };
}

function print(
  { project, run }: Extract<Round, { kind: 'ran' }>,
  low: Diagnostic | undefined,
  asked: Asked & { readonly startedAt: number },
  terminal: Terminal,
): void {
  const { format, coverage, startedAt, wishes } = asked;
  const extra = low === undefined ? [] : [low];
  const paint: Paint = (style, text) => terminal.paint('out', style, text);
  switch (format) {
    case 'text':
      printText(run, extra, asked, terminal);
      return;
    case 'json':
      terminal.out(runJson({ project: project.name, run, coverage, diagnostics: extra }));
      return;
    case 'github':
      printFindings([...findingsOf(run), ...extra], 'github', wishes.dir, terminal);
      terminal.err(summaryText(run, paint));
      return;
    case 'junit': {
      const errors = extra.map(({ message }) => message);
      terminal.out(junitText(run, { project: project.name, startedAt, host: hostname(), errors }));
      terminal.err(summaryText(run, paint));
      return;
    }
    default:
      format satisfies never;
  }
}

function printText(
  run: Run,
  extra: readonly Diagnostic[],
  { wishes, coverage }: Asked,
  terminal: Terminal,
): void {
  const paint: Paint = (style, text) => terminal.paint('out', style, text);
  const textOf = fileReader(wishes.dir);
  for (const result of run.results)
    if (result.state === 'failed') terminal.out(`\n${failureText(result, textOf, paint)}`);
  if (coverage) terminal.out(`\n${coverageText(run.coverage, paint)}`);
  if (extra.length > 0) terminal.out('');
  printFindings(extra, 'text', wishes.dir, terminal);
  terminal.out(`\n${summaryText(run, paint)}`);
}

/** Of the project's files, for a look at the line that did not hold. */
function fileReader(dir: string): (file: string) => string | undefined {
  const texts = new Map<string, string | undefined>();
  return (file) => {
    if (!texts.has(file)) texts.set(file, readText(path.join(dir, file)));
    return texts.get(file);
  };
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
