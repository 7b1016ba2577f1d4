/** `select=id,label:title,author(name),reviews!inner(stars)` → the fields of each level. */
import { Cursor, noJsonPath, notServed } from './cursor.ts';
import { type Level, newLevel } from './level.ts';

const comma = 0x2c;
const close = 0x29;
const open = 0x28;
const colon = 0x3a;
const bang = 0x21;
const dot = 0x2e;
const dash = 0x2d;
const star = 0x2a;
const aggregates: ReadonlySet<string> = new Set(['sum', 'avg', 'min', 'max', 'count']);

/** Most fields of one level: Postgres has no wider row. */
const mostFields = 1664;
/** Most embedded relationships of one request: each is a subselect that the database plans. */
const mostEmbeds = 100;

/** What is being read, and how many relationships may still come. */
class Select extends Cursor {
  embedsLeft = mostEmbeds;
}

/**
 * Reads a select parameter. Pure, one pass.
 *
 * @param depth most levels of embedded relationships
 * @throws {Problem} PGRST100 (400) with the place, or too many fields or relationships; NS501 for casts, JSON paths, aggregates and spread
 */
export function parseSelect(text: string, depth: number): Level {
  const level = newLevel();
  // An empty select is all columns, as in PostgREST.
  if (text === '*' || text === '') {
    level.fields.push({ kind: 'all' });
    return level;
  }
  const cursor = new Select('select parameter', text);
  readFields(cursor, level, depth);
  if (!cursor.atEnd()) cursor.fail('"," or the end', 'Part fields with commas.');
  return level;
}

function readFields(cursor: Select, level: Level, depth: number): void {
  let fields = 0;
  do {
    fields += 1;
    if (fields > mostFields)
      cursor.fail(`at most ${mostFields} fields of one table`, 'Select fewer columns, or all of them by *.');
    readField(cursor, level, depth);
  } while (cursor.eat(','));
}

function readField(cursor: Select, level: Level, depth: number): void {
  cursor.skipBlanks();
  if (cursor.peek() === star) {
    cursor.at += 1;
    // All columns once more add nothing.
    if (!level.fields.some(({ kind }) => kind === 'all')) level.fields.push({ kind: 'all' });
  } else {
    readNamed(cursor, level, depth);
  }
  cursor.skipBlanks();
  requireEnd(cursor);
}

function readNamed(cursor: Select, level: Level, depth: number): void {
  if (cursor.startsWith('...'))
    throw notServed('Spread (...relationship) is', 'Embed it instead: relationship(column).');
  const first = cursor.name('a column, a relationship or *');
  const aliased = cursor.peek() === colon && !cursor.startsWith('::');
  if (aliased) cursor.at += 1;
  const name = aliased ? cursor.name('a column or a relationship') : first;
  if (!cursor.quoted && name === 'count' && cursor.startsWith('()'))
    throw notServed(
      'Aggregates such as count() are',
      'Count rows with Prefer: count=exact, or aggregate by GraphQL.',
    );
  cursor.skipBlanks();
  const next = cursor.peek();
  if (next === open || next === bang) {
    readEmbed(cursor, level, depth, { name, as: first });
  } else {
    refuseUnserved(cursor, next);
    level.fields.push({ kind: 'column', column: name, as: first });
  }
}

function requireEnd(cursor: Cursor): void {
  const next = cursor.peek();
  if (next !== comma && next !== close && !cursor.atEnd())
    cursor.fail('",", "(", ":" or the end of the field', 'Names with other characters go in double quotes.');
}

function refuseUnserved(cursor: Cursor, next: number): void {
  if (next === colon && cursor.startsWith('::'))
    throw notServed('Casts (::type) are', 'Select the column as it is, or cast it in a view.');
  if (next === dash && cursor.startsWith('->')) throw noJsonPath();
  if (next !== dot) return;
  const from = cursor.at;
  cursor.at += 1;
  if (aggregates.has(cursor.name('an aggregate')) && cursor.startsWith('()'))
    throw notServed('Aggregates such as sum() are', 'Aggregate by GraphQL, at /graphql/v1.');
  cursor.at = from;
}

function readEmbed(
  cursor: Select,
  level: Level,
  depth: number,
  field: { readonly name: string; readonly as: string },
): void {
  const start = cursor.at;
  let hint: string | undefined;
  let join: 'left' | 'inner' | undefined;
  while (cursor.eat('!')) {
    const word = cursor.name('a hint, "inner" or "left"');
    if (!cursor.quoted && (word === 'inner' || word === 'left')) join ??= word;
    else hint ??= word;
  }
  cursor.expect('(', 'A relationship lists its columns in parentheses: author(name).');
  if (depth === 0) {
    cursor.at = start;
    cursor.fail(
      'fewer levels of relationships',
      'Select fewer levels, or fetch the deeper rows on their own.',
    );
  }
  cursor.embedsLeft -= 1;
  if (cursor.embedsLeft < 0) {
    cursor.at = start;
    cursor.fail(
      `at most ${mostEmbeds} relationships in one request`,
      'Select fewer relationships, or fetch the others on their own.',
    );
  }
  const embed = {
    kind: 'draft' as const,
    as: field.as,
    relationship: field.name,
    hint,
    join: join ?? 'left',
    level: newLevel(),
  };
  if (level.embeds.has(embed.as)) {
    cursor.at = start;
    cursor.fail(
      `a relationship other than "${embed.as}", which is selected already`,
      `Give one of the two another name: other:${embed.relationship}(…).`,
    );
  }
  cursor.skipBlanks();
  if (cursor.peek() !== close) readFields(cursor, embed.level, depth - 1);
  cursor.expect(')', 'Close the parenthesis of the relationship.');
  level.embeds.set(embed.as, embed);
  level.fields.push(embed);
}
