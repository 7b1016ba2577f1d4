/** The files by which a step speaks to GitHub's runner. */
import { randomUUID } from 'node:crypto';
import { appendFile } from 'node:fs/promises';

/** Appends to `GITHUB_OUTPUT`, between delimiters that no value can guess. Outside a runner: nothing. */
export async function writeOutputs(
  env: NodeJS.ProcessEnv,
  outputs: Readonly<Record<string, string>>,
): Promise<void> {
  if (!env.GITHUB_OUTPUT) return;
  const entries = Object.entries(outputs).map(([name, value]) => {
    const delimiter = `novastack_${randomUUID()}`;
    return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
  });
  await appendFile(env.GITHUB_OUTPUT, entries.join(''));
}

export async function writeSummary(env: NodeJS.ProcessEnv, markdown: string): Promise<void> {
  if (env.GITHUB_STEP_SUMMARY) await appendFile(env.GITHUB_STEP_SUMMARY, `${markdown}\n`);
}
