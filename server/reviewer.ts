/**
 * Reviews by URI: which root a file belongs to, which engine knows that root, and the loop that fetches what a
 * review would like to read (helpers, base classes, `conftest.py`) and looks again when it has come.
 *
 * An open document's text always goes before the disk's. A file whose review throws is left alone until its text
 * changes; everything else goes on.
 */

import type { Rule } from '../rules/rule.ts';
import { CONFIGURATION_FILES, type Configuration, type ConfigurationProblem, configurationOf, promisesOf } from './configuration.ts';
import { type Snapshot, spelled } from './documents.ts';
import type { Background, Host } from './host.ts';
import { createJudge, decides, type Judge, type NamedBaseline } from './policy.ts';
import { withRequired } from './required-evidence.ts';
import { readBaseline } from './review/baseline.ts';
import type { Engine } from './review/engine.ts';
import type { Review } from './review/review.ts';
import type { Schedule } from './schedule.ts';
import type { Decides, Settings } from './settings.ts';
import { isSameText, type Text } from './syntax/text.ts';
import { fullId } from './views/named.ts';

/** A review together with the text that it is of. */
export interface Reviewed {
  readonly uri: string;
  /** Folder that the review's paths are relative to; no `/` at its end. */
  readonly root: string;
  readonly text: Text;
  readonly review: Review;
  /** Differs whenever anything about the review differs. */
  readonly serial: number;
  /** How many rules settings have turned off. */
  readonly off: number;
  /** Does the repository say how much a rule counts in this file? */
  readonly decides: Decides;
}

/** Why a file has no review. */
export type Refused = 'off' | 'not a test' | 'excluded' | 'too large' | 'unreadable' | 'misconfigured' | 'failed';

/** What a root says of its own reviews. */
export interface Repository {
  readonly root: string;
  readonly configuration: Configuration;
  readonly baseline: NamedBaseline;
  readonly judge: Judge;
  /** Why nothing below the root is reviewed: a verdict under a misread configuration would mislead. */
  readonly problems: readonly ConfigurationProblem[];
  /** What all that was read from, by path; undefined for no file. */
  readonly texts: ReadonlyMap<string, string | undefined>;
}

export interface ReviewerOptions {
  readonly host: Host;
  readonly schedule: Schedule;
  readonly rules: readonly Rule[];
  /** Opened folders, without `/` at their ends. */
  folders(): readonly string[];
  settings(uri: string): Promise<Settings>;
  /** The open document of that name, however its URI is spelled. */
  open(uri: string): Snapshot | undefined;
  opened(): readonly Snapshot[];
  /** Open files whose review came out differently because of another file. */
  changed(uris: readonly string[]): void;
  log(message: string): void;
  /** What is wrong with the files in which a root says something of its own reviews. */
  misread(root: string, problems: readonly ConfigurationProblem[]): void;
}

interface Root {
  readonly uri: string;
  readonly engine: Engine;
  readonly repository: Repository;
  /** Full ids of rules that settings have turned off. */
  readonly off: readonly string[];
  /** Paths that are reviewed although they are no test code. */
  readonly named: Set<string>;
  /** Paths whose review is being asked for. */
  readonly asked: Set<string>;
  /** What the newest review came out as, by path, of files that are open or being asked for. */
  readonly last: Map<string, Judged>;
  reading: Promise<void> | undefined;
}

/** A review as the repository's configuration and baseline have it. */
interface Judged {
  /** As it was found. */
  readonly found: Review;
  readonly review: Review;
  /** What is shown can tell by it whether something changed. */
  readonly serial: number;
  /** How long the text was when the review came to an end. */
  readonly length: number;
}

/** How long an answer waits for helpers before it goes without them (and is corrected soon after). */
const HELPERS_MS = 150;
const ROUNDS = 64;
/**
 * Characters more or fewer that are typed rather than brought: then the work is not watched, since that takes a thread each
 * time, which costs more than the review of a key.
 */
