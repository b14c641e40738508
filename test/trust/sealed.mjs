// Nothing in a repository lets Attest out: command line, language server and the door for agents run under `strace` in a
// network namespace without a network, over a workspace that tries to lead them outside, and every system call that opens,
// writes, starts or connects is checked. Two runs show that the trace would tell.
//
//   npm run trust -- sealed
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createProtocolConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-languageserver/node';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

function have(command) {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
}

/** A workspace whose every name points outside. */
function workspace() {
  const folder = mkdtempSync(join(tmpdir(), 'attest-sealed-'));
  const outside = join(folder, 'outside');
  const inside = join(folder, 'inside');
  mkdirSync(join(inside, 'tests'), { recursive: true });
  mkdirSync(outside);
  writeFileSync(join(outside, 'secret.py'), 'import unittest\nclass Base(unittest.TestCase):\n    pass\n');
  writeFileSync(join(outside, 'test_outside.py'), 'def test_x():\n    eval(input())\n');
  symlinkSync(outside, join(inside, 'linked'));
  symlinkSync(join(outside, 'secret.py'), join(inside, 'tests', 'base.py'));
  symlinkSync(join(outside, 'test_outside.py'), join(inside, 'tests', 'test_linked.py'));
  symlinkSync('.', join(inside, 'tests', 'loop'));
  writeFileSync(
    join(inside, 'pyproject.toml'),
    '[project]\nname = "x"\n[tool.setuptools.packages.find]\nwhere = ["../outside"]\n[tool.pytest.ini_options]\npythonpath = ["../outside", "/etc"]\n',
  );
  writeFileSync(
    join(inside, 'tests', 'test_a.py'),
    'from linked.secret import Base\nfrom tests.base import Base as Other\nfrom ...outside import secret\nimport secret\n\nclass TestA(Base, Other, secret.Base):\n    def test_a(self):\n        __import__("os").system("touch /tmp/owned")\n',
  );
  writeFileSync(join(inside, 'setup.py'), 'open("/tmp/owned-by-setup", "w")\n');
  writeFileSync(join(inside, 'conftest.py'), 'open("/tmp/owned-by-conftest", "w")\n');
  return { folder, inside, outside };
}

/** Attest's own words that would lead outside. */
const HOSTILE_CONFIGURATION = 'include = ["../**/*.py"]\nbaseline = "../outside/known.json"\n';

const CALLS =
  'openat,open,creat,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,symlink,symlinkat,link,linkat,truncate,chmod,fchmodat,chown,execve,connect,sendto,sendmsg,bind,listen,socket';

function wrongCalls(trace, { folder, outside }, cache) {
  const wrong = [];
  for (const line of trace.split('\n')) {
    const call = /^(?:\[pid\s+\d+\]\s+|\d+\s+)?(\w+)\((.*)$/.exec(line);
    if (call === null) continue;
    const [, name, rest] = call;
    const path = /"((?:[^"\\]|\\.)*)"/.exec(rest)?.[1] ?? '';
    // What was opened in the end, through whatever links.
    const reached = /= \d+<([^>]*)>/.exec(rest)?.[1] ?? path;
    if (name === 'execve') {
      if (!/\/node(?:")/.test(rest) && !/"[^"]*\/node"/.test(rest)) wrong.push(line);
    } else if (['connect', 'sendto', 'sendmsg', 'bind', 'listen', 'socket'].includes(name)) {
      if (/AF_INET|sin_addr/.test(rest)) wrong.push(line);
    } else if (name === 'openat' || name === 'open') {
      if (path.startsWith(outside) || reached.startsWith(outside)) wrong.push(line);
      if (/O_WRONLY|O_RDWR|O_CREAT/.test(rest) && !path.startsWith(cache) && !/^\/dev\/(?:null|tty)/.test(path) && !/^\/proc\/|^\/sys\//.test(path))
        wrong.push(line);
    } else if (!path.startsWith(cache)) wrong.push(line);
  }
  return wrong.filter((it) => !it.includes('ENOENT') || it.includes(folder));
}

/** Runs the words without a network, traced; `talk` speaks with the process instead of reading its report. */
async function traced(words, place, talk) {
  const cache = join(place.folder, 'cache');
  const trace = join(place.folder, 'trace');
  const strace = ['-n', 'strace', '-f', '-qq', '-y', '-e', `trace=${CALLS}`, '-s', '300', '-o', trace];
  const child = spawn('unshare', [...strace, process.execPath, ...words], {
    cwd: place.inside,
    env: { PATH: process.env.PATH, HOME: place.folder, XDG_CACHE_HOME: cache },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  for (const it of ['stdout', 'stderr'])
    child[it].setEncoding('utf8').on('data', (data) => {
      text[it] += data;
    });
  const ended = new Promise((done) => child.on('close', done));
  if (talk === undefined) child.stdin.end();
  else text.stdout += JSON.stringify(await talk(child));
  return { status: await ended, ...text, wrong: wrongCalls(readFileSync(trace, 'utf8'), place, cache) };
}

/** The language server is asked for everything; gives its answers. */
async function converse(child, place) {
  const connection = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  connection.listen();
  const folder = pathToFileURL(place.inside).href;
  const initializationOptions = { storage: join(place.folder, 'cache', 'storage') };
  await connection.sendRequest('initialize', {
    processId: null,
    rootUri: folder,
    workspaceFolders: [{ uri: folder, name: 'x' }],
    capabilities: {},
    initializationOptions,
  });
  await connection.sendNotification('initialized', {});
  const uri = `${folder}/tests/test_a.py`;
  await connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId: 'python', version: 1, text: readFileSync(join(place.inside, 'tests/test_a.py'), 'utf8') },
  });
  const answers = [
    await connection.sendRequest('textDocument/hover', { textDocument: { uri }, position: { line: 7, character: 20 } }),
    await connection.sendRequest('attest/reviewWorkspace', {}),
    await connection.sendRequest('attest/report', { uri }),
  ];
  await connection.sendRequest('shutdown');
  await connection.sendNotification('exit');
  return answers;
}

