/** `novastack plan`: what a change of a project would do to its API, to who may see what, and to its databases. */
import path from 'node:path';
import { findBase, NoBase } from '../plan/base.ts';
import { verdict } from '../plan/gate.ts';
import { planProject } from '../plan/plan.ts';
import { planAnnotations } from '../plan/render/diagnostics.ts';
import { planJson } from '../plan/render/json.ts';
import { planMarkdown } from '../plan/render/markdown.ts';
import { planSarif } from '../plan/render/sarif.ts';
import { planText } from '../plan/render/text.ts';
import { type Gate, gates, type Plan } from '../plan/report.ts';
import { GitFailure } from '../reconcile/git/failure.ts';
import type { Command, Input } from './command.ts';
import { badInput, unreachable } from './failure.ts';
import { headings } from './headings.ts';
import { projectFolder } from './project-folder.ts';
import type { Terminal } from './terminal.ts';

export const plan: Command = {
  ...headings.plan,
  about: `Says what a change of the project would do before it is merged: is it valid, what
changes in the REST and GraphQL API and whom does that break, who gains and who
loses access to what, and what its migrations do to the databases. The project's own
tests run as well. Like "validate" it needs no database, no secret and no network.

It is compared with what --base names: a branch or a commit (as it was where this
one left it), or a folder. What breaks callers, opens data to everybody or tells
personal data has to be accepted, in approvals.yaml beside novastack.yaml, by the
fingerprint that is printed. Exit code 1 when --fail-on says so.`,
  words: { least: 0, most: 1 },
  options: {
    base: { kind: 'value', value: 'ref', short: 'b', help: 'a branch, a commit or a folder (default origin/HEAD or main)' },
    format: { kind: 'value', value: 'form', choices: ['text', 'json', 'github', 'sarif', 'markdown'], help: 'form of the plan (default text)' },
    'fail-on': { kind: 'value', value: 'gate', choices: gates, help: 'exit code 1 from when on (default error)' },
    'no-tests': { kind: 'flag', help: "do not run the project's tests" },
    verbose: { kind: 'flag', short: 'v', help: 'tell every safe change, however many there are' },
  },
  examples: [
    'novastack plan',
    'novastack plan examples/bookshop --base main',
    'novastack plan --base HEAD~1 --format markdown > plan.md',
    'novastack plan apis/shop --base ../released/shop --fail-on warning',
  ],
  brief: true,
  run,
}; // biome-ignore format: an option a line

type Form = 'text' | 'json' | 'github' | 'sarif' | 'markdown';

async function run(input: Input, terminal: Terminal): Promise<number> {
  const dir = await projectFolder(input.words[0]);
  const gate = (input.value('fail-on') ?? 'error') as Gate;
  const today = new Date().toISOString().slice(0, 10);
  const made = await planFrom(dir, input, today, terminal);
  const form = (input.value('format') ?? 'text') as Form;
  terminal.out(written(made, form, { gate, today, verbose: input.flag('verbose') }, terminal));
  return verdict(made, gate) === 'failure' ? 1 : 0;
}

async function planFrom(dir: string, input: Input, today: string, terminal: Terminal): Promise<Plan> {
  const base = await findBase(dir, input.value('base')).catch(explained);
  try {
    const project = await planProject({
      path: pathOf(dir),
      base: base.dir,
      head: dir,
      tests: !input.flag('no-tests'),
      today,
      onStep: (line) => tell(line, terminal),
    });
    return { base: base.name, projects: [project] };
  } finally {
    await base.close();
  }
}

function explained(error: unknown): never {
  if (error instanceof NoBase) throw badInput(error.message, error.hint);
  if (error instanceof GitFailure)
    throw unreachable(`The base cannot be read: ${error.message}`, { hint: error.hint, cause: error });
  throw error;
}

/** GitHub wants paths from the repository's root. */
function pathOf(dir: string): string {
  const from = process.env.GITHUB_WORKSPACE ?? process.cwd();
  return path.relative(from, dir).split(path.sep).join('/') || '.';
}

/** To whoever waits in front of a terminal; a log has no use for it. */
function tell(line: string, terminal: Terminal): void {
  if (terminal.live) terminal.err(terminal.paint('err', 'dim', line));
}

interface Shown {
  readonly gate: Gate;
  readonly today: string;
  readonly verbose: boolean;
}

function written(made: Plan, form: Form, { gate, today, verbose }: Shown, terminal: Terminal): string {
  switch (form) {
    case 'text': {
      const width = Math.min(process.stdout.columns ?? 80, 110);
      return planText(made, { gate, today, verbose, width, color: terminal.takesColor('out') });
    }
    case 'json':
      return planJson(made, gate);
    case 'github':
      return planAnnotations(made);
    case 'sarif':
      return planSarif(made);
    case 'markdown':
      return planMarkdown(made, { gate, today });
    default:
      return form satisfies never;
  }
}
