/** The rows of docs/differences.md, each shown by requests whose answers do differ. */
import type { Case, Expected } from '../case.ts';

const refused = (status: number, code: string): Expected => ({ status, code });
const wanted = { prefer: 'return=representation' };

const csv = { headers: { accept: 'text/csv' } };

/** What shows one row: a request, its body or headers, and our answer. */
type Shown = readonly [request: string, ours: Expected, given?: Pick<Case, 'headers' | 'json' | 'body'>];

const many = (count: number, part: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => part(index)).join(',');

const rows: Readonly<Record<string, readonly Shown[]>> = {
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
  'a write that the role may not do, with a body that cannot be read': [
    ['POST /work_counts', refused(403, '42501'), { body: '{' }],
  ],
  'signs after the end of a parameter': [
    ['GET /works?select=,id', refused(400, 'PGRST100')],
    ['GET /works?select=id;title', refused(400, 'PGRST100')],
    ['GET /works?select=(id)', refused(400, 'PGRST100')],
    ['GET /works?select=id,themes label)', refused(400, 'PGRST100')],
    ['GET /works?id=in.(1,2)x', refused(400, 'PGRST100')],
    ['GET /works?inventory=in.(E(5),A-1)', refused(400, 'PGRST100')],
  ],
  'a name with signs beyond letters, without quotes': [
    ['GET /we ird?select=😀&"a.b"=eq.1', { status: 200, body: '[{"😀":"smile"}]' }],
    ['GET /we ird?select="a.b"&😀=eq.😀', { status: 200, body: '[{"a.b":2}]' }],
  ],
  'two embedded relationships of one name': [
    ['GET /works?select=id,t:themes(label),t:loans(id)', refused(400, 'PGRST100')],
    ['GET /works?select=id,themes(label),themes(id)', refused(400, 'PGRST100')],
  ],
  'text in CSV': [
    ['GET /kinds?select=a_bytea&id=eq.1', { status: 200, body: 'a_bytea\n\\x00ff10' }, csv],
    ['GET /we ird?select="sel,ect"&"a.b"=eq.1', { status: 200, body: '"sel,ect"\ns' }, csv],
  ],
  'a composite column compared with a value': [
    ['GET /artists?select=id&home=eq.(Yol,,)', { status: 200, body: '[{"id":3}]' }],
    ['GET /artists?select=id&home=in.("(Yol,,)")', { status: 200, body: '[{"id":3}]' }],
    ['GET /artists?select=id&home=eq.(x', refused(400, '22P02')],
  ],
  'a NUL character': [
    ['GET /themes?label=eq.water%00', refused(400, '22021')],
    ['POST /themes', refused(400, '22021'), { body: '{"id": 7, "label": "\\u0000"}' }],
  ],
  'an order by a column of an embedded row that is not selected': [
    [
      'GET /works?select=id,work_details(material)&order=work_details(weight).desc.nullslast,id&id=in.(1,3)',
      { status: 200, body: '[{"id":1,"work_details":{"material":"canvas"}},{"id":3,"work_details":{"material":"paper"}}]' },
    ],
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
