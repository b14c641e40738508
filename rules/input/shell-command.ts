import { argument, type Call, constantText, type Expression } from '../model.ts';
import { asList, removesUnquoted, wantsShell } from '../python/commands.ts';
import { isMockName } from '../python/mock.ts';
import { isMadeByTest, isWrittenHere, outsideOrigin, trailOf } from '../python/outside.ts';
import { PROCESS_CALLS, SHELL_CALLS, usesShell } from '../python/sinks.ts';
import { defineRule, type Fix, py, removeArgument, replace } from '../rule.ts';

/** The words as a list, and no shell. */
function withoutShell(call: Call, command: Expression): { readonly fix?: Fix } {
  const list = PROCESS_CALLS.has(call.callee ?? '') ? asList(command) : undefined;
  const shell = call.arguments.find((it) => it.keyword === 'shell');
  if (list === undefined || shell === undefined) return {};
  return { fix: { title: 'Pass a list and use no shell', safety: 'suggest', edits: [replace(command, list), removeArgument(shell)] } };
}

/** State an expectation and start nothing. */
const STATES = /^(?:assert|has_calls)/;

export const rule = defineRule({
  id: 'shell-command',
  code: 'INP003',
  category: 'input',
  title: 'Command run through a shell',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [78],
  peers: {
    bandit: ['B602', 'B604'],
    ruff: ['S602', 'S604'],
    semgrep: ['subprocess-shell-true', 'dangerous-subprocess-use'],
    codeql: ['py/command-line-injection', 'py/shell-command-constructed-from-input'],
  },
  why: 'A shell reads spaces, quotes and `;` in a file name or value as its own language: the command does something else than the test says.',
  instead: 'Pass a list of arguments and leave `shell=True` away.',
  limits:
    '`rm -r` of a value that is not quoted is for a person to decide, and so is what a server answers, which may be one of the test. Any other command is a note: its values are mostly paths and names that the test chose, or programs and hosts that whoever runs the tests names in the environment.',
  links: ['https://docs.python.org/3/library/subprocess.html#security-considerations'],
  yieldsTo: ['sink-argument-unknown'],
  once: 'class',
  on: 'call',
  calls: (callee, method) => callee !== '' && !SHELL_CALLS.has(callee) && !STATES.test(method) && callee !== 'unittest.mock.call' && !isMockName(callee),
  wants: (call) => call.arguments.some((it) => it.keyword === 'shell'),
  *check(call, file) {
    const { callee } = call;
    if (callee === undefined || SHELL_CALLS.has(callee) || !usesShell(call)) return;
    if (
      STATES.test(call.method) ||
      callee === 'unittest.mock.call' ||
      call.function.text === 'mocker.call' ||
      isMockName(callee) ||
      file.stubbed(callee, call) !== undefined
    )
      return;
    // Only what is known to start a process, or takes a command as text.
    const command = argument(call, 'args', 0) ?? argument(call, 'cmd');
    if (command === undefined || call.method === 'dict') return;
    const outside = outsideOrigin(command, file);
    if (outside !== undefined) {
      yield {
        at: call.place,
        kind: outside.from === 'the network' ? 'review' : 'informational',
        message: `a value from ${outside.from} becomes part of a shell command`,
        trail: trailOf(outside.origin, outside.from),
      };
      return;
    }
    if (constantText(command.value) !== undefined || isWrittenHere(command, file)) {
      yield { at: call.place, kind: 'informational', message: `\`${call.method}\` runs a constant command through a shell`, ...withoutShell(call, command) };
      return;
    }
    if (removesUnquoted(command) && !isMadeByTest(command, file)) {
      yield { at: call.place, message: 'a shell removes what a value names, and a space in the value makes that something else' };
      return;
    }
    if (command.value.kind !== 'joined' || file.rejected(call) || isMadeByTest(command, file) || wantsShell(command)) {
      yield { at: call.place, kind: 'informational', message: `\`${call.method}\` runs a command through a shell that the test makes or passes on` };
      return;
    }
    yield { at: call.place, kind: 'informational', message: 'a value that is not constant becomes part of a shell command: spaces and `;` in it are obeyed' };
  },
  examples: [
    {
      name: 'a path in the command',
      bad: py`
        import subprocess

        def test_pack(archive):
            subprocess.run(f"gzip {archive}", shell=True, check=True)  #! becomes part of a shell command
      `,
    },
    {
      name: 'a value from the environment, and a constant',
      bad: py`
        import os
        import subprocess

        def test_pack():
            tool = os.environ.get("PACKER", "gzip")
            subprocess.check_call(tool + " --version", shell=True)  #! a value from the environment
            subprocess.check_call("gzip --version", shell=True)  #! constant command
      `,
    },
    {
      name: 'a folder that is removed',
      bad: py`
        import subprocess

        def clean(folder):
            subprocess.check_call(f"rm -rf {folder}/berths", shell=True)  #! a space in the value makes that something else
      `,
    },
    {
      name: 'a path in a folder of the test is a note',
      bad: py`
        import os
        import subprocess

        def test_pack(tmp_path):
            archive = os.path.join(tmp_path, "berths")
            subprocess.run(f"gzip {archive}", shell=True, check=True)  #! that the test makes or passes on
      `,
    },
    {
      name: 'the shell is meant',
      bad: py`
        import subprocess

        def test_pack(archive):
            subprocess.run(f"gzip -c '{archive}' > all.gz", shell=True, check=True)  #! that the test makes or passes on
      `,
    },
    {
      name: 'a constant command that needs no shell',
      bad: py`
        import subprocess

        def test_version():
            subprocess.check_call("gzip --version", shell=True)  #! runs a constant command through a shell
      `,
      fixed: py`
        import subprocess

        def test_version():
            subprocess.check_call(["gzip", "--version"])
      `,
    },
    {
      name: 'no shell, a stub, an expectation',
      good: py`
        import subprocess
        from unittest import mock

        def test_list(archive):
            subprocess.run(["gzip", archive], check=True)
            subprocess.run(["gzip", archive], shell=False)

        def test_calls(packer, run, mocker, archive):
            packer.pack(archive)
            assert run.call_args_list == [mocker.call(f"gzip {archive}", shell=True)]

        @mock.patch("subprocess.run")
        def test_stubbed(run, archive):
            subprocess.run(f"gzip {archive}", shell=True)
            run.assert_called_once_with(f"gzip {archive}", shell=True)
      `,
    },
  ],
});
