/** `github`: where the engine reports what became of a commit. */
import type { Draft } from '../draft.ts';
import type { Path } from '../predicate.ts';
import type { GithubConfig } from '../server-config.ts';
import { flag, object, optional, text } from '../shape.ts';
import type { GitUrl } from './git-url.ts';
import { isSafeUrl } from './network.ts';
import { holder, readSecret, secret } from './secret-text.ts';

export const github = holder(
  object(
    {
      token: secret(
        'A token that may write commit statuses, and deployments and pull requests where they are asked for.',
      ),
      repository: optional(
        text('Default: as in `url`.', {
          pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,99}/(?!\\.{1,2}$)[A-Za-z0-9._-]{1,100}$',
          expects: 'owner/name',
        }),
      ),
      api: optional(
        text('Default https://api.github.com; of a GitHub Enterprise server https://HOST/api/v3.'),
      ),
      environment: optional(
        text('Name of the environment under which deployments are reported. Absent: commit statuses alone.', {
          pattern: '^[^\\u0000-\\u001f]{1,255}$',
          expects: 'a name of 255 characters at most',
        }),
      ),
      drift_pull_request: optional(
        flag(
          'Open a pull request that brings the lock up to date when a database has drifted. Default false.',
        ),
      ),
    },
    'Reports to GitHub.',
  ),
  'an object such as { token: "${env:GITHUB_TOKEN}" }',
);

const publicApi = 'https://api.github.com';

/** @param url of the source; undefined where it is wrong */
export function readGithub(draft: Draft, path: Path, url: GitUrl | undefined): GithubConfig | undefined {
  if (draft.value(path) === undefined) return undefined;
  const { properties } = github;
  const repository = draft.read([...path, 'repository'], properties.repository);
  return {
    repository: repository ?? repositoryOf(draft, path, url),
    token: readSecret(draft, [...path, 'token'], properties.token, 'GITHUB_TOKEN') ?? '',
    api: readApi(draft, path, url),
    environment: draft.read([...path, 'environment'], properties.environment),
    driftPullRequest: draft.read([...path, 'drift_pull_request'], properties.drift_pull_request) ?? false,
  };
}

function repositoryOf(draft: Draft, path: Path, url: GitUrl | undefined): string {
  if (url === undefined || draft.value([...path, 'repository']) !== undefined) return '';
  if (url.transport !== 'file' && /^[^/]+\/[^/]+$/.test(url.repository)) return url.repository;
  draft.error('MISSING_KEY', path, 'The url of the source does not say which repository it is at GitHub.', {
    hint: 'add repository: owner/name',
    part: 'key',
  });
  return '';
}

function readApi(draft: Draft, path: Path, url: GitUrl | undefined): string {
  const api = draft.read([...path, 'api'], github.properties.api);
  if (api !== undefined && !isSafeUrl(api))
    draft.error('WRONG_VALUE', [...path, 'api'], 'The "api" is not an https:// URL.', {
      hint: `write ${publicApi}, or https://HOST/api/v3`,
    });
  const elsewhere = url !== undefined && url.transport !== 'file' && !/(^|\.)github\.com$/.test(url.host);
  if (elsewhere && draft.value([...path, 'api']) === undefined)
    draft.error(
      'MISSING_KEY',
      path,
      `The source is at ${url.host}, and nothing says where the API of that server is.`,
      {
        hint: `add api: https://${url.host}/api/v3 if it is a GitHub Enterprise server; else remove github:`,
        part: 'key',
      },
    );
  return (api ?? publicApi).replace(/\/+$/, '');
}
