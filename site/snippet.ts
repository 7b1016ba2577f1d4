/** A request in the languages that people call an API from. Each snippet runs as it stands, and prints the answer. Pure. */
import { type Ask, type Document, fieldName, filterName, type Json, type Wire, wireOf } from './ask.ts';
import { curl, shellQuoted } from './request.ts';

export interface Snippet {
  readonly label: 'curl' | 'supabase-js' | 'JavaScript' | 'Python' | 'GraphQL' | 'GraphQL by curl';
  readonly language: 'sh' | 'js' | 'python' | 'graphql';
  readonly code: string;
  /** Of a GraphQL document. */
  readonly variables: string | null;
}

export interface Place {
  /** URLs of the two surfaces, and of the project itself, with host. */
  readonly rest: string;
  readonly graphql: string;
  readonly project: string;
  /** The key that supabase-js sends: which project, no secret. */
  readonly publishableKey: string;
  /** The caller sends a token, which is in the variable TOKEN of the environment. */
  readonly token: boolean;
}

export function snippetsOf(ask: Ask, place: Place): readonly Snippet[] {
  const wire = wireOf(ask);
  const supabase = supabaseCode(ask, place);
  return [
    {
      label: 'curl',
      language: 'sh',
      code: curlCode(wire, `${place.rest}${wire.path}`, place),
      variables: null,
    },
    ...(supabase === undefined
      ? []
      : [{ label: 'supabase-js', language: 'js', code: supabase, variables: null } as const]),
    { label: 'JavaScript', language: 'js', code: fetchCode(wire, place), variables: null },
    { label: 'Python', language: 'python', code: pythonCode(wire, place), variables: null },
    ...(ask.graphql === null ? [] : graphqlSnippets(ask.graphql, place)),
  ];
}

function graphqlSnippets(document: Document, place: Place): readonly Snippet[] {
  const { query, variables } = document;
  const text = variables === null ? null : JSON.stringify(variables, null, 2);
  const wire: Wire = {
    method: 'POST',
    path: '',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      query: query.replace(/\n\s*/g, ' '),
      ...(variables === null ? null : { variables }),
    }),
  };
  return [
    { label: 'GraphQL', language: 'graphql', code: query, variables: text },
    { label: 'GraphQL by curl', language: 'sh', code: curlCode(wire, place.graphql, place), variables: null },
  ];
}

function curlCode({ method, headers, body }: Wire, url: string, { token }: Place): string {
  const implied = body === null ? 'GET' : 'POST';
  return curl(url, [
    ...(method === implied ? [] : [`-X ${method}`]),
    ...(token ? [`-H "authorization: Bearer $TOKEN"`] : []),
    ...Object.entries(headers).map(([name, value]) => `-H ${shellQuoted(`${name}: ${value}`)}`),
    ...(body === null ? [] : [`--data-raw ${shellQuoted(body)}`]),
  ]);
}

function fetchCode({ method, path, headers, body }: Wire, { rest, token }: Place): string {
  const lines = [
    ...(method === 'GET' ? [] : [`  method: ${script(method)},`]),
    ...(token || Object.keys(headers).length > 0
      ? [
          '  headers: {',
          ...(token ? ['    authorization: `Bearer ${process.env.TOKEN}`,'] : []),
          ...Object.entries(headers).map(
            ([name, value]) => `    ${/^[a-z]+$/.test(name) ? name : script(name)}: ${script(value)},`,
          ),
          '  },',
        ]
      : []),
    ...(body === null ? [] : [`  body: JSON.stringify(${indented(JSON.parse(body), 1)}),`]),
  ];
  const options = lines.length === 0 ? '' : `, {\n${lines.join('\n')}\n}`;
  return [
    `const response = await fetch(${script(rest + path)}${options});`,
    'console.log(response.status, await response.text());',
  ].join('\n');
}

