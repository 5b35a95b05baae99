/**
 * Reads every regular expression of what is shipped, so that each can be asked whether some text makes it slow (T-DOS-05).
 *
 * They are found by a pattern, because TypeScript 7 has no parser to offer: a slash where an expression may begin, up to the
 * slash that ends it, if what is between is one.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './launch.mjs'

export interface FoundExpression {
  readonly path: string
  readonly expression: RegExp
}

const LITERAL = /(?<=[(,=:[!&|?{};\s])\/(?![*/])((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+)\/([dgimsuy]*)/g

export function expressionsIn(path: string, text: string): readonly FoundExpression[] {
  const code = text.replaceAll(/^\s*(?:\/?\*|\/\/).*$/gm, '')
  return [...code.matchAll(LITERAL)].flatMap(([, source = '', flags]) => {
    try {
      return [{ path, expression: new RegExp(source, flags) }]
    } catch {
      return []
    }
  })
}

/** Of every file that is shipped. */
export function shippedExpressions(): readonly FoundExpression[] {
  const paths = globSync(['packages/*/src/**/*.{ts,tsx}', 'faces/**/*.{ts,tsx}'], {
    cwd: ROOT,
    exclude: path =>
      /(?:^|\/)(?:node_modules|dist|fixture|testing)(?:\/|$)|\.(?:test|suite)\.tsx?$/.test(path),
  })
  return paths.flatMap(path => expressionsIn(path, readFileSync(join(ROOT, path), 'utf8')))
}
