/**
 * The door to text → review. Synchronous and pure but for its memory: no disk, no clock, no console.
 *
 * What is kept: per file the arenas of its units, by their text; its frame (see `model/frame.ts`) and the findings of
 * each unit. Typing inside a test changes one unit and leaves the frame alone, so that one unit is parsed
 * and shown to the rules. A changed frame does the file again from the kept arenas, and every file that
 * looked into it.
 */
import type { DataFile } from '../../rules/model.ts';
import type { Rule } from '../../rules/rule.ts';
import { Classes, type Guarantees } from '../model/classes.ts';
import { FileModel } from '../model/file-model.ts';
import { Frame, type FrameUnit, parsable, unitsAfter, unitsOf } from '../model/frame.ts';
import { frameChange } from '../model/frame-change.ts';
import { isTestFile } from '../model/frameworks.ts';
import { NameResolver } from '../model/names.ts';
import { type Mentioned, Reach, withinOf } from '../model/reach.ts';
import { SHOWN } from '../model/subjects.ts';
import { Workspace } from '../model/workspace.ts';
import type { Arena } from '../syntax/arena.ts';
import { misindentedAt } from '../syntax/indentation.ts';
import { createOrdinaryParser, createParser } from '../syntax/parser.ts';
import { isSameText, type Text } from '../syntax/text.ts';
import { notesOn, reviewOf } from './assess.ts';
import { Dispatch } from './dispatch.ts';
import { LineIndex } from './line-index.ts';
import { type PlacingFile, place } from './place.ts';
import type { PlacedTest, Surroundings } from './required.ts';
import type { Blind, Fault, Review } from './review.ts';
import { type RawFinding, refusedUnit, runPage, runRule, type UnitResult } from './run.ts';
import { suppressionsOf } from './suppress.ts';

export interface EngineOptions extends OrdinaryEngineOptions {
  /** Bytes of web-tree-sitter's runtime and of the Python grammar. */
  readonly runtime: Uint8Array;
  readonly grammar: Uint8Array;
}

export interface OrdinaryEngineOptions {
  readonly rules: readonly Rule[];
  /** What base classes promise, by their full names, beyond what Attest knows and can read: set by the user. */
  readonly guarantees?: Guarantees;
  /** For doors that can answer at once: the text of a path that a review looks into; then nothing is ever `wanted`. */
  readonly read?: (path: string) => string | undefined;
  /** Is there such a folder (without `/` at its end)? Asked once; a door that cannot tell at once leaves it out, and each file is looked for. */
  readonly hasFolder?: (path: string) => boolean;
  /** False: a file counts as the project's own, whatever `.gitattributes`, its folder or its head say of who wrote it. */
  readonly heedsOrigin?: boolean;
  /** Told when a file begins to look into a path, directly; into one without a file too, and into a folder that is not there (`a/b/`). */
  readonly onLook?: (from: string, into: string) => void;
}

export interface ReviewOptions {
  /** Review the file even when it is not test code. */
  readonly anyFile?: boolean;
}

export interface Engine {
  /** Remembers the text of a file; `undefined` says that there is no such file. Paths are relative to the root, with `/`. */
  put(path: string, text: Text | undefined): void;
  /** Forgets a file and all that was computed for it. */
  drop(path: string): void;
  /**
   * Frees what is only needed while the file is edited, for files that no editor shows; one that no other file looks into is
   * forgotten as a whole, and so are helpers that nobody needs any more, when there are many.
   */
  rest(path: string): void;
  /** The texts that were `put` and not forgotten since, by path; `undefined` for no file. It has all paths in a folder that was found missing, too. */
  readonly known: Pick<ReadonlyMap<string, Text | undefined>, 'has' | 'get' | 'keys'>;
  /** Folders that files were looked for in and that were not there, without `/` at their ends; of nested ones the outermost. */
  missingFolders(): string[];
  /** Reads all of a file before it is reviewed, which then costs no more: what an ordinary engine refuses, it refuses now. */
  parse(path: string): void;
  /** The review of the file's current text; the same object as long as nothing that it depends on changed. */
  review(path: string, options?: ReviewOptions): Review;
  /** Paths that reviews would have liked to read and that were never `put`; clears the list. */
  wanted(): string[];
  /** Reviewed paths whose review would come out differently now, because of a `put` of another file; clears the list. */
  outdated(): string[];
  /** Is nothing `wanted`, and nothing `outdated`? */
  readonly isSettled: boolean;
  /** The tests of a file with what runs for each, and its suppress comments: where required evidence is looked for. */
  surroundings(path: string): Pick<Surroundings, 'tests' | 'comments'>;
  /** Is the file test code (by its path, or by what it imports and declares)? */
  isTest(path: string): boolean;
  /** How many units were parsed and shown to rules so far: what an edit cost. */
  readonly work: { readonly parsed: number; readonly shown: number };
}

