import { argument, type Call, constantText, type Expression } from '../model.ts';
import { asList, removesUnquoted } from '../python/commands.ts';
import { isMadeByTest, isWrittenHere, outsideOrigin, trailOf } from '../python/outside.ts';
import { EXEC_CALLS, SHELL_CALLS } from '../python/sinks.ts';
import { defineRule, type Fix, py, replace } from '../rule.ts';

/** `subprocess.run([…], check=True)`, where nobody asks for the status that `os.system` gives. */
function runInstead(call: Call, command: Expression): { readonly fix?: Fix } {
  const list = asList(command);
  if (call.callee !== 'os.system' || list === undefined || call.parent?.type !== 'expression') return {};
  return {
    fix: {
      title: 'Use `subprocess.run`',
      safety: 'suggest',
      edits: [replace(call, `subprocess.run(${list}, check=True)`), { do: 'import', module: 'subprocess' }],
    },
  };
}

export const rule = defineRule({
  id: 'shell-function',
  code: 'INP004',
  category: 'input',
  title: 'Function that always uses a shell, or hides how the program ended',
  kind: 'review',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [78],
  peers: { bandit: ['B605', 'B606'], ruff: ['S605', 'S606'], semgrep: ['dangerous-system-call', 'dangerous-asyncio-shell', 'dangerous-spawn-process'] },
  why: '`os.system` and its like hand the text to a shell, which obeys spaces, quotes and `;` in it, and they hide the exit status.',
  instead: 'Use `subprocess.run([...], check=True)`.',
  limits:
    '`rm -r` of a value that is not quoted is for a person to decide. Any other command is a note: its values are mostly paths and names that the test chose, or programs and hosts that whoever runs the tests names in the environment.',
  links: ['https://docs.python.org/3/library/subprocess.html#replacing-os-system'],
  yieldsTo: ['sink-argument-unknown'],
  on: 'call',
  calls: (callee) => EXEC_CALLS.has(callee) || SHELL_CALLS.has(callee),
  *check(call, file) {
    const { callee } = call;
    if (callee === undefined || file.stubbed(callee, call) !== undefined) return;
    const position = EXEC_CALLS.get(callee);
    if (position !== undefined) {
      const program = argument(call, undefined, position);
      const outside = program === undefined ? undefined : outsideOrigin(program, file);
      if (outside !== undefined)
        yield {
          at: call.place,
          kind: 'review',
          message: `\`${call.function.text}\` starts the program that ${outside.from} names`,
          trail: trailOf(outside.origin, outside.from),
        };
      else if (!file.rejected(call))
        yield { at: call.place, kind: 'informational', message: `\`${call.function.text}\` starts a program and hides how it ended` };
      return;
    }
    if (!SHELL_CALLS.has(callee)) return;
    const command = call.arguments[0]?.value;
    if (command === undefined) return;
    const name = `\`${call.function.text}\``;
    const outside = outsideOrigin(command, file);
    if (outside !== undefined)
      yield {
        at: call.place,
        kind: outside.from === 'the network' ? 'fail' : 'informational',
        message: `${name} runs a value from ${outside.from} in a shell`,
        trail: trailOf(outside.origin, outside.from),
      };
    else if (constantText(command.value) !== undefined || isWrittenHere(command, file))
      yield {
        at: call.place,
        kind: 'informational',
        message: `${name} runs a ${constantText(command.value) === undefined ? 'command that the test puts together' : 'constant command'} through a shell`,
        ...runInstead(call, command),
      };
    else if (removesUnquoted(command) && !isMadeByTest(command, file))
      yield { at: call.place, message: `${name} removes what a value names, and a space in the value makes that something else` };
    else if (command.value.kind === 'joined' && !isMadeByTest(command, file))
      yield { at: call.place, kind: 'informational', message: `${name} runs a command with a value in it: spaces and \`;\` in the value are obeyed` };
    else yield { at: call.place, kind: 'informational', message: `${name} runs a command that the test makes or passes on` };
  },
  examples: [
    {
      name: 'a value in the command, a value from the environment, a constant',
      bad: py`
        import os

        def test_pack(archive):
            os.system("gzip " + archive)  #! a command with a value in it
            os.system(os.environ["PACKER"])  #! a value from the environment
            os.popen("gzip --version")  #! a constant command
      `,
    },
    {
      name: 'a folder that is removed',
      bad: py`
        import os

        def clean(folder):
            os.system("rm -rf %s" % folder)  #! a space in the value makes that something else
            os.system("rm -rf '%s'" % folder)  #! runs a command with a value in it
      `,
    },
    {
      name: 'a folder with a random name, of letters that are written here',
      bad: py`
        import os
        import random
        import string

        NAME = "".join(random.choice(string.ascii_lowercase) for _ in range(5))
        FOLDER = "/tmp/harbour_%s" % NAME

        def test_clean():
            os.system("rm -rf %s" % FOLDER)  #! that the test puts together
      `,
    },
    {
      name: 'a constant command that needs no shell',
      bad: py`
        import os

        def test_pack():
            os.system("gzip --version")  #! a constant command
      `,
      fixed: py`
        import subprocess
        import os

        def test_pack():
            subprocess.run(["gzip", "--version"], check=True)
      `,
    },
    {
      name: 'a program in the place of the test',
      bad: py`
        import os

        def run_child(program):
            if os.fork() == 0:
                os.execvp(program, [program])  #! starts a program and hides how it ended
            os.execv(os.environ["PACKER"], ["gzip"])  #! starts the program that the environment names
      `,
    },
    {
      name: 'no shell, and a stub',
      good: py`
        import subprocess
        from unittest import mock

        def test_pack(archive):
            subprocess.run(["gzip", archive], check=True)

        @mock.patch("os.system")
        def test_stubbed(system, archive):
            import os
            os.system("gzip " + archive)
      `,
    },
  ],
});
