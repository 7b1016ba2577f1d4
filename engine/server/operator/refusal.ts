/** What the fleet refuses → the problem that its caller is told. Pure. */
import { Problem } from '../../problem/problem.ts';
import type { Operation, Refusal } from '../../reconcile/fleet.ts';

export function isRefusal(answer: Operation | Refusal): answer is Refusal {
  return !('id' in answer);
}

/** @param unknown what is said of a project that is not there, or not for this caller */
export function refusalProblem(refusal: Refusal, unknown: Problem): Problem {
  switch (refusal.kind) {
    case 'unknown-project':
      return unknown;
    case 'unknown-revision':
      return new Problem('NS701', {
        message: "This revision is not in the project's history.",
        hint:
          refusal.known.length === 0
            ? 'There is none to go back to yet.'
            : `Choose one of: ${refusal.known.join(', ')}.`,
      });
    case 'suspended':
      return new Problem('NS703', {
        message: 'The project is suspended: it follows no commit.',
        hint: 'POST to its resume first.',
      });
    case 'still-there':
      return new Problem('NS707', {
        message: 'The newest commit still has the project.',
        hint: 'Remove its folder in Git first, or name other projects in server.yaml.',
      });
    case 'busy':
      return new Problem('NS704', {
        message: refusal.message,
        hint: 'Try again in a moment.',
        headers: { 'Retry-After': '5' },
      });
    default:
      return refusal satisfies never;
  }
}
