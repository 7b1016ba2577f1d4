#!/usr/bin/env node
/** `novastack <command>`: finds the command, runs it, turns what went wrong into an exit code. */
import { nearest } from '../../schema/nearest.ts';
import { Problem } from '../problem/problem.ts';
import { packageVersion } from '../server/version.ts';
import { commands } from './commands.ts';
import { compileQuickly, keepCompiled } from './compiled.ts';
import { badInput, Failure, unreachable } from './failure.ts';
import { explain, overview } from './help.ts';
import { asksForHelp, parse } from './parse.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** Runs one command line and resolves to its exit code; never rejects. */
async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    return printFailure(error, terminal);
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) {
    terminal.out(overview(commands).trimEnd());
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-v') {
    terminal.out(packageVersion());
    return 0;
  }
  const wanted = name === 'help' ? rest[0]! : name;
  const listed = commands.find((each) => each.name === wanted);
  if (listed === undefined) throw unknownCommand(wanted);
  const command = await listed.load();
  if (name === 'help' || asksForHelp(rest)) {
    terminal.out(explain(command).trimEnd());
    return 0;
  }
  if (rest.length === 0 && command.words.least > 0) {
    terminal.out(explain(command).trimEnd());
    return 2;
  }
  const input = parse(command, rest);
  if (command.brief) compileQuickly();
  return command.run(input, terminal);
}

function unknownCommand(name: string): Failure {
  if (name.startsWith('-')) {
    return badInput(`There is no option ${name} before a command.`, 'see novastack --help');
  }
  const names = commands.map((command) => command.name);
  const guess = nearest(name, names);
  return badInput(
    `There is no command "${name}".`,
    guess === undefined
      ? `the commands are ${names.join(', ')}; see novastack --help`
      : `did you mean "${guess}"?`,
  );
}

/** A failure says what to do; what the system or a database refused says why; the rest is a fault of the program. */
function printFailure(error: unknown, terminal: Terminal): number {
  const label = terminal.paint('err', ['bold', 'red'], 'error:');
  const failure = asFailure(error);
  if (failure !== undefined) {
    terminal.err(`${label} ${failure.message}`);
    if (failure.hint !== undefined) terminal.err(`hint: ${failure.hint}`);
    return failure.exitCode;
  }
  terminal.err(`${label} novastack stopped on a fault of its own; this is what to report:`);
  terminal.err(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return 1;
}

function asFailure(error: unknown): Failure | undefined {
  if (error instanceof Failure) return error;
  if (error instanceof Problem)
    return unreachable(error.message, { hint: error.hint ?? undefined, cause: error });
  // EACCES, ENOSPC, EROFS…: Node's message names the file.
  const refused = error instanceof Error && 'syscall' in error && 'path' in error;
  return refused ? unreachable(`${error.message}.`, { cause: error }) : undefined;
}

/** Whoever read the output has gone, as `head` does: there is nothing left to do. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
}

for (const stream of [process.stdout, process.stderr]) stream.on('error', endWithReader);
keepCompiled();
process.exitCode = await main(process.argv.slice(2), openTerminal());
