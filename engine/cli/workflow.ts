/** The GitHub workflow of a new project: plans of its pull requests, and deployment where a server is named. Pure. */

/** Where GitHub looks for it, from the top of a repository. */
export const workflowFile = '.github/workflows/novastack.yml';

export interface Workflow {
  /** The project's folder from the top of the repository, with `/`; empty: the top itself. */
  readonly folder: string;
  /** The branch that is deployed. */
  readonly branch: string;
  /** Of this package. */
  readonly version: string;
}

/** A tag can be moved to other code; a commit cannot. */
const checkout = 'actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2';

/**
 * Nothing in it runs a script, so that no title and no branch of a stranger can become one; `pull_request_target`, which
 * would give a stranger's pull request the secrets of the repository, is not needed: a plan needs none.
 */
export function workflow({ folder, branch, version }: Workflow): string {
  const action = `novastack/novastack/action@v${version} # pin the commit: write its 40 digits in place of the tag`;
  const only = folder === '' ? '' : `    paths: [${patternOf(folder, '/**')}, ${workflowFile}]\n`;
  const options = (lines: readonly string[]) =>
    lines.length === 0
      ? ''
      : `\n        with:\n${lines.map((line) => `          ${line}\n`).join('')}`.trimEnd();
  const where =
    folder === '' ? [] : [`working-directory: ${quoted(folder.replaceAll('${{', "${{ '${{' }}"))}`];
  return `# Written by "novastack init"; it is yours now. What each input means is in docs/action.md of NovaStack.
name: NovaStack

on:
  pull_request:
    types: [opened, synchronize, reopened, labeled, unlabeled] # a label may accept a breaking change
${only === '' ? '' : '    # A check that is required must run for every pull request: then leave "paths" out here.\n'}${only}  merge_group:
  push:
    branches: [${patternOf(branch)}]
${only}
permissions: {}

concurrency: # a newer commit of a pull request ends the run of the one before; nothing ends a sync
  group: novastack-\${{ github.event.pull_request.number || github.run_id }}
  cancel-in-progress: \${{ github.event_name == 'pull_request' }}

jobs:
  plan:
    if: github.event_name != 'push'
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      contents: read
      pull-requests: write # the comment
    steps:
      - uses: ${checkout}
        with:
          persist-credentials: false
          fetch-depth: 2 # the merge of the pull request, and what it is compared with
      - uses: ${action}${options(where)}

  sync: # off until the repository's variable NOVASTACK_SERVER says where "novastack serve" is reached
    if: github.event_name == 'push' && vars.NOVASTACK_SERVER != ''
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      contents: read
      deployments: write # the deployment in its environment
      id-token: write # by which the server knows this workflow; there is no secret
      statuses: write # novastack/sync/<project> beside the commit
    steps:
      - uses: ${checkout}
        with:
          persist-credentials: false
      - uses: ${action}${options([...where, 'server-url: ${{ vars.NOVASTACK_SERVER }}'])}
`;
}

/** GitHub reads branches and paths as patterns. */
function patternOf(name: string, behind = ''): string {
  return quoted(`${name.replaceAll(/[\\*?+[\]!]/g, '\\$&')}${behind}`);
}

/** JSON is YAML, whatever a name holds. */
function quoted(text: string): string {
  const isPlain = /^[A-Za-z][\w./-]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}
