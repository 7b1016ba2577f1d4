import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { ensureInstalled } from '../dependencies.ts';
import { inTurn } from '../turn.ts';
import type { DiagramColumn, DiagramEdge, DiagramTable } from './diagram.ts';
import { type Drawn, read } from './drawn.fixture.ts';
import { linesOf } from './line.ts';
import { bothWays, type Schema, schemaOf } from './schema.fixture.ts';
import { shortened, widthOf } from './text.ts';

let diagram: typeof import('./diagram.ts').diagram;
before(async () => {
  await inTurn(() => ensureInstalled());
  ({ diagram } = await import('./diagram.ts'));
});

const table = (name: string, ...columns: readonly string[]): DiagramTable => ({
  name,
  href: '/',
  kind: 'table',
  columns: ['id', ...columns].map(
    (column): DiagramColumn => ({
      name: column,
      type: 'text',
      key: column === 'id',
      link: column.endsWith('_id'),
    }),
  ),
});
const drawingOf = async ({ tables, edges }: Schema): Promise<string> =>
  diagram(tables, { edges, title: 'Tables' });

for (const [count, seed] of [
  [0, 1],
  [1, 1],
  [2, 5],
  [5, 2],
  [20, 3],
  [20, 4],
  [80, 5],
  [80, 6],
  [160, 7],
] as const)
  test(`${count} tables (${seed}): no box on another, and lines that run between boxes from one to the other`, async () => {
    const schema = schemaOf(count, seed);
    const lines = linesOf(schema.tables, schema.edges);
    const drawn = read(await drawingOf(schema));
    assert.equal(drawn.boxes.length, count);
    assert.equal(drawn.lines.length, lines.length);
    assert.deepEqual(faultsOf(drawn), []);
    assert.equal(await drawingOf(schema), await drawingOf(structuredClone(schema)));
  });

test('500 tables take seconds, and 80 less than a few', async () => {
  for (const [count, mostMs] of [
    [80, 4_000],
    [500, 20_000],
  ] as const) {
    const schema = schemaOf(count, 9);
    const began = performance.now();
    const text = await drawingOf(schema);
    assert.ok(performance.now() - began < mostMs, `${count} tables: ${performance.now() - began} ms`);
    assert.deepEqual(faultsOf(read(text)), []);
  }
});

test('names of any characters are text: of the picture, of a tip, of a link', async () => {
  const names = [
    `<script>alert(1)</script>`,
    `]]>&amp;<!--`,
    `"quoted" 'twice' \\`,
    '🦊👩‍👩‍👧‍👦',
    'مرحبا \u202egnp.exe',
    'null\u0000bell\u0007lone\ud800\uffff',
    'x'.repeat(300),
    '漢字'.repeat(60),
    ' ',
    '',
    '__proto__',
  ];
  const tables = names.map((name) => ({
    ...table(name, `${name}_id`, name === 'id' ? 'x' : `${name}`),
    href: `/t/"><svg onload='alert(2)'>${name.toWellFormed()}`,
  }));
  const edges = names.flatMap((name, index) =>
    bothWays(name, `${name}_id`, names[(index * 3 + 1) % names.length]!),
  );
  const drawn = read(await diagram(tables, { edges, title: `Of <b>&"'`, id: 'one' }));
  assert.deepEqual(faultsOf(drawn), []);
  assert.equal(drawn.title, `Of <b>&"'`);
  const shown = (text: string) => text.toWellFormed().replace(/[\u0000\u0007\uffff]/g, '\ufffd');
  assert.deepEqual(
    drawn.boxes.map((box) => box.href),
    tables.map((one) => shown(one.href)),
  );
  for (const [index, name] of names.entries())
    assert.equal(drawn.boxes[index]!.label, `\u2068${shown(name)}\u2069, table, 3 columns`);
  assert.deepEqual([...drawn.elements].sort(), [
    'a',
    'desc',
    'g',
    'path',
    'rect',
    'style',
    'svg',
    'text',
    'title',
  ]);
});

