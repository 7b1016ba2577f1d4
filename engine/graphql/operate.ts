/** One operation, from its text to the text of its answer. What HTTP and sockets call. */
import { performance } from 'node:perf_hooks';
import type { CallContext, Executor } from '../execute/executor.ts';
import type { Problem } from '../problem/problem.ts';
import { answerRoots } from './answer.ts';
import type { Call } from './call.ts';
import { refuseCostly } from './expense.ts';
import type { OperationPlan } from './operation.ts';
import type { Planner, RoleModel } from './planner.ts';
import { invalid } from './refusal.ts';
import { type BuiltRoot, buildRoots } from './request.ts';
import { coerceVariables } from './variables.ts';

export interface Operated {
  readonly planner: Planner;
  readonly executor: Executor;
}

/**
 * Asked once the operation is known and before anything runs; throws to refuse it. `table` is the API name of the one
 * table that a document with a single root field is about.
 */
export type Admit = (kind: OperationPlan['kind'], table: string | undefined) => void;

/** A document that was checked for a role. */
export interface Planned {
  readonly role: RoleModel;
  readonly plan: OperationPlan;
}

/** @throws {Problem} a `Refusal` where the document has a place for it */
export async function planCall(
  call: Call,
  { planner }: Operated,
  { principal }: CallContext,
): Promise<Planned> {
  const role = planner.role(principal.role);
  const planned = planner.plan(role, call.query, call.operationName);
  return { role, plan: planned instanceof Promise ? await planned : planned };
}

/**
 * @returns `{"data":…}`
 * @throws {Problem} a `Refusal` where the document has a place for it
 */
export async function operate(
  call: Call,
  operated: Operated,
  context: CallContext,
  admit: Admit,
): Promise<string> {
  const started = performance.now();
  const planned = await planCall(call, operated, context);
  if (planned.plan.kind === 'subscription') throw notHere();
  admit(planned.plan.kind, tableOf(planned));
  const roots = rootsOf(planned, call);
  refuseCostly(roots, operated.executor, context);
  if (context.timings !== undefined) context.timings.plan += performance.now() - started;
  return answerRoots(roots, operated.executor, context, () =>
    operated.planner.introspect(planned.role, call.query, call.operationName, JSON.stringify(call.variables)),
  );
}

function notHere(): Problem {
  return invalid(
    '$',
    'subscriptions are served over a WebSocket at this same address, with the subprotocol graphql-transport-ws',
  );
}

function tableOf({
  plan: {
    roots: [root, ...others],
  },
  role,
}: Planned): string | undefined {
  if (root === undefined || others.length > 0 || !('table' in root)) return undefined;
  return role.tables.get(root.table)!.name;
}

const fixed = new WeakMap<OperationPlan, readonly BuiltRoot[]>();

/** An operation without variables is built once: it is the same request every time. */
export function rootsOf({ plan, role }: Planned, call: Call): readonly BuiltRoot[] {
  if (plan.variables.length > 0)
    return buildRoots(plan, coerceVariables(plan, call.variables, role.inputs), role);
  let roots = fixed.get(plan);
  if (roots === undefined) {
    roots = buildRoots(plan, coerceVariables(plan, {}, role.inputs), role);
    fixed.set(plan, roots);
  }
  return roots;
}
