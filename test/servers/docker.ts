/** Servers from the official container images. */
import type { TestEngine } from './identity.ts';
import { untilAnswers } from './private.ts';
import { type Kept, output, which } from './process.ts';
import { none, type Provider } from './provider.ts';

interface Image {
  readonly name: string;
  readonly port: number;
  readonly variable: string;
  readonly url: (address: string) => string;
}

const images: Record<TestEngine, Image> = {
  postgres: {
    name: 'postgres:17',
    port: 5432,
    variable: 'POSTGRES_HOST_AUTH_METHOD=trust',
    url: (address) => `postgres://postgres@${address}/postgres`,
  },
  mariadb: {
    name: 'mariadb:11',
    port: 3306,
    variable: 'MARIADB_ALLOW_EMPTY_ROOT_PASSWORD=1',
    url: (address) => `mysql://root@${address}/`,
  },
  mysql: {
    name: 'mysql:9',
    port: 3306,
    variable: 'MYSQL_ALLOW_EMPTY_PASSWORD=1',
    url: (address) => `mysql://root@${address}/`,
  },
};

export const fromDocker: Provider = async (engine, report) => {
  const docker = which('docker', 'podman');
  if (docker === undefined) return none('Docker: not installed');
  const reachable = await output(docker, ['info']).then(() => true, () => false); // biome-ignore format: one line
  if (!reachable) return none('Docker: installed, but its daemon does not answer');
  const image = images[engine];
  report(`${engine}: starting the image ${image.name}`);
  try {
    const id = await start(docker, image);
    const stop = () => output(docker, ['stop', '--time', '5', id]).then(() => undefined);
    const address = (await output(docker, ['port', id, `${image.port}/tcp`])).trim().split('\n')[0]!;
    const url = image.url(address);
    const kept: Kept = { tail: () => '', exited: () => false, stop };
    await untilAnswers(kept, url, engine);
    return { kind: 'server', url, from: `image ${image.name}`, stop };
  } catch (error) {
    return none(`Docker: ${error instanceof Error ? error.message : String(error)}`);
  }
};

async function start(docker: string, image: Image): Promise<string> {
  const args = ['run', '--detach', '--rm', '--publish', `127.0.0.1::${image.port}`, '--env', image.variable];
  const printed = await output(docker, [...args, image.name]);
  return printed.trim().split('\n').at(-1)!;
}
