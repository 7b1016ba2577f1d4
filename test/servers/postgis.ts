/** PostGIS for a Postgres server of the tests: there already, or from Debian's packages where root may install them. */
import { openAdmin } from './identity.ts';
import { output, which } from './process.ts';

/** @throws when the server lacks it and it cannot be installed, with what to install */
export async function ensurePostgis(url: string): Promise<void> {
  const before = await look(url);
  if (before.available) return;
  const name = `postgresql-${before.major}-postgis-3`;
  const canInstall = which('apt-get') !== undefined && process.getuid?.() === 0 && isLocal(url);
  if (canInstall) {
    const quiet = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
    await output('apt-get', ['update'], quiet);
    await output('apt-get', ['install', '-y', '--no-install-recommends', name], quiet);
  }
  if (canInstall && (await look(url)).available) return;
  throw new Error(
    `The Postgres server of the tests lacks PostGIS: install it there (Debian and Ubuntu: ${name}; Docker: the image postgis/postgis), or name another server in NOVASTACK_TEST_POSTGRES.`,
  );
}

async function look(url: string): Promise<{ readonly available: boolean; readonly major: number }> {
  const admin = await openAdmin(url);
  try {
    const [row] = await admin.query(
      `select exists (select from pg_available_extensions where name = 'postgis') as available,
              current_setting('server_version_num')::int / 10000 as major`,
    );
    return { available: row?.available === true, major: Number(row?.major) };
  } finally {
    await admin.close();
  }
}

function isLocal(url: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);
}
