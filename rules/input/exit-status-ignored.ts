import { argument, argumentsKnown, type Call, isConstant, type Node, statementOf, walk } from '../model.ts';
import { remarksOn } from '../python/remarks.ts';
import { addArgument, defineRule, type Fix, py, replace } from '../rule.ts';

/** What shows that somebody looks at how the program ended. */
const STATUS = /^(?:returncode|check_returncode|poll|wait)$/;

/** The name that a statement gives the result to; `''` where nothing takes it. */
function holder(call: Call): string | undefined {
  let it: Node = call;
  while (it.parent?.type === 'await') it = it.parent;
  const { parent } = it;
  if (parent?.type === 'expression') return '';
  if (parent?.type !== 'assignment' || parent.operator !== undefined) return undefined;
  const [target] = parent.targets;
  return target?.type === 'name' && parent.targets.length === 1 ? target.id : undefined;
}

/** Is the result looked at for its status, passed on, or its error output read? */
function isLookedAt(name: string, call: Call, around: Node): boolean {
  for (const it of walk(around)) {
    if (it.type !== 'name' || it.id !== name) continue;
    const { parent } = it;
    if (parent?.type === 'assignment' && parent.targets.includes(it)) continue;
    if (parent?.type !== 'attribute') return true;
    if (STATUS.test(parent.name) || parent.name === 'stderr') return true;
  }
  return call.parent === undefined;
}

export const rule = defineRule({
  id: 'exit-status-ignored',
  code: 'INP005',
  category: 'input',
  title: 'Nobody looks whether the program succeeded',
  kind: 'informational',
  confidence: 'high',
  cwe: [252],
  peers: { ruff: ['PLW1510'], pylint: ['W1510'] },
  why: 'A program that fails is taken for one that did its work; the test goes on with what was there before.',
  instead: 'Pass `check=True`, or assert `returncode`.',
  limits:
    'Only `run`, `call` and `communicate`; a result that is passed on or whose error output is read counts as looked at, and `check=False` below a comment is meant.',
  links: ['https://docs.python.org/3/library/subprocess.html#subprocess.run', 'https://docs.astral.sh/ruff/rules/subprocess-run-without-check/'],
  on: 'call',
  calls: (callee) => callee.startsWith('subprocess.'),
  *check(call, file) {
    const { callee } = call;
    if (callee !== 'subprocess.run' && callee !== 'subprocess.call' && callee !== 'subprocess.Popen().communicate') return;
    if (!argumentsKnown(call) || file.stubbed(callee, call) !== undefined || file.stubbed('subprocess.Popen', call) !== undefined) return;
    if (file.rejected(call)) return;
    const check = argument(call, 'check');
    if (check !== undefined && !isConstant(check.value, false)) return;
    const owner = file.ownerOf(call);
    if (owner === undefined || (owner.role === 'teardown' && callee !== 'subprocess.run')) return;
    const statement = statementOf(call);
    // Said in so many words, and why.
    if (check !== undefined && statement !== undefined && [...remarksOn(statement, owner)].length > 0) return;
    if (callee === 'subprocess.Popen().communicate') {
      const process = call.function.type === 'attribute' ? call.function.object : undefined;
      if (process?.type !== 'name' || isLookedAtElsewhere(process.id, call, owner.node)) return;
      yield { at: call.place, message: `how \`${process.id}\` ended is not looked at: assert \`${process.id}.returncode\`` };
      return;
    }
    const name = holder(call);
    if (name === undefined || (callee === 'subprocess.call' && name !== '')) return;
    if (name !== '' && isLookedAt(name, call, owner.node)) return;
    const fix: Fix =
      callee === 'subprocess.call'
        ? { title: 'Use `check_call`', safety: 'suggest', edits: [replace(call.function, call.function.text.replace(/call$/, 'check_call'))] }
        : check === undefined
          ? { title: 'Pass `check=True`', safety: 'suggest', edits: [addArgument(call, 'check=True')] }
          : { title: 'Pass `check=True`', safety: 'suggest', edits: [replace(check, 'True')] };
    yield { at: call.place, message: `\`${call.method}\` goes on when the program fails: nobody looks at its exit status`, fix };
  },
  examples: [
    {
      name: 'run and call',
      bad: py`
        import subprocess

        def test_pack(archive):
            subprocess.run(["gzip", archive])  #! goes on when the program fails
            done = subprocess.run(["gzip", "-t", archive], capture_output=True)  #! goes on when the program fails
            assert done.stdout == b""
            subprocess.call(["gzip", archive])  #! goes on when the program fails
      `,
      fixed: py`
        import subprocess

        def test_pack(archive):
            subprocess.run(["gzip", archive], check=True)
            done = subprocess.run(["gzip", "-t", archive], capture_output=True, check=True)
            assert done.stdout == b""
            subprocess.check_call(["gzip", archive])
      `,
    },
    {
      name: 'a process that is waited for',
      bad: py`
        import subprocess
        import unittest

        class TestPack(unittest.TestCase):
            def test_pack(self):
                with subprocess.Popen(["gzip", "-l"], stdout=subprocess.PIPE) as process:
                    output, _ = process.communicate()  #! how ${'`process`'} ended is not looked at
                    self.assertIn(b"ratio", output)
      `,
    },
    {
      name: 'looked at, checked, passed on, stubbed',
      good: py`
        import subprocess
        from unittest import mock

        def test_pack(archive, show):
            subprocess.run(["gzip", archive], check=True)
            subprocess.check_call(["gzip", archive])
            done = subprocess.run(["gzip", archive])
            assert done.returncode == 1
            show(subprocess.run(["gzip", archive]))
            bad = subprocess.run(["gzip", "nothing"], capture_output=True)
            assert b"No such file" in bad.stderr
            status = subprocess.call(["gzip", archive])
            assert status == 0

        def test_shelf(archive):
            # The archive may be gone already
            subprocess.run(["unpack", archive], check=False)

        @mock.patch("subprocess.run")
        def test_stubbed(run):
            subprocess.run(["gzip"])
            run.assert_called_once_with(["gzip"])
      `,
    },
  ],
});

/** Another use of the process than `communicate`: its status, a signal, handed to somebody. */
function isLookedAtElsewhere(name: string, call: Call, around: Node): boolean {
  for (const it of walk(around)) {
    if (it.type !== 'name' || it.id !== name || it.parent === call.function) continue;
    const { parent } = it;
    if (parent?.type === 'assignment' && parent.targets.includes(it)) continue;
    if (parent?.type === 'with') continue;
    if (parent?.type !== 'attribute' || STATUS.test(parent.name) || /^(?:stderr|kill|terminate|send_signal)$/.test(parent.name)) return true;
  }
  return false;
}
