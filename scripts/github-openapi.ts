/**
 * `node scripts/github-openapi.ts [version]`: cuts GitHub's description of its API down to what the tests' GitHub answers, and
 * writes test/action/github/openapi.json. The description is 13 MB and no dependency: npm loads it into a folder that goes again.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What is asked of GitHub by the Action and the engine, and what its neighbours are: `operationId` of the description. */
const operations = [
  'actions/get-workflow-run',
  'actions/get-workflow-run-attempt',
  'actions/list-workflow-runs-for-repo',
  'checks/create',
  'checks/update',
  'git/create-blob',
  'git/create-commit',
  'git/create-ref',
  'git/create-tree',
  'git/get-blob',
  'git/get-commit',
  'git/get-ref',
  'git/get-tree',
  'git/list-matching-refs',
  'git/update-ref',
  'issues/add-labels',
  'issues/create-comment',
  'issues/delete-comment',
  'issues/get',
  'issues/get-comment',
  'issues/list-comments',
  'issues/list-events',
  'issues/list-events-for-timeline',
  'issues/list-labels-on-issue',
  'issues/remove-label',
  'issues/update-comment',
  'pulls/create',
  'pulls/get',
  'pulls/list',
  'pulls/list-commits',
  'pulls/list-files',
  'pulls/update',
  'repos/compare-commits',
  'repos/compare-commits-with-basehead',
  'repos/create-commit-status',
  'repos/create-deployment',
  'repos/create-deployment-status',
  'repos/get',
  'repos/get-collaborator-permission-level',
  'repos/get-combined-status-for-ref',
  'repos/get-commit',
  'repos/get-content',
  'repos/get-deployment',
  'repos/list-commit-statuses-for-ref',
  'repos/list-deployment-statuses',
  'repos/list-deployments',
  'repos/list-pull-requests-associated-with-commit',
  'users/get-authenticated',
  'users/get-by-username',
];

/** Prose and samples, which no request and no answer is checked by. */
const prose = new Set([
  'description',
  'summary',
  'example',
  'examples',
  'externalDocs',
  'tags',
  'deprecated',
  'title',
]);

// biome-ignore lint/suspicious/noExplicitAny: a document of another's making, walked as it is
type Json = any;

const target = join(import.meta.dirname, '..', 'test/action/github/openapi.json');
const description = await load(process.argv[2] ?? 'latest');
await writeFile(target, written(description));

async function load(version: string): Promise<Json> {
  const folder = await mkdtemp(join(tmpdir(), 'github-openapi-'));
  try {
    const install = [
      'install',
      '--no-save',
      '--ignore-scripts',
      '--prefix',
      folder,
      `@octokit/openapi@${version}`,
    ];
    execFileSync('npm', install, { stdio: 'inherit' });
    const file = join(folder, 'node_modules/@octokit/openapi/generated/api.github.com.json');
    return JSON.parse(await readFile(file, 'utf8'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One line for each operation and each schema, so that the next version's differences can be read. */
function written(whole: Json): string {
  const paths: Record<string, Json> = {};
  for (const [path, methods] of Object.entries<Json>(whole.paths))
    for (const [method, operation] of Object.entries<Json>(methods))
      if (operations.includes(operation.operationId))
        paths[`${method} ${path}`] = operationOf(whole, operation);
  const missing = operations.filter(
    (id) => !Object.values(paths).some(({ operationId }) => operationId === id),
  );
  if (missing.length > 0) throw new Error(`The description has no longer: ${missing.join(', ')}.`);
  return [
    '{',
    `"x-generated": "By scripts/github-openapi.ts from @octokit/openapi ${whole.info.version}. Do not edit.",`,
    `"x-license": "GitHub's description of its REST API, MIT License, Copyright (c) 2020 Octokit contributors, Copyright GitHub, Inc.",`,
    '"operations": {',
    lines(paths),
    '},',
    '"components": { "schemas": {',
    lines(schemasOf(whole, paths)),
    '}}',
    '}',
    '',
  ].join('\n');
}

function lines(entries: Readonly<Record<string, Json>>): string {
  const sorted = Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(',\n');
}

function operationOf(
  whole: Json,
  { operationId, externalDocs, parameters, requestBody, responses }: Json,
): Json {
  const answers = Object.entries<Json>(responses).map(([status, response]) => {
    const content = Object.entries<Json>(follow(whole, response).content ?? {});
    return [status, Object.fromEntries(content.map(([type, { schema }]) => [type, plain(schema)]))];
  });
  return {
    operationId,
    docs: externalDocs.url,
    parameters: (parameters ?? []).map((parameter: Json) => {
      const { name, in: place, required, schema } = follow(whole, parameter);
      return { name, in: place, required: required === true, schema: plain(schema) };
    }),
    body: plain(requestBody?.content['application/json']?.schema),
    answers: Object.fromEntries(answers),
  };
}

/** The schemas that the operations name, and those that these name. */
function schemasOf(whole: Json, paths: Json): Record<string, Json> {
  const found: Record<string, Json> = {};
  const visit = (value: Json): void => {
    for (const [, name] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (name! in found) continue;
      found[name!] = plain(whole.components.schemas[name!]);
      visit(found[name!]);
    }
  };
  visit(paths);
  return found;
}

function follow(whole: Json, value: Json): Json {
  if (value.$ref === undefined) return value;
  return value.$ref
    .slice(2)
    .split('/')
    .reduce((at: Json, name: string) => at[name], whole);
}

/** Without prose, and with `nullable` as JSON Schema says it. */
function plain(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(plain);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { nullable, properties, ...rest } = schema;
  const kept = Object.entries(rest).filter(([key]) => !prose.has(key) && !key.startsWith('x-'));
  const bare: Json = Object.fromEntries(kept.map(([key, value]) => [key, plain(value)]));
  // Names of properties are no keywords: there is one called "description".
  if (properties !== undefined)
    bare.properties = Object.fromEntries(
      Object.entries(properties).map(([name, value]) => [name, plain(value)]),
    );
  if (nullable !== true) return bare;
  if (bare.type === undefined) return { anyOf: [bare, { type: 'null' }] };
  return {
    ...bare,
    type: [bare.type, 'null'],
    ...(bare.enum === undefined || bare.enum.includes(null) ? {} : { enum: [...bare.enum, null] }),
  };
}