/** Above this many characters a file is refused: generated data, not tests. */
const MAX_TEXT = 8_000_000;
/** Nodes of arenas that are kept by unit text, for all files together; a node takes 16 bytes. */
const MAX_ARENA_NODES = 250_000;
/** What an arena takes beside its nodes, and its text, in nodes: most units are small. */
const ARENA_ITSELF = 50;
/** Units of helpers that are kept as nodes for the next file that looks into them: by who reviews many, and by an editor. */
const MAX_IDLE_PAGES = 400;
const MAX_IDLE_PAGES_LIVE = 200;
/** Results kept for texts that units had before. */
const MAX_EARLIER = 2_000;

/** A frame in use. */
class Context {
  readonly frame: Frame;
  readonly classes: Classes;
  readonly conftests: () => readonly Frame[];
  /** By key of the unit: for the text that it has now, and the depth at which its class has members. */
  readonly results = new Map<string, { readonly text: string; readonly indent: number; readonly result: UnitResult }>();
  /** What is said of its classes: these belong to the frame. */
  ofClasses: Pick<UnitResult, 'findings' | 'faults'> | undefined = undefined;
  /** Results of texts that units had before: undo, and quotes that open and close. */
  readonly earlier = new Map<string, UnitResult>();
  private readonly modelOf: () => FileModel;
  private known: FileModel | undefined = undefined;

  constructor(frame: Frame, classes: Classes, conftests: () => readonly Frame[], modelOf: () => FileModel) {
    this.frame = frame;
    this.classes = classes;
    this.conftests = conftests;
    this.modelOf = modelOf;
  }

  /** Most files are only looked into, and have none. */
  get model(): FileModel {
    this.known ??= this.modelOf();
    return this.known;
  }
}

/** A path that somebody looked into, and who did. */
interface Target {
  readonly users: FileState[];
}

interface Aside {
  readonly context: Context;
  readonly units: readonly FrameUnit[];
  readonly uses: Set<Target>;
}

interface FileState {
  readonly path: string;
  text: Text | undefined;
  units: FrameUnit[] | undefined;
  /** By the text of a unit, also of texts that it had before. */
  arenas: Map<string, Arena>;
  /** As what reads it sees it, where it is no Python. */
  data: DataFile | undefined;
  context: Context | undefined;
  /** What it had before its frame changed last. */
  aside: Aside | undefined;
  /** What its frame looked into. */
  uses: Set<Target>;
  review: Review | undefined;
  /** Was a review of it asked for since it last rested? Then it is no mere helper. */
  wasReviewed: boolean;
  anyFile: boolean;
  lines: LineIndex | undefined;
  /** Where in `of` the unit of a key is. */
  places: { readonly of: readonly FrameUnit[]; readonly byKey: ReadonlyMap<string, number> } | undefined;
  /** No editor shows it. */
  rests: boolean;
  /** When it was last looked into, in looks. */
  lookedInto: number;
}

export async function createEngine(options: EngineOptions): Promise<Engine> {
  const parser = await createParser(options.runtime, options.grammar);
  return new ReviewEngine((text) => parser.parse(text), new Dispatch(options.rules), options);
}

