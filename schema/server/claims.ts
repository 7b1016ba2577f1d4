/** What may be given only once over all sources: served names and host names; and what no project may be given at all. */
import type { Draft } from '../draft.ts';
import type { Path } from '../predicate.ts';
import { parseReferences } from '../reference.ts';
import type { ServerConfig, SourceConfig } from '../server-config.ts';
import { allowsReference } from './allowed-secrets.ts';
import { wrongHostName } from './host-name.ts';
import { secretTexts } from './secret-texts.ts';

export function checkNames(draft: Draft, sources: ReadonlyMap<string, SourceConfig>): void {
  const first = new Map<string, Path>();
  for (const [path, as] of served(sources)) {
    const written = draft.value([...path, 'as']) === undefined ? path : [...path, 'as'];
    const earlier = first.get(as);
    if (earlier === undefined) first.set(as, written);
    else
      draft.error('DECLARED_TWICE', written, `Two projects are served as "${as}".`, {
        hint: 'give one of them another name with as:',
        part: written === path ? 'key' : 'value',
        related: [{ message: 'The first one is here.', path: earlier }],
      });
  }
}

function* served(sources: ReadonlyMap<string, SourceConfig>): Iterable<readonly [Path, string]> {
  for (const [name, { projects }] of sources)
    for (const [slug, { as }] of projects ?? []) yield [['sources', name, 'projects', slug], as];
}

/** @param url where the server itself is reached */
export function checkHosts(
  draft: Draft,
  sources: ReadonlyMap<string, SourceConfig>,
  url: string | undefined,
): void {
  const first = new Map<string, Path>();
  const own = url === undefined ? undefined : new URL(url).hostname;
  for (const [path] of served(sources))
    for (const index of draft.items([...path, 'hosts'])) {
      const place = [...path, 'hosts', index];
      const host = draft.value(place);
      if (typeof host === 'string' && host !== '') checkHost(draft, place, host, first, own);
    }
}

function checkHost(
  draft: Draft,
  place: Path,
  host: string,
  first: Map<string, Path>,
  own: string | undefined,
): void {
  const wrong = wrongHostName(host);
  const name = host.toLowerCase();
  const earlier = first.get(name);
  if (wrong !== undefined) draft.error('WRONG_VALUE', place, wrong.message, { hint: wrong.hint });
  else if (name === own)
    draft.error(
      'WRONG_VALUE',
      place,
      `"${name}" is the host of "url", where the engine itself and all projects are reached.`,
      {
        hint: 'give the project another host name',
      },
    );
  else if (earlier !== undefined)
    draft.error('DECLARED_TWICE', place, `The host name "${name}" is claimed twice.`, {
      hint: 'keep it for one project',
      related: [{ message: 'The first claim is here.', path: earlier }],
    });
  else first.set(name, place);
}

/** A project that could refer to a secret of the engine could make tokens of every other project. */
export function checkOwnSecrets(draft: Draft, config: ServerConfig): void {
  const own = [...secretTexts(config)].flatMap(({ path, text }) =>
    parseReferences(text).flatMap((reference) => (reference.kind === 'text' ? [] : [{ path, reference }])),
  );
  for (const place of allowLists(config))
    for (const index of draft.items(place)) {
      const pattern = draft.value([...place, index]);
      if (typeof pattern !== 'string') continue;
      const covered = own.find(({ reference }) => allowsReference([pattern], reference));
      if (covered === undefined) continue;
      const { reference } = covered;
      draft.error(
        'SECRET_OF_THE_SERVER',
        [...place, index],
        `"${pattern}" lets a project read ${reference.kind === 'env' ? reference.name : reference.path}, which is a secret of the server.`,
        {
          hint: "narrow the pattern, or give the server's own secret another name",
          related: [{ message: 'It is used here.', path: covered.path }],
        },
      );
    }
}

function* allowLists(config: ServerConfig): Iterable<Path> {
  for (const [name, { projects }] of config.sources) {
    yield ['sources', name, 'secrets'];
    for (const slug of projects?.keys() ?? []) yield ['sources', name, 'projects', slug, 'secrets'];
  }
}
