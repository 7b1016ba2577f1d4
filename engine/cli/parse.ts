/** Words of a command line → `Input`, with a clear refusal of what the command does not take. Pure. */
import { parseArgs } from 'node:util';
import { nearest } from '../../schema/nearest.ts';
import type { Command, Input, Option } from './command.ts';
import { badInput } from './failure.ts';

/** @throws {Failure} 2 for an unknown option, a missing or impossible value, too few or too many words */
export function parse(command: Command, args: readonly string[]): Input {
  const values = new Map<string, string[]>();
  const flags = new Set<string>();
  const words: string[] = [];
  for (const token of tokens(command, args)) {
    switch (token.kind) {
      case 'positional':
        words.push(token.value);
        break;
      case 'option-terminator':
        break;
      case 'option':
        readOption(command, token, values, flags);
        break;
      default:
        token satisfies never;
    }
  }
  checkWords(command, words);
  return {
    words,
    flag: (name) => flags.has(name),
    value: (name) => values.get(name)?.[0],
    values: (name) => values.get(name) ?? [],
  };
}

/** True when `--help` or `-h` stands anywhere before `--`. */
export function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end < 0 ? args.length : end).some((word) => word === '--help' || word === '-h');
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function tokens(command: Command, args: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries(command.options).map(([name, option]) => [
      name,
      {
        type: option.kind === 'flag' ? ('boolean' as const) : ('string' as const),
        ...(option.short === undefined ? {} : { short: option.short }),
      },
    ]),
  );
  return parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

function readOption(
  command: Command,
  token: OptionToken,
  values: Map<string, string[]>,
  flags: Set<string>,
): void {
  const option = Object.hasOwn(command.options, token.name) ? command.options[token.name] : undefined;
  if (option === undefined) throw unknownOption(command, token.rawName);
  if ((values.has(token.name) && option.many !== true) || flags.has(token.name))
    throw badInput(`Option ${token.rawName} is given twice.`);
  if (option.kind === 'flag') {
    if (token.value !== undefined) throw badInput(`Option ${token.rawName} takes no value.`);
    flags.add(token.name);
    return;
  }
  values.set(token.name, [...(values.get(token.name) ?? []), readValue(token, option)]);
}

function readValue(token: OptionToken, option: Option): string {
  const { rawName, value } = token;
  if (value === undefined || value === '') {
    throw badInput(`Option ${rawName} needs a value.`, `write ${rawName} <${option.value}>`);
  }
  if (token.inlineValue !== true && value.startsWith('--')) {
    throw badInput(
      `Option ${rawName} needs a value, but "${value}" looks like another option.`,
      `write ${rawName}=${value} if the value is meant`,
    );
  }
  if (option.choices !== undefined && !option.choices.includes(value)) {
    const guess = nearest(value, option.choices);
    const among = option.choices.join(', ');
    throw badInput(
      `Option ${rawName} does not take "${value}".`,
      guess === undefined ? `use one of ${among}` : `did you mean "${guess}"? It takes ${among}`,
    );
  }
  return value;
}

function unknownOption(command: Command, rawName: string): Error {
  const among = [...Object.keys(command.options), 'help'].map((name) => `--${name}`);
  const guess = nearest(rawName, among);
  return badInput(
    `"novastack ${command.name}" has no option ${rawName}.`,
    guess === undefined ? `see novastack ${command.name} --help` : `did you mean ${guess}?`,
  );
}

function checkWords(command: Command, words: readonly string[]): void {
  const { least, most } = command.words;
  const usage = `the usage is: novastack ${command.usage}`;
  if (words.length > most) throw badInput(`"${words[most]}" is one word too many.`, usage);
  if (words.length < least) throw badInput(`"novastack ${command.name}" needs more words.`, usage);
}