/** One that is there at once. Once it has `refused` a text, since that is no ordinary Python, nothing that it says holds. */
export function createOrdinaryEngine(options: OrdinaryEngineOptions, refused: () => void): Engine {
  const parser = createOrdinaryParser(refused);
  return new ReviewEngine((text) => parser.parse(text), new Dispatch(options.rules), options);
}

class ReviewEngine implements Engine {
  private readonly parseText: (text: string) => Arena;
  private readonly dispatch: Dispatch;
  private readonly guarantees: Guarantees;
  private readonly read: EngineOptions['read'];
  private readonly folderIsThere: EngineOptions['hasFolder'];
  private readonly onLook: EngineOptions['onLook'];
  private readonly files = new Map<string, FileState>();
  /** Files with arenas, those that have had some for longest first. */
  private readonly holding: FileState[] = [];
  private arenaNodes = 0;
  private readonly missing = new Set<string>();
  private readonly stale = new Set<string>();
  /** Files with a context, so that nothing walks all that is known. */
  private readonly active: FileState[] = [];
  /** By path; they stay. Of those who look into many files, most look into the same; most of the paths have no file. */
  private readonly targets = new Map<string, Target>();
  private readonly mentioned: Mentioned = new Map();
  readonly work = { parsed: 0, shown: 0 };
  readonly known: Engine['known'] = {
    has: (path) => this.files.has(path) || this.knownGap(path) !== '',
    get: (path) => this.files.get(path)?.text,
    keys: () => this.files.keys(),
  };
  /** By path with `/` at its end: the outermost folder of it that is not there, nothing where all are. */
  private readonly gaps = new Map<string, string>();
  private looks = 0;
  private readonly heedsOrigin: boolean;

  constructor(parseText: (text: string) => Arena, dispatch: Dispatch, options: OrdinaryEngineOptions) {
    this.parseText = parseText;
    this.dispatch = dispatch;
    this.guarantees = options.guarantees ?? {};
    this.read = options.read;
    this.folderIsThere = options.hasFolder;
    this.onLook = options.onLook;
    this.heedsOrigin = options.heedsOrigin !== false;
  }

  put(path: string, text: Text | undefined): void {
    const state = this.files.get(path);
    this.missing.delete(path);
    if (state !== undefined && isSameText(state.text, text)) {
      if (state === NO_FILE) return;
      state.text = text;
      state.rests = false;
      return;
    }
    if (state === undefined || state === NO_FILE) {
      this.files.set(path, text === undefined ? NO_FILE : newState(path, text));
      if (text === undefined) return;
      this.fill(path);
      this.invalidateUsers(path);
      return;
    }
    state.rests = false;
    const before = state.units;
    const { text: beforeText, lines } = state;
    state.text = text;
    state.data = undefined;
    state.review = undefined;
    state.lines = undefined;
    if (text === undefined || before === undefined || beforeText === undefined) {
      state.units = undefined;
      if (text === undefined) this.dropArenas(state);
      this.dropContext(state);
      this.invalidateUsers(path);
      return;
    }
    const { units, replaced } = unitsAfter(text, beforeText, before);
    state.units = units;
    state.lines = lines?.after(text, replaced);
    this.follow(state, text, before, state.units);
  }

  /** Keeps of a file's context what its new text leaves true. */
  private follow(state: FileState, text: Text, before: readonly FrameUnit[], units: readonly FrameUnit[]): void {
    const { context, path } = state;
    if (context === undefined) {
      if (frameChange(before, units, { arenaOf: (it) => this.arenaOf(state, parsable(it)), minds: () => true }) !== 'none') this.invalidateUsers(path);
      else this.moved(path);
      return;
    }
    const { model } = context;
    const change = model.isStill(text)
      ? frameChange(before, units, { arenaOf: (it) => this.arenaOf(state, parsable(it)), minds: (it) => model.minds(it) })
      : 'loud';
    const looked = this.isLookedInto(path);
    if (change === 'loud' || (change !== 'none' && looked)) {
      const { aside } = state;
      state.aside = { context, units: before, uses: state.uses };
      state.uses = new Set();
      state.context = undefined;
      remove(state, this.active);
      this.invalidateUsers(path);
      if (aside !== undefined) {
        if (this.isBack(state, aside, text, units)) {
          state.uses = aside.uses;
          state.context = aside.context;
          this.active.push(state);
        } else this.leave(state, aside.uses);
      }
    } else if (change === 'quiet') {
      this.forgetContext(state);
      const next = this.contextOf(state, text, units);
      next.model.succeed(model);
      for (const [key, result] of context.results) next.results.set(key, result);
      for (const [key, result] of context.earlier) next.earlier.set(key, result);
    }
    if (change === 'none') this.moved(path);
  }

