/**
 * Reports of parts of one tree, joined: JSON (`attest-review/1`) or SARIF, whatever order they come in. The result is
 * byte for byte the report of the undivided run. A file that is in several reports counts once where they agree on
 * it; where they do not, or come from different versions or rules, there is no honest union and none is made.
 */
import { type FileReport, jsonText, SCHEMA } from './json.ts';
import { sarifText } from './sarif.ts';
import { visible } from './visible.ts';

export interface Part {
  /** What the person called it. */
  readonly name: string;
  readonly text: string;
}

/** In `why` names and paths are made visible. */
export type Merged = { readonly text: string } | { readonly why: string };

export function merge(parts: readonly Part[]): Merged {
  try {
    const read = parts.map(({ name, text }) => ({ name, report: parsed(name, text) }));
    const [first] = read;
    if (first === undefined) return { why: 'there is nothing to merge' };
    for (const it of read) if (isSarif(it.report) !== isSarif(first.report)) throw new Refusal(`${first.name} and ${it.name} are not of one format`);
    return { text: isSarif(first.report) ? mergeSarif(read) : mergeJson(read) };
  } catch (error) {
    if (error instanceof Refusal) return { why: visible(error.message) };
    throw error;
  }
}

class Refusal extends Error {}

interface Read {
  readonly name: string;
  readonly report: Shape;
}
type Shape = Readonly<Record<string, unknown>>;

function parsed(name: string, text: string): Shape {
  let report: unknown;
  try {
    report = JSON.parse(text);
  } catch {
    throw new Refusal(`${name}: not JSON; was it written to the end?`);
  }
  if (!isShape(report) || !(isSarif(report) || report['schema'] === SCHEMA))
    throw new Refusal(`${name}: neither a JSON report of Attest (\`${SCHEMA}\`) nor a SARIF log`);
  return report;
}

function isShape(value: unknown): value is Shape {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSarif(report: Shape): boolean {
  return report['version'] === '2.1.0' && Array.isArray(report['runs']);
}

function list(holder: Shape, key: string, name: string): Shape[] {
  const value = holder[key];
  if (!Array.isArray(value) || !value.every(isShape)) throw new Refusal(`${name}: damaged: \`${key}\` is not what Attest writes`);
  return value;
}

/** What of the reports is about Attest and not about files must be the same. */
function sameHead(reads: readonly (Read & { readonly head: Shape })[]): Shape {
  const [first, ...others] = reads;
  for (const it of others)
    if (JSON.stringify(it.head) !== JSON.stringify(first?.head))
      throw new Refusal(`${first?.name} and ${it.name} were written by different versions, rules or options; review all parts again with the same ones`);
  return first?.head ?? {};
}

/** The union by key, sorted; `whole` is what must agree. */
function union<T>(entries: readonly { readonly name: string; readonly path: string; readonly whole: T }[]): T[] {
  const known = new Map<string, { readonly name: string; readonly whole: T }>();
  for (const { name, path, whole } of entries) {
    const other = known.get(path);
    if (other === undefined) known.set(path, { name, whole });
    else if (JSON.stringify(other.whole) !== JSON.stringify(whole)) throw new Refusal(`${path} is in ${other.name} and in ${name}, and they differ`);
  }
  return [...known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, it]) => it.whole);
}

// ------------------------------------------------------------------------------------------------ JSON

function mergeJson(reads: readonly Read[]): string {
  const head = sameHead(
    reads.map(({ name, report }) => {
      const { files: _files, summary: _summary, ...rest } = report;
      return { name, report, head: rest };
    }),
  );
  const files = reads.flatMap(({ name, report }) =>
    list(report, 'files', name).map((file) => {
      if (typeof file['path'] !== 'string' || typeof file['lines'] !== 'number') throw new Refusal(`${name}: damaged: a file without path or lines`);
      for (const it of list(file, 'categories', name)) list(it, 'findings', name);
      return { name, path: file['path'], whole: file as unknown as FileReport };
    }),
  );
  return jsonText(head, union(files));
}

// ----------------------------------------------------------------------------------------------- SARIF

/** What a log says about one file. */
interface About {
  readonly artifact: Shape;
  readonly notifications: readonly Shape[];
  readonly configuration: readonly Shape[];
  readonly results: readonly Shape[];
}

function mergeSarif(reads: readonly Read[]): string {
  const runs = reads.map(({ name, report }) => {
    const [run, ...others] = list(report, 'runs', name);
    if (run === undefined || others.length > 0) throw new Refusal(`${name}: not one run of Attest`);
    const { artifacts: _artifacts, invocations: _invocations, results: _results, ...head } = run;
    return { name, report: run, head };
  });
  const head = sameHead(runs);
  const parts = union(runs.flatMap(({ name, report }) => aboutFiles(report, name)));
  // What holds for a whole run names no file, and all parts of one tree say the same.
  const general = runs
    .flatMap(({ name, report }) => list(list(report, 'invocations', name)[0] ?? {}, 'toolConfigurationNotifications', name))
    .filter(isGeneral);
  const successful = runs.every(({ name, report }) => list(report, 'invocations', name).every((it) => it['executionSuccessful'] === true));
  return sarifText({
    ...head,
    artifacts: parts.map((it) => it.artifact),
    invocations: [
      {
        executionSuccessful: successful,
        toolExecutionNotifications: parts.flatMap((it) => it.notifications),
        toolConfigurationNotifications: [...unlike(general), ...parts.flatMap((it) => it.configuration)],
      },
    ],
    results: parts.flatMap((it) => it.results),
  });
}

function aboutFiles(run: Shape, name: string): { readonly name: string; readonly path: string; readonly whole: About }[] {
  const [invocation] = list(run, 'invocations', name);
  const notifications = byFile(list(invocation ?? {}, 'toolExecutionNotifications', name), name);
  const configuration = byFile(
    list(invocation ?? {}, 'toolConfigurationNotifications', name).filter((it) => !isGeneral(it)),
    name,
  );
  const results = byFile(list(run, 'results', name), name);
  const artifacts = list(run, 'artifacts', name);
  const known = new Set(artifacts.map((it) => uriOf(it['location'], name)));
  for (const it of [...notifications.keys(), ...configuration.keys(), ...results.keys()])
    if (!known.has(it)) throw new Refusal(`${name}: damaged: ${it} is not among its files`);
  return artifacts.map((artifact) => {
    const uri = uriOf(artifact['location'], name);
    return {
      name,
      path: pathOf(uri),
      whole: { artifact, notifications: notifications.get(uri) ?? [], configuration: configuration.get(uri) ?? [], results: results.get(uri) ?? [] },
    };
  });
}

function isGeneral(notification: Shape): boolean {
  return notification['locations'] === undefined;
}

/** Each once. */
function unlike(items: readonly Shape[]): Shape[] {
  return [...new Map(items.map((it) => [JSON.stringify(it), it])).values()];
}

function byFile(items: readonly Shape[], name: string): Map<string, Shape[]> {
  const groups = new Map<string, Shape[]>();
  for (const it of items) {
    const physical = list(it, 'locations', name)[0]?.['physicalLocation'];
    const uri = uriOf(isShape(physical) ? physical['artifactLocation'] : undefined, name);
    const group = groups.get(uri);
    if (group === undefined) groups.set(uri, [it]);
    else group.push(it);
  }
  return groups;
}

function uriOf(location: unknown, name: string): string {
  const uri = isShape(location) ? location['uri'] : undefined;
  if (typeof uri !== 'string') throw new Refusal(`${name}: damaged: a place without a file`);
  return uri;
}

function pathOf(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}
