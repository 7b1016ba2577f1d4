/** Parts of requests as people type them: names in a query string, words of a shell. Pure. */

/** A name as REST's grammar takes it in a query string: bare when plain, else in double quotes and percent-encoded. */
export function inQuery(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name;
  const quoted = `"${name.replace(/["\\]/g, '\\$&')}"`;
  return encodeURIComponent(quoted);
}

export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

export function curl(url: string, options: readonly string[]): string {
  return [`curl ${shellQuoted(url)}`, ...options.map((option) => `  ${option}`)].join(' \\\n');
}
