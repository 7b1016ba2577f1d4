/** Media types of answers, methods, profiles and places. */
import { type Case, reads } from '../case.ts';

const accepts = [
  'application/json',
  '*/*',
  'text/html, application/json',
  'text/html, */*;q=0.1',
  'application/json;q=0.5, text/csv',
  'application/json; charset=utf-8',
  'text/csv',
  'text/csv; charset=utf-8',
  'application/vnd.pgrst.object+json',
  'application/vnd.pgrst.object',
  'application/vnd.pgrst.array+json',
  'application/vnd.pgrst.array',
  'application/vnd.pgrst.array+json;nulls=stripped',
  'application/vnd.pgrst.object+json;nulls=stripped',
  'text/csv;q=0.9, application/json;q=0.8',
  'application/json, application/vnd.pgrst.object+json',
] as const;

/** Without those that have backslashes, which PostgREST doubles in CSV. */
const plainKinds =
  'id,a_bool,an_int8,a_numeric,a_float8,a_money,a_varchar,a_char,a_uuid,a_date,a_timestamptz,an_interval,a_bit,an_inet,' +
  'a_json,a_jsonb,an_xml,an_enum,an_int4range,an_int4multirange,a_tsvector,a_point,an_ltree,ints,styles,dates,grid,addresses';

const bodies = [
  '/works?select=id,title,price,tags,meta,note,shown,added&order=id',
  '/works?select=id,title,price&id=eq.1',
  '/works?select=id,title&id=eq.99',
  '/works?select=id,artists!artist_id(name,born),work_themes(theme_id)&id=eq.3',
  `/kinds?select=${plainKinds}&id=lt.4&order=id`,
] as const;

/** CSV of no rows is a row of docs/differences.md. */
const hasRows = (path: string) => !path.includes('id=eq.99');

export const formatCases: readonly Case[] = [
  ...accepts.flatMap((accept) => reads(accept.includes('csv') ? bodies.filter(hasRows) : bodies, { accept })),
  ...accepts.map((accept) => ({
    request: 'POST /themes?select=id,label',
    headers: { accept, prefer: 'return=representation' },
    json: { id: 9, label: 'new' },
  })),
  ...reads(
    [
      '/works?select=id,title&order=id',
      '/works?select=id,meta->a&order=id',
      '/works?select=t:title,id::text&order=id',
      '/works?select=id,themes(label)&order=id',
      '/rpc/pairs',
      '/rpc/names',
      '/rpc/add?a=1&b=2',
      '/rpc/works_from?select=id,title',
      '/rpc/artist_of?work=1',
    ],
    { accept: 'text/csv' },
  ),
  ...reads(['/rpc/pairs', '/rpc/artist_of?work=1', '/rpc/works_from?id=eq.1', '/rpc/add?a=1', '/rpc/names'], {
    accept: 'application/vnd.pgrst.object+json',
  }),
  ...reads(['/rpc/works_from?order=id', '/rpc/artist_of?work=1', '/rpc/minmax'], {
    accept: 'application/vnd.pgrst.array+json;nulls=stripped',
  }),
  ...[
    'application/vnd.pgrst.plan',
    'application/vnd.pgrst.plan+json',
    'application/vnd.pgrst.plan+text; for="application/json"; options=analyze',
  ].map((accept): Case => ({ request: 'GET /works?select=id', headers: { accept }, words: 'names' })),
  ...['text/html', 'image/png', 'application/xml', 'application/octet-stream', 'text/plain'].map(
    (accept) => ({
      request: 'GET /works?select=id',
      headers: { accept },
    }),
  ),
];

const profiles = ['stock', 'public', 'nope', 'kept', ''] as const;

export const placeCases: readonly Case[] = [
  ...profiles.flatMap((profile) => [
    { request: 'GET /items?order=id', headers: { 'accept-profile': profile } },
    { request: 'GET /themes?order=id', headers: { 'accept-profile': profile } },
    { request: 'HEAD /items', headers: { 'accept-profile': profile } },
    {
      request: 'POST /items',
      headers: { 'content-profile': profile, prefer: 'return=representation' },
      json: { id: 3, label: 'wire' },
    },
    { request: 'PATCH /items?id=eq.1', headers: { 'content-profile': profile }, json: { amount: 6 } },
    { request: 'DELETE /items?id=eq.1', headers: { 'content-profile': profile } },
    { request: 'GET /rpc/total', headers: { 'accept-profile': profile } },
    {
      request: 'POST /rpc/restock',
      headers: { 'content-profile': profile },
      json: { item: 1, by: 2 },
    },
  ]),
  ...reads(['/items?select=id,stores(name)&order=id', '/stores?select=name,items(label)'], {
    'accept-profile': 'stock',
  }),
  { request: 'GET /items', headers: { 'content-profile': 'stock' } },
  { request: 'POST /items', headers: { 'accept-profile': 'stock' }, json: { id: 4 } },
  { request: 'OPTIONS /items', headers: { 'accept-profile': 'stock' } },
  ...['works', 'notes', 'priced_works', 'room_areas', 'work_counts', 'measures', 'we ird', 'nope'].map(
    (name) => ({
      request: `OPTIONS /${name}`,
    }),
  ),
  { request: 'OPTIONS /' },
  ...['PUT', 'DELETE', 'PATCH'].map((method) => ({ request: `${method} /rpc/add?a=1`, json: { a: 1 } })),
  { request: 'HEAD /rpc/names' },
  { request: 'HEAD /rpc/add?a=1' },
  { request: 'HEAD /rpc/rename_artist?artist_id=1&new_name=x' },
];
