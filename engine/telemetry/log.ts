/** The log: one line an event, by pino. JSON for machines, a plain line for a terminal; nothing secret in either. */
import { type DestinationStream, destination, type Logger, type LoggerOptions, pino } from 'pino';
import type { OperationalEvent, RequestEvent } from './events.ts';

export interface LogOptions {
  /** `json`: one object a line. `plain`: one short line for people. `silent`: nothing. */
  readonly format: 'json' | 'plain' | 'silent';
  /** Default `info`. */
  readonly level?: 'error' | 'warn' | 'info' | 'debug';
  /** Where lines go. Default standard output. */
  readonly write?: (line: string) => void;
  /** Which events get a line. Default all. */
  readonly wants?: (event: OperationalEvent) => boolean;
  /** The number of the process among those that share one log; each of its lines has it. Default: it is alone. */
  readonly worker?: number;
}

export interface Log {
  write(event: OperationalEvent): void;
  /** Whole lines of another process's log, as they are: one writer keeps them whole. */
  relay(lines: string): void;
  /** Hands over what is still buffered. */
  flush(): void;
}

/** No field of ours holds any of these; a cause that a driver gives might. */
const redacted = [
  'password', 'secret', 'token', 'authorization', 'apikey', 'cookie', 'connectionString', 'parameters', 'values',
]; // biome-ignore format: a list

export function createLog(options: LogOptions): Log {
  if (options.format === 'silent') return { write: () => {}, relay: () => {}, flush: () => {} };
  const out = target(options);
  const settings: LoggerOptions = {
    level: options.level ?? 'info',
    base: options.worker === undefined ? undefined : { worker: options.worker },
    timestamp: options.format === 'json' ? timestamp() : false,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: describeCause },
  };
  const redact = { paths: redacted.flatMap((name) => [name, `err.${name}`]), censor: '[redacted]' };
  const logger = pino({ ...settings, redact }, out.stream);
  // A request's line has fields of our own choosing and nothing to redact; looking for it would double what it costs.
  const requests = pino(settings, out.stream);
  const wants = options.wants ?? (() => true);
  return {
    write: (event) => {
      if (!wants(event)) return;
      if (event.kind === 'request') writeRequest(requests, event);
      else writeEvent(logger, event);
    },
    relay: out.raw,
    flush: out.flush,
  };
}

/** ISO 8601, written once a millisecond. */
function timestamp(): () => string {
  let last = 0;
  let text = '';
  return () => {
    const now = Date.now();
    if (now !== last) {
      last = now;
      text = `,"time":"${new Date(now).toISOString()}"`;
    }
    return text;
  };
}

interface Target {
  readonly stream: DestinationStream;
  /** Past the form that the stream gives to lines. */
  readonly raw: (text: string) => void;
  readonly flush: () => void;
}

function target(options: LogOptions): Target {
  const write = options.write;
  if (options.format === 'plain') {
    const print = write ?? ((line: string) => process.stdout.write(line));
    return { stream: { write: (line) => print(plain(line)) }, raw: print, flush: () => {} };
  }
  if (write !== undefined)
    return { stream: { write }, raw: (text) => linesOf(text).forEach(write), flush: () => {} };
  const stream = destination({ fd: 1, sync: false, minLength: 15 * 1024, periodicFlush: 500 });
  return { stream, raw: (text) => stream.write(text), flush: () => stream.flushSync() };
}

