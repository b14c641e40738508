/** Assertions on what an API answers. Sources: requests 2.32, httpx 0.28, Django 5, WebTest 3, Flask 3 documentation. */
import type { Call, Expression, SimpleStatement } from '../model.ts';
import { constantText } from '../model.ts';

const RESPONSE = /^(?:self\.)?(?:\w+_)?(?:resp|response|reply|rv)\d?(?:$|[.[])/i;
const BODY = /^(?:self\.)?(?:\w+_)?(?:res|result|r)\d?\.(?:text|body|content|data|json|headers)\b|^(?:\w+_)?(?:body|html|page|payload)$/i;
const NO_RESPONSE = /log|std(?:out|err)|\bout\b|\berr\b|captur|proc/i;

/** Does the expression hold what an API answered: `response.text`, `resp.json()['detail']`, `body`? */
export function isResponseText(it: Expression): boolean {
  const inner = it.type === 'call' && /^(?:str|repr|dumps)$/.test(it.method) ? (it.arguments[0]?.value ?? it) : it;
  return !NO_RESPONSE.test(inner.text) && (RESPONSE.test(inner.text) || BODY.test(inner.text));
}

export interface Contains {
  /** What is looked for. */
  readonly needle: Expression;
  readonly text: string;
  readonly haystack: Expression;
  /** `false`: it must not be there. */
  readonly wanted: boolean;
}

const IN: Readonly<Record<string, boolean>> = { assertIn: true, assertNotIn: false };
const HOLDS: Readonly<Record<string, boolean>> = { assertContains: true, assertNotContains: false };

/** An assertion that text is, or is not, in something: `assert 'x' in y`, `assertNotIn('x', y)`, `assertContains(y, 'x')`. */
export function containment(node: Call | SimpleStatement): Contains | undefined {
  if (node.type === 'assert') {
    const [test] = node.operands;
    if (test?.type !== 'comparison' || test.operators.length !== 1 || (test.operators[0] !== 'in' && test.operators[0] !== 'not in')) return undefined;
    const [needle, haystack] = test.operands;
    return containing(needle, haystack, test.operators[0] === 'in');
  }
  if (node.type !== 'call') return undefined;
  const [first, second] = node.arguments.filter((it) => it.keyword === undefined).map((it) => it.value);
  if (Object.hasOwn(IN, node.method)) return containing(first, second, IN[node.method] === true);
  if (Object.hasOwn(HOLDS, node.method)) return containing(second, first, HOLDS[node.method] === true);
  return undefined;
}

function containing(needle: Expression | undefined, haystack: Expression | undefined, wanted: boolean): Contains | undefined {
  const text = constantText(needle?.value);
  return needle === undefined || haystack === undefined || text === undefined ? undefined : { needle, text, haystack, wanted };
}

/** Can a call of this name say what a text holds? */
export function statesContent(method: string): boolean {
  return Object.hasOwn(IN, method) || Object.hasOwn(HOLDS, method);
}

/** Text that only the inside of a program knows: a traceback, a statement of SQL, a file of the server, a class of exceptions. */
export function innerDetail(text: string): string | undefined {
  if (/Traceback\b/.test(text)) return 'a traceback';
  if (/\bSELECT\s(?:(?!\bSELECT\s).)+\sFROM\s|\bINSERT\s+INTO\s|\bUPDATE\s(?:(?!\bUPDATE\s).)+\sSET\s|\bDELETE\s+FROM\s/.test(text)) return 'SQL';
  if (/File "\/|\/site-packages\/|\/usr\/lib\/python|\.py", line \d/.test(text)) return 'a file of the server';
  if (
    /\b(?:sqlalchemy\.exc|sqlite3|psycopg2?|django\.db\.utils|pymysql)\.\w*Error|\b(?:IntegrityError|OperationalError|ProgrammingError|ZeroDivisionError)\b/.test(
      text,
    )
  )
    return 'the class of an exception';
  return undefined;
}