  /** Is the frame again what it was? A quote that was opened is closed, what was cut is pasted, an edit is undone. */
  private isBack(state: FileState, { context, units: before }: Aside, text: Text, units: readonly FrameUnit[]): boolean {
    if (!context.model.isStill(text)) return false;
    return frameChange(before, units, { arenaOf: (it) => this.arenaOf(state, parsable(it)), minds: () => true }) === 'none';
  }

  /** Lines of a file moved: reviews that cite it are put in place again. */
  private moved(path: string): void {
    for (const state of this.everyUser(path)) {
      if (state.review === undefined || !cites(state.review, path)) continue;
      state.review = undefined;
      this.stale.add(state.path);
    }
  }

  private isLookedInto(path: string): boolean {
    return (this.targets.get(path)?.users.length ?? 0) > 0;
  }

  /** Who looked into a file, and who looked into them. */
  private everyUser(path: string): FileState[] {
    const seen = new Set<FileState>();
    const queue = [path];
    for (let it = queue.pop(); it !== undefined; it = queue.pop()) {
      for (const user of this.targets.get(it)?.users ?? []) {
        if (seen.has(user) || user.path === path) continue;
        seen.add(user);
        queue.push(user.path);
      }
    }
    return [...seen];
  }

  /** The outermost folder around a path (with `/` at its end) that is not there; nothing where all are. */
  private gapAround(path: string): string {
    const folder = folderOf(path);
    if (folder === '' || this.folderIsThere === undefined) return '';
    const known = this.gaps.get(folder);
    if (known !== undefined) return known;
    const itself = folder.slice(0, -1);
    const gap = this.gapAround(itself) || (this.folderIsThere(itself) ? '' : folder);
    this.gaps.set(folder, gap);
    return gap;
  }

  /** The same, as far as somebody asked. */
  private knownGap(path: string): string {
    for (let folder = folderOf(path); folder !== ''; folder = folderOf(folder.slice(0, -1))) {
      const gap = this.gaps.get(folder);
      if (gap !== undefined) return gap;
    }
    return '';
  }

  missingFolders(): string[] {
    return [...new Set(this.gaps.values())].flatMap((it) => (it === '' ? [] : [it.slice(0, -1)]));
  }

  /** The folders around a file are there, whatever was said of them. */
  private fill(path: string): void {
    const gap = this.knownGap(path);
    for (const [folder, before] of gap === '' ? [] : this.gaps) if (before === gap) this.gaps.delete(folder);
    for (let folder = folderOf(path); folder !== '' && this.gaps.get(folder) !== ''; folder = folderOf(folder.slice(0, -1))) this.gaps.set(folder, '');
    if (gap !== '') this.invalidateUsers(gap);
  }

  drop(path: string): void {
    const state = this.files.get(path);
    if (state === undefined) return;
    this.dropContext(state);
    this.dropArenas(state);
    this.files.delete(path);
    this.stale.delete(path);
    this.invalidateUsers(path);
  }

  rest(path: string): void {
    const state = this.files.get(path);
    if (state === undefined || state === NO_FILE) return;
    if (!this.isLookedInto(path)) this.drop(path);
    state.rests = true;
    state.review = undefined;
    state.wasReviewed = false;
    state.context?.results.clear();
    state.context?.earlier.clear();
    this.trim();
  }

