/** Credentials that are in a variable while the test runs, and where a literal one is sent. */
import { type Call, constantText, type Expression, type Literal, type Origin, type TestFile } from '../model.ts';
import { destinationOf } from './hosts.ts';
import { outsideOrigin } from './outside.ts';
import { isCredentialName } from './secrets.ts';

/** What an expression calls its value: a name, an attribute, a key, the variable of the environment that it reads. */
export function nameOfValue(it: Expression): string | undefined {
  if (it.type === 'name') return it.id;
  if (it.type === 'attribute') return it.name;
  if (it.type === 'subscript') return it.index[0]?.type === 'string' ? it.index[0].content : undefined;
  if (it.type !== 'call' || !/^(?:os\.environ\.get|os\.getenv)$/.test(it.callee ?? '')) return undefined;
  const first = it.arguments[0]?.value;
  return constantText(first?.value);
}

/** `secret_arn`, `TOKEN_FILE`: where a secret is, or which one, and no secret. */
const TELLS_WHICH = /_(?:arn|key_id|name|path|file)$/i;

/** A credential that comes from outside the repository: from the environment, or a reply. */
export function credentialFromOutside(it: Expression, file: TestFile): { readonly name: string; readonly origin: Origin; readonly from: string } | undefined {
  const name = nameOfValue(it);
  if (name === undefined || !isCredentialName(name) || TELLS_WHICH.test(name)) return undefined;
  const found = outsideOrigin(it, file);
  return found === undefined ? undefined : { name, ...found };
}

/** What a text shows: itself, or what is put into it. */
export function shownIn(it: Expression): Expression[] {
  if (it.type === 'fstring') return it.parts.filter((part): part is Expression => typeof part !== 'string');
  if (it.type === 'operation') return [...(it.left === undefined ? [] : shownIn(it.left)), ...shownIn(it.right)];
  if (it.type === 'tuple' || it.type === 'list') return it.items.flatMap(shownIn);
  if (it.type === 'call' && it.method === 'format') return it.arguments.flatMap((each) => shownIn(each.value));
  return [it];
}

/** The public host that the call around a literal speaks to: `requests.post(url, auth=('loader', '…'))`. */
export function publicHostAround(literal: Literal): string | undefined {
  for (let it = literal.node.parent; it !== undefined && it.type !== 'function'; it = it.parent) {
    if (it.type !== 'call') continue;
    const to = destinationOf(it satisfies Call);
    if (to?.kind === 'public') return to.host;
  }
  return undefined;
}
