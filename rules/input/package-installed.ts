import type { Call } from '../model.ts';
import { commandOf } from '../python/commands.ts';
import { PROCESS_CALLS, SHELL_CALLS } from '../python/sinks.ts';
import { defineRule, py } from '../rule.ts';

const INSTALLS: readonly (readonly [RegExp, string])[] = [
  [/(?:^|\s)(?:[^\s-]\S*[/?]|[/?])?pip3?\s+(?:-\S+\s+)*install\s/, 'pip install'],
  [/(?:^|\s)(?:npm|yarn|pnpm)\s+(?:install|add|ci)\b/, 'npm install'],
  [/(?:^|\s)apt(?:-get)?\s+(?:-\S+\s+)*install\s/, 'apt-get install'],
  [/(?:^|\s)(?:yum|dnf|apk|brew|conda|gem|cargo)\s+(?:install|add)\s/, 'a package manager'],
  [/(?:^|\s)git\s+clone\s+(?:-\S+\s+)*(?:https?|ssh|git)(?::|@)/, 'git clone'],
];

/** `curl … | sh`. */
function runsDownload(command: string): boolean {
  const parts = command.split('|');
  return parts.some((it, index) => /\b(?:curl|wget)\s./s.test(it) && /^\s*(?:sudo\s+)?(?:ba|z)?sh\b/.test(parts[index + 1] ?? ''));
}

function installs(call: Call): string | undefined {
  const text = commandOf(call);
  if (text === undefined) return undefined;
  if (/--no-index|--no-deps\s+\.|(?:^|\s)install\s+(?:-\S+\s+)*(?:\.|\/|\?$)|file:/.test(text)) return undefined;
  const operands = isPip(text) ? operandsOf(text) : [];
  if (operands.length > 0 && operands.every(isLocal)) return undefined;
  return INSTALLS.find(([pattern]) => pattern.test(text))?.[1] ?? (runsDownload(text) ? 'a downloaded script' : undefined);
}

function isPip(command: string): boolean {
  return INSTALLS[0]?.[0].test(command) === true;
}

/** Options of pip that take a word. Source: pip 25, `pip install --help`. */
const WITH_WORD =
  /^(?:-[rcti]|--(?:requirement|constraint|target|prefix|root|src|python|platform|python-version|implementation|abi|log|cache-dir|progress-bar))$/;

/** What pip is told to install: names, paths, `?` for what is not written here. */
function operandsOf(command: string): readonly string[] {
  const words = command.replace(/^.*?\binstall\s+/s, '').split(/\s+/);
  return words.filter((it, index) => it !== '' && !it.startsWith('-') && !WITH_WORD.test(words[index - 1] ?? ''));
}

/** `harbour==1.2`, also where the version is worked out; each that is not a path. */
function isPinned(call: Call): boolean {
  const text = commandOf(call) ?? '';
  const asked = (isPip(text) ? operandsOf(text) : []).filter((it) => !isLocal(it));
  return asked.length > 0 && asked.every((it) => /^\w[\w.[\],-]*==[\w.?]+$/.test(it));
}

/** A path, a file, or what only the running test knows. */
function isLocal(operand: string): boolean {
  return /^[.?/]|\.whl$/.test(operand) && !operand.includes('://');
}

export const rule = defineRule({
  id: 'package-installed',
  code: 'INP017',
  category: 'input',
  title: 'Software installed while the tests run',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [829],
  why: 'What is installed runs with the rights of the tests, and is whatever the index or server gives on that day.',
  instead: 'Install what the tests need before they run, with pinned versions and hashes.',
  limits:
    'Only commands whose words are in the source. What pip installs from a path, or only says it would install (`--dry-run`), is not judged; at a version, in a script that runs by itself and in a folder that pytest is always told to ignore it is a note.',
  links: ['https://pip.pypa.io/en/stable/topics/secure-installs/'],
  on: 'call',
  calls: (callee) => PROCESS_CALLS.has(callee) || SHELL_CALLS.has(callee),
  *check(call, file) {
    const { callee } = call;
    if (callee === undefined || !(PROCESS_CALLS.has(callee) || SHELL_CALLS.has(callee)) || file.stubbed(callee, call) !== undefined) return;
    const what = installs(call);
    if (what === undefined || /\s--dry-run\b/.test(commandOf(call) ?? '')) return;
    if (isPinned(call)) yield { at: call.place, kind: 'informational', message: `\`${what}\` runs in the test, and asks the index for a version` };
    else
      yield {
        at: call.place,
        ...(file.aside || file.guarded(call) ? { kind: 'informational' } : {}),
        message: `\`${what}\` runs in ${file.aside ? 'a module that holds no test' : 'the test'}: the result depends on what is offered that day`,
      };
  },
  examples: [
    {
      name: 'pip, in a list',
      bad: py`
        import subprocess
        import sys

        def test_plugin():
            subprocess.check_call([sys.executable, "-m", "pip", "install", "harbour-plugin"])  #! ${'`pip install` runs in the test'}
            subprocess.check_call([sys.executable, "-m", "pip", "install", "-r", "requirements.txt"])  #! ${'offered that day'}
            subprocess.check_call([sys.executable, "-m", "pip", "install", "harbour-plugin==1.1.8"])  #! ${'asks the index for a version'}
      `,
    },
    {
      name: 'a version, and a path: a note',
      bad: py`
        import subprocess
        import sys

        def test_made(version):
            wanted = f"harbour-plugin=={version}"
            subprocess.check_call([sys.executable, "-m", "pip", "install", wanted])  #! ${'asks the index for a version; 2 times, also line 9'}

        def test_both(folder):
            subprocess.check_call([sys.executable, "-m", "pip", "install", "harbour-plugin==1.1.8", f"{folder}[tides]"])
      `,
    },
    {
      name: 'a script that somebody runs by hand',
      bad: {
        'tests/data/inject.py': py`
          import argparse
          import subprocess

          def clone():
              subprocess.call(["git", "clone", "https://git.harbour-shipping.com/tides.git"])  #! a module that holds no test

          if __name__ == "__main__":
              argparse.ArgumentParser().parse_args()
              clone()
        `,
      },
    },
    {
      name: 'a local folder, another command, a stub',
      good: py`
        import subprocess
        import sys
        from unittest import mock

        def test_plugin():
            subprocess.check_call([sys.executable, "-m", "pip", "install", "--no-index", "."])
            subprocess.check_call(["pip", "list"])
            subprocess.check_call(["pip", "install", "--dry-run", "harbour==1.2"])

        def test_editable(python, folder, target):
            subprocess.check_call([python, "-m", "pip", "install", "--no-build-isolation", "--target", target, "-e", folder])

        @mock.patch("subprocess.check_call")
        def test_stubbed(check_call):
            subprocess.check_call(["pip", "install", "harbour-plugin"])
      `,
    },
  ],
});