test('keys come first, then what links, then what is linked to; the rest is counted', async () => {
  const many = Array.from({ length: 20 }, (_, index) => `fact_${index}`);
  const drawn = read(
    await diagram(
      [table('a', ...many.slice(0, 5), 'b_id', 'code', ...many.slice(5)), table('b', 'a_code_id')],
      {
        title: 'Two',
        edges: [
          {
            from: 'a',
            to: 'b',
            fromColumns: ['b_id'],
            toColumns: ['id'],
            kind: 'one',
            through: null,
            label: 'b',
          },
          {
            from: 'b',
            to: 'a',
            fromColumns: ['a_code_id'],
            toColumns: ['code'],
            kind: 'one',
            through: null,
            label: 'a',
          },
        ],
      },
    ),
  );
  assert.deepEqual(drawn.boxes[0]!.texts, [
    'a',
    ...['id', 'b_id', 'code', ...many.slice(0, 9)].flatMap((name) => [name, 'text']),
    '… 11 more',
  ]);
});

test('of many tables only the columns that link are shown', async () => {
  const drawn = read(await drawingOf(schemaOf(80, 5)));
  assert.deepEqual(
    drawn.boxes.flatMap((box) => box.texts).filter((text) => /^(name|created_at|status)$/.test(text)),
    [],
  );
});

interface Case {
  readonly title: string;
  readonly edges: readonly Partial<DiagramEdge>[];
  /** `child many|one → parent many|one: names`. */
  readonly lines: readonly string[];
}
const cases: readonly Case[] = [
  {
    title: 'a relationship and the way back are one line, from the parent to the child',
    edges: [
      { from: 'books', to: 'authors', fromColumns: ['author_id'], toColumns: ['id'], label: 'author' },
      {
        from: 'authors',
        to: 'books',
        fromColumns: ['id'],
        toColumns: ['author_id'],
        kind: 'many',
        label: 'books',
      },
    ],
    lines: ['books many → authors one: books, author'],
  },
  {
    title: 'the way back alone says as much',
    edges: [
      {
        from: 'authors',
        to: 'books',
        fromColumns: ['id'],
        toColumns: ['author_id'],
        kind: 'many',
        label: 'books',
      },
    ],
    lines: ['books many → authors one: books'],
  },
  {
    title: 'the way there alone is taken for many, unless it leads from the key',
    edges: [
      { from: 'books', to: 'authors', fromColumns: ['author_id'], toColumns: ['id'], label: 'author' },
      { from: 'tags', to: 'books', fromColumns: ['id'], toColumns: ['id'], label: 'book' },
    ],
    lines: ['books many → authors one: author', 'tags one → books one: book'],
  },
  {
    title: 'two relationships to one table are two lines',
    edges: [
      { from: 'books', to: 'authors', fromColumns: ['author_id'], toColumns: ['id'], label: 'author' },
      {
        from: 'books',
        to: 'authors',
        fromColumns: ['translator_id'],
        toColumns: ['id'],
        label: 'translator',
      },
    ],
    lines: ['books many → authors one: author', 'books many → authors one: translator'],
  },
  {
    title: 'a table that refers to itself has one line',
    edges: [
      { from: 'books', to: 'books', fromColumns: ['sequel_id'], toColumns: ['id'], label: 'sequel' },
      {
        from: 'books',
        to: 'books',
        fromColumns: ['id'],
        toColumns: ['sequel_id'],
        kind: 'many',
        label: 'sequels',
      },
    ],
    lines: ['books many → books one: sequels, sequel'],
  },
  {
    title: 'many to many is a line of its own where the junction is not there',
    edges: [
      { from: 'books', to: 'authors', kind: 'many', through: 'writings', label: 'authors' },
      { from: 'authors', to: 'books', kind: 'many', through: 'writings', label: 'books' },
    ],
    lines: ['authors many → books many: authors, books'],
  },
  {
    title: 'and none where the junction shows it',
    edges: [
      { from: 'books', to: 'authors', kind: 'many', through: 'tags', label: 'authors' },
      { from: 'tags', to: 'books', fromColumns: ['b_id'], toColumns: ['id'], label: 'book' },
      { from: 'authors', to: 'tags', fromColumns: ['id'], toColumns: ['a_id'], kind: 'many', label: 'tags' },
    ],
    lines: ['tags many → books one: book', 'tags many → authors one: tags'],
  },
  {
    title: 'relationships whose columns are not shown stay apart by their names',
    edges: [
      { from: 'books', to: 'authors', label: 'author' },
      { from: 'books', to: 'authors', label: 'translator' },
    ],
    lines: ['books many → authors one: author', 'books many → authors one: translator'],
  },
  {
    title: 'what leads to a table that is not there has none',
    edges: [{ from: 'books', to: 'secrets', label: 'secret' }],
    lines: [],
  },
];
const shelf = [table('books', 'author_id', 'translator_id', 'sequel_id'), table('authors'), table('tags')];
for (const { title, edges, lines } of cases)
  test(title, () => {
    const whole = edges.map(
      (edge): DiagramEdge => ({
        from: '',
        to: '',
        fromColumns: [],
        toColumns: [],
        kind: 'one',
        through: null,
        label: '',
        ...edge,
      }),
    );
    const end = ({ table: { name }, many }: { table: DiagramTable; many: boolean }) =>
      `${name} ${many ? 'many' : 'one'}`;
    assert.deepEqual(
      linesOf(shelf, whole).map(
        ({ parent, child, names }) => `${end(child)} → ${end(parent)}: ${names.join(', ')}`,
      ),
      lines,
    );
  });

