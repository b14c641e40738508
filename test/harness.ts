/** An engine over files in memory, and one question per function. Tests are data; this is the only place that knows how to ask. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { RULES } from '../rules/index.ts';
import type { Rule, Source } from '../rules/rule.ts';
import { createEngine, type Engine, type EngineOptions } from '../server/review/engine.ts';
import { findingsOf, type PlacedFinding, type PlacedFix, type Review } from '../server/review/review.ts';
import { type Expectation, readMarks } from './fixture.ts';

/** The repository, from the bundled tests in `dist/test`. */
export const ROOT = join(__dirname, '..', '..');

export function newEngine(rules: readonly Rule[] = RULES, more: Partial<EngineOptions> = {}): Promise<Engine> {
  return createEngine({
    ...more,
    runtime: readFileSync(join(ROOT, 'dist/tree-sitter.wasm')),
    grammar: readFileSync(join(ROOT, 'dist/tree-sitter-python.wasm')),
    rules,
  });
}

/** Files by path, the first one is reviewed. A lone text is `tests/unit/test_example.py`. */
export function filesOf(source: Source): Record<string, string> {
  return typeof source === 'string' ? { 'tests/unit/test_example.py': source } : { ...source };
}

/** The review of the first file, with the others as its workspace. */
export function reviewFiles(engine: Engine, files: Record<string, string>): Review {
  const [path] = Object.keys(files);
  if (path === undefined) throw new Error('no file to review');
  for (const [name, text] of Object.entries(files)) engine.put(name, text);
  let review = engine.review(path, { anyFile: true });
  for (let wanted = engine.wanted(); wanted.length > 0; wanted = engine.wanted()) {
    for (const it of wanted) engine.put(it, files[it]);
    review = engine.review(path, { anyFile: true });
  }
  for (const name of Object.keys(files)) engine.drop(name);
  return review;
}

export interface Outcome {
  readonly review: Review;
  readonly findings: readonly PlacedFinding[];
  readonly expected: readonly Expectation[];
  readonly clean: string;
}

/** Removes the marks, reviews, and gives both sides. */
export function check(engine: Engine, source: Source): Outcome {
  const files = filesOf(source);
  const [path] = Object.keys(files);
  let expected: readonly Expectation[] = [];
  let clean = '';
  for (const [name, text] of Object.entries(files)) {
    const marked = readMarks(text);
    files[name] = marked.clean;
    if (name === path) ({ expected, clean } = marked);
  }
  const review = reviewFiles(engine, files);
  return { review, findings: findingsOf(review), expected, clean };
}

export function applyFix(text: string, fix: PlacedFix): string {
  let result = text;
  for (const it of [...fix.edits].reverse()) result = result.slice(0, it.start) + it.text + result.slice(it.end);
  return result;
}

/** The findings as lines under the source, for failure messages. */
export function draw(clean: string, findings: readonly PlacedFinding[]): string {
  const lines = clean.split('\n');
  const out: string[] = [];
  lines.forEach((line, index) => {
    out.push(line);
    for (const it of findings) {
      if (it.line !== index + 1) continue;
      const width = Math.max(1, (it.endLine === it.line ? it.endColumn : line.length + 1) - it.column);
      out.push(`#${' '.repeat(Math.max(0, it.column - 2))}${'^'.repeat(width)} ${it.rule} ${it.kind}: ${it.message}`);
    }
  });
  return out.join('\n');
}

/** The Python files below a folder, by path relative to it. */
export function pythonFiles(root: string): Record<string, string> {
  const files: Record<string, string> = {};
  const visit = (folder: string) => {
    for (const it of readdirSync(folder).sort()) {
      const path = join(folder, it);
      if (statSync(path).isDirectory()) visit(path);
      else if (it.endsWith('.py')) files[relative(root, path).replaceAll('\\', '/')] = readFileSync(path, 'utf8');
    }
  };
  visit(root);
  return files;
}

/** Reviews a file with what it wants from the folder on disk. */
export function settle(engine: Engine, path: string, root: string): Review {
  let review = engine.review(path);
  for (let wanted = engine.wanted(); wanted.length > 0; wanted = engine.wanted()) {
    for (const it of wanted) engine.put(it, existsSync(join(root, it)) ? readFileSync(join(root, it), 'utf8') : undefined);
    review = engine.review(path);
  }
  return review;
}

/** The reviews of every test file below a folder. */
export async function reviewsUnder(root: string): Promise<Review[]> {
  const engine = await newEngine();
  const files = pythonFiles(root);
  for (const [path, text] of Object.entries(files)) engine.put(path, text);
  return Object.keys(files)
    .filter((it) => engine.isTest(it))
    .map((it) => settle(engine, it, root));
}
