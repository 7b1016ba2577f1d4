/** What every dialect says of the same situation, in the same words: by SQLSTATE, and of connections and pools. */
import { type Code, codes } from '../problem/codes.ts';
import { Problem, type ProblemOptions } from '../problem/problem.ts';

/** A moment later the same request may succeed. */
const retryAfter = { 'Retry-After': '1' } as const;

/** What to say for a SQLSTATE of ours; a class (two letters) stands for every other code in it. */
export const answers: ReadonlyMap<string, readonly [Code, string]> = new Map<string, readonly [Code, string]>(
  [
    ['0A', ['0A000', 'The database does not support this here.']],
    ['21', ['21000', 'The request would write one row twice, or reads one row where there are several.']],
    ['22', ['22000', 'The database refused a value.']],
    ['22001', ['22001', 'A value is too long for its column.']],
    ['22003', ['22003', 'A number is out of the range of its type.']],
    ['22007', ['22007', 'A date or time could not be read.']],
    ['22008', ['22008', 'A date or time is out of range.']],
    ['22021', ['22021', 'A text holds a character that the database cannot store, such as NUL.']],
    ['22023', ['22023', 'A value is not valid here.']],
    ['22025', ['22025', 'A pattern ends with an escape character.']],
    ['2201B', ['2201B', 'A regular expression is not valid.']],
    ['22P02', ['22P02', 'A value could not be read as the type of its column.']],
    ['22P05', ['22021', 'A text holds a character that the database cannot store.']],
    ['23', ['23000', 'A constraint does not hold.']],
    ['23502', ['23502', 'A column that needs a value has none.']],
    ['23503', ['23503', 'The row refers to a row that does not exist, or another row still refers to it.']],
    ['23505', ['23505', 'A row with the same unique value exists already.']],
    ['23514', ['23514', 'A check constraint does not hold for the row.']],
    ['23P01', ['23P01', 'The row conflicts with an existing row.']],
    ['25006', ['25006', 'The request only reads, and something in it tried to write.']],
    ['40', ['40001', 'Another transaction interfered. The request can be repeated.']],
    ['40P01', ['40P01', 'Two transactions waited for each other. The request can be repeated.']],
    ['42501', ['42501', "The database does not allow this to the engine's user."]],
    ['42804', ['22P02', 'A value could not be read as the type of its column.']],
    ['42725', ['42725', 'More than one function of the database fits the types.']],
    ['42846', ['42846', 'A value of this type cannot be cast to the type asked for.']],
    ['42883', ['42883', 'The operator does not apply to values of this type.']],
    ['42P10', ['42P10', 'No unique key has exactly the columns of the conflict target.']],
    ['428C9', ['428C9', 'A column that the database generates cannot be written.']],
    ['44', ['44000', 'The row would not be visible in the view it is written through.']],
    ['54', ['54000', 'The request passes a limit of the database.']],
    ['55', ['55000', 'The relation cannot be written in this way.']],
    ['55P03', ['55P03', 'A lock could not be had in time. The request can be repeated.']],
    ['57014', ['57014', 'The statement took too long and was ended.']],
    ['P0', ['P0001', 'A function of the database raised an error.']],
  ],
);

export const unreachable = 'The database cannot be reached at the moment.';

const lostCodes = new Set([
  'ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH',
  'ENETDOWN', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT', 'EMFILE', 'ENFILE',
]); // biome-ignore format: a list

/** What the system says of a socket that does not work. */
export function isNetworkError(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string' && lostCodes.has(error.code);
}

/** Whatever kept a connection from opening: the database cannot be reached. */
export function toConnectProblem(error: unknown): Problem {
  return error instanceof Problem ? error : problem('NS503', unreachable, error);
}

export function problem(code: Code, message: string, cause?: unknown, raised?: string): Problem {
  const hint = hints.get(code) ?? hints.get(code.slice(0, 2)) ?? null;
  return new Problem(code, {
    message,
    hint,
    ...timing(code),
    ...(raised === undefined ? null : { raised }),
    cause,
  });
}

/** What to do next: by code, else by class. */
const hints: ReadonlyMap<string, string> = new Map([
  ['22', "Write each value in the form of its column's type."],
  ['23', 'Change the values so that the constraint holds.'],
  ['42501', 'Whoever runs the API can grant it to that user in the database.'],
  ['42', 'Use an operator of the type of the column.'],
]);

/** 503 and 504 say when to come back. */
function timing(code: Code): Pick<ProblemOptions, 'headers'> {
  return codes[code].status >= 503 ? { headers: retryAfter } : {};
}

/** What a function's author chose to say: the message is meant for the caller. */
export function raised(
  state: string,
  words: Pick<ProblemOptions, 'message' | 'details' | 'hint' | 'cause'>,
): Problem {
  const code = isCode(state) && !state.startsWith('NS') && !state.startsWith('PGRST') ? state : 'P0001';
  return new Problem(code, {
    ...timing(code),
    ...(code === state ? null : { raised: state, status: raisedStatus(state) }),
    ...words,
  });
}

/** `PT402` chooses its status; a state that nobody knows is the caller's mistake, or the server's by its class. */
function raisedStatus(state: string): number {
  const chosen = /^PT([1-5][0-9]{2})$/.exec(state)?.[1];
  if (chosen !== undefined && Number(chosen) >= 200) return Number(chosen);
  if (/^(?:08|53)/.test(state)) return 503;
  if (/^(?:0L|0P|28)/.test(state)) return 403;
  return /^(?:09|25|2D|38|39|3B|40|54|55|57|58|F0|HV|P0|XX)/.test(state) ? 500 : 400;
}

function isCode(state: string): state is Code {
  return Object.hasOwn(codes, state);
}

export function exhausted(acquireMs: number): Problem {
  return problem('NS504', `No database connection became free within ${acquireMs} ms.`);
}

export function queueFull(waiting: number): Problem {
  return problem('NS504', `${waiting} requests already wait for a database connection.`);
}

export function tooManyStreams(max: number): Problem {
  return problem(
    'NS504',
    `${max} exports from this database run already. The request can be repeated in a moment.`,
  );
}

export function poolClosed(): Problem {
  return problem('NS503', 'The database is being disconnected.');
}

const aborted = new WeakSet<Problem>();

/** For a statement that its caller no longer waits for; never to be reported. */
export function abortedProblem(reason: unknown): Problem {
  const result = problem('57014', 'The request was given up by its caller.', reason);
  aborted.add(result);
  return result;
}

/** True for the end of a statement that we ended ourselves, because the caller has gone away. */
export function isAborted(error: unknown): boolean {
  return error instanceof Problem && aborted.has(error);
}

/** One row that is longer than any answer may be. */
export function answerTooLarge(maxBytes: number): Problem {
  return new Problem('NS430', {
    message: `The answer would be larger than ${Math.round(maxBytes / 1024 / 1024)} MB.`,
    hint: 'Ask for fewer rows, columns or embedded relationships at once.',
  });
}

/** A statement that outlived its timeout on the server, or a server that no longer answers. */
export function frozen(timeoutMs: number): Problem {
  return problem('57014', `The database gave no answer within ${timeoutMs} ms.`);
}