function pythonCode({ method, path, headers, body }: Wire, { rest, token }: Place): string {
  const named = Object.entries(headers).map(([name, value]) => `        ${python(name)}: ${python(value)},`);
  return [
    ...(body === null ? [] : ['import json']),
    ...(token ? ['import os'] : []),
    'from urllib.request import Request, urlopen',
    '',
    'request = Request(',
    `    ${python(rest + path)},`,
    ...(method === 'GET' ? [] : [`    method=${python(method)},`]),
    ...(token || named.length > 0
      ? [
          '    headers={',
          ...(token ? [`        "authorization": "Bearer " + os.environ["TOKEN"],`] : []),
          ...named,
          '    },',
        ]
      : []),
    ...(body === null ? [] : [`    data=json.dumps(${python(JSON.parse(body))}).encode(),`]),
    ')',
    'with urlopen(request) as response:',
    '    print(response.status, response.read().decode())',
  ].join('\n');
}

/** Undefined: its client takes the spaces out of names in quotes that have quotes within. */
function supabaseCode(ask: Ask, { project, publishableKey, token }: Place): string | undefined {
  const { kind, target, profile, select, filters, order, limit, key, body } = ask;
  if (select.some((field) => field.includes('\\'))) return undefined;
  const fields = select.length === 0 ? '' : script(select.join(', '));
  const from = `from(${script(target)})`;
  const matches = [...filters, ...key.map((part) => ({ ...part, operator: 'eq' as const }))].map(
    ({ column, operator, value }) => `.${operator}(${script(filterName(column))}, ${script(value)})`,
  );
  const calls = {
    read: () => [
      from,
      `.select(${fields})`,
      ...matches,
      ...order.map(
        ({ column, descending }) =>
          `.order(${script(fieldName(column))}${descending ? ', { ascending: false }' : ''})`,
      ),
      ...(limit === null ? [] : [`.limit(${limit})`]),
      ...(kind === 'one' ? ['.single()'] : []),
    ],
    write: (verb: string) => [from, verb, ...matches, ...(select.length === 0 ? [] : [`.select(${fields})`])],
  };
  const chain =
    kind === 'insert'
      ? calls.write(`.insert(${indented(body, 1)})`)
      : kind === 'update'
        ? calls.write(`.update(${indented(body, 1)})`)
        : kind === 'delete'
          ? calls.write('.delete()')
          : kind === 'call'
            ? [
                `rpc(${script(target)}${Object.keys(body ?? {}).length === 0 ? '' : `, ${indented(body, 1)}`})`,
              ]
            : calls.read();
  const schema = profile === null ? '' : `.schema(${script(profile)})`;
  return [
    `import { createClient } from '@supabase/supabase-js';`,
    '',
    `const supabase = createClient(${script(project)}, ${script(publishableKey)}${
      token ? ', {\n  accessToken: async () => process.env.TOKEN,\n}' : ''
    });`,
    `const { data, error, status } = await supabase${schema}`,
    `  .${chain[0]}${chain
      .slice(1)
      .map((call) => `\n  ${call}`)
      .join('')};`,
    'console.log(status, JSON.stringify(error ?? data));',
  ].join('\n');
}

/** A value of JSON as JavaScript writes it. */
function script(value: Json): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  const text = JSON.stringify(value).replace(
    /[\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16)}`,
  );
  if (value.includes("'") || value.includes('\\"')) return text;
  return `'${text.slice(1, -1).replaceAll('\\"', '"')}'`;
}

/** An object with a line for each of its names, as they may be written. */
function indented(value: Json, depth: number): string {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return script(value);
  const entries = Object.entries(value as Readonly<Record<string, Json>>);
  if (entries.length === 0) return '{}';
  const indent = '  '.repeat(depth + 1);
  const lines = entries.map(([name, one]) => {
    const plain = /^[A-Za-z_$][\w$]*$/.test(name) && name !== '__proto__';
    // A literal `__proto__` would set the prototype.
    const written = plain ? name : name === '__proto__' ? `['__proto__']` : script(name);
    return `${indent}${written}: ${indented(one, depth + 1)},`;
  });
  return `{\n${lines.join('\n')}\n${'  '.repeat(depth)}}`;
}

/** A value of JSON as Python writes it. */
function python(value: Json): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return JSON.stringify(value);
  if (typeof value === 'string')
    // JSON's pairs of surrogates are two characters to Python, so what is not ASCII stands as it is.
    return JSON.stringify(value).replace(
      /[\u2028\u2029\u007f-\u009f]/g,
      (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`;
  return `{${Object.entries(value as Readonly<Record<string, Json>>)
    .map(([name, one]) => `${python(name)}: ${python(one)}`)
    .join(', ')}}`;
}
