/** What a test does with the stub of a security check: allows, refuses, or asks it afterwards. */
import { ancestors, argument, type Expression, type Node, type Patch, type TestFile, walk } from '../model.ts';
import { MOCK_ASSERTIONS } from './mock.ts';
import { isMockAssertion, isRecord } from './mock-assertions.ts';
import { NETWORK_SINKS } from './network.ts';
import { nameOfMock } from './patchers.ts';
import { securityCheck } from './security-words.ts';

type Answer = 'allows' | 'refuses' | 'unknown';

export interface SecurityStub {
  /** `unknown`: the stub is a function or object that is not followed. */
  readonly answer: Answer;
  /** Where an assertion says that the stub was asked. */
  readonly verified: Expression | undefined;
  /** Does an assertion say anything of how the stub was used, also that it was not? */
  readonly inspected: boolean;
}

/** The security check that a patch replaces; a patch that nothing puts in force replaces none. */
export function replacedCheck({ target, form, applied }: Patch, file: TestFile): string | undefined {
  const check = target === undefined || form === 'patch.dict' || applied === 'unused' ? undefined : securityCheck(target);
  return target === undefined || check === undefined || logsIn(target, file) ? undefined : check;
}

/** Does it ask a server as its own object says, with nobody given to decide on, and refuses only its own password: a client that logs in to somebody else's service? */
function logsIn(target: string, file: TestFile): boolean {
  const found = file.definition(target);
  if (found?.node === undefined || found.returns || found.parameters.join() !== 'self') return false;
  const parts = walk(found.node);
  const refuses = parts.some((it) => it.type === 'raise' || it.type === 'assert' || (it.type === 'call' && it.method === 'raise_for_status'));
  return (!refuses || /passw|secret|credential/i.test(found.node.text)) && parts.some((it) => it.type === 'call' && NETWORK_SINKS.has(it.callee ?? ''));
}

/** Does a test of the class ask the mock of a set-up by the path of what it replaces, as in `api.policy.check.assert_called_once_with()`? */
export function isAskedByPath({ call, form }: Patch, file: TestFile): boolean {
  const [object, name] = call.arguments.map((it) => it.value);
  if (form === 'patch' || object === undefined || name?.type !== 'string') return false;
  return MOCK_ASSERTIONS.some((it) => file.testsNaming(`${object.text}.${name.content}.${it}`, 'class') > 0);
}

export function securityStub(patch: Patch): SecurityStub {
  const name = nameOfMock(patch);
  return { answer: answerOf(patch, name), ...assertionsOn(name, patch) };
}

function answerOf(patch: Patch, name: string | undefined): Answer {
  const { call } = patch;
  if (argument(call, 'wraps') !== undefined) return 'unknown';
  const effect = argument(call, 'side_effect');
  if (effect !== undefined && effect.text !== 'None') return judgeEffect(effect);
  const given = patch.replacement;
  if (given !== undefined) {
    if (argument(call, 'new_callable') === given) return 'unknown';
    const body = given.type === 'lambda' ? given.body : given;
    // `enforce = False` is a setting: nothing calls it.
    const name = patch.target?.slice(patch.target.lastIndexOf('.') + 1) ?? '';
    if (body === given && given.type === 'constant' && !/^_?(?:is|has|can|may)_/.test(name)) return 'unknown';
    if (body.type === 'constant') return body.constant === 'False' ? 'refuses' : 'allows';
    return /[mM]ock\(\)$/.test(given.text) ? 'allows' : 'unknown';
  }
  const answer = argument(call, 'return_value');
  if (answer !== undefined) return judge(answer);
  let found: Answer | undefined;
  for (const it of name === undefined || patch.owner === undefined ? [] : walk(patch.owner.node)) {
    if (it.type !== 'assignment' || it.value === undefined) continue;
    for (const target of it.targets) {
      if (target.text === `${name}.side_effect` && it.value.text !== 'None') return judgeEffect(it.value);
      if (target.text === `${name}.return_value`) found ??= judge(it.value);
    }
  }
  return found ?? 'allows';
}

