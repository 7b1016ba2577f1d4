/** `server.yaml`, the operator's file → `ServerConfig`, and everything that is wrong with it. Pure: reads no file and no variable. */
import { structureOf } from './conformance.ts';
import { hasErrors, type Source, type Staged, sorted } from './diagnostic.ts';
import { parseDocument, type YamlDocument } from './document.ts';
import { Draft } from './draft.ts';
import { freeze } from './freeze.ts';
import { diagnosticOf } from './merge.ts';
import { warnNotEnforced } from './not-enforced.ts';
import type { Literal, Path } from './predicate.ts';
import { checkReferencePlaces, type ReferenceShape } from './reference-places.ts';
import { novastack } from './sections/project.ts';
import { checkHosts, checkNames, checkOwnSecrets } from './server/claims.ts';
import { holdings, readSecrets, readState, readStores } from './server/engine-secret.ts';
import { listeners, readListeners } from './server/listeners.ts';
import { operators, readOperators } from './server/operators.ts';
import { readDuration } from './server/quantities.ts';
import { readSources, sources } from './server/sources.ts';
import { limits, readServerLimits, readTelemetry, telemetry } from './server/telemetry.ts';
import type { ServerConfig } from './server-config.ts';
import { duration, flag, object, optional } from './shape.ts';

export const ServerFile = object({
  novastack: optional({ ...novastack, description: 'Version of this language: 1, which is the default.' }),
  ...listeners,
  ...holdings,
  operators: optional(operators),
  sources,
  telemetry: optional(telemetry),
  limits: optional(limits),
  drain: optional(
    duration('How long running requests get when the engine stops or a revision is replaced. Default 30s.'),
  ),
  docs: optional(flag('Build documentation sites in the engine. Default false: CI builds them.')),
});

export interface ServerFileOptions {
  /** What findings call the file. */
  readonly file: string;
  /** Its folder, absolute: where a relative `state` starts. */
  readonly directory: string;
}

export interface StagedServer extends Staged<ServerConfig> {
  /** The place of a value; undefined: the file could not be read at all. */
  readonly locate: (path: Path) => Source | undefined;
}

/** What one process with one state folder does not do yet. A row goes when its feature comes. */
const notServed = [{ key: 'redis' }, { key: 'docs', value: true }];

const checkStructure = structureOf(ServerFile);

/**
 * Reads `server.yaml`. Pure.
 *
 * @returns the configuration only when nothing is wrong with it; references in it are not resolved
 */
export function parseServerConfig(text: string, options: ServerFileOptions): StagedServer {
  const { document, diagnostics } = parseDocument(options.file, text);
  if (document === undefined) return { diagnostics, locate: () => undefined };
  const { locate } = document;
  if (document.value === undefined) return { diagnostics: [empty(document)], locate };
  if (isProject(document.value)) return { diagnostics: [ofProject(document)], locate };
  const findings = checkStructure(document.value);
  const draft = new Draft(
    document.value,
    locate,
    true,
    findings.map(({ path }) => path),
  );
  draft.diagnostics.push(...findings.map((finding) => diagnosticOf(document, finding)));
  const config = readConfig(draft, options.directory);
  checkReferencePlaces(draft, document.value, [], ServerFile as ReferenceShape, {
    hint: 'references belong in secrets, tokens, passwords, keys and the urls of control and redis; write the value here',
    isTold: (path) => draft.isBroken(path),
  });
  checkNames(draft, config.sources);
  checkHosts(draft, config.sources, config.url);
  checkOwnSecrets(draft, config);
  warnNotEnforced(draft, notServed);
  const all = sorted(draft.diagnostics);
  return { ...(hasErrors(all) ? {} : { value: freeze(config) }), diagnostics: all, locate };
}

function readConfig(draft: Draft, directory: string): ServerConfig {
  const reached = readListeners(draft);
  return {
    ...reached,
    ...readSecrets(draft),
    state: readState(draft, directory),
    ...readStores(draft),
    operators: readOperators(draft),
    sources: readSources(draft, reached.url),
    telemetry: readTelemetry(draft),
    limits: readServerLimits(draft),
    drainMs: readDuration(draft, ['drain'], ServerFile.properties.drain, {
      otherwise: '30s',
      least: '1ms',
      most: '1h',
    }),
    docs: draft.read(['docs'], ServerFile.properties.docs) ?? false,
  };
}

/** The one file that is taken for it by mistake. */
function isProject(value: Literal): boolean {
  return typeof value === 'object' && value !== null && 'project' in value && !('sources' in value);
}

function ofProject(document: YamlDocument) {
  return {
    code: 'WRONG_FILE',
    severity: 'error',
    message: 'This is the file of a project, not that of a server.',
    hint: 'write a server.yaml whose sources: name the repository of the project; novastack dev serves a folder',
    source: document.locate(['project'], 'key'),
  } as const;
}

function empty(document: YamlDocument) {
  return {
    code: 'MISSING_KEY',
    severity: 'error',
    message: 'The file says nothing.',
    hint: 'add secret: ${env:NOVASTACK_SECRET} and sources:',
    source: document.locate([]),
  } as const;
}
