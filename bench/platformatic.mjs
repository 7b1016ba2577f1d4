/** Platformatic DB 3 by its programmatic interface: GraphQL alone, a token checked, a rule for each table. */
import { create } from '@platformatic/db';

const { BENCH_URL, BENCH_SECRET, BENCH_ROLE, PORT } = process.env;

/** The only row filter that its rules can write compares with a claim. */
const checks = { id: { gt: 'least' } };
const find = (...fields) => ({ checks, fields });
/** A rule takes the place of what a caller asks of the same field, and tracks are asked for by id. */
const findTrack = (...fields) => ({ checks: { ms: { gt: 'least' } }, fields });

const app = await create(import.meta.dirname, {
  server: { hostname: '127.0.0.1', port: Number(PORT), logger: { level: 'fatal' } },
  db: { connectionString: BENCH_URL, poolSize: 20, graphql: true, openapi: false, schemalock: false },
  authorization: {
    jwt: { secret: BENCH_SECRET },
    roleKey: 'role',
    rules: [
      {
        role: BENCH_ROLE,
        entity: 'artist',
        find: find('id', 'name', 'albums', 'artist_id'),
        save: false,
        delete: false,
      },
      {
        role: BENCH_ROLE,
        entity: 'album',
        find: find('id', 'title', 'artistId', 'artist_id', 'tracks'),
        save: false,
        delete: false,
      },
      {
        role: BENCH_ROLE,
        entity: 'track',
        find: findTrack('id', 'name', 'albumId', 'album_id', 'ms', 'price'),
        save: false,
        delete: false,
      },
      { role: BENCH_ROLE, entity: 'note', find: false, save: { fields: ['body', 'stars'] }, delete: false },
      {
        role: BENCH_ROLE,
        entity: 'counter',
        find: find('id', 'n'),
        save: { checks, fields: ['id', 'n'] },
        delete: false,
      },
    ],
  },
  migrations: undefined,
});
await app.start({ listen: true });
