/** A compiled statement and a request → its parameters, for the caller at hand. */
import type { CompiledStatement } from '../dialect/program.ts';
import { type Bound, bindParameters, type Parameter } from '../query/bind.ts';
import type { ApiRequest } from '../query/request.ts';
import type { CallContext } from './executor.ts';

/** Of all but writes: only these have cells. */
export function bind(
  compiled: CompiledStatement,
  request: ApiRequest,
  context: CallContext,
  written?: string | null,
): Parameter[] {
  return bindWrite(compiled, request, context, written) as Parameter[];
}

export function bindWrite(
  compiled: CompiledStatement,
  request: ApiRequest,
  context: CallContext,
  written?: string | null,
): Bound[] {
  return bindParameters(compiled.bindings, {
    values: request.values,
    notation: request.json ? 'json' : 'text',
    principal: context.principal,
    now: Date.now(),
    written,
  });
}
