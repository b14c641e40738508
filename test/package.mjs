// `npm run test:package`: the npm package as a stranger gets it, packed, installed into an empty folder without scripts,
// its commands run with the oldest and the newest Node versions that are supported. Node comes from npm's own packages.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProtocolConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-languageserver/node';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const VERSIONS = [20, 22, 24];
const LARGEST = 2_000_000;

const scratch = mkdtempSync(join(tmpdir(), 'attest-package-'));
const counts = { passed: 0, failed: 0, skipped: 0 };

async function check(what, body) {
  try {
    const skipped = await body();
    if (skipped !== undefined) console.log(`skipped: ${what}: ${skipped}`);
    counts[skipped === undefined ? 'passed' : 'skipped'] += 1;
  } catch (error) {
    counts.failed += 1;
    console.error(`FAILED ${what}: ${error.message}`);
  }
}

function must(condition, message) {
  if (!condition) throw new Error(message);
}

function run(command, args, cwd) {
  return spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 1e9 });
}

/** A Node of that version, or undefined where npm has none for this system. */
function node(major) {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const folder = join(scratch, `node-${major}`);
  run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', `node-${system}-${process.arch}@${major}`], scratch);
  const binary = join(folder, 'node_modules', `node-${system}-${process.arch}`, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return existsSync(binary) ? binary : undefined;
}

/** Starts the server and shuts it down again; gives its answer to `initialize`. */
async function greeted(binary, server) {
  const child = spawn(binary, [server, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const connection = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  connection.listen();
  const answer = await connection.sendRequest('initialize', { processId: process.pid, rootUri: null, capabilities: {} });
  await connection.sendRequest('shutdown');
  const gone = new Promise((done) => child.once('exit', done));
  await connection.sendNotification('exit');
  await gone;
  return answer;
}

/** What `attest mcp` answers to the first two messages of a conversation. */
function toolsOf(binary, cli, cwd) {
  const hello = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
  };
  const messages = [hello, { jsonrpc: '2.0', method: 'notifications/initialized' }, { jsonrpc: '2.0', id: 2, method: 'tools/list' }];
  const input = messages.map((it) => `${JSON.stringify(it)}\n`).join('');
  const { stdout } = spawnSync(binary, [cli, 'mcp'], { cwd, input, encoding: 'utf8', timeout: 30_000 });
  const answers = stdout.split('\n').flatMap((it) => (it === '' ? [] : [JSON.parse(it)]));
  return (answers.find((it) => it.id === 2)?.result.tools ?? []).map((it) => it.name);
}

try {
  must(run(process.execPath, ['pack.mjs'], root).status === 0, 'npm run package failed');
  const tarball = join(root, 'dist', 'packages', `${name}-${version}.tgz`);
  const empty = mkdtempSync(join(scratch, 'empty-'));
  writeFileSync(join(empty, 'package.json'), '{"private": true}');
  await check('it installs without scripts and brings nothing else', () => {
    const { status, stderr } = run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--offline', tarball], empty);
    must(status === 0, stderr);
    must(
      readdirSync(join(empty, 'node_modules'))
        .filter((it) => !it.startsWith('.'))
        .join() === name,
      'other packages were installed',
    );
    const manifest = JSON.parse(readFileSync(join(empty, 'node_modules', name, 'package.json'), 'utf8'));
    must(manifest.dependencies === undefined, 'it has dependencies');
    for (const it of ['preinstall', 'install', 'postinstall']) must(manifest.scripts?.[it] === undefined, `it has a ${it} script`);
    for (const it of Object.keys(manifest.bin)) must(existsSync(join(empty, 'node_modules', '.bin', it)), `the command ${it} is missing`);
  });
  const dist = join(empty, 'node_modules', name, 'dist');
  await check('it holds what is needed, licences and bill of materials included, and no more', () => {
    const expected = ['THIRD-PARTY-NOTICES.txt', 'attest.js', 'cli.js', 'mcp.js', 'sbom.cdx.json', 'server.js', 'tree-sitter-python.wasm', 'tree-sitter.wasm'];
    must(readdirSync(dist).sort().join() === expected.join(), readdirSync(dist).join());
    must(readFileSync(tarball).length < LARGEST, 'it is too large');
  });
  const reports = new Map();
  for (const major of VERSIONS) {
    await check(`its commands run on Node ${major}`, async () => {
      const binary = node(major);
      if (binary === undefined) return 'npm has no Node for this system';
      const sample = join(root, 'test', 'sample');
      const said = run(binary, ['--version'], empty).stdout.trim();
      must(said.startsWith(`v${major}.`), `Node is ${said}`);
      must(run(binary, [join(dist, 'cli.js'), '--version'], empty).stdout === `${version}\n`, '--version');
      const report = run(binary, [join(dist, 'cli.js'), 'review', '--format', 'json'], sample);
      must(report.status === 1 && JSON.parse(report.stdout).summary.files > 10 && !report.stderr.includes('flag'), `review: ${report.status} ${report.stderr}`);
      reports.set(major, report.stdout);
      must(run(binary, [join(dist, 'cli.js'), 'explain', 'NET006'], empty).stdout.includes('certificate-check-off'), 'explain');
      must((await greeted(binary, join(dist, 'server.js'))).serverInfo?.name !== undefined, 'the language server does not answer');
      must(toolsOf(binary, join(dist, 'cli.js'), sample).length === 3, 'attest mcp does not answer');
      console.log(`Node ${said}: review, explain, language server and mcp answer`);
    });
  }
  await check('every Node version finds the same, byte for byte', () => must(new Set(reports.values()).size === 1, 'reports differ'));
  await check('its commands run by their names, from a folder that knows nothing of Attest', () => {
    const { stdout, stderr } = run('npx', ['--offline', '--no-install', name, '--version'], empty);
    must(stdout.trim() === version, `${stdout}${stderr}`);
  });
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed === 0 ? 0 : 1);
