/** One operation, from its text to the text of its answer. What HTTP calls today and sockets will. */
import { performance } from 'node:perf_hooks';
import type { CallContext, Executor } from '../execute/executor.ts';
import { answerRoots } from './answer.ts';
import type { Call } from './call.ts';
import type { OperationPlan } from './operation.ts';
import type { Planner, RoleModel } from './planner.ts';
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

/**
 * @returns `{"data":…}`
 * @throws {Problem} a `Refusal` where the document has a place for it
 */
export async function operate(
  call: Call,
  { planner, executor }: Operated,
  context: CallContext,
  admit: Admit,
): Promise<string> {
  const started = performance.now();
  const role = planner.role(context.principal.role);
  const planned = planner.plan(role, call.query, call.operationName);
  const plan = planned instanceof Promise ? await planned : planned;
  admit(plan.kind, tableOf(plan, role));
  const roots = rootsOf(plan, call, role);
  if (context.timings !== undefined) context.timings.plan += performance.now() - started;
  return answerRoots(roots, executor, context, () =>
    planner.introspect(role, call.query, call.operationName, JSON.stringify(call.variables)),
  );
}

function tableOf({ roots: [root, ...others] }: OperationPlan, role: RoleModel): string | undefined {
  if (root === undefined || others.length > 0 || !('table' in root)) return undefined;
  return role.tables.get(root.table)!.name;
}

const fixed = new WeakMap<OperationPlan, readonly BuiltRoot[]>();

/** An operation without variables is built once: it is the same request every time. */
function rootsOf(plan: OperationPlan, call: Call, role: RoleModel): readonly BuiltRoot[] {
  if (plan.variables.length > 0)
    return buildRoots(plan, coerceVariables(plan, call.variables, role.inputs), role);
  let roots = fixed.get(plan);
  if (roots === undefined) {
    roots = buildRoots(plan, coerceVariables(plan, {}, role.inputs), role);
    fixed.set(plan, roots);
  }
  return roots;
}
