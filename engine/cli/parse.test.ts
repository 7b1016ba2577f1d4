import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from './command.ts';
import { Failure } from './failure.ts';
import { asksForHelp, parse } from './parse.ts';

const command: Command = {
  name: 'sail',
  summary: '',
  usage: 'sail [dir]',
  about: '',
  words: { least: 0, most: 1 },
  options: {
    format: { kind: 'value', value: 'form', choices: ['text', 'json'], help: '' },
    role: { kind: 'value', value: 'name', short: 'r', help: '' },
    reset: { kind: 'flag', help: '' },
  },
  examples: [],
  run: async () => 0,
};

test('takes words, flags and values in any order', () => {
  const input = parse(command, ['--reset', 'here', '--format=json', '-r', 'staff']);
  assert.deepEqual(input.words, ['here']);
  assert.equal(input.flag('reset'), true);
  assert.equal(input.value('format'), 'json');
  assert.equal(input.value('role'), 'staff');
  assert.equal(input.value('absent'), undefined);
});

test('takes what follows -- as words', () => {
  assert.deepEqual(parse(command, ['--', '--reset']).words, ['--reset']);
  assert.equal(asksForHelp(['--', '--help']), false);
  assert.equal(asksForHelp(['here', '-h']), true);
});

const refusals: readonly (readonly [readonly string[], string, string | undefined])[] = [
  [['--fromat', 'json'], '"novastack sail" has no option --fromat.', 'did you mean --format?'],
  [['--anchor'], '"novastack sail" has no option --anchor.', 'see novastack sail --help'],
  [['--__proto__'], '"novastack sail" has no option --__proto__.', 'see novastack sail --help'],
  [['-x'], '"novastack sail" has no option -x.', 'see novastack sail --help'],
  [['--format'], 'Option --format needs a value.', 'write --format <form>'],
  [['--role='], 'Option --role needs a value.', 'write --role <name>'],
  [
    ['--role', '--reset'],
    'Option --role needs a value, but "--reset" looks like another option.',
    'write --role=--reset if the value is meant',
  ],
  [['--format', 'jsn'], 'Option --format does not take "jsn".', 'did you mean "json"? It takes text, json'],
  [['--format', 'yaml-ish'], 'Option --format does not take "yaml-ish".', 'use one of text, json'],
  [['--reset=yes'], 'Option --reset takes no value.', undefined],
  [['--reset', '--reset'], 'Option --reset is given twice.', undefined],
  [['one', 'two'], '"two" is one word too many.', 'the usage is: novastack sail [dir]'],
];

for (const [args, message, hint] of refusals) {
  test(`refuses ${args.join(' ')}`, () => {
    assert.throws(
      () => parse(command, args),
      (error) => {
        assert.ok(error instanceof Failure);
        assert.deepEqual([error.exitCode, error.message, error.hint], [2, message, hint]);
        return true;
      },
    );
  });
}
