import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import test from 'node:test';
import { sample } from '../../test/graphql-model.ts';
import { documentLimits } from './limits.ts';
import { planOperation } from './plan.ts';
import { Refusal } from './refusal.ts';
import { SchemaTypes } from './schema.ts';
import { validateDocument } from './validate.ts';

const types = new SchemaTypes(sample);

/** What is answered, and after how many milliseconds. */
function answer(text: string): readonly [string, number] {
  const started = performance.now();
  try {
    planOperation(
      validateDocument(text, undefined, types, {
        limits: documentLimits(sample.limits),
        introspection: true,
      }),
      sample,
      types,
    );
    return ['planned', performance.now() - started];
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return [`${error.code} ${error.message}`, performance.now() - started];
  }
}

const many = (count: number, item: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => item(index)).join(' ');

/** `a` asks twice for `b`, which asks twice for `c` …: 2^depth fields in a short text. */
function fanOut(depth: number): string {
  const fragments = many(depth, (level) => {
    const inner = level + 1 < depth ? `...f${level + 1}` : 'id';
    return `fragment f${level} on books { x: author { books { ${inner} } } y: author { books { ${inner} } } }`;
  });
  return `{ books { ...f0 } } ${fragments}`;
}

/** The same within one selection, where the copies merge. */
function flatFanOut(depth: number): string {
  const fragments = many(depth, (level) => {
    const inner = level + 1 < depth ? `...f${level + 1}` : 'id';
    return `fragment f${level} on books { ${inner} ${inner} }`;
  });
  return `{ books { ...f0 } } ${fragments}`;
}

/** One fragment of authors in 200 places. */
const spread = `{ books { ${many(200, (index) => `a${index}: author { ...F }`)} } }`;

test('hostile documents are refused before they cost anything', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['50 levels', `{ books { ${'author { books { '.repeat(24)} id ${'} }'.repeat(24)} } }`, 'NS603 the document selects deeper than 30 levels'],
    ['10,000 aliases', `{ ${many(10_000, (index) => `a${index}: __typename`)} }`, 'NS603 the document has more than 10000 tokens'],
    ['1,000 aliases', `{ books { ${many(1_000, (index) => `a${index}: id`)} } }`, 'NS603 the document has more than 250 aliases'],
    ['3,000 repeated fields', `{ books { ${many(3_000, () => 'id')} } }`, 'NS603 the document has more than 2500 fields, with fragments expanded,'],
    ['2,000 repeated fields are merged', `{ books { ${many(2_000, () => 'id')} } }`, 'planned'],
    ['circular fragments', '{ books { ...A } } fragment A on books { id ...B } fragment B on books { ...A }', 'NS603 fragment "A" contains itself'],
    ['a fragment that contains itself, unused', '{ books { id } } fragment A on books { author { books { ...A } } }', 'NS603 fragment "A" contains itself'],
    ['2^15 fields by fragments', fanOut(15), 'NS603 the document selects deeper than 30 levels'],
    ['2^12 fields by fragments', fanOut(12), 'NS603 the document has more than 250 aliases'],
    ['2^60 spreads in one selection', flatFanOut(60), 'NS603 the document has more than 2500 fields, with fragments expanded,'],
    ['thousands of directives', `{ books { id ${many(3_000, () => '@nothing')} } }`, 'NS603 the document has more than 200 directives'],
    ['60 root fields', `{ ${many(60, (index) => `a${index}: __typename`)} }`, 'NS603 the document has more than 50 root fields'],
    ['60 root fields by a fragment', `{ ...R } fragment R on query_root { ${many(60, (index) => `a${index}: __typename`)} }`, 'NS603 the document has more than 50 root fields'],
    ['500 operations', many(500, (index) => `query q${index} { __typename }`), 'NS602 exactly one operation has to be present in the document when operationName is not given'],
    ['1,000 variables', `query (${many(1_000, (index) => `$v${index}: Int`)}) { __typename }`, 'NS603 the document has more than 250 variables'],
    ['a filter nested 5,000 deep', `{ books(where: ${'{_not: '.repeat(4_000)}{}${'}'.repeat(4_000)}) { id } }`, 'NS603 the document nests deeper than 100 levels'],
    ['lists nested 9,000 deep', `{ books(where: ${'['.repeat(9_000)}) { id } }`, 'NS603 the document nests deeper than 100 levels'],
    ['a name of a megabyte', `{ books { ${'a'.repeat(1_000_000)}: id } }`, 'NS603 the document has a name of more than 255 characters'],
    ['a long filter that a fragment repeats', `${spread} fragment F on authors { books(where: {_or: [${many(200, () => '{id: {_eq: 1}}')}]}) { id } }`, 'NS603 the document has more than 10000 values in arguments, with fragments expanded,'],
    ['a megabyte of text that a fragment repeats', `${spread} fragment F on authors { books(where: {title: {_eq: "${'a'.repeat(900_000)}"}}) { id } }`, 'NS603 the document has more than 1000000 characters of arguments repeated by fragments'],
    ['a megabyte of text, once', `{ books(where: {title: {_eq: "${'a'.repeat(1_000_000)}"}}) { id } }`, 'planned'],
    ['a megabyte of spaces', `{${' '.repeat(1_000_000)}__typename }`, 'planned'],
    ['a megabyte of comment lines', `{${'#\n'.repeat(500_000)}__typename }`, 'planned'],
    ['introspection that multiplies', `{ __schema { types { ${'fields { type { '.repeat(5)} name ${'} }'.repeat(5)} } } }`, 'NS602 Maximum introspection depth exceeded'],
  ]; // biome-ignore format: a table
  answer('{ books { id } }');
  for (const [name, text, expected] of cases) {
    const [result, took] = answer(text);
    assert.equal(result, expected, name);
    // Loose: the thread that does this is not the one that serves.
    assert.ok(took < 10_000, `${name} took ${took} ms`);
  }
});
