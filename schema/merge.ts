/** The documents of all files → one draft: by name, each name once; `tests` joined; any other key in one file. */
import type { Diagnostic, Source } from './diagnostic.ts';
import type { YamlDocument } from './document.ts';
import { Draft } from './draft.ts';
import type { Literal, Path } from './predicate.ts';
import type { StructuralFinding } from './structural-error.ts';
import { checkStructure, sectionsByName, topLevelKeys } from './structure.ts';

type Entries = { readonly [key: string]: Literal };

/** The file whose keys say that a folder is a project, and of which language. */
export const projectFile = 'novastack.yaml';

/**
 * Merges documents. Pure.
 *
 * @param documents in bytewise order of their files
 * @param complete  whether every file of the project could be read
 */
export function mergeDocuments(documents: readonly YamlDocument[], complete: boolean): Draft {
  const merger = new Merger();
  for (const document of documents) merger.add(document);
  return merger.draft(complete);
}

const start = { line: 1, column: 1 };

class Merger {
  readonly #diagnostics: Diagnostic[] = [];
  readonly #root: Record<string, Literal> = Object.create(null);
  readonly #sections = new Map<string, Record<string, Literal>>();
  readonly #tests: { document: YamlDocument; index: number }[] = [];
  readonly #testValues: Literal[] = [];
  /** By key, and by section and name: the document where it was first written. */
  readonly #owners = new Map<string, YamlDocument>();
  readonly #unsound: Path[] = [];
  #first: YamlDocument | undefined;

  add(document: YamlDocument): void {
    const { value } = document;
    if (value === undefined) return;
    if (!isEntries(value) || !Object.keys(value).some((key) => topLevelKeys.includes(key))) {
      this.#diagnostics.push(skipped(document.locate([])));
      return;
    }
    this.#first = this.#first?.file === projectFile ? this.#first : document;
    const firstTest = this.#tests.length;
    for (const [key, content] of Object.entries(value)) this.#addKey(document, key, content);
    for (const finding of checkStructure(value)) {
      this.#diagnostics.push(diagnosticOf(document, finding));
      this.#unsound.push(merged(finding.path, firstTest));
    }
  }

  draft(complete: boolean): Draft {
    for (const [section, entries] of this.#sections) this.#root[section] = Object.freeze(entries);
    if (this.#tests.length > 0) this.#root.tests = Object.freeze(this.#testValues);
    const draft = new Draft(
      Object.freeze(this.#root),
      (path, part) => this.#locate(path, part),
      complete,
      this.#unsound,
    );
    draft.diagnostics.push(...this.#diagnostics);
    return draft;
  }

  #addKey(document: YamlDocument, key: string, content: Literal): void {
    if (!topLevelKeys.includes(key)) return;
    if (isSectionByName(key) && isEntries(content)) {
      this.#addNames(document, key, content);
      return;
    }
    if (key === 'tests' && Array.isArray(content)) {
      this.#own([key], document);
      content.forEach((test, index) => {
        this.#tests.push({ document, index });
        this.#testValues.push(test);
      });
      return;
    }
    if (this.#own([key], document)) this.#root[key] = content;
    // A section of the wrong kind is structure's to report, wherever else the key is.
    else if (!isSectionByName(key) && key !== 'tests')
      this.#twice(document, [key], `"${key}" is declared in two files.`);
  }

  #addNames(document: YamlDocument, section: string, content: Entries): void {
    this.#own([section], document);
    const entries = this.#sections.get(section) ?? (Object.create(null) as Record<string, Literal>);
    this.#sections.set(section, entries);
    for (const [name, entry] of Object.entries(content)) {
      const path = [section, name];
      if (this.#own(path, document)) entries[name] = entry;
      else this.#twice(document, path, `"${name}" is declared twice under "${section}".`);
    }
  }

  /** @returns false when another document has it already */
  #own(path: Path, document: YamlDocument): boolean {
    const key = JSON.stringify(path);
    if (this.#owners.has(key)) return false;
    this.#owners.set(key, document);
    return true;
  }

  #twice(document: YamlDocument, path: Path, message: string): void {
    const first = this.#owners.get(JSON.stringify(path))!;
    this.#diagnostics.push({
      code: 'DECLARED_TWICE',
      severity: 'error',
      message,
      hint: 'keep one of them, or give them different names',
      source: document.locate(path, 'key'),
      related: [{ message: 'The first one is here.', source: first.locate(path, 'key') }],
    });
  }

  #locate(path: Path, part?: 'key' | 'value'): Source {
    const [key, name, ...rest] = path;
    if (key === 'tests' && typeof name === 'number') {
      const test = this.#tests[name];
      if (test) return test.document.locate(['tests', test.index, ...rest], part);
    }
    const owner = this.#owners.get(JSON.stringify([key, name])) ?? this.#owners.get(JSON.stringify([key]));
    return (owner ?? this.#first)?.locate(path, part) ?? { file: projectFile, span: { start, end: start } };
  }
}

/** A path in a file → the path in the draft: only tests are counted anew. */
function merged(path: Path, firstTest: number): Path {
  const [key, index, ...rest] = path;
  return key === 'tests' && typeof index === 'number' ? [key, firstTest + index, ...rest] : path;
}

/** A finding of the structure of one file, with its place. */
export function diagnosticOf(document: YamlDocument, finding: StructuralFinding): Diagnostic {
  return {
    code: finding.code,
    severity: 'error',
    message: finding.message,
    ...(finding.hint === undefined ? {} : { hint: finding.hint }),
    source: document.locate(finding.path, finding.part),
  };
}

/** Also said of a text that is no YAML: without a known key it is not ours to judge. */
export function skipped(source: Source): Diagnostic {
  return {
    code: 'FILE_SKIPPED',
    severity: 'notice',
    message: `The file "${source.file}" was skipped: it has no key of the language at its top.`,
    hint: 'begin its name with "_" or name it in .gitignore to be rid of this notice',
    source: { file: source.file, span: { start: source.span.start, end: source.span.start } },
  };
}

function isEntries(value: Literal | undefined): value is Entries {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSectionByName(key: string): boolean {
  return (sectionsByName as readonly string[]).includes(key);
}
