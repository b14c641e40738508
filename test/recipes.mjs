// `npm run test:recipes`: what docs/ci and action.yml tell people to do, done, on a copy of the sample. `npx attest-review@…`
// and `attest` are the freshly packed package instead of the registry's; the commands are otherwise run as they stand.
//   --clone   also the pre-commit hook of this repository, which installs all tools of its build
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const tarball = join(root, 'dist', 'packages', `${name}-${version}.tgz`);
const scratch = mkdtempSync(join(tmpdir(), 'attest-recipes-'));
const bin = join(scratch, 'bin');
const counts = { passed: 0, failed: 0, skipped: 0 };
const read = (path) => readFileSync(join(root, path), 'utf8');

function must(condition, message) {
  if (!condition) throw new Error(message);
}

function check(what, body) {
  try {
    const skipped = body();
    console.log(skipped === undefined ? `ran: ${what}` : `skipped: ${what}: ${skipped}`);
    counts[skipped === undefined ? 'passed' : 'skipped'] += 1;
  } catch (error) {
    counts.failed += 1;
    console.error(`FAILED ${what}: ${error.message}`);
  }
}

function run(command, args, cwd, env = {}) {
  const path = `${bin}${delimiter}${process.env.PATH}`;
  return spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 1e9, env: { ...process.env, PATH: path, ...env } });
}

