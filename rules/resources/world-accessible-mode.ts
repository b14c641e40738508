import type { Call, Expression, TestFile, Value } from '../model.ts';
import { ancestors, argument, constantText, walk } from '../model.ts';
import { expectedToFail } from '../python/leaks.ts';
import { defineRule, type Fix, py, replace } from '../rule.ts';

/** Position of the mode, and where it stands when it is a keyword. */
const MODES: Readonly<Record<string, number>> = {
  'os.chmod': 1,
  'os.fchmod': 1,
  'os.lchmod': 1,
  'os.mkdir': 1,
  'os.makedirs': 1,
  'os.open': 2,
  'os.mkfifo': 1,
  'pathlib.Path().chmod': 0,
  'pathlib.Path().mkdir': 0,
};

export const rule = defineRule({
  id: 'world-accessible-mode',
  code: 'RES024',
  category: 'resources',
  title: 'World-accessible file mode',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [732],
  peers: { bandit: ['B103'], ruff: ['S103'], semgrep: ['insecure-file-permissions'], sonar: ['S2612'], codeql: ['py/overly-permissive-file'] },
  why: 'On a shared machine anybody can change the file between the test and the code that trusts it; a mode that is not octal gives rights that nobody meant.',
  instead: 'Use `0o600` or `0o700`; write modes as `0o…`.',
  limits:
    'Of a mode that is computed only the parts that are known are judged. Rights of the group are not: a group is what the machine says it is. Of a path that is not absolute it is a note.',
  links: ['https://docs.python.org/3/library/os.html#os.chmod'],
  on: 'call',
  calls: (callee) => Object.hasOwn(MODES, callee),
  *check(call, file) {
    const { callee } = call;
    if (callee === undefined || !Object.hasOwn(MODES, callee) || expectedToFail(call) || file.expected(call)) return;
    if (file.stubbed(callee, call) !== undefined) return;
    const mode = argument(call, 'mode', MODES[callee]);
    const bits = mode === undefined ? undefined : knownBits(mode);
    if (mode === undefined || bits === undefined) return;
    const literal = mode.type === 'number' ? mode.text : undefined;
    if (literal !== undefined && /^(?:[4-7][0-7]{2}|0x[0-7]{3})$/i.test(literal) && bits !== 0) {
      yield {
        at: mode.place,
        message: `mode \`${literal}\` is not octal: it means \`0o${bits.toString(8)}\``,
        ...(/^\d/.test(literal) && !/^0x/i.test(literal) ? fixOf(mode, `0o${literal}`) : {}),
      };
      return;
    }
    // Other calls leave the last word to the umask.
    if (!call.method.endsWith('chmod')) return;
    if ((bits & 0o002) === 0 || (bits & 0o1000) !== 0) return;
    // The mode is what the test is about.
    if (file.ownerOf(call)?.node.text.includes('st_mode') === true) return;
    yield {
      at: mode.place,
      ...(isShared(call, file) ? {} : { kind: 'informational' }),
      ...(literal === undefined ? {} : fixOf(mode, (bits & 0o111) === 0 ? '0o600' : '0o700')),
      message: `\`${mode.text.length > 30 ? `0o${bits.toString(8)}` : mode.text}\` lets everybody on the machine write to it`,
    };
  },
  examples: [
    {
      name: 'everybody may write, and a mode that is not octal',
      bad: py`
        import os

        def test_spool():
            os.chmod('/srv/spool', 0o777)
            #                      ^^^^^ lets everybody
            os.mkdir('/srv/other', 700)  #! is not octal
      `,
      fixed: py`
        import os

        def test_spool():
            os.chmod('/srv/spool', 0o700)
            os.mkdir('/srv/other', 0o700)
      `,
    },
    {
      name: 'in a directory of the test, or where nobody knows, it is a note',
      bad: py`
        import os

        def test_spool(tmp_path, client):
            os.chmod(tmp_path, 0o777)  #! lets everybody
            os.chmod(os.path.join(client.folder, 'run.sh'), 0o777)  #! lets everybody
      `,
    },
    {
      name: 'by the names of the rights, and added to others',
      bad: py`
        import os
        import stat

        def test_spool(mode):
            os.chmod('/srv/spool', stat.S_IRWXU | stat.S_IWOTH)
            #                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^ lets everybody
            os.chmod('/srv/spool', mode | 0o777)  #! lets everybody
            os.chmod('/srv/spool', mode & 0o777)
            os.chmod('/srv/spool', stat.S_IRWXU | stat.S_IRGRP)
      `,
    },
    {
      name: 'own rights only, stubbed, expected',
      good: py`
        import os
        from unittest import mock

        def test_spool():
            os.chmod('/srv/spool', 0o700)
            os.mkdir('/srv/other', 0o750)

        @mock.patch('os.chmod')
        def test_stubbed(chmod):
            os.chmod('/srv/spool', 0o777)
            chmod.assert_called_once_with('/srv/spool', 0o777)
      `,
    },
  ],
});

