/** Runs what was built and composes the answer's text. What the database wrote goes out without being parsed. */
import type { CallContext, CallResult, Executor, StepResult } from '../execute/executor.ts';
import { Problem } from '../problem/problem.ts';
import type { BodySource, Response, WriteAnswer } from './mutation.ts';
import { beyondLimit, Refusal } from './refusal.ts';
import type { BuiltRoot } from './request.ts';

/** JSON texts by key, for the document's introspection fields. */
export type Introspect = () => Promise<readonly (readonly [string, string])[]>;

/** Reads of one document that run at the same time: one document must not take a whole pool. */
const maxConcurrent = 4;

/** Characters of all answers of one request: each statement has a limit of its own, and a request has many of them. */
export const maxAnswer = 64 * 1024 * 1024;

/**
 * @returns `{"data":…}`
 * @throws {Refusal} the first root field that failed, with its place; the others are given up
 */
export async function answerRoots(
  roots: readonly BuiltRoot[],
  executor: Executor,
  context: CallContext,
  introspect: Introspect,
): Promise<string> {
  const texts = new Map<string, string>();
  for (const root of roots) if (root.kind === 'constant') texts.set(root.as, JSON.stringify(root.text));
  if (roots.some((root) => root.kind === 'introspection'))
    for (const [as, text] of await introspect()) texts.set(as, text);
  await runReads(roots, executor, context, texts);
  await runWrites(roots, executor, context, texts);
  const fields = roots.flatMap(({ as }) => {
    const text = texts.get(as);
    return text === undefined ? [] : [`${JSON.stringify(as)}:${text}`];
  });
  return `{"data":{${fields.join(',')}}}`;
}

async function runReads(
  roots: readonly BuiltRoot[],
  executor: Executor,
  context: CallContext,
  texts: Map<string, string>,
): Promise<void> {
  const reads = roots.filter((root) => root.kind === 'read' || root.kind === 'call');
  const [only] = reads;
  if (only === undefined) return;
  if (reads.length === 1) {
    texts.set(only.as, await readRoot(only, executor, context));
    return;
  }
  const failed = new AbortController();
  const signal =
    context.signal === undefined ? failed.signal : AbortSignal.any([context.signal, failed.signal]);
  const waiting = reads.values();
  let left = maxAnswer;
  const work = async () => {
    for (const root of waiting) {
      if (signal.aborted) return;
      const text = await readRoot(root, executor, { ...context, signal });
      left -= text.length;
      if (left < 0) throw tooLong(root.path);
      texts.set(root.as, text);
    }
  };
  const first = { error: undefined as unknown };
  const guarded = () =>
    work().catch((error: unknown) => {
      first.error ??= error;
      failed.abort();
    });
  await Promise.all(Array.from({ length: Math.min(maxConcurrent, reads.length) }, guarded));
  if (first.error !== undefined) throw first.error;
}

export function tooLong(path: string): Refusal {
  const message = `the answers come to more than ${maxAnswer} characters; ask for fewer rows, or in several requests`;
  return beyondLimit(path, message);
}

async function readRoot(
  root: Extract<BuiltRoot, { kind: 'read' | 'call' }>,
  executor: Executor,
  context: CallContext,
): Promise<string> {
  try {
    if (root.kind === 'call') return (await executor.call(root.request, context)).body ?? 'true';
    return (await executor.read(root.request, context)).body;
  } catch (error) {
    throw placed(error, root.path);
  }
}

/** All writes of a document are one transaction. */
async function runWrites(
  roots: readonly BuiltRoot[],
  executor: Executor,
  context: CallContext,
  texts: Map<string, string>,
): Promise<void> {
  const writes = roots.filter((root) => root.kind === 'write');
  if (writes.length === 0) return;
  const results = await executor
    .transact(writes, context, { placed: (error, root) => placed(error, writes[root]!.path) })
    .catch((error: unknown) => {
      throw placed(error, writes.length === 1 ? writes[0]!.path : '$');
    });
  for (const [index, root] of writes.entries()) texts.set(root.as, answerText(root.answer, results[index]!));
}

function answerText(answer: WriteAnswer, results: readonly StepResult[]): string {
  switch (answer.kind) {
    case 'row':
      return bodyOf(answer.body, results);
    case 'call':
      return (results[0] as CallResult).body ?? 'true';
    case 'response':
      return responseText(answer.response, results);
    case 'responses':
      return `[${answer.responses.map((response) => responseText(response, results)).join(',')}]`;
    default:
      return answer satisfies never;
  }
}

function bodyOf({ step, index }: BodySource, results: readonly StepResult[]): string {
  const result = results[step];
  if (result === undefined) return 'null';
  return ('bodies' in result ? result.bodies[index] : result.body) ?? 'null';
}

function responseText({ parts, steps }: Response, results: readonly StepResult[]): string {
  const fields = parts.map((part) => {
    switch (part.kind) {
      case 'constant':
        return `${JSON.stringify(part.as)}:${JSON.stringify(part.text)}`;
      case 'affectedRows':
        return `${JSON.stringify(part.as)}:${steps.reduce((sum, step) => sum + affectedBy(results[step]), 0)}`;
      case 'returning':
        return `${JSON.stringify(part.as)}:${joinLists(part.bodies.map((body) => bodyOf(body, results)))}`;
      default:
        return part satisfies never;
    }
  });
  return `{${fields.join(',')}}`;
}

function affectedBy(result: StepResult | undefined): number {
  return result !== undefined && 'affected' in result ? result.affected : 0;
}

/** Several JSON lists as one, by their text. */
function joinLists(lists: readonly string[]): string {
  if (lists.length === 1) return lists[0]!;
  const items = lists.map((list) => list.trim().slice(1, -1).trim()).filter((inner) => inner !== '');
  return `[${items.join(', ')}]`;
}

/** The problem with the root field it belongs to. */
export function placed<E>(error: E, path: string): E | Refusal {
  if (error instanceof Refusal || !(error instanceof Problem)) return error;
  return new Refusal(error.code as ConstructorParameters<typeof Refusal>[0], path, {
    message: error.message,
    details: error.details,
    hint: error.hint,
    status: error.status,
    headers: error.headers,
    cause: error.cause,
  });
}