const sh = (script, cwd, env, shell = 'bash') => run(shell, ['-c', script], cwd, env);
const has = (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;

/** A repository with the sample in it, as a CI job finds it, and with a test that cannot be read where one is asked for. */
function checkout({ unreadable = false } = {}) {
  const folder = mkdtempSync(join(scratch, 'job-'));
  cpSync(join(root, 'test', 'sample'), folder, { recursive: true });
  if (unreadable) writeFileSync(join(folder, 'tests', 'unit', 'test_unreadable.py'), Buffer.from('x = "\xff"\n', 'latin1'));
  sh('git init -q . && git add -A && git -c user.name=a -c user.email=a@example.org commit -qm all', folder);
  return folder;
}

function prepare() {
  must(run(process.execPath, ['pack.mjs'], root).status === 0, 'npm run package failed');
  const installed = join(scratch, 'installed');
  mkdirSync(installed);
  writeFileSync(join(installed, 'package.json'), '{"private": true}');
  must(run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--offline', tarball], installed).status === 0, 'npm install failed');
  const command = join(installed, 'node_modules', '.bin', 'attest');
  mkdirSync(bin);
  writeFileSync(join(bin, 'attest'), `#!/bin/sh\nexec "${command}" "$@"\n`);
  // Only what the recipes say is understood.
  writeFileSync(join(bin, 'npx'), `#!/bin/sh\n[ "$1 $2" = "--yes ${name}@${version}" ] || { echo "npx $*" >&2; exit 99; }\nshift 2\nexec "${command}" "$@"\n`);
  for (const it of ['attest', 'npx']) chmodSync(join(bin, it), 0o755);
}

/** The step of action.yml, with what a job gives it. */
function action(folder, inputs) {
  const { inputs: declared, runs } = parse(read('action.yml'));
  const [step] = runs.steps;
  const given = { ...Object.fromEntries(Object.entries(declared).map(([key, it]) => [key, it.default])), ...inputs };
  const value = (text) =>
    text.replace(
      /\$\{\{ inputs\.([\w-]+)(?: \|\| format\('([^']*)', inputs\.([\w-]+)\))? \}\}/g,
      (_, key, format, other) => given[key] || format?.replace('{0}', given[other]) || '',
    );
  const env = Object.fromEntries(Object.entries(step.env).map(([key, it]) => [key, value(it)]));
  const files = Object.fromEntries(['GITHUB_STEP_SUMMARY', 'GITHUB_OUTPUT'].map((it) => [it, join(folder, '.git', it)]));
  for (const it of Object.values(files)) writeFileSync(it, '');
  must(!/\$\{\{/.test(step.run), 'an expression is part of the script');
  // As the runner calls `shell: bash`.
  const script = join(folder, '.git', 'step.sh');
  writeFileSync(script, step.run);
  const result = run('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], join(folder, given['working-directory']), {
    ...env,
    ...files,
    RUNNER_TEMP: join(folder, '.git'),
  });
  return { ...result, summary: readFileSync(files.GITHUB_STEP_SUMMARY, 'utf8'), outputs: readFileSync(files.GITHUB_OUTPUT, 'utf8') };
}

const json = (folder, path) => JSON.parse(readFileSync(join(folder, path), 'utf8'));

try {
  prepare();
  check('action.yml: annotations, summary, SARIF, exit code', () => {
    const folder = checkout();
    const { status, stdout, stderr, summary, outputs } = action(folder, { sarif: 'attest.sarif' });
    must(status === 1, `it ended with ${status}: ${stderr}`);
    must(/^::error file=tests\/unit\/test_notices\.py,line=77,/m.test(stdout), `no annotation: ${stdout}`);
    must(summary.startsWith('# Security review of '), 'no summary');
    must(outputs === 'sarif=attest.sarif\nexit-code=1\n', `outputs: ${outputs}`);
    must(json(folder, 'attest.sarif').runs[0].results.length > 10, 'no results');
  });
  check('action.yml: the SARIF file is named from the workspace, and only where there is one', () => {
    const folder = checkout();
    const below = action(folder, { 'working-directory': 'tests', sarif: 'attest.sarif' });
    must(below.outputs === 'sarif=tests/attest.sarif\nexit-code=1\n' && existsSync(join(folder, 'tests/attest.sarif')), `outputs: ${below.outputs}`);
    writeFileSync(join(folder, 'attest.toml'), 'mocking = "of"\n');
    const mistaken = action(folder, { sarif: 'other.sarif' });
    must(mistaken.outputs === 'exit-code=2\n', `outputs with a mistake: ${mistaken.outputs}`);
  });
  check('action.yml: threshold, paths and options; inputs are never run', () => {
    const folder = checkout();
    const { status, stdout, stderr } = action(folder, { 'fail-on': 'never', paths: 'tests/unit\n', args: '--quiet', summary: 'false' });
    must(status === 0 && stdout.includes('tests/unit/') && !stdout.includes('tests/functional/'), `${status} ${stdout} ${stderr}`);
    const hostile = '$(touch a)\n`touch a`\n"; touch a; "\n--output=a';
    must(action(folder, { paths: hostile, 'fail-on': '$(touch a)' }).status === 2, 'nonsense is not refused');
    must(action(folder, { paths: hostile }).status === 2 && !existsSync(join(folder, 'a')), 'an input was run');
  });
  check('docs/ci/github.yml', () => {
    const { jobs } = parse(read('docs/ci/github.yml'));
    const used = jobs.attest.steps.find((it) => it.uses?.startsWith('attest-review/attest@'));
    must(used.uses.endsWith(`@v${version}`), `it uses ${used.uses}`);
    must(action(checkout(), used.with).outputs.includes('sarif=attest.sarif'), 'the next step has nothing to upload');
  });
  check('docs/ci/gitlab-ci.yml', () => {
    const folder = checkout();
    const { script, artifacts } = parse(read('docs/ci/gitlab-ci.yml')).attest;
    const { status, stderr } = sh(script.join('\n'), folder, {}, 'sh');
    must(status === 1, `it ended with ${status}: ${stderr}`);
    const issues = json(folder, artifacts.reports.codequality);
    must(issues.length > 10 && issues.every((it) => existsSync(join(folder, it.location.path)) && it.fingerprint && it.severity), 'issues');
    must(/<testsuites [^>]*failures="[1-9]/.test(readFileSync(join(folder, artifacts.reports.junit), 'utf8')), 'no failures in JUnit');
    const partly = checkout({ unreadable: true });
    must(sh(['set -e', ...script].join('\n'), partly, {}, 'sh').status === 2, 'a file that cannot be read goes unnoticed');
    must(
      Object.values(artifacts.reports).every((it) => existsSync(join(partly, it))),
      'a file that cannot be read takes a report with it',
    );
  });
  check('docs/ci/tox.ini', () => {
    if (!has('tox')) return 'tox is not installed';
    const folder = checkout();
    writeFileSync(join(folder, 'tox.ini'), read('docs/ci/tox.ini'));
    const good = run('tox', ['-e', 'attest', '--', 'tests/base.py'], folder);
    must(good.status === 0, `a clear file: ${good.stdout}${good.stderr}`);
    const bad = run('tox', ['-e', 'attest'], folder);
    must(bad.status !== 0 && bad.stdout.includes('mocking/stop-on-mock'), `defects: ${bad.stdout}${bad.stderr}`);
    return undefined;
  });
  const commit = (folder, env) => {
    must(run('pre-commit', ['install'], folder, env).status === 0, 'pre-commit install');
    writeFileSync(join(folder, 'tests/test_good.py'), 'def test_good():\n    assert 1 + 1 == 2\n');
    const good = sh('git add -A && git -c user.name=a -c user.email=a@example.org commit -qm good', folder, env);
    must(good.status === 0, `a good commit is refused: ${good.stdout}${good.stderr}`);
    writeFileSync(
      join(folder, 'tests/test_bad.py'),
      'import requests\n\n\ndef test_bad():\n    assert requests.get("https://tides.harbour-shipping.com", verify=False).ok\n',
    );
    const bad = sh('git add -A && git -c user.name=a -c user.email=a@example.org commit -qm bad', folder, env);
    must(bad.status !== 0 && `${bad.stdout}${bad.stderr}`.includes('certificate-check-off'), `a bad commit passes: ${bad.stdout}${bad.stderr}`);
  };
  check('docs/ci/pre-commit-config.yaml', () => {
    if (!has('pre-commit')) return 'pre-commit is not installed';
    const folder = checkout();
    writeFileSync(join(folder, '.pre-commit-config.yaml'), read('docs/ci/pre-commit-config.yaml').replace(`${name}@${version}`, tarball));
    commit(folder, { PRE_COMMIT_HOME: join(scratch, 'pre-commit'), PATH: process.env.PATH });
    return undefined;
  });
  check('.pre-commit-hooks.yaml, from a clone', () => {
    if (!has('pre-commit')) return 'pre-commit is not installed';
    if (!process.argv.includes('--clone')) return 'only with --clone';
    const folder = checkout();
    const revision = run('git', ['rev-parse', 'HEAD'], root).stdout.trim();
    writeFileSync(join(folder, '.pre-commit-config.yaml'), `repos:\n  - repo: ${root}\n    rev: ${revision}\n    hooks:\n      - id: attest\n`);
    commit(folder, { PRE_COMMIT_HOME: join(scratch, 'pre-commit-clone'), PATH: process.env.PATH });
    return undefined;
  });
  check('docs/ci/github-matrix.yml: sixteen parts, joined, are the whole, also with a file that cannot be read', () => {
    const folder = checkout({ unreadable: true });
    const { review, merge } = parse(read('docs/ci/github-matrix.yml')).jobs;
    const script = review.steps.find((it) => it.run).run;
    const parts = review.strategy.matrix.part;
    const codes = parts.map((it) => sh(script, folder, { PART: `${it}/${parts.length}` }).status);
    must(codes.filter((it) => it === 2).length === 1 && codes.every((it) => it === 0 || it === 2), `the parts end with ${codes}`);
    const later = [merge, ...review.steps.filter((it) => it.uses?.startsWith('actions/upload-artifact@'))];
    must(
      later.every((it) => it.if === '${{ !cancelled() }}'),
      'what follows a part that has failed is left out',
    );
    must(sh(merge.steps.find((it) => it.run).run, folder).status === 0, 'merge');
    must(run('attest', ['review', '--format', 'sarif', '--quiet'], folder).stdout === readFileSync(join(folder, 'attest.sarif'), 'utf8'), 'the union differs');
  });
  check('docs/ci/kubernetes-job.yaml: its containers, joined, are the whole, also with a file that cannot be read', () => {
    const folder = checkout({ unreadable: true });
    const reports = mkdtempSync(join(scratch, 'reports-'));
    const [review, merge] = parseAllDocuments(read('docs/ci/kubernetes-job.yaml')).map((it) => it.toJS());
    const [worker] = review.spec.template.spec.containers;
    const [joiner] = merge.spec.template.spec.containers;
    const of = ({ command, args }, env) => run(command[0], [...command.slice(1), ...args], folder, { ...env, REPORTS: reports });
    const PARTS = worker.env.find((it) => it.name === 'PARTS').value;
    must(review.spec.completions === Number(PARTS) && joiner.env.find((it) => it.name === 'PARTS').value === PARTS, 'the numbers of parts differ');
    for (let index = 0; index < Number(PARTS); index += 1) must(of(worker, { PARTS, JOB_COMPLETION_INDEX: `${index}` }).status === 0, `index ${index}`);
    const joined = of(joiner, { PARTS });
    must(joined.status === 0, joined.stderr);
    must(run('attest', ['review', '--format', 'json', '--quiet'], folder).stdout === readFileSync(join(reports, 'attest.json'), 'utf8'), 'the union differs');
  });
  check('docs/ci/many-repositories.sh: two parts of a list, one repository missing; started again it goes on', () => {
    const [one, two, three, partly] = [checkout(), checkout(), checkout(), checkout({ unreadable: true })];
    const reports = mkdtempSync(join(scratch, 'reports-'));
    const list = join(scratch, 'repositories.txt');
    writeFileSync(list, `${one}\n${two}\n${join(scratch, 'missing')}\n${three}\n`);
    const part = (index) => run('sh', [join(root, 'docs/ci/many-repositories.sh'), list, reports], scratch, { PARTS: '2', JOB_COMPLETION_INDEX: index });
    must(part('0').status === 1 && part('1').status === 0, 'exit codes');
    must(readFileSync(join(reports, 'failed-0.txt'), 'utf8') === `${join(scratch, 'missing')}\n`, 'what failed is not named');
    const written = readdirSync(reports).filter((it) => it.endsWith('.sarif'));
    must(written.length === 3, `reports: ${written.join()}`);
    const expected = run('attest', ['review', '--format', 'sarif', '--quiet'], one).stdout;
    for (const it of written) must(readFileSync(join(reports, it), 'utf8') === expected, `${it} differs`);
    rmSync(join(reports, written[0]));
    cpSync(two, join(scratch, 'missing'), { recursive: true });
    must(part('0').status === 0 && part('1').status === 0, 'the second run fails');
    must(readdirSync(reports).filter((it) => it.endsWith('.sarif')).length === 4, 'the second run leaves something out');
    writeFileSync(list, `${partly}\n`);
    for (const time of ['first', 'second']) {
      must(
        part('0').status === 1 && readFileSync(join(reports, 'failed-0.txt'), 'utf8') === `${partly}\n`,
        `a file that cannot be read goes unnoticed the ${time} time`,
      );
      must(readdirSync(reports).filter((it) => it.endsWith('.incomplete.sarif')).length === 1, 'what was found beside it is lost');
    }
    rmSync(join(partly, 'tests/unit/test_unreadable.py'));
    sh('git -c user.name=a -c user.email=a@example.org commit -qam mended', partly);
    must(part('0').status === 0 && readdirSync(reports).filter((it) => it.endsWith('.incomplete.sarif')).length === 0, 'a mended repository stays failed');
  });
  check('the workflows of this repository can be read', () => {
    for (const it of readdirSync(join(root, '.github/workflows')))
      must(
        Object.values(parse(read(`.github/workflows/${it}`)).jobs).every((job) => job['runs-on'] && (job.uses ?? job.steps.length > 0)),
        it,
      );
    must(read('Containerfile').includes(`ARG VERSION=${version}\n`), 'the Containerfile installs another version');
    must(parse(read('action.yml')).inputs.version.default === version, 'action.yml installs another version');
  });
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed === 0 ? 0 : 1);
