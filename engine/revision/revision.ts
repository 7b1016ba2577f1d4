/** One immutable build of a project, ready to answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Project } from '../../schema/project.ts';
import type { Api } from '../api/api.ts';
import type { Pool } from '../dialect/dialect.ts';
import type { LiveSurface } from '../graphql/live/surface.ts';

export interface Revision {
  /** `dev@sha256:1a2b3c4d5e6f+01234567`, `main@sha1:…+…`. */
  readonly id: string;
  /** Its served name: the project's slug, or what `as:` in server.yaml says. */
  readonly project: string;
  readonly source: Project;
  readonly api: Api;
  /** By the database's name, for operators to read. */
  readonly pools: ReadonlyMap<string, Pool>;
  /** The way of a request; its path is without the project's prefix. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  /** What sockets run on; absent where there are none. */
  readonly sockets?: LiveSurface;
  /** Answers one request without a network: to probe before the swap, and in tests. */
  readonly inject: (request: InjectedRequest) => Promise<InjectedAnswer>;
  /** When its last request has ended. */
  readonly close: () => Promise<void>;
}

export interface InjectedRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface InjectedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | number | undefined>>;
  readonly body: string;
}
