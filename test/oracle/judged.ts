/** One drawn case: who asks what, what the oracle says to it, and whether what came is that. */
import { type Answer, answerTo, type Caller, type Refusal } from './answer.ts';
import { type Change, drawChange } from './change.ts';
import { type Claims, drawClaims } from './claims.ts';
import { matches, shown } from './matching.ts';
import {
  changeToGraphql,
  changeToRest,
  flat,
  flatGroups,
  questionToGraphql,
  questionToRest,
  type Wire,
} from './notation.ts';
import { outcomeOf, type Written } from './outcome.ts';
import { anonymousRole } from './policy.ts';
import { type Asker, drawQuestion, type Question, type Surface } from './question.ts';
import { reachOf } from './reach.ts';
import type { Json, Row, State, Table } from './schema.ts';
import type { Got, Served } from './served.ts';
import type { Draw } from './tape.ts';
import type { DrawnWorld } from './world.ts';

export interface Case {
  readonly surface: Surface;
  readonly role: string;
  readonly claims: Claims;
  readonly asked: Question | Change;
  readonly wire: Wire;
  readonly expected: Answer | Written | Refusal;
}

export type Verdict = 'read' | 'written' | 'refused' | 'unsupported';

export function drawCase(draw: Draw, { schema, state, policies }: DrawnWorld): Case {
  const kind = draw.int(100);
  const surface = draw.pick(['rest', 'graphql'] as const);
  const role = draw.pick(policies.roles).name;
  // Whoever sends no token has no claims.
  const claims = role === anonymousRole ? {} : drawClaims(draw);
  const reach = reachOf(role, policies, schema);
  const asker: Asker = { schema, reach, surface };
  const caller: Caller = { reach, claims, state, rows: policies.rows, surface };
  const tableOf = (name: string): Table => schema.get(name)!;
  const common = { surface, role, claims };
  if (kind < 60) {
    const asked = drawQuestion(draw, asker);
    const wire = surface === 'rest' ? questionToRest(asked) : questionToGraphql(asked);
    return { ...common, asked, wire, expected: answerTo(asked, caller, tableOf) };
  }
  const asked = drawChange(draw, asker, state);
  const wire = surface === 'rest' ? changeToRest(asked) : changeToGraphql(asked);
  return { ...common, asked, wire, expected: outcomeOf(asked, caller, tableOf) };
}

/** Sends it, and puts the rows back. @throws where it is not what the oracle says */
export async function judge(one: Case, world: DrawnWorld, served: Served): Promise<Verdict> {
  const got = await served.send(one.role, one.claims, one.wire);
  if (codeOf(one, got) === '0A000' && isUnsupported(one, served)) return unsupported(world, served);
  const isChange = one.expected.kind === 'written' || 'returning' in one.asked;
  const after = isChange ? await served.state() : world.state;
  const refused = codeOf(one, got);
  const right = refused === undefined ? answeredRight(one, got, served) : refusedRight(one, refused);
  const wanted = refused === undefined && one.expected.kind === 'written' ? one.expected.state : world.state;
  const kept = !isChange || sameState(after, wanted, world);
  if (isChange && !sameState(after, world.state, world)) await served.restore();
  if (!right || !kept) throw new Error(report(one, got, world, right ? after : undefined));
  if (refused !== undefined) return 'refused';
  return isChange ? 'written' : 'read';
}

/**
 * MariaDB cannot plan some subqueries within each other (its 1235). MySQL gives back no new row, and finds none again whose key
 * was not given, though the database would have refused it. Both say so: told apart, and counted.
 */
function isUnsupported({ asked }: Case, { engine }: Served): boolean {
  if (engine !== 'mysql') return engine === 'mariadb';
  if (asked.kind !== 'insert') return false;
  return asked.rows.some((row) => asked.table.key.some((name) => !(name in row)));
}

/** @throws where something was written all the same */
async function unsupported(world: DrawnWorld, served: Served): Promise<Verdict> {
  if (!sameState(await served.state(), world.state, world)) throw new Error('0A000, and rows are written.');
  return 'unsupported';
}