/** An agent asks for what is inside and for what is not. */
async function serveAgent(child) {
  const call = (id, paths) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'review_files', arguments: { paths } } });
  const messages = [
    { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } } },
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    call(2, ['.']),
    call(3, ['../outside', '/etc/passwd', 'tests/test_linked.py', 'linked']),
  ];
  let answers = '';
  const answered = new Promise((done) => {
    child.stdout.on('data', (it) => {
      answers += it;
      if (/"id":3/.test(answers)) done();
    });
  });
  for (const it of messages) child.stdin.write(`${JSON.stringify(it)}\n`);
  await answered;
  child.stdin.end();
  return answers;
}

async function main() {
  for (const tool of ['strace', 'unshare']) {
    if (have(tool)) continue;
    if (spawnSync('apt-get', ['install', '-y', tool], { stdio: 'ignore' }).status !== 0) {
      console.log(`skipped: ${tool} cannot be had here`);
      console.log('0 passed, 0 failed, 1 skipped');
      return 0;
    }
  }
  const place = workspace();
  const cli = join(root, 'dist', 'cli.js');
  const report = join(place.folder, 'report.txt');
  const counts = { passed: 0, failed: 0 };
  const check = (name, problems) => {
    console.log(`${problems.length === 0 ? 'ok    ' : 'FAILED'} ${name}`);
    for (const it of problems.slice(0, 10)) console.log(`    ${it}`);
    counts[problems.length === 0 ? 'passed' : 'failed'] += 1;
  };
  /** What a run must and must not show. */
  const problemsOf = ({ status, stdout, stderr, wrong }, expected) => [
    ...wrong,
    ...(expected.includes(status) ? [] : [`exit code ${status}: ${stderr}`]),
    ...(stdout.includes('test_a.py') ? [] : [`the file inside was not reviewed: ${stderr}`]),
    ...(/outside\/|"tests\/test_linked\.py", *"verdict"/.test(stdout) ? ['the report speaks of a file outside of the root'] : []),
  ];
  const review = (...words) => traced([cli, 'review', ...words], place);
  check('a review', problemsOf(await review('.', '--format', 'json'), [0]));
  check('the same again, from what was kept', problemsOf(await review('.', '--format', 'json'), [0]));
  check('a review of all files', problemsOf(await review('.', '--all-files', '--format', 'markdown'), [0]));
  check('a review with the root named', problemsOf(await review('--root', '.', 'tests/test_a.py'), [0]));
  check('the language server', problemsOf(await traced([join(root, 'dist', 'server.js'), '--stdio'], place, (it) => converse(it, place)), [0]));
  check('the door for agents', problemsOf(await traced([cli, 'mcp'], place, serveAgent), [0]));

  const written = await review('.', '--output', report);
  check('a report asked for outside of the cache is noticed', written.wrong.some((it) => it.includes('report.txt')) ? [] : ['the trace does not tell']);
  const outward = await traced(
    [
      '-e',
      `fetch('http://192.0.2.1/').catch(() => process.exit(0)); for (const it of ${JSON.stringify([join(place.outside, 'secret.py'), join(place.inside, 'linked', 'test_outside.py')])}) require('node:fs').readFileSync(it)`,
    ],
    place,
  );
  check(
    'a connection, and a file outside, are noticed, through a link too',
    ['connect|socket', 'secret\\.py', 'linked/test_outside\\.py'].flatMap((it) =>
      outward.wrong.some((line) => new RegExp(it).test(line)) ? [] : [`the trace does not tell: ${it}`],
    ),
  );

  writeFileSync(join(place.inside, 'attest.toml'), HOSTILE_CONFIGURATION);
  const refused = await review('.');
  check('a configuration that leads outside is refused', [
    ...refused.wrong,
    ...(refused.status === 2 && refused.stderr.trim().split('\n').length === 2 ? [] : [`exit code ${refused.status}: ${refused.stderr}`]),
  ]);
  rmSync(place.folder, { recursive: true, force: true });
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  return counts.failed === 0 ? 0 : 1;
}

process.exit(await main());
