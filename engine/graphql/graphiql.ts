/** GraphiQL: a page of our own with the npm packages' files, served by the engine. Nothing is loaded from elsewhere. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

export interface Asset {
  readonly type: string;
  readonly body: Buffer;
  readonly etag: string;
}

const require = createRequire(import.meta.url);

/** Path below `/graphql/v1/graphiql/` → the package and its file. */
const files = new Map([
  ['react.js', { package: 'react', file: 'umd/react.production.min.js', type: 'text/javascript' }],
  [
    'react-dom.js',
    { package: 'react-dom', file: 'umd/react-dom.production.min.js', type: 'text/javascript' },
  ],
  ['graphiql.js', { package: 'graphiql', file: 'graphiql.min.js', type: 'text/javascript' }],
  ['graphiql.css', { package: 'graphiql', file: 'graphiql.min.css', type: 'text/css' }],
]);

/** A link may carry `?query=…&variables=…`. Tokens are typed under "Headers", and are not kept. */
const boot = `const root = document.getElementById('graphiql');
const url = new URL(root.dataset.endpoint, location.href).href;
const link = new URLSearchParams(location.search);
ReactDOM.createRoot(root).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url, subscriptionUrl: url.replace(/^http/, 'ws') }),
    defaultEditorToolsVisibility: 'headers',
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: false,
    defaultQuery: root.dataset.welcome,
    ...(link.has('query') ? { query: link.get('query') } : {}),
    ...(link.has('variables') ? { variables: link.get('variables') } : {}),
  }),
);
`;

const style = `html, body, #graphiql { height: 100%; margin: 0; }
`;

const own = new Map<string, Asset>([
  ['boot.js', asset('text/javascript', Buffer.from(boot))],
  ['page.css', asset('text/css', Buffer.from(style))],
]);

const loaded = new Map<string, Promise<Asset>>();

/** One of the page's files; read once and kept. Undefined: there is none of this name. */
export async function readAsset(name: string): Promise<Asset | undefined> {
  const known = own.get(name);
  const source = files.get(name);
  if (known !== undefined || source === undefined) return known;
  let reading = loaded.get(name);
  if (reading === undefined) {
    const folder = path.dirname(require.resolve(`${source.package}/package.json`));
    reading = readFile(path.join(folder, source.file)).then((body) => asset(source.type, body));
    loaded.set(name, reading);
    reading.catch(() => loaded.delete(name));
  }
  return reading;
}

/** Scripts and styles from the engine alone; GraphiQL styles elements by attribute and carries fonts and images inline. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const welcome = `# Ctrl+Space: what may stand here
# Ctrl+Enter: run
#
# To be another role, give a token
# below, under "Headers":
# { "Authorization": "Bearer …" }

{
  __typename
}
`;

/** @param basePath what stands before `/graphql/v1` in the browser's address: `/bookshop`, or empty */
export function renderPage(basePath: string, title: string): string {
  const base = escapeHtml(`${basePath}/graphql/v1`);
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    <title>${escapeHtml(title)} · GraphiQL</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="${base}/graphiql/graphiql.css">
    <link rel="stylesheet" href="${base}/graphiql/page.css">
  </head>
  <body>
    <div id="graphiql" data-endpoint="${base}" data-welcome="${escapeHtml(welcome)}">Loading GraphiQL…</div>
    <script src="${base}/graphiql/react.js"></script>
    <script src="${base}/graphiql/react-dom.js"></script>
    <script src="${base}/graphiql/graphiql.js"></script>
    <script src="${base}/graphiql/boot.js"></script>
  </body>
</html>
`;
}

function asset(type: string, body: Buffer): Asset {
  const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`;
  return { type: `${type}; charset=utf-8`, body, etag };
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => entities[char]!);
}
