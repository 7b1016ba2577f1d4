/** `select=id,label:title,author(name),reviews!inner(stars)` → the fields of each level. */
import type { JsonPath } from '../../api/condition.ts';
import type { FieldRequest } from '../../query/request.ts';
import { readCount, readFunction } from './aggregate.ts';
import { Cursor } from './cursor.ts';
import { type Level, newLevel } from './level.ts';

const comma = 0x2c;
const close = 0x29;
const open = 0x28;
const colon = 0x3a;
const bang = 0x21;
const star = 0x2a;

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
 * @throws {Problem} PGRST100 (400) with the place, or too many fields or relationships
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
  if (cursor.eat('...')) {
    // A name for what is spread is taken, and says nothing.
    const name = cursor.name('a relationship');
    const aliased = cursor.peek() === colon && !cursor.startsWith('::');
    if (aliased) cursor.at += 1;
    const relationship = aliased ? cursor.name('a relationship') : name;
    cursor.skipBlanks();
    readEmbed(cursor, level, depth, { name: relationship, as: name, spread: true });
    return;
  }
  const first = cursor.name('a column, a relationship or *');
  const aliased = cursor.peek() === colon && !cursor.startsWith('::');
  if (aliased) cursor.at += 1;
  const name = aliased ? cursor.name('a column or a relationship') : first;
  if (readCount(cursor, name)) {
    pushField(level, cursor, { kind: 'aggregate', as: first, term: { function: 'count' } });
    return;
  }
  cursor.skipBlanks();
  const next = cursor.peek();
  if (next === open || next === bang) readEmbed(cursor, level, depth, { name, as: first });
  else readColumn(cursor, level, { name, alias: aliased ? first : undefined });
}

function readColumn(
  cursor: Select,
  level: Level,
  { name, alias }: { readonly name: string; readonly alias: string | undefined },
): void {
  const path = cursor.jsonPath();
  const cast = cursor.cast();
  const term = {
    column: name,
    ...(path === undefined ? null : { path }),
    ...(cast === undefined ? null : { cast }),
  };
  const aggregate = readFunction(cursor);
  if (aggregate === undefined) {
    level.fields.push({ kind: 'column', ...term, as: alias ?? labelOf(name, path) });
    return;
  }
  pushField(level, cursor, {
    kind: 'aggregate',
    as: alias ?? aggregate,
    term: { function: aggregate, ...term },
  });
}

/** What is behind an aggregate is a cast of its result. */
function pushField(level: Level, cursor: Select, field: Extract<FieldRequest, { kind: 'aggregate' }>): void {
  const cast = cursor.cast();
  level.fields.push(cast === undefined ? field : { ...field, cast });
}

/** The last key of a path names its value, else the column does. */
function labelOf(column: string, path: JsonPath | undefined): string {
  const key = path?.steps.findLast((step) => typeof step === 'string');
  return key === undefined ? column : String(key);
}

function requireEnd(cursor: Cursor): void {
  const next = cursor.peek();
  if (next !== comma && next !== close && !cursor.atEnd())
    cursor.fail('",", "(", ":" or the end of the field', 'Names with other characters go in double quotes.');
}

function readEmbed(
  cursor: Select,
  level: Level,
  depth: number,
  field: { readonly name: string; readonly as: string; readonly spread?: boolean },
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
    spread: field.spread === true,
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
