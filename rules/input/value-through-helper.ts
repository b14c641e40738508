import type { Expression, TestFile } from '../model.ts';
import { isMockName } from '../python/mock.ts';
import { outsideOrigin, trailOf } from '../python/outside.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'value-through-helper',
  code: 'INP023',
  category: 'input',
  title: 'Value from outside reaches a dangerous call inside a helper',
  kind: 'fail',
  kinds: ['fail', 'review'],
  confidence: 'medium',
  cwe: [20, 78],
  why: 'Neither file shows it alone: the test hands over what somebody else chose, and the helper gives it to a shell, to `eval`, to `pickle` or to `rmtree`.',
  instead: 'Check the value where it comes in, or let the helper take a list of arguments or a name from a known set.',
  limits:
    'Only values that the file itself takes from outside, and not numbers or addresses of hosts that it makes of them. What a function of the workspace makes of one may hold much else, and a variable may be set by a module that the test imports: points to decide. Follows functions and methods of the workspace, five calls deep; what they keep in attributes or containers is not followed.',
  links: ['https://cwe.mitre.org/data/definitions/20.html'],
  on: 'call',
  calls: (callee) => callee !== '' && !isMockName(callee),
  wants: (call, file) => call.arguments.length > 0 && file.namesOutside(call),
  *check(call, file) {
    const { callee } = call;
    if (callee === undefined || isMockName(callee) || !file.namesOutside(call)) return;
    for (const reached of file.reaches(call)) {
      const outside = outsideOrigin(reached.argument, file);
      if (outside?.origin.here !== true || file.stubbed(callee, call) !== undefined || file.stubbed(reached.sink.callee ?? '', call) !== undefined) continue;
      const { sort, variable } = outside.origin;
      const arranged = sort === 'command line' || isMadeByHelper(reached.argument, file) || (variable !== undefined && file.importsSet(variable));
      yield {
        at: call.place,
        kind: /shell|Python/.test(reached.what) && !arranged ? 'fail' : 'review',
        message: `a value from ${outside.from} ${reached.what} inside \`${call.method}\``,
        trail: [...trailOf(outside.origin, outside.from), ...reached.trail],
      };
      return;
    }
  },
  examples: [
    {
      name: 'a helper runs a shell',
      bad: {
        'tests/test_sync.py': py`
          import os
          from tests.helpers import sync

          def test_sync():
              sync(os.environ["TARGET"])  #! a value from the environment becomes part of a shell command inside
        `,
        'tests/helpers.py': py`
          import subprocess

          def run(command):
              return subprocess.check_output(command, shell=True)

          def sync(target):
              return run("rsync . " + target)
        `,
      },
    },
    {
      name: 'a variable that the code under test sets',
      bad: {
        'tests/test_sync.py': py`
          import os
          from harbour import settings, shell

          def test_set():
              settings.prepare()
              target = os.environ["TARGET"]
              shell.clear(target)
              os.environ["MINE"] = "quay"
              with settings.mine:
                  shell.clear(os.environ["MINE"])

          def test_set_perhaps():
              settings.prepare_once()
              shell.clear(os.environ["ONCE"])  #! a value from the environment becomes part of a shell command inside
              settings.prepare_for_now()
              shell.clear(os.environ["NOW"])  #! a value from the environment becomes part of a shell command inside

          def test_set_again():
              os.environ["QUAY"] = "quay"
              del os.environ["OTHER"]
              shell.clear(os.environ["QUAY"])
              os.environ.pop("QUAY", None)
              shell.clear(os.environ["QUAY"])  #! a value from the environment becomes part of a shell command inside

          def test_sync():
              shell.clear(os.environ["TARGET"])  #! a value from the environment becomes part of a shell command inside
        `,
        'harbour/settings.py': py`
          import os

          def prepare():
              if not os.path.exists("harbour"):
                  return False
              os.environ["TARGET"] = "quay"
              return True

          def prepare_once():
              if os.environ.get("CI"):
                  return
              os.environ["ONCE"] = "quay"

          def prepare_for_now():
              os.environ["NOW"] = "quay"
              del os.environ["NOW"]
        `,
        'harbour/shell.py': py`
          import os

          def clear(target):
              os.system("rm -rf " + target)
        `,
      },
    },
    {
      name: 'the helper takes a list, or the value is written here',
      good: {
        'tests/test_sync.py': py`
          import os
          from tests.helpers import start, sync

          def test_sync():
              sync("backup")
              start(os.environ["TARGET"])
        `,
        'tests/helpers.py': py`
          import subprocess

          def sync(target):
              return subprocess.check_output("rsync . " + target, shell=True)

          def start(target):
              return subprocess.check_output(["rsync", ".", target])
        `,
      },
    },
    {
      name: 'a number, and the address of a host',
      good: {
        'tests/test_sync.py': py`
          import os
          import socket
          import requests
          from tests.helpers import sync

          def test_sync():
              address = socket.gethostbyname(os.environ["QUAY"])
              sync(address)
              sync(socket.inet_ntoa(socket.inet_aton(address)))
              sync(str(int(os.environ["BERTH"])))
              sync(len(requests.get("http://localhost:8000/", timeout=5).text))
        `,
        'tests/helpers.py': py`
          import subprocess

          def sync(target):
              return subprocess.check_output(f"rsync . {target}", shell=True)
        `,
      },
    },
    {
      name: 'the helper is stubbed',
      alsoFinds: ['mocking/subject-mocked'],
      good: {
        'tests/test_sync.py': py`
          import os
          from unittest import mock
          from tests import helpers

          @mock.patch("tests.helpers.sync")
          def test_sync(sync):
              helpers.sync(os.environ["TARGET"])
              sync.assert_called_once()
        `,
        'tests/helpers.py': py`
          import subprocess

          def sync(target):
              return subprocess.check_output("rsync . " + target, shell=True)
        `,
      },
    },
  ],
});

/** Does a function of the workspace give the argument, and perhaps only part of it comes from outside? */
function isMadeByHelper({ value }: Expression, file: TestFile): boolean {
  return value.kind === 'result' && file.definition(value.name) !== undefined;
}
