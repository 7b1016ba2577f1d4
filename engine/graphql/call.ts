/** HTTP → the operations a request asks for. Knows how they travel, not what they mean. */
import { isUtf8 } from 'node:buffer';
import { Problem } from '../problem/problem.ts';
import { parseJson } from '../query/json.ts';

/** One operation to be run. */
export interface Call {
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** As a caller sent it: with a text, or with a name or a hash by which the text is known. */
export interface SentCall extends Omit<Call, 'query'> {
  readonly query: string | undefined;
  /** Of the text, sha256 in lower-case hex: Apollo's `extensions.persistedQuery`. */
  readonly hash: string | undefined;
}

/**
 * The body of a POST: one operation, or a list of them.
 *
 * @param maxBatch most operations of a list
 * @throws {Problem} PGRST107 (415) not JSON by its type; PGRST102 (400) not JSON, or not an operation
 */
export function readBody(
  body: Buffer | undefined,
  contentType: string | undefined,
  maxBatch: number,
): SentCall | readonly SentCall[] {
  if (contentType !== undefined && !isJson(contentType))
    throw new Problem('PGRST107', {
      message: `A body of type ${contentType.slice(0, 100)} is not read here.`,
      hint: 'Send JSON with Content-Type: application/json.',
    });
  if (body !== undefined && !isUtf8(body))
    throw new Problem('PGRST102', {
      message: 'The body is not valid UTF-8.',
      hint: 'Send JSON encoded in UTF-8.',
    });
  const value = parseJson(body?.toString('utf8') ?? '');
  if (!Array.isArray(value)) return readCall(value);
  if (value.length === 0 || value.length > maxBatch)
    throw new Problem('NS400', {
      message: `A list of ${value.length} operations was sent; 1 to ${maxBatch} are run together.`,
      hint: 'Send fewer at once, or several root fields in one document.',
    });
  return value.map(readCall);
}

/** @throws {Problem} NS400 nothing to run, or a parameter twice; PGRST102 variables or extensions that are no JSON */
export function readQueryString(query: Readonly<Record<string, unknown>>): SentCall {
  return readCall({
    query: parameter(query, 'query'),
    operationName: parameter(query, 'operationName'),
    variables: jsonParameter(query, 'variables'),
    extensions: jsonParameter(query, 'extensions'),
  });
}

function jsonParameter(query: Readonly<Record<string, unknown>>, name: string): unknown {
  const text = parameter(query, name);
  return text === undefined || text === '' ? undefined : parseJson(text);
}

function parameter(query: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = query[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new Problem('NS400', { message: `The parameter "${name}" was given twice.`, hint: 'Give it once.' });
}

/**
 * What a caller wants run, over whatever it came.
 *
 * @throws {Problem} NS400 it is not an operation
 */
export function readCall(value: unknown): SentCall {
  if (!isObject(value)) throw malformed('The body is not an object with "query".');
  const { query, operationName, variables, extensions } = value;
  const hash = readHash(extensions);
  // Clients that send a hash or a name leave the text out, or write that there is none.
  const isWithout = (query ?? '') === '' && (hash !== undefined || Boolean(operationName));
  if (typeof query !== 'string' && !isWithout)
    throw malformed('"query" is not a text with a GraphQL document.');
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string')
    throw malformed('"operationName" is not a text.');
  if (variables !== undefined && variables !== null && !isObject(variables))
    throw malformed('"variables" is not an object.');
  // An empty name is what some clients send for none.
  return {
    query: isWithout ? undefined : (query as string),
    hash,
    operationName: operationName || undefined,
    variables: variables ?? {},
  };
}

function readHash(extensions: unknown): string | undefined {
  if (extensions === undefined || extensions === null) return undefined;
  if (!isObject(extensions)) throw malformed('"extensions" is not an object.');
  const { persistedQuery } = extensions;
  if (persistedQuery === undefined || persistedQuery === null) return undefined;
  const { version, sha256Hash } = isObject(persistedQuery) ? persistedQuery : {};
  if (Number(version) !== 1) throw malformed('"extensions.persistedQuery.version" is not 1.');
  if (typeof sha256Hash !== 'string' || !/^[0-9a-f]{64}$/i.test(sha256Hash))
    throw malformed('"extensions.persistedQuery.sha256Hash" is not a sha256 in hex.');
  return sha256Hash.toLowerCase();
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}

function isJson(contentType: string): boolean {
  const type = contentType.split(';', 1)[0]!.trim().toLowerCase();
  return (
    type === 'application/json' ||
    type === 'application/graphql+json' ||
    type === 'application/graphql-response+json'
  );
}

function malformed(message: string): Problem {
  return new Problem('NS400', {
    message,
    hint: 'Send {"query": "…", "variables": {…}, "operationName": "…"}.',
  });
}
