/** What a workflow has to allow its token for each thing that is asked of GitHub, in words for its author. */
import { GithubRefusal, isOfGithub } from './github.ts';

export type Task = 'comment' | 'label' | 'base' | 'status' | 'deployment';

interface Need {
  /** Completes "GitHub does not let the token …". */
  readonly what: string;
  /** A line of `permissions:`. */
  readonly line: string;
}

const needs: Readonly<Record<Task, Need>> = {
  comment: { what: 'comment on the pull request', line: 'pull-requests: write' },
  label: { what: 'read the labels of the pull request', line: 'pull-requests: read' },
  base: { what: 'read the base of the comparison', line: 'contents: read' },
  status: { what: 'set a status of the commit', line: 'statuses: write' },
  deployment: { what: 'report a deployment', line: 'deployments: write' },
};

/** One sentence, and what to add to the workflow. */
export function explained(task: Task, error: Error): string {
  const { what, line } = needs[task];
  if (error instanceof GithubRefusal && [401, 403, 404].includes(error.status))
    return `GitHub does not let the token ${what} (${error.status}). Add to the job: permissions: { ${line} }`;
  return `It was not possible to ${what}: ${error.message}`;
}

/**
 * Does what the verdict does not depend on.
 *
 * @returns undefined: GitHub refused, or could not be reached, and `warn` was told
 */
export async function attempt<T>(
  task: Task,
  warn: (message: string) => void,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!isOfGithub(error)) throw error;
    warn(explained(task, error));
    return undefined;
  }
}