/** Each with its end. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n/g) ?? [];
}

function writeEvent(logger: Logger, event: Exclude<OperationalEvent, RequestEvent>): void {
  switch (event.kind) {
    case 'fault':
      logger.error({ event: event.kind, project: event.project, message: event.message, err: event.cause });
      break;
    case 'issuer': {
      const { issuer, project, usable, message, cause } = event;
      logger[usable && cause === undefined ? 'info' : 'warn']({
        event: event.kind,
        project,
        issuer,
        usable,
        message,
        err: cause,
      });
      break;
    }
    case 'control': {
      const { reachable, cause } = event;
      logger[reachable ? 'info' : 'warn']({ event: event.kind, reachable, err: cause });
      break;
    }
    case 'operation-asked':
      logger[event.result === 'accepted' ? 'info' : 'warn']({ event: event.kind, ...withoutKind(event) });
      break;
    case 'webhook':
      logger[event.result === 'refused' ? 'warn' : 'info']({ event: event.kind, ...withoutKind(event) });
      break;
    case 'rejected':
    case 'report-refused':
    case 'stopping':
      logger.warn({ event: event.kind, ...withoutKind(event) });
      break;
    case 'database':
      logger[event.reachable ? 'info' : 'warn']({ event: event.kind, ...withoutKind(event) });
      break;
    case 'reconciling':
      logger.debug({ event: event.kind, ...withoutKind(event) });
      break;
    case 'migrated':
    case 'leading':
    case 'listening':
    case 'stopped':
    case 'applied':
    case 'retired':
      logger.info({ event: event.kind, ...withoutKind(event) });
      break;
    case 'operation':
    case 'socket':
      logger.info({ event: event.kind, ...withoutKind(event), ms: round(event.ms) });
      break;
    default:
      event satisfies never;
  }
}

function writeRequest(logger: Logger, event: RequestEvent): void {
  const line = {
    event: 'request',
    requestId: event.requestId,
    project: event.project,
    revision: event.revision,
    surface: event.surface,
    method: event.method,
    route: event.route,
    table: event.table,
    role: event.role,
    subject: event.subjectHash,
    status: event.status,
    code: event.code,
    bytes: event.bytes,
    aborted: event.aborted || undefined,
    ms: round(event.durations.total),
    planMs: round(event.durations.plan),
    dbMs: round(event.durations.db),
    // A refusal is the caller's to mend, and a driver's words on refused data quote that data: only faults have causes.
    err: event.status >= 500 ? event.cause : undefined,
  };
  if (event.status >= 500) logger.error(line);
  else logger.info(line);
}

function withoutKind(event: OperationalEvent): object {
  const { kind: _, ...rest } = event;
  return rest;
}

function round(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms * 100) / 100;
}

/** Name, code, message and stack, down the chain of causes; no further field, since drivers put values there. */
function describeCause(cause: unknown, depth = 0): unknown {
  if (cause === undefined || cause === null || depth > 4) return undefined;
  if (!(cause instanceof Error)) return { message: String(cause).slice(0, 500) };
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  return {
    name: cause.name,
    code,
    message: cause.message,
    stack: cause.stack,
    cause: describeCause(cause.cause, depth + 1),
  };
}

interface PlainLine {
  readonly level: string;
  readonly event: string;
  readonly [field: string]: unknown;
}

function plain(json: string): string {
  const line = JSON.parse(json) as PlainLine;
  if (line.event === 'request') return plainRequest(line);
  const fields = Object.entries(line).filter(([name]) => !['level', 'event', 'err'].includes(name));
  const said = fields.map(([name, value]) => `${name}=${printable(value)}`).join(' ');
  return `${line.level === 'info' ? '' : `${line.level} `}${line.event} ${said}\n${plainCause(line.err)}`;
}

function plainRequest(line: PlainLine): string {
  const where = `${line.project === undefined ? '' : `/${printable(line.project)}`}${printable(line.route ?? '')}`;
  const parts = [
    line.method,
    line.table === undefined ? where : where.replace(/:table|\*/, () => printable(line.table)),
    line.status,
    line.code,
    `${printable(line.ms)} ms`,
    line.role,
  ];
  const said = parts
    .filter((part) => part !== undefined)
    .map(printable)
    .join(' ');
  return `${said}\n${plainCause(line.err)}`;
}

function plainCause(cause: unknown): string {
  if (cause === undefined || cause === null) return '';
  const { stack, message, cause: inner } = cause as { stack?: string; message?: string; cause?: unknown };
  return `  ${(stack ?? message ?? '').replaceAll('\n', '\n  ')}\n${plainCause(inner)}`;
}

/** A terminal obeys control characters, and callers choose some of this text. */
function printable(value: unknown): string {
  return String(typeof value === 'object' ? JSON.stringify(value) : value).replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    '�',
  );
}
