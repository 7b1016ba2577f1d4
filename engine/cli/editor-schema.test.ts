import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { editorSchema, refreshSchemaCopy, schemaFrom, writeSchemaCopy } from './editor-schema.ts';

const clone = path.resolve(import.meta.dirname, '../..');

test('points at the schema of the clone from a folder in it', {
  skip: !existsSync(path.join(clone, '.git')),
}, () => {
  const schema = editorSchema(path.join(clone, 'examples', 'new'));
  assert.deepEqual(schema, { path: '../../novastack.schema.json', copied: false });
  assert.equal(schemaFrom(schema)('tables/books.yaml'), '../../../novastack.schema.json');
});

test('points at the installed package, wherever above the project it is', async (t) => {
  const root = await temporaryFolder(t);
  await mkdir(path.join(root, 'node_modules/novastack'), { recursive: true });
  await writeFile(path.join(root, 'node_modules/novastack/novastack.schema.json'), '{}');
  assert.equal(editorSchema(path.join(root, 'api')).path, '../node_modules/novastack/novastack.schema.json');
  const inRoot = editorSchema(root);
  assert.equal(schemaFrom(inRoot)('novastack.yaml'), './node_modules/novastack/novastack.schema.json');
});

test('elsewhere keeps a copy under .novastack/, and brings it back', async (t) => {
  const dir = await temporaryFolder(t);
  const schema = editorSchema(dir);
  assert.equal(schema.copied, true);
  assert.equal(schemaFrom(schema)('novastack.yaml'), './.novastack/novastack.schema.json');
  assert.equal(schemaFrom(schema)('tables/books.yaml'), '../.novastack/novastack.schema.json');

  const copy = path.join(dir, '.novastack/novastack.schema.json');
  const original = await readFile(path.join(clone, 'novastack.schema.json'), 'utf8');
  await writeSchemaCopy(dir);
  assert.equal(await readFile(copy, 'utf8'), original);

  await writeFile(copy, 'old');
  await refreshSchemaCopy(dir);
  assert.equal(await readFile(copy, 'utf8'), 'old', 'a project that does not refer to it is left alone');
  await writeFile(
    path.join(dir, 'novastack.yaml'),
    '# yaml-language-server: $schema=./.novastack/novastack.schema.json\n',
  );
  await refreshSchemaCopy(dir);
  assert.equal(await readFile(copy, 'utf8'), original);
});
