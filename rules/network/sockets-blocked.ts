import { defineRule, py } from '../rule.ts';

const SOCKETS = /^socket\.(?:socket(?:\.(?:connect|__init__|connect_ex))?|create_connection)$/;

export const rule = defineRule({
  id: 'sockets-blocked',
  code: 'NET-S02',
  category: 'network',
  title: 'Connections are blocked',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'Where no connection can be made, nothing that the test runs can reach a live system.',
  limits: 'Says where the block holds; a process that the test starts is not held by it. Settings of pytest outside the file are not read.',
  links: ['https://pypi.org/project/pytest-socket/'],
  on: ['patch', 'call', 'function'],
  calls: (callee) => callee === 'pytest_socket.disable_socket',
  patches: (target) => SOCKETS.test(target),
  wants: (it) => it.type !== 'function subject' || it.node.decorators.length > 0 || it.parameters.includes('socket_disabled'),
  *check(subject) {
    if (subject.type === 'patch') {
      if (subject.target === undefined || !SOCKETS.test(subject.target) || subject.applied === 'unused' || subject.applied === 'held') return;
      yield { at: subject.place, message: `\`${subject.target}\` is replaced: no connection is made through it` };
    } else if (subject.type === 'call') {
      if (subject.callee === 'pytest_socket.disable_socket') yield { at: subject.place, message: '`disable_socket` refuses every connection' };
    } else {
      for (const it of subject.node.decorators)
        if (it.refersTo === 'pytest.mark.disable_socket') yield { at: it.place, message: '`disable_socket` refuses every connection of this test' };
      const parameter = subject.node.parameters.find((it) => it.name === 'socket_disabled');
      if (parameter !== undefined && (subject.role === 'test' || subject.role === 'fixture'))
        yield { at: parameter.place, message: '`socket_disabled` refuses every connection of this test' };
    }
  },
  examples: [
    {
      name: 'for every test of a folder',
      bad: {
        'tests/conftest.py': py`
          import pytest
          import pytest_socket

          @pytest.fixture(autouse=True)
          def no_network():
              pytest_socket.disable_socket()  #! refuses every connection
        `,
      },
    },
    {
      name: 'the socket is replaced',
      bad: py`
        from unittest import mock

        @mock.patch("socket.socket")  #! is replaced: no connection is made
        def test_tides(made):
            made.side_effect = OSError
      `,
    },
    {
      name: 'imported only',
      good: py`
        import pytest_socket

        def test_tides():
            # pytest_socket.disable_socket()
            assert pytest_socket
      `,
    },
  ],
});
