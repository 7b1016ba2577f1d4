/** Diagnostics as SARIF 2.1.0, for GitHub's code scanning and other readers. Pure. */
import type { Diagnostic, Source } from './diagnostic.ts';

export interface SarifFinding {
  readonly diagnostic: Diagnostic;
  /** The project's folder relative to the workspace, put before files. Default: the same folder. */
  readonly base?: string;
  /** By which a reader knows the finding again wherever its line moves. Default: the reader's own. */
  readonly fingerprints?: Readonly<Record<string, string>>;
}

export interface SarifRun {
  /** What a code means, by the code. */
  readonly rules?: ReadonlyMap<string, SarifRule>;
  /** Further properties of the run, as SARIF has them. */
  readonly properties?: Readonly<Record<string, unknown>>;
}

export interface SarifRule {
  /** One sentence. */
  readonly short: string;
  readonly help: string;
}

/** One run, with the results in the order of the findings. */
export function sarifLog(findings: readonly SarifFinding[], { rules, properties }: SarifRun = {}) {
  const codes = [...new Set(findings.map(({ diagnostic }) => diagnostic.code))].sort();
  const indexes = new Map(codes.map((code, index) => [code, index]));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'NovaStack', rules: codes.map((id) => ruleOf(id, rules?.get(id))) } },
        columnKind: 'utf16CodeUnits',
        ...properties,
        results: findings.map((finding) => resultOf(finding, indexes)),
      },
    ],
  };
}

function ruleOf(id: string, rule: SarifRule | undefined) {
  if (rule === undefined) return { id };
  return { id, shortDescription: { text: rule.short }, help: { text: rule.help } };
}

const levels = { error: 'error', warning: 'warning', notice: 'note' } as const;

function resultOf({ diagnostic, base, fingerprints }: SarifFinding, indexes: ReadonlyMap<string, number>) {
  const { code, severity, message, hint, source, related } = diagnostic;
  return {
    ruleId: code,
    ruleIndex: indexes.get(code),
    level: levels[severity],
    message: { text: hint === undefined ? message : `${message}\nhint: ${hint}` },
    ...(source ? { locations: [locationOf(source, base)] } : {}),
    ...(related && related.length > 0
      ? {
          relatedLocations: related.map((other, id) => ({
            id,
            ...locationOf(other.source, base),
            message: { text: other.message },
          })),
        }
      : {}),
    ...(fingerprints === undefined ? {} : { partialFingerprints: fingerprints }),
  };
}

function locationOf({ file, span }: Source, base: string | undefined) {
  const uri = fileOf(file.toWellFormed(), base?.toWellFormed()).split('/').map(encodeURIComponent).join('/');
  return {
    physicalLocation: {
      artifactLocation: { uri, uriBaseId: '%SRCROOT%' },
      region: {
        startLine: span.start.line,
        startColumn: span.start.column,
        endLine: span.end.line,
        endColumn: span.end.column,
      },
    },
  };
}

/** From the workspace: `shop/tables/books.yaml`. */
export function fileOf(file: string, base: string | undefined): string {
  const folder = (base ?? '')
    .replace(/\\/g, '/')
    .replace(/^(\.\/)+/, '')
    .replace(/\/+$/, '');
  return folder === '' || folder === '.' ? file : `${folder}/${file}`;
}
