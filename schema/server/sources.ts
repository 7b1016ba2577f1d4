/** `sources`: the repositories that are followed, and which of their projects are served under which names. */
import type { Draft } from '../draft.ts';
import type { Path } from '../predicate.ts';
import type { SourceConfig, SourceProjectConfig } from '../server-config.ts';
import { duration, expecting, flag, list, named, object, optional, plainName, text } from '../shape.ts';
import { allowedSecretPattern, isPlainPath } from './allowed-secrets.ts';
import { credentials, readCredentials, readVerify, verify } from './credentials.ts';
import { wrongRef } from './git-ref.ts';
import { type GitUrl, parseGitUrl } from './git-url.ts';
import { github, readGithub } from './github.ts';
import { readDuration } from './quantities.ts';
import { holder, readSecret, secret } from './secret-text.ts';
import { projectKey, servedName } from './served-name.ts';
import { readTrust, trust } from './trust.ts';

const allowed = list(
  text('SHOP_URL, SHOP_*, /run/secrets/shop/*.', {
    pattern: allowedSecretPattern,
    expects: 'the name of a variable or an absolute path of a file, with "*" only at the end',
  }),
  'What `${env:…}` and `${file:…}` of a project may name: variables, and absolute paths of files; "*" at the end stands for the rest. Default: nothing.',
);

const SourceProject = expecting(
  object(
    {
      as: optional(servedName('The name under which it is served. Default: its own.')),
      hosts: optional(
        list(
          text('books.example.com'),
          'Host names of its own. There its paths begin at /rest/v1, and no other project shares its origin in a browser.',
        ),
      ),
      secrets: optional(allowed),
      migrate: optional(flag('Run pending migrations before a revision is served. Default true.')),
    },
    'How one project is served. {} when there is nothing to say.',
  ),
  'an object, such as {} or { as: bookshop-staging }',
);

const Source = object(
  {
    url: text(
      'https://…, ssh://git@host/path, git@host:path or file:///path. Without a user and a password.',
    ),
    ref: optional(text('A branch, or a tag as refs/tags/v1. Default main.')),
    path: optional(text('Folder of the repository in which projects are looked for. Default: all of it.')),
    interval: optional(
      duration(
        'Between two looks, give or take a tenth. Default 60s, least 1s. A webhook makes it look at once.',
      ),
    ),
    timeout: optional(duration('Of one Git command. Default 60s.')),
    credentials: optional(credentials),
    verify: optional(verify),
    projects: optional(
      expecting(
        named(
          SourceProject,
          'The projects that are served, by their names in the repository, and no others. Absent: every project that is found, under its own name.',
          projectKey,
        ),
        'projects by name, as in bookshop: {}',
      ),
    ),
    secrets: optional(allowed),
    trust: optional(trust),
    webhook: optional(
      holder(
        object(
          { secret: secret('What GitHub, GitLab or Gitea sign their calls with: 16 characters or more.') },
          'Calls of the platform that say that something was pushed, to /-/hooks/<source>.',
        ),
        'an object such as { secret: "${env:WEBHOOK_SECRET}" }',
      ),
    ),
    github: optional(github),
  },
  'One repository.',
);

export const sources = expecting(
  named(
    Source,
    'The repositories that are followed, by name. The first that claims a name keeps it.',
    plainName,
  ),
  'repositories by name, as in main: { url: … }',
);

export function readSources(draft: Draft, url: string | undefined): ReadonlyMap<string, SourceConfig> {
  const result = new Map<string, SourceConfig>();
  for (const name of draft.names(['sources'])) result.set(name, readSource(draft, name, url));
  if (result.size === 0 && draft.value(['sources']) !== undefined && !draft.isBroken(['sources']))
    draft.error('WRONG_VALUE', ['sources'], '"sources" names no repository.', {
      hint: 'add one: main: { url: https://github.com/acme/apis.git }',
      part: 'key',
    });
  return result;
}