  /** Releases the helpers that were not looked into for the longest time, when there is much of them. */
  private trim(): void {
    const idle = this.active.filter((it) => it.review === undefined || it.rests);
    let pages = idle.reduce((sum, it) => sum + (it.context?.frame.pageCount ?? 0), 0);
    const most = this.read === undefined ? MAX_IDLE_PAGES_LIVE : MAX_IDLE_PAGES;
    if (pages <= most) return;
    for (const it of idle.sort((a, b) => a.lookedInto - b.lookedInto)) {
      if (pages <= most / 2) return;
      pages -= it.context?.frame.pageCount ?? 0;
      if (this.isLookedInto(it.path) || it.wasReviewed) this.release(it);
      else this.drop(it.path);
    }
  }

  /** Frees what can be computed again. */
  private release(state: FileState): void {
    this.forgetContext(state);
    this.dropArenas(state);
    state.units = undefined;
    state.lines = undefined;
    state.places = undefined;
  }

  wanted(): string[] {
    const result = [...this.missing].sort();
    this.missing.clear();
    return result;
  }

  outdated(): string[] {
    const result = [...this.stale].filter((it) => this.files.get(it)?.text !== undefined).sort();
    this.stale.clear();
    return result;
  }

  get isSettled(): boolean {
    return this.missing.size === 0 && this.stale.size === 0;
  }

  isTest(path: string): boolean {
    return isTestFile(path, this.files.get(path)?.text);
  }

  review(path: string, options: ReviewOptions = {}): Review {
    const state = this.files.get(path);
    const text = state?.text;
    if (state === undefined || text === undefined) {
      return reviewOf(path, this.isTest(path), 0, [], new Map(), [], [{ what: 'unreadable', message: 'the file cannot be read', line: 1 }]);
    }
    const anyFile = options.anyFile === true;
    if (state.review !== undefined && state.anyFile === anyFile) return state.review;
    state.anyFile = anyFile;
    state.wasReviewed = true;
    state.review = this.compute(state, text, anyFile || this.isTest(path));
    this.stale.delete(path);
    return state.review;
  }

  parse(path: string): void {
    const state = this.files.get(path);
    if (state?.text === undefined || state.text.length > MAX_TEXT) return;
    state.units ??= unitsOf(state.text);
    for (const it of state.units) this.arenaOf(state, parsable(it));
  }

  surroundings(path: string): Pick<Surroundings, 'tests' | 'comments'> {
    const state = this.files.get(path);
    const text = state?.text;
    if (state === undefined || text === undefined || text.length > MAX_TEXT) return { tests: [], comments: [] };
    state.units ??= unitsOf(text);
    const { units } = state;
    const lines = this.linesOf(state, text);
    const { frame, classes, conftests } = this.contextOf(state, text, units);
    const tests = new Reach(frame, classes, conftests(), this.mentioned, (unit) => frame.pageNow(unit)).tests().map(({ unit, scopes }): PlacedTest => {
      const name = new RegExp(`\\bdef[ \\t]+${unit.head.name}`).exec(unit.text);
      const end = unit.unit.start + (name === null ? 0 : name.index + name[0].length);
      return { ...lines.span(end - (name === null ? 0 : unit.head.name.length), end), name: withinOf(unit.key), scopes };
    });
    return { tests, comments: suppressionsOf(text, lines, units) };
  }

