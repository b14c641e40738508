import type { Call } from '../model.ts';
import { commandOf } from '../python/commands.ts';
import { PROCESS_CALLS, SHELL_CALLS } from '../python/sinks.ts';
import { defineRule, py } from '../rule.ts';

/** What it does, and whether that needs rights which whoever runs the tests must have had before. */
const COMMANDS: readonly (readonly [pattern: RegExp, what: string, needs?: 'root'])[] = [
  [/^(?:\S*\/)?(?:sudo|doas|pkexec)\s/, 'runs with the rights of the administrator'],
  [
    /^(?:\S*\/)?(?:mount|umount|mkfs(?:\.\w+)?|mkswap|losetup|fdisk|parted|cryptsetup|lvcreate|lvremove|vgremove|dmsetup)(?:\s|$)/,
    'changes the disks of the machine',
    'root',
  ],
  [/^(?:\S*\/)?(?:iptables|ip6tables|nft|ipset|ebtables|ovs-vsctl|brctl|tc)\s/, "changes the machine's network", 'root'],
  [
    /^(?:\S*\/)?ip\s+(?:-\S+\s+)*(?:link|addr|address|route|netns|rule|tuntap)\s+(?:add|del|delete|set|flush|replace)\b/,
    "changes the machine's network",
    'root',
  ],
  [/^(?:\S*\/)?(?:systemctl|service|initctl)\s+(?:-\S+\s+)*\S+/, "changes the machine's services", 'root'],
  [/^(?:\S*\/)?(?:useradd|userdel|usermod|groupadd|groupdel|passwd|visudo|chpasswd)\s/, "changes the machine's accounts", 'root'],
  // A number that the test works out is one process that it knows.
  [/^(?:\S*\/)?(?:kill\s+-(?:9|KILL|SIGKILL)\s+(?!\?)|(?:killall|pkill)\s)/, 'ends processes by force'],
  [/^(?:\S*\/)?docker\s+(?:-\S+\s+)*run\s.*--privileged\b/, 'gives a container the rights of the machine'],
  [/^(?:\S*\/)?(?:chmod|chown)\s+(?:-\S+\s+)*(?:-\w*R|--recursive)\b/, 'changes the rights of whole folders', 'root'],
  [/^(?:\S*\/)?(?:modprobe|rmmod|insmod|sysctl\s+-w|reboot|shutdown|halt|swapoff|swapon|setenforce)(?:\s|$)/, 'changes the running system', 'root'],
];
/** Functions that do so without a program, and need such rights. */
const FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ...['setuid', 'seteuid', 'setreuid', 'setresuid', 'setgid', 'setegid', 'setregid', 'setresgid', 'setgroups'].map((it): [string, string] => [
    `os.${it}`,
    'changes whose rights the tests run with',
  ]),
  ['os.chroot', 'changes the root folder of the tests'],
]);

/** Asks itself for help, or lists: `sudo --version`, `systemctl status`, `mount` alone. */
const HARMLESS =
  /^(?:\S*\/)?(?:mount(?:\s+-l)?|losetup(?:\s+(?:-[al]|--all|--list))?|(?:fdisk|parted)\s+(?:-l|--list))\s*$|\s--?(?:version|help|V|h)\s*$|^(?:\S*\/)?(?:systemctl|service)\s+(?:-\S+\s+)*(?:(?:status|is-active|is-enabled|show|cat)\b|list)|^(?:\S*\/)?service\s+\S+\s+status\b/;

function doneBy(call: Call): { readonly what: string; readonly name: string; readonly needsRoot: boolean } | undefined {
  const callee = call.callee ?? '';
  const own = FUNCTIONS.get(callee);
  if (own !== undefined) return { what: own, name: callee, needsRoot: true };
  const asRoot = call.arguments.some((it) => it.keyword === 'run_as_root' && it.value.text === 'True');
  if (!PROCESS_CALLS.has(callee) && !SHELL_CALLS.has(callee)) return undefined;
  const text = commandOf(call)?.trim();
  if (text === undefined || HARMLESS.test(text)) return undefined;
  const found = COMMANDS.find(([pattern]) => pattern.test(text));
  const name = /^\S+/.exec(text)?.[0] ?? callee;
  if (found === undefined) return asRoot ? { what: 'runs with the rights of the administrator', name, needsRoot: false } : undefined;
  return { what: found[1], name, needsRoot: found[2] === 'root' && !asRoot };
}

