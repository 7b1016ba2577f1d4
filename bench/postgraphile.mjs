/** PostGraphile 5 as a library on Node's own server: its base preset, its own check of tokens, roles of the database. */
import { createServer } from 'node:http';
import { postgraphile } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { PgLazyJWTPreset } from 'postgraphile/presets/lazy-jwt';

const { BENCH_URL, BENCH_SECRET, BENCH_ANONYMOUS, PORT } = process.env;

const instance = postgraphile({
  extends: [PostGraphileAmberPreset, PgLazyJWTPreset],
  pgServices: [
    makePgService({
      connectionString: BENCH_URL,
      schemas: ['public'],
      poolConfig: { max: 20 },
      pgSettings: () => ({ role: BENCH_ANONYMOUS }),
    }),
  ],
  grafserv: {
    graphiql: false,
    watch: false,
    pgJwtSecret: BENCH_SECRET,
    pgJwtVerifyOptions: { audience: 'bench', issuer: 'https://bench.example/' },
  },
  grafast: { explain: false },
});

const server = createServer();
await instance.createServ(grafserv).addTo(server);
server.listen(Number(PORT), '127.0.0.1');
