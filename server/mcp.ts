/**
 * The door for agents: `attest mcp` speaks the Model Context Protocol over standard input and output. Three tools, all
 * of which only read: review files, list findings, explain a rule.
 *
 * Each call runs the command line, so that an agent is told the same, byte for byte, as a person or a CI job, and so
 * that a call that is cancelled or fails takes nothing else down. Loaded only by this command: the protocol's library
 * is larger than Attest.
 */
import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { rootOf, targetOf } from './discover.ts';
import { isInside } from './paths.ts';
import { visible } from './views/visible.ts';

declare const ATTEST_VERSION: string;

const READS_ONLY = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };
/** In characters. What is longer helps no model; `list_findings` says the same in short. */
const LONGEST = 1_000_000;

const paths = z
  .array(z.string().min(1))
  .min(1)
  .max(200)
  .describe('Files or folders, relative to the workspace. A file that is named is reviewed if it is test code; of a folder, all test files are.');

const INSTRUCTIONS =
  'Attest reviews Python test code: hardcoded credentials, resources never released, unchecked input, swallowed errors, real networks, exposed APIs, and mocks that do not isolate. ' +
  'Start with list_findings; explain_rule says why a finding matters and what to write instead; review_files gives everything, evidence of good practice and open questions included. ' +
  'A `fail` is a defect, a `review` is for a person to decide, `open` says what could not be judged. Nothing is ever run or changed.';

/** Serves until the other side hangs up. Paths are taken relative to the root and never outside of it. */
export async function serve(root: string): Promise<void> {
  const top = realpathSync(root);
  const server = new McpServer({ name: 'attest', title: 'Attest', version: ATTEST_VERSION }, { instructions: INSTRUCTIONS });
  server.registerTool(
    'review_files',
    {
      title: 'Review test files',
      description:
        'The whole security review of Python test files: verdicts, findings, evidence and open questions, with lines. Use list_findings for a short list.',
      inputSchema: {
        paths,
        format: z
          .enum(['json', 'markdown'])
          .default('json')
          .describe('`json`: the report `attest review --format json` writes. `markdown`: a document for people.'),
      },
      annotations: READS_ONLY,
    },
    (input, { signal }) => reviewed(top, input.paths, input.format, signal, (report) => report),
  );
  server.registerTool(
    'list_findings',
    {
      title: 'List findings',
      description: 'Findings of a security review of Python test files, one a line, worst first: place, what it is, rule, message.',
      inputSchema: {
        paths,
        kinds: z
          .array(z.enum(['fail', 'review', 'informational', 'open', 'pass']))
          .min(1)
          .default(['fail', 'review'])
          .describe('`fail`: defects. `review`: for a person to decide. `open`: could not be judged. `pass`: good practice. `informational`: notes.'),
        limit: z.number().int().min(1).max(2000).default(100).describe('How many are listed at most; all are counted.'),
      },
      annotations: READS_ONLY,
    },
    (input, { signal }) => reviewed(top, input.paths, 'json', signal, (report) => listed(JSON.parse(report), input.kinds, input.limit)),
  );
  server.registerTool(
    'explain_rule',
    {
      title: 'Explain a rule',
      description: 'What a rule means, why it matters in a test, what to write instead, its limits, with examples.',
      inputSchema: { rule: z.string().min(1).describe('Full id, bare name or code: `network/certificate-check-off`, `certificate-check-off`, `NET006`.') },
      annotations: READS_ONLY,
    },
    async (input, { signal }) => {
      const { out, remarks } = await attest(top, ['explain', '--', input.rule], signal);
      return out === '' ? failed(remarks) : said(out);
    },
  );
  await server.connect(new StdioServerTransport());
}

async function reviewed(
  root: string,
  words: readonly string[],
  format: string,
  signal: AbortSignal,
  shape: (report: string) => string,
): Promise<CallToolResult> {
  const outside = words.filter((it) => !isBelow(root, it));
  if (outside.length > 0) return failed(`not below the workspace, so not read: ${outside.map(visible).join(', ')}`);
  const paths = words.map((it) => resolve(root, it));
  const { out, remarks, code } = await attest(root, ['review', '--quiet', '--format', format, ...rootOption(root, paths), '--', ...paths], signal);
  if (out === '') return failed(remarks);
  const text = shape(out);
  if (text.length > LONGEST) return failed(`the report has ${text.length} characters; name fewer files, or use list_findings`);
  const content = [text, remarks].flatMap((it) => (it === '' ? [] : [{ type: 'text' as const, text: it }]));
  // Not all that was asked for could be read, or Attest failed: what there is says less than it seems to.
  return code > FOUND ? { content, isError: true } : { content };
}

