/** What a token may do, and what each operation asks of it: GitHub's "Permissions required for GitHub Apps". */

/** As `permissions:` of a workflow writes it: `{ 'pull-requests': 'write' }`. */
export type Permissions = Readonly<Record<string, 'read' | 'write'>>;

/** Any of these is enough: `issues=write; pull_requests=write`. */
const accepted: Readonly<Record<string, string>> = {
  'actions/get-workflow-run': 'actions=read',
  'actions/get-workflow-run-attempt': 'actions=read',
  'actions/list-workflow-runs-for-repo': 'actions=read',
  'checks/create': 'checks=write',
  'checks/update': 'checks=write',
  'git/create-blob': 'contents=write',
  'git/create-commit': 'contents=write',
  'git/create-ref': 'contents=write',
  'git/create-tree': 'contents=write',
  'git/get-blob': 'contents=read',
  'git/get-commit': 'contents=read',
  'git/get-ref': 'contents=read',
  'git/get-tree': 'contents=read',
  'git/list-matching-refs': 'contents=read',
  'git/update-ref': 'contents=write',
  'issues/add-labels': 'issues=write; pull_requests=write',
  'issues/create-comment': 'issues=write; pull_requests=write',
  'issues/delete-comment': 'issues=write; pull_requests=write',
  'issues/get': 'issues=read; pull_requests=read',
  'issues/get-comment': 'issues=read; pull_requests=read',
  'issues/list-comments': 'issues=read; pull_requests=read',
  'issues/list-events': 'issues=read; pull_requests=read',
  'issues/list-events-for-timeline': 'issues=read; pull_requests=read',
  'issues/list-labels-on-issue': 'issues=read; pull_requests=read',
  'issues/remove-label': 'issues=write; pull_requests=write',
  'issues/update-comment': 'issues=write; pull_requests=write',
  'pulls/create': 'pull_requests=write',
  'pulls/get': 'pull_requests=read',
  'pulls/list': 'pull_requests=read',
  'pulls/list-commits': 'pull_requests=read',
  'pulls/list-files': 'pull_requests=read',
  'pulls/update': 'pull_requests=write',
  'repos/compare-commits': 'contents=read',
  'repos/compare-commits-with-basehead': 'contents=read',
  'repos/create-commit-status': 'statuses=write',
  'repos/create-deployment': 'deployments=write',
  'repos/create-deployment-status': 'deployments=write',
  'repos/get': 'metadata=read',
  'repos/get-collaborator-permission-level': 'metadata=read',
  'repos/get-combined-status-for-ref': 'statuses=read',
  'repos/get-commit': 'contents=read',
  'repos/get-content': 'contents=read',
  'repos/get-deployment': 'deployments=read',
  'repos/list-commit-statuses-for-ref': 'statuses=read',
  'repos/list-deployment-statuses': 'deployments=read',
  'repos/list-deployments': 'deployments=read',
  'repos/list-pull-requests-associated-with-commit': 'pull_requests=read; contents=read',
  'users/get-authenticated': '',
  'users/get-by-username': '',
};

/** @returns what GitHub names in `x-accepted-github-permissions` when the token has none of it; undefined: it may */
export function lacking(operation: string, permissions: Permissions, isPublic: boolean): string | undefined {
  const wanted = accepted[operation];
  if (wanted === undefined) throw new Error(`No permission is known for ${operation}.`);
  const mayAny = wanted.split('; ').some((one) => may(one, permissions, isPublic));
  return mayAny ? undefined : wanted;
}

function may(wanted: string, permissions: Permissions, isPublic: boolean): boolean {
  const [name = '', level] = wanted.split('=');
  if (name === '' || name === 'metadata') return true;
  // What everybody can see on the website, every token may read.
  if (level === 'read' && isPublic) return true;
  const has = permissions[name.replaceAll('_', '-')];
  return has === 'write' || (has === 'read' && level === 'read');
}
