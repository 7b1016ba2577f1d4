/** `Accept` and `Content-Type`, as tables: the form that each asks for, or is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callType, type Media, parseAccept, rowsType } from './media.ts';

const utf8 = (type: string) => `${type}; charset=utf-8`;
const json: Media = { shape: 'list', contentType: utf8('application/json') };
const object: Media = { shape: 'object', contentType: utf8('application/vnd.pgrst.object+json') };
const csv: Media = { shape: 'list', contentType: utf8('text/csv'), stream: 'csv' };
const ndjson: Media = { shape: 'list', contentType: utf8('application/x-ndjson'), stream: 'ndjson' };
const geojson: Media = { shape: 'list', contentType: utf8('application/geo+json'), geojson: true };
const strippedList: Media = {
  shape: 'list',
  contentType: utf8('application/vnd.pgrst.array+json;nulls=stripped'),
  stripNulls: true,
};
const strippedObject: Media = {
  shape: 'object',
  contentType: utf8('application/vnd.pgrst.object+json;nulls=stripped'),
  stripNulls: true,
};

const accepted: readonly (readonly [string | undefined, Media])[] = [
  [undefined, json],
  ['', json],
  ['*/*', json],
  ['application/*', json],
  ['application/json', json],
  ['application/json; charset=utf-8', json],
  ['application/vnd.pgrst.array', json],
  ['application/vnd.pgrst.array+json', json],
  ['application/vnd.pgrst.object', object],
  ['APPLICATION/VND.PGRST.OBJECT+JSON', object],
  ['application/vnd.pgrst.object+json;nulls=stripped', strippedObject],
  ['application/vnd.pgrst.object; nulls=stripped', strippedObject],
  ['application/vnd.pgrst.array+json;nulls=stripped', strippedList],
  ['application/vnd.pgrst.array+json; nulls=stripped, text/csv;q=0.5', strippedList],
  ['text/csv', csv],
  ['text/csv;nulls=stripped', csv],
  ['text/*', csv],
  ['application/x-ndjson', ndjson],
  ['application/ndjson', ndjson],
  ['application/geo+json', geojson],
  ['text/html, application/xhtml+xml, */*;q=0.8', json],
  ['application/json;q=0.5, text/csv', csv],
  ['text/csv;q=0.5, application/json;q=0.9', json],
  ['text/csv, application/json', csv],
  ['text/csv;q=0, */*;q=0.1', json],
];

for (const [header, media] of accepted)
  test(`accepts ${header}`, () => assert.deepEqual(parseAccept(header), media));

for (const header of ['text/html', 'application/json;q=0', 'application/json;q=2', 'image/*', ','])
  test(`refuses to answer as ${header}`, () =>
    assert.throws(() => parseAccept(header), {
      code: 'PGRST107',
      status: 406,
      message: `None of these media types are available: ${header}`,
      hint: 'Accept application/json, application/vnd.pgrst.object+json, text/csv, application/x-ndjson or application/geo+json.',
    }));

test('refuses plans of queries with a reason of its own', () => {
  const header = 'application/vnd.pgrst.plan+json; for="application/json"; options=analyze';
  assert.throws(() => parseAccept(header), {
    code: 'PGRST107',
    status: 406,
    message: `None of these media types are available: ${header}`,
    hint: 'Plans of queries (explain) are not given to callers: they tell of rows that a role may not see. Ask the database itself.',
  });
});

const rows: readonly (readonly [string | undefined, string])[] = [
  [undefined, 'json'],
  ['application/json', 'json'],
  ['application/json; charset="utf-8"', 'json'],
  ['application/json;charset=UTF8', 'json'],
  ['application/vnd.pgrst.array+json', 'json'],
  ['Text/CSV; charset=utf-8', 'csv'],
  ['application/x-www-form-urlencoded', 'form'],
];
for (const [header, type] of rows)
  test(`reads rows of ${header} as ${type}`, () => assert.equal(rowsType(header), type));

const bodies: readonly (readonly [string | undefined, string])[] = [
  [undefined, 'json'],
  ['application/json; charset=utf-8', 'json'],
  ['text/plain', 'text'],
  ['text/xml; charset=utf-8', 'xml'],
  ['application/octet-stream', 'binary'],
  ['application/octet-stream; charset=latin1', 'binary'],
  ['text/csv', 'csv'],
  ['application/x-www-form-urlencoded', 'form'],
];
for (const [header, type] of bodies)
  test(`reads the body of a call of ${header} as ${type}`, () => assert.equal(callType(header), type));

test('refuses bodies of other types, and texts that are not UTF-8', () => {
  const refused = (header: string, hint: string) => ({
    code: 'PGRST107',
    status: 415,
    message: `Content-Type not acceptable: ${header}`,
    hint,
  });
  for (const header of ['text/plain', 'multipart/form-data; boundary=x', 'text/csv; charset=latin1', ''])
    assert.throws(
      () => rowsType(header),
      refused(header, 'Send application/json, text/csv or a form, in UTF-8.'),
    );
  for (const header of ['image/png', 'text/plain; charset=utf-16', ''])
    assert.throws(
      () => callType(header),
      refused(
        header,
        'Send application/json, application/x-www-form-urlencoded, text/plain, text/xml or application/octet-stream.',
      ),
    );
});