const FEW = 100;
const AT_ONCE = 32;
/** Of a file as a whole. */
const START = { line: 1, column: 1, endLine: 1, endColumn: 1 };

export class Reviewer {
  readonly #options: ReviewerOptions;
  readonly #roots = new Map<string, Promise<Root>>();
  readonly #rootOfFolder = new Map<string, Promise<string>>();
  readonly #failed = new Map<string, Text>();
  #serial = 0;

  constructor(options: ReviewerOptions) {
    this.#options = options;
  }

  /**
   * The review of an open document's newest text; of one that is no test code only when it was `named` once.
   * Rejects for an engine that cannot be made, and for nothing else.
   */
  async review(uri: string, isNamed = false): Promise<Reviewed | Refused> {
    const settings = await this.#options.settings(uri);
    const root = await this.#rootFor(uri, settings);
    if (isNamed) root.named.add(pathIn(root.uri, uri));
    for (;;) {
      const document = this.#options.open(uri);
      if (document === undefined) {
        // Closed while its helpers were read.
        root.last.delete(pathIn(root.uri, uri));
        return 'unreadable';
      }
      const result = await this.#reviewText(root, uri, document.text, settings, HELPERS_MS);
      if (typeof result === 'string' || isSameText(this.#options.open(uri)?.text, result.text)) return result;
    }
  }

  /** The review of a file on disk, with every helper it wants. Nothing more is held of the file than before. */
  async reviewClosed(uri: string, isNamed = false): Promise<Reviewed | Refused> {
    const settings = await this.#options.settings(uri);
    if (settings.excludes(pathIn(this.#folderOf(uri) ?? '', uri))) return 'excluded';
    const root = await this.#rootFor(uri, settings);
    const path = pathIn(root.uri, uri);
    const [wasKnown, wasNamed] = [root.engine.known.has(path), root.named.has(path)];
    if (isNamed) root.named.add(path);
    const text = await this.#options.host.read(root.uri, path);
    if (text === undefined) return 'unreadable';
    const result = await this.#reviewText(root, uri, text, settings, undefined);
    if (this.#options.open(uri) === undefined) {
      root.last.delete(path);
      if (!wasNamed) root.named.delete(path);
      if (wasKnown) root.engine.rest(path);
      else root.engine.drop(path);
    }
    return result;
  }

  /** The same by somebody else; nothing is held of the file here. */
  async reviewApart(uri: string, background: Background): Promise<Reviewed | Refused> {
    const settings = await this.#options.settings(uri);
    const glob = pathIn(this.#folderOf(uri) ?? '', uri);
    if (!settings.enable) return 'off';
    if (settings.excludes(glob)) return 'excluded';
    const root = await this.#rootFor(uri, settings);
    const path = pathIn(root.uri, uri);
    const { configuration, problems } = root.repository;
    if (problems.length > 0) return 'misconfigured';
    if (configuration.excludes(path)) return 'excluded';
    const shown = () =>
      new Map(this.#options.opened().flatMap((it) => (isIn(root.uri, it.uri) ? [[pathIn(root.uri, it.uri), it.text.toString()] as const] : [])));
    const anyFile = root.named.has(path) || settings.includes(glob) || configuration.includes(path);
    const result = await background.review({ root: root.uri, path, anyFile, largest: settings.maxFileSizeKb * 1024, off: root.off, shown });
    if (result === 'elsewhere') return this.reviewClosed(uri);
    if (typeof result === 'string') return result;
    return this.#reviewed(root, uri, result.text, this.#judged(root, result.review, result.text.length));
  }

  /** Files changed, appeared or went on disk, or were closed: what is known of them is read again. */
  async reread(uris: readonly string[]): Promise<void> {
    const byRoot = new Map<Root, [string, string | undefined][]>();
    // Of most that changes nothing is known: it is not even asked where that belongs.
    for (const uri of await this.#known(uris)) {
      const root = await this.#existingRoot(uri);
      if (root === undefined || this.#options.open(uri) !== undefined) continue;
      const path = pathIn(root.uri, uri);
      if (!root.engine.known.has(path)) continue;
      byRoot.set(root, [...(byRoot.get(root) ?? []), [path, await this.#options.host.read(root.uri, path)]]);
    }
    for (const [root, files] of byRoot) {
      await this.#putAndLook(root, files);
      // Nobody types there: what nobody else looks into is forgotten.
      for (const [path] of files) if (!this.#isOpen(root, path)) root.engine.rest(path);
    }
  }

  async #known(uris: readonly string[]): Promise<string[]> {
    const roots = await Promise.all(this.#roots.values());
    return uris.filter((uri) => roots.some((root) => isIn(root.uri, uri) && root.engine.known.has(pathIn(root.uri, uri))));
  }

  /** Files in these folders of which something is known. */
  async knownBelow(folders: readonly string[]): Promise<string[]> {
    const roots = await Promise.all(this.#roots.values());
    return roots.flatMap((root) => [...root.engine.known.keys()].map((path) => uriIn(root.uri, path)).filter((uri) => folders.some((it) => isIn(it, uri))));
  }

  /** Would a root say something else of its reviews now, or an open file have another root? */
  async isOutdated(): Promise<boolean> {
    const { host } = this.#options;
    for (const { uri, repository } of await Promise.all(this.#roots.values()))
      for (const [path, text] of repository.texts) if ((await host.read(uri, path)) !== text) return true;
    const earlier = new Map(this.#rootOfFolder);
    this.#rootOfFolder.clear();
    for (const [folder, root] of earlier) if ((await this.#rootUriOf(uriIn(folder, '_'))) !== (await root)) return true;
    return false;
  }

  /** Closed files that reviews looked into, or would have, and that are no longer what was read; files of folders that are new. */
  async changedOnDisk(): Promise<string[]> {
    const { host } = this.#options;
    const changed: string[] = [];
    for (const root of await Promise.all(this.#roots.values())) {
      const paths = [...root.engine.known.keys()].filter((it) => !this.#isOpen(root, it));
      for (let i = 0; i < paths.length; i += AT_ONCE) {
        const some = paths.slice(i, i + AT_ONCE);
        const texts = await Promise.all(some.map((it) => host.read(root.uri, it)));
        changed.push(...some.filter((it, index) => !isSameText(root.engine.known.get(it), texts[index])).map((it) => uriIn(root.uri, it)));
        // Who types meanwhile goes first.
        await host.wait(0);
      }
      for (const folder of root.engine.missingFolders()) {
        const uri = uriIn(root.uri, folder);
        changed.push(...(await host.list(uri)).map((it) => uriIn(uri, it)));
      }
    }
    return changed;
  }

  /** A file that was named is an ordinary one again. */
  async unname(uri: string): Promise<void> {
    const root = await this.#existingRoot(uri);
    if (root === undefined) return;
    const path = pathIn(root.uri, uri);
    root.named.delete(path);
    root.last.delete(path);
  }

  /** Forgets everything: other folders, other rules. Whether mistakes are mended is found out at once, since nobody may ask for a review there. */
  async reset(): Promise<void> {
    const roots = [...this.#roots.values()];
    this.#roots.clear();
    this.#rootOfFolder.clear();
    this.#failed.clear();
    for (const it of await Promise.allSettled(roots))
      if (it.status === 'fulfilled' && it.value.repository.problems.length > 0) await this.#repositoryOf(it.value.uri);
  }

  async #reviewText(root: Root, uri: string, text: Text, settings: Settings, patience: number | undefined): Promise<Reviewed | Refused> {
    const path = pathIn(root.uri, uri);
    const glob = pathIn(this.#folderOf(uri) ?? root.uri, uri);
    if (!settings.enable) return 'off';
    if (root.repository.problems.length > 0) return 'misconfigured';
    if (settings.excludes(glob) || root.repository.configuration.excludes(path)) return 'excluded';
    if (text.length > settings.maxFileSizeKb * 1024) return 'too large';
    if (isSameText(this.#failed.get(uri), text)) return 'failed';
    try {
      root.engine.put(path, text);
      const isTest = root.engine.isTest(path);
      if (!isTest && (settings.includes(glob) || root.repository.configuration.includes(path))) root.named.add(path);
      if (!isTest && !root.named.has(path)) {
        // A helper that is typed in: what uses it may come out differently now.
        if (patience !== undefined) void this.#look(root).catch((error: unknown) => this.#options.log(`Could not look again: ${String(error)}`));
        return 'not a test';
      }
      root.asked.add(path);
      // Judged before the helpers are read, so that what required evidence needs is among them.
      this.#options.schedule.timed(uri, () => this.#reviewIn(root, path));
      // With most keys there is nothing more to read, and nobody to wait for.
      if (root.reading !== undefined || !root.engine.isSettled) {
        const helpers = this.#look(root, path);
        await (patience === undefined ? helpers : Promise.race([helpers, this.#options.host.wait(patience)]));
      }
      const judged = this.#reviewIn(root, path);
      return this.#reviewed(root, uri, root.engine.known.get(path) ?? text, judged);
    } catch (error) {
      this.#failed.set(uri, text);
      // What broke in the middle is not asked again: the next review makes a new engine.
      this.#roots.delete(root.uri);
      this.#options.log(`The review of ${uri} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      return 'failed';
    } finally {
      root.asked.delete(path);
    }
  }

  #reviewed(root: Root, uri: string, text: Text, { review, serial }: Judged): Reviewed {
    const { configuration } = root.repository;
    return { uri, root: root.uri, text, review, serial, off: root.off.length, decides: decides(configuration, review.path) };
  }

  #reviewIn(root: Root, path: string): Judged {
    const { length } = root.engine.known.get(path) ?? '';
    const before = root.last.get(path);
    const work = () => {
      const found = root.engine.review(path, { anyFile: root.named.has(path) });
      return before?.found === found ? before : this.#judged(root, found, length);
    };
    const isTyping = before !== undefined && Math.abs(length - before.length) <= FEW;
    const judged = isTyping ? work() : (this.#options.host.inTime?.(work) ?? work());
    root.last.set(path, judged);
    return judged;
  }

  #judged({ engine, repository }: Root, found: Review, length: number): Judged {
    this.#serial += 1;
    return { found, review: repository.judge(withRequired(engine, found, repository.configuration.requirements)), serial: this.#serial, length };
  }

  async #putAndLook(root: Root, files: readonly (readonly [string, string | undefined])[]): Promise<void> {
    for (const [path, text] of files) root.engine.put(path, text);
    await this.#look(root);
  }

  /** Reads what is wanted and reviews again what comes out differently, until neither is left. */
  #look(root: Root, asking?: string): Promise<void> {
    const run = async () => {
      const touched = new Set<string>();
      for (let round = 0; round < ROUNDS; round += 1) {
        const wanted = root.engine.wanted();
        const outdated = root.engine.outdated();
        if (wanted.length === 0 && outdated.length === 0) break;
        for (let i = 0; i < wanted.length; i += AT_ONCE) {
          const paths = wanted.slice(i, i + AT_ONCE);
          const texts = await Promise.all(paths.map((it) => this.#textOf(root, it)));
          for (const [index, it] of paths.entries()) root.engine.put(it, texts[index]);
        }
        for (const path of new Set([...outdated, ...root.engine.outdated()])) {
          const isOpen = this.#isOpen(root, path);
          if (!isOpen && !root.asked.has(path)) continue;
          if (isOpen && path !== asking) touched.add(path);
          this.#reviewIn(root, path);
          await this.#options.host.wait(0);
        }
      }
      if (touched.size > 0) this.#options.changed([...touched].map((it) => this.#uriOf(root, it)));
    };
    const after = (root.reading ?? Promise.resolve()).catch(() => undefined).then(run);
    const settled = after.finally(() => {
      if (root.reading === settled) root.reading = undefined;
    });
    root.reading = settled;
    return settled;
  }

  async #textOf(root: Root, path: string): Promise<Text | undefined> {
    return this.#options.open(uriIn(root.uri, path))?.text ?? this.#options.host.read(root.uri, path);
  }

  #isOpen(root: Root, path: string): boolean {
    return this.#options.open(uriIn(root.uri, path)) !== undefined;
  }

  #uriOf(root: Root, path: string): string {
    const uri = uriIn(root.uri, path);
    return this.#options.open(uri)?.uri ?? uri;
  }

  #folderOf(uri: string): string | undefined {
    return this.#options
      .folders()
      .filter((it) => isIn(it, uri))
      .sort((a, b) => b.length - a.length)[0];
  }

  async #rootFor(uri: string, settings: Settings): Promise<Root> {
    const folder = await this.#rootUriOf(uri);
    const existing = this.#roots.get(folder);
    if (existing !== undefined) return existing;
    const made = this.#repositoryOf(folder).then(async (repository): Promise<Root> => {
      const off = settings.disabled(decides(repository.configuration));
      const rules = this.#options.rules.filter((it) => !off.includes(fullId(it)));
      return {
        uri: folder,
        engine: await this.#options.host.engine(folder, rules, promisesOf(repository.configuration)),
        repository,
        off,
        named: new Set(),
        asked: new Set(),
        last: new Map(),
        reading: undefined,
      };
    });
    this.#roots.set(folder, made);
    made.catch(() => this.#roots.delete(folder));
    return made;
  }

  /** Of the root that a file belongs to. */
  async repository(uri: string): Promise<Repository> {
    return (await this.#rootFor(uri, await this.#options.settings(uri))).repository;
  }

  async #repositoryOf(root: string): Promise<Repository> {
    const { host, rules } = this.#options;
    const read = async (path: string) => [path, await host.read(root, path)] as const;
    const files = await Promise.all(CONFIGURATION_FILES.map(read));
    const { configuration, problems } = configurationOf(Object.fromEntries(files.filter(([, text]) => text !== undefined)), rules);
    const [name, text] = await read(configuration.baseline.value);
    const entries = text === undefined ? new Map() : readBaseline(text);
    const damaged = 'wrong' in entries ? [{ file: name, ...START, message: `the baseline is damaged: ${entries.wrong}` }] : [];
    const baseline = { name, entries: 'wrong' in entries ? new Map() : entries };
    const all = [...problems, ...damaged];
    this.#options.misread(root, all);
    return { root, configuration, baseline, judge: createJudge(configuration, rules, baseline), problems: all, texts: new Map([...files, [name, text]]) };
  }

  async #existingRoot(uri: string): Promise<Root | undefined> {
    return this.#roots.get(await this.#rootUriOf(uri));
  }

  #rootUriOf(uri: string): Promise<string> {
    const parent = uri.slice(0, Math.max(uri.lastIndexOf('/'), uri.indexOf(':')));
    const known = this.#rootOfFolder.get(parent);
    if (known !== undefined) return known;
    const found = this.#options.host.root(uri, this.#folderOf(uri)).then(
      (it) => it.replace(/(?<!\/)\/+$/, ''),
      () => parent,
    );
    this.#rootOfFolder.set(parent, found);
    return found;
  }
}

export function uriIn(root: string, path: string): string {
  return `${root}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

function isIn(folder: string, uri: string): boolean {
  return spelled(uri).startsWith(`${spelled(folder)}/`);
}

/** The path of a file below a folder; the file's own name when it is not there. */
function pathIn(folder: string, uri: string): string {
  const file = spelled(uri);
  return isIn(folder, uri) ? file.slice(spelled(folder).length + 1) : file.slice(Math.max(file.lastIndexOf('/'), file.indexOf(':')) + 1);
}
