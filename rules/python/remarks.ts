/** What people have written beside their code. A comment proves nothing, but it says that somebody has decided. */
import type { FunctionSubject, Literal, Node, Statement, TestFile } from '../model.ts';
import { statementOf } from '../model.ts';

/** A comment on a line, behind a `#` that no text holds. */
const COMMENT = /^(?:[^#'"]|'[^#'\n]*'|"[^#"\n]*")*(#.*)/;
/** Three words or more, in any script. */
const WORDS = /^#[^\p{L}\p{N}_\n]*[\p{L}\p{N}_][^\s#]*\s+\S+\s+\S/u;
/** Scripts that put no spaces between words: as many letters as two or three words have. */
const UNSPACED = /(?:[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}][^\p{L}\n]{0,3}){5}/u;
const TO_DO = /^#\W*(?:todo|fixme|xxx|noqa|nosec|nosonar|pragma|pylint|type:|flake8|ruff)/i;
/** "To be done", "to be completed", "to be mended" in Chinese. */
const TO_DO_CHINESE = /^#[^\p{L}\n]*\u5f85(?:\u529e|\u5b8c\u6210|\u5b9e\u73b0|\u4fee\u590d)/u;

/**
 * The comments right above a statement and inside it; no note of something to be done, and no word to a tool. Where the
 * same text stands twice in the owner, what is above belongs to either, and is left out.
 */
export function* remarksOn(statement: Statement, owner: FunctionSubject): Iterable<string> {
  const source = owner.node.text;
  const at = source.indexOf(statement.text);
  const above = at === source.lastIndexOf(statement.text) ? source.slice(0, Math.max(at, 0)) : '';
  const lines = above.trimEnd().split('\n');
  let from = lines.length;
  while (from > 0 && /^\s*#/.test(lines[from - 1] ?? '')) from -= 1;
  yield* remarksIn([...lines.slice(from), ...statement.text.split('\n')]);
}

/**
 * The comments right behind a statement that speak of it and not of what comes next: those that are indented like its body, and
 * others where an empty line or nothing at all comes behind them. `leadsOn`: does the next statement do something?
 */
export function* remarksBehind(statement: Statement, owner: FunctionSubject, leadsOn: boolean): Iterable<string> {
  const source = owner.node.text;
  const at = source.indexOf(statement.text);
  if (at < 0 || at !== source.lastIndexOf(statement.text)) return;
  const indent = at - (source.lastIndexOf('\n', at) + 1);
  const [, ...lines] = source.slice(at + statement.text.length).split('\n');
  let until = 0;
  while (/^\s*#/.test(lines[until] ?? '')) until += 1;
  const isParted = !leadsOn || (lines[until] ?? '').trim() === '';
  yield* remarksIn(lines.slice(0, until).filter((it) => isParted || it.search(/\S/) > indent));
}

/** Made up, withdrawn, for tests alone, kept from scanners on purpose. */
const MADE_UP =
  /(?<!(?:\b(?:not|never|be|cannot)|n't) (?:\w{1,12} ){0,2})\b(?:compromised|throw-?away|dummy|fake|bogus|made[- ]up|revoked|not (?:an? )?(?:real|live)|test only|only (?:\w{1,20} )?(?:for|in) (?:unit ?)?test(?:s|ing)|(?:for|in) (?:unit ?)?test(?:s|ing) only|(?:purposely|intentionally|deliberately) (?:cut|split))\b/i;

/**
 * What is written at a literal: behind it or its statement, right above one of them, and in the docstring of the function that holds
 * it; that of a test speaks of what is tested. What is above a constant of the module is no part of it, and told by the file.
 */
export function* remarksAt({ node, owner }: Literal): Iterable<string> {
  const statement = statementOf(node);
  if (statement !== undefined) yield statement.remark;
  if (owner === undefined) return;
  for (const it of [node, statement]) if (it !== undefined && it !== owner.node) yield* besides(it, owner.node.text);
  const [first] = owner.node.body;
  if (owner.role === 'test' || first?.type !== 'expression' || first.expression.type !== 'string') return;
  const said = first.expression.content.replace(/\s+/g, ' ');
  if (OF_SECRETS.test(said)) yield said;
}

/** What may be said of anything, and of a secret that it is told to everybody. */
const OPEN = /\b(?:not (?:critical|sensitive)|(?:also|already|intentionally|deliberately|purposely) public)\b/i;

/** Says a remark of a secret that it opens nothing? */
export function saysMadeUp(remark: string): boolean {
  return MADE_UP.test(remark) || (OPEN.test(remark) && OF_SECRETS.test(remark));
}

/** The constant of the module that a literal is given to as it is: no key of a dictionary. */
export function constantOf({ boundTo, node, owner }: Literal, file: TestFile): string | undefined {
  const statement = owner === undefined && file.class === undefined ? statementOf(node) : undefined;
  return statement?.type === 'assignment' && statement.targets[0]?.text === boundTo ? boundTo : undefined;
}

/** A docstring, and what stands above several lines, may speak of anything. */
export const OF_SECRETS = /\b(?:token|key|secret|credential|password|macaroon|scanner)s?\b/i;

function* besides({ text }: Node, source: string): Iterable<string> {
  const [above = '', behind, ...others] = source.split(text);
  if (behind === undefined || others.length > 0) return;
  const [line = ''] = behind.split('\n', 1);
  if (/^[\s,)\]}]*#/.test(line)) yield line;
  const lines = above.trimEnd().split('\n');
  let remark = '';
  for (let it = lines.pop(); it !== undefined && /^\s*#/.test(it); it = lines.pop()) remark = `${it.replace(/^\s*#+/, '').trim()} ${remark}`;
  yield remark;
}

function* remarksIn(lines: readonly string[]): Iterable<string> {
  for (const line of lines) {
    const remark = COMMENT.exec(line)?.[1];
    if (remark !== undefined && (WORDS.test(remark) || UNSPACED.test(remark)) && !TO_DO.test(remark) && !TO_DO_CHINESE.test(remark)) yield remark;
  }
}