function readSource(draft: Draft, name: string, serverUrl: string | undefined): SourceConfig {
  const path = ['sources', name];
  const { properties } = Source;
  const url = draft.read([...path, 'url'], properties.url);
  const parsed = url === undefined ? undefined : readUrl(draft, [...path, 'url'], url);
  const secrets = readAllowed(draft, [...path, 'secrets']);
  return {
    name,
    url: url ?? '',
    ref: readRef(draft, [...path, 'ref']),
    path: readPath(draft, [...path, 'path']),
    intervalMs: readDuration(draft, [...path, 'interval'], properties.interval, {
      otherwise: '60s',
      least: '1s',
      most: '7d',
    }),
    timeoutMs: readDuration(draft, [...path, 'timeout'], properties.timeout, {
      otherwise: '60s',
      least: '1s',
      most: '1h',
    }),
    credentials: readCredentials(draft, [...path, 'credentials'], parsed),
    verify: readVerify(draft, [...path, 'verify']),
    projects: readProjects(draft, [...path, 'projects'], secrets ?? []),
    secrets: secrets ?? [],
    trust: readTrust(draft, [...path, 'trust'], serverUrl),
    webhook: readWebhook(draft, [...path, 'webhook']),
    github: readGithub(draft, [...path, 'github'], parsed),
  };
}

function readUrl(draft: Draft, path: Path, text: string): GitUrl | undefined {
  // A reference in it is told where references are looked at.
  if (text.includes('${')) return undefined;
  const url = parseGitUrl(text);
  if (!('code' in url)) return url;
  draft.error(url.code, path, url.message, { hint: url.hint });
  return undefined;
}

function readRef(draft: Draft, path: Path): string {
  const ref = draft.read(path, Source.properties.ref) ?? 'main';
  const wrong = wrongRef(ref);
  if (wrong !== undefined)
    draft.error('WRONG_VALUE', path, `The ref ${wrong}.`, {
      hint: 'write the name of a branch, such as main, or a tag as refs/tags/v1',
    });
  return ref.replace(/^refs\/heads\//, '');
}

/** @returns without slashes at its ends */
function readPath(draft: Draft, path: Path): string {
  const written = draft.read(path, Source.properties.path) ?? '.';
  const folder = written.replace(/^(\.\/)+/, '').replace(/\/+$/, '');
  if (folder === '' || folder === '.') return '';
  const parts = folder.split('/');
  const wrong = /[\u0000-\u001f\u007f\\:*?[\]]/.test(folder) || !folder.isWellFormed();
  if (
    wrong ||
    parts.some((part) => part === '' || part === '.' || part === '..' || part.toLowerCase() === '.git')
  )
    draft.error('WRONG_VALUE', path, 'The "path" is not a folder of the repository.', {
      hint: 'write it from the top of the repository, such as apis or teams/books, without ".." and a leading "/"',
    });
  return folder;
}

function readProjects(draft: Draft, path: Path, secrets: readonly string[]): SourceConfig['projects'] {
  if (draft.value(path) === undefined) return undefined;
  const result = new Map<string, SourceProjectConfig>();
  const { properties } = SourceProject;
  for (const slug of draft.names(path)) {
    const place = [...path, slug];
    const hosts = draft.read([...place, 'hosts'], properties.hosts) ?? [];
    result.set(slug, {
      as: draft.read([...place, 'as'], properties.as) ?? slug,
      hosts: hosts.map((host) => host.toLowerCase()),
      secrets: readAllowed(draft, [...place, 'secrets']) ?? secrets,
      migrate: draft.read([...place, 'migrate'], properties.migrate) ?? true,
    });
  }
  if (result.size === 0 && !draft.isBroken(path))
    draft.warning('NOTHING_SERVED', path, '"projects" names none, so nothing of this source is served.', {
      hint: 'name the projects, or leave the key out to serve all that are found',
      part: 'key',
    });
  return result;
}

function readAllowed(draft: Draft, path: Path): readonly string[] | undefined {
  for (const index of draft.items(path)) {
    const pattern = draft.read([...path, index], allowed.items);
    if (pattern === undefined) continue;
    if (pattern === '*' || pattern === '/*')
      draft.warning(
        'EVERY_SECRET',
        [...path, index],
        `"${pattern}" lets a project read every ${pattern === '*' ? 'variable' : 'file'} that the engine can read.`,
        {
          hint: 'begin the names of its secrets alike, and write SHOP_* or /run/secrets/shop/*',
        },
      );
    else if (pattern.startsWith('/') && !isPlainPath(pattern.replace(/\*$/, 'x')))
      draft.error('WRONG_VALUE', [...path, index], 'The path of a secret has a part that leads elsewhere.', {
        hint: 'write the path without ".", ".." and "//"',
      });
  }
  return draft.read(path, allowed);
}

function readWebhook(draft: Draft, path: Path): SourceConfig['webhook'] {
  if (draft.value(path) === undefined) return undefined;
  const shape = Source.properties.webhook.properties.secret;
  return { secret: readSecret(draft, [...path, 'secret'], shape, 'WEBHOOK_SECRET') ?? '' };
}
