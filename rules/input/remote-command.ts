import type { Expression } from '../model.ts';
import { isWrittenHere } from '../python/outside.ts';
import { defineRule, type Fix, py, replace } from '../rule.ts';

const REMOTE: ReadonlySet<string> = new Set([
  'paramiko.SSHClient().exec_command',
  'paramiko.client.SSHClient().exec_command',
  'asyncssh.connect().run',
  'fabric.Connection().run',
  'fabric.Connection().sudo',
  'fabric.api.run',
  'fabric.api.sudo',
]);

/** Each value in an f-string quoted for the shell. */
function quoted(command: Expression): { readonly fix?: Fix } {
  if (command.type !== 'fstring') return {};
  const holes = command.parts.filter((it): it is Expression => typeof it !== 'string');
  if (holes.length === 0 || holes.some((it) => it.value.kind === 'constant')) return {};
  return {
    fix: {
      title: 'Quote it with `shlex.quote`',
      safety: 'suggest',
      edits: [...holes.map((it) => replace(it, `shlex.quote(${it.text})`)), { do: 'import', module: 'shlex' }],
    },
  };
}

export const rule = defineRule({
  id: 'remote-command',
  code: 'INP019',
  category: 'input',
  title: 'Command for another computer with a value in it',
  kind: 'review',
  confidence: 'medium',
  cwe: [78],
  peers: { bandit: ['B601'], ruff: ['S601'], semgrep: ['paramiko-exec-command'] },
  why: 'The shell on the other side obeys spaces, quotes and `;` in the value.',
  instead: 'Quote the value: `shlex.quote(path)`.',
  limits: 'A client that a helper gives is not followed.',
  links: ['https://docs.python.org/3/library/shlex.html#shlex.quote'],
  on: 'call',
  calls: (callee) => REMOTE.has(callee),
  *check(call, file) {
    if (call.callee === undefined || !REMOTE.has(call.callee) || file.stubbed(call.callee, call) !== undefined) return;
    const command = call.arguments[0]?.value;
    if (command === undefined || command.value.kind !== 'joined' || isWrittenHere(command, file)) return;
    if (file.origins(command).some((it) => it.name === 'shlex.quote' || it.name === 'shlex.join')) return;
    yield { at: call.place, message: 'a value becomes part of a command on another computer: spaces and `;` in it are obeyed', ...quoted(command) };
  },
  examples: [
    {
      name: 'a path in the command',
      bad: py`
        import paramiko

        def test_remote(path):
            client = paramiko.SSHClient()
            client.exec_command(f"ls {path}")  #! becomes part of a command on another computer
      `,
      fixed: py`
        import shlex
        import paramiko

        def test_remote(path):
            client = paramiko.SSHClient()
            client.exec_command(f"ls {shlex.quote(path)}")
      `,
    },
    {
      name: 'quoted, constant',
      good: py`
        import shlex
        import paramiko

        def test_remote(path):
            client = paramiko.SSHClient()
            client.exec_command(f"ls {shlex.quote(path)}")
            client.exec_command("ls /")
      `,
    },
  ],
});
