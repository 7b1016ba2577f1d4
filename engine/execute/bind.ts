/** A compiled statement and a request → its parameters, for the caller at hand. */
import type { CompiledStatement } from '../dialect/program.ts';
import { bindParameters, type Parameter } from '../query/bind.ts';
import type { ApiRequest } from '../query/request.ts';
import type { CallContext } from './executor.ts';

export function bind(
  compiled: CompiledStatement,
  request: ApiRequest,
  context: CallContext,
  written?: string | null,
): Parameter[] {
  return bindParameters(compiled.bindings, {
    values: request.values,
    notation: request.json ? 'json' : 'text',
    principal: context.principal,
    now: Date.now(),
    written,
  });
}