export const rule = defineRule({
  id: 'privileged-command',
  code: 'INP007',
  category: 'input',
  title: 'Command that changes the machine',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [250],
  peers: { semgrep: ['docker-arbitrary-container-run'] },
  why: 'What it changes stays changed when the test fails, on a developer’s own computer as well as in the build.',
  instead: 'Stub the call, or run such tests in a container of their own, behind a marker or a guard.',
  limits:
    'Only commands whose first words are in the source. What works only for an administrator is a note, unless the command itself asks for the rights: who runs tests as one has decided that. So is a test behind a guard or of a functional or integration suite.',
  links: ['https://cwe.mitre.org/data/definitions/250.html'],
  yieldsTo: ['package-installed'],
  on: 'call',
  calls: (callee) => FUNCTIONS.has(callee) || PROCESS_CALLS.has(callee) || SHELL_CALLS.has(callee),
  *check(call, file) {
    const found = doneBy(call);
    if (found === undefined || call.callee === undefined) return;
    if (file.stubbed(call.callee, call) !== undefined || file.stubbed('subprocess.Popen', call) !== undefined) return;
    if (file.expected(call) || file.rejected(call)) return;
    yield {
      at: call.place,
      ...(found.needsRoot || file.guarded(call) || file.tier !== 'unit' ? { kind: 'informational' } : {}),
      message: `\`${found.name}\` ${found.what}`,
    };
  },
  examples: [
    {
      name: 'a firewall rule, a mount, another user',
      bad: py`
        import os
        import subprocess

        def test_isolation(port):
            subprocess.check_call(["sudo", "iptables", "-F"])  #! runs with the rights of the administrator
            subprocess.check_call(["mount", "/dev/loop0", "/mnt"])  #! changes the disks of the machine
            os.setuid(0)  #! changes whose rights the tests run with
      `,
    },
    {
      name: 'oslo.concurrency',
      bad: py`
        import unittest
        from oslo_concurrency import processutils

        class TestBridge(unittest.TestCase):
            def test_bridge(self):
                processutils.execute("ip", "link", "add", "br0", "type", "bridge", run_as_root=True)  #! changes the machine's network
      `,
    },
    {
      name: 'behind a guard',
      bad: py`
        import subprocess
        import pytest

        @pytest.mark.docker
        def test_isolation():
            subprocess.check_call(["docker", "run", "--privileged", "busybox"])  #! gives a container the rights of the machine
      `,
    },
    {
      name: 'a plug-in of tempest runs against a cloud that somebody deployed',
      bad: {
        'harbour_tempest_plugin/tests/test_restart.py': py`
          import subprocess

          def test_restart():
              subprocess.check_call(["sudo", "systemctl", "restart", "harbour"])  #! rights of the administrator
        `,
      },
    },
    {
      name: 'the tests of its own parts do not',
      bad: {
        'harbour_tempest_plugin/tests/unit/test_restart.py': py`
          import subprocess

          def test_restart():
              subprocess.check_call(["sudo", "systemctl", "restart", "harbour"])  #! rights of the administrator
        `,
      },
    },
    {
      name: 'stubbed, expected, harmless, a name in data',
      good: py`
        import subprocess
        from unittest import mock

        COMMAND = ["sudo", "reboot"]

        def test_version():
            subprocess.check_call(["systemctl", "status", "harbour"])
            subprocess.check_call(["service", "harbour", "status"])
            subprocess.check_call(["ip", "addr", "show"])
            assert b"tmpfs" in subprocess.run("mount", stdout=subprocess.PIPE, check=True).stdout
            subprocess.check_call(["losetup", "--list"])
            subprocess.check_call(["echo", "sudo"])

        def end(started):
            subprocess.check_call(["kill", "-9", str(started.pid)])

        @mock.patch("subprocess.check_call")
        def test_stubbed(check_call):
            subprocess.check_call(["sudo", "reboot"])
            check_call.assert_called_once_with(["sudo", "reboot"])
      `,
    },
  ],
});
