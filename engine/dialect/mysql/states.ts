/** The servers' error numbers as the SQLSTATE that Postgres has for the same: their own states are too coarse for a caller. */

/** The server cannot serve at all: connections, accounts, resources, shutdown. */
const unavailable = [
  1021, 1026, 1030, 1037, 1040, 1041, 1042, 1043, 1045, 1046, 1047, 1049, 1053, 1077, 1079, 1080, 1081, 1114, 1129, 1130,
  1135, 1152, 1158, 1159, 1160, 1161, 1180, 1184, 1203, 1206, 1226, 1251, 1461, 1698, 1820, 1862, 1927, 2006, 2013, 3118,
  3159, 3169, 4150, 4151,
]; // biome-ignore format: a list

/** The schema is no longer the one that the statement was compiled for. */
const drifted = [1051, 1054, 1109, 1146, 1243, 1305, 1356, 1412, 1615];

/** What a routine or a trigger itself ran into, which is its author's to mend. */
const ofAuthors = [
  1172, 1318, 1321, 1326, 1327, 1329, 1336, 1339, 1370, 1415, 1422, 1424, 1442, 1443, 1447, 1449, 1456, 4187,
]; // biome-ignore format: a list

const regularExpressions = [
  1139, 3684, 3685, 3686, 3687, 3688, 3689, 3690, 3691, 3692, 3693, 3694, 3695, 3696, 3697, 3698, 3699, 3700, 3887, 3900,
]; // biome-ignore format: a list

/** MySQL's texts and paths of JSON, then MariaDB's. */
const json = [
  3140, 3141, 3143, 3144, 3146, 3147, 3149, 3153, 3156, 3158, 3665, 3666, 4035, 4036, 4037, 4038, 4039, 4041,
  4042,
];

/** Shapes and their coordinates: MySQL's, then MariaDB's. */
const shapes = [1416, 3037, 3055, 3070, 3071, 3072, 4048, 4049, 4050, 4076];

const states: ReadonlyMap<number, string> = new Map(
  Object.entries({
    '0A000': [1191, 1235, 1289, 3618],
    '21000': [1242],
    '2200H': [1467, 4084],
    '2201E': [3064],
    '22001': [1162, 1406],
    '22003': [1264, 1690, 1916, 3155, 3616, 3617, 3669, 3731, 3732],
    '22007': [1299],
    '22008': [1441],
    '22012': [1365],
    '22021': [1300, 1977, 3854, 3988],
    '22023': [1210, 3033, 3516, 3548, 3643],
    '2201B': regularExpressions,
    '22P02': [1265, 1292, 1366, 1367, 1411, 1918, ...json, ...shapes],
    '23502': [1048, 1138, 1263, 1364, 1423, 1566],
    '23503': [1216, 1217, 1451, 1452],
    '23505': [1022, 1062, 1169, 1557, 1586, 1761, 1762, 1859],
    '23514': [1526, 3819, 4025],
    '25006': [1290, 1792, 1836, 1874],
    '40001': [1020, 3100, 3101],
    '40P01': [1213, 3058],
    '42501': [1044, 1142, 1143, 1227],
    // 1582, 1583: on MariaDB a name of a function of its own is that function.
    '42883': [1267, 1270, 1271, 1582, 1583, 4078, 4079],
    '428C9': [1348, 1906, 3105],
    '44000': [1369],
    '54000': [1038, 1104, 1116, 1117, 1118, 1153, 1390, 1436, 1473, 3150, 3157, 3636, 4040, 4043],
    '55P03': [1205, 3572],
    '55000': [1036, 1288, 1347, 1393, 1394, 1395, 1471],
    '57014': [1317, 1969, 3024],
  }).flatMap(([state, numbers]) => numbers.map((number) => [number, state] as const)),
);

const unavailableNumbers = new Set(unavailable);
const driftedNumbers = new Set(drifted);
const authorsNumbers = new Set(ofAuthors);

/** What the server said, as far as it decides on the answer. The text is in English on every session. */
export interface Refusal {
  readonly errno: number;
  readonly sqlState: string;
  readonly sqlMessage: string;
}

export type Kind =
  | { readonly kind: 'unavailable' | 'drifted' | 'ofAuthor' }
  /** `SIGNAL`: the message is an author's own. */
  | { readonly kind: 'raised'; readonly state: string }
  | { readonly kind: 'state'; readonly state: string }
  | { readonly kind: 'unknown' };

export function kindOf(refusal: Refusal): Kind {
  const { errno, sqlState } = refusal;
  // 45000 is what authors write for an error of their own, as RAISE without a state is in Postgres.
  if (sqlState === '45000') return { kind: 'raised', state: 'P0001' };
  if (signals.has(errno)) return { kind: 'raised', state: sqlState };
  if (unavailableNumbers.has(errno)) return { kind: 'unavailable' };
  if (driftedNumbers.has(errno)) return { kind: 'drifted' };
  if (authorsNumbers.has(errno)) return { kind: 'ofAuthor' };
  const state = byText(refusal) ?? states.get(errno) ?? byClass(sqlState);
  return state === undefined ? { kind: 'unknown' } : { kind: 'state', state };
}

/** SIGNAL of a state of class 01, of class 02, of any other. */
const signals = new Set([1642, 1643, 1644]);

/** Numbers that stand for more than one situation. */
function byText({ errno, sqlMessage }: Refusal): string | undefined {
  if (errno === 1366 && sqlMessage.startsWith('Incorrect string value')) return '22021';
  const isTime = /^(?:Incorrect|Truncated incorrect) (?:date|time)/i.test(sqlMessage);
  return isTime && (errno === 1292 || errno === 1411) ? '22007' : undefined;
}

/** A number that nobody has put into the table yet, in a class that speaks of values. */
function byClass(sqlState: string): string | undefined {
  return /^(?:0A|21|22|23|40|44)/.test(sqlState) ? sqlState : undefined;
}

/** The server undoes the whole transaction, or refuses what follows until the client does; it can be run again. */
export function isUndone(errno: number): boolean {
  const state = states.get(errno);
  return state === '40P01' || state === '40001';
}

/** The server closes the connection with it. */
export function isLast(errno: number): boolean {
  return errno === 1153 || unavailableNumbers.has(errno);
}
