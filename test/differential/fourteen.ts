/** Requests that PostgREST 14 answers otherwise than the program of version 12: what its documentation and its changelog say. */
import type { Case, Expected } from './case.ts';

export interface Fourteen extends Case {
  readonly ours: Expected;
}

const rows = (text: string): Expected => ({ status: 200, body: text });
const refused = (status: number, code: string): Expected => ({ status, code });
const get = (path: string, ours: Expected): Fourteen => ({ request: `GET ${path}`, ours });
const strict = (limit: number) => ({
  prefer: `handling=strict, max-affected=${limit}, return=representation`,
});

export const fourteen: readonly Fourteen[] = [
  // is.not_null (13).
  get('/works?select=id&price=is.not_null&order=id', rows('[{"id":1},{"id":2},{"id":4},{"id":5}]')),
  get('/works?select=id&price=not.is.not_null', rows('[{"id":3}]')),
  get('/works?select=id&or=(price.is.not_null,year.is.not_null)&order=id&limit=1', rows('[{"id":1}]')),
  // Spread of many rows gives lists (13).
  get('/artists?select=name,...works!artist_id(titles:title)&id=lt.3&order=id&works.order=id', rows('[{"name":"Ann","titles":["Alpha ships","Beta ship"]},{"name":"Bob","titles":["Gamma"]}]')),
  get('/artists?select=id,...works!artist_id(title,year)&id=gt.2&order=id&works.order=id', rows('[{"id":3,"title":["Delta rays","Épsilon \\"quoted\\", etc."],"year":[1999,2001]},{"id":4,"title":[],"year":[]}]')),
  get('/works?select=id,...themes(label)&id=lt.3&order=id&themes.order=id', rows('[{"id":1,"label":["water","war"]},{"id":2,"label":["water"]}]')),
  get('/works?select=id,...themes(label)&id=eq.1&themes.order=label.desc&themes.limit=1', rows('[{"id":1,"label":["water"]}]')),
  get('/works?select=id,...themes!inner(label)&themes.label=eq.light', rows('[{"id":5,"label":["light"]}]')),
  get('/works?select=id,...loans(fee,...museums!from_id(from:name))&id=eq.1&loans.order=id', rows('[{"id":1,"fee":["$1,000.00","$12.50"],"from":["Louvre","Pera"]}]')),
  get('/artists?select=id,...works!artist_id(price.sum())', refused(400, 'PGRST127')),
  get('/countries?select=code,...artists(name,...works!artist_id(titles:title))&code=neq.US&order=code&artists.order=id&artists.works.order=id', rows('[{"code":"FR","name":["Ann","Dee, \\"D\\""],"titles":[["Alpha ships","Beta ship"],[]]},{"code":"TR","name":["Cem"],"titles":[["Delta rays","Épsilon \\"quoted\\", etc."]]}]')),
  get('/themes?select=label,works:work_themes(work_id,...works(title))&id=eq.3', rows('[{"label":"light","works":[{"work_id":5,"title":"Épsilon \\"quoted\\", etc."}]}]')),
  // Text search makes vectors of what is none (13).
  get('/works?select=id&title=fts.ships&order=id', rows('[{"id":1},{"id":2}]')),
  get('/works?select=id&title=fts(simple).ships', rows('[{"id":1}]')),
  get('/works?select=id&meta=fts.t', rows('[]')),
  get('/works?select=id&meta=fts(simple).u', rows('[{"id":2}]')),
  get('/works?select=id&meta->>s=fts(simple).u', rows('[{"id":2}]')),
  get('/works?select=id&note=fts(simple).x', rows('[]')),
  get('/works?select=id&or=(meta.fts(simple).u,title.wfts(english).gamma)&order=id', rows('[{"id":2},{"id":3}]')),
  // max-affected (12.2, for functions 14).
  { request: 'PATCH /themes?id=gt.1&select=id', json: { label: 'x' }, headers: strict(2), ours: { status: 200, body: '[{"id":2},{"id":3}]', headers: { 'preference-applied': 'return=representation, handling=strict, max-affected=2' } } },
  { request: 'PATCH /themes?id=gt.1', json: { label: 'x' }, headers: strict(1), ours: refused(400, 'PGRST124') },
  { request: 'DELETE /work_themes?work_id=eq.1', headers: strict(1), ours: refused(400, 'PGRST124') },
  { request: 'DELETE /work_themes?work_id=eq.1', headers: { prefer: 'handling=lenient, max-affected=1' }, ours: { status: 204 } },
  { request: 'POST /rpc/drop_notes', json: {}, headers: strict(1), ours: refused(400, 'PGRST124') },
  { request: 'POST /rpc/drop_notes?select=rank', json: {}, headers: strict(2), ours: rows('[{"rank":2},{"rank":2}]') },
  { request: 'POST /rpc/rename_artist', json: { artist_id: 1, new_name: 'x' }, headers: strict(1), ours: refused(400, 'PGRST128') },
  // Rows of functions are filtered and ordered by columns that are not selected (13).
  get('/rpc/works_from?select=id&order=price.desc,id&limit=2', rows('[{"id":2},{"id":1}]')),
  get('/rpc/works_from?select=id&price=gt.10.5', rows('[{"id":2}]')),
  get('/rpc/homes?select=zip&floor=gt.1', rows('[{"zip":"75001"}]')),
  { request: 'POST /rpc/drop_notes?select=body&rank=eq.1', json: {}, ours: rows('[]') },
  // What a URL gives for an argument is read as its type (13).
  get('/rpc/part_of?doc={"a":1}&key=a', rows('1')),
  get('/rpc/same_a_json?v=[1]', rows('[1]')),
  get('/rpc/same_a_json?v="s"', rows('"s"')),
  get('/rpc/same_a_jsonb?v={"a": [true]}', rows('{"a":[true]}')),
  get('/rpc/same_a_jsonb?v={a', refused(400, '22P02')),
  get('/rpc/add/1', refused(404, 'PGRST125')),
  // An embedded row is compared with null alone.
  get('/works?select=id,themes(label)&themes=eq.1', refused(400, 'PGRST120')),
  get('/works?select=id,themes(label)&themes=is.true', refused(400, 'PGRST120')),
  // Nested relationships of which nothing is selected are left out (12.2.2).
  get('/works?select=id,loans(museums!from_id())&id=eq.1', rows('[{"id":1}]')),
  // order= with writes (13).
  { request: 'PATCH /works?price=gt.10&select=id&order=id.desc', json: { year: 2 }, headers: { prefer: 'return=representation' }, ours: rows('[{"id":5},{"id":2},{"id":1}]') },
  { request: 'PATCH /works?or=(id.eq.1,title.eq.Gamma)&select=id&order=id', json: { year: 2 }, headers: { prefer: 'return=representation' }, ours: rows('[{"id":1},{"id":3}]') },
  { request: 'DELETE /work_themes?work_id=eq.1&select=theme_id&order=theme_id.desc', headers: { prefer: 'return=representation' }, ours: rows('[{"theme_id":2},{"theme_id":1}]') },
  { request: 'POST /themes?select=id&order=id.desc', json: [{ id: 7, label: 'a' }, { id: 8, label: 'b' }], headers: { prefer: 'return=representation' }, ours: { status: 201, body: '[{"id":8},{"id":7}]' } },
  // Places and profiles.
  get('/nope', refused(404, 'PGRST205')),
  get('/works/1/2/3', refused(404, 'PGRST125')),
  get('/rpc/nope', refused(404, 'PGRST202')),
  { request: 'GET /works', headers: { 'accept-profile': 'nope' }, ours: { status: 406, code: 'PGRST106' } },
]; // biome-ignore format: one case a line
