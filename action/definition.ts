/** The Action's inputs and outputs: the one source of `action.yml`, of what is read and of the tables in docs/action.md. Data only. */

export type Input = Choice<string> | Flag | Text | List | Duration;

interface Described {
  /** One or two sentences for whoever writes a workflow; Markdown. */
  readonly description: string;
}

interface Choice<One extends string> extends Described {
  readonly kind: 'choice';
  readonly choices: readonly One[];
  readonly default: One;
}

interface Flag extends Described {
  readonly kind: 'flag';
  readonly default: 'true' | 'false';
}

interface Text extends Described {
  readonly kind: 'text';
  /** As it stands in `action.yml`: an expression of GitHub's is one there. */
  readonly default: string;
  /** What holds in place of an empty default, in words. */
  readonly otherwise?: string;
}

/** Separated by commas or line ends. */
interface List extends Described {
  readonly kind: 'list';
  readonly default: '';
  readonly otherwise: string;
}

/** `30s`, `10m`, `1h`. */
interface Duration extends Described {
  readonly kind: 'duration';
  readonly default: string;
}

function choice<One extends string>(
  choices: readonly One[],
  otherwise: NoInfer<One>,
  description: string,
): Choice<One> {
  return { kind: 'choice', choices, default: otherwise, description };
}

function flag(otherwise: Flag['default'], description: string): Flag {
  return { kind: 'flag', default: otherwise, description };
}

function text(defaultText: string, description: string, otherwise?: string): Text {
  return {
    kind: 'text',
    default: defaultText,
    description,
    ...(otherwise === undefined ? {} : { otherwise }),
  };
}

function list(otherwise: string, description: string): List {
  return { kind: 'list', default: '', otherwise, description };
}

function duration(otherwise: string, description: string): Duration {
  return { kind: 'duration', default: otherwise, description };
}

export const commands = ['auto', 'validate', 'plan', 'sync', 'drift', 'rollback'] as const;

export const inputs = {
  command: choice(
    commands,
    'auto',
    'What to do. `auto` plans pull requests and merge groups, and syncs pushes where there is a `server-url`.',
  ),
  'working-directory': text('.', 'The folder to look for projects in, relative to the workspace.'),
  projects: list(
    'all that are found; of these `plan` and `sync` take those that were changed',
    'Folders of projects, relative to the working directory, a line each or separated by commas. ' +
      'A project that the server serves under another name is written `folder=name`.',
  ),
  'base-ref': text(
    '',
    'What a plan compares with: a branch, a tag or a commit.',
    'the base of the pull request, of the merge group or of the push',
  ),
  'server-url': text('', 'Where `novastack serve` is reached: `https://api.example.com`.', 'no server'),
  audience: text('', "The audience of GitHub's OIDC token.", 'the origin of `server-url`'),
  auth: choice(
    ['oidc', 'token', 'none'],
    'oidc',
    "How the server knows who asks: GitHub's OIDC token, an operator's token, or not at all.",
  ),
  'server-token': text('', "The operator's token, for `auth: token`; from a secret.", 'none'),
  'github-token': text('${{ github.token }}', "The token with which GitHub's API is asked."),
  comment: choice(
    ['on-change', 'always', 'never'],
    'on-change',
    'When a plan comments on the pull request: where there is something to tell (or was), always, or never.',
  ),
  annotations: flag(
    'true',
    'Whether lines are marked. GitHub shows 10 errors and 10 warnings; the summary has all.',
  ),
  'fail-on': choice(
    ['invalid', 'error', 'warning', 'never'],
    'error',
    'From when on the step fails. `invalid`: a file is wrong or a test fails. `error`: also, a change that needs to be ' +
      'accepted is not. `warning`: also, there is a warning, something dangerous, or somebody gains access.',
  ),
  'approve-label': text(
    'approved-breaking-change',
    'The label that accepts what the comment shows when it is set.',
  ),
  'sarif-file': text('', 'Where to write the findings as SARIF, relative to the workspace.', 'nowhere'),
  'dry-run': flag(
    'false',
    'Compute and print everything, write nothing to GitHub, and have the server do nothing.',
  ),
  wait: flag('true', 'Whether `sync` and `rollback` wait for the end of what they asked for.'),
  timeout: duration('10m', 'How long `sync` and `rollback` wait: `30s`, `10m`, `1h`.'),
  deployment: flag('true', 'Whether `sync` reports a deployment to GitHub.'),
  environment: text('production', 'The environment of that deployment.'),
  revision: text('', 'For `rollback`: the revision to go back to, `main@sha1:…`.', 'none'),
};

export const outputs = {
  result: '`success` or `failure`, as `fail-on` judges, or as the server ended.',
  'has-changes':
    '`true` where a plan found changes of the API, of access or of a database, or something new is served.',
  'error-count': 'Errors in all projects, failed tests among them.',
  'warning-count': 'Warnings in all projects.',
  'breaking-count': 'Breaking changes, accepted or not.',
  'access-gained-count': 'Changes by which somebody gains access, accepted or not.',
  projects:
    'JSON: a list of the projects that were looked at, with their counts or revisions; paths from the workspace.',
  'plan-file': 'Path of the whole plan as JSON.',
  'comment-id': 'Id of the comment on the pull request.',
  revision: 'The revision that is served now. Of several projects, of the first.',
  'previous-revision': 'The revision that was served before. Of several projects, of the first.',
  'operation-id': "Id of the server's operation. Of several projects, of the first.",
  'docs-url': 'Address of the description of the API (OpenAPI). Of several projects, of the first.',
} as const;

export type InputName = keyof typeof inputs;
export type OutputName = keyof typeof outputs;