/** A project file further up does not let a review out of the folder. */
function rootOption(top: string, paths: readonly string[]): string[] {
  const usual = rootOf(
    paths.map((it) => targetOf(it, top)),
    top,
  );
  return isInside(usual, top) ? [] : ['--root', top];
}

/** Also where links lead. What does not exist is left to the command line to say. */
function isBelow(root: string, word: string): boolean {
  const path = resolve(root, word);
  try {
    return isInside(realpathSync(path), root);
  } catch {
    return isInside(path, root);
  }
}

interface Report {
  readonly notes: readonly string[];
  readonly files: readonly {
    readonly path: string;
    readonly verdict: string;
    readonly notes: readonly string[];
    readonly categories: readonly {
      readonly findings: readonly {
        readonly rule: string;
        readonly code: string;
        readonly kind: string;
        readonly level: string;
        readonly message: string;
        readonly line: number;
        readonly column: number;
        readonly suppressed: boolean;
      }[];
    }[];
  }[];
}

const MOST_NOTES = 20;
const RANK: Readonly<Record<string, number>> = { error: 0, warning: 1, review: 2, open: 3, informational: 4, pass: 5 };

function listed(report: Report, kinds: readonly string[], limit: number): string {
  const lines = report.files
    .flatMap((file) =>
      file.categories
        .flatMap((it) => it.findings)
        .filter((it) => !it.suppressed && kinds.includes(it.kind))
        .sort((a, b) => a.line - b.line || a.column - b.column)
        .map((it) => ({
          word: it.kind === 'fail' ? it.level : it.kind,
          rest: `${it.rule} (${it.code}): ${it.message}`,
          at: `${file.path}:${it.line}:${it.column}`,
        })),
    )
    .sort((a, b) => (RANK[a.word] ?? 9) - (RANK[b.word] ?? 9))
    .map((it) => visible(`${it.at}: ${it.word}: ${it.rest}`));
  const rest = lines.length - limit;
  const reviewed = report.files.filter((it) => it.verdict !== 'not-reviewed' && it.verdict !== 'not-applicable').length;
  const files = `${reviewed} ${reviewed === 1 ? 'file' : 'files'} reviewed`;
  const notes = [...new Set([...report.notes, ...report.files.flatMap((it) => it.notes)])].slice(0, MOST_NOTES).map((it) => visible(`${it}.`));
  if (lines.length === 0) return [`No findings of the kinds ${kinds.join(', ')}; ${files}.`, ...notes].join('\n');
  return [...lines.slice(0, limit), ...(rest > 0 ? [`… and ${rest} more`] : []), `${lines.length} in all; ${files}.`, ...notes].join('\n');
}

function said(text: string): CallToolResult {
  return { content: [{ type: 'text', text }] };
}

function failed(why: string): CallToolResult {
  return { content: [{ type: 'text', text: why === '' ? 'Attest said nothing' : why }], isError: true };
}

/** The exit code of a review that found something; higher ones say that it is not whole. */
const FOUND = 1;

/** What the command printed, and its exit code. */
function attest(
  cwd: string,
  words: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly out: string; readonly remarks: string; readonly code: number }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [join(__dirname, 'cli.js'), ...words], { cwd, signal, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    const out: Buffer[] = [];
    const remarks: Buffer[] = [];
    child.stdout.on('data', (it: Buffer) => out.push(it));
    child.stderr.on('data', (it: Buffer) => remarks.push(it));
    child.on('error', (error) => done({ out: '', remarks: error.message, code: 3 }));
    child.on('close', (code) => done({ out: Buffer.concat(out).toString(), remarks: Buffer.concat(remarks).toString().trim(), code: code ?? 3 }));
  });
}
