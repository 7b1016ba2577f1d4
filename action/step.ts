/** What every command is given, and what it comes to. */
import type { Context } from './event.ts';
import type { Github } from './github/github.ts';
import type { Inputs } from './inputs.ts';
import type { Outputs, Runner } from './runner.ts';

export interface Step {
  readonly inputs: Inputs;
  readonly context: Context;
  readonly runner: Runner;
  /** Undefined: there is no token, or no repository, as outside GitHub. */
  readonly github: Github | undefined;
  /** The runner's variables: where GitHub's OIDC tokens are asked for. */
  readonly env: NodeJS.ProcessEnv;
}

export interface Ended {
  readonly result: 'success' | 'failure';
  readonly outputs: Outputs;
}
