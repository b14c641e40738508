/** What `attest-language-server` says to a person, who has no editor's way to speak with it. */
declare const ATTEST_VERSION: string;

const USAGE = `Usage: attest-language-server --stdio

The language server of Attest, a live, evidence-based security review of Python test code. An editor starts it:
https://github.com/attest-review/attest/blob/main/docs/editors.md

Options:
  --stdio          speak the Language Server Protocol over standard input and output
  --node-ipc       over the channel of a parent that is Node
  --pipe=<name>    over a pipe
  --socket=<port>  over a socket
  --version        print the version
  --help           print this
`;

/** Does the command line say how to speak with an editor? Else it is answered, and that is all. */
export function isForEditor(words: readonly string[]): boolean {
  if (words.some((it) => /^--(?:stdio$|node-ipc$|pipe(?:=|$)|socket(?:=|$))/.test(it))) return true;
  if (words.includes('--help') || words.includes('-h')) process.stdout.write(USAGE);
  else if (words.includes('--version') || words.includes('-V')) process.stdout.write(`${ATTEST_VERSION}\n`);
  else {
    process.stderr.write('attest-language-server: an editor speaks with it: use `--stdio` (`--help` says more)\n');
    process.exitCode = 2;
  }
  return false;
}
