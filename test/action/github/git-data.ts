/** Objects, refs, files and comparisons of a real repository on disk. */
import {
  type Answer,
  type Asked,
  created,
  type Handler,
  lookup,
  notFound,
  ok,
  Refused,
  type Site,
} from './answer.ts';
import type { Json } from './description.ts';
import {
  blobOf,
  type ChangedFile,
  type Commit,
  changedFiles,
  commitOf,
  entriesOf,
  mergeBase,
  resolve,
  type TreeEntry,
} from './git-read.ts';
import { shape } from './shape.ts';
import type { HostedRepository } from './state.ts';

/** More than these are not listed by a comparison or a commit. */
const maxComparedFiles = 300;
const raw = /vnd\.github(\.v3)?\.raw/;

export const gitHandlers: Readonly<Record<string, Handler>> = {
  'git/get-blob': async (asked, repository) => {
    const sha = await named(repository, asked.path.file_sha!, 'blob');
    const bytes = await blobOf(repository.git, sha);
    if (bytes.length > repository.limits.blobBytes) throw tooLarge(100);
    if (raw.test(asked.accept)) return bytesOf(bytes);
    return ok(shape('blob', { ...encoded(bytes), sha, node_id: `B_${sha}`, size: bytes.length }));
  },
  'git/get-tree': async (asked, repository) => {
    const sha = await named(repository, asked.path.tree_sha!, 'tree');
    const all = await entriesOf(repository.git, sha, asked.query.recursive !== undefined);
    const shown = all.slice(0, repository.limits.treeEntries);
    return ok(shape('git-tree', { sha, tree: shown.map(treeEntry), truncated: shown.length < all.length }));
  },
  'git/get-commit': async (asked, repository) => {
    const sha = await named(repository, asked.path.commit_sha!, 'commit');
    return ok(gitCommit(await commitOf(repository.git, sha), repository, asked));
  },
  'git/get-ref': async (asked, repository) => {
    const ref = `refs/${asked.path.ref}`;
    return ok(gitRef(ref, await shaOfRef(repository, ref), repository, asked));
  },
  'git/list-matching-refs': async (asked, repository) => {
    const text = await repository.git.git(['for-each-ref', '--format=%(refname) %(objectname)', 'refs/']);
    const found = text.split('\n').map((line) => line.split(' ') as [string, string]);
    const matching = found.filter(([ref]) => ref.startsWith(`refs/${asked.path.ref}`));
    return { list: matching.map(([ref, sha]) => gitRef(ref, sha, repository, asked)) };
  },
  'git/create-blob': async (asked, repository) => {
    const { content, encoding = 'utf-8' } = asked.body;
    const sha = await repository.git.blob(Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8'));
    return created(shape('short-blob', { sha, url: `${api(repository, asked)}/git/blobs/${sha}` }));
  },
  'git/create-tree': createTree,
  'git/create-commit': createCommit,
  'git/create-ref': async (asked, repository) => {
    const { ref, sha } = asked.body;
    if (!/^refs\/.+\/.+/.test(ref))
      throw new Refused(422, 'Reference name must start with "refs/" and have two slashes');
    if ((await resolve(repository.git, sha, 'commit')) === undefined)
      throw new Refused(422, 'Object does not exist');
    if ((await resolve(repository.git, ref, 'commit')) !== undefined)
      throw new Refused(422, 'Reference already exists');
    await repository.git.git(['update-ref', ref, sha]);
    return created(gitRef(ref, sha, repository, asked));
  },
  'git/update-ref': async (asked, repository) => {
    const ref = `refs/${asked.path.ref}`;
    const { sha, force = false } = asked.body;
    const before = await resolve(repository.git, ref, 'commit');
    if (before === undefined) throw new Refused(422, 'Reference does not exist');
    if (!force && (await mergeBase(repository.git, before, sha)) !== before)
      throw new Refused(422, 'Update is not a fast forward');
    await repository.git.git(['update-ref', ref, sha]);
    return ok(gitRef(ref, sha, repository, asked));
  },
  'repos/get-content': getContent,
  'repos/get-commit': async (asked, repository) => {
    const sha = await resolve(repository.git, asked.path.ref!, 'commit');
    if (sha === undefined) throw new Refused(422, `No commit found for SHA: ${asked.path.ref}`);
    const [commit] = await listedCommits([sha], repository, asked);
    const parent = (await commitOf(repository.git, sha)).parents[0];
    const files = parent === undefined ? [] : await changedFiles(repository.git, parent, sha);
    return { list: files.map(diffEntry), wrap: (page) => ({ ...commit, files: page }) };
  },
  'repos/compare-commits': (asked, repository) =>
    compare(asked, repository, asked.path.base!, asked.path.head!),
  'repos/compare-commits-with-basehead': (asked, repository) => {
    const [, base, head] = /^(.+?)\.\.\.(.+)$/.exec(asked.path.basehead!) ?? [];
    if (base === undefined || head === undefined) throw notFound();
    return compare(asked, repository, base, head);
  },
};

export function api({ fullName }: HostedRepository, { url }: Site): string {
  return `${url}/repos/${fullName}`;
}

export function diffEntry({ path, before, status, sha, additions, deletions }: ChangedFile): Json {
  return shape('diff-entry', {
    sha,
    filename: path,
    status,
    additions,
    deletions,
    changes: additions + deletions,
    previous_filename: before,
  });
}

/** Commits as lists and comparisons have them. */
export async function listedCommits(
  shas: readonly string[],
  repository: HostedRepository,
  asked: Site,
): Promise<readonly Json[]> {
  const commits = await Promise.all(shas.map((sha) => commitOf(repository.git, sha)));
  return commits.map((commit) =>
    shape('commit', {
      sha: commit.sha,
      url: `${api(repository, asked)}/commits/${commit.sha}`,
      html_url: `https://github.com/${repository.fullName}/commit/${commit.sha}`,
      commit: {
        message: commit.message,
        author: commit.author,
        committer: commit.author,
        tree: { sha: commit.tree, url: `${api(repository, asked)}/git/trees/${commit.tree}` },
      },
      parents: commit.parents.map((sha) => ({ sha, url: `${api(repository, asked)}/commits/${sha}` })),
    }),
  );
}

async function named(
  repository: HostedRepository,
  name: string,
  kind: 'commit' | 'tree' | 'blob',
): Promise<string> {
  return lookup(await resolve(repository.git, name, kind));
}

async function shaOfRef(repository: HostedRepository, ref: string): Promise<string> {
  return lookup(await resolve(repository.git, ref, 'commit'));
}

function encoded(bytes: Buffer): Json {
  // GitHub breaks the lines of its base64, and ends the last one.
  const content = bytes.toString('base64').replace(/.{1,60}/g, '$&\n');
  return { content, encoding: 'base64' };
}

function bytesOf(body: Buffer): Answer {
  return { status: 200, body, headers: { 'content-type': 'application/vnd.github.raw; charset=utf-8' } };
}

function tooLarge(megabytes: number): Refused {
  const message = `This API returns blobs up to ${megabytes} MB in size. The requested blob is too large to fetch via the API, but you can use the Git Data API to request blobs up to 100 MB in size.`;
  return new Refused(403, message, [{ resource: 'Blob', field: 'data', code: 'too_large' }]);
}

function treeEntry({ mode, type, sha, path, size }: TreeEntry): Json {
  return { path, mode, type, sha, ...(size === undefined ? {} : { size }) };
}

function gitCommit(
  { sha, tree, parents, message, author }: Commit,
  repository: HostedRepository,
  asked: Asked,
): Json {
  const at = api(repository, asked);
  return shape('git-commit', {
    sha,
    message,
    author,
    committer: author,
    tree: { sha: tree, url: `${at}/git/trees/${tree}` },
    parents: parents.map((parent) => ({ sha: parent, url: `${at}/git/commits/${parent}` })),
  });
}

function gitRef(ref: string, sha: string, repository: HostedRepository, asked: Asked): Json {
  return shape('git-ref', {
    ref,
    url: `${api(repository, asked)}/git/${ref}`,
    object: { sha, type: 'commit', url: `${api(repository, asked)}/git/commits/${sha}` },
  });
}

async function createTree(asked: Asked, repository: HostedRepository): Promise<Answer> {
  const { base_tree: base, tree } = asked.body;
  if (base !== undefined && (await resolve(repository.git, base, 'tree')) === undefined)
    throw new Refused(422, 'base_tree is not a valid tree');
  const before = base === undefined ? [] : await entriesOf(repository.git, base, true);
  const blobs = before.filter(({ type }) => type !== 'tree');
  const lines = new Map(blobs.map(({ mode, sha, path }) => [path, `${mode} ${sha}`]));
  for (const { path, mode = '100644', sha, content } of tree) {
    if (/^\/|(^|\/)\.\.?(\/|$)/.test(path))
      throw new Refused(422, 'tree.path contains a malformed path component');
    if (sha === null && !lines.delete(path)) throw new Refused(422, 'GitRPC::BadObjectState');
    if (sha !== null) lines.set(path, `${mode} ${sha ?? (await repository.git.blob(content))}`);
  }
  const sha = await treeOf(repository, lines);
  return created(
    shape('git-tree', {
      sha,
      tree: (await entriesOf(repository.git, sha, false)).map(treeEntry),
      truncated: false,
    }),
  );
}

async function treeOf({ git }: HostedRepository, lines: ReadonlyMap<string, string>): Promise<string> {
  const env = { GIT_INDEX_FILE: `${git.directory}/api-index` };
  await git.git(['read-tree', '--empty'], { env });
  const input = [...lines].map(([path, line]) => `${line}\t${path}\0`).join('');
  await git.git(['update-index', '-z', '--index-info'], { env, input });
  return git.git(['write-tree'], { env });
}

async function createCommit(asked: Asked, repository: HostedRepository): Promise<Answer> {
  const { tree, parents = [], message } = asked.body;
  if ((await resolve(repository.git, tree, 'tree')) === undefined)
    throw new Refused(422, 'Tree SHA does not exist');
  const now = `${asked.clock.now()}`;
  const who = { name: asked.actor.login, email: `${asked.actor.id}@users.noreply.github.com` };
  const env = {
    GIT_AUTHOR_NAME: who.name, GIT_AUTHOR_EMAIL: who.email, GIT_AUTHOR_DATE: now,
    GIT_COMMITTER_NAME: who.name, GIT_COMMITTER_EMAIL: who.email, GIT_COMMITTER_DATE: now,
  }; // biome-ignore format: names in pairs
  const args = ['commit-tree', ...parents.flatMap((parent: string) => ['-p', parent]), tree];
  const sha = await repository.git.git(args, { input: message, env });
  return created(gitCommit(await commitOf(repository.git, sha), repository, asked));
}

async function getContent(asked: Asked, repository: HostedRepository): Promise<Answer> {
  const { ref = 'main' } = asked.query;
  const path = asked.path.path!.replace(/\/$/, '');
  const commit = await resolve(repository.git, ref, 'commit');
  if (commit === undefined) throw new Refused(404, `No commit found for the ref ${ref}`);
  const found = (await entriesOf(repository.git, commit, true)).find((entry) => entry.path === path);
  const entry = lookup(found);
  if (entry.type === 'tree') {
    const inside = await entriesOf(repository.git, entry.sha, false);
    return ok(
      inside
        .slice(0, 1_000)
        .map((one) => content({ ...one, path: `${path}/${one.path}` }, repository, asked)),
    );
  }
  const bytes = await blobOf(repository.git, entry.sha);
  if (bytes.length > repository.limits.blobBytes) throw tooLarge(100);
  if (raw.test(asked.accept)) return bytesOf(bytes);
  const text =
    bytes.length > repository.limits.contentBytes ? { content: '', encoding: 'none' } : encoded(bytes);
  return ok(shape('content-file', { ...content(entry, repository, asked), ...text }));
}

function content(
  { type, sha, path, size = 0, mode }: TreeEntry,
  repository: HostedRepository,
  asked: Asked,
): Json {
  const kinds = { tree: 'dir', commit: 'submodule', blob: mode === '120000' ? 'symlink' : 'file' };
  const url = `${api(repository, asked)}/contents/${path}`;
  return {
    type: kinds[type],
    name: path.split('/').at(-1),
    path,
    sha,
    size,
    url,
    git_url: `${api(repository, asked)}/git/${type === 'tree' ? 'trees' : 'blobs'}/${sha}`,
    html_url: null,
    download_url: null,
    _links: { self: url, git: null, html: null },
  };
}

async function compare(asked: Asked, repository: HostedRepository, baseName: string, headName: string) {
  const base = await named(repository, baseName, 'commit');
  const head = await named(repository, headName, 'commit');
  const { git } = repository;
  const common = await mergeBase(git, base, head);
  if (common === undefined) throw new Refused(404, `No common ancestor between ${baseName} and ${headName}.`);
  const list = async (range: string) =>
    (await git.git(['rev-list', '--reverse', '--topo-order', range]))
      .split('\n')
      .filter((line) => line !== '');
  const [ahead, behind] = [await list(`${base}..${head}`), await list(`${head}..${base}`)];
  const [baseCommit, commonCommit] = await listedCommits([base, common], repository, asked);
  const files = (await changedFiles(git, common, head)).slice(0, maxComparedFiles).map(diffEntry);
  // All files come with the first page of the commits.
  const isFirst = Number(asked.query.page ?? 1) === 1;
  return {
    list: await listedCommits(ahead, repository, asked),
    wrap: (commits: readonly Json[]) =>
      shape('commit-comparison', {
        status: statusOf(ahead.length, behind.length),
        ahead_by: ahead.length,
        behind_by: behind.length,
        total_commits: ahead.length,
        base_commit: baseCommit,
        merge_base_commit: commonCommit,
        commits,
        files: isFirst ? files : undefined,
      }),
  };
}

function statusOf(ahead: number, behind: number): string {
  if (ahead > 0 && behind > 0) return 'diverged';
  if (ahead > 0) return 'ahead';
  return behind > 0 ? 'behind' : 'identical';
}
