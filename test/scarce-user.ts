/** For tests: a user of a database who may have few connections, and others who take them by the same name. */
import { randomBytes } from 'node:crypto';
import { type Scope, serverUrl, type TestEngine } from './database.ts';
import { type Admin, openAdmin } from './servers/identity.ts';

export interface ScarceUser {
  /** The database, as that user, who owns it. */
  readonly url: string;
  /** Takes what is left. Whoever has a connection keeps it. */
  readonly takeRest: () => Promise<void>;
  /** Takes every one: whoever has a connection loses it. */
  readonly takeAll: () => Promise<void>;
  readonly giveBack: () => Promise<void>;
  /** Connections of the user that are not taken by us. */
  readonly held: () => Promise<number>;
}

/** @param url of a database that was made for the test. @param most connections of the user at a time */
export async function createScarceUser(
  scope: Scope,
  engine: TestEngine,
  url: string,
  most: number,
): Promise<ScarceUser> {
  const name = `ns_scarce_${randomBytes(6).toString('hex')}`;
  const through = new URL(url);
  const database = through.pathname.slice(1);
  through.username = name;
  through.password = name;
  const admin = await openAdmin(await serverUrl(engine));
  const user = engine === 'postgres' ? name : `'${name}'@'%'`;
  const taken = new Set<Taken>();
  const giveBack = async () => {
    for (const { connection } of taken) await connection.close();
    taken.clear();
  };
  scope.after(async () => {
    await giveBack();
    await admin.query(engine === 'postgres' ? `drop role ${user}` : `drop user ${user}`);
    await admin.close();
  });
  await admin.query(
    engine === 'postgres'
      ? `create role ${user} login password '${name}' connection limit ${most}; alter database ${database} owner to ${user}`
      : `create user ${user} identified by '${name}' with max_user_connections ${most}; grant all on ${database}.* to ${user}`,
  );
  const ids = async () => {
    const rows = await admin.query(
      engine === 'postgres'
        ? `select pid as id from pg_stat_activity where usename = '${name}'`
        : `select id from information_schema.processlist where user = '${name}'`,
    );
    const ours = new Set([...taken].map(({ id }) => id));
    return rows.map(({ id }) => String(id)).filter((id) => !ours.has(id));
  };
  const takeRest = async () => {
    for (;;) {
      const connection = await openAdmin(through.href).catch(refused);
      if (connection === undefined) return;
      const sql = engine === 'postgres' ? 'select pg_backend_pid() as id' : 'select connection_id() as id';
      taken.add({ connection, id: String((await connection.query(sql))[0]!.id) });
    }
  };
  return {
    url: through.href,
    takeRest,
    takeAll: async () => {
      for (let others = await ids(); others.length > 0 || taken.size < most; others = await ids()) {
        for (const id of others)
          await admin
            .query(engine === 'postgres' ? `select pg_terminate_backend(${id})` : `kill ${id}`)
            .catch(() => 'it has gone by itself');
        await takeRest();
      }
    },
    giveBack,
    held: async () => (await ids()).length,
  };
}

interface Taken {
  readonly connection: Admin;
  readonly id: string;
}

/** That there are no more is what is waited for; anything else is a mistake of the test. */
function refused(error: Error & { readonly code?: string; readonly errno?: number }): undefined {
  const codes: readonly unknown[] = ['53300', 'ER_USER_LIMIT_REACHED', 'ER_TOO_MANY_USER_CONNECTIONS'];
  if (!codes.includes(error.code)) throw error;
}
