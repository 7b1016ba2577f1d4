/** The frames of Postgres's wire protocol (version 3.0) that the embedded database's front reads, makes and rewrites. */

/** One whole message of a client: its type byte and all its bytes, type and length included. */
export interface Frame {
  readonly type: string;
  readonly bytes: Buffer;
}

/** What a client says before its first typed message. */
export type Opening =
  | { readonly kind: 'ssl' }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'startup'; readonly bytes: Buffer; readonly settings: readonly Setting[] };

export type Setting = readonly [name: string, value: string];

/** Above what any statement of ours needs, below what would exhaust the process: 256 MiB. */
const maxFrame = 256 * 1024 * 1024;
const maxOpening = 10_000;
const protocol3 = 196608;
const sslRequest = 80877103;
const gssRequest = 80877104;
const cancelRequest = 80877102;

/** Parse, Bind, Describe, Execute, Sync, Query, Close, Flush, Terminate, password. Others send PGlite into a loop. */
const known = new Set('PBDESQCHXp');

/** Thrown for bytes that are no message: the connection ends. */
export class WireError extends Error {}

/** Takes the whole messages off the front of `buffer`. */
export function takeFrames(buffer: Buffer): { readonly frames: readonly Frame[]; readonly rest: Buffer } {
  const frames: Frame[] = [];
  let at = 0;
  while (buffer.length - at >= 5) {
    const type = String.fromCharCode(buffer[at]!);
    const length = buffer.readInt32BE(at + 1);
    if (!known.has(type))
      throw new WireError(`The embedded database does not take messages of type "${type}".`);
    if (length < 4 || length > maxFrame) throw new WireError('The message has an impossible length.');
    if (buffer.length - at < length + 1) break;
    frames.push({ type, bytes: buffer.subarray(at, at + length + 1) });
    at += length + 1;
  }
  return { frames, rest: buffer.subarray(at) };
}

/** The opening message at the front of `buffer`, or undefined while it is incomplete. */
export function takeOpening(
  buffer: Buffer,
): { readonly opening: Opening; readonly rest: Buffer } | undefined {
  if (buffer.length < 8) return undefined;
  const length = buffer.readInt32BE(0);
  if (length < 8 || length > maxOpening) throw new WireError('This is not the Postgres protocol.');
  if (buffer.length < length) return undefined;
  return { opening: readOpening(buffer.subarray(0, length)), rest: buffer.subarray(length) };
}

function readOpening(bytes: Buffer): Opening {
  const code = bytes.readInt32BE(4);
  if (code === sslRequest || code === gssRequest) return { kind: 'ssl' };
  if (code === cancelRequest) return { kind: 'cancel' };
  if (code !== protocol3) throw new WireError('Only version 3.0 of the Postgres protocol is served.');
  return { kind: 'startup', bytes, settings: readSettings(bytes) };
}

/** Not settings of the session, or settled by PGlite itself. */
const notSettings = new Set(['user', 'database', 'replication', 'client_encoding']);

function readSettings(bytes: Buffer): readonly Setting[] {
  const words = bytes.toString('utf8', 8).split('\0');
  const settings: Setting[] = [];
  for (let at = 0; at + 1 < words.length && words[at] !== ''; at += 2) {
    const name = words[at]!;
    const value = words[at + 1]!;
    if (name === 'options') settings.push(...readOptions(value));
    else if (!notSettings.has(name)) settings.push([name, value]);
  }
  return settings;
}

/** `-c name=value` and `--name=value`; a backslash keeps the next character (a space, another backslash). */
function readOptions(options: string): readonly Setting[] {
  const words = (options.match(/(?:\\.|[^\s\\])+/gs) ?? []).map((word) => word.replace(/\\(.)/gs, '$1'));
  const settings: Setting[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const pair = word === '-c' ? words[++at] : word.replace(/^(?:-c|--)/, '');
    const cut = pair?.indexOf('=') ?? -1;
    if (pair === undefined || cut < 1) throw new WireError(`The startup option "${word}" is not understood.`);
    settings.push([pair.slice(0, cut).replaceAll('-', '_'), pair.slice(cut + 1)]);
  }
  return settings;
}

