/** Attributes that are set or taken away by a name that is a text: `setattr(settings, name, old)`, `delattr(settings, name)`. */
import { ancestors, argumentFor, type Call, constantText, type Expression, type FunctionDefinition, type QualifiedName, walk } from '../model.ts';

/** Does the call set the attribute of the object: by its name, by that of a loop over names, or by one that only the running test knows? */
export function setsByName(call: Call, object: QualifiedName, name: string): boolean {
  const given = setBy(call);
  if (given === undefined || given.object.refersTo !== object) return false;
  const known = namesOf(given.name);
  return known === undefined || known.includes(name);
}

/** Does a function that is called with the name as a text, `restore("berths", old)`, set the attribute with it? */
export function passesName(call: Call, body: FunctionDefinition, object: QualifiedName, name: string): boolean {
  const isGiven = (it: Expression, fits: (given: Expression) => boolean): boolean => {
    const passed = it.type === 'name' ? argumentFor(call, body, it.id) : undefined;
    return passed !== undefined && fits(passed);
  };
  return walk(body).some((it) => {
    const set = it.type === 'call' ? setBy(it) : undefined;
    return (
      set !== undefined &&
      (set.object.refersTo === object || isGiven(set.object, (given) => given.refersTo === object)) &&
      (constantText(set.name.value) === name || isGiven(set.name, (given) => namesOf(given)?.includes(name) === true))
    );
  });
}

function setBy({ callee, arguments: given }: Call): { readonly object: Expression; readonly name: Expression } | undefined {
  const [object, name] = given;
  const sets = callee === 'builtins.setattr' || callee === 'builtins.delattr';
  return sets && object !== undefined && name !== undefined ? { object: object.value, name: name.value } : undefined;
}

/** The texts that an expression may be: one, or all that the loop around it gives it; undefined where that is not written. */
function namesOf(it: Expression): readonly string[] | undefined {
  const text = constantText(it.value);
  if (text !== undefined) return [text];
  for (const each of ancestors(it)) {
    if (each.type !== 'for') continue;
    const index = each.target.type === 'tuple' ? each.target.items.findIndex((one) => one.text === it.text) : -1;
    if (index < 0 && each.target.text !== it.text) continue;
    const { value } = each.iterable;
    if (value.kind !== 'list') return undefined;
    const given = value.items.map((item) => (index < 0 ? item : item.kind === 'list' ? item.items[index] : undefined));
    const texts = given.flatMap((item) => (item === undefined ? [] : (constantText(item) ?? [])));
    return texts.length === given.length ? texts : undefined;
  }
  return undefined;
}
