/** The Action: checks the workspace's projects, marks the lines, tells the runner, ends with the verdict. */
import { formatDiagnostics } from '../schema/format.ts';
import { annotations, errorCommand } from './annotations.ts';
import { InputError, type Inputs, readInputs } from './inputs.ts';
import { type Checked, checkProjects, count } from './projects.ts';
import { writeOutputs, writeSummary } from './runner.ts';
import { summary } from './summary.ts';

async function main(env: NodeJS.ProcessEnv): Promise<number> {
  const inputs = readInputs(env);
  const checked = await checkProjects(inputs);
  const result = fails(checked, inputs) ? 'failure' : 'success';

  for (const one of checked) console.log(logged(one));
  if (inputs.annotations) for (const line of annotations(checked)) console.log(line);
  await writeSummary(env, summary(checked));
  await writeOutputs(env, {
    result,
    'error-count': String(count(checked, 'error')),
    'warning-count': String(count(checked, 'warning')),
    projects: JSON.stringify(checked.map(described)),
  });
  return result === 'success' ? 0 : 1;
}

function fails(checked: readonly Checked[], { failOn }: Inputs): boolean {
  switch (failOn) {
    case 'never':
      return false;
    case 'error':
      return count(checked, 'error') > 0;
    case 'warning':
      return count(checked, 'error') + count(checked, 'warning') > 0;
    default:
      return failOn satisfies never;
  }
}

function logged(checked: Checked): string {
  const [errors, warnings] = [count([checked], 'error'), count([checked], 'warning')];
  const head = `${checked.project ?? 'unnamed'} (${JSON.stringify(checked.path)}): ${errors} errors, ${warnings} warnings`;
  return inert(
    [head, formatDiagnostics(checked.diagnostics, 'text')].filter((part) => part !== '').join('\n'),
  );
}

/** The runner reads a line that begins with `::` as a command, after white space too. */
function inert(text: string): string {
  return text.replace(/^(\s*):(?=:)/gm, '$1:\u200b').replace(/^(\s*)##\[/gm, '$1##\u200b[');
}

function described(checked: Checked) {
  const { path, project = null } = checked;
  return { path, project, errors: count([checked], 'error'), warnings: count([checked], 'warning') };
}

function explain(error: unknown): string {
  if (error instanceof InputError) return error.message;
  if (!(error instanceof Error)) return String(error);
  // A problem of the engine says what to do next.
  if ('hint' in error && typeof error.hint === 'string') return `${error.message} Hint: ${error.hint}.`;
  return error.stack ?? error.message;
}

try {
  process.exitCode = await main(process.env);
} catch (error) {
  console.log(errorCommand(explain(error)));
  await writeOutputs(process.env, { result: 'failure' });
  process.exitCode = 1;
}