/** The name of the prepared statement that a Parse, Bind, Describe or Close is about; undefined when it is about none. */
export function statementOf(frame: Frame): string | undefined {
  switch (frame.type) {
    case 'P':
      return cString(frame.bytes, 5);
    case 'B':
      return cString(frame.bytes, afterString(frame.bytes, 5));
    case 'D':
    case 'C':
      return frame.bytes[5] === 0x53 ? cString(frame.bytes, 6) : undefined;
    default:
      return undefined;
  }
}

/** The same message about another prepared statement. */
export function withStatement(frame: Frame, name: string): Buffer {
  const start = frame.type === 'P' ? 5 : frame.type === 'B' ? afterString(frame.bytes, 5) : 6;
  return message(
    frame.type,
    frame.bytes.subarray(5, start),
    text(name),
    frame.bytes.subarray(afterString(frame.bytes, start)),
  );
}

function cString(bytes: Buffer, start: number): string {
  return bytes.toString('utf8', start, afterString(bytes, start) - 1);
}

function afterString(bytes: Buffer, start: number): number {
  const end = bytes.indexOf(0, start);
  if (end < 0) throw new WireError('A name in the message does not end.');
  return end + 1;
}

function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeInt32BE(4 + parts.reduce((sum, part) => sum + part.length, 0), 1);
  return Buffer.concat([head, ...parts]);
}

function text(value: string): Buffer {
  return Buffer.from(value + '\0');
}

export const sync = message('S');
export const passwordWanted = message('R', Buffer.from([0, 0, 0, 3]));

export function query(sql: string): Buffer {
  return message('Q', text(sql));
}

export function closeStatement(name: string): Buffer {
  return message('C', Buffer.from('S'), text(name));
}

/** `select set_config(name, value, false)` for each setting, as parameters. */
export function applySettings(settings: readonly Setting[]): Buffer {
  const parse = message('P', text(''), text('select set_config($1, $2, false)'), Buffer.from([0, 0]));
  const runs = settings.map(([name, value]) => {
    const values = [Buffer.from(name), Buffer.from(value)].flatMap((bytes) => [int32(bytes.length), bytes]);
    const bind = message('B', text(''), text(''), Buffer.from([0, 0, 0, 2]), ...values, Buffer.from([0, 0]));
    return Buffer.concat([bind, message('E', text(''), int32(0))]);
  });
  return Buffer.concat([parse, ...runs, sync]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** An ErrorResponse that ends the connection. */
export function fatal(sqlstate: string, reason: string): Buffer {
  const fields = ['SFATAL', 'VFATAL', `C${sqlstate}`, `M${reason}`].map(text);
  return message('E', ...fields, Buffer.from([0]));
}

/** What the server answers to a statement that has run without rows and outside a transaction. */
export function completed(tag: string): Buffer {
  return Buffer.concat([message('C', text(tag)), message('Z', Buffer.from('I'))]);
}

/** Whether an answer ends with ReadyForQuery, as the answer to every Sync, Query and startup does. */
export function isComplete(bytes: Buffer): boolean {
  const at = bytes.length - 6;
  return at >= 0 && bytes[at] === 0x5a && bytes.readInt32BE(at + 1) === 5;
}

/** The messages of a server's answer, each with its type and its body. */
export function* answers(bytes: Buffer): Generator<{ readonly type: string; readonly body: Buffer }> {
  for (let at = 0; at + 5 <= bytes.length; ) {
    const end = at + 1 + bytes.readInt32BE(at + 1);
    yield { type: String.fromCharCode(bytes[at]!), body: bytes.subarray(at + 5, end) };
    at = end;
  }
}

/** The text of the ErrorResponse in an answer, if there is one. */
export function errorIn(bytes: Buffer): string | undefined {
  for (const { type, body } of answers(bytes)) {
    if (type !== 'E') continue;
    const field = body.toString('utf8').split('\0').find((part) => part.startsWith('M')); // biome-ignore format: short
    return field?.slice(1) ?? 'an unknown error';
  }
  return undefined;
}

/** The first column of the first row of an answer, as text. */
export function firstValue(bytes: Buffer): string | undefined {
  for (const { type, body } of answers(bytes)) {
    if (type !== 'D' || body.readInt16BE(0) < 1) continue;
    const length = body.readInt32BE(2);
    return length < 0 ? undefined : body.toString('utf8', 6, 6 + length);
  }
  return undefined;
}
