/** The SQL files of one folder: read as text, checked for what no database needs to tell. */
import { createHash } from 'node:crypto';
import { type Dirent, promises as fs } from 'node:fs';
import path from 'node:path';
import type { Diagnostic, Position, Source } from '../../schema/diagnostic.ts';

export interface ScriptFile {
  /** Relative to the project's folder, with `/`. */
  readonly file: string;
  /** The file's own name without `.sql`. */
  readonly base: string;
  readonly sql: string;
  /** Hex sha256 of the text with `\n` line ends, so that a checkout on Windows has the same. */
  readonly checksum: string;
  /** False: the file says `-- novastack:no-transaction` before its first statement. */
  readonly transaction: boolean;
}

export interface ScriptFolder {
  readonly files: readonly ScriptFile[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Every `*.sql` of the folder itself, in no particular order; names that begin with `.` or `_` are left out. */
export async function readScripts(projectDir: string, folder: string): Promise<ScriptFolder> {
  const within = path.posix.normalize(folder.replaceAll('\\', '/'));
  if (within.startsWith('..') || path.isAbsolute(within))
    return {
      files: [],
      diagnostics: [problemWith('SCRIPTS_FOLDER', `The folder "${folder}" lies outside the project.`)],
    };
  const entries = await listFolder(path.join(projectDir, within));
  if (entries === undefined) {
    const message = `The folder "${folder}" does not exist or cannot be read.`;
    return {
      files: [],
      diagnostics: [problemWith('SCRIPTS_FOLDER', message, 'make it, or remove the key that names it')],
    };
  }
  const files: ScriptFile[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const entry of entries) {
    if (!entry.name.endsWith('.sql') || /^[._]/.test(entry.name)) continue;
    const file = within === '.' ? entry.name : path.posix.join(within, entry.name);
    const read = await readScript(projectDir, file, entry);
    if ('code' in read) diagnostics.push(read);
    else {
      files.push(read);
      diagnostics.push(...unknownDirectives(read));
    }
  }
  return { files, diagnostics };
}

async function listFolder(dir: string): Promise<readonly Dirent[] | undefined> {
  try {
    return await fs.readdir(dir, { withFileTypes: true });
  } catch {
    return undefined;
  }
}

/** A link could lead out of the repository; its text would not be what was reviewed. */
async function readScript(projectDir: string, file: string, entry: Dirent): Promise<ScriptFile | Diagnostic> {
  const at = startOf(file);
  if (!entry.isFile())
    return problemWith(
      'SCRIPT_NOT_A_FILE',
      `"${entry.name}" is not a plain file.`,
      'put the SQL itself there',
      at,
    );
  const bytes = await fs.readFile(path.join(projectDir, file)).catch(() => undefined);
  if (bytes === undefined)
    return problemWith('SCRIPT_NOT_A_FILE', `"${entry.name}" cannot be read.`, undefined, at);
  const sql = decode(bytes);
  if (sql === undefined)
    return problemWith('SCRIPT_ENCODING', `"${entry.name}" is not valid UTF-8 text.`, 'save it as UTF-8', at);
  return {
    file,
    base: entry.name.slice(0, -'.sql'.length),
    sql,
    checksum: sha256(sql),
    transaction: !directives(sql).some(({ word }) => word === 'no-transaction'),
  };
}

/** Undefined for what is no text. A byte order mark is taken off. */
function decode(bytes: Buffer): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? undefined : text.replaceAll('\r\n', '\n');
  } catch {
    return undefined;
  }
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

interface Directive {
  readonly word: string;
  readonly position: Position;
}

/** Comments of the form `-- novastack:word` before the first statement. */
function directives(sql: string): readonly Directive[] {
  const found: Directive[] = [];
  for (const [index, line] of sql.split('\n').entries()) {
    if (line.trim() !== '' && !line.trimStart().startsWith('--')) break;
    const match = /^(\s*--\s*)novastack:\s*([^\s]*)/.exec(line);
    if (match) found.push({ word: match[2]!, position: { line: index + 1, column: match[1]!.length + 1 } });
  }
  return found;
}

function unknownDirectives({ file, sql }: ScriptFile): readonly Diagnostic[] {
  return directives(sql)
    .filter(({ word }) => word !== 'no-transaction')
    .map(({ word, position }) =>
      problemWith(
        'SCRIPT_DIRECTIVE',
        `"novastack:${word}" is not known.`,
        'the only one is "-- novastack:no-transaction"',
        placed(file, position),
      ),
    );
}

export function problemWith(code: string, message: string, hint?: string, source?: Source): Diagnostic {
  return { code, severity: 'error', message, hint, source };
}

export function startOf(file: string): Source {
  return placed(file, { line: 1, column: 1 });
}

export function placed(file: string, start: Position): Source {
  return { file, span: { start, end: { line: start.line, column: start.column + 1 } } };
}