  private compute(state: FileState, text: Text, reviewed: boolean): Review {
    const lines = this.linesOf(state, text);
    if (!reviewed) return reviewOf(state.path, false, lines.count, [], new Map(), [], []);
    if (text.length > MAX_TEXT) {
      return reviewOf(
        state.path,
        true,
        lines.count,
        [],
        new Map(),
        [],
        [{ what: 'too-large', message: `the file has ${text.length} characters, more than the ${MAX_TEXT} that are reviewed`, line: 1 }],
      );
    }
    state.units ??= unitsOf(text);
    const context = this.contextOf(state, text, state.units);
    forgetTold(context, context.model.uses.follow(state.units));
    const findings: RawFinding[] = [];
    const faults: Fault[] = [];
    const blind: Blind[] = [];
    const counts = new Uint32Array(SHOWN.length);
    const refused = new Set<string>();
    for (const unit of state.units) {
      const result = this.resultOf(state, context, unit);
      if (result.isRefused) refused.add(unit.key);
      for (const it of result.findings) findings.push(it);
      for (const it of result.faults) faults.push(it);
      for (let kind = 0; kind < counts.length; kind++) counts[kind] = (counts[kind] ?? 0) + (result.seen[kind] ?? 0);
      if (result.brokenAt !== undefined)
        blind.push({
          what: 'syntax-error',
          message: 'this part could not be parsed and was not reviewed',
          line: lines.lineAt(unit.unit.start + result.brokenAt),
        });
    }
    if (lines.loneReturn !== undefined)
      blind.push({
        what: 'syntax-error',
        message: 'a line ends with `\\r` alone, and what follows was not read as a line of its own',
        line: lines.lineAt(lines.loneReturn),
      });
    if (context.results.size > 2 * state.units.length + MAX_EARLIER) forgetOthers(context.results, state.units);
    this.runFileRules(context, state.units, text, findings, faults);
    const placing = { path: state.path, text, lines, fileAt: (path: string) => this.placingFile(path), units: state.units };
    const judged = refused.size === 0 ? findings : findings.filter(({ at }) => at.path !== state.path || !refused.has(at.key));
    const { findings: placed, unused, unreasoned } = place(judged, placing);
    // What was withheld may be what a comment is for.
    const seen = new Map(SHOWN.map((name, kind) => [name, counts[kind] ?? 0]));
    const isWhole = blind.length === 0 && faults.length === 0;
    return reviewOf(state.path, true, lines.count, placed, seen, distinct(faults), blind, isWhole ? unused : [], [...notesOn(context.model), ...unreasoned]);
  }

  /** The findings of a unit in its context: kept ones, or shown to the rules now. */
  private resultOf(state: FileState, context: Context, unit: FrameUnit): UnitResult {
    const known = context.results.get(unit.key);
    if (known !== undefined) {
      if (known.text === unit.text && known.indent === unit.unit.indent) return known.result;
      if (context.earlier.size >= MAX_EARLIER) context.earlier.clear();
      context.earlier.set(`${unit.key}\0${known.indent}\0${known.text}`, known.result);
    }
    const earlier = context.earlier.size === 0 ? undefined : context.earlier.get(`${unit.key}\0${unit.unit.indent}\0${unit.text}`);
    const result = earlier ?? this.show(state, context, unit);
    context.results.set(unit.key, { text: unit.text, indent: unit.unit.indent, result });
    return result;
  }

  private show(state: FileState, context: Context, unit: FrameUnit): UnitResult {
    const text = parsable(unit);
    const arena = this.arenaOf(state, text);
    this.work.shown += 1;
    const refusedAt = arena.broken ? undefined : misindentedAt(text, arena, Math.max(0, unit.unit.indent));
    if (refusedAt !== undefined) return refusedUnit(refusedAt);
    return runPage(context.frame.pageNow(unit), context.model, this.dispatch, arena.broken);
  }

  private runFileRules(context: Context, units: readonly FrameUnit[], text: Text, findings: RawFinding[], faults: Fault[]): void {
    const { model } = context;
    const fileRules = this.dispatch.rulesForFiles;
    const subject = fileRules.length === 0 ? undefined : model.subjects.of(units, text);
    for (const rule of fileRules) runRule(rule, subject, model, '', findings, faults);
    context.ofClasses ??= this.runClassRules(context);
    findings.push(...context.ofClasses.findings);
    faults.push(...context.ofClasses.faults);
  }

