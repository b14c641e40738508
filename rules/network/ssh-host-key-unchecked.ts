import {
  ancestors,
  argument,
  type Call,
  constantText,
  type Expression,
  type FunctionDefinition,
  type FunctionSubject,
  isConstant,
  type Node,
  type TestFile,
  walk,
} from '../model.ts';
import { commandWords, startsCommand } from '../python/commands.ts';
import { destinationOf, isLoopback } from '../python/hosts.ts';
import { defineRule, py, replace } from '../rule.ts';

const BLIND = /^paramiko\.(?:client\.)?(AutoAddPolicy|WarningPolicy)(?:\(\))?$/;

export const rule = defineRule({
  id: 'ssh-host-key-unchecked',
  code: 'NET014',
  category: 'network',
  title: 'SSH host keys accepted blindly',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [322],
  peers: { bandit: ['B507'], ruff: ['S507'], semgrep: ['paramiko-implicit-trust-host-key'], codeql: ['py/paramiko-missing-host-key-validation'] },
  why: 'Whoever answers is taken for the host, and is given the password and the commands.',
  instead: 'Load the key of the test host and use `RejectPolicy`.',
  limits:
    'A server of this machine, or one that a `with` around the call or a fixture has started, where the same function connects to it, is a note; the client of a fixture is not spoken of where a test of the file connects it to such a server. Speaks of paramiko, asyncssh, and the options of `ssh` in commands that are written in the call.',
  links: ['https://docs.paramiko.org/en/stable/api/client.html#paramiko.client.SSHClient.set_missing_host_key_policy'],
  once: 'file',
  on: 'call',
  calls: (callee, method) => method === 'set_missing_host_key_policy' || method === 'connect' || callee === 'asyncssh.connect' || startsCommand(callee),
  *check(call, file) {
    // The tests of a client itself speak to servers of their own.
    if (file.expected(call) || file.stubbed('paramiko.SSHClient', call) !== undefined || isOwn(file)) return;
    if (call.method === 'set_missing_host_key_policy') {
      const given = argument(call, 'policy', 0);
      const policy = BLIND.exec(given?.refersTo ?? '')?.[1];
      if (given === undefined || policy === undefined) return;
      const object = call.function.type === 'attribute' ? call.function.object.refersTo : undefined;
      if (object !== undefined && file.stubbed(object, call) !== undefined) return;
      const fixed = given.text.replace(policy, 'RejectPolicy');
      yield {
        at: given.place,
        ...(connectsToOwnServer(call, file) ? { kind: 'informational' } : {}),
        ...claimOf(file.ownerOf(call)),
        message: `\`${policy}\` takes any host for the right one`,
        fix: { title: 'Use `RejectPolicy`', safety: 'suggest', edits: [replace(given, fixed)] },
      };
    } else if (optionOff(call) !== undefined) {
      const found = optionOff(call);
      if (found !== undefined && file.stubbed(call.callee ?? '', call) === undefined)
        yield {
          at: found.at.place,
          ...(commandsOwnServer(call, file) ? { kind: 'informational' as const } : {}),
          message: `\`${found.word}\` takes any host for the right one`,
        };
    } else if (call.callee === 'asyncssh.connect' && file.stubbed(call.callee, call) === undefined) {
      const keys = call.arguments.find((it) => it.keyword === 'known_hosts' && isConstant(it.value.value, null));
      if (keys === undefined) return;
      const local = isLoopback(destinationOf(call)?.host ?? '') || isOfFixture(argument(call, 'host', 0), call, file);
      yield { at: keys.place, message: '`known_hosts=None` takes any host for the right one', ...(local ? { kind: 'informational' as const } : {}) };
    } else if (
      call.method === 'connect' &&
      call.function.type === 'attribute' &&
      (isLoopback(destinationOf(call)?.host ?? '') || isOfFixture(argument(call, 'hostname', 0), call, file))
    ) {
      // A client that the test is given by a fixture.
      const { text } = call.function.object;
      if (file.ownerOf(call)?.parameters.includes(text) === true) yield { at: call.place, message: '', claim: text, disproves: true };
    }
  },
  examples: [
    {
      name: 'paramiko',
      bad: py`
        import paramiko

        def connect(host):
            client = paramiko.SSHClient()
            client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
            #                                  ^^^^^^^^^^^^^^^^^^^^^^^^ takes any host for the right one
            return client
      `,
      fixed: py`
        import paramiko

        def connect(host):
            client = paramiko.SSHClient()
            client.set_missing_host_key_policy(paramiko.RejectPolicy())
            return client
      `,
    },
    {
      name: 'a server of this machine, and one that the test has started',
      bad: py`
        import paramiko

        def connect():
            client = paramiko.SSHClient()
            client.set_missing_host_key_policy(paramiko.AutoAddPolicy())  #! takes any host for the right one
            client.connect("localhost", port=8022)
            return client

        def test_started(container):
            with container("sftp") as server:
                host = server.get_host()
                client = paramiko.SSHClient()
                client.set_missing_host_key_policy(paramiko.AutoAddPolicy())  #! takes any host for the right one
                client.connect(hostname=host, port=server.port)
      `,
    },
    {
      name: 'a script: a private method that only a docstring and a comment name is a note',
      bad: {
        'tests/scripts/coordinate.py': py`
          import sys
          import paramiko

          class Coordinator(object):
              def coordinate(self):
                  """Put out of force where no host answers.

                  client = self._open("berth")
                  """
                  # client = self._open("berth")

              def _open(self, host):
                  client = paramiko.SSHClient()
                  client.set_missing_host_key_policy(paramiko.AutoAddPolicy())  #! right one (nothing of this script uses ${'`_open`'})
                  client.connect(host)
                  return client

          if __name__ == "__main__":
              getattr(Coordinator(), sys.argv[1])()
        `,
      },
    },
    {
      name: 'a private method of a script that is called',
      bad: {
        'tests/scripts/coordinate.py': py`
          import paramiko

          class Coordinator(object):
              def coordinate(self):
                  self._open("berth").close()

              def _open(self, host):
                  client = paramiko.SSHClient()
                  client.set_missing_host_key_policy(paramiko.AutoAddPolicy())  #! takes any host for the right one
                  client.connect(host)
                  return client

          if __name__ == "__main__":
              Coordinator().coordinate()
        `,
      },
    },
    {
      name: 'asyncssh',
      bad: py`
        import asyncssh

        async def test_quay(host):
            async with asyncssh.connect(host, known_hosts=None):  #! takes any host
                pass
      `,
    },
    {
      name: 'an option of the program',
      bad: py`
        import subprocess

        def test_login(host):
            subprocess.run(["ssh", "-o", "StrictHostKeyChecking=no", host, "true"], check=True)
            #                            ^^^^^^^^^^^^^^^^^^^^^^^^^^ takes any host for the right one
      `,
    },
    {
      name: 'a server that a fixture has started is a note; what a fixture only names is not',
      bad: py`
        import subprocess
        import paramiko
        import pytest

        @pytest.fixture
        def harbour(daemons):
            daemon = daemons.ssh()
            with daemon.started():
                yield daemon

        @pytest.fixture
        def quay(settings):
            yield settings.quay

        def test_login(harbour):
            client = paramiko.SSHClient()
            client.set_missing_host_key_policy(paramiko.AutoAddPolicy())  #! takes any host for the right one; 1 more of its kind: line 21
            client.connect(harbour.address, port=harbour.port)

        def test_program(harbour):
            subprocess.run(["ssh", "-o", "StrictHostKeyChecking=no", harbour.address, "true"], check=True)

        def test_quay(quay):
            subprocess.run(["ssh", "-o", "StrictHostKeyChecking=no", quay.address, "true"], check=True)  #! takes any host for the right one
      `,
    },
    {
      name: 'the client of a fixture, for a host that nobody names',
      bad: py`
        import paramiko
        import pytest

        @pytest.fixture
        def client():
            client = paramiko.SSHClient()
            client.set_missing_host_key_policy(paramiko.AutoAddPolicy())  #! takes any host for the right one
            yield client
            client.close()

        def test_login(client, host):
            client.connect(host, port=2222)
      `,
    },
    {
      name: 'keys that are known, a stub, an expectation',
      good: py`
        from unittest import mock
        import paramiko

        def connect(host):
            client = paramiko.SSHClient()
            client.load_system_host_keys()
            client.set_missing_host_key_policy(paramiko.RejectPolicy())
            return client

        @mock.patch("paramiko.SSHClient")
        def test_driver(made):
            paramiko.SSHClient().set_missing_host_key_policy(paramiko.AutoAddPolicy())
            made.return_value.set_missing_host_key_policy.assert_called_once_with(paramiko.AutoAddPolicy())
      `,
    },
    {
      name: 'the client of a fixture, for a server of this machine',
      good: py`
        import paramiko
        import pytest

        @pytest.fixture
        def client():
            client = paramiko.SSHClient()
            client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
            yield client
            client.close()

        def test_login(client):
            client.connect("localhost", port=2222)
      `,
    },
  ],
});

