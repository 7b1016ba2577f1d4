/** Headers that a function of the database chooses for its answer. */

/**
 * The frame of an answer is the server's own: with another length or encoding one answer could become two. What says who
 * answered, and to whom browsers may show it, is the server's as well. `__proto__` gets lost in objects of headers.
 */
const frame: ReadonlySet<string> = new Set([
  'connection', 'content-length', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', '__proto__',
]); // biome-ignore format: a list

/** Whether a server can send it, and a function may choose it. Pure. */
export function isHeader(name: string, value: unknown): value is string {
  return (
    /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name) &&
    !frame.has(name.toLowerCase()) &&
    !/^(?:x-novastack-|x-request-id$|access-control-|date$)/i.test(name) &&
    typeof value === 'string' &&
    /^[\t\x20-\x7e]*$/.test(value)
  );
}
