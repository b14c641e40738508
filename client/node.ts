/** The extension where Node runs it: `main` in the manifest. */
import type * as vscode from 'vscode';
import { begin, end } from './extension.ts';

export function activate(context: vscode.ExtensionContext): void {
  begin(context, async (output, events) => {
    const { start } = await import('./server-process.ts');
    return start(context.asAbsolutePath('dist/server.js'), context.globalStorageUri.fsPath, output, events);
  });
}

export const deactivate = end;