test('a text is shortened to its room, between two signs', () => {
  for (const text of [
    'order',
    'W'.repeat(40),
    '👩‍👩‍👧‍👦'.repeat(9),
    '漢字'.repeat(20),
    'e\u0301'.repeat(90),
  ]) {
    const short = shortened(text, 12, 120);
    assert.ok(widthOf(short, 12) <= 120, short);
    assert.ok(text.startsWith(short.replace(/…$/, '')));
  }
  assert.equal(shortened('order', 12, 120), 'order');
  assert.equal(shortened('👩‍👩‍👧‍👦'.repeat(9), 12, 80), '👩‍👩‍👧‍👦…');
});

/** Boxes that lie on one another or out of the sheet; lines that end elsewhere, or run through a box. */
function faultsOf({ width, height, boxes, lines }: Drawn): readonly string[] {
  const faults: string[] = [];
  for (const [index, a] of boxes.entries()) {
    if (a.x < 0 || a.y < 0 || a.x + a.width > width || a.y + a.height > height)
      faults.push(`${index} is off`);
    for (const [other, b] of boxes.entries())
      if (
        other > index &&
        a.x < b.x + b.width &&
        b.x < a.x + a.width &&
        a.y < b.y + b.height &&
        b.y < a.y + a.height
      )
        faults.push(`${index} lies on ${other}`);
  }
  for (const { tables, points } of lines) {
    const ends = [points[0]!, points.at(-1)!];
    for (const [at, table] of tables.entries()) {
      const { x, y, width, height } = boxes[table]!;
      const end = ends[at]!;
      const onSide = Math.abs(end.x - x) < 0.2 || Math.abs(end.x - x - width) < 0.2;
      if (!onSide || end.y < y || end.y > y + height) faults.push(`a line does not end at ${table}`);
    }
    for (let index = 1; index < points.length; index++) {
      const [a, b] = [points[index - 1]!, points[index]!];
      const through = boxes.findIndex(
        (box) =>
          Math.max(a.x, b.x) > box.x + 0.2 &&
          Math.min(a.x, b.x) < box.x + box.width - 0.2 &&
          Math.max(a.y, b.y) > box.y + 0.2 &&
          Math.min(a.y, b.y) < box.y + box.height - 0.2,
      );
      if (through >= 0) faults.push(`a line of ${tables} runs through ${through}`);
    }
  }
  return faults;
}
