/** What a good engineer writes by hand: Fastify and mysql2, one route a question, prepared statements. No permissions. */
import { once } from 'node:events';
import Fastify from 'fastify';
import mysql from 'mysql2';

const streams = mysql.createPool({ uri: process.env.BENCH_URL!, connectionLimit: 20 });
const pool = streams.promise();
const app = Fastify();

type Rows = mysql.RowDataPacket[];
type Value = string | number;

async function rows(text: string, values: readonly Value[] = []): Promise<Rows> {
  const [result] = await pool.execute<Rows>(text, [...values]);
  return result;
}

app.get<{ Params: { id: string } }>('/one/:id', ({ params }) =>
  rows('SELECT id, name, album_id, ms, price FROM tracks WHERE id = ? AND id > 0', [params.id]).then(numbers),
);

app.get('/twenty', () =>
  rows('SELECT id, name, album_id, ms, price FROM tracks WHERE id > 0 ORDER BY id LIMIT 20').then(numbers),
);

/** Three statements and the stitching, as nobody builds JSON in this database by hand. */
app.get('/nested', async () => {
  const artists = await rows('SELECT id, name FROM artists WHERE id > 0 ORDER BY id LIMIT 10');
  const albums = await among(
    'SELECT id, title, artist_id FROM albums WHERE artist_id IN (?) AND id > 0 ORDER BY id',
    artists,
  );
  const tracks = await among(
    'SELECT id, name, ms, album_id FROM tracks WHERE album_id IN (?) AND id > 0 ORDER BY id',
    albums,
  );
  const tracksOf = Map.groupBy(tracks, ({ album_id }) => album_id as number);
  const albumsOf = Map.groupBy(albums, ({ artist_id }) => artist_id as number);
  return artists.map(({ id, name }) => ({
    id,
    name,
    albums: (albumsOf.get(id) ?? []).map((album) => ({
      id: album.id,
      title: album.title,
      tracks: (tracksOf.get(album.id) ?? []).map((track) => ({
        id: track.id,
        name: track.name,
        ms: track.ms,
      })),
    })),
  }));
});

app.post<{ Body: { body: string; stars: number } }>('/insert', async (request, reply) => {
  const { body, stars } = request.body;
  await pool.execute('INSERT INTO notes (body, stars) VALUES (?, ?)', [body, stars]);
  reply.code(201);
});

app.patch<{ Params: { id: string }; Body: { n: number } }>('/update/:id', async (request, reply) => {
  await pool.execute('UPDATE counters SET n = ? WHERE id = ? AND id > 0', [
    request.body.n,
    request.params.id,
  ]);
  reply.code(204);
});

app.post<{ Body: readonly { body: string; stars: number }[] }>('/bulk', async (request, reply) => {
  const places = request.body.map(() => '(?, ?)').join(', ');
  const values = request.body.flatMap(({ body, stars }) => [body, stars]);
  await pool.execute(`INSERT INTO notes (body, stars) VALUES ${places}`, values);
  reply.code(201);
});

const events = 'SELECT id, kind, title, amount FROM events WHERE id > 0 ORDER BY id';
const lines = {
  ndjson: (row: mysql.RowDataPacket) => `${JSON.stringify({ ...row, amount: Number(row.amount) })}\n`,
  csv: (row: mysql.RowDataPacket) => `${[row.id, row.kind, row.title, row.amount].join(',')}\n`,
};
const heads = { ndjson: ['application/x-ndjson', ''], csv: ['text/csv', 'id,kind,title,amount\n'] } as const;

for (const form of ['ndjson', 'csv'] as const) {
  app.get(`/export/${form}`, async (_request, reply) => {
    reply.hijack();
    const [type, head] = heads[form];
    reply.raw.writeHead(200, { 'content-type': type });
    reply.raw.write(head);
    let text = '';
    for await (const row of streams.query(events).stream()) {
      text += lines[form](row as mysql.RowDataPacket);
      if (text.length < 65_536) continue;
      if (!reply.raw.write(text)) await once(reply.raw, 'drain');
      text = '';
    }
    reply.raw.end(text);
  });
}

/** Decimals come as text. */
function numbers(all: Rows): Rows {
  for (const row of all) row.price = Number(row.price);
  return all;
}

async function among(text: string, parents: Rows): Promise<Rows> {
  if (parents.length === 0) return [];
  const places = parents.map(() => '?').join(', ');
  return rows(
    text.replace('?', places),
    parents.map(({ id }) => id as number),
  );
}

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