/** Of a fixture's client its tests say what it connects to. */
function claimOf(owner: FunctionSubject | undefined): { claim?: string } {
  return owner?.fixture === undefined ? {} : { claim: owner.fixture.name };
}

/** Is it the library that is tested? */
function isOwn(file: TestFile): boolean {
  return file.definition('paramiko.client.SSHClient') !== undefined || file.definition('asyncssh.connection.connect') !== undefined;
}

/** Does the same function connect the client to a server of this machine, or to one that a `with` around the call has started? */
function connectsToOwnServer(call: Call, file: TestFile): boolean {
  const client = call.function.type === 'attribute' ? call.function.object.text : undefined;
  const around = file.ownerOf(call)?.node;
  return (
    around !== undefined &&
    walk(around).some(
      (it) =>
        it.type === 'call' &&
        it.method === 'connect' &&
        it.function.type === 'attribute' &&
        it.function.object.text === client &&
        (isLoopback(destinationOf(it)?.host ?? '') || isGivenByBlock(argument(it, 'hostname', 0), call) || isOfFixture(argument(it, 'hostname', 0), it, file)),
    )
  );
}

/** `["ssh", "-o", …, "user@localhost"]`, or the address of what a fixture has started. */
function commandsOwnServer(call: Call, file: TestFile): boolean {
  return call.arguments.some(({ value }) =>
    walk(value).some((it) => {
      if (it.type !== 'string') return (it.type === 'attribute' || it.type === 'call') && isOfFixture(it, call, file);
      const words = constantText(it.value)?.split(/\s+/) ?? [];
      return words.some((word) => isLoopback(word.slice(word.indexOf('@') + 1)));
    }),
  );
}

