/** The Action's inputs, read once from the runner's environment into one typed object. */
import { durationMs, durationPattern } from '../schema/quantity.ts';
import { type Input, type InputName, inputs } from './definition.ts';

/** `server-url` → `serverUrl`. */
type Camel<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name;

type ValueOf<One extends Input> = One extends { readonly choices: readonly (infer Choice)[] }
  ? Choice
  : One extends { readonly kind: 'flag' }
    ? boolean
    : One extends { readonly kind: 'list' }
      ? readonly string[]
      : One extends { readonly kind: 'duration' }
        ? number
        : string;

/** By their names in camel case. Durations are milliseconds; a text that nobody gave and that has no default is empty. */
export type Inputs = {
  readonly [Name in InputName as Camel<Name>]: ValueOf<(typeof inputs)[Name]>;
};

/** Inputs that cannot be taken; the message is for the author of the workflow. */
export class InputError extends Error {}

/** @throws {InputError} naming every input that is wrong, what it says and what it may say */
export function readInputs(env: NodeJS.ProcessEnv): Inputs {
  const wrong: string[] = [];
  const values = Object.entries(inputs).map(([name, input]) => {
    const written = given(env, name) || withoutExpression(input.default);
    const value = read(input, written);
    if (value === undefined) wrong.push(`Input "${name}" is "${written}"; it can be ${expected(input)}.`);
    return [camel(name), value];
  });
  if (wrong.length > 0) throw new InputError(wrong.join('\n'));
  return Object.fromEntries(values) as Inputs;
}

/** The runner puts an input into `INPUT_<NAME>`: upper case, hyphens kept. */
function given(env: NodeJS.ProcessEnv, name: string): string {
  return (env[`INPUT_${name.toUpperCase()}`] ?? '').trim();
}

/** The runner evaluates it; here it stands for nothing. */
function withoutExpression(text: string): string {
  return text.startsWith('${{') ? '' : text;
}

function read(input: Input, text: string): string | boolean | number | readonly string[] | undefined {
  switch (input.kind) {
    case 'choice':
      return input.choices.find((each) => each === text);
    case 'flag':
      return text === 'true' ? true : text === 'false' ? false : undefined;
    case 'list':
      return listOf(text);
    case 'duration':
      return new RegExp(durationPattern).test(text) ? durationMs(text) : undefined;
    case 'text':
      return text;
    default:
      return input satisfies never;
  }
}

function expected(input: Input): string {
  switch (input.kind) {
    case 'choice':
      return input.choices.map((each) => `"${each}"`).join(', ');
    case 'flag':
      return '"true", "false"';
    default:
      return 'a number and a unit: 30s, 10m, 1h';
  }
}

function listOf(text: string): readonly string[] {
  const items = text.split(/[\n,]/).map((item) => item.trim());
  return [...new Set(items.filter((item) => item !== ''))];
}

function camel(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
