/** Any error of a request → the one JSON form in which callers get it. */
import type { ServerResponse } from 'node:http';
import { Problem } from '../problem/problem.ts';

/** A caller's mistake, or the engine's: then nothing of it is told. Idempotent on a `Problem`. */
export function toProblem(error: unknown, limits: { readonly body: number }): Problem {
  if (error instanceof Problem) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Problem('NS413', {
        message: `The body is larger than ${limits.body} bytes.`,
        hint: 'Send less at once; the project sets the limit under limits.body.',
        headers: { Connection: 'close' },
        cause: error,
      });
    case 'ECONNRESET':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new Problem('NS400', {
        message: 'The body is not as long as Content-Length says.',
        hint: 'Send the whole body, or leave Content-Length out.',
        headers: { Connection: 'close' },
        cause: error,
      });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_INVALID_TYPE':
    case 'FST_ERR_CTP_EMPTY_TYPE':
      return new Problem('PGRST107', {
        message: 'The Content-Type header could not be read.',
        hint: 'Send "Content-Type: application/json".',
        status: 415,
        cause: error,
      });
    case 'FST_ERR_BAD_URL':
      return badUrl(error);
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new Problem('NS414', {
        message: 'A segment of the path is too long.',
        hint: 'Ask with a filter instead of the path.',
        cause: error,
      });
  }
  if (isFrameworkRefusal(error))
    return new Problem('NS400', { message: 'The request could not be understood.', cause: error });
  return new Problem('NS000', {
    message: 'Something went wrong in the engine.',
    hint: "The log has the cause under this answer's X-Request-Id.",
    cause: error,
  });
}

export function badUrl(cause?: unknown): Problem {
  return new Problem('NS400', {
    message: 'The URL could not be read.',
    hint: 'Percent-encode it as UTF-8, without NUL characters.',
    cause,
  });
}

/** An error by which Fastify itself refuses a request. */
function isFrameworkRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || !('statusCode' in error)) return false;
  const { code, statusCode } = error;
  return (
    typeof code === 'string' &&
    code.startsWith('FST_') &&
    typeof statusCode === 'number' &&
    statusCode >= 400 &&
    statusCode < 500
  );
}

export const problemContentType = 'application/json; charset=utf-8';

export function problemBody(problem: Problem): string {
  return JSON.stringify({
    code: problem.code,
    message: problem.message,
    details: problem.details,
    hint: problem.hint,
  });
}

/** Answers before or outside of any framework. */
export function answerProblem(
  response: ServerResponse,
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const exchange = response.req.exchange;
  if (exchange !== undefined) {
    exchange.code = problem.code;
    exchange.cause = problem.cause;
  }
  const body = problemBody(problem);
  response.writeHead(problem.status, {
    ...headers,
    'X-Content-Type-Options': 'nosniff',
    ...(exchange === undefined ? {} : { 'X-Request-Id': exchange.requestId }),
    ...problem.headers,
    'Content-Type': problemContentType,
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}