/** The code of a refusal; undefined when it was answered. */
function codeOf({ surface }: Case, { status, body }: Got): string | undefined {
  if (surface === 'rest') return status < 400 ? undefined : String((body as Row).code);
  const { errors } = body as { errors?: readonly { extensions: { novastack: { code: string } } }[] };
  return errors?.[0]?.extensions.novastack.code;
}

function refusedRight({ expected, surface }: Case, code: string): boolean {
  const codes = expected.kind === 'refused' ? expected.codes : expected.orElse;
  if (codes.has(code)) return true;
  // What does not exist for a role is not in its schema, whatever REST says to it.
  const unknown = ['PGRST205', '42703', 'PGRST200', 'PGRST204', '42501', 'PGRST123'];
  return surface === 'graphql' && code === 'NS602' && unknown.some((one) => codes.has(one));
}

function answeredRight(
  { expected, surface, asked }: Case,
  { body, total, status }: Got,
  { engine }: Served,
): boolean {
  if (surface === 'graphql') {
    const { answer: raw } = (body as { data: { answer: Json } }).data;
    const answer = asked.kind === 'groups' ? flatGroups(raw as readonly Row[]) : flat(raw);
    if (expected.kind === 'refused') return expected.codes.has('NS404') && answer === null;
    if (expected.kind === 'answered') return matches(expected.body, answer);
    const { affected_rows: affected, returning } = answer as { affected_rows: number; returning?: Json };
    return affected === expected.affected && returnedRight(expected, returning, engine);
  }
  if (expected.kind === 'refused') return false;
  if (expected.kind === 'answered') {
    const actual = asked.kind === 'one' ? ((body as readonly Json[])[0] ?? body) : body;
    return matches(expected.body, actual) && (expected.total === undefined || expected.total === total);
  }
  return returnedRight(expected, body, engine) && status < 300;
}

function returnedRight(
  { returned, returnedBefore }: Written,
  actual: Json | undefined,
  engine: Served['engine'],
): boolean {
  if (returned === undefined) return actual === undefined;
  const asBefore = engine === 'postgres' && returnedBefore !== undefined && matches(returnedBefore, actual);
  return asBefore || matches(returned, actual);
}

function sameState(a: State, b: State, { schema }: DrawnWorld): boolean {
  return [...schema.values()].every(({ name, columns, key }) => {
    const lines = (state: State) =>
      state
        .get(name)!
        .map((row) =>
          JSON.stringify([key.map((one) => row[one]), columns.map((one) => sorted(row[one.name]!))]),
        )
        .sort();
    return JSON.stringify(lines(a)) === JSON.stringify(lines(b));
  });
}

/** JSON whose keys stand in one order. */
function sorted(value: Json): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one as Json)]),
  );
}

function report(one: Case, got: Got, world: DrawnWorld, after: State | undefined): string {
  const { expected, wire, role, claims } = one;
  const wanted =
    expected.kind === 'refused'
      ? { refused: [...expected.codes] }
      : expected.kind === 'answered'
        ? { body: shown(expected.body), total: expected.total }
        : { affected: expected.affected, returned: expected.returned && shown(expected.returned) };
  const states =
    after === undefined
      ? []
      : [
          `after: ${text(after)}`,
          `expected: ${text(expected.kind === 'written' ? expected.state : world.state)}`,
        ];
  return [
    after === undefined
      ? 'The answer is not what the oracle says.'
      : 'The rows afterwards are not what the oracle says.',
    `as ${role} ${JSON.stringify(claims)}`,
    JSON.stringify(wire),
    `got ${got.status} ${JSON.stringify(got.body)} ${got.total ?? ''}`,
    `wanted ${JSON.stringify(wanted)}`,
    ...states,
    `rows: ${text(world.state)}`,
    world.yaml,
  ].join('\n');
}

function text(state: State): string {
  return [...state]
    .map(([name, rows]) => `\n  ${name}: ${rows.map((row) => JSON.stringify(row)).join('\n    ')}`)
    .join('');
}
