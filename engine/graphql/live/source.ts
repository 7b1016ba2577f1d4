/** What a subscription asks again and again: a read that shares its statement with others, or a document by itself. */
import { hash } from 'node:crypto';
import type { Pool } from '../../dialect/dialect.ts';
import type { CallContext } from '../../execute/executor.ts';
import { type Asked, poll, type Told, type Watch } from '../../execute/poll.ts';
import { answerRoots, placed } from '../answer.ts';
import type { Call } from '../call.ts';
import { refuseCostly } from '../expense.ts';
import { type Operated, type Planned, rootsOf } from '../operate.ts';
import type { BuiltRoot } from '../request.ts';

/** One question; who asks the same with other values has the same key. */
export interface Source {
  readonly key: string;
  /** Whose connections it takes; undefined: none that are known. */
  readonly pool: Pool | undefined;
  /** Of a stream: the places of the parameter that moves with what was told. */
  readonly cursor: readonly number[] | undefined;
  ask(asked: readonly Asked[], signal: AbortSignal): Promise<readonly Told[]>;
}

/** What a subscription is told of. */
export type Wanted =
  /** Once, since it never changes. */
  | { readonly kind: 'constant'; readonly payload: string }
  /** `as`: key of the body in the answer; undefined where the body is the whole of it. */
  | {
      readonly kind: 'watched';
      readonly as: string | undefined;
      readonly source: Source;
      readonly parameters: Asked['parameters'];
    };

/** @throws {Problem} what is wrong with the values, with its place */
export function want(planned: Planned, call: Call, operated: Operated, context: CallContext): Wanted {
  const roots = rootsOf(planned, call);
  refuseCostly(roots, operated.executor, context);
  const [root] = roots;
  if (root === undefined) return { kind: 'constant', payload: '{"data":{}}' };
  switch (root.kind) {
    case 'constant':
      return {
        kind: 'constant',
        payload: `{"data":{${JSON.stringify(root.as)}:${JSON.stringify(root.text)}}}`,
      };
    case 'read':
    case 'stream': {
      const watch = watchRoot(root, operated, context);
      if (watch !== undefined) return shared(root, watch);
      return alone(roots, operated, context);
    }
    default:
      return alone(roots, operated, context);
  }
}

type WatchedRoot = Extract<BuiltRoot, { kind: 'read' | 'stream' }>;

function watchRoot(root: WatchedRoot, { executor }: Operated, context: CallContext): Watch | undefined {
  try {
    return executor.watch(root.request, context);
  } catch (error) {
    throw placed(error, root.path);
  }
}

function shared(root: WatchedRoot, { shape, parameters, placesOf }: Watch): Wanted {
  const cursor = root.kind === 'stream' ? placesOf(root.cursor) : undefined;
  const source = {
    key: `${shape.key} ${cursor}`,
    pool: shape.pool,
    cursor,
    ask: (asked: readonly Asked[], signal: AbortSignal) => poll(shape, asked, signal),
  };
  return { kind: 'watched', as: root.as, source, parameters };
}

let numbers = 0;

/** Nobody shares it, and its answer is compared here. */
function alone(roots: readonly BuiltRoot[], { executor }: Operated, context: CallContext): Wanted {
  numbers += 1;
  const source: Source = {
    key: `alone ${numbers}`,
    pool: undefined,
    cursor: undefined,
    ask: async ([asked], signal) => {
      const body = await answerRoots(roots, executor, { ...context, signal }, () => Promise.resolve([]));
      const mark = hash('sha256', body, 'base64');
      return mark === asked!.had ? [] : [{ index: 0, body, mark }];
    },
  };
  return { kind: 'watched', as: undefined, source, parameters: [] };
}