/** Constants of `stat`. Source: docs.python.org/3/library/stat.html (3.13). */
const STAT: Readonly<Record<string, number>> = {
  'stat.S_ISUID': 0o4000,
  'stat.S_ISGID': 0o2000,
  'stat.S_ISVTX': 0o1000,
  'stat.S_IRWXU': 0o700,
  'stat.S_IRUSR': 0o400,
  'stat.S_IWUSR': 0o200,
  'stat.S_IXUSR': 0o100,
  'stat.S_IRWXG': 0o070,
  'stat.S_IRGRP': 0o040,
  'stat.S_IWGRP': 0o020,
  'stat.S_IXGRP': 0o010,
  'stat.S_IRWXO': 0o007,
  'stat.S_IROTH': 0o004,
  'stat.S_IWOTH': 0o002,
  'stat.S_IXOTH': 0o001,
};

/** The rights that the mode gives for certain: of `mode | 0o777` all that stand behind the bar. */
function knownBits(mode: Expression): number | undefined {
  if (mode.value.kind === 'constant' && typeof mode.value.value === 'number') return mode.value.value;
  if (mode.refersTo !== undefined && Object.hasOwn(STAT, mode.refersTo)) return STAT[mode.refersTo];
  if (mode.type !== 'operation' || mode.left === undefined) return undefined;
  const [left, right] = [knownBits(mode.left), knownBits(mode.right)];
  if (mode.operator === '|') return left === undefined && right === undefined ? undefined : (left ?? 0) | (right ?? 0);
  return mode.operator === '&' && left !== undefined && right !== undefined ? left & right : undefined;
}

function fixOf(mode: Expression, better: string): { fix: Fix } {
  return { fix: { title: `Use \`${better}\``, safety: 'suggest', edits: [replace(mode, better)] } };
}

/** Where others can be: an absolute path, or one beside the source. Of any other path nobody knows who reaches it. */
function isShared(call: Call, file: TestFile): boolean {
  const path: Expression | undefined = call.function.type === 'attribute' && !/^os\./.test(call.callee ?? '') ? call.function.object : call.arguments[0]?.value;
  if (path === undefined || inManagedFolder(path, call, file)) return false;
  return walk(path).some((it) => it.text === '__file__') || /^(?:\/|[A-Za-z]:)/.test(startOf(path.value));
}

/** The constant text that a path begins with. */
function startOf(value: Value): string {
  if (value.kind === 'joined') return value.parts[0] === undefined ? '' : startOf(value.parts[0]);
  if (value.kind === 'result') return value.name === 'pathlib.Path' ? startOf(value.call.arguments[0]?.value.value ?? { kind: 'unknown' }) : '';
  return constantText(value) ?? '';
}

/** Below a directory that is the test's own. */
function inManagedFolder(path: Expression, call: Call, file: TestFile): boolean {
  if (/TESTFN/.test(path.text)) return true; // CPython's tests run in a directory of their own
  for (const it of ancestors(call))
    if (it.type === 'with' && it.items.some((item) => /temp_?(?:dir|cwd)|tmp_?dir|TemporaryDirectory|isolated_filesystem/i.test(item.context.text)))
      return true;
  for (const it of walk(path)) {
    if (it.type !== 'name' && it.type !== 'attribute') continue;
    if (/tmp|temp/i.test(it.text) || /^(?:pytest\.tmp|tempfile\.|fixtures\.TempDir)|TESTFN|mkdtemp/.test(it.refersTo ?? '')) return true;
    if (file.origins(it).some((each) => /tempfile\.|tmp_path|tmpdir|TempDir|mkdtemp|TESTFN/.test(each.name))) return true;
  }
  return false;
}
