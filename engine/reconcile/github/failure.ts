/** Why GitHub did not do what it was asked for, in words that say what to give the token. Never holds the token. */

/** What a report writes; each needs a permission of its own. */
export type Subject = 'commit status' | 'deployment' | 'contents' | 'pull request';

interface Permission {
  /** As fine-grained tokens and apps call it. */
  readonly fine: string;
  /** Scope of a classic token. */
  readonly classic: string;
}

const permissions: Readonly<Record<Subject, Permission>> = {
  'commit status': { fine: 'Commit statuses: write', classic: 'repo:status' },
  deployment: { fine: 'Deployments: write', classic: 'repo_deployment' },
  contents: { fine: 'Contents: write', classic: 'repo' },
  'pull request': { fine: 'Pull requests: write', classic: 'repo' },
};

export class GithubFailure extends Error {
  readonly subject: Subject;
  /** Undefined: there was no answer. */
  readonly status: number | undefined;
  readonly hint: string;

  constructor(subject: Subject, status: number | undefined, message: string, hint: string) {
    super(message);
    this.name = 'GithubFailure';
    this.subject = subject;
    this.status = status;
    this.hint = hint;
  }
}

export interface Refused {
  readonly subject: Subject;
  /** `owner/name`. */
  readonly repository: string;
  readonly status: number;
  /** What GitHub said of it. */
  readonly said: string;
}

/** An answer that would be the same next time. */
export class GithubRefusal extends GithubFailure {}

export function refusal({ subject, repository, status, said }: Refused): GithubRefusal {
  const { fine, classic } = permissions[subject];
  const grant = `give the token the permission "${fine}" for ${repository} (a classic token: the scope ${classic})`;
  const failed = (message: string, hint: string) => new GithubRefusal(subject, status, message, hint);
  switch (status) {
    case 401:
      return failed(
        'GitHub does not know the token of the reports.',
        'make another one, and see that it has not expired',
      );
    case 403:
      return failed(`GitHub does not let the token write: ${what(subject)} of ${repository}.`, grant);
    case 404:
      return failed(
        `GitHub shows the token no ${repository}, or not what is needed of it: ${what(subject)}.`,
        `${grant}; or correct "repository"`,
      );
    case 422:
      return failed(
        `GitHub does not take this: ${what(subject)} of ${repository}${quoted(said)}.`,
        'see that "repository" is the one that the source is a clone of',
      );
    default:
      return failed(
        `GitHub answered ${status} when asked for: ${what(subject)} of ${repository}${quoted(said)}.`,
        `see that "api" is the address of GitHub's API`,
      );
  }
}

/** @param status of the last answer; undefined: there was none */
export function unreachable(
  subject: Subject,
  repository: string,
  status: number | undefined,
  attempts: number,
): GithubFailure {
  const answer = status === undefined ? 'did not answer' : `answered ${status}`;
  const message = `GitHub ${answer}, ${attempts} times: ${what(subject)} of ${repository} is not written.`;
  return new GithubFailure(
    subject,
    status,
    message,
    'nothing depends on it; the next change is reported again',
  );
}

function what(subject: Subject): string {
  return subject === 'contents' ? 'a branch' : `a ${subject}`;
}

/** Words of another program: short, and nothing that a terminal would obey. */
function quoted(said: string): string {
  const text = said.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g, ' ').trim();
  return text === '' ? '' : `: "${text.length > 200 ? `${text.slice(0, 199)}…` : text}"`;
}
