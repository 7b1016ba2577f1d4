/** What all root fields of a document cost together, before one of them runs. */
import type { Principal } from '../auth/principal.ts';
import type { CallContext, Executor, Expense } from '../execute/executor.ts';
import type { ApiRequest } from '../query/request.ts';
import { placed } from './answer.ts';
import { beyondLimit } from './refusal.ts';
import type { BuiltRoot } from './request.ts';

/** @throws {Refusal} NS603 at the level that adds most */
export function refuseCostly(
  roots: readonly BuiltRoot[],
  executor: Executor,
  { principal }: Pick<CallContext, 'principal'>,
): void {
  let [cost, most, largest, place] = [0, Infinity, 0, '$'];
  for (const root of roots) {
    const own = expenseOf(root, executor, principal);
    cost += own.cost;
    most = own.most;
    if (own.cost <= largest) continue;
    largest = own.cost;
    place = [root.path, ...own.heaviest].join('.selectionSet.');
  }
  if (cost <= most) return;
  const message = `the document would cost ${cost}, and ${most} is the most that one may; lower the limit of ${place}`;
  throw beyondLimit(place, message);
}

function expenseOf(root: BuiltRoot, executor: Executor, principal: Principal): Expense {
  try {
    return executor.expense(requestsOf(root), principal);
  } catch (error) {
    throw placed(error, root.path);
  }
}

function requestsOf(root: BuiltRoot): readonly ApiRequest[] {
  switch (root.kind) {
    case 'constant':
    case 'introspection':
      return [];
    case 'read':
    case 'stream':
    case 'call':
      return [root.request];
    case 'write':
      return root.steps.map(({ request }) => request);
    default:
      return root satisfies never;
  }
}