/** `sshd.listen_address`, `sshd.host()` of a fixture that has started what it gives. */
function isOfFixture(host: Expression | undefined, at: Node, file: TestFile): boolean {
  const owner = file.ownerOf(at);
  const source = host?.value.kind === 'result' ? host.value.call.function : host?.type === 'call' ? host.function : host;
  if (owner === undefined || source === undefined) return false;
  const written = source.type === 'name' ? (assignedTo(source.id, owner.node) ?? source) : source;
  const of = written.type === 'call' ? written.function : written;
  const server = of.type === 'attribute' && of.object.type === 'name' ? of.object.id : undefined;
  if (server === undefined || !owner.parameters.includes(server)) return false;
  const fixture = file.fixture(server);
  return fixture !== undefined && startsWhatItGives(fixture);
}

/** What the only assignment to the name gives it. */
function assignedTo(name: string, body: Node): Expression | undefined {
  const [given, ...others] = walk(body).flatMap((it) => (it.type === 'assignment' && it.targets.some((each) => each.text === name) ? [it.value] : []));
  return others.length === 0 ? given : undefined;
}

/** `with Server() as server: yield server`, `with server.started(): yield server`, `server.start()` … `yield server` */
function startsWhatItGives(fixture: FunctionDefinition): boolean {
  const inside = walk(fixture);
  return inside.some((it) => {
    const given = it.type === 'yield' && it.operand?.type === 'name' ? it.operand.id : undefined;
    if (given === undefined) return false;
    const isHeld = [...ancestors(it)].some((block) => block.type === 'with' && block.items.some(({ target }) => target?.text === given));
    return isHeld || inside.some((each) => each.type === 'call' && STARTS.test(each.method) && each.function.text === `${given}.${each.method}`);
  });
}

const STARTS = /^(?:start|run|serve|launch|spawn|listen)/;

/** `with Server() as server:` … `server.host()` */
function isGivenByBlock(host: Expression | undefined, at: Node): boolean {
  const source = host?.value.kind === 'result' ? host.value.call.function : host;
  const server = source?.type === 'attribute' ? source.object.text : undefined;
  return server !== undefined && [...ancestors(at)].some((it) => it.type === 'with' && it.items.some(({ target }) => target?.text === server));
}

/** An option of `ssh` that accepts every host. */
function optionOff(call: Call): ReturnType<typeof commandWords>[number] | undefined {
  return commandWords(call).find((it) => /^(?:-o)?(?:StrictHostKeyChecking[= ]no|UserKnownHostsFile[= ]\/dev\/null)$/i.test(it.word));
}
