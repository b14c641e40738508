/**
 * Loops that wait for something, and how they end when it does not come:
 *
 *     for attempt in range(10):          while time.time() < deadline:     while True:
 *         seen = api.get()                   if ready(): return                if ready(): break
 *         if seen == wanted:                 time.sleep(1)                     if late(): raise TimeoutError()
 *             return seen                raise TimeoutError()
 *     self.fail(f'still {seen}')
 */
import type { Expression, ForStatement, FunctionDefinition, IfStatement, Node, Statement } from '../model.ts';
import { walk } from '../model.ts';
import { innerBlocks } from './blocks.ts';
import { isFailure, running } from './failures.ts';

export interface WaitingEnd {
  readonly loop: ForStatement | IfStatement;
  /** The `self.fail(...)` or `raise` that is reached when the wait was in vain. */
  readonly failure: Statement;
  /** A name that the loop binds to what it asks for, and that the failure tells about. */
  readonly state: string | undefined;
}

/** Every waiting loop of a function that ends in a failure, nested functions left out. */
export function waitingEnds(node: FunctionDefinition): readonly WaitingEnd[] {
  const ends: WaitingEnd[] = [];
  if (mayWait(node)) collectEnds(node.body, /wait|poll|until|retry|retries|eventually/i.test(node.name), ends);
  return ends;
}

/** Is there a loop in it? Told from its text. */
export function mayWait(node: FunctionDefinition): boolean {
  return /\b(?:for|while)\b/.test(node.text);
}

function collectEnds(body: readonly Statement[], isNamedSo: boolean, into: WaitingEnd[]): void {
  body.forEach((it, index) => {
    if ((it.type === 'for' || it.type === 'while') && waits(it) && (isNamedSo || takesTime(it))) {
      const failure = failureAfter(it, body[index + 1]);
      if (failure !== undefined) into.push({ loop: it, failure, state: stateIn(failure, it) });
    }
    for (const block of innerBlocks(it)) collectEnds(block, isNamedSo, into);
  });
}

/** Asks again and again, and leaves early when the answer is right. */
function waits(loop: ForStatement | IfStatement): boolean {
  if ((loop.type === 'for' && !repeats(loop)) || holdsEndless(loop)) return false;
  let calls = loop.type === 'while' && containsCall(loop.test);
  let leaves = loop.type === 'while' && loop.test.text !== 'True' && loop.test.text !== '1';
  for (const it of running(loop.body)) {
    if (it.type === 'call') calls = true;
    if (it.type === 'return' || it.type === 'break') leaves = true;
  }
  return calls && leaves;
}

/** A `while True` inside, out of which nothing is raised, may wait for ever: what stands behind is not reached in vain. */
function holdsEndless(loop: ForStatement | IfStatement): boolean {
  for (const it of running(loop.body)) {
    if (it.type === 'while' && /^(?:True|1)$/.test(it.test.text) && !walk(it).some((each) => each.type === 'raise')) return true;
  }
  return false;
}

/** Pauses, or looks at the clock or at how often it tried: a wait, not a search. */
function takesTime(loop: ForStatement | IfStatement): boolean {
  for (const it of running([loop])) {
    if (it.type === 'call' && /sleep|wait|pause|select|poll|expired|monotonic|^time$/i.test(it.method)) return true;
    if (it.type === 'name' && /attempt|retries|retry|tries|deadline|timeout/i.test(it.id)) return true;
  }
  return false;
}

function repeats(loop: ForStatement): boolean {
  const { iterable } = loop;
  return iterable.type === 'call' && /^(?:range|xrange|count|repeat|sleeping_retry|busy_retry)$/.test(iterable.method);
}

function containsCall(node: Node): boolean {
  for (const it of walk(node)) if (it.type === 'call') return true;
  return false;
}

function failureAfter(loop: ForStatement | IfStatement, next: Statement | undefined): Statement | undefined {
  const last = loop.otherwise.at(-1);
  if (!isEndless(loop)) {
    if (last !== undefined && isFailure(last)) return last;
    // A loop that may end by `break` goes on with the same statement as one that waited in vain: no proof.
    if (next !== undefined && isFailure(next) && !breaks(loop)) return next;
  }
  // `if late: raise` inside, behind an attempt that may leave.
  for (const it of loop.body) {
    if (it.type !== 'if') continue;
    const end = it.body.at(-1);
    if (end !== undefined && isFailure(end) && end.type !== 'assert' && speaksOfTime(it)) return end;
  }
  return undefined;
}

/** What stands behind it is never reached in vain. */
function isEndless(loop: ForStatement | IfStatement): boolean {
  if (loop.type === 'for') return loop.iterable.type === 'call' && loop.iterable.callee === 'itertools.count';
  return /^(?:True|1)$/.test(loop.test.text);
}

function breaks(loop: ForStatement | IfStatement): boolean {
  for (const it of running(loop.body)) {
    if (it.type !== 'break') continue;
    let around: Node | undefined = it.parent;
    while (around !== undefined && around.type !== 'for' && around.type !== 'while') around = around.parent;
    if (around === loop) return true;
  }
  return false;
}

function speaksOfTime(it: IfStatement): boolean {
  return /time|deadline|attempt|retries|tries|elapsed|count|expire/i.test(it.test.text);
}

/** A name that the loop binds to what it asks for, and the failure tells. */
function stateIn(failure: Statement, loop: ForStatement | IfStatement): string | undefined {
  const bound = new Set<string>();
  for (const it of running(loop.body)) {
    if (it.type === 'assignment' && it.value !== undefined && asks(it.value, bound))
      for (const each of it.targets) if (each.type === 'name') bound.add(each.id);
    if (it.type === 'for' && it.target.type === 'name') bound.add(it.target.id);
  }
  for (const it of walk(failure)) if (it.type === 'name' && bound.has(it.id)) return it.id;
  return undefined;
}

/** Is something asked, or what was asked before told again? A text that is put together, a count or the clock is no answer. */
function asks(value: Expression, before: ReadonlySet<string>): boolean {
  return walk(value).some((it) => (it.type === 'call' && !SAYS_NOTHING.test(it.method)) || (it.type === 'name' && before.has(it.id)));
}

const SAYS_NOTHING = /^(?:format|join|str|repr|int|float|len|min|max|round|range|_|time|monotonic|perf_counter|now|utcnow|total_seconds)$/;
