/** Writes of a test, and what became of them. */
import { createProject, type TestProject, type TestProjectOptions, token } from '../../../test/project.ts';
import { Problem } from '../../problem/problem.ts';
import type { FieldRequest, FilterRequest, WriteRequest } from '../../query/request.ts';

export const engines = ['mariadb', 'mysql'] as const;
export type Engine = (typeof engines)[number];

type Insert = Extract<WriteRequest, { kind: 'insert' }>;
type Optional = 'json' | 'shape' | 'returning';
type Loose<Request extends WriteRequest> = Omit<Request, Optional> & Partial<Pick<Request, Optional>>;
export type WriteOf = Loose<Insert> | Loose<Exclude<WriteRequest, Insert>>;

/** What a write gives: bodies are parsed. Of a refusal its code, or with `told` its code and message. */
export interface Written {
  readonly affected: number;
  readonly body?: unknown;
  readonly inserted?: number;
  readonly key?: readonly string[];
}

export interface Shop extends TestProject {
  readonly write: (request: WriteOf, role?: string) => Promise<Written>;
  readonly refused: (request: WriteOf, role?: string) => Promise<readonly [code: string, message: string]>;
  readonly rows: (query: string) => Promise<readonly unknown[][]>;
}

/** The caller's token says `sub: me`. */
export async function openShop(
  t: Parameters<typeof createProject>[0],
  options: TestProjectOptions,
): Promise<Shop> {
  const project = await createProject(t, options);
  const write: Shop['write'] = async (request, role = 'staff') => {
    const whole = { json: true, shape: 'list', returning: [], ...request } as WriteRequest;
    const [result] = await project.executor.write([whole], { principal: token(role, { sub: 'me' }) });
    const { affected, bodies, inserted, key } = result!;
    const [body] = bodies;
    return {
      affected,
      ...(body === undefined ? {} : { body: whole.stream === undefined ? JSON.parse(body) : body }),
      ...(inserted === undefined ? {} : { inserted }),
      ...(key === undefined ? {} : { key }),
    };
  };
  const refused: Shop['refused'] = async (request, role) => {
    const error = await write(request, role).then(
      (written) => new Error(`not refused: ${JSON.stringify(written)}`),
      (problem: unknown) => problem,
    );
    if (!(error instanceof Problem)) throw error;
    return [error.code, error.message];
  };
  const rows: Shop['rows'] = async (query) => (await project.sql(query)).map((row) => Object.values(row));
  return { ...project, write, refused, rows };
}

export function columns(
  ...names: readonly string[]
): readonly [{ readonly fields: readonly FieldRequest[] }] {
  return [{ fields: names.map((name) => ({ kind: 'column', column: name, as: name })) }];
}

export function insert(
  table: string,
  rows: readonly Readonly<Record<string, unknown>>[],
  more: Partial<Loose<Insert>> = {},
): Loose<Insert> {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return { kind: 'insert', table, values: [rows], rows: 0, columns: names, ...more };
}

/** Rows that lack a column take its default. */
export function withDefaults(request: Loose<Insert>): Loose<Insert> {
  const rows = request.values[0] as readonly Readonly<Record<string, unknown>>[];
  const sets = [...new Set(rows.map((row) => Object.keys(row).join()))];
  return {
    ...request,
    values: [rows, rows.map((row) => sets.indexOf(Object.keys(row).join()))],
    sets: { columns: sets.map((set) => set.split(',').filter((name) => name !== '')), of: 1 },
  };
}

/** The second slot is the first value of `where`. */
export function update(
  table: string,
  row: Readonly<Record<string, unknown>>,
  where: FilterRequest | undefined,
  more: Partial<Loose<Extract<WriteRequest, { kind: 'update' }>>> = {},
): WriteOf {
  const reach = where === undefined ? { unfiltered: true } : { where };
  return { kind: 'update', table, values: [row], row: 0, columns: Object.keys(row), ...reach, ...more };
}
