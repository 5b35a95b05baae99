import type { SpawnSyncReturns } from 'node:child_process'

export declare const ROOT: string
export declare function launch(entry: string, options?: { readonly first?: string }): void
export declare function installed(root?: string): boolean
export declare function runNpm(
  argv: readonly string[],
  environment?: Readonly<Record<string, string>>,
): SpawnSyncReturns<Buffer>
