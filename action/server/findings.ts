/** What the server found in the last attempt of a project, as findings in the files of the workspace. */
import type { Diagnostic, Severity } from '../../schema/diagnostic.ts';
import { type Server, ServerRefusal, ServerUnreachable } from './server.ts';

/** As the operator's API tells one. */
interface Told {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly hint: string | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
}

/** Empty where the server does not say. */
export async function findingsOf(server: Server, project: string): Promise<readonly Diagnostic[]> {
  try {
    const path = `/-/projects/${encodeURIComponent(project)}`;
    const { diagnostics } = await server.ask<{ readonly diagnostics?: readonly Told[] }>({
      method: 'GET',
      path,
    });
    return (diagnostics ?? []).map(diagnosticOf);
  } catch (error) {
    // Why it failed is known without them.
    if (error instanceof ServerRefusal || error instanceof ServerUnreachable) return [];
    throw error;
  }
}

function diagnosticOf({ code, severity, message, hint, file, line, column }: Told): Diagnostic {
  const start = { line: line ?? 1, column: column ?? 1 };
  return {
    code,
    severity,
    message,
    ...(hint === null ? {} : { hint }),
    ...(file === null ? {} : { source: { file, span: { start, end: start } } }),
  };
}
