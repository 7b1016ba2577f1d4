/** `novastack dev`: serves projects from their folders, with hot reload, and shows what happens. */
import { realpath } from 'node:fs/promises';
import type { DevEvent, DevOptions, DevServer } from '../server/dev.ts';
import type { BuildDocs } from '../server/docs-builds.ts';
import type { OperationalEvent } from '../telemetry/events.ts';
import type { LogOptions } from '../telemetry/log.ts';
import type { Command, Input } from './command.ts';
import { Screen } from './dev-screen.ts';
import { everyRole } from './docs-roles.ts';
import { refreshSchemaCopy } from './editor-schema.ts';
import { badInput, unreachable } from './failure.ts';
import { headings } from './headings.ts';
import { projectFolder } from './project-folder.ts';
import { rehearsed } from './rehearse.ts';
import type { Terminal } from './terminal.ts';

export const dev: Command = {
  ...headings.dev,
  about: `Serves one or more projects on this machine (127.0.0.1) and follows their folders:
a save, or a change of a database's schema, swaps the API at once; a broken save is
explained and the last good API keeps serving.

Embedded databases live in the project's .novastack/ and are migrated and seeded by
themselves. Other databases are served as they are. Tokens are signed with a key of
this machine; issuers whose secrets are missing are left out.`,
  words: { least: 0, most: 64 },
  options: {
    port: { kind: 'value', value: 'n', short: 'p', help: 'where to listen (default 4000; 0: any free port)' },
    reset: { kind: 'flag', help: 'first throw away the data of the embedded databases of these projects' },
    'no-docs': { kind: 'flag', help: 'do not build the documentation site' },
    log: {
      kind: 'value',
      value: 'form',
      choices: ['plain', 'json', 'none'],
      help: 'a line for each request; json: every event (default plain)',
    },
  },
  examples: [
    'novastack dev',
    'novastack dev examples/bookshop --port 8080',
    'novastack dev apis/shop apis/stock --reset',
  ],
  run,
};

async function run(input: Input, terminal: Terminal): Promise<number> {
  const port = readPort(input.value('port'));
  const folders = await foldersOf(input.words);
  for (const folder of folders) await refreshSchemaCopy(folder);
  const log = input.value('log') ?? 'plain';
  const screen = new Screen({
    terminal,
    stream: log === 'json' ? 'err' : 'out',
    docs: !input.flag('no-docs'),
  });
  if (input.flag('reset')) terminal.err('--reset: the data of embedded databases is thrown away first.');

  const welcome = new Welcome(screen);
  const server = await listen({
    folders,
    port,
    reset: input.flag('reset'),
    log: logOf(log, terminal),
    onEvent: (event) => welcome.hear(event),
    ...(input.flag('no-docs') ? {} : { buildDocs }),
  });
  await welcome.open(server);
  await server.ready;
  await welcome.done;
  screen.ready(server.projects().length, folders.length);
  await server.closed;
  return 0;
}

/** Shows a project's welcome in its place among the events, which wait while tokens are minted. */
class Welcome {
  readonly #screen: Screen;
  readonly #opened = Promise.withResolvers<DevServer>();
  done: Promise<void> = Promise.resolve();

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  hear(event: DevEvent): void {
    this.done = this.done.then(() => this.#show(event));
  }

  open(server: DevServer): void {
    this.#opened.resolve(server);
  }

  async #show(event: DevEvent): Promise<void> {
    this.#screen.tell(event);
    if (event.kind !== 'serving') return;
    const server = await this.#opened.promise;
    const project = server.projects().find(({ directory }) => directory === event.directory);
    if (project !== undefined) await this.#screen.welcome(project, server);
  }
}

/** The server is loaded when it is wanted: the other commands answer sooner without it. */
async function listen(options: DevOptions): Promise<DevServer> {
  const { startDev } = await import('../server/dev.ts');
  try {
    return await startDev(options);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const { port } = options;
    if (code === 'EADDRINUSE') {
      throw unreachable(`Port ${port} is taken by another program.`, {
        hint: `choose another: --port ${port + 1}`,
      });
    }
    if (code === 'EACCES') {
      throw unreachable(`This user may not listen on port ${port}.`, { hint: 'choose one above 1023' });
    }
    throw error;
  }
}

/** The site is loaded when it is wanted: what serves must not wait for it. */
const buildDocs: BuildDocs = async ({ project, ...build }) => {
  const { buildSite } = await import('../../site/build.ts');
  // On the developer's own machine there is nobody to hide a role from.
  await rehearsed(build.directory, project, (rehearsal) =>
    buildSite({ ...build, project, roles: everyRole(project), rehearsal }),
  );
};

async function foldersOf(words: readonly string[]): Promise<readonly string[]> {
  const folders = new Set<string>();
  for (const word of words.length === 0 ? [undefined] : words)
    folders.add(await realpath(await projectFolder(word)));
  return [...folders];
}

function readPort(text: string | undefined): number {
  if (text === undefined) return 4000;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw badInput(`"${text}" is no port.`, 'write a number from 1 to 65535, or 0 for any free one');
}

/** What the screen tells in its own words. */
const told: ReadonlySet<OperationalEvent['kind']> = new Set([
  'listening',
  'applied',
  'rejected',
  'retired',
  'stopping',
  'stopped',
  'database',
]);

function logOf(form: string, terminal: Terminal): LogOptions {
  switch (form) {
    case 'json':
      return { format: 'json' };
    case 'none':
      return { format: 'silent' };
    default:
      return {
        format: 'plain',
        wants: ({ kind }) => !told.has(kind),
        write: (line) => terminal.out(terminal.paint('out', 'dim', line.trimEnd())),
      };
  }
}
