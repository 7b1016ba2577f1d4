/** Addresses at which forges show commits and lines of files: of GitHub, GitLab, Gitea, Forgejo and Bitbucket. Pure. */

interface Forge {
  /** Of the host's name. */
  readonly host: RegExp;
  /** Behind the repository's address. */
  readonly commit: (commit: string) => string;
  readonly line: (commit: string, file: string, line: number) => string;
}

const forges: readonly Forge[] = [
  {
    host: /(^|\.)gitlab\./,
    commit: (commit) => `/-/commit/${commit}`,
    line: (commit, file, line) => `/-/blob/${commit}/${file}#L${line}`,
  },
  {
    host: /(^|\.)bitbucket\.org$/,
    commit: (commit) => `/commits/${commit}`,
    line: (commit, file, line) => `/src/${commit}/${file}#lines-${line}`,
  },
  {
    host: /(^|\.)github\./,
    commit: (commit) => `/commit/${commit}`,
    line: (commit, file, line) => `/blob/${commit}/${file}#L${line}`,
  },
  {
    host: /(^|\.)(gitea|forgejo|codeberg)\./,
    commit: (commit) => `/commit/${commit}`,
    line: (commit, file, line) => `/src/commit/${commit}/${file}#L${line}`,
  },
];

/** @returns undefined: nobody knows how the host of this repository shows one */
export function commitUrl(repository: string, commit: string): string | undefined {
  const found = forgeOf(repository);
  return found === undefined || !isCommit(commit) ? undefined : `${found.base}${found.forge.commit(commit)}`;
}

/** @param file from the repository's root, with `/` */
export function lineUrl(repository: string, commit: string, file: string, line: number): string | undefined {
  const found = forgeOf(repository);
  if (found === undefined || !isCommit(commit)) return undefined;
  const path = file.split('/').map(encodeURIComponent).join('/');
  return `${found.base}${found.forge.line(commit, path, line)}`;
}

function isCommit(text: string): boolean {
  return /^[0-9a-f]{40,64}$/.test(text);
}

function forgeOf(repository: string): { readonly forge: Forge; readonly base: string } | undefined {
  const place = placeOf(repository);
  const forge = forges.find(({ host }) => place !== undefined && host.test(place.hostname));
  if (place === undefined || forge === undefined) return undefined;
  const path = place.pathname.replace(/\/+$/, '').replace(/\.git$/, '');
  return { forge, base: `https://${place.host}${path}` };
}

/** `git@host:path` is how ssh writes it; a name, a password and a port of ssh are no part of a page's address. */
function placeOf(url: string): { hostname: string; host: string; pathname: string } | undefined {
  const short = /^[^/@:]+@([^/:]+):(?!\/\/)(.+)$/.exec(url);
  const full = short === null ? url : `ssh://${short[1]}/${short[2]!.replace(/^\/+/, '')}`;
  if (!URL.canParse(full)) return undefined;
  const { protocol, hostname, host, pathname } = new URL(full);
  const name = hostname.toLowerCase();
  if (protocol === 'https:') return { hostname: name, host, pathname };
  return protocol === 'ssh:' ? { hostname: name, host: name, pathname } : undefined;
}
