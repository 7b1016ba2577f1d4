/** The Action: reads what it is told, does it, tells the runner, ends with the verdict. */
import http from 'node:http';
import { type Command, commandFor } from './command.ts';
import { readContext } from './event.ts';
import { explain } from './explain.ts';
import { readInputs } from './inputs.ts';
import { Runner } from './runner.ts';
import type { Ended, Step } from './step.ts';

/** Each command is loaded when it is wanted: what it needs of the engine takes longer to load than a small project to check. */
const commands: Readonly<Record<Command, (step: Step) => Promise<Ended>>> = {
  validate: async (step) => (await import('./commands/validate.ts')).validate(step),
  plan: async (step) => (await import('./commands/plan.ts')).plan(step),
  sync: async (step) => (await import('./commands/deploy.ts')).sync(step),
  rollback: async (step) => (await import('./commands/deploy.ts')).rollback(step),
  drift: async (step) => (await import('./commands/drift.ts')).drift(step),
};

async function main(env: NodeJS.ProcessEnv, runner: Runner): Promise<'success' | 'failure'> {
  const inputs = readInputs(env);
  runner.mask(inputs.githubToken);
  runner.mask(inputs.serverToken);
  const context = await readContext(env);
  const command = commandFor(inputs, context);
  const github = command === 'validate' ? undefined : await githubOf(inputs.githubToken, context);
  const { result, outputs } = await commands[command]({ inputs, context, runner, github, env });
  await runner.outputs({ result, ...outputs });
  return result;
}

async function githubOf(token: string, { apiUrl: api, repository }: Step['context']) {
  if (token === '' || repository === '') return undefined;
  const { Github } = await import('./github/github.ts');
  return new Github({ api, token, repository });
}

// A runner within a company may reach GitHub by a proxy alone. Older versions of Node 24 cannot be told so.
http.setGlobalProxyFromEnv?.();
const runner = new Runner(process.env);
try {
  process.exitCode = (await main(process.env, runner)) === 'success' ? 0 : 1;
} catch (error) {
  runner.error(explain(error));
  await runner.outputs({ result: 'failure' });
  process.exitCode = 1;
}
