/** Input from outside the test: who can choose it, and how to say so. */
import type { Expression, Origin, TestFile, TrailPoint } from '../model.ts';

const OUTSIDE: Readonly<Partial<Record<Origin['sort'], string>>> = {
  environment: 'the environment',
  'command line': 'the command line',
  network: 'the network',
};

/** The first origin that somebody outside the repository decides on. */
export function outsideOrigin(expression: Expression, file: TestFile): { readonly origin: Origin; readonly from: string } | undefined {
  for (const origin of file.origins(expression)) {
    // Under a test runner `sys.argv` means nothing: a test starts such a program, and gives it its arguments.
    if (origin.name.startsWith('sys.argv') && (file.kind === 'test' || file.ownProcess)) continue;
    const from = OUTSIDE[origin.sort];
    if (from !== undefined) return { origin, from };
  }
  return undefined;
}

/** Is the file, by what it is named by, one that the test has written itself? */
export function isOwnFile({ name }: Origin): boolean {
  return /tmp|temp|TESTFN|mkd?stemp|out_?(?:put_?)?(?:dir|path)/i.test(name);
}

/** What the interpreter and the test suite say of themselves: no input. */
const TRUSTED =
  /^(?:sys\.(?:executable|platform|prefix|version\w*|byteorder|maxsize)|os\.(?:sep|linesep|pathsep|name|devnull)|(?:test\.support\.(?:os_helper\.)?)TESTFN\w*)$/;

/** A name at the top of another module: settled where that module is written. */
function isModuleConstant(it: Origin): boolean {
  return it.sort === 'attribute' && it.name.includes('.') && !/[()[\]]/.test(it.name);
}

/** Is all of it written in the source, as far as can be told: constants, and text built of constants? */
export function isWrittenHere(expression: Expression, file: TestFile): boolean {
  const origins = file.origins(expression);
  return origins.length > 0 && origins.every((it) => it.sort === 'constant' || TRUSTED.test(it.name) || isModuleConstant(it));
}

/** Is it read from files beside the source alone, by paths that are written there: `__file__` and constants? */
export function isOfRepository(expression: Expression, file: TestFile): boolean {
  const origins = file.origins(expression);
  return (
    origins.some((it) => it.name === '__file__') &&
    origins.every((it) => it.sort === 'file' || it.sort === 'constant' || it.name === '__file__' || isModuleConstant(it))
  );
}

/** Is it made of nothing but what is written in the source and paths that the test, as this file shows, makes for itself? */
export function isMadeByTest(expression: Expression, file: TestFile): boolean {
  const origins = file.origins(expression);
  return origins.length > 0 && origins.every((it) => it.sort === 'constant' || TRUSTED.test(it.name) || isModuleConstant(it) || (it.here && isOwnFile(it)));
}

/** How the value got here, source first. */
export function trailOf(origin: Origin, from: string): readonly TrailPoint[] {
  return [{ at: origin.place, note: `comes from ${from}` }, ...origin.trail];
}