function judge(it: Expression): Answer {
  if (it.type === 'constant') return it.constant === 'False' ? 'refuses' : 'allows';
  return it.value.kind === 'parameter' || it.value.kind === 'unknown' ? 'unknown' : 'allows';
}

/** Names of what is raised: `Forbidden`, `exception.PolicyNotAuthorized`, `PermissionError('x')`. */
const RAISED =
  /(?:Error|Exception|Forbidden|Unauthori[sz]ed|NotAuthori[sz]ed|NotAuthenticated|Denied|Refused|Failed|Failure|NotFound|Rejected|AdminRequired|Required|Mismatch|NotAllowed|Conflict)$|\b(?=\w*(?:Invalid|Expired|Bad[A-Z]|HTTP[A-Z]))\w+$/;

/** A check that breaks down does not refuse. */
const BREAKS = /(?:Database|Operational|Integrity|Connection|Connect|Timeout|Type|Key|Attribute|Index|Runtime|OS|IO)Error$/;

function raises(name: string): boolean {
  return RAISED.test(name) && !BREAKS.test(name);
}

/** What a `side_effect` makes the stub do: raise, answer in turn, or run a function. */
function judgeEffect(it: Expression): Answer {
  switch (it.type) {
    case 'list':
    case 'tuple': {
      const answers = it.items.map(judgeEffect);
      // The first answers of several may allow; one that refuses is what the test is about.
      if (answers.includes('refuses')) return 'refuses';
      return answers.length > 0 && answers.every((each) => each === 'allows') ? 'allows' : 'unknown';
    }
    case 'constant':
      return it.constant === 'False' ? 'refuses' : 'allows';
    case 'lambda':
      return it.body.type === 'constant' ? judgeEffect(it.body) : 'unknown';
    case 'call':
      return raises(it.function.text) ? 'refuses' : 'unknown';
    case 'name':
    case 'attribute':
      return raises(it.text) ? 'refuses' : 'unknown';
    default:
      return 'unknown';
  }
}

/** What assertions of the same function say of the stub. */
function assertionsOn(name: string | undefined, patch: Patch): Omit<SecurityStub, 'answer'> {
  let inspected = false;
  if (name === undefined || patch.owner === undefined) return { verified: undefined, inspected };
  for (const it of walk(patch.owner.node)) {
    if (it.type === 'call' && it.function.type === 'attribute' && it.function.object.text === name && isMockAssertion(it.function.name)) {
      inspected = true;
      if (!/_not_/.test(it.function.name)) return { verified: it, inspected };
    } else if (it.type === 'attribute' && it.object.text === name && isRecord(it.name)) {
      const demand = demanding(it);
      // Taking `call_args` apart fails where there was no call; anything else is only looked at.
      if (demand === undefined) inspected ||= it.name === 'call_args' && isTakenApart(it);
      if (demand === undefined) continue;
      inspected = true;
      if (demand) return { verified: it, inspected };
    }
  }
  return { verified: undefined, inspected };
}

function isTakenApart({ parent }: Node): boolean {
  return parent?.type === 'subscript' || (parent?.type === 'assignment' && parent.targets.some((it) => it.type === 'tuple' || it.type === 'list'));
}

/** Inside an assertion: is it one that something happened? `undefined` outside of any. */
function demanding(it: Node): boolean | undefined {
  for (const each of ancestors(it)) {
    if (each.type === 'assert') return !/\bnot\b|==\s*0\b|\bis\s+(?:False|None)\b|==\s*\[\]/.test(each.operands[0]?.text ?? '');
    if (each.type === 'call' && /^assert/.test(each.method)) {
      if (/^assert(?:False|IsNone|Not\w*)$/.test(each.method)) return false;
      return !each.arguments.some((argument) => /^(?:0|False|None|\[\])$/.test(argument.value.text));
    }
    if (each.type === 'function' || each.type === 'lambda') return undefined;
  }
  return undefined;
}
