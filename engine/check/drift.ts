/** Drift of a database as findings, each at its place in the files of the lock. */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import type { Diagnostic, Severity, Source } from '../../schema/diagnostic.ts';
import { parseDocument, type YamlDocument } from '../../schema/document.ts';
import type { Literal, Path } from '../../schema/predicate.ts';
import type { Drift } from '../catalog/drift.ts';
import type { DriftClass } from '../catalog/drift-rules.ts';
import { lockFolder } from '../catalog/lock.ts';
import { fileName } from '../catalog/lock-files.ts';

/** Reads files of the lock, and nothing else. */
export async function driftDiagnostics(
  dir: string,
  database: string,
  drifts: readonly Drift[],
): Promise<readonly Diagnostic[]> {
  const within = `${lockFolder}/${fileName(database)}`;
  const read = reader(dir);
  const found: Diagnostic[] = [];
  for (const drift of drifts) {
    const document = (await read(fileOf(drift, within))) ?? (await read(`${within}/database.yaml`));
    found.push({
      ...words[drift.class],
      message: drift.message,
      source: document === undefined ? noPlace(`${within}/database.yaml`) : placeOf(drift, document),
    });
  }
  return found;
}

const words: Readonly<Record<DriftClass, { code: string; severity: Severity; hint: string }>> = {
  breaking: {
    code: 'DRIFT_BREAKING',
    severity: 'error',
    hint: 'undo the change in the database, or run "novastack lock" and review what callers lose',
  },
  degrading: {
    code: 'DRIFT_DEGRADING',
    severity: 'warning',
    hint: 'run "novastack lock" and commit novastack.lock/, or undo the change in the database',
  },
  safe: { code: 'DRIFT_SAFE', severity: 'notice', hint: 'run "novastack lock" and commit novastack.lock/' },
};

function fileOf({ relation, routine }: Drift, within: string): string {
  if (relation !== null) return `${within}/tables/${fileName(relation)}.yaml`;
  return routine === null ? `${within}/database.yaml` : `${within}/functions/${fileName(routine)}.yaml`;
}

function reader(dir: string): (file: string) => Promise<YamlDocument | undefined> {
  const read = new Map<string, YamlDocument | undefined>();
  return async (file) => {
    if (read.has(file)) return read.get(file);
    const text = await fs.readFile(path.join(dir, file), 'utf8').catch(() => undefined);
    const document = text === undefined ? undefined : parseDocument(file, text).document;
    read.set(file, document);
    return document;
  };
}

function placeOf(drift: Drift, document: YamlDocument): Source {
  return document.locate(pathOf(drift, document.value), 'value');
}

/** Of the column or the key where the file has it, else of the relation. */
function pathOf({ column, key, relation, routine }: Drift, file: Literal | undefined): Path {
  if (column !== null) {
    const index = entryNamed(column, 'columns', file);
    if (index !== undefined) return ['columns', index, 'name'];
  }
  if (key !== null) {
    if (nameIn(at('primary_key', file)) === key.name) return ['primary_key', 'name'];
    for (const list of ['uniques', 'foreign_keys', 'indexes']) {
      const index = entryNamed(key.name, list, file);
      if (index !== undefined) return [list, index, 'name'];
    }
  }
  if (relation !== null) return ['relation'];
  return routine === null ? ['version'] : ['function'];
}

function entryNamed(name: string, list: string, file: Literal | undefined): number | undefined {
  const entries = at(list, file);
  const index = Array.isArray(entries) ? entries.findIndex((entry) => nameIn(entry) === name) : -1;
  return index === -1 ? undefined : index;
}

function nameIn(entry: Literal | undefined): Literal | undefined {
  return at('name', entry);
}

function at(key: string, value: Literal | undefined): Literal | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return (value as { readonly [key: string]: Literal })[key];
}

function noPlace(file: string): Source {
  return { file, span: { start: { line: 1, column: 1 }, end: { line: 1, column: 2 } } };
}
