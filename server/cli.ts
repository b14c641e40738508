/** The command line: which commands and options there are. What each does is in a file of its own. */
import { existsSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { RULES } from '../rules/index.ts';
import { clearCache, userCacheFolder } from './cache-folder.ts';
import { completion, SHELLS } from './completion.ts';
import { configCommand } from './config-command.ts';
import { THRESHOLDS } from './configuration-keys.ts';
import { targetOf } from './discover.ts';
import { FORMATS } from './formats.ts';
import { mergeCommand } from './merge-command.ts';
import { everyRule } from './required-evidence.ts';
import { reviewCommand } from './review-command.ts';
import { reviewInThread } from './review-thread.ts';
import { type Shard, shardNamed } from './shard.ts';
import { leaveWhenClosed, raiseExitCode, refuse, remark } from './terminal.ts';
import { defaultJobs } from './tree-review.ts';
import { ruleList, ruleListJson } from './views/catalogue.ts';
import { explain } from './views/explain.ts';
import { nearest, ruleNamed, similarRules } from './views/named.ts';
import { SARIF_KINDS, type SarifKind } from './views/sarif.ts';
import { visible } from './views/visible.ts';

declare const ATTEST_VERSION: string;

const EXIT_CODES = `
Exit codes: 0 nothing at or above the threshold, 1 something is, 2 wrong usage or an input that cannot be
read (the rest is reviewed and printed), 3 a fault in Attest itself (the rest is printed).`;

if (isMainThread) void run(process.argv.slice(2));
else reviewInThread();

async function run(words: readonly string[]): Promise<void> {
  process.stdout.on('error', leaveWhenClosed);
  process.stderr.on('error', leaveWhenClosed);
  const attest = program();
  try {
    if (isForgottenCommand(words, attest)) return refuse(`${words[0]} is a path; did you mean \`attest review ${words.join(' ')}\`?`);
    await attest.parseAsync([...words], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      raiseExitCode(error.exitCode === 0 ? 0 : 2);
      return;
    }
    if (isOfLostFolder(error)) return refuse('the current folder is no longer there');
    process.stderr.write(`attest: a fault in Attest itself: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    raiseExitCode(3);
  }
}

/** Somebody removed the folder that the command stands in. */
function isOfLostFolder(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'uv_cwd';
}

function program(): Command {
  const attest = new Command('attest')
    .description('A live, evidence-based security review of Python test code.')
    .version(ATTEST_VERSION)
    .showSuggestionAfterError()
    .configureOutput({
      outputError: (text, write) =>
        write(
          `attest: ${visible(
            text
              .replace(/^error: /, '')
              .trim()
              .replace(/\s+/g, (it) => (it.includes('\n') ? ' ' : it)),
          )}\n`,
        ),
    })
    .exitOverride();
  attest
    .command('review')
    .description('Review the test files among the paths (default: all below the current folder).')
    .argument(
      '[PATH...]',
      'files, folders or globs; a file that is named is reviewed though Git ignores it, unless it is no test code, which is said; `-` is standard input',
    )
    .addOption(choice('--format <format>', 'how the report is written', Object.keys(FORMATS)).default('text'))
    .option('--output <file>', 'write the report to a file', once)
    .addOption(
      choice(
        '--fail-on <threshold>',
        'what makes the exit code 1: a defect; also a point to decide; also what could not be judged; nothing (default: `fail-on` of the configuration, else fail)',
        THRESHOLDS,
      ),
    )
    .option('--fix', 'make the safe fixes, and report what is left')
    .option('--diff', 'show what --fix would change, and change nothing')
    .option('--changed-since <ref>', 'only what differs from where the branch left this Git commit, new files included, and tests whose review looks into that')
    .option('--all-files', 'review any Python file, not only tests')
    .option('--no-gitignore', 'also what Git ignores')
    .option('--stdin-filename <path>', 'where the text of standard input stands (with `-`)')
    .option('--root <dir>', 'the folder that imports start from (default: the nearest project folder)')
    .option('--baseline <file>', 'findings that are known and not counted (default: `baseline` of the configuration, else attest-baseline.json)')
    .option('--no-baseline', 'count every finding')
    .option('--update-baseline', 'write what is found into the baseline')
    .option('--no-config', 'as if the repository had no configuration, and nothing in it were vendored or generated')
    .addOption(
      new Option('--sarif-kinds <kinds>', `what of a SARIF report is written: \`all\`, or some of ${SARIF_KINDS.join(',')}`)
        .argParser(sarifKinds)
        .default(['fail', 'review'], 'fail,review'),
    )
    .addOption(new Option('--shard <I/N>', 'review only part I of N; `attest merge` joins the reports').argParser(shard))
    .option('--jobs <n>', 'threads that review at the same time', jobs, defaultJobs())
    .option('--no-cache', 'review everything anew, and keep no review for the next time')
    .option('--quiet', 'only defects, points to decide, errors, and what configuration keeps out')
    .addHelpText(
      'after',
      examples(
        ['attest review', 'the test files below this folder'],
        ['attest review tests/unit "tests/**/test_api_*.py"', 'a folder and a pattern'],
        ['attest review --changed-since main --fail-on review', 'for a pull request'],
        ['attest review --format sarif --output attest.sarif', 'for a site that reads SARIF'],
        ['attest review --diff | git apply', 'make the safe fixes, or look at them first'],
        ['attest review --update-baseline', 'from now on only what is new counts'],
        ['cat x.py | attest review - --stdin-filename tests/test_x.py', 'what an editor has not saved'],
      ) + EXIT_CODES,
    )
    .action(reviewCommand);
  attest
    .command('config')
    .description('Show the configuration that holds, and which line says so.')
    .argument('[PATH]', 'a file: what holds for it; a folder: whose project is meant')
    .addOption(choice('--format <format>', 'how it is written', ['text', 'json']).default('text'))
    .option('--root <dir>', 'the folder whose configuration is meant (default: the nearest project folder)')
    .addHelpText(
      'after',
      examples(['attest config', 'all settings, each with the line it comes from'], ['attest config tests/test_x.py', 'what holds for one file']),
    )
    .action(configCommand);
  attest
    .command('merge')
    .description('Join JSON or SARIF reports of parts of one tree (`--shard`).')
    .argument('<FILE...>', 'reports of one format')
    .option('--output <file>', 'write the report to a file', once)
    .addHelpText('after', examples(['attest merge part-*.json --output all.json', 'one report of sixteen']))
    .action(mergeCommand);
  attest
    .command('mcp')
    .description('Serve agents over standard input and output (Model Context Protocol); reads only.')
    .option('--root <dir>', 'nothing outside of this folder is reviewed', '.')
    .addHelpText(
      'after',
      examples(['attest mcp', 'what an agent is told to start, in the folder it works in'], ['attest mcp --root services/shop', 'for one project of several']),
    )
    .action(serveAgents);
  attest
    .command('rules')
    .description('List the rules.')
    .addOption(choice('--format <format>', 'how the list is written', ['text', 'json']).default('text'))
    .addHelpText('after', examples(['attest rules', 'id, code, kind and title'], ['attest rules --format json', 'all that is known of each']))
    .action((options: { readonly format: 'text' | 'json' }) => {
      process.stdout.write(options.format === 'json' ? ruleListJson(RULES, { version: ATTEST_VERSION }) : ruleList(RULES));
    });
  attest
    .command('explain')
    .description('Explain a rule: what it means, why it matters, what to do instead.')
    .argument('<RULE>', 'full id, bare name or code: `network/certificate-check-off`, `certificate-check-off`, `NET006`')
    .addHelpText('after', examples(['attest explain NET006', 'a page on one rule, with examples']))
    .action((name: string) => {
      const rule = ruleNamed(everyRule(RULES), name);
      if (rule !== undefined) {
        process.stdout.write(explain(rule));
        return;
      }
      const similar = similarRules(RULES, name);
      refuse(`there is no rule ${JSON.stringify(name)}${similar.length === 0 ? '; `attest rules` lists them all' : `; did you mean ${similar.join(' or ')}?`}`);
    });
  attest
    .command('completion')
    .description('Print what makes a shell complete commands, options and their values.')
    .argument('<SHELL>', SHELLS.join(', '))
    .addHelpText(
      'after',
      examples(
        ['source <(attest completion bash)', 'in ~/.bashrc'],
        ['attest completion zsh > "${fpath[1]}/_attest"', 'once'],
        ['attest completion fish > ~/.config/fish/completions/attest.fish', 'once'],
      ),
    )
    .action((name: string) => {
      const shell = SHELLS.find((it) => it === name);
      if (shell !== undefined) process.stdout.write(completion(shell, attest));
      else refuse(`there is no completion for ${JSON.stringify(name)}; shells are ${SHELLS.join(', ')}`);
    });
  attest
    .command('cache')
    .description('What is kept between runs.')
    .addHelpText('after', examples(['attest cache clear', 'the next run reviews everything anew']))
    .command('clear')
    .description('Remove all that is kept.')
    .action(() => {
      const folder = userCacheFolder();
      try {
        const count = clearCache(folder);
        remark(`${count} ${count === 1 ? 'file' : 'files'} removed from ${folder}`);
      } catch (error) {
        refuse(`${folder}: cannot be cleared (${error instanceof Error ? error.message : String(error)})`);
      }
    });
  return attest;
}

/** An option with few values; a wrong one gets the nearest right one. */
function choice(flags: string, about: string, values: readonly string[]): Option {
  const option = new Option(flags, about).choices(values);
  return option.argParser((value: string) => {
    if (values.includes(value)) return value;
    const [near] = nearest(value, values);
    throw new InvalidArgumentError(`Allowed choices are ${values.join(', ')}.${near === undefined ? '' : ` Did you mean ${near}?`}`);
  });
}

function examples(...lines: readonly (readonly [command: string, about: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return `\nExamples:\n${lines.map(([command, about]) => `  ${command.padEnd(width)}  ${about}\n`).join('')}`;
}

function jobs(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > 64) throw new InvalidArgumentError('It must be a whole number from 1 to 64.');
  return number;
}

function once(value: string, before: string | undefined): string {
  if (before !== undefined) throw new InvalidArgumentError(`It was given before, as '${before}', and one run writes one report.`);
  return value;
}

function isForgottenCommand(words: readonly string[], attest: Command): boolean {
  const [first] = words;
  const known = [...attest.commands.map((it) => it.name()), 'help'];
  return first !== undefined && !first.startsWith('-') && !known.includes(first) && existsSync(first);
}

function shard(text: string): Shard {
  const named = shardNamed(text);
  if (named === undefined) throw new InvalidArgumentError('A part is written `2/16`: the second of 16.');
  return named;
}

function sarifKinds(text: string): readonly SarifKind[] {
  if (text === 'all') return SARIF_KINDS;
  return text.split(',').map((word) => {
    const kind = SARIF_KINDS.find((it) => it === word.trim());
    if (kind === undefined) throw new InvalidArgumentError(`There is no kind ${JSON.stringify(word)}. Kinds are ${SARIF_KINDS.join(', ')}, or \`all\`.`);
    return kind;
  });
}

async function serveAgents({ root }: { readonly root: string }): Promise<void> {
  const target = targetOf(root, process.cwd());
  if (target.kind !== 'folder') return refuse(`${root}: --root must be a folder`);
  const { serve } = await import('./mcp.ts');
  await serve(target.path);
}
