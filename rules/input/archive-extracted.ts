import { argument, constantText } from '../model.ts';
import { outsideOrigin, trailOf } from '../python/outside.ts';
import { ARCHIVE_CALLS } from '../python/sinks.ts';
import { addArgument, defineRule, py, replace } from '../rule.ts';

/** Folders that every program of the machine looks into. */
const OF_THE_MACHINE = /^\/(?:$|(?:etc|usr|bin|sbin|lib|opt|boot|root)(?:\/|$))/;

export const rule = defineRule({
  id: 'archive-extracted',
  code: 'INP011',
  category: 'input',
  title: 'Archive extracted without a filter',
  kind: 'informational',
  kinds: ['review', 'informational'],
  confidence: 'medium',
  cwe: [22],
  peers: { bandit: ['B202'], ruff: ['S202'], sonar: ['S5042'], codeql: ['py/tarslip'] },
  why: 'A member called `../../x` is written outside the target folder.',
  instead: 'Pass `filter="data"` (Python 3.12, and 3.8 to 3.11 in their last releases).',
  limits: 'From Python 3.14 on the safe filter is the default. Where the archive comes from is followed within this file only.',
  links: ['https://docs.python.org/3/library/tarfile.html#extraction-filters'],
  on: 'call',
  calls: (callee) => ARCHIVE_CALLS.has(callee),
  *check(call, file) {
    const { callee } = call;
    if (callee === undefined || !ARCHIVE_CALLS.has(callee) || argument(call, 'members') !== undefined) return;
    const given = argument(call, 'filter');
    if (given !== undefined && constantText(given.value) !== 'fully_trusted') return;
    if (call.arguments.some((it) => it.unpack !== undefined) || file.rejected(call) || file.stubbed(callee, call) !== undefined) return;
    const into = argument(
      call,
      callee === 'shutil.unpack_archive' ? 'extract_dir' : 'path',
      call.method === 'extract' || callee === 'shutil.unpack_archive' ? 1 : 0,
    );
    const place = constantText(into?.value);
    if (place !== undefined && OF_THE_MACHINE.test(place)) {
      yield { at: call.place, kind: 'review', message: `an archive is unpacked into \`${place}\`: its members replace files of the machine` };
      return;
    }
    const archive = call.function.type === 'attribute' && callee.startsWith('tarfile.') ? call.function.object : call.arguments[0]?.value;
    const outside = archive === undefined ? undefined : outsideOrigin(archive, file);
    const fix = {
      title: 'Pass `filter="data"`',
      safety: 'suggest' as const,
      edits: [given === undefined ? addArgument(call, 'filter="data"') : replace(given, '"data"')],
    };
    if (outside !== undefined)
      yield {
        at: call.place,
        kind: 'review',
        message: `an archive from ${outside.from} is extracted without a filter: \`../\` in it leads out`,
        trail: trailOf(outside.origin, outside.from),
        fix,
      };
    else if (archive !== undefined && file.origins(archive).some((it) => it.sort === 'parameter' || it.sort === 'file'))
      yield {
        at: call.place,
        message: `\`${call.method}\` ${given === undefined ? 'has no `filter`' : 'trusts the archive'}: a member called \`../\` would lead out of the folder`,
        fix,
      };
  },
  examples: [
    {
      name: 'over the machine',
      bad: py`
        import tarfile

        def test_restore(tmp_path):
            with tarfile.open(tmp_path / 'backup.tar') as backup:
                backup.extractall('/')  #! replace files of the machine
      `,
    },
    {
      name: 'an archive named by the environment',
      bad: py`
        import os
        import tarfile

        def test_unpack(tmp_path):
            with tarfile.open(os.environ["ARCHIVE"]) as packed:
                packed.extractall(tmp_path)  #! an archive from the environment
      `,
      fixed: py`
        import os
        import tarfile

        def test_unpack(tmp_path):
            with tarfile.open(os.environ["ARCHIVE"]) as packed:
                packed.extractall(tmp_path, filter="data")
      `,
    },
    {
      name: 'a filter that trusts everything',
      bad: py`
        import tarfile

        def unpack(archive, folder):
            with tarfile.open(archive) as packed:
                packed.extractall(folder, filter="fully_trusted")  #! trusts the archive
      `,
      fixed: py`
        import tarfile

        def unpack(archive, folder):
            with tarfile.open(archive) as packed:
                packed.extractall(folder, filter="data")
      `,
    },
    {
      name: 'a filter, and an archive of the test',
      good: py`
        import tarfile

        def test_unpack(tmp_path, archive):
            with tarfile.open(archive) as packed:
                packed.extractall(tmp_path, filter="data")
            with tarfile.open("tests/data/small.tar") as packed:
                packed.extractall(tmp_path)
      `,
    },
  ],
});
