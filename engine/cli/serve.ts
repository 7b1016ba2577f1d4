/** `novastack serve`: the production engine, by what server.yaml says. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Diagnostic, hasErrors } from '../../schema/diagnostic.ts';
import { parseServerConfig } from '../../schema/server.ts';
import type { ServerConfig } from '../../schema/server-config.ts';
import type { ServeEvent, ServeOptions, ServeServer } from '../server/serve.ts';
import { resolveServerSecrets } from '../server/server-secrets.ts';
import { type Command, formatOption, type Input } from './command.ts';
import { badInput, unreachable } from './failure.ts';
import { headings } from './headings.ts';
import { counted, countFindings, formatOf, printFindings } from './report.ts';
import type { Terminal } from './terminal.ts';

const defaultFile = 'server.yaml';

export const serve: Command = {
  ...headings.serve,
  about: `Serves the projects of the Git repositories that server.yaml names, and follows their
branches: a commit is verified, built, migrated and probed beside what serves, and then
takes its place at once. What cannot be served changes nothing; the operator's endpoints
say why. At a start the last good revision of each project serves before Git is asked.

SIGTERM ends running requests and then the process; a second one ends it at once. A
second process with the same file takes over from the first without a gap.`,
  words: { least: 0, most: 0 },
  options: {
    config: {
      kind: 'value',
      value: 'file',
      short: 'c',
      help: `the operator's file (default ${defaultFile})`,
    },
    check: { kind: 'flag', help: 'read the file and its references, say what is wrong, and end' },
    format: formatOption,
  },
  examples: ['novastack serve --config /etc/novastack/server.yaml', 'novastack serve --check'],
  run,
};

async function run(input: Input, terminal: Terminal): Promise<number> {
  const file = path.resolve(input.value('config') ?? defaultFile);
  const { config, diagnostics } = await readConfig(file, input.value('config') ?? defaultFile);
  const isGood = config !== undefined && !hasErrors(diagnostics);
  // Once it serves, standard output is the log's.
  const out = isGood && !input.flag('check') ? { ...terminal, out: terminal.err } : terminal;
  printFindings(diagnostics, formatOf(input), path.dirname(file), out);
  if (!isGood) {
    if (formatOf(input) === 'text') terminal.err(`${countFindings(diagnostics)} in ${path.basename(file)}`);
    return 1;
  }
  if (input.flag('check')) {
    if (formatOf(input) === 'text')
      terminal.out(`${path.basename(file)} is good: ${counted(config.sources.size, 'source')}.`);
    return 0;
  }
  const { log, level } = config.telemetry;
  const server = await listen({
    config,
    log: { format: log === 'json' ? 'json' : 'plain', level },
    onEvent: (event) => tell(event, terminal),
  });
  await server.closed;
  return 0;
}

async function readConfig(
  file: string,
  named: string,
): Promise<{ readonly config: ServerConfig | undefined; readonly diagnostics: readonly Diagnostic[] }> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw badInput(
      `${named} cannot be read (${error.code}).`,
      'name the file with --config; docs/server.md begins with a small one',
    );
  });
  const parsed = parseServerConfig(text, { file: path.basename(file), directory: path.dirname(file) });
  if (parsed.value === undefined) return { config: undefined, diagnostics: parsed.diagnostics };
  const resolved = resolveServerSecrets(parsed.value, parsed.locate);
  return { config: resolved.value, diagnostics: [...parsed.diagnostics, ...resolved.diagnostics] };
}

/** The engine is loaded when it is wanted: `--check` and the other commands answer sooner without it. */
async function listen(options: ServeOptions): Promise<ServeServer> {
  const { startServe } = await import('../server/serve.ts');
  try {
    return await startServe(options);
  } catch (error) {
    const { code, path: at, message } = error as NodeJS.ErrnoException & { readonly path?: string };
    const { listen: address, admin, state } = options.config;
    const ports = [address, admin].flatMap((one) => one?.port ?? []).join(' or ');
    if (code === 'EADDRINUSE') throw unreachable(`Port ${ports} is taken by another program.`);
    if (code === 'EACCES' && at === undefined)
      throw unreachable(`This user may not listen on port ${ports}.`, { hint: 'choose one above 1023' });
    if (code === 'EADDRNOTAVAIL')
      throw unreachable(`An address to listen at is not this machine's: ${message}.`);
    if (code !== undefined && at !== undefined)
      throw unreachable(`The state folder ${state} cannot be used (${code}).`, {
        hint: 'it must be a folder that this user may write to; see "state" in docs/server.md',
      });
    throw error;
  }
}

/** On standard error: standard output is the log's. */
function tell(event: ServeEvent, terminal: Terminal): void {
  switch (event.kind) {
    case 'listening':
      terminal.err(`NovaStack serves at ${event.url}`);
      if (event.admin !== undefined) terminal.err(`the operator's endpoints are at ${event.admin}/-/status`);
      break;
    case 'waiting':
      terminal.err(`${event.message} What was good serves; Git is followed when that process has ended.`);
      break;
    case 'following':
      break;
    case 'stopping':
      terminal.err(`${event.signal}: running requests are finished; once more ends at once.`);
      break;
    case 'stopped':
      break;
    default:
      event satisfies never;
  }
}
