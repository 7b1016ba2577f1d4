/** Pull requests, with the commits and files of their heads and bases. */
import { created, type Handler, invalid, ok, type Site, user } from './answer.ts';
import { issueUrl, pullOf } from './comments.ts';
import type { Json } from './description.ts';
import { api, diffEntry, listedCommits } from './git-data.ts';
import { changedFiles, mergeBase, resolve } from './git-read.ts';
import { shape } from './shape.ts';
import type { HostedRepository, PullRequest } from './state.ts';

/** More files than these are not listed, and no more commits than 250. */
const maxFiles = 3_000;
const maxCommits = 250;

export const pullHandlers: Readonly<Record<string, Handler>> = {
  'pulls/list': (asked, repository) => {
    const { state = 'open', head, base } = asked.query;
    const found = [...repository.pulls.values()].filter(
      (pull) =>
        (state === 'all' || pull.state === state) &&
        (base === undefined || pull.base === base) &&
        // Without an owner in front of it GitHub ignores the filter.
        (!head?.includes(':') || head === labelOf(pull)),
    );
    // The newest first.
    return { list: found.reverse().map((pull) => simple(pull, repository, asked)) };
  },
  'pulls/get': async (asked, repository) => ok(await whole(pullOf(asked, repository), repository, asked)),
  'pulls/list-files': async (asked, repository) => {
    const files = await filesOf(pullOf(asked, repository), repository);
    return { list: files.slice(0, maxFiles).map(diffEntry) };
  },
  'pulls/list-commits': async (asked, repository) => {
    const shas = await commitsOf(pullOf(asked, repository), repository);
    return { list: await listedCommits(shas.slice(0, maxCommits), repository, asked) };
  },
  'pulls/create': async (asked, repository) => {
    const { title, body = null, head, base } = asked.body;
    const [headSha, baseSha] = await Promise.all(
      [head, base].map((branch) => resolve(repository.git, `refs/heads/${branch}`, 'commit')),
    );
    for (const [field, sha] of [
      ['head', headSha],
      ['base', baseSha],
    ] as const)
      if (sha === undefined) throw invalid({ resource: 'PullRequest', field, code: 'invalid' });
    const isThere = [...repository.pulls.values()].some(
      (pull) => pull.state === 'open' && pull.head === head && pull.base === base,
    );
    if (isThere)
      throw invalid({
        resource: 'PullRequest',
        code: 'custom',
        message: `A pull request already exists for ${repository.owner}:${head}.`,
      });
    const pull: PullRequest = {
      number: repository.pulls.size + 1, title, body, state: 'open', author: asked.actor, base, head,
      headRepository: repository.fullName, baseSha: baseSha!, headSha: headSha!, mergeSha: undefined,
      labels: new Set(), events: [],
    }; // biome-ignore format: a record
    repository.pulls.set(pull.number, pull);
    return created(await whole(pull, repository, asked));
  },
  'pulls/update': async (asked, repository) => {
    const pull = pullOf(asked, repository);
    const { title, body, state } = asked.body;
    if (title !== undefined) pull.title = title;
    if (body !== undefined) pull.body = body;
    if (state !== undefined) pull.state = state;
    return ok(await whole(pull, repository, asked));
  },
  'repos/list-pull-requests-associated-with-commit': async (asked, repository) => {
    const sha = await resolve(repository.git, asked.path.commit_sha!, 'commit');
    const found: Json[] = [];
    for (const pull of repository.pulls.values())
      if ((await commitsOf(pull, repository)).includes(sha ?? ''))
        found.push(simple(pull, repository, asked));
    return { list: found };
  },
};

/** As events and answers have it in short. */
export function simple(pull: PullRequest, repository: HostedRepository, asked: Site): Json {
  return shape('pull-request-simple', members(pull, repository, asked));
}

export async function whole(pull: PullRequest, repository: HostedRepository, asked: Site): Promise<Json> {
  const files = await filesOf(pull, repository);
  const sum = (of: 'additions' | 'deletions') => files.reduce((total, file) => total + file[of], 0);
  return shape('pull-request', {
    ...members(pull, repository, asked),
    additions: sum('additions'),
    deletions: sum('deletions'),
    changed_files: files.length,
    commits: (await commitsOf(pull, repository)).length,
    comments: repository.comments.filter(({ issue }) => issue === pull.number).length,
    mergeable: pull.mergeSha !== undefined,
    mergeable_state: pull.mergeSha === undefined ? 'dirty' : 'clean',
  });
}

function members(pull: PullRequest, repository: HostedRepository, asked: Site): Json {
  const url = `${api(repository, asked)}/pulls/${pull.number}`;
  return {
    id: 6_000 + pull.number,
    number: pull.number,
    title: pull.title,
    body: pull.body,
    state: pull.state,
    draft: false,
    user: user(pull.author),
    labels: [...pull.labels].map((name) => ({ name, color: 'd73a4a' })),
    url,
    html_url: `https://github.com/${repository.fullName}/pull/${pull.number}`,
    issue_url: issueUrl(repository, pull.number, asked),
    comments_url: `${issueUrl(repository, pull.number, asked)}/comments`,
    merge_commit_sha: pull.mergeSha ?? null,
    head: end(pull.head, pull.headSha, pull.headRepository, repository),
    base: end(pull.base, pull.baseSha, repository.fullName, repository),
  };
}

/** One end of a pull request. Another repository than the base's is a fork, with a number of its own. */
function end(ref: string, sha: string, fullName: string, base: HostedRepository): Json {
  const [login = '', name = ''] = fullName.split('/');
  const isFork = fullName !== base.fullName;
  return {
    ref,
    sha,
    label: `${login}:${ref}`,
    user: user({ login, id: isFork ? base.ownerId + 1 : base.ownerId, type: 'User' }),
    repo: {
      id: isFork ? base.id + 1 : base.id,
      name,
      full_name: fullName,
      fork: isFork,
      private: !base.isPublic,
      default_branch: 'main',
      owner: user({ login, id: isFork ? base.ownerId + 1 : base.ownerId, type: 'User' }),
    },
  };
}

function labelOf(pull: PullRequest): string {
  return `${pull.headRepository.split('/')[0]}:${pull.head}`;
}

async function filesOf({ baseSha, headSha }: PullRequest, { git }: HostedRepository) {
  const common = await mergeBase(git, baseSha, headSha);
  return common === undefined ? [] : changedFiles(git, common, headSha);
}

async function commitsOf(
  { baseSha, headSha }: PullRequest,
  { git }: HostedRepository,
): Promise<readonly string[]> {
  const text = await git.git(['rev-list', '--reverse', '--topo-order', `${baseSha}..${headSha}`]);
  return text.split('\n').filter((line) => line !== '');
}
