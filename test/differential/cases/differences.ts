/** The rows of docs/differences.md, each shown by requests whose answers do differ. */
import type { Case, Expected } from '../case.ts';

const refused = (status: number, code: string): Expected => ({ status, code });
const wanted = { prefer: 'return=representation' };

const csv = { headers: { accept: 'text/csv' } };
const csvBody = { 'content-type': 'text/csv', ...wanted };
const counted = { headers: { prefer: 'count=exact' } };

/** What shows one row: a request, its body or headers, and our answer. */
type Shown = readonly [request: string, ours: Expected, given?: Pick<Case, 'headers' | 'json' | 'body'>];

const many = (count: number, part: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => part(index)).join(',');

const rows: Readonly<Record<string, readonly Shown[]>> = {
  '`or` and `and` without parentheses': [['GET /works?select=id&or=id.eq.1', refused(400, 'PGRST100')]],
  'a body typed as an answer (`application/vnd.pgrst.object+json`)': [
    [
      'POST /themes?select=label',
      { status: 201, body: '[{"label":"x"}]' },
      {
        body: '{"id":7,"label":"x"}',
        headers: { 'content-type': 'application/vnd.pgrst.object+json', ...wanted },
      },
    ],
  ],
  '`missing=default` for rows with different keys': [
    [
      'POST /artists?columns=id,name&select=name',
      { status: 201, body: '[{"name":"A"},{"name":"B"}]' },
      {
        json: [{ name: 'B' }, { id: 1, name: 'A' }],
        headers: { prefer: 'missing=default, resolution=merge-duplicates, return=representation' },
      },
    ],
  ],
  'one row by its key': [
    ['GET /themes/1?select=label', { status: 200, body: '{"label":"water"}' }],
    ['GET /rooms/north,2?select=area', { status: 200, body: '{"area":40.0}' }],
    ['DELETE /work_details/3', { status: 204 }],
  ],
  'PATCH or DELETE with no filter at all': [
    ['PATCH /themes', refused(400, '21000'), { json: { label: 'all' } }],
    ['DELETE /work_themes', refused(400, '21000')],
  ],
  'derived names of relationships': [
    ['GET /works?select=id,artist(name)&id=eq.1', { status: 200, body: '[{"id":1,"artist":{"name":"Ann"}}]' }],
    ['GET /artists?select=id,artists!artists_mentor_id_fkey(id)&id=eq.3', { status: 200, body: '[{"id":3,"artists":[{"id":4}]}]' }],
  ],
  "a relationship's own name": [
    ['GET /artists?select=works(id)&id=eq.2', { status: 200, body: '[{"works":[{"id":3}]}]' }],
    ['GET /museums?select=id,loans(id)&id=eq.3', { status: 200, body: '[{"id":3,"loans":[{"id":3}]}]' }],
  ],
  'the error of a refused statement': [
    ['POST /works', refused(409, '23505'), { json: { title: 'x', artist_id: 1, inventory: 'A-1' } }],
    ['POST /works', refused(400, '23514'), { json: { title: 'x', artist_id: 1, price: -1 } }],
  ],
  '`limit` or `offset` on PATCH or DELETE': [
    ['PATCH /themes?id=gt.1&order=id&limit=1', refused(400, 'PGRST100'), { json: { label: 'x' } }],
    ['DELETE /themes?id=eq.3&order=id&limit=1', refused(400, 'PGRST100')],
  ],
  '`limit` or `offset` that is no number': [
    ['GET /themes?limit=x', refused(400, 'PGRST100')],
    ['GET /themes?limit=99999999999999999999', refused(400, 'PGRST100')],
    ['GET /themes?offset=-1', refused(416, 'PGRST103')],
  ],
  'filters on POST': [['POST /themes?id=eq.1', refused(400, 'PGRST100'), { json: { id: 7, label: 'x' } }]],
  'a body that is neither an object nor a list of objects': [
    ['POST /themes', refused(400, 'PGRST102'), { json: 5 }],
    ['POST /themes', refused(400, 'PGRST102'), { json: 'x' }],
    ['POST /themes', refused(400, 'PGRST102'), { json: null }],
  ],
  'a body of a type that is not served': [
    ['POST /themes', refused(415, 'PGRST107'), { body: '<theme/>', headers: { 'content-type': 'application/xml' } }],
  ],
  '`Location`': [
    [
      'POST /we ird',
      { status: 201, headers: { location: '/shop/rest/v1/we%20ird?%22a.b%22=eq.9' } },
      { json: { 'a.b': 9 }, headers: { prefer: 'return=headers-only' } },
    ],
  ],
  'more than 1,000 conditions, 100 embedded relationships or 1,664 fields of one level': [
    [`GET /works?select=id,${many(101, (index) => `e${index}:loans(id)`)}`, refused(400, 'PGRST100')],
    [`GET /works?or=(${many(1001, (index) => `id.eq.${index}`)})`, refused(400, 'PGRST100')],
    [`GET /works?select=${many(1665, () => 'id')}`, refused(400, 'PGRST100')],
  ],
  'more than 28 negations in a row, or 64 parentheses within each other, in a search': [
    [`GET /works?words=fts.${'!'.repeat(29)}a`, refused(400, '42601')],
    [`GET /works?words=fts.${'('.repeat(65)}a${')'.repeat(65)}`, refused(400, '42601')],
  ],
  'a write that the role may not do, with a body that cannot be read': [
    ['POST /work_counts', refused(403, '42501'), { body: '{' }],
  ],
  'signs after the end of a parameter': [
    ['GET /works?select=,id', refused(400, 'PGRST100')],
    ['GET /works?select=id;title', refused(400, 'PGRST100')],
    ['GET /works?select=(id)', refused(400, 'PGRST100')],
    ['GET /works?select=id,themes label)', refused(400, 'PGRST100')],
    ['GET /works?id=in.(1,2)x', refused(400, 'PGRST100')],
    ['GET /works?meta->>n::int=eq.7', refused(400, 'PGRST100')],
    ['GET /works?select=*.count()', refused(400, 'PGRST100')],
    ['GET /works?inventory=in.(E(5),A-1)', refused(400, 'PGRST100')],
  ],
  'a name with signs beyond letters, without quotes': [
    ['GET /we ird?select=😀&"a.b"=eq.1', { status: 200, body: '[{"😀":"smile"}]' }],
    ['GET /we ird?select="a.b"&😀=eq.😀', { status: 200, body: '[{"a.b":2}]' }],
    ['GET /rpc/odd name?a b=1&c.d=y', { status: 200, body: '"1y"' }],
  ],
  'two embedded relationships of one name': [
    ['GET /works?select=id,t:themes(label),t:loans(id)', refused(400, 'PGRST100')],
    ['GET /works?select=id,themes(label),themes(id)', refused(400, 'PGRST100')],
  ],
  CSV: [
    ['GET /kinds?select=a_bytea&id=eq.1', { status: 200, body: 'a_bytea\n\\x00ff10' }, csv],
    ['GET /we ird?select="sel,ect"&"a.b"=eq.1', { status: 200, body: '"sel,ect"\ns' }, csv],
    ['GET /works?select=id,title&id=eq.99', { status: 200, body: 'id,title' }, csv],
  ],
  'a body of CSV': [
    ['POST /artists', refused(400, 'PGRST102'), { body: 'name,style\nA\n', headers: csvBody }],
    ['POST /artists?columns=name&select=name,fame', { status: 201, body: '[{"name":"A","fame":1.00}]' }, { body: 'name,fame\nA,5\n', headers: csvBody }],
    ['POST /works?select=meta', { status: 201, body: '[{"meta":{"k":1}}]' }, { body: 'title,artist_id,meta\nT,1,"{""k"": 1}"\n', headers: csvBody }],
  ],
  '`Range` with its unit': [
    ['GET /themes?select=id&order=id', { status: 200, body: '[{"id":1},{"id":2}]' }, { headers: { range: 'items=0-1' } }],
  ],
  'OPTIONS of a function': [
    ['OPTIONS /rpc/add', { status: 200, headers: { allow: 'OPTIONS,GET,HEAD,POST' } }],
    ['OPTIONS /rpc/rename_artist', { status: 200, headers: { allow: 'OPTIONS,POST' } }],
  ],
  '`count=exact` with aggregates': [
    ['GET /works?select=count()', { status: 200, headers: { 'content-range': '0-0/1' } }, counted],
    ['GET /works?select=artist_id,count()', { status: 200, headers: { 'content-range': '0-2/3' } }, counted],
    ['GET /numbers?select=grp,count()&order=grp&limit=2', { status: 206, headers: { 'content-range': '0-1/7' } }, counted],
  ],
  'a NUL character': [
    ['GET /themes?label=eq.water%00', refused(400, '22021')],
    ['POST /themes', refused(400, '22021'), { body: '{"id": 7, "label": "\\u0000"}' }],
  ],
  'a request of which PostgREST makes SQL that the database refuses': [
    ['GET /works?select=id,work_details(material)&order=work_details(weight).desc.nullslast,id&id=in.(1,3)', { status: 200, body: '[{"id":1,"work_details":{"material":"canvas"}},{"id":3,"work_details":{"material":"paper"}}]' }],
    ['GET /works?select=id,artists!artist_id(name)&order=artists(home->>street)&id=in.(1,4)', { status: 200, body: '[{"id":1,"artists":{"name":"Ann"}},{"id":4,"artists":{"name":"Cem"}}]' }],
    ['GET /works?select=...artists!artist_id(artist:name),price.sum()&order=artists(name)&id=in.(1,2)', { status: 200, body: '[{"artist":"Ann","sum":30.50}]' }],
    ['GET /works?select=id,...artists!artist_id()&id=eq.1', { status: 200, body: '[{"id":1}]' }],
    ['GET /works?select=note,count()&id=eq.1', { status: 200, body: '[{"note":{"k":1},"count":1}]' }],
    ['GET /works?select=id&note->k=eq.1', { status: 200, body: '[{"id":1}]' }],
    ['GET /artists?select=id&home=eq.(Yol,,)', { status: 200, body: '[{"id":3}]' }],
    ['GET /artists?select=id&home=in.("(Yol,,)")', { status: 200, body: '[{"id":3}]' }],
    ['GET /artists?select=id&home=eq.(x', refused(400, '22P02')],
  ],
  'a write to a view that the database cannot update': [
    ['POST /room_areas', refused(403, '42501'), { json: { wing: 'x' } }],
    ['PATCH /room_areas?wing=eq.north', refused(403, '42501'), { json: { area: 1 } }],
    ['POST /work_counts', refused(403, '42501'), { json: { artist_id: 9 } }],
  ],
  'a list of other than one row for PATCH or PUT': [
    ['PUT /themes?id=eq.9', refused(400, 'PGRST102'), { json: [] }],
    ['PUT /themes?id=eq.9', refused(400, 'PGRST102'), { json: [{ id: 9, label: 'a' }, { id: 10, label: 'b' }] }],
    ['PATCH /works?id=eq.1', refused(400, 'PGRST102'), { json: [], headers: wanted }],
  ],
  'PUT with a body that lacks the key': [
    ['PUT /themes?id=eq.9', { status: 204 }, { json: { label: 'put' } }],
  ],
}; // biome-ignore format: one case a line

export const differenceCases: readonly Case[] = Object.entries(rows).flatMap(([difference, shown]) =>
  shown.map(([request, ours, given]) => ({ difference, request, ours, ...given })),
);