  private runClassRules({ frame, model }: Context): Pick<UnitResult, 'findings' | 'faults'> {
    const findings: RawFinding[] = [];
    const faults: Fault[] = [];
    const rules = this.dispatch.rulesForClasses;
    for (const shape of rules.length === 0 ? [] : frame.shapes) {
      const facts = model.classFacts(shape);
      model.enter(shape.name);
      for (const rule of rules) runRule(rule, facts, model, shape.name, findings, faults);
    }
    return { findings, faults };
  }

  private arenaOf(state: FileState, text: string): Arena {
    const known = state.arenas.get(text);
    if (known !== undefined) return known;
    const arena = this.parseText(text);
    this.work.parsed += 1;
    if (state.arenas.size === 0) {
      state.arenas = new Map();
      this.holding.push(state);
    }
    state.arenas.set(text, arena);
    this.arenaNodes += arena.size + ARENA_ITSELF;
    if (this.arenaNodes > MAX_ARENA_NODES) this.dropOldest(state, text);
    return arena;
  }

  /** The oldest go, those of the file that is parsed last: what is still needed is parsed once more. */
  private dropOldest(parsed: FileState, needed: string): void {
    const enough = (MAX_ARENA_NODES / 4) * 3;
    for (const it of [...this.holding]) if (it !== parsed && this.arenaNodes > enough) this.dropArenas(it);
    for (const [text, arena] of parsed.arenas) {
      if (this.arenaNodes <= enough || text === needed) break;
      this.arenaNodes -= arena.size + ARENA_ITSELF;
      parsed.arenas.delete(text);
    }
  }

  private dropArenas(state: FileState): void {
    if (state.arenas.size === 0) return;
    for (const it of state.arenas.values()) this.arenaNodes -= it.size + ARENA_ITSELF;
    state.arenas = NO_ARENAS;
    remove(state, this.holding);
  }

  // ---------------------------------------------------------------------------------------- contexts

  private contextOf(state: FileState, text: Text, units: readonly FrameUnit[]): Context {
    if (state.context !== undefined) return state.context;
    const shelf = {
      frameAt: (path: string) => {
        if (path === state.path) return state.context?.frame ?? frame;
        this.use(state, path);
        const other = this.files.get(path) ?? this.fetched(path);
        if (other === undefined) {
          this.missing.add(path);
          return undefined;
        }
        if (other.text === undefined || other.text.length > MAX_TEXT) return undefined;
        other.units ??= unitsOf(other.text);
        this.looks += 1;
        other.lookedInto = this.looks;
        return this.contextOf(other, other.text, other.units).frame;
      },
      hasFolder: (path: string) => {
        const gap = this.gapAround(path);
        if (gap !== '') this.use(state, gap);
        return gap === '';
      },
      textAt: (path: string) => this.lookedAt(state, path)?.text?.toString(),
      dataAt: (path: string) => {
        const other = this.lookedAt(state, path);
        if (other?.text === undefined) return undefined;
        other.data ??= { path, text: other.text.toString() };
        return other.data;
      },
    };
    const workspace = new Workspace(shelf, state.path);
    const classes = new Classes(workspace, this.guarantees);
    const frame: Frame = new Frame(
      state.path,
      workspace.moduleOf(state.path),
      units,
      (source) => this.arenaOf(state, source),
      (it) => ({ workspace, classes, resolver: new NameResolver(it, workspace, classes) }),
    );
    state.context = new Context(
      frame,
      classes,
      () => workspace.conftests(frame),
      () => new FileModel(frame, text, workspace, classes, this.heedsOrigin),
    );
    this.active.push(state);
    return state.context;
  }

  /** A file that is not read as Python, for who looks into it. */
  private lookedAt(state: FileState, path: string): FileState | undefined {
    this.use(state, path);
    const other = this.files.get(path) ?? this.fetched(path);
    if (other === undefined) this.missing.add(path);
    return other;
  }

  /** A file that the door can bring at once. Nobody looked into it before, so nobody is out of date. */
  private fetched(path: string): FileState | undefined {
    if (this.read === undefined) return undefined;
    const text = this.read(path);
    const state = text === undefined ? NO_FILE : newState(path, text);
    this.files.set(path, state);
    return state;
  }

