/**
 * The rows of the section "MySQL and MariaDB" of docs/differences.md. A rule tells from the request and the answer on
 * Postgres what is answered instead; a difference that no rule foretells is a bug.
 */
import type { TestEngine } from '../../database.ts';
import { type Answer, codeOf, isError } from '../answer.ts';
import type { Case } from '../case.ts';

type Other = Exclude<TestEngine, 'postgres'>;

interface Rule {
  /** The situation of a row of docs/differences.md. */
  readonly row: string;
  /** Default: both. */
  readonly engine?: Other;
  readonly applies: (asked: Case, theirs: Answer, engine: Other) => boolean;
  /** What is answered instead. Absent: as on Postgres, but for what is free. */
  readonly instead?: (theirs: Answer, engine: Other) => Answer;
  /** What may be otherwise: parts of the answer, and `stored`. */
  readonly free?: readonly string[];
  /** Answers that become equal by this are equal. */
  readonly alike?: (answer: Answer) => Answer;
}

export interface Difference {
  readonly expected: Answer;
  readonly isFree: ReadonlySet<string>;
  readonly alike: (answer: Answer) => Answer;
  readonly rows: readonly string[];
}

export function differenceOf(engine: TestEngine, asked: Case, theirs: Answer): Difference {
  const other = engine as Other;
  const isFree = new Set<string>();
  const ways: ((answer: Answer) => Answer)[] = [];
  const rows: string[] = [];
  let expected = theirs;
  for (const rule of rules) {
    if (rule.engine !== undefined && rule.engine !== engine) continue;
    if (!rule.applies(asked, expected, other)) continue;
    expected = rule.instead?.(expected, other) ?? expected;
    for (const part of rule.free ?? []) isFree.add(part);
    if (rule.alike !== undefined) ways.push(rule.alike);
    rows.push(rule.row);
  }
  return { expected, isFree, alike: (answer) => ways.reduce((told, way) => way(told), answer), rows };
}

const words = ['message', 'details', 'hint'] as const;
const everything = ['status', 'body', 'code', ...words, 'content-range', 'content-type', 'content-profile', 'location', 'preference-applied', 'stored'] as const; // biome-ignore format: a list

/** Refused instead: status and code are told, words are free, and nothing is written. */
function refused(code: string): Pick<Rule, 'instead' | 'free'> {
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  return { instead: () => ({ status: 400, headers, text: '', body: { code } }), free: [...words, 'stored'] };
}

/** Refused there as well, with another code. */
function coded(code: string): Pick<Rule, 'instead' | 'free'> {
  return { instead: (theirs) => ({ ...theirs, status: 400, body: { code } }), free: words };
}

const succeeds = ({ status }: Answer) => status < 300;
const textOf = ({ request, json, body }: Case) => `${request} ${JSON.stringify(json) ?? ''} ${body ?? ''}`;
const says = (pattern: RegExp, asked: Case) => pattern.test(textOf(asked));
const fails = (theirs: Answer, ...codes: string[]) => codes.includes(codeOf(theirs) ?? '');

/** The answer with every text and number within it changed. */
function each(answer: Answer, change: (value: string, key: string) => string): Answer {
  const within = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return change(value, key);
    if (Array.isArray(value)) return value.map((one) => within(one, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, within(part, name)]));
  };
  return { ...answer, body: within(answer.body, '') };
}

const common = [['style[]', 'set'], ['tag[]', 'set'], ['style', 'enum'], ['tag', 'enum'], ['citext', 'text']] as const; // biome-ignore format: pairs
const typeNames: Readonly<Record<Other, readonly (readonly [string, string])[]>> = {
  mariadb: common,
  mysql: [...common, ['uuid', 'bpchar']],
};
const typeOf = (name: string) => new RegExp(`(?<=type )${name.replace('[]', '\\[\\]')}(?![\\w[])`);

/** Digits beyond the twelfth are those of the way in which a number was worked out. */
const rounded = (text: string) =>
  /^-?\d+(\.\d+)?$/.test(text) ? String(Number(Number(text).toPrecision(12))) : text;

/** The columns of JSON as the text that MariaDB keeps; it says of a procedure's rows no more than that. */
function jsonAsText(row: unknown): unknown {
  const plain = (value: unknown) => JSON.stringify(value, (_key, part) => (part?.number === undefined ? part : Number(part.number)));
  const entries = Object.entries(row as object).map(([name, value]) => [name, ['meta', 'note'].includes(name) && value !== null ? plain(value) : value]);
  return Object.fromEntries(entries);
} // biome-ignore format: one line each

