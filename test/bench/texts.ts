/** Real files of growing size, and what is typed into them. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

export interface Sample {
  /** Wanted number of lines: the name of the row. */
  readonly size: number;
  readonly lines: number;
  readonly path: string;
  readonly text: string;
}

/** A test method as it is typed, on a line of its own: brackets, quotes, a docstring, an f-string. */
export const TYPED = `
    @mock.patch.object(objects.Instance, 'save')
    def test_typed_in(self, mock_save):
        """Typed key by key."""
        with mock.patch('nova.utils.execute') as run:
            result = self.driver.spawn(f"{self.context}", [1, 2, (3, 4)])
        self.assertEqual({'a': "b"}, result)
        self.assertRaises(exception.NotFound,
                          self.driver.destroy, self.context, {'x': [1, 2]})
        run.assert_called_once_with('ls', '-l')`;

/** Below the root, the test file whose number of lines is nearest to each size; the largest one goes on with the next ones. */
export function samples(root: string, tests: string, sizes: readonly number[]): Sample[] {
  return sizes.map((size) => {
    const [first, ...others] = nearest(root, tests, size);
    let text = first?.text ?? '';
    for (const it of others) {
      if (lineCount(text) >= size * 0.95) break;
      text += it.text;
    }
    return { size, lines: lineCount(text), path: first?.path ?? '', text };
  });
}

/** All test files, those first whose number of lines is nearest to `size`. */
export function nearest(root: string, tests: string, size: number): Sample[] {
  return testFiles(tests)
    .map((path): Sample => {
      const text = readFileSync(path, 'utf8');
      return { size, lines: lineCount(text), path: relative(root, path), text };
    })
    .sort((a, b) => Math.abs(a.lines - size) - Math.abs(b.lines - size) || (a.path < b.path ? -1 : 1));
}

export function testFiles(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((it) => {
      const path = join(folder, it);
      if (statSync(path).isDirectory()) return testFiles(path);
      return /^test_.*\.py$/.test(it) ? [path] : [];
    });
}

/** Where a method can be typed, near the middle: the end of the line before a test. */
export function middleOf(text: string): number {
  const at = text.indexOf('\n    def test', text.length >> 1);
  return at < 0 ? text.length : at;
}

export function lineCount(text: string): number {
  return text.split('\n').length - 1;
}

/** As the editor's server and the command line answer it. */
export function hasFolderIn(root: string): (path: string) => boolean {
  return (path) => statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory() === true;
}

export function readIn(root: string): (path: string) => string | undefined {
  return (path) => {
    try {
      return readFileSync(join(root, path), 'utf8');
    } catch {
      return undefined;
    }
  };
}