  private use(state: FileState, path: string): void {
    const target = this.targets.get(path) ?? { users: [] };
    if (state.uses.has(target)) return;
    state.uses.add(target);
    if (state.aside?.uses.has(target) !== true) target.users.push(state);
    this.targets.set(path, target);
    this.onLook?.(state.path, path);
  }

  private dropContext(state: FileState): void {
    this.forgetContext(state);
    const { uses } = state;
    state.uses = new Set();
    this.leave(state, uses);
  }

  private forgetContext(state: FileState): void {
    const { aside } = state;
    state.context = undefined;
    state.aside = undefined;
    remove(state, this.active);
    if (aside !== undefined) this.leave(state, aside.uses);
  }

  /** The file no longer looks into these, but for those that it does for another reason. */
  private leave(state: FileState, targets: ReadonlySet<Target>): void {
    for (const target of targets) {
      if (state.uses.has(target) || state.aside?.uses.has(target) === true) continue;
      remove(state, target.users);
    }
  }

  /** Drops what was computed by everybody who looked into a file, and by those who looked into them. */
  private invalidateUsers(path: string): void {
    for (const state of this.everyUser(path)) {
      this.dropContext(state);
      if (state.review !== undefined) this.stale.add(state.path);
      state.review = undefined;
    }
  }

  // ----------------------------------------------------------------------------------------- placing

  private linesOf(state: FileState, text: Text): LineIndex {
    state.lines ??= new LineIndex(text);
    return state.lines;
  }

  private placingFile(path: string): PlacingFile | undefined {
    const state = this.files.get(path);
    if (state?.text === undefined) return undefined;
    state.units ??= unitsOf(state.text);
    const { units } = state;
    state.places = placesOf(units, state.places);
    const { byKey } = state.places;
    return { lines: this.linesOf(state, state.text), startOf: (key) => units[byKey.get(key) ?? -1]?.unit.start };
  }
}

/** With most keys the units are called as before. */
function placesOf(units: readonly FrameUnit[], before: FileState['places']): NonNullable<FileState['places']> {
  if (before?.of === units) return before;
  const isAlike = before?.of.length === units.length && units.every((it, index) => it.key === before.of[index]?.key);
  return { of: units, byKey: isAlike ? before.byKey : new Map(units.map((it, index) => [it.key, index])) };
}

function remove(state: FileState, from: FileState[]): void {
  const at = from.indexOf(state);
  if (at >= 0) from.splice(at, 1);
}

/** Of files that nothing was parsed of: most. Nothing is ever put into it. */
const NO_ARENAS: Map<string, Arena> = new Map();

/** At every path where there is nothing: most that are looked into. */
const NO_FILE = newState('', undefined);

function newState(path: string, text: Text | undefined): FileState {
  return {
    path,
    text,
    units: undefined,
    arenas: NO_ARENAS,
    data: undefined,
    context: undefined,
    aside: undefined,
    uses: new Set(),
    review: undefined,
    wasReviewed: false,
    anyFile: false,
    lines: undefined,
    places: undefined,
    rests: false,
    lookedInto: 0,
  };
}

/** With `/` at its end; nothing for what is in the root. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/** Texts without a name leave their results behind when they are typed on. */
function forgetOthers(results: Map<string, unknown>, units: readonly FrameUnit[]): void {
  const keys = new Set(units.map((it) => it.key));
  for (const key of results.keys()) if (!keys.has(key)) results.delete(key);
}

/** Units that were told of others what no longer holds are shown again. */
function forgetTold({ results, earlier }: Context, keys: ReadonlySet<string>): void {
  if (keys.size === 0) return;
  for (const it of keys) results.delete(it);
  earlier.clear();
}

function cites(review: Review, path: string): boolean {
  return review.categories.some((it) => it.findings.some((each) => each.trail.some((step) => step.path === path)));
}

function distinct(faults: readonly Fault[]): Fault[] {
  const seen = new Map(faults.map((it) => [`${it.rule}\0${it.message}`, it]));
  return [...seen.values()];
}
