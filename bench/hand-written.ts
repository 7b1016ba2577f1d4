/** What a good engineer writes by hand: Fastify and pg, one route a question, JSON built by Postgres, COPY. No permissions. */
import Fastify from 'fastify';
import pg from 'pg';
import { copyTo } from './copy.ts';

const pool = new pg.Pool({ connectionString: process.env.BENCH_URL, max: 20 });
const app = Fastify();

const routes: Readonly<Record<string, string>> = {
  '/one/:id': 'SELECT id, name, album_id, ms, price FROM tracks WHERE id = $1 AND id > 0 LIMIT 1000',
  '/twenty': 'SELECT id, name, album_id, ms, price FROM tracks WHERE id > 0 ORDER BY id LIMIT 20',
  '/nested': `SELECT id, name, (
      SELECT coalesce(json_agg(a), '[]') FROM (
        SELECT id, title, (
          SELECT coalesce(json_agg(t), '[]') FROM (SELECT id, name, ms FROM tracks WHERE album_id = albums.id AND id > 0 ORDER BY id LIMIT 1000) AS t
        ) AS tracks FROM albums WHERE artist_id = artists.id AND id > 0 ORDER BY id LIMIT 1000
      ) AS a
    ) AS albums FROM artists WHERE id > 0 ORDER BY id LIMIT 10`,
};

for (const [path, rows] of Object.entries(routes)) {
  const text = `SELECT coalesce(json_agg(r), '[]')::text AS body FROM (${rows}) AS r`;
  app.get<{ Params: { id?: string } }>(path, async (request, reply) => {
    const values = request.params.id === undefined ? [] : [request.params.id];
    const result = await pool.query<{ body: string }>({ name: path, text, values });
    reply.type('application/json; charset=utf-8');
    return result.rows[0]?.body;
  });
}

app.post<{ Body: { body: string; stars: number } }>('/insert', async (request, reply) => {
  const { body, stars } = request.body;
  const text = 'INSERT INTO notes (body, stars) VALUES ($1, $2)';
  await pool.query({ name: 'insert', text, values: [body, stars] });
  reply.code(201);
});

app.patch<{ Params: { id: string }; Body: { n: number } }>('/update/:id', async (request, reply) => {
  const text = 'UPDATE counters SET n = $1 WHERE id = $2 AND id > 0';
  await pool.query({ name: 'update', text, values: [request.body.n, request.params.id] });
  reply.code(204);
});

app.post<{ Body: unknown }>('/bulk', async (request, reply) => {
  const text =
    'INSERT INTO notes (body, stars) SELECT body, stars FROM json_to_recordset($1) AS t (body text, stars int)';
  await pool.query({ name: 'bulk', text, values: [JSON.stringify(request.body)] });
  reply.code(201);
});

const events = 'SELECT id, kind, title, amount FROM events WHERE id > 0 ORDER BY id';
const exports = {
  ndjson: ['application/x-ndjson', `COPY (SELECT row_to_json(e) FROM (${events}) AS e) TO STDOUT`],
  csv: ['text/csv', `COPY (${events}) TO STDOUT (FORMAT csv, HEADER)`],
} as const;

for (const [form, [type, text]] of Object.entries(exports)) {
  app.get(`/export/${form}`, async (_request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': type });
    const client = await pool.connect();
    await copyTo(client, text, reply.raw);
    client.release();
    reply.raw.end();
  });
}

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
