/** The Action's inputs, read once from the runner's environment into one typed object. */

export interface Inputs {
  readonly command: 'validate';
  /** Absolute. Files in annotations are relative to it. */
  readonly workspace: string;
  /** Relative to the workspace. */
  readonly workingDirectory: string;
  /** Relative to the working directory; empty: all that are found. */
  readonly projects: readonly string[];
  readonly annotations: boolean;
  readonly failOn: 'error' | 'warning' | 'never';
}

/** An input that cannot be taken; its message is for the author of the workflow. */
export class InputError extends Error {}

/** @throws {InputError} naming the input, what it says and what it may say */
export function readInputs(env: NodeJS.ProcessEnv): Inputs {
  return {
    command: oneOf(env, 'command', ['validate'], 'validate'),
    workspace: env.GITHUB_WORKSPACE || process.cwd(),
    workingDirectory: text(env, 'working-directory') || '.',
    projects: list(text(env, 'projects')),
    annotations: oneOf(env, 'annotations', ['true', 'false'], 'true') === 'true',
    failOn: oneOf(env, 'fail-on', ['error', 'warning', 'never'], 'error'),
  };
}

/** The runner puts an input into `INPUT_<NAME>`: upper case, spaces as underscores, hyphens kept. */
function text(env: NodeJS.ProcessEnv, name: string): string {
  return (env[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] ?? '').trim();
}

function oneOf<Choice extends string>(
  env: NodeJS.ProcessEnv,
  name: string,
  choices: readonly Choice[],
  otherwise: Choice,
): Choice {
  const value = text(env, name) || otherwise;
  const choice = choices.find((each) => each === value);
  if (choice !== undefined) return choice;
  throw new InputError(
    `Input "${name}" is "${value}"; it can be ${choices.map((each) => `"${each}"`).join(', ')}.`,
  );
}

function list(value: string): readonly string[] {
  const items = value.split(/[\n,]/).map((item) => item.trim());
  return [...new Set(items.filter((item) => item !== ''))];
}