const rules: readonly Rule[] = [
  {
    row: 'the words of a refusal',
    applies: (_asked, theirs) => fails(theirs, '22P02', '22003', '22007', '22008', '22021', '42846', '21000'),
    free: words,
  },
  {
    row: 'names of types in messages',
    applies: (_asked, theirs, engine) => isError(theirs) && typeNames[engine].some(([name]) => typeOf(name).test(String(theirs.body.message))),
    instead: (theirs, engine) => each(theirs, (text, key) => key === 'message' ? typeNames[engine].reduce((told, [name, other]) => told.replace(typeOf(name), other), text) : text),
  },
  {
    row: '`NaN` and `Infinity`',
    applies: (asked, theirs) => succeeds(theirs) && says(/NaN|Infinity/, asked),
    ...refused('22003'),
  },
  {
    row: '`now`, `today`, `infinity` and the like',
    applies: (asked, theirs) => succeeds(theirs) && says(/\b(now|today|epoch|infinity)\b/, asked),
    ...refused('22007'),
  },
  {
    row: 'the exponent of a float',
    applies: (_asked, theirs) => /e\+\d/.test(theirs.text),
    instead: (theirs) => each(theirs, (text) => text.replace(/(\d)e\+(\d)/g, '$1e$2')),
  },
  {
    row: '`char(n)`',
    applies: (asked, theirs) => succeeds(theirs) && says(/a_char|kinds\?id=/, asked) && !says(/like|match/, asked),
    instead: (theirs) => each(theirs, (text) => text.trimEnd()),
  },
  {
    row: '`char(n)`',
    applies: (asked, theirs) => succeeds(theirs) && says(/a_char=.*(like\.ab|match\.\^\.)/, asked),
    free: ['body', 'content-range'],
  },
  {
    row: 'times of more than a day',
    applies: (asked, theirs) => fails(theirs, '22008') && says(/25:00|24:00:01/, asked),
    instead: (theirs) => ({ ...theirs, status: 200 }),
    free: everything,
  },
  {
    row: 'an average',
    applies: (asked, theirs) => succeeds(theirs) && says(/avg\(\)/, asked),
    alike: (answer) => each(answer, rounded),
  },
  {
    row: 'a cast to `numeric`',
    applies: (asked, theirs) => succeeds(theirs) && says(/::numeric|a_numeric->>/, asked),
    alike: (answer) => each(answer, rounded),
  },
  {
    row: 'a cast of a text that is no such value',
    applies: (asked, theirs) => fails(theirs, '22P02', '22007', '22023', '42846') && says(/(a_text|a_varchar|a_char|a_citext|a_jsonb|title)::/, asked),
    ...coded('22003'),
  },
  {
    row: 'a cast of `bit` to a number',
    applies: (asked, theirs) => succeeds(theirs) && says(/a_bit::int/, asked),
    ...refused('42846'),
  },
  {
    row: 'bytes that are not hexadecimal',
    applies: (asked, theirs) => fails(theirs, '22023') && says(/bytea/, asked),
    ...coded('22P02'),
  },
  {
    row: 'full-text search',
    applies: (asked, theirs) => (succeeds(theirs) || fails(theirs, '42704')) && says(/[=.(](fts|plfts|phfts|wfts)[.(]/, asked),
    ...refused('0A000'),
  },
  {
    row: 'sums and averages of times',
    applies: (asked, theirs) => succeeds(theirs) && says(/a_time\.(sum|avg)/, asked),
    ...refused('0A000'),
  },
  {
    row: 'the order of lists of labels (SET)',
    applies: (asked, theirs) => (succeeds(theirs) || fails(theirs, '22P02')) && says(/styles=(not\.)?(gt|gte|lt|lte)[.(]/, asked),
    ...refused('42883'),
  },
  {
    row: 'the order of lists of labels (SET)',
    applies: (asked, theirs) => succeeds(theirs) && says(/(styles|tags)\.(min|max)/, asked),
    ...refused('0A000'),
  },
  {
    row: 'the order of lists of labels (SET)',
    applies: (asked, theirs) => succeeds(theirs) && says(/order=(styles|tags)/, asked),
    free: ['body'],
  },
  {
    row: 'the order of JSON values',
    applies: (asked, theirs) => succeeds(theirs) && says(/order=(a_jsonb|meta|note)\b|a_jsonb=(not\.)?(gt|gte|lt|lte)[.(]/, asked),
    free: ['body', 'content-range'],
  },
  {
    row: 'JSON as text',
    engine: 'mariadb',
    applies: (asked, theirs) => succeeds(theirs) && says(/(a_jsonb|meta|note)::(text|varchar)/, asked),
    alike: (answer) => each(answer, (text) => (text.startsWith('{') ? [...text].toSorted().join('') : text)),
  },
  {
    row: 'the least and the greatest of bits',
    applies: (asked, theirs) => fails(theirs, '42883') && says(/a_bit\.(min|max)/, asked),
    free: everything,
  },
  {
    row: 'columns that know no case',
    applies: (asked, theirs) => succeeds(theirs) && says(/a_citext=(not\.)?(like|match)/, asked),
    free: ['body', 'content-range'],
  },
  {
    row: 'uuids',
    engine: 'mysql',
    applies: (asked) => says(/uuid/, asked),
    free: everything,
  },
  {
    row: 'lengths and digits of arguments',
    applies: (asked, theirs) => succeeds(theirs) && says(/rpc\/same_(a_numeric|a_price|a_varchar|a_char|a_bit)\b/, asked),
    free: everything,
  },
  {
    row: 'rows of functions',
    applies: (asked, theirs) => succeeds(theirs) && says(/rpc\/(names|in_style|works_from|add_theme|no_rows)\?.*(select|order|limit|offset|id)=/, asked) && !says(/\?wanted=\w+$|min_price=\d+$/, asked),
    ...refused('0A000'),
  },
  {
    row: 'rows of functions',
    applies: (asked, theirs) => succeeds(theirs) && says(/rpc\/names\b/, asked),
    instead: (theirs) => Array.isArray(theirs.body) ? { ...theirs, body: theirs.body.map((one) => (typeof one === 'string' ? { name: one } : String(one) === 'pgrst_scalar' ? ['name'] : one)) } : theirs,
  },
  {
    row: 'rows of functions',
    engine: 'mariadb',
    applies: (asked, theirs) => succeeds(theirs) && says(/rpc\/works_from/, asked),
    instead: (theirs) => theirs.status === 200 && Array.isArray(theirs.body) ? { ...theirs, body: theirs.body.map(jsonAsText) } : theirs,
    alike: (answer) => each(answer, (text) => text.replaceAll(' ', '')),
  },
  {
    row: 'a function named as one of the database itself',
    engine: 'mariadb',
    applies: (asked, theirs) => succeeds(theirs) && says(/rpc\/area/, asked),
    ...refused('42883'),
  },
  {
    row: 'a text of bits that is too short',
    applies: (asked, theirs) => fails(theirs, '22026') && says(/a_bit/, asked),
    free: everything,
  },
  {
    row: 'numbers that are counted beside given ones',
    engine: 'mysql',
    applies: (asked, theirs) => succeeds(theirs) && says(/columns=id,name,style/, asked),
    free: ['body', 'stored'],
  },
  {
    row: 'columns that count up',
    applies: (_asked, theirs) => fails(theirs, '428C9'),
    free: everything,
  },
  {
    row: 'rows of tables without a key',
    applies: (asked, theirs) => succeeds(theirs) && says(/^(POST|PATCH|DELETE) \/notes/, asked) && asked.headers?.prefer?.includes('representation') === true,
    ...refused('0A000'),
  },
  {
    row: 'new rows of views',
    engine: 'mysql',
    applies: (asked, theirs) => succeeds(theirs) && says(/^POST \/priced_works/, asked) && asked.headers?.prefer?.includes('representation') === true,
    ...refused('0A000'),
  },
  {
    row: 'new rows of views',
    engine: 'mysql',
    applies: (asked, theirs) => succeeds(theirs) && says(/^POST \/priced_works/, asked),
    instead: ({ headers: { location: _, ...headers }, ...theirs }) => ({ ...theirs, headers }),
  },
  {
    row: 'the name of a primary key',
    applies: (_asked, theirs) => fails(theirs, '23505') && theirs.text.includes('_pkey'),
    instead: (theirs) => each(theirs, (text) => text.replace(/"\w+_pkey"/, '"PRIMARY"')),
  },
  {
    row: 'a key that rows of its own table refer to',
    engine: 'mysql',
    applies: (asked, theirs) => fails(theirs, '23503') && says(/^PATCH \/artists/, asked),
    free: words,
  },
  {
    row: '`Prefer: timezone`',
    applies: (asked, theirs) => succeeds(theirs) && asked.headers?.prefer?.includes('timezone=America') === true,
    ...refused('0A000'),
  },
]; // biome-ignore format: one rule after the other

/** Rows of the page that the museum does not show, and the test that does: of both servers. */
export const shownElsewhere: Readonly<Record<string, string>> = {
  'a deviation or a variance': 'engine/dialect/conformance-aggregates.test.ts',
  'arguments that are left out, and a body that is one argument without a name':
    'engine/dialect/conformance-calls.test.ts',
  'written rows that give different columns': 'engine/dialect/conformance-writes.test.ts',
};

/** Each row with the engines that it is about. */
export const portableRows: ReadonlyMap<string, ReadonlySet<Other>> = new Map(
  [...Map.groupBy(rules, ({ row }) => row)].map(([row, of]) => [
    row,
    new Set(of.flatMap(({ engine }) => (engine === undefined ? (['mariadb', 'mysql'] as const) : [engine]))),
  ]),
);
