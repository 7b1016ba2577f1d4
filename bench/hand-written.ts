/** What a good engineer writes by hand: Fastify and pg, one route a question, JSON built by Postgres. No permissions. */
import Fastify from 'fastify';
import pg from 'pg';

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

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
