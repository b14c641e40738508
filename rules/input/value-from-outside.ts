import { argument, type Call, type Expression, type Value } from '../model.ts';
import { programOf } from '../python/commands.ts';
import { writingMode } from '../python/data-files.ts';
import { outsideOrigin, trailOf } from '../python/outside.ts';
import { PROCESS_CALLS, usesShell } from '../python/sinks.ts';
import { defineRule, py } from '../rule.ts';

/** Names of variables that say which program or folder is meant, and are made for it. */
const TOOL =
  /^(?:CC|CXX|LD|AR|EDITOR|PAGER|SHELL|PYTHON\w*|TMP|TEMP|TMPDIR|PREFIX|\w*_(?:PREFIX|BIN|BINARY|EXE|EXECUTABLE|CMD|PATH|COMPILER|PYTHON|TOOL|FILE|LOG|OUTPUT|DIR)|COMSPEC|SYSTEMROOT)$/i;
/** Something in the function looks at the value first. */
const CHECKED =
  /\bin\s+[A-Z_]{3,}\b|\.(?:full)?match\(|re\.(?:full)?match|isdigit|isalnum|int\(|shutil\.which|os\.path\.(?:exists|isfile|realpath)|\.exists\(\)|\.is_file\(\)|assert\s+\w+\s+in\b|not in\b/;

interface Reached {
  readonly at: Expression;
  readonly what: string;
}

function reached(call: Call): Reached | undefined {
  const callee = call.callee ?? '';
  if (PROCESS_CALLS.has(callee) && !usesShell(call)) {
    const program = programOf(call);
    return program === undefined ? undefined : { at: program, what: 'names the program that is started' };
  }
  if (callee === 'builtins.open') {
    const mode = writingMode(call, 1);
    const path = argument(call, 'file', 0);
    return mode !== undefined && path !== undefined
      ? { at: path, what: mode.includes('a') ? 'names the file that is written to' : 'names the file that is overwritten' }
      : undefined;
  }
  return undefined;
}

/** A path that begins with what a test is given or makes: the rest only names something in there. */
function isBelow(value: Value): boolean {
  const head = value.kind === 'joined' ? value.parts[0] : undefined;
  return head?.kind === 'parameter' || (head?.kind === 'result' && !/environ|getenv|argv|input|getoption/.test(head.name));
}

export const rule = defineRule({
  id: 'value-from-outside',
  code: 'INP018',
  category: 'input',
  title: 'Value of the environment or command line reaches an operation unchecked',
  kind: 'informational',
  confidence: 'medium',
  cwe: [20],
  peers: { semgrep: ['dangerous-subprocess-use-tainted-env-args', 'dangerous-spawn-process-tainted-env-args'] },
  why: 'A wrong, empty or foreign value decides what is started or overwritten on the machine that runs the tests.',
  instead: 'Compare the value with what is allowed, or make it a number, before it is used.',
  limits:
    'A note: who runs the tests sets the environment. Only programs that are started without a shell and files that are written; shells, `eval`, SQL, imports and removals have rules of their own. Variables that by their name hold a tool or a folder are left out, and any check in the same function counts.',
  links: ['https://cwe.mitre.org/data/definitions/20.html'],
  yieldsTo: [
    'evaluated-text',
    'shell-command',
    'shell-function',
    'destructive-path',
    'formatted-sql',
    'computed-import',
    'privileged-command',
    'package-installed',
  ],
  on: 'call',
  calls: (callee) => callee === 'builtins.open' || PROCESS_CALLS.has(callee),
  *check(call, file) {
    const found = reached(call);
    if (found === undefined || found.at.type === 'string' || file.stubbed(call.callee ?? '', call) !== undefined || file.rejected(call)) return;
    if (isBelow(found.at.value)) return;
    const outside = outsideOrigin(found.at, file);
    if (outside === undefined || outside.from === 'the network') return;
    if (TOOL.test(outside.origin.variable ?? '') || CHECKED.test(file.ownerOf(call)?.node.text ?? '')) return;
    yield { at: found.at.place, message: `a value from ${outside.from} ${found.what}, unchecked`, trail: trailOf(outside.origin, outside.from) };
  },
  examples: [
    {
      name: 'a program and a file',
      bad: py`
        import os
        import subprocess

        def test_pack(archive):
            subprocess.run([os.environ["PACKER"], archive], check=True)
            #               ^^^^^^^^^^^^^^^^^^^^ names the program that is started

        def test_report(report):
            with open(os.environ["REPORT"], "w") as stored:  #! names the file that is overwritten
                stored.write(report)
      `,
    },
    {
      name: 'what the code under test makes of its surroundings',
      good: {
        'tests/test_cache.py': py`
          from harbour import cache

          def test_damaged(temporary_home):
              with open(cache.folder() + "/damaged", "w") as stored:
                  stored.write("")
        `,
        'harbour/cache.py': py`
          import os

          def folder():
              return os.environ["HARBOUR_CACHE"]
        `,
      },
    },
    {
      name: 'checked, a tool by its name, only an argument, only read',
      good: py`
        import os
        import subprocess

        def test_pack(archive):
            packer = os.environ["PACKER"]
            assert packer in ("gzip", "xz")
            subprocess.run([packer, archive], check=True)

        def test_compile(source):
            subprocess.run([os.environ["CC"], source], check=True)

        BUILD = os.environ["BUILD_PREFIX"]

        def test_built():
            with open(os.path.join(BUILD, "tides.txt"), "w") as stored:
                stored.write("")

        def test_installed():
            folder = os.path.join(os.getenv("PREFIX"), "share")
            with open(os.path.join(folder, "tides.txt"), "w") as stored:
                stored.write("")

        def test_name(tmp_path):
            path = os.path.join(tmp_path, os.environ["SHIP"])
            with open(path, "w") as stored:
                stored.write("")

        def test_log():
            subprocess.run(["cat", os.environ["LOG"]], check=True)
            with open(os.environ["LOG"]) as stored:
                stored.read()
      `,
    },
  ],
});
